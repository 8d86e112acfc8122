//! How long the embedded server takes until it answers, with a year of data on every platform.

use std::time::{Duration, Instant};

use latchkey_platform::{
    Config, Entropy, ServerKey,
    operator::{Command, perform},
    start,
};

const TIMES: usize = 9;

/// From the call that starts it to its first answer, the median of several starts.
pub async fn until_answered() -> anyhow::Result<Duration> {
    let data = tempfile::tempdir()?;
    let key = ServerKey::new(Entropy::system().bytes());
    let config = || Config::on_this_computer(data.path().to_owned(), key.clone());
    start(config()).await?.shutdown().await;
    perform(data.path(), Command::CreateSample, || Ok(config())).await?;
    let http = reqwest::Client::builder().build()?;
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begun = Instant::now();
        let running = start(config()).await?;
        let url = format!("http://{}/admin/v1/openapi.json", running.addr());
        http.get(url).send().await?.error_for_status()?.bytes().await?;
        times.push(begun.elapsed());
        running.shutdown().await;
    }
    times.sort_unstable();
    Ok(times[TIMES / 2])
}
