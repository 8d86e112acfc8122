//! Partners: signing up, with an account on every platform from the start.

use latchkey_contract::{
    Amount, FieldError, PartnerId, SecretText, events::Topic, partners::CreatePartner,
};
use latchkey_store::{
    AccountRow, Author, NewAccount, NewMember, NewPartner, PartnerCreated, StoreError,
};

use crate::{
    Context,
    input::Faults,
    manifest::Manifest,
    sessions::{PasswordContext, SessionError, password_fault},
    webhooks::{SealError, endpoints::request_endpoint},
};

/// Why a partner was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreatePartnerError {
    #[error("some fields are not as they must be")]
    Invalid(Vec<FieldError>),
    #[error("this email address has an account already")]
    EmailTaken,
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for CreatePartnerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::EmailTaken => Self::EmailTaken,
            error => Self::Store(error),
        }
    }
}

/// Creates a partner with its first member, its accounts and their welcome credits.
///
/// # Errors
/// All fields at fault at once, or that the address is taken.
pub async fn create_partner(
    context: &Context,
    request: &CreatePartner,
    author: Author,
) -> Result<PartnerCreated, CreatePartnerError> {
    let (name, email) = checked(request).map_err(CreatePartnerError::Invalid)?;
    let password_hash = context.sessions.hash_password(&request.password, &context.entropy).await?;
    let now = context.clock.now();
    let id: PartnerId = context.entropy.id(now);
    let member = NewMember { id: context.entropy.id(now), email, password_hash };
    let accounts = context.manifests.iter().map(|manifest| new_account(context, &id, manifest));
    let accounts = accounts.collect::<Result<_, _>>()?;
    let new = NewPartner { id, name, member, accounts, author, now };
    Ok(context.store.create_partner(new).await?)
}

/// The partner's accounts on all platforms; opens the one on a platform that came later.
///
/// # Errors
/// What the store says, or that a signing secret could not be sealed.
pub async fn list_accounts(
    context: &Context,
    partner: &PartnerId,
) -> Result<Vec<AccountRow>, CreatePartnerError> {
    let mut accounts = context.store.list_accounts(partner).await?;
    let has = |accounts: &[AccountRow], slug: &str| accounts.iter().any(|a| a.platform == slug);
    if context.manifests.iter().all(|manifest| has(&accounts, &manifest.slug)) {
        return Ok(accounts);
    }
    for manifest in context.manifests.iter() {
        if !has(&accounts, &manifest.slug) {
            let account = new_account(context, partner, manifest)?;
            context.store.add_account(partner, account, context.clock.now()).await?;
            context.live.announce(partner, Topic::Accounts, Some(&manifest.slug));
        }
    }
    accounts = context.store.list_accounts(partner).await?;
    Ok(accounts)
}

pub(crate) fn new_account(
    context: &Context,
    partner: &PartnerId,
    manifest: &Manifest,
) -> Result<NewAccount, SealError> {
    let welcome = Some(context.config.welcome_grant).filter(|grant| *grant > Amount::ZERO);
    Ok(NewAccount {
        platform: manifest.slug.clone(),
        live_enabled: manifest.live_from_start,
        welcome,
        endpoint: request_endpoint(context, partner, manifest)?,
    })
}

/// Name and address as they are kept.
fn checked(request: &CreatePartner) -> Result<(String, String), Vec<FieldError>> {
    let mut faults = Faults::default();
    let name = faults.name("/name", &request.name);
    let email = request.email.trim();
    faults.require(
        is_email(email),
        "/email",
        "must be an email address such as name@example.com, of at most 254 characters",
    );
    check_password(&mut faults, &request.password, email, &name);
    faults.finish()?;
    Ok((name, email.to_owned()))
}

fn check_password(faults: &mut Faults, password: &SecretText, email: &str, partner_name: &str) {
    if let Some(fault) = password_fault(password, &PasswordContext { email, partner_name }) {
        faults.add("/password", fault);
    }
}

/// Enough to catch a slip; whether mail arrives there only mail can tell.
pub(crate) fn is_email(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    text.len() <= 254
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.chars().all(plain)
                && domain.chars().all(plain)
                && domain.split('.').all(|label| !label.is_empty())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_in_an_address_are_caught() {
        for good in ["a@b", "jane.doe+keys@sub.example.com", "søren@eksempel.dk"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["", "jane", "@example.com", "jane@", "jane@@x.com", "ja ne@x.com", "jane@x..com"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
