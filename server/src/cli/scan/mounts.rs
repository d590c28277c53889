//! What is no disk's: folders in which the system shows itself, such as `/proc`. Some files there
//! wait for ever, and none of them is anybody's. Tests: here, and
//! `server/tests/server/command_line/leaks.rs`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// What is mounted where, a line each.
const MOUNTS: &str = "/proc/self/mounts";

/// File systems in which the system shows itself.
const OF_THE_SYSTEM: [&str; 18] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "securityfs",
    "sysfs",
    "tracefs",
];

/// The same by name, where nothing says what is mounted.
const BY_NAME: [&str; 3] = ["/dev", "/proc", "/sys"];

/// Where something is mounted, and whether it is the system's own.
#[derive(Debug)]
pub(super) struct Mounts(Vec<(PathBuf, bool)>);

impl Mounts {
    /// As [`MOUNTS`] says now; where that cannot be read, [`BY_NAME`].
    pub(super) fn now() -> Self {
        match std::fs::read(MOUNTS) {
            Ok(text) => Self::of(&text),
            Err(_) => Self(BY_NAME.iter().map(|name| (PathBuf::from(name), true)).collect()),
        }
    }

    fn of(text: &[u8]) -> Self {
        let mount = |line: &[u8]| {
            let mut words = line.split(|byte| *byte == b' ').skip(1);
            let place = PathBuf::from(OsString::from_vec(unescaped(words.next()?)));
            let kind = words.next()?;
            Some((place, OF_THE_SYSTEM.iter().any(|system| system.as_bytes() == kind)))
        };
        Self(text.split(|byte| *byte == b'\n').filter_map(mount).collect())
    }

    /// Whether the system shows itself there. The path is a whole one.
    pub(super) fn is_of_the_system(&self, path: &Path) -> bool {
        // Of those at one place the last is seen.
        let holding = self.0.iter().filter(|(place, _)| path.starts_with(place));
        holding.max_by_key(|(place, _)| place.components().count()).is_some_and(|(_, is)| *is)
    }
}

/// Without `\040` for a space, and the like.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = word;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match byte.filter(|_| *first == b'\\') {
            Some(byte) => {
                plain.push(byte);
                rest = &after[3..];
            }
            None => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mounted_last_and_deepest_says_what_a_folder_is() {
        let mounts = Mounts::of(
            b"/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\nudev /dev devtmpfs rw 0 0\n\
            tmpfs /dev/shm tmpfs rw 0 0\nsysfs /srv/a\\040b sysfs ro 0 0\n\
            proc /over proc rw 0 0\n/dev/sdb /over ext4 rw 0 0\n\nnonsense\n",
        );
        for (path, is) in [
            ("/", false),
            ("/home/sam", false),
            ("/proc", true),
            ("/proc/1/task", true),
            ("/process", false),
            ("/dev", true),
            ("/dev/shm", false),
            ("/dev/shm/x", false),
            ("/srv/a b/c", true),
            ("/srv/a", false),
            ("/over", false),
        ] {
            assert_eq!(mounts.is_of_the_system(Path::new(path)), is, "{path}");
        }
    }
}
