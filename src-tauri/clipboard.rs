//! The clipboard: secrets are kept out of its history where the system can, and cleared after a
//! while if they are still what it holds.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use arboard::Clipboard as System;
use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::SecretText;
use latchkey_platform::Clock;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use specta::Type;
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

/// A secret that lies in the clipboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ClipboardState {
    /// When it will be cleared; never where absent.
    pub clears_at: Option<DateTime<Utc>>,
    pub seconds_left: Option<u32>,
}

/// The clipboard could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the clipboard could not be used: {0}")]
pub struct ClipboardError(String);

/// Called with what the clipboard holds of ours whenever that changes.
pub type Watch = Arc<dyn Fn(Option<ClipboardState>) + Send + Sync>;

type Answer<T> = oneshot::Sender<Result<T, ClipboardError>>;

enum Order {
    Copy { secret: SecretText, clear_after: Option<Duration>, answer: Answer<ClipboardState> },
    CopyText { text: String, answer: Answer<()> },
    Extend { by: Option<Duration>, answer: Answer<ClipboardState> },
    Clear { answer: Answer<()> },
    Quit { done: mpsc::Sender<()> },
}

/// The clipboard, from the app's side; it lives on a thread of its own.
#[derive(Debug)]
pub struct Clipboard {
    orders: mpsc::Sender<Order>,
}

impl Clipboard {
    /// Starts the thread. The system's clipboard is opened when it is first needed.
    #[must_use]
    pub fn start(clock: Clock, watch: Watch) -> Self {
        let (orders, queue) = mpsc::channel();
        let keeper = Keeper { system: None, clock, watch, ours: None };
        // Without the thread every order is answered with an error: copying fails and says so.
        let _ =
            thread::Builder::new().name("clipboard".to_owned()).spawn(move || keeper.work(&queue));
        Self { orders }
    }

    /// Puts a secret into the clipboard, to be cleared after a while.
    ///
    /// # Errors
    /// Where there is no clipboard.
    pub async fn copy_secret(
        &self,
        secret: SecretText,
        clear_after: Option<Duration>,
    ) -> Result<ClipboardState, ClipboardError> {
        self.order(|answer| Order::Copy { secret, clear_after, answer }).await
    }

    /// Puts text into the clipboard that is no secret.
    ///
    /// # Errors
    /// Where there is no clipboard.
    pub async fn copy_text(&self, text: String) -> Result<(), ClipboardError> {
        self.order(|answer| Order::CopyText { text, answer }).await
    }

    /// Keeps the secret in the clipboard for longer, or for good.
    ///
    /// # Errors
    /// Where the clipboard holds no secret of ours any more.
    pub async fn extend(&self, by: Option<Duration>) -> Result<ClipboardState, ClipboardError> {
        self.order(|answer| Order::Extend { by, answer }).await
    }

    /// Clears the clipboard if it still holds our secret.
    ///
    /// # Errors
    /// Where there is no clipboard.
    pub async fn clear(&self) -> Result<(), ClipboardError> {
        self.order(|answer| Order::Clear { answer }).await
    }

    /// The same, while the app ends: waits a second at most.
    pub fn clear_at_exit(&self) {
        let (done, cleared) = mpsc::channel();
        if self.orders.send(Order::Quit { done }).is_ok() {
            let _ = cleared.recv_timeout(Duration::from_secs(1));
        }
    }

