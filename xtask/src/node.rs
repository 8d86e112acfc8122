//! Node and npm, which build the interface.

use anyhow::{Context, Result, bail};

use crate::process::{command, first_line};
use crate::step::Journal;

/// What Vite asks of Node 20, and the lowest version anything here runs on.
const OLDEST: Version = Version { major: 20, minor: 19 };
const REMEDY: &str = "Install Node 22 or 24 from https://nodejs.org/en/download (it brings npm), open a new terminal, \
                      and run this again";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    /// From what `node --version` prints: `v20.20.2`.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
        Some(Self { major: numbers.next()?.ok()?, minor: numbers.next()?.ok()? })
    }
}

/// Makes sure that Node is there and new enough, and npm with it.
pub fn ensure(journal: &Journal) -> Result<()> {
    let node = first_line(command("node").arg("--version"));
    check_node(node.as_deref())?;
    let npm = first_line(command("npm").arg("--version"))
        .with_context(|| format!("npm, which comes with Node, was not found. {REMEDY}"))?;
    journal.already(&format!("Node {} and npm {npm} are there", node.unwrap_or_default()));
    Ok(())
}

fn check_node(printed: Option<&str>) -> Result<()> {
    let needed =
        format!("Node {}.{} or later is needed to build the interface", OLDEST.major, OLDEST.minor);
    let Some(printed) = printed else { bail!("{needed}, and no `node` was found. {REMEDY}") };
    match Version::parse(printed) {
        Some(version) if version >= OLDEST => Ok(()),
        Some(_) => bail!("{needed}, and this is {printed}. {REMEDY}"),
        None => bail!("{needed}, and `node --version` says “{printed}”. {REMEDY}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(Version::parse("v20.20.2\n"), Some(Version { major: 20, minor: 20 }));
        assert!(Version::parse("v9.11.2") < Version::parse("v20.2.0"));
        assert!(Version::parse("v20.3.0") < Version::parse("v20.19.0"));
        assert_eq!(Version::parse("node"), None);
        assert_eq!(Version::parse(""), None);
    }

    #[test]
    fn too_old_or_missing_says_what_to_do() {
        for printed in ["v20.19.0", "v22.1.0", "v24.0.0"] {
            assert!(check_node(Some(printed)).is_ok(), "{printed}");
        }
        for (printed, says) in [
            (Some("v18.20.4"), "this is v18.20.4"),
            (None, "no `node` was found"),
            (Some("?"), "says “?”"),
        ] {
            let error = check_node(printed).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("nodejs.org"), "{error}");
        }
    }
}
