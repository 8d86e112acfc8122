//! StagingSpaces: photos of rooms, staged, enhanced and furnished while the caller waits; claim
//! codes for those the pictures are for; and a dashboard that its members call with an identity
//! token.

mod bodies;
mod claim_code;
mod dashboard;
mod errors;
mod order;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    response::{IntoResponse, Response},
    routing::{self, MethodFilter},
};
use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PrefixedId, RequestId};
use latchkey_store::{AccountEvent, JobRow};
use serde_json::{Map, Value, json};

use self::{
    bodies::credits,
    order::{FILES, Order, Work, check_photos, has_product, read_staging},
};
use super::{Dialect, Drawing, Event};
use crate::{
    gateway::{Call, FilesFor, Form, Mount, Refusal, Reply, Submission, call},
    jobs::{self, Job, Stored, Uploads},
    webhooks::endpoints::PING,
};

/// How long a call may take with its upload: less than the server lets a connection go without an
/// answer.
const PATIENCE: Duration = Duration::from_secs(50);

pub struct StagingSpaces;

impl Dialect for StagingSpaces {
    fn routes(&self) -> Router<Mount> {
        use MethodFilter as On;
        Router::new()
            .route("/stage", call(On::POST, "stage", stage))
            .route("/enhance", call(On::POST, "enhance", enhance))
            .route("/place-products", call(On::POST, "place-products", place_products))
            .route("/credits", call(On::GET, "credits.read", read_credits))
            .merge(dashboard::routes())
    }

    fn other_routes(&self) -> Router<Mount> {
        Router::new().route("/api/health", routing::get(async || Json(json!({ "status": "ok" }))))
    }

    fn takes_members(&self) -> bool {
        true
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &RequestId) -> Response {
        errors::answer(refusal)
    }

    fn drawings(&self, job: &JobRow, uploads: &Uploads) -> Vec<Drawing> {
        let drawing = Order::of_job(job).and_then(|order| order.drawing(job, uploads));
        drawing.into_iter().collect()
    }

    fn upload_fields(&self) -> &'static [&'static str] {
        FILES
    }

    fn output(&self, _job: &JobRow, kept: &[Stored], _now: DateTime<Utc>) -> Value {
        json!({ "path": kept.first().map(|medium| &medium.path) })
    }

    fn failure(&self) -> (&'static str, &'static str) {
        ("processing_failed", "The picture could not be made. Nothing was charged; try again.")
    }

    fn failure_of_upload(&self) -> (&'static str, &'static str) {
        (bodies::UNREADABLE, "`image` is damaged or cut off. Nothing was charged; send it whole.")
    }

    fn event(&self, job: &JobRow) -> Option<Event<'_>> {
        bodies::staging_complete(job)
    }

    fn account_event(&self, event: &AccountEvent<'_>) -> Option<Event<'_>> {
        bodies::account_event(event)
    }

    fn ping(&self, now: DateTime<Utc>) -> Option<String> {
        Some(bodies::event(PING, now, json!({ "message": "This is a test." })).body)
    }

    fn balance_teller(&self) -> Option<fn(&mut Event<'_>, Amount)> {
        Some(bodies::tell_balance)
    }
}

/// `POST /api/v1/stage`
async fn stage(mut call: Call) -> Result<Reply, Refusal> {
    let (job_id, form) = read_form(&mut call).await?;
    let (style, room_type) = read_staging(&form)?;
    check_photos(&form).await?;
    let key = &call.key.row;
    let claim_code =
        claim_code::reserve(call.context(), &key.partner_id, &key.platform, &job_id).await?;
    let work = Work::Stage { style, room_type, claim_code };
    let made = make(&call, &job_id, form, work).await;
    if made.is_err() {
        call.context().store.drop_claim(&key.partner_id, &job_id).await?;
    }
    made
}

/// `POST /api/v1/enhance`
async fn enhance(mut call: Call) -> Result<Reply, Refusal> {
    let (job_id, form) = read_form(&mut call).await?;
    check_photos(&form).await?;
    make(&call, &job_id, form, Work::Enhance).await
}

/// `POST /api/v1/place-products`
async fn place_products(mut call: Call) -> Result<Reply, Refusal> {
    let (job_id, form) = read_form(&mut call).await?;
    check_photos(&form).await?;
    let product = has_product(&form);
    make(&call, &job_id, form, Work::PlaceProduct { product }).await
}

async fn read_form(call: &mut Call) -> Result<(String, Form), Refusal> {
    let id: RequestId = call.context().entropy.id(call.now);
    let job_id = format!("stg_{}", id.as_str().trim_start_matches("req_"));
    let form = call.form(FilesFor { job_id: &job_id, fields: FILES }).await?;
    Ok((job_id, form))
}

/// Charges, has the picture made, and answers with it.
async fn make(call: &Call, job_id: &str, form: Form, work: Work) -> Result<Reply, Refusal> {
    let price = call.manifest().operation(&call.operation).and_then(|operation| operation.price);
    let order = Order { origin: call.origin(), work };
    let submission = Submission {
        job_id: job_id.to_owned(),
        price: price.map_or(Amount::ZERO, |price| price.amount()),
        request: order.to_json(),
        webhook_url: None,
        mock: None,
    };
    // The job may be taken up before the charge is answered.
    form.keep_files();
    let accepted = match call.charge(None, &Map::new(), submission).await {
        Ok(accepted) => accepted,
        Err(refusal) => {
            call.context().jobs.uploads().remove(job_id, FILES).await;
            return Err(refusal);
        }
    };
    let ended = wait(call, &accepted.job).await?;
    Ok(accepted.reply(bodies::made(&ended, &order)))
}

/// Waits for the end of a job. What takes too long, or longer than the server runs, is given up,
/// so that nobody pays for what was not told. A caller that hangs up is not waited for: its job
/// goes on, and its webhook tells what became of it.
async fn wait(call: &Call, job: &Arc<Job>) -> Result<JobRow, Refusal> {
    let context = call.context();
    let taken = (context.clock.now() - call.now).to_std().unwrap_or_default();
    tokio::select! {
        ended = context.jobs.wait(job) => return Ok(ended?.row.clone()),
        () = tokio::time::sleep(PATIENCE.saturating_sub(taken)) => {}
        () = context.stopping.cancelled() => {}
    }
    Ok(jobs::cancel(context, call.mount.dialect(), &job.row).await?)
}

/// `GET /api/v1/credits`
async fn read_credits(call: Call) -> Result<Reply, Refusal> {
    let key = &call.key.row;
    let account = call.context().store.get_account(&key.partner_id, &key.platform).await?;
    let gone = || Refusal::Internal { cause: "a key without its account".to_owned() };
    let account = account.ok_or_else(gone)?;
    Ok(Json(json!({
        "credits": credits(account.balance),
        "has_payment_method": account.credit_line > Amount::ZERO,
        "total_purchased": credits(account.purchased),
        "total_used": credits(account.captured),
    }))
    .into_response()
    .into())
}
