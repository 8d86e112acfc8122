//! What the operator of the local platform may do: whoever sits at this computer is that operator.
//! It is done inside the app, on the embedded server, for the partner who is signed in.

use latchkey_contract::{Amount, PartnerId};
use latchkey_platform::operator::{AccountCommand, Command};

use super::{Answer, App};
use crate::{AppError, error::Fault};

/// Gives credits. `operation` names the gift: sent again, it gives nothing more.
#[tauri::command]
#[specta::specta]
pub async fn grant_credits(
    app: App<'_>,
    platform: String,
    amount: Amount,
    note: Option<String>,
    operation: String,
) -> Answer<String> {
    change(&app, platform, AccountCommand::Grant { amount, note, operation }).await
}

/// Corrects a balance, upwards or downwards. `operation` names the correction.
#[tauri::command]
#[specta::specta]
pub async fn adjust_credits(
    app: App<'_>,
    platform: String,
    amount: Amount,
    note: Option<String>,
    operation: String,
) -> Answer<String> {
    change(&app, platform, AccountCommand::Adjust { amount, note, operation }).await
}

/// Says how much an account may owe for what it buys.
#[tauri::command]
#[specta::specta]
pub async fn set_credit_line(app: App<'_>, platform: String, amount: Amount) -> Answer<String> {
    change(&app, platform, AccountCommand::SetCreditLine { amount }).await
}

/// Takes what was paid off what is owed.
#[tauri::command]
#[specta::specta]
pub async fn record_payment(app: App<'_>, platform: String, amount: Amount) -> Answer<String> {
    change(&app, platform, AccountCommand::RecordPayment { amount }).await
}

/// Lets live keys work, or refuses them.
#[tauri::command]
#[specta::specta]
pub async fn set_live_mode(app: App<'_>, platform: String, enabled: bool) -> Answer<String> {
    let command = if enabled { AccountCommand::EnableLive } else { AccountCommand::DisableLive };
    change(&app, platform, command).await
}

/// Refuses all keys of an account, or takes that back.
#[tauri::command]
#[specta::specta]
pub async fn suspend_account(app: App<'_>, platform: String, suspended: bool) -> Answer<String> {
    let command = if suspended { AccountCommand::Suspend } else { AccountCommand::Resume };
    change(&app, platform, command).await
}

/// Refuses all keys of the partner on every platform, or takes that back.
#[tauri::command]
#[specta::specta]
pub async fn suspend_partner(app: App<'_>, suspended: bool) -> Answer<String> {
    let partner = partner(&app)?.to_string();
    let command = match suspended {
        true => Command::SuspendPartner { partner },
        false => Command::ResumePartner { partner },
    };
    app.server.operate(command).await
}

async fn change(app: &App<'_>, platform: String, change: AccountCommand) -> Answer<String> {
    let partner = partner(app)?.to_string();
    app.server.operate(Command::Account { partner, platform, change }).await
}

fn partner(app: &App<'_>) -> Result<PartnerId, AppError> {
    Ok(app.connection.me().ok_or(Fault::SignedOut)?.partner.id)
}
