use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use latchkey_contract::{
    events::Topic,
    partners::{Me, UpdateMe},
};

use sha2::{Digest, Sha256};

use super::{
    body::{Body, KnownTag},
    fault::{Code, Fault},
    openapi::Problems,
    viewer::{Peer, Viewer},
};
use crate::{
    Context,
    input::Faults,
    sessions::{change_password, describe_me},
};

/// A member and its partner; neither counts its changes, so the `ETag` is made of what they say.
pub struct Tagged(Me);

impl IntoResponse for Tagged {
    fn into_response(self) -> Response {
        let etag = [(header::ETAG, format!("\"{}\"", tag(&self.0)))];
        (etag, Json(self.0)).into_response()
    }
}

fn tag(me: &Me) -> String {
    let said = [me.partner.name.as_str(), me.member.email.as_str()];
    let digest = Sha256::digest(said.join("\n"));
    hex::encode(&digest[..8])
}

/// Who am I
#[utoipa::path(
    get, path = "/me", tag = "me", security(("session" = [])),
    responses(
        (status = 200, description = "Partner and member", body = Me, headers(("ETag" = String, description = "For `If-Match`"))),
        Problems
    )
)]
pub async fn get_me(Viewer(me): Viewer) -> Tagged {
    Tagged(describe_me(&me.partner, &me.member))
}

/// Change name or password
///
/// A new password needs the current one and ends the member's other sessions.
#[utoipa::path(
    patch, path = "/me", tag = "me", security(("session" = [])), request_body = UpdateMe,
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of what was read; a stale one is 412")),
    responses(
        (status = 200, description = "As it is now", body = Me, headers(("ETag" = String, description = "For `If-Match`"))),
        Problems
    )
)]
pub async fn update_me(
    State(context): State<Context>,
    Viewer(mut me): Viewer,
    peer: Peer,
    KnownTag(known): KnownTag,
    Body(request): Body<UpdateMe>,
) -> Result<Tagged, Fault> {
    if known.is_some_and(|known| known != tag(&describe_me(&me.partner, &me.member))) {
        let detail = "The name was changed in the meantime. Load it again and repeat your change.";
        return Err(Fault::new(Code::StaleVersion, detail));
    }
    let context = context.by(me.author());
    let mut faults = Faults::default();
    let name = request.partner_name.map(|name| faults.name("/partner_name", &name));
    faults.finish().map_err(Fault::invalid)?;
    if let Some(password) = &request.password {
        let current = request.current_password.as_ref();
        change_password(&context, &me, current, password, peer.address).await?;
    }
    if let Some(name) = name {
        let renamed =
            context.store.rename_partner(&me.partner.id, &name, context.clock.now()).await?;
        me.partner = renamed.ok_or_else(|| Fault::not_found("partner"))?;
    }
    context.live.announce(&me.partner.id, Topic::Me, None);
    Ok(Tagged(describe_me(&me.partner, &me.member)))
}
