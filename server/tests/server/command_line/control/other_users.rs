//! Who may send commands: the server's own user, and root. These switch users, for which a test has
//! to be root's; for others they say so and look at nothing.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::program::{ANY_PORT, settings_of_somebody};

use super::{serve, socket};
use crate::support::{Ended, Latchkey};

/// Nobody, who has no file.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    let root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    if !root {
        eprintln!("skipped: only root can be somebody else");
    }
    root
}

fn open_up(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// The program where everybody may start it, in a folder that everybody may enter.
fn for_everybody(latchkey: &Latchkey) -> PathBuf {
    let program = latchkey.path("latchkey");
    std::fs::copy(env!("CARGO_BIN_EXE_latchkey"), &program).unwrap();
    open_up(&program, 0o755);
    open_up(&latchkey.path("."), 0o755);
    program
}

/// A command of nobody's.
fn by_nobody(latchkey: &Latchkey, program: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("setpriv");
    let nobody = NOBODY.to_string();
    command.args(["--reuid", nobody.as_str(), "--regid", nobody.as_str(), "--clear-groups"]);
    command.arg(program).args(args).current_dir(latchkey.path("."));
    for name in settings_of_somebody() {
        command.env_remove(name);
    }
    command
}

fn ended(mut command: Command) -> Ended {
    let ended = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: ended.status.code(), out: text(ended.stdout), err: text(ended.stderr) }
}

#[test]
fn nobody_else_is_let_in_and_each_is_told_as_whom_to_come() {
    if !is_root() {
        return;
    }
    let latchkey = Latchkey::new();
    let program = for_everybody(&latchkey);
    let serving = serve(&latchkey);
    let list = ["user", "list"];
    let outside = ended(by_nobody(&latchkey, &program, &list));
    assert_eq!((outside.code, outside.out.as_str()), (Some(1), ""));
    assert!(outside.err.contains("sudo -u root latchkey"), "{}", outside.err);
    // Where the files let everybody through, the server still does not.
    open_up(&latchkey.path("data"), 0o755);
    open_up(&socket(&latchkey), 0o666);
    let inside = ended(by_nobody(&latchkey, &program, &list));
    assert_eq!((inside.code, inside.out.as_str()), (Some(1), ""));
    assert!(
        inside.err.contains("takes commands from the user that it runs as")
            && inside.err.contains("sudo -u root latchkey"),
        "{}",
        inside.err
    );
    let (_, log) = serving.terminate();
    assert!(log.contains("its caller is another user") && log.contains("65534"), "{log}");
}

#[test]
fn root_is_let_in_and_leaves_no_file_of_root_s() {
    if !is_root() {
        return;
    }
    let latchkey = Latchkey::new();
    let program = for_everybody(&latchkey);
    let data = latchkey.path("data");
    std::fs::create_dir(&data).unwrap();
    open_up(&data, 0o700);
    chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
    let serve = by_nobody(&latchkey, &program, &["serve", "--listen", ANY_PORT]);
    let serving = latchkey.serve_by(serve);
    latchkey.write("people.csv", "netid,name\nsam,Sam\n");
    // What root alone may read is read by root.
    open_up(&latchkey.path("people.csv"), 0o600);
    let made = latchkey.run(&["user", "import", "people.csv"]);
    assert_eq!((made.code, made.err.as_str()), (Some(0), ""));
    for file in std::fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().uid(), NOBODY, "{:?}", file.file_name());
    }
    assert_eq!(serving.terminate().0, Some(0));
}

#[test]
fn nothing_is_sent_to_a_program_of_somebody_else_s() {
    if !is_root() {
        return;
    }
    let latchkey = Latchkey::new();
    let program = for_everybody(&latchkey);
    // Nobody's server, at a place that root's configuration names for a store of root's.
    let theirs = latchkey.path("theirs");
    std::fs::create_dir(&theirs).unwrap();
    chown(&theirs, Some(NOBODY), Some(NOBODY)).unwrap();
    let path = theirs.join("control.sock");
    let store = format!("rocksdb://{}", theirs.join("data").display());
    let mut serve = by_nobody(&latchkey, &program, &["serve", "--listen", ANY_PORT]);
    serve.env("LATCHKEY_CONTROL", &path).env("LATCHKEY_STORE", store);
    let serving = latchkey.serve_by(serve);
    assert_eq!(latchkey.run_with(&["user", "import", "-"], "netid,name\nsam,Sam\n").code, Some(0));
    let mut command = latchkey.command(&["user", "list"]);
    command.env("LATCHKEY_CONTROL", &path);
    let refused = ended(command);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
    assert!(refused.err.contains("a program of another user listens"), "{}", refused.err);
    serving.kill();
}
