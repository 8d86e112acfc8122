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

mod load;
mod setting;

use std::{sync::Arc, time::Duration};

use load::{Figure, MakeRequest, drive};
use setting::{Hello, Server};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

fn main() -> anyhow::Result<()> {
    // Cargo passes `--bench`; the other word makes this process the bare server.
    if std::env::args().nth(1).as_deref() == Some("hello") {
        return setting::serve_hello();
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> anyhow::Result<()> {
    let hello = Hello::start()?;
    let server = Server::start().await?;
    println!(
        "{:<40}  {:>12}  {:>12}  {:>6}  {:>9}",
        "Keyed API", "figure", "bare hello", "ratio", "wanted"
    );
    for (connections, charge_wanted) in [(32, "≥ 0.3"), (128, "≥ 0.4")] {
        let mut figures = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            figures[0].push(drive(hello.addr, connections, ROUND, 200, bare()).await?);
            figures[1].push(drive(server.addr, connections, ROUND, 200, server.status()).await?);
            figures[2].push(drive(server.addr, connections, ROUND, 202, server.charge()).await?);
        }
        let [bare, authorise, charge] = figures.map(median);
        print_row(&format!("authorise only, {connections} connections"), authorise, bare, "≥ 0.5");
        print_row(
            &format!("live charge, durable, {connections} connections"),
            charge,
            bare,
            charge_wanted,
        );
    }
    let cards = format!("{:.1} /s", setting::cards_a_second()?);
    println!("{:<40}  {cards:>12}  {:>12}  {:>6}  {:>9}", "cards drawn", "–", "–", "–");
    server.stop().await
}

fn bare() -> MakeRequest {
    Arc::new(|_, _, request| request.extend_from_slice(b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n"))
}

fn median(mut figures: Vec<Figure>) -> Figure {
    let others = figures.iter().map(|figure| figure.others).sum();
    figures.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    Figure { others, ..figures[figures.len() / 2] }
}

fn print_row(name: &str, figure: Figure, bare: Figure, wanted: &str) {
    let ratio = figure.per_second / bare.per_second;
    let [figure_text, bare_text] = [figure, bare].map(|it| format!("{:.0} /s", it.per_second));
    println!("{name:<40}  {figure_text:>12}  {bare_text:>12}  {ratio:>6.2}  {wanted:>9}");
    if figure.others > 0 {
        println!("  {} answers had another status", figure.others);
    }
}
