//! What has to be installed on the system, and how it is.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{command, find_program, first_line};
use crate::step::{Journal, Step};

/// What something is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Compiling the console.
    Build,
    /// A window where there is no display.
    Display,
    /// A keychain where there is no desktop session.
    Keychain,
    /// The tests in the real window.
    Tests,
}

/// How to tell, on any system, that something is there.
#[derive(Debug, PartialEq, Eq)]
enum Sign {
    Program(&'static str),
    Library(&'static str),
}

/// One thing that is needed, by the name Debian and Ubuntu give it.
#[derive(Debug, PartialEq, Eq)]
pub struct Need {
    package: &'static str,
    purposes: &'static [Purpose],
    sign: Option<Sign>,
}

impl Need {
    const fn new(package: &'static str, purposes: &'static [Purpose], sign: Option<Sign>) -> Self {
        Self { package, purposes, sign }
    }
}

const NEEDS: &[Need] = &[
    Need::new("gcc", &[Purpose::Build], Some(Sign::Program("cc"))),
    Need::new("libc6-dev", &[Purpose::Build], None),
    Need::new("libwebkit2gtk-4.1-dev", &[Purpose::Build], Some(Sign::Library("webkit2gtk-4.1"))),
    Need::new("xvfb", &[Purpose::Display, Purpose::Tests], Some(Sign::Program("Xvfb"))),
    Need::new("fonts-dejavu-core", &[Purpose::Display, Purpose::Tests], None),
    Need::new(
        "dbus",
        &[Purpose::Keychain, Purpose::Tests],
        Some(Sign::Program("dbus-run-session")),
    ),
    // gnome-keyring wants some session bus; without this one apt would choose the one that brings systemd.
    Need::new("dbus-x11", &[Purpose::Keychain, Purpose::Tests], None),
    Need::new(
        "gnome-keyring",
        &[Purpose::Keychain, Purpose::Tests],
        Some(Sign::Program("gnome-keyring-daemon")),
    ),
    Need::new("xauth", &[Purpose::Tests], Some(Sign::Program("xauth"))),
    Need::new("webkit2gtk-driver", &[Purpose::Tests], Some(Sign::Program("WebKitWebDriver"))),
    Need::new("xdotool", &[Purpose::Tests], Some(Sign::Program("xdotool"))),
    Need::new("libsecret-tools", &[Purpose::Tests], Some(Sign::Program("secret-tool"))),
];

/// Everything a set of purposes needs.
pub fn needs(purposes: &[Purpose]) -> Vec<&'static Need> {
    NEEDS
        .iter()
        .filter(|need| need.purposes.iter().any(|purpose| purposes.contains(purpose)))
        .collect()
}

/// Who names the packages on this system.
#[derive(Debug, PartialEq, Eq)]
enum System {
    /// Debian, Ubuntu and what is made from them.
    Debian,
    /// Anything else, by its name.
    Other(String),
}

impl System {
    fn detect() -> Self {
        let release = fs::read_to_string("/etc/os-release")
            .or_else(|_| fs::read_to_string("/usr/lib/os-release"));
        Self::from_release(&release.unwrap_or_default())
    }

    /// From the text of `os-release`, see os-release(5).
    fn from_release(text: &str) -> Self {
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
        };
        let family = format!("{} {}", field("ID"), field("ID_LIKE"));
        if family.split_whitespace().any(|name| name == "debian" || name == "ubuntu") {
            return Self::Debian;
        }
        let name = field("PRETTY_NAME");
        Self::Other(if name.is_empty() { "this system".to_owned() } else { name })
    }
}

/// Makes sure that the system has what the purposes need.
pub fn ensure(journal: &mut Journal, purposes: &[Purpose]) -> Result<()> {
    let needs = needs(purposes);
    match System::detect() {
        System::Debian => ensure_packages(journal, &needs),
        System::Other(name) => ensure_signs(journal, &name, &needs),
    }
}

fn ensure_packages(journal: &mut Journal, needs: &[&Need]) -> Result<()> {
    let names: Vec<&str> = needs.iter().map(|need| need.package).collect();
    let query = command("dpkg-query")
        .args(["--show", "--showformat", "${db:Status-Status} ${Package}\n"])
        .args(&names)
        .output()
        .context("dpkg-query, which tells what is installed, could not be started")?;
    let missing = missing_packages(&names, &String::from_utf8_lossy(&query.stdout));
    if missing.is_empty() {
        journal.already(&format!("System packages: all {} are installed", names.len()));
        return Ok(());
    }
    println!("System packages: missing {}", missing.join(" "));
    install(journal, &missing)
}

/// Those of `names` that dpkg-query's lines (`installed xvfb`) do not call installed.
fn missing_packages<'a>(names: &[&'a str], listing: &str) -> Vec<&'a str> {
    let is_installed =
        |name: &str| listing.lines().any(|line| line.strip_prefix("installed ") == Some(name));
    names.iter().copied().filter(|name| !is_installed(name)).collect()
}

