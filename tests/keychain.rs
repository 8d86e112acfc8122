//! The keychain as it really is: present, absent, locked, slow, and failing half-way. A program in
//! a desktop session of its own uses the vault; the test tells it what to do.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test needs is there or it ends"
)]

mod support;

use std::{
    env,
    io::{self, BufRead, BufReader, Write},
    process::Stdio,
    time::{Duration, Instant},
};

use latchkey_contract::SecretText;
use latchkey_desktop::vault::{Account, Vault, VaultError};
use support::{children::Guarded, session::Session};

/// Makes this binary the program.
const PROGRAM: &str = "LATCHKEY_TEST_KEYCHAIN_PROGRAM";
const SECRET: &str = "sk_live_known_to_this_test_alone";

/// The program: one order a line on stdin, one answer a line on stdout. Does nothing as a test.
#[test]
fn keychain_program() {
    if env::var_os(PROGRAM).is_none() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let vault = Vault::system();
    for order in io::stdin().lines() {
        let answer = runtime.block_on(carry_out(&vault, &order.unwrap()));
        writeln!(io::stdout(), "\n> {answer}").unwrap();
    }
}

async fn carry_out(vault: &Vault, order: &str) -> String {
    let account = Account::Session { server: "test".to_owned() };
    match order {
        "state" => format!("{:?}", vault.state().await),
        "unlock" => format!("{:?}", vault.unlock().await),
        "keep" => outcome(vault.keep(&account, &SecretText::new(SECRET.to_owned())).await),
        "get" => outcome(vault.get(&account).await.map(|found| match found {
            Some(found) if found.expose() == SECRET => "the secret",
            Some(_) => "another secret",
            None => "nothing",
        })),
        "delete" => outcome(vault.delete(&account).await),
        other => format!("what is {other}?"),
    }
}

fn outcome<T: std::fmt::Debug>(result: Result<T, VaultError>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(VaultError::Failed(_)) => "Failed".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

/// The program, running.
struct Program {
    child: Guarded,
    answers: io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Program {
    fn start(session: &Session) -> Self {
        let mut command = session.command(env::current_exe().unwrap());
        command.args(["--exact", "keychain_program", "--nocapture"]).env(PROGRAM, "1");
        let mut child = Guarded::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
        let answers = BufReader::new(child.0.stdout.take().unwrap()).lines();
        Self { child, answers }
    }

    fn tell(&mut self, order: &str) -> String {
        writeln!(self.child.0.stdin.as_mut().unwrap(), "{order}").unwrap();
        let mut answers = self.answers.by_ref().map(Result::unwrap);
        answers.find_map(|line| line.strip_prefix("> ").map(str::to_owned)).expect("an answer")
    }
}

#[test]
fn an_unlocked_keyring_keeps_and_forgets() {
    let mut session = Session::with_keyring();
    let mut program = Program::start(&session);
    assert_eq!(program.tell("state"), "Present");
    assert_eq!(program.tell("get"), "\"nothing\"");
    assert_eq!(program.tell("keep"), "()");
    assert_eq!(program.tell("keep"), "()", "over itself");
    assert_eq!(program.tell("get"), "\"the secret\"");

    session.unlock_keyring();
    assert_eq!(Program::start(&session).tell("get"), "\"the secret\"", "after a new start of both");
    assert_eq!(program.tell("get"), "\"the secret\"", "the first program finds the new keyring");
    assert_eq!(program.tell("delete"), "()");
    assert_eq!(program.tell("get"), "\"nothing\"");
    assert_eq!(program.tell("delete"), "()", "what is not there");
}

#[test]
fn without_a_bus_or_a_keyring_there_is_none() {
    for session in [Session::bare(), Session::with_bus()] {
        let mut program = Program::start(&session);
        assert_eq!(program.tell("state"), "Absent");
        assert_eq!(program.tell("keep"), "Absent");
        assert_eq!(program.tell("get"), "Absent");
        assert_eq!(program.tell("unlock"), "Absent");
    }
}

#[test]
fn a_keyring_that_comes_later_is_found_and_one_that_goes_is_missed() {
    let mut session = Session::with_bus();
    let mut program = Program::start(&session);
    assert_eq!(program.tell("state"), "Absent");
    session.unlock_keyring();
    assert_eq!(program.tell("state"), "Present");
    assert_eq!(program.tell("keep"), "()");
    session.stop_keyring();
    assert_eq!(program.tell("get"), "Absent");
    assert_eq!(program.tell("state"), "Absent");
}

#[test]
fn a_locked_keyring_says_so_and_opens_no_prompt() {
    let mut session = Session::with_keyring();
    let mut program = Program::start(&session);
    assert_eq!(program.tell("keep"), "()");
    session.lock_keyring();
    assert_eq!(program.tell("state"), "Locked");
    assert_eq!(program.tell("keep"), "Locked");
    assert_eq!(program.tell("get"), "Locked");
    assert_eq!(program.tell("delete"), "Locked");
    session.unlock_keyring();
    assert_eq!(program.tell("get"), "\"the secret\"", "nothing was lost");
}

#[test]
fn a_keyring_that_hangs_is_slow_and_works_again_once_it_answers() {
    let session = Session::with_keyring();
    let mut program = Program::start(&session);
    assert_eq!(program.tell("keep"), "()");
    session.keyring().signal("STOP");
    let started = Instant::now();
    for _ in 0..4 {
        assert_eq!(program.tell("get"), "Slow");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "calls do not wait for each other");
    session.keyring().signal("CONT");
    while program.tell("state") != "Present" {}
    assert_eq!(program.tell("get"), "\"the secret\"");
}
