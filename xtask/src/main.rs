//! The project's own commands: `cargo xtask <command>`.
//!
//! Each command is one file; each says what it does while it does it, and stops at the first failure with a
//! sentence and the remedy. To add a command: a file with `pub fn …(journal: &mut Journal) -> Result<()>`, a
//! variant of [`Command`], and a line in [`main`].
#![expect(
    clippy::print_stdout,
    reason = "talking to the person at the terminal is what this program is for"
)]

mod bench;
mod check;
mod display;
mod headless;
mod interface;
mod node;
mod package;
mod picture;
mod process;
mod project;
mod run;
mod session;
mod setup;
mod stale;
mod step;
mod system;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use step::Journal;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Sets up, runs, checks, tests and packages Latchkey")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing to build, run and test
    Setup,
    /// Build the console and open it on its embedded platform server
    Run(run::Arguments),
    /// Run every test there is, the checks included
    Test,
    /// Formatting, lints, types and documentation, with warnings denied
    Check,
    /// Measure speed and memory, and print a table
    Bench(bench::Arguments),
    /// Build the .deb and .rpm packages
    Package,
}

fn main() -> ExitCode {
    let mut journal = Journal::default();
    let outcome = match Arguments::parse().command {
        Command::Setup => setup::everything(&mut journal),
        Command::Run(arguments) => run::run(&mut journal, &arguments),
        Command::Test => test::test(&mut journal),
        Command::Check => check::check(&mut journal),
        Command::Bench(arguments) => bench::bench(&mut journal, &arguments),
        Command::Package => package::package(&mut journal),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask stopped: {error:#}");
            ExitCode::FAILURE
        }
    }
}
