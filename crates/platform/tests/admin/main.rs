//! The admin API over real HTTP, in the order of its addresses: status, body, database row.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod audit;
mod credits;
mod events;
mod isolation;
mod keys;
mod me;
mod pairs;
mod partners;
mod platforms;
mod protocol;
mod rotation;
mod sessions;
mod usage;
mod webhooks;

use latchkey_client::ClientError;
use latchkey_contract::Problem;

/// The problem that a call was refused with.
fn problem<T: std::fmt::Debug>(result: Result<T, ClientError>) -> Problem {
    match result.unwrap_err() {
        ClientError::Problem(problem) => *problem,
        error => panic!("{error:?}"),
    }
}

/// Status, code and the fields at fault.
fn told<T: std::fmt::Debug>(result: Result<T, ClientError>) -> (u16, String, Vec<String>) {
    let problem = problem(result);
    assert!(problem.request_id.starts_with("req_"), "{problem:?}");
    let pointers = problem.errors.into_iter().map(|error| error.pointer).collect();
    (problem.status, problem.code, pointers)
}
