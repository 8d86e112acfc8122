//! Every row of the platforms' pages, through real HTTP against a real server.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail as its tests do")]

mod clipia;
mod deepcreative;
mod generic;
mod house;
mod issuer;
mod limits;
mod manifests;
mod proclubs;
mod prolifi;
#[path = "../webhooks/receiver.rs"]
#[expect(dead_code, reason = "shared with the webhooks' own tests, which use all of it")]
mod receiver;
mod repeats;
mod seam;
mod stagingspaces;
mod stagingspaces_credits;
mod stagingspaces_dashboard;
#[path = "../support/mod.rs"]
mod support;
