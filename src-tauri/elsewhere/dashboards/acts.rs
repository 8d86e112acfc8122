//! What can be done through a connected dashboard.

use latchkey_contract::SecretText;
use reqwest::Method;

use super::{
    super::{Elsewhere, IssuedBy, KeyConnection, NewKeyConnection, checked_name, last4},
    DashboardConnection, DashboardDay, DashboardKey, DashboardTopUp, DashboardUsage, DashboardUsed,
    DashboardWebhook, NewDashboardKey, UpdateDashboardWebhook,
    connection::signing_account,
    wire,
};
use crate::{AppError, error::Fault};

/// What a signing secret has at least; what is shorter, or has other signs, is a masked one.
const SHORTEST_SECRET: usize = 16;
const NOTHING: Option<&()> = None;

impl Elsewhere {
    /// The keys, revoked ones too, in the platform's order.
    ///
    /// # Errors
    /// Why the platform did not answer; `token_refused` where it takes the token no more.
    pub async fn list_dashboard_keys(&self, id: &str) -> Result<Vec<DashboardKey>, AppError> {
        let connection = self.find_dashboard(id)?;
        let path = self.keys_path(&connection)?;
        let list: wire::KeyList = self.ask(&connection, Method::GET, path, NOTHING).await?;
        let held = self.settings.connections();
        let keys = list.keys.into_iter().filter_map(|key| {
            let number = plain(key.id.into_text())?;
            let by = IssuedBy { dashboard: id.to_owned(), key: number.clone() };
            let holder = held.iter().find(|held| held.issued_by.as_ref() == Some(&by));
            Some(DashboardKey {
                name: key.name.unwrap_or_else(|| format!("Key {number}")),
                id: number,
                environment: key.environment.or(connection.environments.first().copied())?,
                prefix: key.prefix.unwrap_or_default(),
                last4: key.last4.unwrap_or_default(),
                created_at: key.created_at,
                last_used_at: key.last_used_at,
                revoked_at: key.revoked_at,
                held_by: holder.map(|holder| holder.id.clone()),
            })
        });
        Ok(keys.collect())
    }

    /// Creates a key, which is kept as a key connection of its own and tried.
    ///
    /// # Errors
    /// The platform's words; where it is unknown whether there is a key, that is said.
    pub async fn create_dashboard_key(
        &self,
        id: &str,
        new: &NewDashboardKey,
    ) -> Result<KeyConnection, AppError> {
        let connection = self.find_dashboard(id)?;
        let name = checked_name(&new.name)?;
        let body = wire::NewKey { name: &name, environment: new.environment };
        let path = self.keys_path(&connection)?;
        let issued = self.ask(&connection, Method::POST, path, Some(&body)).await;
        let wire::IssuedKey { id: number, key } = issued.map_err(unseen)?;
        let key = NewKeyConnection {
            key,
            platform: connection.platform,
            name,
            base_url: Some(connection.base_url),
        };
        let issued_by = IssuedBy { dashboard: connection.id, key: number.into_text() };
        self.take_in(key, Some(issued_by)).await.map_err(unkept)
    }

    /// Revokes a key for good, and removes it from this computer. What the keychain cannot remove
    /// now stays connected.
    ///
    /// # Errors
    /// The platform's words.
    pub async fn revoke_dashboard_key(&self, id: &str, key: &str) -> Result<(), AppError> {
        let connection = self.find_dashboard(id)?;
        let path = self.key_path(&connection, key, "")?;
        self.tell(&connection, Method::DELETE, &path).await?;
        if let Err(error) = self.forget_key(id, key).await {
            tracing::warn!(code = error.code, "a key revoked elsewhere is still kept");
        }
        Ok(())
    }

    /// # Errors
    /// The platform's words.
    pub async fn get_dashboard_webhook(
        &self,
        id: &str,
        key: &str,
    ) -> Result<DashboardWebhook, AppError> {
        let connection = self.find_dashboard(id)?;
        let path = self.key_path(&connection, key, "/webhook")?;
        let webhook = self.ask(&connection, Method::GET, &path, NOTHING).await?;
        self.take_in_webhook(id, key, webhook).await
    }

    /// Sets where the events of a key go. The signing secret of the first answer is kept here: no
    /// later one has it.
    ///
    /// # Errors
    /// The platform's words.
    pub async fn update_dashboard_webhook(
        &self,
        id: &str,
        key: &str,
        change: &UpdateDashboardWebhook,
    ) -> Result<DashboardWebhook, AppError> {
        let connection = self.find_dashboard(id)?;
        let path = self.key_path(&connection, key, "/webhook")?;
        let body = wire::SetWebhook { url: change.url.trim(), enabled: change.enabled };
        let webhook = self.ask(&connection, Method::PUT, &path, Some(&body)).await?;
        self.take_in_webhook(id, key, webhook).await
    }

    /// Has the platform send a test event.
    ///
    /// # Errors
    /// The platform's words.
    pub async fn test_dashboard_webhook(&self, id: &str, key: &str) -> Result<(), AppError> {
        let connection = self.find_dashboard(id)?;
        let path = self.key_path(&connection, key, "/webhook/test")?;
        self.tell(&connection, Method::POST, &path).await
    }

    /// A webhook's signing secret, to be copied.
    ///
    /// # Errors
    /// `not_kept` where this computer has none.
    pub async fn signing_secret(&self, id: &str, key: &str) -> Result<SecretText, AppError> {
        let none = "This computer does not hold the signing secret, which the platform told once.";
        let secret = self.safe.get(&signing_account(id, key)).await?;
        secret.ok_or_else(|| AppError::saying(Fault::NotKept, none))
    }

