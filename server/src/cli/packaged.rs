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
    fn it_is_where_its_configuration_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("latchkey.toml");
        assert!(!is_at(&file) && !is_at(&folder.path().join("not/there")));
        std::fs::write(&file, "").expect("written");
        assert!(is_at(&file) && !is_at(&file.join("below")));
    }
}
