//! Connecting a dashboard, giving it a new token, removing it.

use latchkey_contract::SecretText;
use latchkey_platform::manifest::{Dashboard, Manifest};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{
    super::{CheckOutcome, Elsewhere, address, checked_name, is_one_word, keys::prefix_of},
    DashboardChecked, DashboardConnection, DashboardPlatform, NewDashboardConnection,
    call::{self, Failure},
    token::ends_at,
};
use crate::{AppError, error::Fault, vault::Account};

/// What a token may be at most, in bytes.
const LONGEST_TOKEN: usize = 8 * 1024;

impl Elsewhere {
    /// The platforms whose dashboards can be connected.
    #[must_use]
    pub fn dashboard_platforms(&self) -> Vec<DashboardPlatform> {
        let of = |manifest: &Manifest| {
            let dashboard = manifest.dashboard.as_ref()?;
            Some(DashboardPlatform {
                platform: manifest.slug.clone(),
                name: manifest.name.clone(),
                monogram: manifest.monogram.clone(),
                token_name: dashboard.token.clone(),
                base_url: manifest.public_url(),
            })
        };
        self.manifests.iter().filter_map(|manifest| of(manifest)).collect()
    }

    /// Keeps a token and tries it.
    ///
    /// # Errors
    /// The field at fault; `settings_not_saved`.
    pub async fn add_dashboard(
        &self,
        new: NewDashboardConnection,
    ) -> Result<DashboardConnection, AppError> {
        let name = checked_name(&new.name)?;
        let (manifest, dashboard) = self.documented(&new.platform)?;
        let token = checked_token(manifest, dashboard, &new.token)?;
        let base_url = address::base_url(new.base_url.as_deref(), manifest.public_url())?;
        let id = self.draw_id("das_");
        let kept = self.safe.keep(account(&id), &token).await;
        let connection = DashboardConnection {
            id: id.clone(),
            platform: manifest.slug.clone(),
            platform_name: manifest.name.clone(),
            monogram: manifest.monogram.clone(),
            token_name: dashboard.token.clone(),
            name,
            base_url,
            unit: manifest.unit.clone(),
            environments: manifest.environments(),
            added_at: self.clock.now(),
            kept,
            token_ends_at: ends_at(token.expose()),
            last_check: None,
            signing_secrets: Vec::new(),
        };
        self.settings.change_dashboards(|all| all.push(connection))?;
        self.check_dashboard(&id).await
    }

    /// Puts a new token in the place of one that ended, and tries it.
    ///
    /// # Errors
    /// What is wrong with the token; `settings_not_saved`.
    pub async fn renew_dashboard_token(
        &self,
        id: &str,
        token: &SecretText,
    ) -> Result<DashboardConnection, AppError> {
        let connection = self.find_dashboard(id)?;
        let (manifest, dashboard) = self.documented(&connection.platform)?;
        let token = checked_token(manifest, dashboard, token)?;
        let kept = self.safe.keep(account(id), &token).await;
        self.change_dashboard(id, |known| {
            known.kept = kept;
            known.token_ends_at = ends_at(token.expose());
            known.last_check = None;
        })?;
        self.check_dashboard(id).await
    }

    /// Makes a call, to see how it goes.
    ///
    /// # Errors
    /// `not_kept` where there is no such connection any more.
    pub async fn check_dashboard(&self, id: &str) -> Result<DashboardConnection, AppError> {
        // How it went is noted with the connection.
        let _ = self.list_dashboard_keys(id).await;
        self.find_dashboard(id)
    }

    /// Removes token and signing secrets from this computer. On the platform nothing changes.
    ///
    /// # Errors
    /// What the keychain says: the connection stays then.
    pub async fn remove_dashboard(&self, id: &str) -> Result<(), AppError> {
        let connection = self.find_dashboard(id)?;
        for key in connection.signing_secrets {
            self.safe.remove(&signing_account(id, &key)).await?;
        }
        self.safe.remove(&account(id)).await?;
        self.settings.change_dashboards(|all| all.retain(|known| known.id != id))
    }

