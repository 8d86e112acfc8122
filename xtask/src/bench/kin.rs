//! A program with all the processes it started: their memory and their time on the processor, from `/proc`
//! (proc(5)).

use std::collections::HashSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::process::first_line;

/// What matters here of `/proc/PID/stat`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Process {
    id: u32,
    parent: u32,
    group: u32,
    /// Time on the processor, own and of ended children that were waited for, in clock ticks.
    ticks: u64,
}

/// All processes of a program that was started as the head of a process group.
pub struct Kin {
    head: u32,
    ticks_a_second: f64,
}

impl Kin {
    pub fn of(head: u32) -> Self {
        let ticks = first_line(Command::new("getconf").arg("CLK_TCK"));
        let ticks_a_second = ticks.and_then(|ticks| ticks.parse().ok()).unwrap_or(100.0);
        Self { head, ticks_a_second }
    }

    /// Memory in bytes: each page's share, so that a page that two of them use counts once.
    pub fn memory(&self) -> Result<u64> {
        let mut sum = 0;
        for process in self.processes()? {
            // A process that ended meanwhile has no memory; a zombie neither.
            let Ok(text) = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.id)) else {
                continue;
            };
            sum += proportional_share(&text).unwrap_or(0);
        }
        ensure!(sum > 0, "the memory of process {} cannot be read", self.head);
        Ok(sum)
    }

    /// Time on the processor since the start.
    pub fn processor_time(&self) -> Result<Duration> {
        let ticks: u64 = self.processes()?.iter().map(|process| process.ticks).sum();
        Ok(Duration::from_secs_f64(ticks as f64 / self.ticks_a_second))
    }

    fn processes(&self) -> Result<Vec<Process>> {
        let mut all = Vec::new();
        for entry in fs::read_dir("/proc").context("/proc cannot be read")? {
            let name = entry?.file_name();
            if !name.to_string_lossy().starts_with(|first: char| first.is_ascii_digit()) {
                continue;
            }
            let stat =
                fs::read_to_string(format!("/proc/{}/stat", name.display())).unwrap_or_default();
            all.extend(parse(&stat));
        }
        let kin = kin_of(self.head, &all);
        ensure!(!kin.is_empty(), "process {} has ended", self.head);
        Ok(kin)
    }
}

/// The head, its children's children, and who left the tree but not the process group.
fn kin_of(head: u32, all: &[Process]) -> Vec<Process> {
    let mut kin: HashSet<u32> = HashSet::from([head]);
    loop {
        let before = kin.len();
        kin.extend(
            all.iter()
                .filter(|process| process.group == head || kin.contains(&process.parent))
                .map(|process| process.id)
                .collect::<Vec<_>>(),
        );
        if kin.len() == before {
            return all.iter().filter(|process| kin.contains(&process.id)).cloned().collect();
        }
    }
}

/// One line of `/proc/PID/stat`. The second field is a name in parentheses that may hold anything.
fn parse(stat: &str) -> Option<Process> {
    let (id, rest) = stat.split_once(" (")?;
    let fields: Vec<&str> = rest.rsplit_once(") ")?.1.split(' ').collect();
    // Fields are counted from 1 there, and these follow the second.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    let ticks = (14..=17).map(field).sum::<Option<u64>>()?;
    Some(Process {
        id: id.parse().ok()?,
        parent: field(4)?.try_into().ok()?,
        group: field(5)?.try_into().ok()?,
        ticks,
    })
}

fn proportional_share(smaps: &str) -> Option<u64> {
    let line = smaps.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn process(id: u32, parent: u32, group: u32) -> Process {
        Process { id, parent, group, ticks: 0 }
    }

    #[test]
    fn a_line_of_stat_is_read_whatever_the_name() {
        let line = "42 (a b) (c) S 7 40 3 0 -1 0 0 0 0 0 5 6 1 2 20 0 1 0";
        assert_eq!(parse(line), Some(Process { id: 42, parent: 7, group: 40, ticks: 14 }));
        assert_eq!(parse(""), None);
    }

    #[test]
    fn grandchildren_and_strays_belong_to_it() {
        let all = [
            process(10, 1, 10),
            process(13, 12, 13),
            process(12, 10, 10),
            process(14, 1, 10),
            process(20, 1, 20),
        ];
        let ids: Vec<u32> = kin_of(10, &all).iter().map(|process| process.id).collect();
        assert_eq!(ids, [10, 13, 12, 14]);
    }

    #[test]
    fn this_process_has_memory_and_time() {
        let kin = Kin::of(std::process::id());
        assert!(kin.memory().unwrap() > 100_000);
        kin.processor_time().unwrap();
    }
}