    /// # Errors
    /// The platform's words.
    pub async fn get_dashboard_usage(&self, id: &str) -> Result<DashboardUsage, AppError> {
        let connection = self.find_dashboard(id)?;
        let path = &self.documented(&connection.platform)?.1.usage;
        let usage: wire::Usage = self.ask(&connection, Method::GET, path, NOTHING).await?;
        let used =
            |used: wire::Used| DashboardUsed { requests: used.requests, credits: used.credits };
        let mut daily: Vec<_> = usage
            .daily
            .into_iter()
            .map(|day| DashboardDay { date: day.date, live: used(day.live), test: used(day.test) })
            .collect();
        daily.sort_by_key(|day| day.date);
        let (from, to) = (usage.from, usage.to);
        Ok(DashboardUsage { from, to, live: used(usage.live), test: used(usage.test), daily })
    }

    /// # Errors
    /// The platform's words.
    pub async fn get_dashboard_top_up(&self, id: &str) -> Result<DashboardTopUp, AppError> {
        let connection = self.find_dashboard(id)?;
        let path = &self.documented(&connection.platform)?.1.auto_topup;
        Ok(self.ask::<wire::TopUp>(&connection, Method::GET, path, NOTHING).await?.into())
    }

    /// # Errors
    /// The platform's words.
    pub async fn update_dashboard_top_up(
        &self,
        id: &str,
        rule: &DashboardTopUp,
    ) -> Result<DashboardTopUp, AppError> {
        let connection = self.find_dashboard(id)?;
        let path = &self.documented(&connection.platform)?.1.auto_topup;
        let DashboardTopUp { enabled, amount, threshold } = *rule;
        let body = wire::TopUp { enabled, amount, threshold };
        Ok(self.ask::<wire::TopUp>(&connection, Method::PUT, path, Some(&body)).await?.into())
    }

    fn keys_path(&self, connection: &DashboardConnection) -> Result<&str, AppError> {
        Ok(&self.documented(&connection.platform)?.1.keys)
    }

    fn key_path(
        &self,
        connection: &DashboardConnection,
        key: &str,
        below: &str,
    ) -> Result<String, AppError> {
        let gone = || AppError::saying(Fault::NotKept, "The platform has no such key.");
        let key = plain(key.to_owned()).ok_or_else(gone)?;
        Ok(format!("{}/{key}{below}", self.keys_path(connection)?))
    }

    /// Keeps the signing secret where the answer has it in full.
    async fn take_in_webhook(
        &self,
        id: &str,
        key: &str,
        webhook: wire::Webhook,
    ) -> Result<DashboardWebhook, AppError> {
        if let Some(secret) = webhook.secret.as_ref().filter(|secret| is_whole(secret)) {
            self.safe.keep(signing_account(id, key), secret).await;
            self.change_dashboard(id, |known| {
                known.signing_secrets.retain(|known| known != key);
                known.signing_secrets.push(key.to_owned());
            })?;
        }
        let end = webhook.secret.as_ref().map(|secret| last4(secret.expose()));
        Ok(DashboardWebhook {
            url: webhook.url,
            enabled: webhook.enabled,
            secret_held: self.holds_signing_secret(id, key, end.as_deref()).await?,
            secret_last4: end,
        })
    }

    /// Whether a signing secret with this end is kept here. A keychain that is locked is believed.
    async fn holds_signing_secret(
        &self,
        id: &str,
        key: &str,
        end: Option<&str>,
    ) -> Result<bool, AppError> {
        let known = self.find_dashboard(id)?.signing_secrets.iter().any(|known| known == key);
        let (true, Some(end)) = (known, end) else { return Ok(false) };
        let held = self.safe.get(&signing_account(id, key)).await;
        Ok(held.map_or(true, |held| held.is_some_and(|held| last4(held.expose()) == end)))
    }

    async fn forget_key(&self, id: &str, key: &str) -> Result<(), AppError> {
        self.safe.remove(&signing_account(id, key)).await?;
        self.change_dashboard(id, |known| known.signing_secrets.retain(|known| known != key))?;
        let by = Some(IssuedBy { dashboard: id.to_owned(), key: key.to_owned() });
        let held = self.settings.connections().into_iter().find(|held| held.issued_by == by);
        match held {
            Some(held) => self.remove(&held.id).await,
            None => Ok(()),
        }
    }
}

/// An id that can stand in a path as it is.
fn plain(id: String) -> Option<String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    ((1..=64).contains(&id.len()) && id.bytes().all(good)).then_some(id)
}

fn is_whole(secret: &SecretText) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte);
    secret.expose().len() >= SHORTEST_SECRET && secret.expose().bytes().all(good)
}

/// The answer with the key may be what was lost.
fn unseen(error: AppError) -> AppError {
    let unknown = [Fault::PlatformNotReached, Fault::UnexpectedAnswer]
        .iter()
        .any(|fault| AppError::from(*fault).code == error.code);
    if !unknown {
        return error;
    }
    let message = format!(
        "{} A key may have been created unseen: look for it in the list and revoke it.",
        error.message
    );
    AppError { message, ..error }
}

/// The platform has made a key that this app does not take for one.
fn unkept(error: AppError) -> AppError {
    if error.fields.is_empty() {
        return error;
    }
    let message = "The platform created a key of a form that is not known here, so it was not kept. Revoke it in the list.";
    AppError::saying(Fault::UnexpectedAnswer, message)
}

impl From<wire::TopUp> for DashboardTopUp {
    fn from(wire::TopUp { enabled, amount, threshold }: wire::TopUp) -> Self {
        Self { enabled, amount, threshold }
    }
}