    pub(super) fn find_dashboard(&self, id: &str) -> Result<DashboardConnection, AppError> {
        let found = self.settings.dashboards().into_iter().find(|known| known.id == id);
        let gone = "This connection was removed. Connect the dashboard again.";
        found.ok_or_else(|| AppError::saying(Fault::NotKept, gone))
    }

    pub(super) fn change_dashboard(
        &self,
        id: &str,
        change: impl FnOnce(&mut DashboardConnection),
    ) -> Result<(), AppError> {
        self.settings.change_dashboards(|all| {
            if let Some(known) = all.iter_mut().find(|known| known.id == id) {
                change(known);
            }
        })
    }

    /// Where a platform's dashboard calls lie.
    pub(super) fn documented(&self, platform: &str) -> Result<(&Manifest, &Dashboard), AppError> {
        let manifest = self.manifests.get(platform);
        let found = manifest.and_then(|manifest| Some((&**manifest, manifest.dashboard.as_ref()?)));
        let none = "This platform documents no dashboard calls.";
        found.ok_or_else(|| AppError::field("/platform", none))
    }

    /// Calls a dashboard and reads its answer.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        connection: &DashboardConnection,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, AppError> {
        let answered = self.send(connection, method, path, body).await?;
        let read = call::read(connection, &answered);
        self.note(connection, read.as_ref().err());
        Ok(read?)
    }

    /// Calls a dashboard; what it answers means nothing more.
    pub(super) async fn tell(
        &self,
        connection: &DashboardConnection,
        method: Method,
        path: &str,
    ) -> Result<(), AppError> {
        self.send(connection, method, path, None::<&()>).await?;
        self.note(connection, None);
        Ok(())
    }

    async fn send(
        &self,
        connection: &DashboardConnection,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Zeroizing<Vec<u8>>, AppError> {
        let none = "This computer no longer holds the token. Paste a new one.";
        let token = self.safe.get(&account(&connection.id)).await?;
        let token = token.ok_or_else(|| AppError::saying(Fault::TokenRefused, none))?;
        let sent = call::send(&self.http, connection, &token, method, path, body).await;
        Ok(sent.inspect_err(|failure| self.note(connection, Some(failure)))?)
    }

    /// Notes how a call went. A refusal of something else than the token says nothing of it.
    fn note(&self, connection: &DashboardConnection, failure: Option<&Failure>) {
        let name = &connection.platform_name;
        let (outcome, message) = match failure.map(|failure| (failure.outcome(), failure)) {
            None => (CheckOutcome::Works, format!("{name} takes the {}.", connection.token_name)),
            Some((Some(outcome), failure)) => (outcome, failure.message.clone()),
            Some((None, _)) => return,
        };
        let checked = DashboardChecked { at: self.clock.now(), outcome, message };
        let noted = self.change_dashboard(&connection.id, |known| known.last_check = Some(checked));
        if let Err(error) = noted {
            tracing::warn!(code = error.code, "how a call went is not remembered");
        }
    }
}

pub(super) fn account(id: &str) -> Account {
    Account::Dashboard { id: id.to_owned() }
}

pub(super) fn signing_account(id: &str, key: &str) -> Account {
    Account::DashboardWebhook { id: id.to_owned(), key: key.to_owned() }
}

fn checked_token(
    manifest: &Manifest,
    dashboard: &Dashboard,
    token: &SecretText,
) -> Result<SecretText, AppError> {
    let (text, name) = (token.expose().trim(), &dashboard.token);
    // People copy whole headers.
    let text = text.strip_prefix("Bearer ").map_or(text, str::trim_start);
    if prefix_of(manifest, text).is_some() {
        let detail = format!("This is an API key. The dashboard takes the {name}.");
        return Err(AppError::field("/token", detail));
    }
    if !is_one_word(text, LONGEST_TOKEN) {
        let detail = format!("Paste the {name}: one long word, without spaces.");
        return Err(AppError::field("/token", detail));
    }
    Ok(SecretText::new(text.to_owned()))
}
