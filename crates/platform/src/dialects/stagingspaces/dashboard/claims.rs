//! `/api/v1/claim`: an agent redeems a claim code and has the pictures from then on.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::events::Topic;
use latchkey_store::{ClaimRow, Claimant, JobRow, JobState, NewEvent, StoreError};
use serde_json::{Value, json};

use super::super::{
    super::timestamp,
    bodies, claim_code,
    errors::flat,
    order::{Order, Work},
};
use crate::{
    Context,
    gateway::{Fields, MemberCall, Refusal},
    sessions::SessionError,
    webhooks::{self, Occurred},
};

/// How long a code is good for.
const LASTS: TimeDelta = TimeDelta::days(30);
const DAY: i64 = 24 * 60 * 60;

/// A code with the job it is for, which has succeeded.
struct Found {
    claim: ClaimRow,
    job: JobRow,
    order: Order,
    expires_at: DateTime<Utc>,
}

/// `POST /api/v1/claim/preview`
pub async fn preview(mut call: MemberCall) -> Result<Response, Refusal> {
    let code = match read_code(&mut call).await? {
        Ok(code) => code,
        Err(refused) => return Ok(refused),
    };
    let found = find(&call, &code).await?;
    let expires_at = found.as_ref().map(|found| found.expires_at);
    let is_claimed = found.as_ref().is_some_and(|found| found.claim.claimed_at.is_some());
    let open = expires_at.is_some_and(|expires_at| expires_at > call.now);
    Ok(Json(json!({
        "valid": open && !is_claimed,
        "code": code,
        "image_count": u8::from(found.is_some()),
        "is_claimed": is_claimed,
        "expires_at": expires_at.map(timestamp),
        "days_until_expiry": expires_at.map(|expires_at| days_until(expires_at, call.now)),
    }))
    .into_response())
}

/// `POST /api/v1/claim`: free, and once.
pub async fn redeem(mut call: MemberCall) -> Result<Response, Refusal> {
    let code = match read_code(&mut call).await? {
        Ok(code) => code,
        Err(refused) => return Ok(refused),
    };
    let Some(found) = find(&call, &code).await? else {
        let message = format!("There is no claim code `{code}`. Check that it was copied whole.");
        return Ok(flat(StatusCode::NOT_FOUND, "not_found", &message));
    };
    if found.claim.claimed_at.is_some() {
        return Ok(claimed_already(&code));
    }
    if found.expires_at <= call.now {
        let ended = timestamp(found.expires_at);
        let message = format!("The claim code `{code}` expired on {ended}. Ask for a new one.");
        return Ok(flat(StatusCode::GONE, "claim_expired", &message));
    }
    let context = call.context();
    let by = Claimant {
        author: call.by.author(),
        partner_id: call.partner().clone(),
        email: call.by.member.email.clone(),
    };
    let event = redeemed(context, &found, &by, call.now).await?;
    let tells = !event.deliveries.is_empty();
    let claim = &found.claim;
    let redeemed =
        context.store.redeem_claim(&claim.platform, &code, &by, Some(event), call.now).await?;
    if redeemed.is_none() {
        return Ok(claimed_already(&code));
    }
    if tells {
        webhooks::deliveries::announce(context, &claim.partner_id, &claim.platform);
    }
    context.live.announce(&claim.partner_id, Topic::Audit, Some(&claim.platform));
    Ok(Json(json!({
        "success": true,
        "code": code,
        "image_count": 1,
        "images": [image(&found)],
        "claimed_at": timestamp(call.now),
    }))
    .into_response())
}

/// The code of the body; the inner error is an answer already. Looks are counted, so that nobody
/// tries many.
async fn read_code(call: &mut MemberCall) -> Result<Result<String, Response>, Refusal> {
    if let Err(error) = call.context().sessions.admit_code(&call.by.member.id) {
        return Ok(Err(too_many(&error)));
    }
    let body = call.object().await?;
    let fields = Fields::of_body(&body);
    let text = fields.required("code", fields.text("code")?)?;
    let must = "must be `SS-` and six letters or digits";
    claim_code::parse(text).map(Ok).map_or_else(|| fields.wrong("code", must), Ok)
}

fn too_many(error: &SessionError) -> Response {
    let seconds = match error {
        SessionError::TooManyAttempts { retry_after } => retry_after.as_secs() + 1,
        _ => 60,
    };
    let message = format!("Too many claim codes were tried. Try again in {seconds} s.");
    let refused = flat(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", &message);
    ([(header::RETRY_AFTER, seconds.to_string())], refused).into_response()
}

fn claimed_already(code: &str) -> Response {
    let message = format!("The claim code `{code}` was redeemed already. Ask for a new one.");
    flat(StatusCode::CONFLICT, "already_claimed", &message)
}

/// A code is known once its job has succeeded.
async fn find(call: &MemberCall, code: &str) -> Result<Option<Found>, StoreError> {
    let (store, platform) = (&call.context().store, &call.manifest().slug);
    let Some(claim) = store.get_claim(platform, code).await? else { return Ok(None) };
    let job = store.get_job(&claim.partner_id, platform, &claim.job_id).await?;
    let Some(job) = job.filter(|job| job.state == JobState::Succeeded) else { return Ok(None) };
    let (Some(order), Some(finished_at)) = (Order::of_job(&job), job.finished_at) else {
        return Ok(None);
    };
    Ok(Some(Found { claim, job, order, expires_at: finished_at + LASTS }))
}

fn image(found: &Found) -> Value {
    let mut image = json!({ "image_url": bodies::image_url(&found.job, &found.order) });
    if let Work::Stage { style, room_type, .. } = &found.order.work {
        image["style"] = json!(style);
        image["room_type"] = json!(room_type);
    }
    image
}

/// `claim.redeemed`, told to whoever had the picture made.
async fn redeemed(
    context: &Context,
    found: &Found,
    by: &Claimant,
    now: DateTime<Utc>,
) -> Result<NewEvent, StoreError> {
    const TYPE: &str = "claim.redeemed";
    let Found { claim, job, .. } = found;
    let data = json!({ "claim_code": claim.code, "claimed_by_email": by.email });
    let occurred = Occurred {
        partner: &claim.partner_id,
        platform: &claim.platform,
        event_type: TYPE,
        key: Some(&job.key_id),
        request_url: None,
    };
    let deliveries = webhooks::deliveries_for(context, occurred).await?;
    Ok(NewEvent {
        id: context.entropy.id(now),
        event_type: TYPE.to_owned(),
        environment: job.environment,
        subject: job.id.clone(),
        body: bodies::event(TYPE, now, data).body,
        deliveries,
    })
}

/// Whole days, begun ones too.
fn days_until(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let seconds = (expires_at - now).num_seconds().max(0);
    (seconds + DAY - 1) / DAY
}
