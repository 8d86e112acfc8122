//! What the operator does with a partner's account on a platform.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PartnerId, events::Topic};
use latchkey_store::{AccountRow, Author, Moved, Movement, PartnerRow};
use serde::{Deserialize, Serialize};

use super::{CommandError, Done, find_partner, no_platform};
use crate::{Context, credits, partners};

/// What is done with an account. Amounts are in the platform's unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AccountCommand {
    /// Live keys work.
    EnableLive,
    /// Live keys are refused.
    DisableLive,
    /// All keys are refused.
    Suspend,
    Resume,
    Grant {
        amount: Amount,
        note: Option<String>,
        /// Names this grant: sent again, it gives nothing more.
        operation: String,
    },
    /// Corrects the balance, upwards or downwards.
    Adjust {
        amount: Amount,
        note: Option<String>,
        /// Likewise.
        operation: String,
    },
    /// How much the account may owe for what it buys.
    SetCreditLine {
        amount: Amount,
    },
    /// Takes what was paid off what is owed.
    RecordPayment {
        amount: Amount,
    },
}

/// An account as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorAccount {
    pub partner_name: String,
    /// Since when all of the partner's keys are refused.
    pub partner_suspended_at: Option<DateTime<Utc>>,
    pub account: AccountRow,
}

/// The accounts of one partner, or of all.
///
/// # Errors
/// Where there is no such partner, or what the store says.
pub async fn list_accounts(
    context: &Context,
    partner: Option<&str>,
) -> Result<Vec<OperatorAccount>, CommandError> {
    let (partners, accounts) = match partner {
        Some(named) => {
            let partner = find_partner(context, named).await?;
            let accounts = opened(context, &partner.id).await?;
            (vec![partner], accounts)
        }
        None => (context.store.list_partners().await?, context.store.list_all_accounts().await?),
    };
    let seen = |account: AccountRow| {
        let partner = partners.iter().find(|partner| partner.id == account.partner_id)?;
        Some(OperatorAccount {
            partner_name: partner.name.clone(),
            partner_suspended_at: partner.suspended_at,
            account,
        })
    };
    Ok(accounts.into_iter().filter_map(seen).collect())
}

/// The accounts as text, one a line.
pub(super) fn table(accounts: &[OperatorAccount]) -> String {
    let head = ["PARTNER", "PLATFORM", "BALANCE", "OWED", "CREDIT LINE", "LIVE", "SUSPENDED"];
    let rows = accounts.iter().map(|OperatorAccount { partner_suspended_at, account, .. }| {
        let suspended = match (partner_suspended_at, account.suspended_at) {
            (Some(_), _) => "partner",
            (None, Some(_)) => "account",
            (None, None) => "no",
        };
        let live = if account.live_enabled { "on" } else { "off" };
        let [balance, owed, line] =
            [account.balance, account.owed, account.credit_line].map(|amount| amount.to_string());
        let (partner, platform) = (account.partner_id.to_string(), account.platform.clone());
        [partner, platform, balance, owed, line, live.to_owned(), suspended.to_owned()]
    });
    let rows: Vec<_> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Does it; it holds from the very next request.
pub(super) async fn change(
    context: &Context,
    partner: &str,
    platform: &str,
    command: AccountCommand,
) -> Result<Done, CommandError> {
    let partner = account_of(context, partner, platform).await?;
    let account = Account { context, partner: &partner, platform, author: Author::operator() };
    let done = match command {
        AccountCommand::EnableLive => account.set_live(true).await?,
        AccountCommand::DisableLive => account.set_live(false).await?,
        AccountCommand::Suspend => account.set_suspended(true).await?,
        AccountCommand::Resume => account.set_suspended(false).await?,
        AccountCommand::Grant { amount, note, operation } => {
            account.grant(amount, note, operation).await?
        }
        AccountCommand::Adjust { amount, note, operation } => {
            account.adjust(amount, note, operation).await?
        }
        AccountCommand::SetCreditLine { amount } => account.set_credit_line(amount).await?,
        AccountCommand::RecordPayment { amount } => account.record_payment(amount).await?,
    };
    context.keys.forget_partner(&partner.id);
    for topic in [Topic::Accounts, Topic::Credits, Topic::Audit] {
        context.live.announce(&partner.id, topic, Some(platform));
    }
    let message = format!("{} ({}) on {platform}: {done}", partner.name, partner.id);
    Ok(Done { partner_id: Some(partner.id), message })
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
    opened(context, &partner.id).await?;
    Ok(partner)
}

async fn opened(context: &Context, partner: &PartnerId) -> Result<Vec<AccountRow>, CommandError> {
    let opened = partners::list_accounts(context, partner).await;
    opened.map_err(|error| CommandError::Failed(error.to_string()))
}

/// An account that is there. Each function answers what it did, as the end of a sentence.
struct Account<'a> {
    context: &'a Context,
    partner: &'a PartnerRow,
    platform: &'a str,
    author: Author,
}

