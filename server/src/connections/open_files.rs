//! How many files the process may have open, and how many of them are for connections. Tests: here,
//! and `server/tests/server/command_line/open_files.rs`.

/// What the log, the directory and whatever else opens is left.
const LEFT: u64 = 96;

/// The least that is served: a limit below that is an operator's mistake, and is said.
const LEAST: usize = 64;

/// Raises the limit of open files to the highest that the system allows this process; answers it.
/// The soft limit is 1024 where nobody has set it, for the sake of programs of long ago.
pub(crate) fn raise() -> u64 {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => limit,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            1024
        }
    }
}

/// How many connections there may be, of `most` that are wanted, where so many files may be open.
/// Half of them is left to the store: RocksDB keeps its files open, and SurrealDB looks at the
/// machine by way of a library (sysinfo) that keeps a file for each of its processes, up to as
/// many.
pub(crate) fn connections(most: usize, open_files: u64) -> usize {
    let left = open_files / 2 + LEFT;
    let room = usize::try_from(open_files.saturating_sub(left)).unwrap_or(usize::MAX);
    if room < most {
        tracing::warn!(
            open_files,
            connections = room.max(LEAST),
            wanted = most,
            "the system allows so few open files that there are fewer connections than wanted: \
                raise the limit (LimitNOFILE in systemd)"
        );
    }
    most.min(room.max(LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_stay_below_the_limit_of_open_files() {
        assert_eq!(connections(8192, 524_288), 8192);
        assert_eq!(connections(8192, 1024), 416);
        assert_eq!(connections(8192, 400), 104);
        assert_eq!(connections(8192, 100), LEAST);
        assert_eq!(connections(100, 1024), 100);
        assert_eq!(connections(8192, u64::MAX), 8192);
    }

    #[test]
    fn the_limit_is_raised_as_far_as_it_goes() {
        let raised = raise();
        assert_eq!(
            rlimit::getrlimit(rlimit::Resource::NOFILE).map(|(soft, _)| soft).ok(),
            Some(raised)
        );
    }
}
