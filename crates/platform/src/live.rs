//! The live feed: tells open consoles what changed.

use latchkey_contract::{
    PartnerId,
    events::{Change, Topic},
};
use tokio::sync::broadcast;

/// Changes kept for a slow listener before it is told to ask for everything again.
const BACKLOG: usize = 1024;

/// Fans changes out to the partner's open consoles. Cheap to clone; never blocks the sender.
#[derive(Debug, Clone)]
pub struct LiveFeed(broadcast::Sender<(PartnerId, Change)>);

impl Default for LiveFeed {
    fn default() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }
}

impl LiveFeed {
    /// Tells the partner's consoles that somebody changed something of `topic`, on one platform or
    /// in general, and that the audit log has grown by it.
    pub fn announce(&self, partner: &PartnerId, topic: Topic, platform: Option<&str>) {
        self.announce_use(partner, topic, platform);
        let recorded = [Topic::Keys, Topic::Endpoints, Topic::Accounts, Topic::Credits, Topic::Me];
        if recorded.contains(&topic) {
            self.announce_use(partner, Topic::Audit, platform);
        }
    }

    /// Tells them that `topic` moved by use: there is no record of that.
    pub fn announce_use(&self, partner: &PartnerId, topic: Topic, platform: Option<&str>) {
        // Nobody listening saves the copies on the hot path; it is no failure.
        if self.0.receiver_count() > 0 {
            let change = Change { topic, platform: platform.map(str::to_owned) };
            let _ = self.0.send((partner.clone(), change));
        }
    }

    /// Everything announced from now on, for all partners; the listener picks its own.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<(PartnerId, Change)> {
        self.0.subscribe()
    }
}
