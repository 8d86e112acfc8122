//! From a key's issue to its keeping: the answer goes into memory and the keychain, is read back
//! and compared, and only then is the key reported as kept.

use chrono::{DateTime, Utc};
use latchkey_client::{Client, ClientError, IdempotencyKey};
use latchkey_contract::{
    KeyId, SecretText,
    keys::{CreateKey, IssuedKey, Key},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use specta::Type;
use subtle::ConstantTimeEq;

use crate::{
    AppError,
    desktop::Desktop,
    error::Fault,
    notice::{KeyStep, Notice, Step},
    vault::{KeychainState, VaultError},
};

/// A key that was just issued, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct KeptKey {
    pub key: Key,
    pub kept: Keeping,
    pub keychain: KeychainState,
    /// Why it is not in the keychain.
    pub problem: Option<AppError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Keeping {
    /// In the keychain, read back and compared.
    Kept,
    /// In memory, until the app ends or the member signs out.
    SessionOnly,
}

/// Whether this computer holds a key.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct Custody {
    pub state: CustodyState,
    /// When it was compared with the server's fingerprint.
    pub compared_at: Option<DateTime<Utc>>,
    pub keychain: KeychainState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CustodyState {
    Kept,
    SessionOnly,
    Absent,
    /// The keychain holds something else than the key.
    Differs,
    /// The keychain cannot say.
    Unavailable,
}

/// Has the server issue a key and takes its secret in.
///
/// # Errors
/// The server's problem; `answer_lost` where the secret was lost on its way.
pub async fn issue(app: &Desktop, request: &CreateKey) -> Result<Key, AppError> {
    let once = &IdempotencyKey::random();
    let call = |client: Client| async move {
        match client.create_key(request, once).await {
            // Whether it was issued is unknown; the same idempotency key finds out.
            Err(ClientError::Unreachable { .. }) => client.create_key(request, once).await,
            answered => answered,
        }
    };
    let IssuedKey { key, secret, .. } = app.connection.call(call).await?;
    let Some(secret) = secret else { return Err(revoke_unseen(app, &key.id).await) };
    app.secrets.take_in(key.id.clone(), secret);
    tell_step(app, &key.id, Step::Created);
    Ok(key)
}

async fn revoke_unseen(app: &Desktop, id: &KeyId) -> AppError {
    match app.connection.call(|client| async move { client.revoke_key(id).await }).await {
        Ok(_) => Fault::AnswerLost.into(),
        Err(error) => error,
    }
}

/// Keeps a key that was taken in.
pub async fn keep(app: &Desktop, key: Key) -> KeptKey {
    match keep_and_compare(app, &key.id).await {
        Ok(()) => {
            app.secrets.mark_kept(&key.id);
            KeptKey { key, kept: Keeping::Kept, keychain: KeychainState::Present, problem: None }
        }
        Err(error) => {
            tracing::warn!(%error, "a new key is not kept");
            (app.tell)(Notice::Keychain(error.state()));
            let keychain = error.state();
            KeptKey { key, kept: Keeping::SessionOnly, keychain, problem: Some(error.into()) }
        }
    }
}

async fn keep_and_compare(app: &Desktop, id: &KeyId) -> Result<(), VaultError> {
    let failed = |why: &str| VaultError::Failed(why.to_owned());
    let account = app.key_account(id).map_err(|error| VaultError::Failed(error.message))?;
    let secret = app.secrets.get(id).ok_or_else(|| failed("the key was discarded meanwhile"))?;
    app.vault.set(&account, &secret).await?;
    tell_step(app, id, Step::Kept);
    if !app.vault.holds(&account, &secret).await? {
        return Err(failed("it gave back something else than it was given"));
    }
    tell_step(app, id, Step::Compared);
    Ok(())
}

/// Whether this computer holds a key, compared with the server's fingerprint.
///
/// # Errors
/// Where the server cannot say what the key's fingerprint is.
pub async fn custody(app: &Desktop, id: &KeyId) -> Result<Custody, AppError> {
    let key = app.connection.call(|client| async move { client.get_key(id).await }).await?;
    let found = app.vault.get(&app.key_account(id)?).await;
    let keychain = found.as_ref().map_or_else(VaultError::state, |_| KeychainState::Present);
    let state = match &found {
        Ok(Some(secret)) if is_of(secret, &key) => CustodyState::Kept,
        Ok(Some(_)) => CustodyState::Differs,
        _ if app.secrets.get(id).is_some() => CustodyState::SessionOnly,
        Ok(None) => CustodyState::Absent,
        Err(_) => CustodyState::Unavailable,
    };
    let compared = matches!(state, CustodyState::Kept | CustodyState::Differs);
    Ok(Custody { state, compared_at: compared.then(|| app.clock.now()), keychain })
}

/// Whether this is the key whose fingerprint the server has.
fn is_of(secret: &SecretText, key: &Key) -> bool {
    let digest: [u8; 32] = Sha256::digest(secret.expose().as_bytes()).into();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.as_bytes().ct_eq(key.digest.as_bytes()).into()
}

fn tell_step(app: &Desktop, id: &KeyId, step: Step) {
    (app.tell)(Notice::KeyStep(KeyStep { id: id.clone(), step }));
}
