//! `latchkey-platform`: the platform server, and its operator's commands.

mod cli;

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Parser;
use latchkey_contract::SecretText;
use latchkey_platform::{
    Config, Entropy, OpenIdIssuer, ServerKey, admin,
    operator::{self, AccountCommand, Command},
    proxies::TrustedProxies,
};
use latchkey_store::StoreConfig;
use tracing_subscriber::EnvFilter;

use crate::cli::{Account, Audit, Cli, Partner, Sample, Serve, Task};

/// A server allocates in small pieces on every thread; the system's allocator is made for less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is logged unless LATCHKEY_LOG says otherwise.
const LOG: &str = "info,sea_orm_migration=warn,sqlx=warn";

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("LATCHKEY_LOG").unwrap_or_else(|_| EnvFilter::new(LOG));
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(colours)
        .init();
    match perform(Cli::parse().task).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "latchkey-platform: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes; many a sentence names its cause already.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        if told.is_empty() {
            cause
        } else if told.contains(&cause) {
            told
        } else {
            format!("{told}: {cause}")
        }
    })
}

async fn perform(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Serve(options) => serve(options).await,
        Task::Partner(Partner::Create { data, name, email }) => {
            let password = read_password()?;
            command(&data, Command::CreatePartner { name, email, password }).await
        }
        Task::Partner(Partner::Suspend { data, partner }) => {
            command(&data, Command::SuspendPartner { partner }).await
        }
        Task::Partner(Partner::Resume { data, partner }) => {
            command(&data, Command::ResumePartner { partner }).await
        }
        Task::Account(account) => on_account(account).await,
        Task::Sample(Sample::Create { data }) => command(&data, Command::CreateSample).await,
        Task::Sample(Sample::Remove { data }) => command(&data, Command::RemoveSample).await,
        Task::Audit(Audit::Verify { data, ends }) => verify_audit(data.data, ends).await,
        Task::Openapi => say(admin::openapi::document_text()?.trim_end()),
        Task::GenerateServerKey => say(&STANDARD.encode(Entropy::system().bytes::<32>())),
    }
}

async fn on_account(task: Account) -> anyhow::Result<()> {
    let operation = || uuid::Uuid::new_v4().to_string();
    let (account, change) = match task {
        Account::List { data, partner } => {
            return command(&data, Command::ListAccounts { partner }).await;
        }
        Account::EnableLive { account } => (account, AccountCommand::EnableLive),
        Account::DisableLive { account } => (account, AccountCommand::DisableLive),
        Account::Suspend { account } => (account, AccountCommand::Suspend),
        Account::Resume { account } => (account, AccountCommand::Resume),
        Account::GrantCredits { account, amount, note } => {
            (account, AccountCommand::Grant { amount, note, operation: operation() })
        }
        Account::AdjustCredits { account, amount, note } => {
            (account, AccountCommand::Adjust { amount, note, operation: operation() })
        }
        Account::CreditLine { account, amount } => {
            (account, AccountCommand::SetCreditLine { amount })
        }
        Account::RecordPayment { account, amount } => {
            (account, AccountCommand::RecordPayment { amount })
        }
    };
    let (partner, platform) = (account.partner, account.platform);
    command(&account.data, Command::Account { partner, platform, change }).await
}

async fn serve(options: Serve) -> anyhow::Result<()> {
    let server_key = match server_key()? {
        new if options.replace_server_key => new.as_replacement(),
        key => key,
    };
    let config = Config {
        data_dir: options.data.data,
        platforms_dir: options.data.platforms,
        listen: options.listen,
        allow_sign_up: options.allow_sign_up,
        welcome_grant: options.welcome_grant,
        job_workers: options.job_workers,
        allow_private_webhook_targets: options.allow_private_webhook_targets,
        server_key,
        public_url: options.public_url,
        trusted_proxies: TrustedProxies::new(options.trusted_proxies),
        openid: options
            .oidc_issuer
            .zip(options.oidc_audience)
            .map(|(issuer, audience)| OpenIdIssuer { issuer, audience }),
    };
    let running = latchkey_platform::start(config).await?;
    let addr = running.addr();
    say(&format!("Latchkey listens on http://{addr}, its reference page is http://{addr}/docs"))?;
    wait_for_stop().await?;
    running.shutdown().await;
    Ok(())
}

/// Waits for Ctrl+C, or for the system to ask.
async fn wait_for_stop() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

async fn verify_audit(data_dir: PathBuf, ends: bool) -> anyhow::Result<()> {
    let check = latchkey_store::audit::verify(&StoreConfig { data_dir }).await?;
    for end in check.ends.iter().filter(|_| ends) {
        say(&format!("{} ends with record {}, {}", end.partner_id, end.sequence, end.hash))?;
    }
    for fault in &check.faults {
        say(&fault.to_string())?;
    }
    match check.faults.len() {
        0 => {
            let (records, partners) = (check.records, check.ends.len());
            say(&format!("checked {records} records of {partners} partner(s): every chain holds"))
        }
        broken => bail!("the audit log of {broken} partner(s) does not hold"),
    }
}

async fn command(data: &cli::Data, command: Command) -> anyhow::Result<()> {
    let config = || {
        let key = server_key().map_err(|error| error.to_string())?;
        Ok(Config {
            platforms_dir: data.platforms.clone(),
            ..Config::on_this_computer(data.data.clone(), key)
        })
    };
    say(&operator::perform(&data.data, command, config).await?.message)
}

/// The key that seals webhook secrets. It stands in the environment, never in an argument: those
/// are seen by everybody on the machine.
fn server_key() -> anyhow::Result<ServerKey> {
    let text = std::env::var(cli::SERVER_KEY).ok().filter(|text| !text.trim().is_empty());
    let text = SecretText::new(text.with_context(|| {
        format!(
            "{} is not set. It seals the webhook secrets in the database. Make one, keep it, and \
             set it at every start:\n\n  export {}=$(latchkey-platform generate-server-key)\n",
            cli::SERVER_KEY,
            cli::SERVER_KEY
        )
    })?);
    let bytes = STANDARD.decode(text.expose().trim()).map(zeroize::Zeroizing::new).ok();
    match bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()) {
        Some(key) => Ok(ServerKey::new(key)),
        None => bail!(
            "{} must be 32 bytes in base64; `latchkey-platform generate-server-key` makes one",
            cli::SERVER_KEY
        ),
    }
}

/// From the terminal without showing it, or one line of the input.
fn read_password() -> anyhow::Result<SecretText> {
    let text = if io::stdin().is_terminal() {
        rpassword::prompt_password("Password of the first member (15 to 128 characters): ")?
    } else {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        let end = line.trim_end_matches(['\r', '\n']).len();
        line.truncate(end);
        line
    };
    Ok(SecretText::new(text))
}

fn say(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}
