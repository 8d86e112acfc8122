//! From a key's issue to its keeping: the answer goes into memory and the keychain, is read back
//! and compared, and only then is the key reported as kept.

use chrono::{DateTime, Utc};
use latchkey_client::{Client, ClientError, IdempotencyKey};
use latchkey_contract::{
    KeyId, SecretText,
    keys::{CreateKey, IssuedKey, Key, KeyStatus, PairedKey, RotateKey, RotatedKey},
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
    /// The other key of its pair, where the platform issues two together.
    pub paired: Option<Key>,
    /// Of both, where there are two.
    pub kept: Keeping,
    pub keychain: KeychainState,
    /// Why it is not in the keychain.
    pub problem: Option<AppError>,
}

/// A key that was just put in another's place.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct KeptRotation {
    pub made: KeptKey,
    /// The key it replaces, which works until its grace ends.
    pub old: Key,
}

/// Keys whose secrets are taken in, and still to be kept.
#[derive(Debug)]
pub struct TakenIn {
    key: Key,
    paired: Option<Key>,
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

/// Has the server issue a key, or a pair of them, and takes the secrets in.
///
/// # Errors
/// The server's problem; `answer_lost` where a secret was lost on its way.
pub async fn issue(app: &Desktop, request: &CreateKey) -> Result<TakenIn, AppError> {
    let once = &IdempotencyKey::random();
    let call = |client: Client| async move {
        match client.create_key(request, once).await {
            // Whether it was issued is unknown; the same idempotency key finds out.
            Err(ClientError::Unreachable { .. }) => client.create_key(request, once).await,
            answered => answered,
        }
    };
    let IssuedKey { key, secret, paired } = app.connection.call(call).await?;
    let Some(secret) = secret else { return Err(revoke_unseen(app, &key, paired).await) };
    let paired = match paired {
        Some(PairedKey { key: other, secret: Some(secret) }) => Some((other, secret)),
        Some(unseen) => return Err(revoke_unseen(app, &key, Some(unseen)).await),
        None => None,
    };
    let paired = paired.map(|(other, secret)| take_in(app, other, secret));
    let key = take_in(app, key, secret);
    tell_step(app, &key.id, Step::Created);
    Ok(TakenIn { key, paired })
}

/// Has the server put a new key in a key's place, and takes its secret in. An old key that ends at
/// once leaves this computer.
///
/// # Errors
/// The server's problem, `rotation_in_progress` for one; `answer_lost` where the secret was lost on
/// its way.
pub async fn rotate(
    app: &Desktop,
    id: &KeyId,
    request: &RotateKey,
) -> Result<(TakenIn, Key), AppError> {
    let once = &IdempotencyKey::random();
    let call = |client: Client| async move {
        match client.rotate_key(id, request, once).await {
            Err(ClientError::Unreachable { .. }) => client.rotate_key(id, request, once).await,
            answered => answered,
        }
    };
    let RotatedKey { key, secret, old } = app.connection.call(call).await?;
    let Some(secret) = secret else { return Err(revoke_unseen(app, &key, None).await) };
    let key = take_in(app, key, secret);
    tell_step(app, &key.id, Step::Created);
    if old.status == KeyStatus::Expired {
        app.forget_key(&old.id).await;
    }
    Ok((TakenIn { key, paired: None }, old))
}

fn take_in(app: &Desktop, key: Key, secret: SecretText) -> Key {
    app.secrets.take_in(key.id.clone(), secret);
    key
}

/// Nobody has seen them: they are of no use.
async fn revoke_unseen(app: &Desktop, key: &Key, paired: Option<PairedKey>) -> AppError {
    let both = [Some(&key.id), paired.as_ref().map(|other| &other.key.id)];
    for id in both.into_iter().flatten() {
        if let Err(error) =
            app.connection.call(|client| async move { client.revoke_key(id).await }).await
        {
            return error;
        }
    }
    Fault::AnswerLost.into()
}

/// Keeps keys that were taken in.
pub async fn keep(app: &Desktop, TakenIn { key, paired }: TakenIn) -> KeptKey {
    let both = [Some(&key), paired.as_ref()].into_iter().flatten();
    let ids: Vec<&KeyId> = both.map(|one| &one.id).collect();
    let problem = match keep_and_compare(app, &ids).await {
        Ok(()) => {
            ids.into_iter().for_each(|id| app.secrets.mark_kept(id));
            None
        }
        Err(error) => {
            tracing::warn!(%error, "a new key is not kept");
            (app.tell)(Notice::Keychain(error.state()));
            Some(error)
        }
    };
    let kept = if problem.is_none() { Keeping::Kept } else { Keeping::SessionOnly };
    let keychain = problem.as_ref().map_or(KeychainState::Present, VaultError::state);
    KeptKey { key, paired, kept, keychain, problem: problem.map(AppError::from) }
}

/// A step is told once all of them have come so far.
async fn keep_and_compare(app: &Desktop, ids: &[&KeyId]) -> Result<(), VaultError> {
    let mut written = Vec::new();
    for id in ids {
        let account = app.key_account(id).map_err(|error| VaultError::Failed(error.message))?;
        let secret =
            app.secrets.get(id).ok_or_else(|| failed("the key was discarded meanwhile"))?;
        app.vault.set(&account, &secret).await?;
        written.push((account, secret));
    }
    let Some(first) = ids.first() else { return Ok(()) };
    tell_step(app, first, Step::Kept);
    for (account, secret) in &written {
        if !app.vault.holds(account, secret).await? {
            return Err(failed("it gave back something else than it was given"));
        }
    }
    tell_step(app, first, Step::Compared);
    Ok(())
}

fn failed(why: &str) -> VaultError {
    VaultError::Failed(why.to_owned())
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
