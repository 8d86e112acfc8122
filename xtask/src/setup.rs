//! Installs what is missing, and says what was there.

use anyhow::Result;

use crate::process::{cargo, first_line};
use crate::project::Project;
use crate::step::{Journal, Step};
use crate::system::{self, Purpose};
use crate::{interface, node};

const NEXTEST: &str = "cargo-nextest";

/// `cargo xtask setup`: what building, running and testing need.
pub fn everything(journal: &mut Journal) -> Result<()> {
    for_tests(journal, &Project::find()?)?;
    println!(
        "\nEverything is there. `cargo xtask run` opens the console, `cargo xtask test` runs every test."
    );
    Ok(())
}

/// What all tests need, which is more than anything else does.
pub fn for_tests(journal: &mut Journal, project: &Project) -> Result<()> {
    for_purposes(
        journal,
        project,
        &[Purpose::Build, Purpose::Display, Purpose::Keychain, Purpose::Tests],
    )?;
    install_nextest(journal)
}

/// What the given purposes need, and the interface's packages.
pub fn for_purposes(journal: &mut Journal, project: &Project, purposes: &[Purpose]) -> Result<()> {
    node::ensure(journal)?;
    system::ensure(journal, purposes)?;
    interface::install_packages(journal, project)
}

/// The test runner. Compiled without optimisation and without its self-updater: it mostly waits, and this takes a
/// third of the time.
fn install_nextest(journal: &mut Journal) -> Result<()> {
    if first_line(cargo().args(["nextest", "--version"])).is_some() {
        journal.already("cargo-nextest is there");
        return Ok(());
    }
    let step = Step {
        does: "Install the test runner (cargo install cargo-nextest, two to three minutes)",
        remedy: "Cargo's lines above say why: usually the network, or a Rust older than it asks for (`rustup update`).",
    };
    let mut install = cargo();
    install.args(["install", "--locked", NEXTEST, "--profile", "dev"]);
    install.args(["--no-default-features", "--features", "default-no-update"]);
    journal.run(&step, install.env("CARGO_PROFILE_DEV_DEBUG", "0"))
}
