//! API keys: how they are made, recognised and changed.

pub mod cache;
pub mod format;

pub use cache::{KeyCache, KeyState};
pub use format::{KeyDigest, PlainKey};
