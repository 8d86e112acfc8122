//! What tests of the app stand on: a desktop session of their own, with a real bus and a real
//! keyring, in a home that vanishes with it.
#![expect(dead_code, reason = "every test binary uses its own part of this")]

pub mod children;
pub mod session;
