//! What the operator may do, who runs the platform: one function for all of it.
//!
//! A command acts through the server that runs on the data folder, over a socket that only the
//! folder's owner can reach; where none runs, on the database itself. Either way it holds from
//! the very next request.

pub mod local;
#[cfg(unix)]
pub mod socket;

use latchkey_contract::{Amount, PartnerId, PrefixedId, SecretText, events::Topic, partners};
use latchkey_store::{Author, Grant, Granted, PartnerRow, StoreError};
use serde::{Deserialize, Serialize};

use crate::{
    Context,
    partners::{CreatePartnerError, create_partner, list_accounts},
};

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
    EnableLive {
        partner: String,
        platform: String,
    },
    GrantCredits {
        partner: String,
        platform: String,
        amount: Amount,
        /// Names this grant: sent again, it gives nothing more.
        operation: String,
    },
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    pub partner_id: PartnerId,
    /// A sentence for the operator.
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
    #[error("the amount must be above zero, and not so large that the balance overflows")]
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
    match command {
        Command::CreatePartner { name, email, password } => {
            create(context, partners::CreatePartner { name, email, password }).await
        }
        Command::SuspendPartner { partner } => suspend(context, &partner).await,
        Command::ResumePartner { partner } => resume(context, &partner).await,
        Command::EnableLive { partner, platform } => {
            enable_live(context, &partner, &platform).await
        }
        Command::GrantCredits { partner, platform, amount, operation } => {
            let partner = find_partner(context, &partner).await?;
            grant(context, partner, platform, amount, operation).await
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
    Ok(Done { partner_id, message })
}

async fn suspend(context: &Context, partner: &str) -> Result<Done, CommandError> {
    let now = context.clock.now();
    let partner = set_suspension(context, partner, Some(now)).await?;
    let message = format!("suspended {} ({}); its keys are refused", partner.name, partner.id);
    Ok(Done { partner_id: partner.id, message })
}

async fn resume(context: &Context, partner: &str) -> Result<Done, CommandError> {
    let partner = set_suspension(context, partner, None).await?;
    let message = format!("resumed {} ({}); its keys work again", partner.name, partner.id);
    Ok(Done { partner_id: partner.id, message })
}

async fn set_suspension(
    context: &Context,
    partner: &str,
    suspended_at: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<PartnerRow, CommandError> {
    let found = find_partner(context, partner).await?;
    let changed = context.store.set_partner_suspension(&found.id, suspended_at).await?;
    let changed = changed.ok_or_else(|| CommandError::NoPartner(partner.to_owned()))?;
    context.keys.forget_partner(&changed.id);
    context.live.announce(&changed.id, Topic::Me, None);
    Ok(changed)
}

async fn enable_live(
    context: &Context,
    partner: &str,
    platform: &str,
) -> Result<Done, CommandError> {
    let partner = account_of(context, partner, platform).await?;
    let now = context.clock.now();
    context.store.set_account_live(&partner.id, platform, Some(now)).await?;
    context.keys.forget_partner(&partner.id);
    context.live.announce(&partner.id, Topic::Accounts, Some(platform));
    let message = format!("live keys of {} ({}) work on {platform}", partner.name, partner.id);
    Ok(Done { partner_id: partner.id, message })
}

async fn grant(
    context: &Context,
    partner: PartnerRow,
    platform: String,
    amount: Amount,
    operation: String,
) -> Result<Done, CommandError> {
    let partner = account_of(context, partner.id.as_str(), &platform).await?;
    let now = context.clock.now();
    let partner_id = partner.id.clone();
    let grant = Grant { partner_id, platform: platform.clone(), amount, operation, now };
    let balance = match context.store.grant_credits(grant).await? {
        Granted::Done(balance) | Granted::Repeated(balance) => balance,
        Granted::NoAccount => return Err(no_platform(context, platform)),
    };
    context.live.announce(&partner.id, Topic::Accounts, Some(&platform));
    let message = format!(
        "gave {} ({}) {amount} credits on {platform}; the balance is {balance}",
        partner.name, partner.id
    );
    Ok(Done { partner_id: partner.id, message })
}

/// The partner, once it is sure to have an account on the platform.
async fn account_of(
    context: &Context,
    partner: &str,
    platform: &str,
) -> Result<PartnerRow, CommandError> {
    let partner = find_partner(context, partner).await?;
    if context.manifests.get(platform).is_none() {
        return Err(no_platform(context, platform.to_owned()));
    }
    let opened = list_accounts(context, &partner.id).await;
    opened.map_err(|error| CommandError::Failed(error.to_string()))?;
    Ok(partner)
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
