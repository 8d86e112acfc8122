use axum::{Json, extract::State};
use latchkey_contract::{
    events::Topic,
    partners::{Me, UpdateMe},
};

use super::{
    body::Body,
    fault::Fault,
    openapi::Problems,
    viewer::{Peer, Viewer},
};
use crate::{
    Context,
    input::Faults,
    sessions::{change_password, describe_me},
};

/// Who am I
#[utoipa::path(
    get, path = "/me", tag = "me", security(("session" = [])),
    responses((status = 200, description = "Partner and member", body = Me), Problems)
)]
pub async fn get_me(Viewer(me): Viewer) -> Json<Me> {
    Json(describe_me(&me.partner, &me.member))
}

/// Change name or password
///
/// A new password needs the current one and ends the member's other sessions.
#[utoipa::path(
    patch, path = "/me", tag = "me", security(("session" = [])), request_body = UpdateMe,
    responses((status = 200, description = "As it is now", body = Me), Problems)
)]
pub async fn update_me(
    State(context): State<Context>,
    Viewer(mut me): Viewer,
    peer: Peer,
    Body(request): Body<UpdateMe>,
) -> Result<Json<Me>, Fault> {
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
    Ok(Json(describe_me(&me.partner, &me.member)))
}
