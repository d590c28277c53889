//! https by Latchkey itself.

mod handshakes;
mod hostile;
mod http2;

use rustls::version::{TLS12, TLS13};

use crate::support::{Latchkey, Request, secure_world};
use testkit::program::ANY_PORT;

const HERE: [u8; 4] = [127, 0, 0, 1];

#[tokio::test(flavor = "multi_thread")]
async fn by_https_cookies_and_browsers_are_bound_to_it() {
    let (world, certificate) = secure_world(|_| {}).await;
    let fields = [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];
    for version in [&TLS12, &TLS13] {
        let connect = async || {
            certificate.connect(HERE, world.address, &[version], &[b"http/1.1"]).await.unwrap()
        };
        let page = Request::get("/login").page();
        let page = page.send_on(world.address, connect().await).await;
        assert_eq!(page.status, 200);
        let only = page.header("strict-transport-security");
        assert!(only.is_some_and(|only| only.starts_with("max-age=")), "{version:?}");
        let log_in = Request::form("/fn/log_in", &fields);
        let log_in = log_in.send_on(world.address, connect().await).await;
        let cookie = log_in.headers("set-cookie").join("\n");
        assert!(cookie.contains("__Host-latchkey=") && cookie.contains("Secure"), "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_speaks_http_is_told_to_speak_https() {
    let (world, _certificate) = secure_world(|_| {}).await;
    let answer = Request::get("/login").page().send(world.address).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("open the address by https://"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_known_when_the_certificate_ends() {
    let (world, _certificate) = secure_world(|_| {}).await;
    let ends = world.certificate_ends().expect("it speaks https");
    let left = ends.duration_since(std::time::SystemTime::now()).unwrap();
    assert!(left.as_secs() / 86_400 == 29 || left.as_secs() / 86_400 == 30, "{left:?}");
    assert_eq!(crate::support::world().await.certificate_ends(), None);
}

#[test]
fn what_cannot_be_a_certificate_is_refused_at_the_start_and_by_check() {
    let latchkey = Latchkey::new();
    let [one, other] = [(); 2].map(|()| crate::support::Certificate::new());
    let section = format!(
        "[store]\nurl = \"mem://\"\n[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n",
        one.chain().display(),
        other.key().display()
    );
    latchkey.write("latchkey.toml", &section);
    for args in [&["serve", "--listen", ANY_PORT][..], &["check"]] {
        let ended = latchkey.run(args);
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.err);
        let key = other.key().display().to_string();
        for part in ["latchkey.toml:5: tls.key: ", &key, "the key of another certificate"] {
            assert!(ended.err.contains(part), "{part}: {}", ended.err);
        }
    }
}

#[test]
fn a_key_that_anybody_can_read_is_said_aloud() {
    use std::os::unix::fs::PermissionsExt as _;
    let latchkey = Latchkey::new();
    let certificate = crate::support::Certificate::new();
    latchkey.write("latchkey.toml", &certificate.section());
    let with_mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(certificate.key(), permissions).unwrap();
        latchkey.run(&["check"]).out
    };
    assert!(with_mode(0o644).contains("(tls.key), can be read by anybody on this machine"));
    assert!(!with_mode(0o640).contains("can be read by anybody on this machine"));
}
