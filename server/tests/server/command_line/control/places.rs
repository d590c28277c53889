//! Where the socket is: in the store's folder, elsewhere, nowhere; what is in its place, and whose
//! store it is.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use testkit::program::ANY_PORT;

use super::{serve, socket};
use crate::support::{Ended, Latchkey};

/// A command with a place of its own for the socket.
fn with_control(latchkey: &Latchkey, control: &Path, args: &[&str]) -> Command {
    let mut command = latchkey.command(args);
    command.env("LATCHKEY_CONTROL", control);
    command
}

fn ended(mut command: Command) -> Ended {
    let ended = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: ended.status.code(), out: text(ended.stdout), err: text(ended.stderr) }
}

const SERVE: [&str; 3] = ["serve", "--listen", ANY_PORT];

#[test]
fn it_is_where_the_configuration_says_and_for_that_store_alone() {
    let latchkey = Latchkey::new();
    let path = latchkey.path("control.sock");
    let run = |args: &[&str]| ended(with_control(&latchkey, &path, args));
    let serving = latchkey.serve_by(with_control(&latchkey, &path, &SERVE));
    assert!(path.exists() && !socket(&latchkey).exists());
    latchkey.write("people.csv", "netid,name\nsam,Sam\n");
    assert_eq!(run(&["user", "import", "people.csv"]).code, Some(0));
    assert!(run(&["user", "show", "sam"]).code == Some(0));
    // Another store's commands do not go there.
    let other = ["user", "list", "--store", "rocksdb://other"];
    let missing = run(&other);
    assert!(missing.err.contains("there is no store at rocksdb://other"), "{}", missing.err);
    let import = ["user", "import", "people.csv", "--store", "rocksdb://other"];
    assert_eq!(run(&import).code, Some(0));
    assert_eq!(run(&["user", "disable", "sam", "--store", "rocksdb://other"]).code, Some(0));
    assert!(run(&["user", "show", "sam", "--json"]).out.contains("\"disabled\": false"));
    assert_eq!(serving.terminate().0, Some(0));
    assert!(!path.exists());
}

#[test]
fn two_servers_do_not_share_one() {
    let [one, other] = [Latchkey::new(), Latchkey::new()];
    let path = one.path("control.sock");
    let serving = one.serve_by(with_control(&one, &path, &SERVE));
    let second = ended(with_control(&other, &path, &SERVE));
    assert_eq!((second.code, second.out.as_str()), (Some(1), ""));
    assert!(second.err.contains("Another program listens at"), "{}", second.err);
    assert_eq!(ended(with_control(&one, &path, &["client", "list"])).code, Some(0));
    serving.kill();
}

#[test]
fn a_link_in_its_place_is_not_followed() {
    let latchkey = Latchkey::new();
    let (target, link) = (latchkey.path("target"), latchkey.path("link.sock"));
    symlink(&target, &link).unwrap();
    let refused = ended(with_control(&latchkey, &link, &SERVE));
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
    assert!(refused.err.contains("it is no socket") && !target.exists(), "{}", refused.err);
    // Nor by whoever calls, where somebody has put one there meanwhile.
    let serving = serve(&latchkey);
    let path = socket(&latchkey);
    std::fs::remove_file(&path).unwrap();
    let other = UnixListener::bind(&target).unwrap();
    other.set_nonblocking(true).unwrap();
    symlink(&target, &path).unwrap();
    let ended = latchkey.run(&["user", "list"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("is a symbolic link"), "{}", ended.err);
    assert!(other.accept().is_err(), "nobody has come");
    assert_eq!(serving.terminate().0, Some(0));
    assert!(std::fs::read_link(&path).is_ok(), "it is not the server's to remove");
}

#[test]
fn what_is_in_the_way_in_the_store_s_folder_keeps_no_server_from_its_work() {
    let latchkey = Latchkey::new();
    std::fs::create_dir(latchkey.path("data")).unwrap();
    std::fs::write(socket(&latchkey), "kept").unwrap();
    let serving = serve(&latchkey);
    let ended = latchkey.run(&["user", "list"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.contains("in use by another latchkey process, and no server answers at"),
        "{}",
        ended.err
    );
    let check = latchkey.run(&["check"]).out;
    assert!(check.contains("Server: none takes commands for this store."), "{check}");
    let (code, log) = serving.terminate();
    assert!(code == Some(0) && log.contains("no commands are taken"), "{log}");
    assert_eq!(std::fs::read(socket(&latchkey)).unwrap(), b"kept");
}

#[test]
fn there_is_none_where_it_is_not_wanted() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", "[server]\ncontrol = \"\"\n");
    let serving = serve(&latchkey);
    assert!(!socket(&latchkey).exists());
    let ended = latchkey.run(&["user", "list"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("no socket for commands is configured"), "{}", ended.err);
    serving.kill();
}

#[test]
fn a_path_that_no_socket_can_have_is_refused_before_the_start() {
    let latchkey = Latchkey::new();
    let long = Path::new("/tmp").join("x".repeat(120));
    for args in [&SERVE[..], &["check"]] {
        let ended = ended(with_control(&latchkey, &long, args));
        assert_eq!(ended.code, Some(2), "{args:?}");
        assert!(
            ended.err.contains("LATCHKEY_CONTROL: server.control: ")
                && ended.err.contains("name a shorter one"),
            "{}",
            ended.err
        );
    }
}
