//! Changes under a repeat key: done once, told again as they were told first.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use latchkey_store::{Answer, Repeat, Written};

use super::{book, lists};
use crate::{
    gateway::{Call, Refusal, Reply, Unbroken},
    webhooks,
};

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Runs `work`, which makes its change in one transaction with its answer, or answers what was
/// answered before under the same repeat key, whatever the request says. A refused request has
/// done nothing and leaves its key free.
///
/// A caller that hangs up breaks nothing off: what was begun ends, and is told to those who listen.
pub async fn once<Work, Done>(call: Call, work: Work) -> Result<Reply, Refusal>
where
    Work: FnOnce(Call, Option<Repeat>) -> Done + Send + 'static,
    Done: Future<Output = Result<Written, Refusal>> + Send + 'static,
{
    Unbroken::new(run(call, work)).await
}

async fn run<Work, Done>(call: Call, work: Work) -> Result<Reply, Refusal>
where
    Work: FnOnce(Call, Option<Repeat>) -> Done + Send + 'static,
    Done: Future<Output = Result<Written, Refusal>> + Send + 'static,
{
    let (mount, key) = (call.mount.clone(), Arc::clone(&call.key));
    // Held until the outcome is known: a repetition is refused meanwhile.
    let claim = call.claim()?;
    let mut repeat = None;
    if let Some(claim) = &claim {
        let store = &call.context().store;
        if let Some(answer) = store.get_answer(&book(&call), claim.key(), call.now).await? {
            return Ok(replay(answer));
        }
        let (key, expires_at) = (claim.key().to_owned(), claim.expires_at(call.now));
        repeat = Some(Repeat { key, expires_at });
    }
    let written = work(call, repeat).await?;
    drop(claim);
    match written {
        Written::Done { answer, tells } => {
            if tells {
                let key = &key.row;
                webhooks::deliveries::announce(mount.context(), &key.partner_id, &key.platform);
            }
            Ok(lists::respond(answer).into())
        }
        Written::Replayed(answer) => Ok(replay(answer)),
        Written::ExternalIdTaken => {
            Err(Refusal::unprocessable("external_id", "is another customer's already"))
        }
        Written::Archived => Err(Refusal::unprocessable("id", "is of an archived customer")),
        // It was found a moment ago, and customers are never deleted.
        Written::Absent => Err(Refusal::Internal { cause: "a customer has vanished".to_owned() }),
    }
}

fn replay(answer: Answer) -> Reply {
    let mut response = lists::respond(answer);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response.into()
}
