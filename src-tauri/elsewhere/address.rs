//! Where a platform elsewhere is.

use url::{Host, Url};

use crate::AppError;

/// The address as it was typed, or the platform's own. A secret goes there, so it is either
/// encrypted on its way or does not leave this computer.
pub fn base_url(typed: Option<&str>, own: Option<String>) -> Result<String, AppError> {
    match typed.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => check(text),
        None => own.ok_or_else(|| wrong("The platform names no address; give it here.")),
    }
}

fn wrong(detail: &str) -> AppError {
    AppError::field("/base_url", detail)
}

fn check(text: &str) -> Result<String, AppError> {
    let url = Url::parse(text)
        .map_err(|_| wrong("Write a whole address, such as https://api.example.com/v1."))?;
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong("The address names no host.")),
    };
    let good = url.scheme() == "https" || (url.scheme() == "http" && local);
    if !good {
        return Err(wrong("The address must begin with https://, or be one of this computer."));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(wrong("The address must have no user name and no question mark in it."));
    }
    Ok(url.as_str().split('#').next().unwrap_or_default().trim_end_matches('/').to_owned())
}
