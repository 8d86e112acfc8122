//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use latchkey_contract::Amount;
use latchkey_platform::proxies::parse_proxy;
use url::Url;

/// More would only wait for processors.
const MOST_WORKERS: usize = 256;

/// Environment variable of the server's key.
pub const SERVER_KEY: &str = "LATCHKEY_SERVER_KEY";

/// The platform server of Latchkey, and its operator's commands.
///
/// Commands work beside a running server and hold from its next request. Passwords are asked for
/// or read from the input; the server's key is read from LATCHKEY_SERVER_KEY.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    pub task: Task,
}

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Run the server until it is told to stop
    Serve(Serve),
    /// Create, suspend or resume a partner
    #[command(subcommand)]
    Partner(Partner),
    /// Change a partner's account on a platform
    #[command(subcommand)]
    Account(Account),
    /// Make or remove sample data: a partner that is made up, with a year of use on every platform
    #[command(subcommand)]
    Sample(Sample),
    /// Check the audit log
    #[command(subcommand)]
    Audit(Audit),
    /// Print the OpenAPI description of the admin API
    Openapi,
    /// Print a new key for LATCHKEY_SERVER_KEY
    GenerateServerKey,
}

#[derive(Debug, Args)]
pub struct Data {
    /// Folder of database, pictures and the operator's socket; `serve` makes it where it is absent
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Folder of further platforms' manifests, one `*.toml` a platform
    #[arg(long, value_name = "DIR")]
    pub platforms: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub data: Data,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4780")]
    pub listen: SocketAddr,
    /// Let anyone who reaches the server create a partner
    #[arg(long)]
    pub allow_sign_up: bool,
    /// Live operations drawn at once; with 0 they wait
    #[arg(long, value_name = "N", default_value = "2", value_parser = workers, allow_negative_numbers = true)]
    pub job_workers: usize,
    /// How clients reach the server, where it is not by the address it listens on
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub public_url: Option<Url>,
    /// Proxy, or network of proxies, that is believed in where it says a request comes from
    /// (`X-Forwarded-For`, `Forwarded`); may be given more than once
    #[arg(long = "trusted-proxy", value_name = "CIDR", value_parser = parse_proxy)]
    pub trusted_proxies: Vec<IpNet>,
    /// Let webhooks go to this machine and its private networks, and over plain HTTP
    #[arg(long)]
    pub allow_private_webhook_targets: bool,
    /// Take the server key though the database was sealed with another that is lost; webhook
    /// secrets sealed with that stay closed
    #[arg(long)]
    pub replace_server_key: bool,
    /// OpenID issuer whose identity tokens are trusted on platforms that take such
    #[arg(long, value_name = "URL", value_parser = issuer, requires = "oidc_audience")]
    pub oidc_issuer: Option<String>,
    /// Audience that those tokens must be for
    #[arg(long, value_name = "AUD", requires = "oidc_issuer")]
    pub oidc_audience: Option<String>,
    /// Credits that a new partner gets on each platform
    #[arg(long, value_name = "CREDITS", default_value = "0", value_parser = credits, allow_negative_numbers = true)]
    pub welcome_grant: Amount,
}

