//! Who is at the other end of the socket, by the system's own word. Tests: here, and
//! `server/tests/server/command_line/control/door.rs`.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix_process::process::geteuid;

/// The user who may do anything.
pub(super) const ROOT: u32 = 0;

/// The user that this process runs as.
pub(super) fn own() -> u32 {
    geteuid().as_raw()
}

/// Whose this is, or the nearest folder above it that one may look at.
pub(super) fn owner(path: &Path) -> Option<u32> {
    path.ancestors().find_map(|path| std::fs::metadata(path).ok()).map(|found| found.uid())
}

/// A user as `sudo -u` takes one: by name, where this machine's own list has one.
pub(super) fn name(user: u32) -> String {
    let list = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_in(&list, user).map_or_else(|| format!("'#{user}'"), str::to_owned)
}

fn name_in(list: &str, user: u32) -> Option<&str> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(user)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_called_by_name_where_there_is_one() {
        let list = "root:x:0:0:root:/root:/bin/sh\n\nodd\nlatchkey:x:998:998::/:/bin/false\n";
        assert_eq!(
            [0, 998, 1].map(|user| name_in(list, user)),
            [Some("root"), Some("latchkey"), None]
        );
        assert_eq!(name(u32::MAX - 7), "'#4294967288'");
    }

    #[test]
    fn whose_a_folder_is_shows_above_what_is_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(owner(&folder.path().join("not/there")), Some(own()));
        assert_eq!(owner(Path::new("not-there")), None);
    }
}
