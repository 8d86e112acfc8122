//! Whether the server's key is the one that the database was sealed with.
//!
//! A wrong one would be noticed only when a webhook is to be signed, long after new secrets were
//! sealed with it. So the first start leaves a marker, and every other one must be able to open it.

use super::StartError;
use crate::Context;

/// Secrets looked at where there is no marker yet.
const LOOKED_AT: u16 = 100;

/// Refuses a wrong key; knows the right one again from now on.
///
/// # Errors
/// [`StartError::WrongServerKey`], unless the key says that it may be another.
pub(super) async fn check(context: &Context) -> Result<(), StartError> {
    let (store, seal) = (&context.store, &context.webhooks.seal);
    let key = &context.config.server_key;
    if key.may_be_lost() {
        return Ok(());
    }
    let marker = store.get_server().await?.key_marker;
    let known = match &marker {
        Some(marker) => seal.opens_marker(marker),
        None => opens_a_secret(context).await?,
    };
    if !known && !key.replaces_another() {
        return Err(StartError::WrongServerKey { path: context.config.data_dir.clone() });
    }
    if !known || marker.is_none() {
        store.set_key_marker(&seal.seal_marker(&context.entropy)?).await?;
    }
    Ok(())
}

/// Whether the key opens a secret of the database, where there is one. A single one is enough:
/// a keychain's key may have changed in between.
async fn opens_a_secret(context: &Context) -> Result<bool, StartError> {
    let secrets = context.store.list_sealed_secrets(LOOKED_AT).await?;
    let mut opened =
        secrets.iter().map(|(endpoint, sealed)| context.webhooks.seal.open(endpoint, sealed));
    Ok(secrets.is_empty() || opened.any(|opened| opened.is_ok()))
}
