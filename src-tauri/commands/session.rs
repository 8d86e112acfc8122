//! Signing up, in and out.

use latchkey_client::Client;
use latchkey_contract::{
    SecretText, SessionId,
    partners::{CreatePartner, Me, UpdateMe},
    sessions::{CreateSession, Session},
};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Answer, App};
use crate::{error::Fault, notice::Notice, passphrase, vault::Account};

/// Who signed in here last.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct SavedLogin {
    pub email: Option<String>,
    /// Whether the keychain keeps their password.
    pub password_kept: bool,
}

/// Creates a partner and signs in; keeps the password in the keychain if asked.
#[tauri::command]
#[specta::specta]
pub async fn create_partner(
    app: App<'_>,
    request: CreatePartner,
    keep_password: bool,
) -> Answer<Me> {
    let me = app.connection.create_partner(&request).await?;
    app.note_sign_in(&me);
    if keep_password {
        keep_password_of(&app, &me, &request.password).await?;
    }
    Ok(me)
}

/// A passphrase for a new account.
#[tauri::command]
#[specta::specta]
pub async fn generate_passphrase(app: App<'_>) -> Answer<String> {
    Ok(passphrase::generate_passphrase(&app.entropy).expose().to_owned())
}

/// Signs in with a typed password.
#[tauri::command]
#[specta::specta]
pub async fn create_session(app: App<'_>, request: CreateSession) -> Answer<Me> {
    let me = app.connection.create_session(&request).await?;
    app.note_sign_in(&me);
    Ok(me)
}

/// Who signed in here last, and whether the keychain keeps their password.
#[tauri::command]
#[specta::specta]
pub async fn saved_login(app: App<'_>) -> Answer<SavedLogin> {
    let email = app.settings.email(&app.server_id()?);
    let password_kept = match &email {
        Some(email) => matches!(app.vault.get(&password_account(&app, email)?).await, Ok(Some(_))),
        None => false,
    };
    Ok(SavedLogin { email, password_kept })
}

/// Signs in with the password that the keychain keeps; the page never sees it.
#[tauri::command]
#[specta::specta]
pub async fn create_session_with_saved(app: App<'_>, email: String) -> Answer<Me> {
    let kept = app.vault.get(&password_account(&app, &email)?).await?;
    let password = kept.ok_or(Fault::PasswordNotKept)?;
    let me = app.connection.create_session(&CreateSession { email, password }).await?;
    app.note_sign_in(&me);
    Ok(me)
}

/// Signs out. Keys that no keychain keeps are wiped from memory.
#[tauri::command]
#[specta::specta]
pub async fn end_session(app: App<'_>) -> Answer<()> {
    app.secrets.forget_all();
    app.connection.end_session().await;
    Ok(())
}

/// Who is signed in.
#[tauri::command]
#[specta::specta]
pub async fn get_me(app: App<'_>) -> Answer<Me> {
    let me = app.connection.call(|client| async move { client.get_me().await }).await?;
    app.connection.note_me(me.clone());
    Ok(me)
}

/// Changes the partner's name or the member's password.
#[tauri::command]
#[specta::specta]
pub async fn update_me(app: App<'_>, change: UpdateMe) -> Answer<Me> {
    let change = &change;
    let call = |client: Client| async move { client.update_me(change).await };
    let me = app.connection.call(call).await?;
    app.connection.note_me(me.clone());
    // Where the keychain keeps the old password, it keeps the new one from then on.
    if let Some(password) = &change.password {
        match app.vault.get(&password_account(&app, &me.member.email)?).await {
            Ok(Some(_)) => keep_password_of(&app, &me, password).await?,
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "a kept password may be the former one");
                (app.tell)(Notice::Keychain(error.state()));
            }
        }
    }
    Ok(me)
}

/// The member's signed-in devices, the last used first.
#[tauri::command]
#[specta::specta]
pub async fn list_sessions(app: App<'_>) -> Answer<Vec<Session>> {
    Ok(app.connection.call(|client| async move { client.list_sessions().await }).await?.data)
}

/// Signs another device out.
#[tauri::command]
#[specta::specta]
pub async fn end_other_session(app: App<'_>, id: SessionId) -> Answer<()> {
    let id = &id;
    let call = |client: Client| async move { client.end_session(id).await };
    app.connection.call(call).await
}

/// Whether or not it succeeds, the member stays signed in; the notice says where nothing was kept.
async fn keep_password_of(app: &App<'_>, me: &Me, password: &SecretText) -> Answer<()> {
    let account = password_account(app, &me.member.email)?;
    if let Err(error) = app.vault.keep(&account, password).await {
        tracing::warn!(%error, "the password is not kept");
        (app.tell)(Notice::Keychain(error.state()));
    }
    Ok(())
}

fn password_account(app: &App<'_>, email: &str) -> Answer<Account> {
    Ok(Account::Password { server: app.server_id()?, email: email.to_owned() })
}
