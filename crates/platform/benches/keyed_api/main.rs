//! What the keyed API answers a second, beside a bare axum "hello" in the same run.
//!
//! `cargo xtask bench` runs it and reads the rows it prints: name, figure, baseline, ratio, wanted,
//! told apart by two spaces or more. Every figure is the median of several short rounds taken in turn,
//! so that a noisy neighbour disturbs all rows alike; quote the ratios.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "it prints its table, and its counts are far below 2⁵²"
)]

mod lists;
mod load;
mod memory;
mod platforms;
mod setting;
mod startup;
mod usage;
mod webhooks;

use std::{sync::Arc, time::Duration};

use load::{Figure, MakeRequest, drive};
use platforms::Measured;
use setting::{Hello, Server};

/// As the server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

fn main() -> anyhow::Result<()> {
    // Cargo passes `--bench`.
    let word = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    // This word makes the process the bare server; any other picks the rows that contain it.
    if word.as_deref() == Some("hello") {
        return setting::serve_hello();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(&word.unwrap_or_default()))
}

async fn measure(filter: &str) -> anyhow::Result<()> {
    let hello = Hello::start()?;
    let server = Server::start().await?;
    println!(
        "{:<40}  {:>12}  {:>12}  {:>6}  {:>9}",
        "Keyed API", "figure", "bare hello", "ratio", "wanted"
    );
    for (connections, charge_wanted) in [(32, "≥ 0.35"), (128, "≥ 0.45")] {
        let rows = [
            Row::new("authorise only", connections, 200, server.status(), "≥ 0.6"),
            Row::new("live charge, durable", connections, 202, server.charge(), charge_wanted),
        ];
        let rows: Vec<_> = rows.into_iter().filter(|row| row.name.contains(filter)).collect();
        if rows.is_empty() {
            continue;
        }
        let mut figures = vec![Vec::new(); rows.len()];
        let mut bares = Vec::new();
        for _ in 0..ROUNDS {
            bares.push(drive(hello.addr, connections, ROUND, 200, bare()).await?);
            for (row, figures) in rows.iter().zip(&mut figures) {
                let request = row.request.clone();
                figures.push(drive(server.addr, connections, ROUND, row.status, request).await?);
            }
        }
        let bare = median(bares);
        for (row, figures) in rows.iter().zip(figures) {
            row.print(median(figures), bare);
        }
    }
    if "authorise, by platform".contains(filter) {
        print_platforms("authorise", platforms::authorise(&server).await?);
    }
    if "live charge, by platform".contains(filter) {
        print_platforms("live charge", platforms::charge(&server).await?);
    }
    if "cards drawn".contains(filter) {
        let cards = format!("{:.1} /s", setting::cards_a_second()?);
        println!("{:<40}  {cards:>12}  {:>12}  {:>6}  {:>9}", "cards drawn", "–", "–", "–");
    }
    if "keys, pages of 100,000".contains(filter) {
        for (name, time) in lists::measure(&server).await? {
            let time = format!("{:.1} ms", time.as_secs_f64() * 1000.0);
            println!("{name:<40}  {time:>12}  {:>12}  {:>6}  {:>9}", "–", "–", "< 5 ms");
        }
    }
    if "webhooks delivered".contains(filter) {
        let receiver = hello.addr;
        let run = tokio::task::spawn_blocking(move || webhooks::deliveries_a_second(receiver));
        let figure = format!("{:.0} /s", run.await??);
        let (name, wanted) = ("webhooks delivered, 1 endpoint", "≥ 5000 /s");
        println!("{name:<40}  {figure:>12}  {:>12}  {:>6}  {wanted:>9}", "–", "–");
    }
    if "usage, a month by the hour".contains(filter) {
        let month = usage::Month::start().await?;
        let times = [
            ("usage, a month by the hour, store", month.in_store().await?, "< 2 ms"),
            ("usage, a month by the hour, HTTP", month.over_http().await?, "< 5 ms"),
        ];
        for (name, time, wanted) in times {
            let time = format!("{:.2} ms", time.as_secs_f64() * 1000.0);
            println!("{name:<40}  {time:>12}  {:>12}  {:>6}  {wanted:>9}", "–", "–");
        }
        month.stop().await;
    }
    server.stop().await?;
    if "server up, a year of data".contains(filter) {
        let time = format!("{:.0} ms", startup::until_answered().await?.as_secs_f64() * 1000.0);
        let name = "server up, a year of data";
        println!("{name:<40}  {time:>12}  {:>12}  {:>6}  {:>9}", "–", "–", "< 150 ms");
    }
    if "memory, ten minutes of load".contains(filter) {
        let memory::Resident { halfway, end } = memory::under_load().await?;
        let (figure, ratio) = (format!("{end:.0} MiB"), end / halfway);
        let name = "memory, ten minutes of load";
        println!("{name:<40}  {figure:>12}  {:>12}  {ratio:>6.2}  {:>9}", "–", "< 80 MiB");
        println!("  its ratio is to {halfway:.0} MiB after five minutes");
    }
    Ok(())
}

/// What is measured: one kind of request over so many connections.
struct Row {
    name: String,
    /// Of an answer that counts.
    status: u16,
    request: MakeRequest,
    wanted: &'static str,
}

impl Row {
    fn new(
        what: &str,
        connections: usize,
        status: u16,
        request: MakeRequest,
        wanted: &'static str,
    ) -> Self {
        Self { name: format!("{what}, {connections} connections"), status, request, wanted }
    }

    fn print(&self, figure: Figure, bare: Figure) {
        let Self { name, wanted, .. } = self;
        let ratio = figure.per_second / bare.per_second;
        let [figure_text, bare_text] = [figure, bare].map(|it| format!("{:.0} /s", it.per_second));
        println!("{name:<40}  {figure_text:>12}  {bare_text:>12}  {ratio:>6.2}  {wanted:>9}");
        if figure.others > 0 {
            println!("  {} answers had another status", figure.others);
        }
    }
}

/// Each platform beside the best of them.
fn print_platforms(work: &str, measured: Vec<Measured>) {
    let best = measured.iter().map(|one| one.figure.per_second).fold(0.0, f64::max);
    for Measured { platform, figure } in measured {
        let (name, ratio) = (format!("{work}, {platform}"), figure.per_second / best);
        let [figure_text, best] = [figure.per_second, best].map(|it| format!("{it:.0} /s"));
        println!("{name:<40}  {figure_text:>12}  {best:>12}  {ratio:>6.2}  {:>9}", "≥ 0.9");
        if figure.others > 0 {
            println!("  {} answers had another status", figure.others);
        }
    }
}

fn bare() -> MakeRequest {
    Arc::new(|_, request| request.extend_from_slice(b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n"))
}

fn median(mut figures: Vec<Figure>) -> Figure {
    let others = figures.iter().map(|figure| figure.others).sum();
    figures.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    Figure { others, ..figures[figures.len() / 2] }
}
