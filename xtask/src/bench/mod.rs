//! How fast things are: one table of figures, each beside its baseline. It tests nothing; a slow or busy machine
//! moves all figures, so the ratios are what to quote.
//!
//! To add a figure: a part here that gives a [`Section`], or a row that one of the `cargo bench` programs prints.

mod browser;
mod frames;
mod kin;
mod site;
mod table;
mod window;

use anyhow::{Result, ensure};

use crate::process::cargo;
use crate::project::Project;
use crate::step::{Journal, Step};
use crate::system::Purpose;
use crate::{interface, setup};
use table::{Row, Section, print};

#[derive(clap::Args)]
pub struct Arguments {
    /// What to measure; everything unless told
    #[arg(value_enum)]
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// The keyed API beside a bare server
    Server,
    /// A chart from data to SVG
    Chart,
    /// The window beside Chromium
    Window,
}

impl Arguments {
    fn want(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }
}

/// `cargo xtask bench`.
pub fn bench(journal: &mut Journal, arguments: &Arguments) -> Result<()> {
    let project = Project::find()?;
    let purposes = [Purpose::Build, Purpose::Display, Purpose::Keychain];
    setup::for_purposes(journal, &project, &purposes)?;
    interface::build(journal, &project)?;
    let mut sections = Vec::new();
    if arguments.want(Part::Server) {
        sections.push(Section {
            title: "Keyed API, beside a bare axum “hello”".to_owned(),
            rows: run_bench(journal, "keyed_api")?,
        });
    }
    if arguments.want(Part::Chart) {
        sections.push(Section { title: "Chart".to_owned(), rows: run_bench(journal, "charts")? });
    }
    if arguments.want(Part::Window) {
        build_app(journal)?;
        sections.push(window::measure(&project)?);
    }
    print(&sections);
    Ok(())
}

/// Runs one of the bench programs, which print a row a figure. Of the whole workspace, so that all
/// of them and the console share what they are built from.
fn run_bench(journal: &mut Journal, bench: &str) -> Result<Vec<Row>> {
    let step = Step {
        does: &format!("Measure {bench} (the first time compiles a release build: many minutes)"),
        remedy: "The lines above say why. Then run this again.",
    };
    let mut command = cargo();
    command.args(["bench", "--workspace", "--bench", bench]);
    let lines = journal.run_and_read(&step, &mut command)?;
    let rows: Vec<Row> = lines.iter().filter_map(|line| Row::parse(line)).collect();
    ensure!(!rows.is_empty(), "the bench `{bench}` printed no row");
    Ok(rows)
}

fn build_app(journal: &mut Journal) -> Result<()> {
    let step = Step {
        does: "Build the console for release (the first time takes many minutes)",
        remedy: "Put right what the lines above name, then run this again.",
    };
    let build = ["build", "--release", "--workspace", "--bin", "latchkey"];
    journal.run(&step, cargo().args(build))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_measured_unless_told() {
        assert!(Arguments { parts: vec![] }.want(Part::Window));
        let only = Arguments { parts: vec![Part::Chart] };
        assert!(only.want(Part::Chart) && !only.want(Part::Server));
    }
}
