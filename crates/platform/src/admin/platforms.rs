use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{header, request::Parts},
};
use latchkey_contract::{
    Page,
    platforms::{Account, Platform, UpdateAccount},
};
use latchkey_store::AccountRow;

use super::{
    body::{Body, IfMatch},
    fault::{Code, Fault},
    openapi::Problems,
    versioned::Versioned,
    viewer::Viewer,
};
use crate::{
    Context,
    credits::{self, AccountError},
    partners::list_accounts,
};

impl From<AccountError> for Fault {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid(errors) => Self::invalid(errors),
            AccountError::Absent => Self::not_found("account"),
            AccountError::Stale => Self::new(
                Code::StaleVersion,
                "The account was changed in the meantime. Load it again and repeat your change.",
            ),
            AccountError::Store(error) => error.into(),
        }
    }
}

/// Where the caller reaches this server: scheme and host, without a trailing slash.
pub struct Origin(String);

impl FromRequestParts<Context> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        context: &Context,
    ) -> Result<Self, Self::Rejection> {
        if let Some(url) = &context.config.public_url {
            return Ok(Self(url.as_str().trim_end_matches('/').to_owned()));
        }
        let plausible = |host: &&str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
            !host.is_empty() && host.bytes().all(allowed)
        };
        let named = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = named.filter(plausible).map(str::to_owned);
        let host = host.unwrap_or_else(|| context.config.listen.to_string());
        Ok(Self(format!("http://{host}")))
    }
}

/// List platforms
///
/// Every platform of this server, as its manifest describes it, with the partner's account.
#[utoipa::path(
    get, path = "/platforms", tag = "platforms", security(("session" = [])),
    responses((status = 200, description = "All of them", body = Page<Platform>), Problems)
)]
pub async fn list_platforms(
    State(context): State<Context>,
    viewer: Viewer,
    Origin(origin): Origin,
) -> Result<Json<Page<Platform>>, Fault> {
    let accounts = list_accounts(&context, viewer.partner()).await?;
    let described = context.manifests.iter().filter_map(|manifest| {
        let account = accounts.iter().find(|account| account.platform == manifest.slug)?;
        Some(manifest.describe(&origin, describe(account)))
    });
    Ok(Json(Page { data: described.collect(), next_cursor: None }))
}

/// Change an account
///
/// Threshold and top-up rule hold from the very next charge on.
#[utoipa::path(
    patch, path = "/platforms/{slug}/account", tag = "platforms", security(("session" = [])),
    request_body = UpdateAccount,
    params(
        ("slug" = String, Path, description = "The platform's slug"),
        ("If-Match" = String, Header, description = "The account's `version` in quotes"),
    ),
    responses((status = 200, description = "As it is now", body = Account, headers(("ETag" = String, description = "The version, for `If-Match`"))), Problems)
)]
pub async fn update_account(
    State(context): State<Context>,
    viewer: Viewer,
    Path(slug): Path<String>,
    IfMatch(version): IfMatch,
    Body(request): Body<UpdateAccount>,
) -> Result<Versioned<Account>, Fault> {
    let (partner, author) = (viewer.partner(), viewer.0.author());
    let changed =
        credits::update_account(&context, partner, &slug, version, request, &author).await?;
    Ok(Versioned(describe(&changed)))
}

fn describe(row: &AccountRow) -> Account {
    Account {
        balance: row.balance,
        held: row.held,
        live_enabled: row.live_enabled,
        suspended_at: row.suspended_at,
        ip_entries: row.ip_entries.clone(),
        low_balance: row.low_balance,
        top_up: row.top_up,
        credit_line: row.credit_line,
        owed: row.owed,
        version: row.version,
    }
}
