use axum::{Json, extract::State};
use chrono::Datelike;
use latchkey_contract::{
    FieldError, KeyId, Page,
    keys::{CreateKey, IssuedKey, Key, KeyQuery, UpdateKey},
};

use super::{
    body::{Body, Id, IfMatch, Params, check_page_limit, check_platform},
    fault::{Code, Fault},
    once::{Once, RepeatKey, once},
    openapi::Problems,
    versioned::Versioned,
    viewer::Viewer,
};
use crate::{
    Context,
    keys::{self, KeyError, describe_key, describe_keys},
};

impl From<KeyError> for Fault {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Invalid(errors) => Self::invalid(errors),
            KeyError::Absent => Self::not_found("key"),
            KeyError::Stale => Self::new(
                Code::StaleVersion,
                "The key was changed in the meantime. Load it again and repeat your change.",
            ),
            KeyError::Revoked => Self::new(
                Code::KeyRevoked,
                "The key is revoked for good and cannot be changed. Create a new one.",
            ),
            KeyError::Store(error) => error.into(),
        }
    }
}

/// Create a key
///
/// The answer is the only one that ever holds the key. A repetition with the same
/// `Idempotency-Key` gets the same answer with `secret: null`.
#[utoipa::path(
    post, path = "/keys", tag = "keys", security(("session" = [])), request_body = CreateKey,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the call safe to repeat for 24 hours")),
    responses((status = 201, description = "Created", body = IssuedKey), Problems)
)]
pub async fn create_key(
    State(context): State<Context>,
    viewer: Viewer,
    repeat: RepeatKey,
    Body(request): Body<CreateKey>,
) -> Result<Once<IssuedKey>, Fault> {
    check_expiry(&request)?;
    let work = {
        let (context, by, request) = (context.clone(), viewer.0.clone(), request.clone());
        async move { Ok(keys::issue_key(&context, &by, request).await?) }
    };
    once(&context, &viewer, repeat, ("create_key", &request), work).await
}

/// RFC 3339, in which the answer tells it, has years of four digits.
fn check_expiry(request: &CreateKey) -> Result<(), Fault> {
    if request.expires_at.is_none_or(|at| at.year() <= 9999) {
        return Ok(());
    }
    let (pointer, detail) = ("/expires_at".to_owned(), "must lie before the year 10000".to_owned());
    Err(Fault::invalid(vec![FieldError { pointer, detail }]))
}

/// List keys
///
/// By platform, then the newest first.
#[utoipa::path(
    get, path = "/keys", tag = "keys", security(("session" = [])), params(KeyQuery),
    responses((status = 200, description = "One page", body = Page<Key>), Problems)
)]
pub async fn list_keys(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<KeyQuery>,
) -> Result<Json<Page<Key>>, Fault> {
    check_page_limit(query.limit)?;
    check_platform(&context, query.platform.as_deref())?;
    let page = context.store.list_keys(viewer.partner(), &query).await?;
    let data = describe_keys(&context, viewer.partner(), page.data).await?;
    Ok(Json(Page { data, next_cursor: page.next_cursor }))
}

/// Get a key
#[utoipa::path(
    get, path = "/keys/{id}", tag = "keys", security(("session" = [])),
    params(("id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "The key without its secret part", body = Key), Problems)
)]
pub async fn get_key(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<KeyId>,
) -> Result<Versioned<Key>, Fault> {
    let row = context.store.get_key(viewer.partner(), &id).await?.ok_or(KeyError::Absent)?;
    Ok(Versioned(describe_key(&context, row).await?))
}

/// Change a key
///
/// Holds from the very next request with the key.
#[utoipa::path(
    patch, path = "/keys/{id}", tag = "keys", security(("session" = [])), request_body = UpdateKey,
    params(
        ("id" = String, Path, description = "`key_…`"),
        ("If-Match" = String, Header, description = "The key's `ETag`"),
    ),
    responses((status = 200, description = "As it is now", body = Key), Problems)
)]
pub async fn update_key(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<KeyId>,
    IfMatch(version): IfMatch,
    Body(request): Body<UpdateKey>,
) -> Result<Versioned<Key>, Fault> {
    let key = keys::update_key(&context, viewer.partner(), &id, version, request).await?;
    Ok(Versioned(key))
}

/// Revoke a key
///
/// For good, from the very next request with it. Repeating the call changes nothing.
#[utoipa::path(
    post, path = "/keys/{id}/revoke", tag = "keys", security(("session" = [])),
    params(("id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "Revoked", body = Key), Problems)
)]
pub async fn revoke_key(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<KeyId>,
) -> Result<Versioned<Key>, Fault> {
    Ok(Versioned(keys::revoke_key(&context, &viewer.0, &id).await?))
}
