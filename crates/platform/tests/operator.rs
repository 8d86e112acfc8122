//! The operator's commands, beside a live server and without one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use latchkey_client::{Client, IdempotencyKey};
use latchkey_contract::{
    Amount, Environment, SecretText,
    credits::{CreateTopUp, CreditSummary, CreditsQuery, TopUpOutcome},
    sessions::CreateSession,
};
use tempfile::TempDir;

use crate::support::{
    PASSWORD, http, new_key,
    process::{ServerProcess, program, run, said},
    until,
};

const CREATE: [&str; 6] =
    ["partner", "create", "--name", "Northwind", "--email", "jane@example.com"];

async fn sign_in(base: &url::Url) -> Client {
    let client = Client::new(http(), base.clone());
    let password = SecretText::new(PASSWORD.to_owned());
    let request = CreateSession { email: "jane@example.com".to_owned(), password };
    let tokens = client.create_session(&request).await.unwrap();
    client.with_token(tokens.access_token)
}

async fn credits(client: &Client, platform: &str) -> CreditSummary {
    let summaries = client.get_credits(&CreditsQuery::default()).await.unwrap().data;
    summaries.into_iter().find(|summary| summary.platform == platform).unwrap()
}

#[tokio::test]
async fn commands_without_a_server_act_on_the_database() {
    let data = TempDir::new().unwrap();
    let created = said(&run(data.path(), &CREATE, &format!("{PASSWORD}\n")));
    assert!(created.contains("created partner ptn_"), "{created}");
    let granted = ["account", "grant-credits", "jane@example.com", "clipia", "2.5"];
    let granted = said(&run(data.path(), &granted, ""));
    assert!(
        granted.contains("on clipia: gave 2.5 credits; the balance is 2.5 credits"),
        "{granted}"
    );

    let server = ServerProcess::start(data.path(), &[]);
    let client = sign_in(&server.base).await;
    assert_eq!(credits(&client, "clipia").await.balance, Amount(2_500_000));
}

