//! What is said on a machine that a package has set up, to whoever types `latchkey` without the
//! service's configuration.

use super::full_disk::can_mount;
use crate::support::{Ended, Latchkey};

/// A command on such a machine.
fn run(latchkey: &Latchkey, command: &str) -> Ended {
    let script = format!(
        "mount -t tmpfs tmpfs /etc && mkdir /etc/latchkey && : >/etc/latchkey/latchkey.toml && \
         \"$0\" {command}"
    );
    let unshare = ["unshare", "--map-root-user", "--mount", "sh", "-c", script.as_str()];
    let ended = latchkey.command_by(&unshare, &[]).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: ended.status.code(), out: text(ended.stdout), err: text(ended.stderr) }
}

#[test]
fn whoever_names_no_configuration_is_led_to_the_services() {
    if !can_mount() {
        eprintln!("skipped: no mount in a namespace of one's own here");
        return;
    }
    let latchkey = Latchkey::new();
    latchkey.write("any.backup", "");
    for (command, code) in [
        ("user open nora", 1),
        ("backup one.backup", 1),
        ("token list", 1),
        ("restore any.backup", 2),
    ] {
        let ended = run(&latchkey, command);
        assert_eq!((ended.code, ended.out.as_str()), (Some(code), ""), "{command}");
        assert!(ended.err.contains("sudo latchkey-service"), "{command}: {}", ended.err);
    }
    assert!(!latchkey.path("data").exists());
    // Whoever names one means that one.
    let named = run(&latchkey, "user open nora --store rocksdb://other");
    assert!(
        named.code == Some(1) && named.err.contains("there is no store at rocksdb://other. Is"),
        "{}",
        named.err
    );
}
