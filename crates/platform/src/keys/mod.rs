//! API keys: how they are made, recognised and changed.

pub mod format;

pub use format::{KeyDigest, PlainKey};