fn install(journal: &mut Journal, packages: &[&str]) -> Result<()> {
    let line = install_line(packages);
    if effective_user()? == 0 {
        return run_install(journal, command("sh").args(["-c", &line]));
    }
    let sudo_line = format!("sudo sh -c '{line}'");
    println!("Installing them needs root. The one line that does it:\n\n    {sudo_line}\n");
    if !io::stdin().is_terminal() {
        bail!(
            "system packages are missing and there is no terminal to ask at. Run the line above, then this again"
        );
    }
    if find_program("sudo").is_none() {
        bail!("there is no sudo here. Run the line above as root, from `sh` on, then this again");
    }
    if !ask("Run it now? [y/N] ")? {
        bail!("nothing was installed. Run the line above yourself, then this again");
    }
    run_install(journal, command("sudo").args(["sh", "-c", &line]))
}

/// The shell line that installs packages without a question; it holds no single quote.
fn install_line(packages: &[&str]) -> String {
    format!(
        "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends {}",
        packages.join(" ")
    )
}

fn run_install(journal: &mut Journal, install: &mut Command) -> Result<()> {
    let step = Step {
        does: "Install the missing system packages (apt-get)",
        remedy: "Read apt's last lines above: usually the network, another apt at work, or on Ubuntu a switched-off \
                 “universe”. Put that right and run this again.",
    };
    journal.run_quietly(&step, install)
}

fn effective_user() -> Result<u32> {
    Ok(fs::metadata("/proc/self").context("/proc is not mounted")?.uid())
}

fn ask(question: &str) -> Result<bool> {
    print!("{question}");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// On a system whose packages are not known: looks for what they bring.
fn ensure_signs(journal: &mut Journal, system: &str, needs: &[&Need]) -> Result<()> {
    let packages: Vec<&str> = needs.iter().map(|need| need.package).collect();
    println!(
        "Latchkey is built and tested on Debian 12 and Ubuntu 24.04, not on {system}. There it needs what these \
         packages bring: {}",
        packages.join(" ")
    );
    let missing: Vec<String> = needs
        .iter()
        .filter_map(|need| need.sign.as_ref())
        .filter(|sign| !is_seen(sign))
        .map(name_sign)
        .collect();
    if missing.is_empty() {
        journal.already("All of it that can be looked for is there");
        return Ok(());
    }
    bail!(
        "not found: {}. Install that with {system}'s own packages and run this again",
        missing.join(", ")
    )
}

fn is_seen(sign: &Sign) -> bool {
    match sign {
        Sign::Program(name) => find_program(name).is_some(),
        Sign::Library(name) => {
            first_line(command("pkg-config").args(["--modversion", name])).is_some()
        }
    }
}

fn name_sign(sign: &Sign) -> String {
    match sign {
        Sign::Program(name) => format!("the program {name}"),
        Sign::Library(name) => format!("the library {name} (pkg-config does not know it)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(purposes: &[Purpose]) -> Vec<&'static str> {
        needs(purposes).iter().map(|need| need.package).collect()
    }

    #[test]
    fn a_desktop_needs_only_what_compiles_the_window() {
        assert_eq!(names(&[Purpose::Build]), ["gcc", "libc6-dev", "libwebkit2gtk-4.1-dev"]);
    }

    #[test]
    fn purposes_add_up_without_repeating() {
        let all = names(&[Purpose::Build, Purpose::Display, Purpose::Keychain, Purpose::Tests]);
        assert_eq!(all.len(), NEEDS.len());
        let headless = names(&[Purpose::Build, Purpose::Display, Purpose::Keychain]);
        assert!(headless.contains(&"xvfb") && headless.contains(&"gnome-keyring"));
        assert!(!headless.contains(&"webkit2gtk-driver"));
    }

    #[test]
    fn systems_are_told_apart() {
        let debian =
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n";
        let ubuntu =
            "PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n";
        let mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        for text in [debian, ubuntu, mint] {
            assert_eq!(System::from_release(text), System::Debian, "{text}");
        }
        let fedora = "ID=fedora\nPRETTY_NAME='Fedora Linux 42'\n";
        assert_eq!(System::from_release(fedora), System::Other("Fedora Linux 42".to_owned()));
        assert_eq!(System::from_release(""), System::Other("this system".to_owned()));
    }

    #[test]
    fn only_installed_counts_as_installed() {
        let listing =
            "installed xvfb\nconfig-files dbus\nnot-installed xauth\ninstalled dbus-x11\n";
        assert_eq!(
            missing_packages(&["xvfb", "dbus", "xauth", "dbus-x11", "gcc"], listing),
            ["dbus", "xauth", "gcc"]
        );
    }

    #[test]
    fn the_line_for_sudo_can_be_quoted() {
        let line = install_line(&names(&[Purpose::Build, Purpose::Tests]));
        assert!(line.starts_with("apt-get update && ") && line.ends_with("libsecret-tools"));
        assert!(!line.contains('\''));
    }

    #[test]
    fn no_is_the_answer_to_anything_but_yes() {
        assert!(is_yes("y\n") && is_yes("Yes\n"));
        assert!(!is_yes("\n") && !is_yes("") && !is_yes("no") && !is_yes("yep"));
    }
}
