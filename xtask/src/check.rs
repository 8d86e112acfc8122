//! Formatting, lints, types and documentation, with warnings denied.

use std::{env, path::Path, process::Command};

use anyhow::Result;

use crate::process::cargo;
use crate::project::Project;
use crate::step::{Journal, Step};
use crate::system::Purpose;
use crate::{interface, setup};

/// `cargo xtask check`.
pub fn check(journal: &mut Journal) -> Result<()> {
    let project = Project::find()?;
    setup::for_purposes(journal, &project, &[Purpose::Build])?;
    check_interface(journal, &project)?;
    interface::build(journal, &project)?;
    check_rust(journal)?;
    println!("\nEvery check passed:\n{}", journal.summary());
    Ok(())
}

/// The interface's checks, and Rust's formatting: what answers within seconds.
pub fn check_interface(journal: &mut Journal, project: &Project) -> Result<()> {
    let step = Step {
        does: "Check the formatting of the Rust code",
        remedy: "`cargo fmt --all` puts it right.",
    };
    journal.run(&step, cargo().args(["fmt", "--all", "--check"]))?;
    let scripts = [
        (
            "format:check",
            "Check the formatting of the interface",
            "`npm run format` in ui/ puts it right.",
        ),
        (
            "lint",
            "Look for mistakes in the interface (eslint)",
            "Put right what the lines above name.",
        ),
        (
            "check",
            "Check the interface's types (svelte-check)",
            "Put right what the lines above name.",
        ),
    ];
    for (script, does, remedy) in scripts {
        interface::run_script(journal, project, &Step { does, remedy }, script)?;
    }
    Ok(())
}

/// Makes a build of cargo's look for mistakes in this workspace too: clippy compiles it, as `cargo clippy` would
/// have it check it, and no dependency is compiled twice.
pub fn by_clippy(build: &mut Command) -> &mut Command {
    let driver =
        env::var_os("CARGO").map(|cargo| Path::new(&cargo).with_file_name("clippy-driver"));
    let driver = driver.filter(|driver| driver.exists()).unwrap_or_else(|| "clippy-driver".into());
    build.env("RUSTC_WORKSPACE_WRAPPER", driver).env("CLIPPY_ARGS", "-Dwarnings")
}

/// Clippy and rustdoc. The app embeds `ui/dist`, so the interface must be built.
fn check_rust(journal: &mut Journal) -> Result<()> {
    let step = Step {
        does: "Look for mistakes in the Rust code (clippy)",
        remedy: "Put right what the lines above name, or say `#[expect(…, reason = \"…\")]` why it stays.",
    };
    let mut clippy = cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    journal.run(&step, &mut clippy)?;
    let step = Step {
        does: "Build the documentation of the Rust code (rustdoc)",
        remedy: "Put right what the lines above name: usually a link to something renamed.",
    };
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--document-private-items"]);
    journal.run(&step, doc.env("RUSTDOCFLAGS", "--deny warnings"))
}