#[tokio::test]
async fn commands_beside_a_live_server_hold_from_its_next_request() {
    let data = TempDir::new().unwrap();
    let server = ServerProcess::start(data.path(), &["--job-workers", "0"]);
    said(&run(data.path(), &CREATE, &format!("{PASSWORD}\n")));
    let client = sign_in(&server.base).await;
    let once = IdempotencyKey::random();
    let key = client.create_key(&new_key("clipia", Environment::Live), &once).await.unwrap();
    let plain = key.secret.unwrap();
    let http = http();
    let submit = async || {
        let url = server.base.join("/clipia/v1/models/nano-banana-2").unwrap();
        let request = http.post(url).bearer_auth(plain.expose());
        let body = serde_json::json!({ "input": { "prompt": "a lighthouse" } });
        request.json(&body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(submit().await, 402, "no credits yet");
    said(&run(data.path(), &["account", "grant-credits", "jane@example.com", "clipia", "10"], ""));
    assert_eq!(submit().await, 200);
    said(&run(data.path(), &["partner", "suspend", "jane@example.com"], ""));
    let suspended = submit().await;
    assert!(suspended == 401 || suspended == 403, "{suspended}");
    said(&run(data.path(), &["partner", "resume", "jane@example.com"], ""));
    assert_eq!(submit().await, 200);
    said(&run(data.path(), &["account", "enable-live", "jane@example.com", "clipia"], ""));
}

#[tokio::test]
async fn an_account_is_led_by_its_operator() {
    let data = TempDir::new().unwrap();
    let server = ServerProcess::start(data.path(), &["--job-workers", "0"]);
    said(&run(data.path(), &CREATE, &format!("{PASSWORD}\n")));
    let client = sign_in(&server.base).await;
    let account = |words: &[&str]| {
        let (verb, rest) = words.split_first().unwrap();
        let mut line = vec!["account", verb, "jane@example.com", "clipia"];
        line.extend(rest);
        said(&run(data.path(), &line, ""))
    };
    let granted = account(&["grant-credits", "10", "--note", "Welcome back"]);
    assert!(granted.contains("clipia: gave 10 credits; the balance is 10 credits"), "{granted}");
    let corrected = account(&["adjust-credits", "-2.5", "--note", "Given twice"]);
    assert!(corrected.contains("by -2.5 credits; the balance is 7.5 credits"), "{corrected}");
    assert!(account(&["credit-line", "20"]).contains("may owe 20 credits; owes 0 credits"));
    let request = CreateTopUp { platform: "clipia".to_owned(), amount: Amount::from_credits(12) };
    let bought = client.create_top_up(&request, &IdempotencyKey::random()).await.unwrap();
    assert_eq!(bought.outcome, TopUpOutcome::Booked);
    assert!(account(&["record-payment", "5"]).contains("paid 5 credits; owes 7 credits"));
    assert!(account(&["disable-live"]).contains("live keys are refused"));
    assert!(account(&["suspend"]).contains("suspended"));
    let listed = said(&run(data.path(), &["account", "list", "jane@example.com"], ""));
    let clipia = listed.lines().find(|line| line.contains("clipia")).unwrap();
    let cells: Vec<_> = clipia.split_whitespace().skip(1).collect();
    assert_eq!(cells, ["clipia", "19.5", "7", "20", "off", "account"], "{listed}");
    assert!(account(&["enable-live"]).contains("live keys work"));
    assert!(account(&["resume"]).contains("its keys work again"));
    let everybody = said(&run(data.path(), &["account", "list"], ""));
    assert_eq!(everybody.lines().count(), listed.lines().count(), "{everybody}");
    let line = credits(&client, "clipia").await;
    let moved = (line.granted.whole_credits(), line.adjusted, line.purchased.whole_credits());
    assert_eq!((moved, line.agrees), ((10, Amount(-2_500_000), 12), true));
    for (words, sentence) in [
        (["adjust-credits", "-100"], "the balance is 19.5 credits"),
        (["adjust-credits", "0"], "the amount must be above zero (a correction: not zero)"),
        (["record-payment", "8"], "it owes less than that"),
    ] {
        let line = ["account", words[0], "jane@example.com", "clipia", words[1]];
        let told = refused(&run(data.path(), &line, ""));
        assert!(told.contains(sentence), "{words:?}: {told}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_socket_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let data = TempDir::new().unwrap();
    let _server = ServerProcess::start(data.path(), &[]);
    let socket = data.path().join("operator.sock");
    until(async || socket.exists().then_some(())).await;
    let mode = socket.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[tokio::test]
async fn what_cannot_be_done_is_told_in_a_sentence() {
    let data = TempDir::new().unwrap();
    said(&run(data.path(), &CREATE, &format!("{PASSWORD}\n")));
    for (words, input, sentence) in [
        (&CREATE[..], PASSWORD, "has an account already"),
        (&CREATE[..], "too short", "the password must have at least 15 characters"),
        (
            &["partner", "suspend", "nobody@example.com"],
            "",
            "there is no partner `nobody@example.com`",
        ),
        (
            &["account", "grant-credits", "jane@example.com", "nowhere", "1"],
            "",
            "there is no platform `nowhere`; there are: ",
        ),
        (
            &["account", "grant-credits", "jane@example.com", "clipia", "0"],
            "",
            "the amount must be above zero",
        ),
        (
            &["account", "grant-credits", "jane@example.com", "clipia", "1e3"],
            "",
            "write credits as digits",
        ),
    ] {
        let output = run(data.path(), words, input);
        assert!(!output.status.success(), "{words:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(sentence), "{words:?}: {told}");
        assert!(!told.contains(PASSWORD) && !told.contains("panicked"), "{told}");
    }
}

#[test]
fn a_server_key_is_asked_for_and_made() {
    let data = TempDir::new().unwrap();
    let serve = |key: Option<&str>| {
        let mut command = program();
        command.env_remove("LATCHKEY_SERVER_KEY").args(["serve", "--data"]).arg(data.path());
        if let Some(key) = key {
            command.env("LATCHKEY_SERVER_KEY", key);
        }
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    assert!(serve(None).contains("generate-server-key"));
    let wrong = serve(Some("c2hvcnQ="));
    assert!(wrong.contains("must be 32 bytes in base64") && !wrong.contains("c2hvcnQ="), "{wrong}");
    let made = said(&program().arg("generate-server-key").output().unwrap());
    assert_eq!(made.len(), 44);
}

/// What a program said that failed.
fn refused(output: &std::process::Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_wrong_server_key_is_refused_and_a_lost_one_is_replaced() {
    let data = TempDir::new().unwrap();
    said(&run(data.path(), &CREATE, &format!("{PASSWORD}\n")));
    let wrong = || {
        let mut command = program();
        command.env("LATCHKEY_SERVER_KEY", STANDARD.encode([8; 32]));
        command
    };
    let told = refused(&wrong().args(["serve", "--data"]).arg(data.path()).output().unwrap());
    assert!(told.contains("the server key is not the one that"), "{told}");
    assert!(told.contains("--replace-server-key"), "{told}");
    let mut resume = wrong();
    resume.args(["partner", "resume", "jane@example.com", "--data"]).arg(data.path());
    assert!(refused(&resume.output().unwrap()).contains("the server key is not the one that"));

    let mut serve = wrong();
    serve.args(["serve", "--replace-server-key", "--listen", "127.0.0.1:0", "--data"]);
    ServerProcess::spawn(serve.arg(data.path())).kill();
    assert!(resume.output().unwrap().status.success(), "the new key is the one from now on");
    let former = run(data.path(), &["partner", "resume", "jane@example.com"], "");
    assert!(refused(&former).contains("the server key is not the one that"));
}

#[tokio::test]
async fn a_mistyped_data_folder_is_refused_and_not_made() {
    let data = TempDir::new().unwrap();
    let missing = data.path().join("dtaa");
    let told = refused(&run(&missing, &CREATE, PASSWORD));
    assert!(told.contains("there is no Latchkey database in"), "{told}");
    assert!(!missing.exists());
    // A first try without a key leaves a folder that the second may take.
    let mut keyless = program();
    keyless.env_remove("LATCHKEY_SERVER_KEY").args(["partner", "resume", "nobody", "--data"]);
    let told = refused(&keyless.arg(data.path()).output().unwrap());
    assert!(told.contains("generate-server-key"), "{told}");
    let told = refused(&run(data.path(), &["partner", "resume", "nobody"], ""));
    assert!(told.contains("there is no partner `nobody`"), "{told}");
    let data = TempDir::new().unwrap();
    std::fs::write(data.path().join("notes.txt"), "mine").unwrap();
    assert!(
        refused(&run(data.path(), &CREATE, PASSWORD)).contains("there is no Latchkey database")
    );
    assert_eq!(data.path().read_dir().unwrap().count(), 1);
}

#[tokio::test]
async fn a_partner_is_welcomed_alike_with_and_without_a_server() {
    let data = TempDir::new().unwrap();
    ServerProcess::start(data.path(), &["--welcome-grant", "12.5"]).kill();
    said(&run(data.path(), &CREATE, &format!("{PASSWORD}\n")));
    let server = ServerProcess::start(data.path(), &[]);
    let client = sign_in(&server.base).await;
    assert_eq!(credits(&client, "clipia").await.balance, Amount(12_500_000));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_whose_path_is_too_long_for_a_socket_is_reached_all_the_same() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("a".repeat(200));
    let _server = ServerProcess::start(&data, &[]);
    until(async || data.join("operator.sock").exists().then_some(())).await;
    said(&run(&data, &CREATE, &format!("{PASSWORD}\n")));
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_others_may_look_into_becomes_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let data = TempDir::new().unwrap();
    std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    said(&run(data.path(), &CREATE, &format!("{PASSWORD}\n")));
    assert_eq!(data.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn arguments_that_cannot_be_are_told_with_what_can() {
    let data = TempDir::new().unwrap();
    for (words, told) in [
        (vec!["serve", "--job-workers", "-1"], "from 0 to 256"),
        (vec!["serve", "--job-workers", "99999999999"], "from 0 to 256"),
        (vec!["serve", "--welcome-grant", "-5"], "write credits as digits"),
        (vec!["serve", "--public-url", "mailto:a@example.com"], "such as https://api.example.com"),
        (
            vec!["serve", "--oidc-issuer", "x", "--oidc-audience", "y"],
            "https://accounts.example.com",
        ),
        (
            vec!["account", "grant-credits", "jane@example.com", "clipia", "-1"],
            "write credits as digits",
        ),
        (
            vec!["account", "credit-line", "jane@example.com", "clipia", "-1"],
            "write credits as digits",
        ),
    ] {
        let output = program().args(&words).arg("--data").arg(data.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(told), "{words:?}: {said}");
    }
}

#[tokio::test]
async fn the_audit_log_is_checked_beside_a_live_server() {
    let data = TempDir::new().unwrap();
    let none = run(data.path(), &["audit", "verify"], "");
    let told = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(!none.status.success() && told.contains("there is no Latchkey database"), "{told}");
    let server = ServerProcess::start(data.path(), &[]);
    said(&run(data.path(), &CREATE, &format!("{PASSWORD}\n")));
    let client = sign_in(&server.base).await;
    client
        .create_key(&new_key("clipia", Environment::Test), &IdempotencyKey::random())
        .await
        .unwrap();
    let holds = said(&run(data.path(), &["audit", "verify", "--ends"], ""));
    assert!(holds.contains("checked 3 records of 1 partner(s)"), "{holds}");
    assert!(holds.contains(" ends with record 3, "), "{holds}");

    let database = rusqlite::Connection::open(data.path().join("latchkey.db")).unwrap();
    database.execute("UPDATE audit_events SET actor_name = 'x' WHERE sequence = 2", []).unwrap();
    let broken = run(data.path(), &["audit", "verify"], "");
    assert_eq!(broken.status.code(), Some(1));
    let told = String::from_utf8_lossy(&broken.stdout).into_owned();
    assert!(told.contains(": record 2 was altered"), "{told}");
}