    async fn order<T>(&self, order: impl FnOnce(Answer<T>) -> Order) -> Result<T, ClipboardError> {
        let gone = || ClipboardError("its thread ended".to_owned());
        let (answer, answered) = oneshot::channel();
        self.orders.send(order(answer)).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// What the thread knows.
struct Keeper {
    system: Option<System>,
    clock: Clock,
    watch: Watch,
    ours: Option<Ours>,
}

/// A secret of ours in the clipboard.
struct Ours {
    digest: [u8; 32],
    clears: Option<Instant>,
}

impl Keeper {
    fn work(mut self, queue: &mpsc::Receiver<Order>) {
        loop {
            match self.next(queue) {
                Ok(order) => self.carry_out(order),
                Err(mpsc::RecvTimeoutError::Timeout) => drop(self.clear()),
                Err(mpsc::RecvTimeoutError::Disconnected) => return drop(self.clear()),
            }
        }
    }

    /// The next order, or a timeout when our secret's time is up.
    fn next(&self, queue: &mpsc::Receiver<Order>) -> Result<Order, mpsc::RecvTimeoutError> {
        match self.ours.as_ref().and_then(|ours| ours.clears) {
            Some(clears) => queue.recv_timeout(clears.saturating_duration_since(Instant::now())),
            None => queue.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Copy { secret, clear_after, answer } => {
                drop(answer.send(self.copy(&secret, clear_after)))
            }
            Order::CopyText { text, answer } => drop(answer.send(self.copy_text(text))),
            Order::Extend { by, answer } => drop(answer.send(self.extend(by))),
            Order::Clear { answer } => drop(answer.send(self.clear())),
            Order::Quit { done } => {
                let _ = self.clear();
                let _ = done.send(());
            }
        }
    }

    fn copy(
        &mut self,
        secret: &SecretText,
        clear_after: Option<Duration>,
    ) -> Result<ClipboardState, ClipboardError> {
        set_out_of_history(self.system()?, secret.expose().to_owned()).map_err(failed)?;
        let clears = clear_after.map(|after| Instant::now() + after);
        self.ours = Some(Ours { digest: digest(secret.expose()), clears });
        Ok(self.tell().unwrap_or(ClipboardState { clears_at: None, seconds_left: None }))
    }

    fn copy_text(&mut self, text: String) -> Result<(), ClipboardError> {
        self.system()?.set_text(text).map_err(failed)?;
        self.ours = None;
        self.tell();
        Ok(())
    }

    fn extend(&mut self, by: Option<Duration>) -> Result<ClipboardState, ClipboardError> {
        let ours = self
            .ours
            .as_mut()
            .ok_or_else(|| ClipboardError("it holds no key any more".to_owned()))?;
        ours.clears = by.map(|by| ours.clears.unwrap_or_else(Instant::now) + by);
        self.tell().ok_or_else(|| ClipboardError("it holds no key any more".to_owned()))
    }

    /// Somebody else's text stays.
    fn clear(&mut self) -> Result<(), ClipboardError> {
        let Some(ours) = self.ours.take() else { return Ok(()) };
        let system = self.system()?;
        let held = system.get_text().map(|text| digest(&text)).unwrap_or_default();
        let cleared =
            if held.ct_eq(&ours.digest).into() { system.clear().map_err(failed) } else { Ok(()) };
        self.tell();
        cleared
    }

    fn system(&mut self) -> Result<&mut System, ClipboardError> {
        match &mut self.system {
            Some(system) => Ok(system),
            empty => Ok(empty.insert(System::new().map_err(failed)?)),
        }
    }

    fn tell(&self) -> Option<ClipboardState> {
        let state = self.ours.as_ref().map(|ours| self.state(ours));
        (self.watch)(state.clone());
        state
    }

    fn state(&self, ours: &Ours) -> ClipboardState {
        let left = ours.clears.map(|clears| clears.saturating_duration_since(Instant::now()));
        let clears_at =
            left.and_then(|left| Some(self.clock.now() + TimeDelta::from_std(left).ok()?));
        let seconds =
            |left: Duration| u32::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
        ClipboardState { clears_at, seconds_left: left.map(seconds) }
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn failed(error: arboard::Error) -> ClipboardError {
    ClipboardError(error.to_string())
}

#[cfg(target_os = "linux")]
fn set_out_of_history(system: &mut System, text: String) -> Result<(), arboard::Error> {
    use arboard::SetExtLinux;
    system.set().exclude_from_history().text(text)
}

#[cfg(target_os = "macos")]
fn set_out_of_history(system: &mut System, text: String) -> Result<(), arboard::Error> {
    use arboard::SetExtApple;
    system.set().exclude_from_history().text(text)
}

#[cfg(windows)]
fn set_out_of_history(system: &mut System, text: String) -> Result<(), arboard::Error> {
    use arboard::SetExtWindows;
    system.set().exclude_from_cloud().exclude_from_history().exclude_from_monitoring().text(text)
}
