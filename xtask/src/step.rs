//! One step after another: each says what it does, how long it took, and what to do when it fails.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, IsTerminal, Write as _};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Error, Result, anyhow, bail};

/// Lines of a quiet program's output that are shown when it fails.
const SHOWN_ON_FAILURE: usize = 40;

/// What a step does, in words, and what to do when it fails.
pub struct Step<'a> {
    pub does: &'a str,
    pub remedy: &'a str,
}

/// The steps done so far, with their times.
#[derive(Default)]
pub struct Journal {
    done: Vec<(String, Duration)>,
}

impl Journal {
    /// Runs a command that talks to the terminal itself.
    pub fn run(&mut self, step: &Step, command: &mut Command) -> Result<()> {
        self.time(step, || {
            let status = command.status().map_err(|error| not_started(step, command, &error))?;
            if !status.success() {
                bail!("“{}” failed ({status}). {}", step.does, step.remedy);
            }
            Ok(())
        })
    }

    /// Runs a command whose lines are shown, and gives them back.
    pub fn run_and_read(&mut self, step: &Step, command: &mut Command) -> Result<Vec<String>> {
        self.time(step, || {
            let child = command.stdout(Stdio::piped()).spawn();
            let mut child = child.map_err(|error| not_started(step, command, &error))?;
            let mut lines = Vec::new();
            if let Some(stdout) = child.stdout.take() {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    println!("{line}");
                    lines.push(line);
                }
            }
            let status = child.wait()?;
            if !status.success() {
                bail!("“{}” failed ({status}). {}", step.does, step.remedy);
            }
            Ok(lines)
        })
    }

    /// Runs a command whose output is only of interest when it fails.
    pub fn run_quietly(&mut self, step: &Step, command: &mut Command) -> Result<()> {
        self.time(step, || {
            let output = command.stdin(Stdio::null()).output();
            let output = output.map_err(|error| not_started(step, command, &error))?;
            if !output.status.success() {
                eprintln!("{}", closing_lines(&output));
                bail!("“{}” failed ({}). {}", step.does, output.status, step.remedy);
            }
            Ok(())
        })
    }

    /// Says that there is nothing to do, and why.
    pub fn already(&self, what: &str) {
        println!("{} {what}", mark("==="));
    }

    /// What was done, one line a step, with the times.
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let mut whole = Duration::ZERO;
        for (does, took) in &self.done {
            whole += *took;
            let _ = writeln!(text, "  {:>9}  {does}", spoken(*took));
        }
        let _ = write!(text, "  {:>9}  in all", spoken(whole));
        text
    }

    fn time<T>(&mut self, step: &Step, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("{} {}", mark("==>"), step.does);
        let _ = io::stdout().flush();
        let start = Instant::now();
        let made = work()?;
        let took = start.elapsed();
        println!("    done in {}", spoken(took));
        self.done.push((step.does.to_owned(), took));
        Ok(made)
    }
}

fn not_started(step: &Step, command: &Command, error: &io::Error) -> Error {
    let program = command.get_program().display();
    anyhow!("“{}” could not start {program}: {error}. {}", step.does, step.remedy)
}

fn mark(sign: &str) -> String {
    if io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\x1b[1;34m{sign}\x1b[0m")
    } else {
        sign.to_owned()
    }
}

fn closing_lines(output: &Output) -> String {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_ON_FAILURE)..].join("\n")
}

/// A duration as a person says it: `0.4 s`, `12 s`, `3 min 5 s`.
fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_spoken() {
        assert_eq!(spoken(Duration::from_millis(432)), "0.4 s");
        assert_eq!(spoken(Duration::from_millis(12_900)), "12 s");
        assert_eq!(spoken(Duration::from_secs(185)), "3 min 5 s");
    }

    #[test]
    fn a_failing_step_names_itself_and_the_remedy() {
        let step = Step { does: "Do the thing", remedy: "Try the other thing." };
        let error = Journal::default().run(&step, &mut Command::new("false")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "“Do the thing” failed (exit status: 1). Try the other thing."
        );
        let error = Journal::default()
            .run(&step, &mut Command::new("no-such-program-anywhere"))
            .unwrap_err();
        assert!(
            error.to_string().contains("could not start no-such-program-anywhere: No such file")
        );
    }

    #[test]
    fn the_summary_has_a_line_a_step() {
        let mut journal = Journal::default();
        journal.run(&Step { does: "First", remedy: "" }, &mut Command::new("true")).unwrap();
        journal.run(&Step { does: "Second", remedy: "" }, &mut Command::new("true")).unwrap();
        let summary = journal.summary();
        assert_eq!(summary.lines().count(), 3);
        assert!(
            summary.contains("First") && summary.contains("Second") && summary.ends_with("in all")
        );
    }
}
