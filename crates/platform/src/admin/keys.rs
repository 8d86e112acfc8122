use axum::{Json, extract::State};
use latchkey_contract::{
    KeyId, Page,
    keys::{
        CreateKey, CutOver, IssuedKey, Key, KeyCount, KeyQuery, RotateKey, RotatedKey, UpdateKey,
    },
};

use super::{
    body::{Body, Id, IfMatch, OptionalBody, Params, check_page_limit, check_platform},
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
            KeyError::Expired => Self::new(
                Code::KeyExpired,
                "The key works no longer. Rotate the key that replaced it, give it a later expiry, \
                 or create a new one.",
            ),
            KeyError::RotationInProgress => Self::new(
                Code::RotationInProgress,
                "The key was rotated, and the old key still works. End its grace first, or send \
                 `force` to end it now and rotate the newer key.",
            ),
            KeyError::NotRotated => Self::new(
                Code::NotRotated,
                "The key was not rotated and replaces no other. Rotate it first.",
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
    responses((status = 201, description = "Created", body = IssuedKey, headers(
            ("Location" = String, description = "Where it is found"),
            ("Idempotent-Replayed" = Option<String>, description = "`true` where it is the answer to an earlier request with the same key")
        )), Problems)
)]
pub async fn create_key(
    State(context): State<Context>,
    viewer: Viewer,
    repeat: RepeatKey,
    Body(request): Body<CreateKey>,
) -> Result<Once<IssuedKey>, Fault> {
    let (by, asked) = (viewer.0.clone(), request.clone());
    let work = |context: Context| async move { Ok(keys::issue_key(&context, &by, asked).await?) };
    once(&context, &viewer, repeat, ("create_key", &request), work).await
}

/// List keys
///
/// By platform, then the newest first, unless `sort` says otherwise. A cursor belongs to the order
/// it came from.
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
    let now = context.clock.now();
    let page = context.store.list_keys(viewer.partner(), &query, now).await?;
    let data = describe_keys(&context, viewer.partner(), page.data).await?;
    Ok(Json(Page { data, next_cursor: page.next_cursor }))
}

/// Count keys
///
/// By platform and environment; where there are none, there is no line.
#[utoipa::path(
    get, path = "/keys/counts", tag = "keys", security(("session" = [])),
    responses((status = 200, description = "All of them", body = Page<KeyCount>), Problems)
)]
pub async fn count_keys(
    State(context): State<Context>,
    viewer: Viewer,
) -> Result<Json<Page<KeyCount>>, Fault> {
    let data = context.store.count_keys(viewer.partner()).await?;
    Ok(Json(Page { data, next_cursor: None }))
}

/// Get a key
#[utoipa::path(
    get, path = "/keys/{id}", tag = "keys", security(("session" = [])),
    params(("id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "The key without its secret part", body = Key, headers(("ETag" = String, description = "The version, for `If-Match`"))), Problems)
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
    responses((status = 200, description = "As it is now", body = Key, headers(("ETag" = String, description = "The version, for `If-Match`"))), Problems)
)]
pub async fn update_key(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<KeyId>,
    IfMatch(version): IfMatch,
    Body(request): Body<UpdateKey>,
) -> Result<Versioned<Key>, Fault> {
    let context = viewer.acting(&context);
    let key = keys::update_key(&context, viewer.partner(), &id, version, request).await?;
    Ok(Versioned(key))
}

/// Revoke a key
///
/// For good, from the very next request with it. Repeating the call changes nothing.
#[utoipa::path(
    post, path = "/keys/{id}/revoke", tag = "keys", security(("session" = [])),
    params(("id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "Revoked", body = Key, headers(("ETag" = String, description = "The version, for `If-Match`"))), Problems)
)]
pub async fn revoke_key(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<KeyId>,
) -> Result<Versioned<Key>, Fault> {
    Ok(Versioned(keys::revoke_key(&viewer.acting(&context), &viewer.0, &id).await?))
}

/// Rotate a key
///
/// Makes a key with the same settings, of which the answer is the only one that ever holds it; the
/// old one works beside it until its grace ends, and says so in `Deprecation` and `Sunset`. While
/// that goes on, another rotation of either is refused unless forced; forced, it ends that grace
/// and rotates the newer key. A repetition with the same `Idempotency-Key` gets the same answer
/// with `secret: null`.
#[utoipa::path(
    post, path = "/keys/{id}/rotate", tag = "keys", security(("session" = [])), request_body = Option<RotateKey>,
    params(
        ("id" = String, Path, description = "`key_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the call safe to repeat for 24 hours"),
    ),
    responses((status = 201, description = "Rotated", body = RotatedKey, headers(
            ("Location" = String, description = "Where it is found"),
            ("Idempotent-Replayed" = Option<String>, description = "`true` where it is the answer to an earlier request with the same key")
        )), Problems)
)]
pub async fn rotate_key(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<KeyId>,
    repeat: RepeatKey,
    OptionalBody(request): OptionalBody<RotateKey>,
) -> Result<Once<RotatedKey>, Fault> {
    let (by, key, asked) = (viewer.0.clone(), id.clone(), request.clone());
    let work =
        |context: Context| async move { Ok(keys::rotate_key(&context, &by, &key, asked).await?) };
    once(&context, &viewer, repeat, ("rotate_key", &(&id, &request)), work).await
}

/// End a rotated key's grace
///
/// Now, from the very next request with it. `id` is that of either key of the rotation; the answer
/// is the old one. Repeating the call changes nothing.
#[utoipa::path(
    post, path = "/keys/{id}/end-grace", tag = "keys", security(("session" = [])),
    params(("id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "The old key", body = Key, headers(("ETag" = String, description = "The version, for `If-Match`"))), Problems)
)]
pub async fn end_grace(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<KeyId>,
) -> Result<Versioned<Key>, Fault> {
    Ok(Versioned(keys::end_grace(&context, &viewer.0, &id).await?))
}

/// Get how far a cut-over has come
///
/// Calls with the old key and with the new one, minute by minute, and whether the old one can go.
/// `id` is that of either.
#[utoipa::path(
    get, path = "/keys/{id}/cut-over", tag = "keys", security(("session" = [])),
    params(("id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "As of now", body = CutOver), Problems)
)]
pub async fn get_cut_over(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<KeyId>,
) -> Result<Json<CutOver>, Fault> {
    Ok(Json(keys::get_cut_over(&context, viewer.partner(), &id).await?))
}
