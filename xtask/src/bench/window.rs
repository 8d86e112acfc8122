//! The window beside the same interface in Chromium: first usable paint, memory and processor when idle. Both start
//! warm, in turn, on the same display and in the same session.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::browser::{self, Browser};
use super::frames::Camera;
use super::kin::Kin;
use super::site::Site;
use super::table::{NOTHING, Row, Section};
use crate::display::Xvfb;
use crate::headless::Home;
use crate::picture::Picture;
use crate::process::{Running, bound_command};
use crate::project::Project;
use crate::session::PrivateSession;

/// Starts that count. One before them fills the caches and makes the data.
const STARTS: usize = 5;
/// From the paint until a program is taken to be idle.
const CALM: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(20);
/// What the person's own app may have been told, and this one shall not be.
const APP_VARIABLES: [&str; 2] = ["LATCHKEY_DATA_DIR", "TAURI_WEBVIEW_AUTOMATION"];

/// Measures the app, and Chromium where it is installed.
pub fn measure(project: &Project) -> Result<Section> {
    let stage = Stage::set(&project.bench())?;
    let app = || {
        let mut command = bound_command(project.release_app());
        for variable in APP_VARIABLES {
            command.env_remove(variable);
        }
        command
    };
    let browser = match browser::is_installed() {
        true => Some(Browser::new(
            Site::start(project.interface().join("dist"))?,
            stage.home.folder().join("chromium"),
        )),
        false => None,
    };
    println!("Starting the window {} times; each takes some seconds.", STARTS + 1);
    let (mut ours, mut theirs) = (Figures::default(), Figures::default());
    for start in 0..=STARTS {
        ours.add(start, stage.measure("latchkey", start, app())?);
        if let Some(browser) = &browser {
            theirs.add(start, stage.measure("chromium", start, browser.command()?)?);
        }
    }
    let theirs = browser.is_some().then_some(&theirs);
    println!("What was painted is below {}.", project.bench().display());
    Ok(Section { title: title(theirs.is_some()), rows: rows(&ours, theirs) })
}

fn title(beside_chromium: bool) -> String {
    match beside_chromium {
        true => format!("Window, beside chromium --app; medians of {STARTS} warm starts"),
        false => {
            format!(
                "Window, medians of {STARTS} warm starts; Chromium is not installed, so there is no baseline"
            )
        }
    }
}

/// Display, D-Bus session and keychain, in a folder that is made anew for every run.
struct Stage {
    display: Xvfb,
    session: PrivateSession,
    camera: Camera,
    home: Home,
}

/// What one start showed.
struct Start {
    paint: Duration,
    /// Bytes.
    memory: u64,
    /// Share of a core. Measured at the last start only.
    processor: Option<f64>,
}

impl Stage {
    fn set(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)
                .with_context(|| format!("{} cannot be removed", folder.display()))?;
        }
        let home = Home::open_in(&folder.join("home"))?;
        let session = PrivateSession::start(&home)?;
        let display = Xvfb::start(&home)?;
        let camera = Camera::open(display.screen())?;
        Ok(Self { display, session, camera, home })
    }

    fn measure(&self, name: &str, start: usize, mut command: Command) -> Result<Start> {
        self.session.join(&mut command);
        self.display.show(&mut command);
        let log = self.home.scratch()?.join(format!("{name}.log"));
        command.stdout(Stdio::null()).stderr(File::create(&log)?);
        self.camera.wait_until_blank()?;
        let started = Instant::now();
        let mut running =
            Running::start(&mut command).with_context(|| format!("{name} could not be started"))?;
        let paint = self
            .camera
            .first_paint(started)
            .with_context(|| format!("{name} showed nothing; {} may say why", log.display()))?;
        sleep(CALM);
        let kin = Kin::of(running.child().id());
        let memory = kin.memory()?;
        let processor = if start == STARTS { Some(share_of_a_core(&kin)?) } else { None };
        if start == STARTS {
            let file = self.home.folder().with_file_name(format!("{name}.png"));
            Picture::read(self.display.screen())?.write_png(&file)?;
        }
        running.end();
        println!("  {name:<10}{:>8} {:>8}", seconds(paint.as_secs_f64()), megabytes(memory as f64));
        Ok(Start { paint, memory, processor })
    }
}

fn share_of_a_core(kin: &Kin) -> Result<f64> {
    let (before, from) = (kin.processor_time()?, Instant::now());
    sleep(IDLE);
    let used = kin.processor_time()?.saturating_sub(before);
    Ok(used.as_secs_f64() / from.elapsed().as_secs_f64())
}

/// What all starts of a program showed.
#[derive(Default)]
struct Figures {
    /// Seconds.
    paints: Vec<f64>,
    /// Bytes.
    memories: Vec<f64>,
    processor: Option<f64>,
}

impl Figures {
    fn add(&mut self, start: usize, what: Start) {
        // The first one is cold.
        if start > 0 {
            self.paints.push(what.paint.as_secs_f64());
            self.memories.push(what.memory as f64);
            self.processor = what.processor.or(self.processor);
        }
    }
}

fn rows(ours: &Figures, theirs: Option<&Figures>) -> Vec<Row> {
    let row = |name: &str, wanted: &str, show: fn(f64) -> String, of: fn(&Figures) -> f64| {
        let (figure, baseline) = (of(ours), theirs.map(of));
        Row {
            name: name.to_owned(),
            figure: show(figure),
            baseline: baseline.map_or(NOTHING.to_owned(), show),
            ratio: baseline
                .map_or(NOTHING.to_owned(), |baseline| format!("{:.2}", figure / baseline)),
            wanted: wanted.to_owned(),
        }
    };
    let mut processor = row("processor when idle, of one core", "< 0.5 %", percent, |it| {
        it.processor.unwrap_or(0.0)
    });
    NOTHING.clone_into(&mut processor.ratio);
    vec![
        row("first usable paint after start", "≤ 1", seconds, |it| median(&it.paints)),
        row("memory when idle (PSS)", "≤ 0.7", megabytes, |it| median(&it.memories)),
        processor,
    ]
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.2} s")
}

fn megabytes(bytes: f64) -> String {
    format!("{:.0} MB", bytes / 1e6)
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(paints: &[f64]) -> Figures {
        Figures { paints: paints.to_vec(), memories: vec![2e8], processor: Some(0.001) }
    }

    #[test]
    fn rows_are_medians_beside_medians() {
        let rows = rows(&figures(&[0.9, 0.5, 0.7]), Some(&figures(&[1.4])));
        assert_eq!(rows[0].figure, "0.70 s");
        assert_eq!(rows[0].baseline, "1.40 s");
        assert_eq!(rows[0].ratio, "0.50");
        assert_eq!(rows[1].figure, "200 MB");
        assert_eq!((rows[2].figure.as_str(), rows[2].ratio.as_str()), ("0.10 %", NOTHING));
    }

    #[test]
    fn without_chromium_there_is_no_baseline() {
        let rows = rows(&figures(&[0.5]), None);
        assert!(rows.iter().all(|row| row.baseline == NOTHING && row.ratio == NOTHING));
    }
}