#[derive(Debug, Subcommand)]
pub enum Partner {
    /// Create a partner with its first member; the password is asked for, or read from the input
    Create {
        #[command(flatten)]
        data: Data,
        /// The partner's name
        #[arg(long)]
        name: String,
        /// The first member's address
        #[arg(long)]
        email: String,
    },
    /// Refuse all of a partner's keys from now on
    Suspend {
        #[command(flatten)]
        data: Data,
        /// Its id, or a member's email address
        partner: String,
    },
    /// Let a suspended partner's keys work again
    Resume {
        #[command(flatten)]
        data: Data,
        /// Its id, or a member's email address
        partner: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Sample {
    /// Make it, where there is none
    Create {
        #[command(flatten)]
        data: Data,
    },
    /// Remove it with everything of it
    Remove {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Args)]
pub struct OneAccount {
    #[command(flatten)]
    pub data: Data,
    /// The partner: its id, or a member's email address
    pub partner: String,
    /// The platform's slug
    pub platform: String,
}

#[derive(Debug, Subcommand)]
pub enum Account {
    /// List accounts with balance, what they owe and may owe, live mode and suspension
    List {
        #[command(flatten)]
        data: Data,
        /// One partner alone: its id, or a member's email address
        partner: Option<String>,
    },
    /// Let live keys work
    EnableLive {
        #[command(flatten)]
        account: OneAccount,
    },
    /// Refuse live keys from now on
    DisableLive {
        #[command(flatten)]
        account: OneAccount,
    },
    /// Give credits
    GrantCredits {
        #[command(flatten)]
        account: OneAccount,
        /// How many, such as 100 or 0.5
        #[arg(value_parser = credits, allow_negative_numbers = true)]
        amount: Amount,
        /// Why; the partner sees it
        #[arg(long, value_name = "TEXT", value_parser = note)]
        note: Option<String>,
    },
    /// Correct a balance, never below zero
    AdjustCredits {
        #[command(flatten)]
        account: OneAccount,
        /// By how much, such as 2.5 or -10
        #[arg(value_parser = signed_credits, allow_negative_numbers = true)]
        amount: Amount,
        /// Why; the partner sees it
        #[arg(long, value_name = "TEXT", value_parser = note)]
        note: Option<String>,
    },
    /// Set how much may be owed for credits bought on account; 0 lets nothing be bought
    CreditLine {
        #[command(flatten)]
        account: OneAccount,
        /// In the platform's unit, such as 100 or 0.5
        #[arg(value_parser = credits, allow_negative_numbers = true)]
        amount: Amount,
    },
    /// Take what was paid off what is owed
    RecordPayment {
        #[command(flatten)]
        account: OneAccount,
        /// In the platform's unit, such as 100 or 0.5
        #[arg(value_parser = credits, allow_negative_numbers = true)]
        amount: Amount,
    },
    /// Refuse all keys of the account from now on
    Suspend {
        #[command(flatten)]
        account: OneAccount,
    },
    /// Let the keys of a suspended account work again
    Resume {
        #[command(flatten)]
        account: OneAccount,
    },
}

/// A line that a person reads: 1 to 200 characters.
fn note(text: &str) -> Result<String, String> {
    let text = text.trim();
    if (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("write 1 to 200 characters in one line".to_owned())
    }
}

/// The same with a sign.
fn signed_credits(text: &str) -> Result<Amount, String> {
    match text.strip_prefix('-') {
        Some(text) => credits(text).map(|amount| -amount),
        None => credits(text),
    }
}

/// An issuer's URL, kept as it is written: tokens are compared with it letter by letter.
fn issuer(text: &str) -> Result<String, String> {
    let told = "write the issuer's URL: https://accounts.example.com";
    web_address(text).map(|_| text.to_owned()).ok_or_else(|| told.to_owned())
}

/// Where clients reach the server.
fn public_url(text: &str) -> Result<Url, String> {
    web_address(text).ok_or_else(|| "write an address such as https://api.example.com".to_owned())
}

/// An absolute URL of the web that ends with its path.
fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.query().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "https" | "http") && url.has_host() && plain).then_some(url)
}

/// Each is a task that holds a picture in memory.
fn workers(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number <= MOST_WORKERS);
    number.ok_or_else(|| format!("write a whole number from 0 to {MOST_WORKERS}"))
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check every record of every partner's log against its chain: names the first one that was
    /// altered, moved or removed, and fails; works beside a running server
    Verify {
        #[command(flatten)]
        data: Data,
        /// Print where each chain ends: kept elsewhere, it shows later what was forged since
        #[arg(long)]
        ends: bool,
    },
}

/// Credits in decimal, with at most six digits after the point.
fn credits(text: &str) -> Result<Amount, String> {
    let wrong =
        || "write credits as digits with at most six after the point: 100 or 0.5".to_owned();
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 6 {
        return Err(wrong());
    }
    let whole = whole.parse::<i64>().ok().and_then(|whole| whole.checked_mul(Amount::PER_CREDIT));
    let part = format!("{part:0<6}").parse::<i64>().ok();
    whole.zip(part).and_then(|(whole, part)| whole.checked_add(part)).map(Amount).ok_or_else(wrong)
}
