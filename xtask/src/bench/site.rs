//! The built interface over HTTP, for a browser: as the app shows it to someone who is signed out.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, ensure};

/// Stands in for the app behind the page.
const ANSWERS: &str = include_str!("answers.js");
const ANSWERS_PATH: &str = "/bench-answers.js";

/// A server on a free port of this machine, for as long as xtask runs.
pub struct Site {
    pub address: SocketAddr,
}

impl Site {
    pub fn start(dist: PathBuf) -> Result<Self> {
        ensure!(dist.join("index.html").is_file(), "{} holds no interface", dist.display());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        let address = listener.local_addr()?;
        let dist = Arc::new(dist);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let dist = Arc::clone(&dist);
                // A browser that goes away is no failure.
                thread::spawn(move || serve(&stream, &dist).ok());
            }
        });
        Ok(Self { address })
    }
}

/// Answers one request after another until the browser closes.
fn serve(stream: &TcpStream, dist: &Path) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(first) = lines.next().transpose()? {
        for line in lines.by_ref() {
            if line?.is_empty() {
                break;
            }
        }
        let path = first.split(' ').nth(1).unwrap_or("/");
        let (kind, body) = find(dist, path)?;
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        answer.extend(body);
        (&*stream).write_all(&answer)?;
    }
    Ok(())
}

/// A file's media type and bytes; the page itself for everything that is no file.
fn find(dist: &Path, path: &str) -> Result<(&'static str, Vec<u8>)> {
    let path = path.split(['?', '#']).next().unwrap_or("/");
    if path == ANSWERS_PATH {
        return Ok((media_type(Path::new(path)), ANSWERS.into()));
    }
    let file = dist.join(path.trim_start_matches('/'));
    if file.is_file() && !path.contains("..") && path != "/index.html" {
        return Ok((media_type(&file), fs::read(file)?));
    }
    let page = fs::read_to_string(dist.join("index.html"))?;
    // Before the page's own scripts.
    let script = format!("<head><script src=\"{ANSWERS_PATH}\"></script>");
    Ok(("text/html; charset=utf-8", page.replacen("<head>", &script, 1).into_bytes()))
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_page_gets_its_answers_and_files_stay_as_they_are() {
        let dist = tempfile::tempdir().unwrap();
        fs::write(dist.path().join("index.html"), "<html><head></head></html>").unwrap();
        fs::write(dist.path().join("a.css"), "a {}").unwrap();
        let page = find(dist.path(), "/keys?x=1").unwrap();
        assert!(String::from_utf8(page.1).unwrap().contains(ANSWERS_PATH));
        assert_eq!(find(dist.path(), "/a.css").unwrap().1, b"a {}");
        assert_eq!(find(dist.path(), "/../a.css").unwrap().0, "text/html; charset=utf-8");
        assert_eq!(find(dist.path(), ANSWERS_PATH).unwrap().1, ANSWERS.as_bytes());
    }

    #[test]
    fn one_connection_carries_several_requests() {
        let dist = tempfile::tempdir().unwrap();
        fs::write(dist.path().join("index.html"), "<head></head>").unwrap();
        fs::write(dist.path().join("a.js"), "1").unwrap();
        let site = Site::start(dist.path().to_path_buf()).unwrap();
        let mut stream = TcpStream::connect(site.address).unwrap();
        stream.write_all(b"GET /a.js HTTP/1.1\r\n\r\nGET /a.js HTTP/1.1\r\n\r\n").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert_eq!(text.matches("content-length: 1\r\n\r\n1").count(), 2, "{text}");
    }
}
