//! Every test there is. What fails fastest comes first; the test runner's own closing lines come last but for the
//! summary. The Rust code is compiled once, by clippy, which looks for mistakes on the way.

use anyhow::Result;

use crate::process::cargo;
use crate::project::Project;
use crate::step::{Journal, Step};
use crate::{check, interface, setup};

/// `cargo xtask test`.
pub fn test(journal: &mut Journal) -> Result<()> {
    let project = Project::find()?;
    setup::for_tests(journal, &project)?;
    check::check_interface(journal, &project)?;
    test_interface(journal, &project)?;
    interface::build(journal, &project)?;
    test_rust(journal)?;
    test_examples(journal)?;
    println!("\nEvery test passed:\n{}", journal.summary());
    Ok(())
}

fn test_interface(journal: &mut Journal, project: &Project) -> Result<()> {
    let step = Step {
        does: "Test the interface (vitest)",
        remedy: "The failed tests are named above; `npm test -- <file>` in ui/ runs one file again.",
    };
    interface::run_script(journal, project, &step, "test")
}

/// The examples in the documentation, which nextest does not run.
fn test_examples(journal: &mut Journal) -> Result<()> {
    let step = Step {
        does: "Test the examples in the Rust documentation",
        remedy: "The failed examples are named above; `cargo test --doc -p <crate>` runs a crate's again.",
    };
    let mut test = cargo();
    test.args(["test", "--workspace", "--doc", "--quiet"]);
    journal.run(&step, check::by_clippy(&mut test))
}

/// Unit, integration and window tests. Those in the window start what they need (Xvfb, a D-Bus session, a keychain,
/// WebKitWebDriver) themselves.
fn test_rust(journal: &mut Journal) -> Result<()> {
    let step = Step {
        does: "Look for mistakes in the Rust code (clippy); test it, the server and the real window (cargo nextest)",
        remedy: "What is wrong is named above; `cargo nextest run <part of the name>` runs a test again.",
    };
    let mut test = cargo();
    test.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    journal.run(&step, check::by_clippy(&mut test))
}
