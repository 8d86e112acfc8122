//! `GET /events`: what changes, as it changes.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::Stream;
use latchkey_contract::{
    PartnerId,
    events::{Change, Topic},
};
use latchkey_store::SignedIn;
use tokio::{
    sync::{broadcast, mpsc},
    time::{Instant, sleep_until},
};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};

use super::{openapi::Problems, viewer::Viewer};
use crate::Context;

/// Four a second and topic.
const APART: Duration = Duration::from_millis(250);
/// How long a dead connection, or an expired session, may go unnoticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const SESSION_CHECK: Duration = Duration::from_secs(60);

/// Watch for changes
///
/// Server-sent events: what to ask for again. At most four a second and topic, the last one
/// always sent. The stream ends with the session.
#[utoipa::path(
    get, path = "/events", tag = "events", security(("session" = [])), operation_id = "events",
    responses(
        (status = 200, description = "`event:` is the topic, `data:` a change as JSON", body = Change, content_type = "text/event-stream"),
        Problems
    )
)]
pub async fn watch_events(
    State(context): State<Context>,
    Viewer(me): Viewer,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // One place is enough: what cannot be sent yet waits in the queue, and is merged there.
    let (sender, changes) = mpsc::channel(1);
    let feed = context.live.listen();
    tokio::spawn(Watch { context, me, queue: Queue::default(), sender }.run(feed));
    let events = ReceiverStream::new(changes).map(|change| Ok(to_event(&change)));
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn to_event(change: &Change) -> Event {
    let topic = serde_json::to_value(change.topic).unwrap_or_default();
    let data = serde_json::to_string(change).unwrap_or_default();
    Event::default().event(topic.as_str().unwrap_or_default()).data(data)
}

/// One open stream.
struct Watch {
    context: Context,
    me: SignedIn,
    queue: Queue,
    sender: mpsc::Sender<Change>,
}

impl Watch {
    async fn run(mut self, mut feed: broadcast::Receiver<(PartnerId, Change)>) {
        let stopping = self.context.stopping.clone();
        let mut check_at = Instant::now() + SESSION_CHECK;
        loop {
            let due = self.queue.next_due(Instant::now());
            tokio::select! {
                () = stopping.cancelled() => return,
                () = self.sender.closed() => return,
                () = sleep_until(check_at) => {
                    check_at = Instant::now() + SESSION_CHECK;
                    if !self.session_holds().await { return }
                }
                () = sleep_until(due.unwrap_or(check_at)), if due.is_some() => {
                    if !self.send_due().await { return }
                }
                announced = feed.recv() => match announced {
                    Ok((partner, change)) if partner == self.me.partner.id => {
                        let of_me = change.topic == Topic::Me;
                        self.queue.offer(change);
                        if of_me && !self.session_holds().await { return }
                    }
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => self.queue.offer_everything(),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
            }
        }
    }

    /// Hands on what is due; `false` when nobody listens any more.
    async fn send_due(&mut self) -> bool {
        for change in self.queue.take_due(Instant::now()) {
            if self.sender.send(change).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Whether the session is still there. A database in trouble ends no stream.
    async fn session_holds(&self) -> bool {
        let (partner, member) = (&self.me.partner.id, &self.me.member.id);
        let now = self.context.clock.now();
        let sessions = self.context.store.list_sessions(partner, member, now).await;
        sessions.map_or(true, |rows| rows.iter().any(|row| row.id == self.me.session.id))
    }
}

/// Changes that wait for their turn: at most one a topic.
#[derive(Debug, Default)]
struct Queue {
    waiting: HashMap<Topic, Option<String>>,
    sent: HashMap<Topic, Instant>,
}

impl Queue {
    /// Takes a change in; two of one topic become one, of no platform if they were of different
    /// ones.
    fn offer(&mut self, change: Change) {
        let Change { topic, platform } = change;
        let merged = self.waiting.entry(topic).or_insert_with(|| platform.clone());
        if *merged != platform {
            *merged = None;
        }
    }

    fn offer_everything(&mut self) {
        self.waiting.clear();
        self.waiting.insert(Topic::Everything, None);
    }

    fn next_due(&self, now: Instant) -> Option<Instant> {
        self.waiting.keys().map(|topic| self.due(*topic, now)).min()
    }

    fn due(&self, topic: Topic, now: Instant) -> Instant {
        self.sent.get(&topic).map_or(now, |sent| *sent + APART)
    }

    fn take_due(&mut self, now: Instant) -> Vec<Change> {
        let waiting = self.waiting.keys().copied();
        let due: Vec<_> = waiting.filter(|topic| self.due(*topic, now) <= now).collect();
        let take = |topic: Topic| {
            let platform = self.waiting.remove(&topic)?;
            self.sent.insert(topic, now);
            Some(Change { topic, platform })
        };
        due.into_iter().filter_map(take).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(topic: Topic, platform: &str) -> Change {
        Change { topic, platform: Some(platform.to_owned()) }
    }

    #[test]
    fn a_burst_becomes_one_now_and_one_later() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.offer(change(Topic::Usage, "one"));
        assert_eq!(queue.take_due(now), [change(Topic::Usage, "one")]);
        for _ in 0..100 {
            queue.offer(change(Topic::Usage, "one"));
        }
        assert_eq!(queue.take_due(now), []);
        let later = now + APART;
        assert_eq!(queue.next_due(now), Some(later));
        assert_eq!(queue.take_due(later), [change(Topic::Usage, "one")]);
        assert_eq!(queue.next_due(later), None);
    }

    #[test]
    fn changes_of_different_platforms_become_one_of_none() {
        let mut queue = Queue::default();
        queue.offer(change(Topic::Keys, "one"));
        queue.offer(change(Topic::Keys, "two"));
        queue.offer(change(Topic::Keys, "two"));
        let merged = Change { topic: Topic::Keys, platform: None };
        assert_eq!(queue.take_due(Instant::now()), [merged]);
    }
}
