//! What the system says of the process, by the names that every program has for it
//! (`process_…`). Where the system does not say it, it is left out. Tests: here.

use std::fmt;
use std::time::Duration;

use super::writer::Writer;

/// How long a tick of `/proc` is: a hundredth of a second on every Linux that there is.
const TICK: Duration = Duration::from_millis(10);

/// Where the fields of `/proc/self/stat` stand behind the name in brackets (`proc(5)`).
const USER: usize = 11;
const SYSTEM: usize = 12;
const THREADS: usize = 17;
const STARTED: usize = 19;
const VIRTUAL: usize = 20;

pub(super) fn write(writer: &mut Writer<'_>) -> fmt::Result {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let field = |at: usize| field(&stat, at);
    if let (Some(user), Some(system)) = (field(USER), field(SYSTEM)) {
        let cpu = seconds(user.saturating_add(system));
        writer.counter("process_cpu_seconds", "Time on processors", cpu)?;
    }
    if let Some(bytes) = resident() {
        writer.gauge("process_resident_memory_bytes", "Memory in use", bytes)?;
    }
    if let Some(bytes) = field(VIRTUAL) {
        writer.gauge("process_virtual_memory_bytes", "Memory that is addressed", bytes)?;
    }
    if let Some(threads) = field(THREADS) {
        writer.gauge("process_threads", "Threads", threads)?;
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        writer.gauge("process_open_fds", "Open files", open.count())?;
    }
    if let Ok((limit, _)) = rlimit::getrlimit(rlimit::Resource::NOFILE) {
        writer.gauge("process_max_fds", "As many files as may be open", limit)?;
    }
    if let (Some(started), Some(boot)) = (field(STARTED), booted()) {
        let at = Duration::from_secs(boot).as_secs_f64() + seconds(started);
        writer.gauge("process_start_time_seconds", "When the process began, since 1970", at)?;
    }
    Ok(())
}

/// So many ticks.
fn seconds(ticks: u64) -> f64 {
    let ticks = u32::try_from(ticks).unwrap_or(u32::MAX);
    TICK.saturating_mul(ticks).as_secs_f64()
}

/// One field behind the name, which may hold anything.
fn field(stat: &str, at: usize) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(at)?.parse().ok()
}

fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// When the machine began, in seconds since 1970.
fn booted() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_behind_a_name_that_may_hold_anything() {
        let stat = "7 (a) b 9 (c)) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 12 0 360000 4096 99";
        assert_eq!(
            [USER, SYSTEM, THREADS, STARTED, VIRTUAL].map(|at| field(stat, at)),
            [Some(150), Some(50), Some(12), Some(360_000), Some(4096)]
        );
        assert_eq!((field(stat, 99), field("", USER)), (None, None));
        assert!((seconds(250) - 2.5).abs() < f64::EPSILON);
    }

    /// Alerts go by when the process began, which `/proc/stat` has a part in.
    #[test]
    fn the_unit_hides_nothing_that_is_read_of_the_machine() {
        let unit = include_str!("../../../deploy/systemd/latchkey.service");
        assert!(unit.contains("\nProtectProc="), "it is the unit");
        assert!(!unit.lines().any(|line| line.starts_with("ProcSubset=")));
    }

    #[test]
    fn this_process_has_memory_and_a_beginning() {
        assert!(resident().expect("on Linux") > 1 << 20);
        let stat = std::fs::read_to_string("/proc/self/stat").expect("on Linux");
        let began = booted().expect("on Linux") + field(&stat, STARTED).expect("a tick") / 100;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let age = now.expect("after 1970").as_secs().abs_diff(began);
        assert!(age < 24 * 3600, "{age}");
    }
}