impl Account<'_> {
    async fn set_live(&self, enabled: bool) -> Result<String, CommandError> {
        let since = enabled.then(|| self.context.clock.now());
        let store = &self.context.store;
        self.found(
            store.set_account_live(&self.partner.id, self.platform, since, self.by()).await?,
        )?;
        Ok(format!("live keys {}", if enabled { "work" } else { "are refused" }))
    }

    async fn set_suspended(&self, suspended: bool) -> Result<String, CommandError> {
        let since = suspended.then(|| self.context.clock.now());
        let store = &self.context.store;
        self.found(
            store.set_account_suspension(&self.partner.id, self.platform, since, self.by()).await?,
        )?;
        Ok(if suspended {
            "suspended; its keys are refused"
        } else {
            "resumed; its keys work again"
        }
        .to_owned())
    }

    async fn grant(
        &self,
        amount: Amount,
        note: Option<String>,
        operation: String,
    ) -> Result<String, CommandError> {
        let grant = self.movement(amount, note, operation);
        match self.context.store.grant_credits(grant, &self.author).await? {
            Moved::Done(balance) | Moved::Repeated(balance) => {
                Ok(format!("gave {}; the balance is {}", self.told(amount), self.told(balance)))
            }
            // A grant takes nothing away.
            Moved::TooLittle(_) | Moved::NoAccount => Err(self.gone()),
        }
    }

    async fn adjust(
        &self,
        amount: Amount,
        note: Option<String>,
        operation: String,
    ) -> Result<String, CommandError> {
        let adjustment = self.movement(amount, note, operation);
        match self.context.store.adjust_credits(adjustment, &self.author).await? {
            Moved::Done(balance) | Moved::Repeated(balance) => {
                credits::after_movement(self.context, &self.partner.id, self.platform);
                let (by, balance) = (self.told(amount), self.told(balance));
                Ok(format!("corrected by {by}; the balance is {balance}"))
            }
            Moved::TooLittle(balance) => Err(CommandError::Invalid(format!(
                "the balance is {}, so no more than that can be taken away; what is held for calls \
                 under way stays with them",
                self.told(balance)
            ))),
            Moved::NoAccount => Err(self.gone()),
        }
    }

    fn movement(&self, amount: Amount, note: Option<String>, operation: String) -> Movement {
        Movement {
            partner_id: self.partner.id.clone(),
            platform: self.platform.to_owned(),
            amount,
            operation,
            note,
            now: self.context.clock.now(),
        }
    }

    async fn set_credit_line(&self, amount: Amount) -> Result<String, CommandError> {
        let store = &self.context.store;
        let row = store.set_credit_line(&self.partner.id, self.platform, amount, self.by()).await?;
        let owed = self.found(row)?.owed;
        Ok(format!("may owe {}; owes {}", self.told(amount), self.told(owed)))
    }

    async fn record_payment(&self, amount: Amount) -> Result<String, CommandError> {
        let store = &self.context.store;
        match store.record_payment(&self.partner.id, self.platform, amount, self.by()).await? {
            Some(row) => Ok(format!("paid {}; owes {}", self.told(amount), self.told(row.owed))),
            None => Err(CommandError::Invalid("it owes less than that".to_owned())),
        }
    }

    fn found(&self, row: Option<AccountRow>) -> Result<AccountRow, CommandError> {
        row.ok_or_else(|| self.gone())
    }

    /// Who does it, and when.
    fn by(&self) -> (&Author, DateTime<Utc>) {
        (&self.author, self.context.clock.now())
    }

    fn gone(&self) -> CommandError {
        no_platform(self.context, self.platform.to_owned())
    }

    /// An amount in the platform's unit.
    fn told(&self, amount: Amount) -> String {
        let manifest = self.context.manifests.get(self.platform);
        format!("{amount} {}", manifest.map_or("credits", |manifest| &manifest.unit.name))
    }
}
