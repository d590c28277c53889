//! The service that a package has set up on this machine: whoever types a command without its
//! configuration is told by which program it is reached. Tests: here, and
//! `server/tests/server/command_line/packaged.rs`.

use std::io::ErrorKind;
use std::path::Path;

use crate::config::Configuration;

/// Where a package puts the service's configuration.
const CONFIGURATION: &str = "/etc/latchkey/latchkey.toml";

/// The user that it runs as.
const USER: &str = "latchkey";

/// Whether there is one.
pub(super) fn is_here() -> bool {
    is_at(Path::new(CONFIGURATION))
}

/// Not everybody may enter its folder.
fn is_at(configuration: &Path) -> bool {
    match configuration.try_exists() {
        Ok(is_there) => is_there,
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

/// Whether anything says which store is meant: otherwise it is one of the working folder.
pub(super) fn names_store(configuration: &Configuration) -> bool {
    configuration.file.is_some() || configuration.place_of("store.url").is_some()
}

/// How a command is typed that is to run as this user.
pub(super) fn typed_as(user: &str) -> String {
    typed(user, is_here())
}

fn typed(user: &str, is_here: bool) -> String {
    if is_here && user == USER {
        "sudo latchkey-service …".to_owned()
    } else {
        format!("sudo -u {user} latchkey …")
    }
}

/// What is said where no store was named and none is in the working folder; none: there is no
/// service here that could be meant.
pub(super) fn missing_store(configuration: &Configuration) -> Option<String> {
    (!names_store(configuration) && is_here()).then(|| {
        format!(
            "there is no store at {}, and no configuration was named. For the service of this \
             machine: sudo latchkey-service …",
            configuration.desk.store
        )
    })
}

/// Where the unit lets the service write.
const WRITABLE: [&str; 3] = ["/var/lib/latchkey", "/var/log/latchkey", "/var/backups/latchkey"];

/// What an operator adds to the unit (`systemctl edit latchkey`).
const DROP_INS: &str = "/etc/systemd/system/latchkey.service.d";

/// Why the service makes no backups by itself though whoever asks could; none: its unit lets it
/// write to where they go, or there is no service here that this configuration is for.
pub(super) fn unwritten_backups(configuration: &Configuration) -> Option<String> {
    let folder = &configuration.desk.backups.schedule.as_ref()?.folder;
    let is_its = configuration.file.as_deref() == Some(Path::new(CONFIGURATION));
    (is_its && !may_write(folder, Path::new(DROP_INS))).then(|| {
        let folder = folder.display();
        format!(
            "no backup can be made by the service: systemd lets it write below {} alone. Let it \
             write to {folder} (backup.to), too: `systemctl edit latchkey`, with the lines \
             [Service] and ReadWritePaths={folder}.",
            WRITABLE.join(", ")
        )
    })
}

/// By the packaged unit, or by what was added to it.
fn may_write(folder: &Path, drop_ins: &Path) -> bool {
    let added = std::fs::read_dir(drop_ins).into_iter().flatten().flatten().flat_map(|entry| {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let paths = |line: &str| {
            let paths = line.trim().strip_prefix("ReadWritePaths=")?;
            Some(paths.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        };
        text.lines().filter_map(paths).flatten().collect::<Vec<_>>()
    });
    WRITABLE
        .map(str::to_owned)
        .into_iter()
        .chain(added)
        .any(|path| folder.starts_with(path.trim_start_matches(['-', '+'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_own_user_is_reached_by_its_program_where_there_is_one() {
        assert_eq!(typed("latchkey", true), "sudo latchkey-service …");
        assert_eq!(typed("latchkey", false), "sudo -u latchkey latchkey …");
        assert_eq!(typed("root", true), "sudo -u root latchkey …");
    }

    #[test]
    fn backups_go_where_the_unit_lets_them() {
        let drop_ins = tempfile::tempdir().expect("a folder");
        let may = |folder: &str| may_write(Path::new(folder), drop_ins.path());
        assert!(may("/var/backups/latchkey") && may("/var/backups/latchkey/daily"));
        assert!(!may("/srv/backups") && !may("/var/backups") && !may("/var/backups/latchkeys"));
        let text = "[Service]\nReadWritePaths=-/srv/backups /mnt/nas\nLimitNOFILE=1\n";
        std::fs::write(drop_ins.path().join("override.conf"), text).expect("written");
        assert!(may("/srv/backups") && may("/mnt/nas/latchkey"));
        assert!(!may("/srv/others"));
        assert!(!may_write(Path::new("/srv/backups"), &drop_ins.path().join("not-there")));
    }

    #[test]
    fn it_is_where_its_configuration_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("latchkey.toml");
        assert!(!is_at(&file) && !is_at(&folder.path().join("not/there")));
        std::fs::write(&file, "").expect("written");
        assert!(is_at(&file) && !is_at(&file.join("below")));
    }
}
