//! What the operator may do, who runs the platform: one function for all of it.
//!
//! A command acts through the server that runs on the data folder, over a socket that only the
//! folder's owner can reach; where none runs, on the database itself. Either way it holds from
//! the very next request.

mod accounts;
pub mod local;
pub mod sample;
#[cfg(unix)]
pub mod socket;

use latchkey_contract::{PartnerId, SecretText, events::Topic, partners};
use latchkey_store::{Author, PartnerRow, StoreError};
use serde::{Deserialize, Serialize};

use crate::{
    Context,
    partners::{CreatePartnerError, create_partner},
};

pub use accounts::{AccountCommand, OperatorAccount, list_accounts};
pub use local::{PerformError, perform};

/// A command of the operator's. `partner` is an id or a member's email address.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    CreatePartner {
        name: String,
        email: String,
        password: SecretText,
    },
    SuspendPartner {
        partner: String,
    },
    ResumePartner {
        partner: String,
    },
    /// Makes the sample partner, where there is none.
    CreateSample,
    /// Removes it whole.
    RemoveSample,
    /// Lists the accounts of one partner, or of all.
    ListAccounts {
        partner: Option<String>,
    },
    /// Changes a partner's account on a platform.
    Account {
        partner: String,
        platform: String,
        #[serde(flatten)]
        change: AccountCommand,
    },
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Whom it was about, where it was about one.
    pub partner_id: Option<PartnerId>,
    /// A sentence for the operator, or a table.
    pub message: String,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("there is no partner `{0}`; name one by its id or by a member's email address")]
    NoPartner(String),
    #[error("there is no platform `{given}`; there are: {known}")]
    NoPlatform { given: String, known: String },
    #[error("{0}")]
    Invalid(String),
    #[error("the address {0} has an account already")]
    EmailTaken(String),
    #[error(
        "the amount must be above zero (a correction: not zero), and not so large that the balance overflows"
    )]
    Amount,
    #[error(transparent)]
    Store(StoreError),
    #[error("the command failed: {0}")]
    Failed(String),
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::AmountOutOfRange => Self::Amount,
            error => Self::Store(error),
        }
    }
}

/// Does a command.
///
/// # Errors
/// A sentence that says what is wrong.
pub async fn run(context: &Context, command: Command) -> Result<Done, CommandError> {
    let context = &context.by(Author::operator());
    match command {
        Command::CreatePartner { name, email, password } => {
            create(context, partners::CreatePartner { name, email, password }).await
        }
        Command::SuspendPartner { partner } => suspend(context, &partner).await,
        Command::ResumePartner { partner } => resume(context, &partner).await,
        Command::CreateSample => sample::create(context).await,
        Command::RemoveSample => sample::remove(context).await,
        Command::ListAccounts { partner } => {
            let accounts = list_accounts(context, partner.as_deref()).await?;
            Ok(Done { partner_id: None, message: accounts::table(&accounts) })
        }
        Command::Account { partner, platform, change } => {
            accounts::change(context, &partner, &platform, change).await
        }
    }
}

async fn create(context: &Context, request: partners::CreatePartner) -> Result<Done, CommandError> {
    let created = create_partner(context, &request, Author::operator());
    let created = created.await.map_err(|error| match error {
        CreatePartnerError::EmailTaken => CommandError::EmailTaken(request.email.clone()),
        CreatePartnerError::Invalid(errors) => {
            let faults = errors.iter().map(|fault| {
                format!("the {} {}", fault.pointer.trim_start_matches('/'), fault.detail)
            });
            CommandError::Invalid(faults.collect::<Vec<_>>().join("; "))
        }
        CreatePartnerError::Store(error) => error.into(),
        error => CommandError::Failed(error.to_string()),
    })?;
    let partner_id = created.partner.id;
    let message = format!("created partner {partner_id} with the member {}", created.member.email);
    Ok(Done { partner_id: Some(partner_id), message })
}

async fn suspend(context: &Context, partner: &str) -> Result<Done, CommandError> {
    let now = context.clock.now();
    let partner = set_suspension(context, partner, Some(now)).await?;
    let message = format!("suspended {} ({}); its keys are refused", partner.name, partner.id);
    Ok(Done { partner_id: Some(partner.id), message })
}

async fn resume(context: &Context, partner: &str) -> Result<Done, CommandError> {
    let partner = set_suspension(context, partner, None).await?;
    let message = format!("resumed {} ({}); its keys work again", partner.name, partner.id);
    Ok(Done { partner_id: Some(partner.id), message })
}

async fn set_suspension(
    context: &Context,
    partner: &str,
    suspended_at: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<PartnerRow, CommandError> {
    let found = find_partner(context, partner).await?;
    let now = context.clock.now();
    let changed = context.store.set_partner_suspension(&found.id, suspended_at, now).await?;
    let changed = changed.ok_or_else(|| CommandError::NoPartner(partner.to_owned()))?;
    context.keys.forget_partner(&changed.id);
    context.live.announce(&changed.id, Topic::Me, None);
    Ok(changed)
}

async fn find_partner(context: &Context, named: &str) -> Result<PartnerRow, CommandError> {
    let found = match named.parse::<PartnerId>() {
        Ok(id) => context.store.get_partner(&id).await?,
        Err(_) => context.store.get_partner_by_email(named.trim()).await?,
    };
    found.ok_or_else(|| CommandError::NoPartner(named.to_owned()))
}

fn no_platform(context: &Context, given: String) -> CommandError {
    let known: Vec<_> = context.manifests.iter().map(|m| m.slug.as_str()).collect();
    CommandError::NoPlatform { given, known: known.join(", ") }
}
