//! How often a password is said, to servers that answer in every way: a directory that counts wrong
//! ones may count each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use desk::{DirectoryError, GroupRules, Secret};
use futures::FutureExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::Ldap;
use super::pool::Lane;
use super::proof::Proof;
use crate::config::Ldap as Settings;

/// What a server does with a bind.
#[derive(Clone, Copy)]
enum Does {
    /// Answers with this result and text.
    Says(u8, &'static str),
    /// Ends the connection without a word.
    Drops,
    /// Answers that it is right where this is in it, and nothing at all else.
    AnswersOnly(&'static str),
    /// Answers that it is right, and ends the connection then.
    SaysYesAndEnds,
    /// Answers that it is too busy, and takes no connection any more.
    SaysBusyAndStops,
}

/// A server that counts binds.
struct Server {
    url: String,
    binds: Arc<AtomicUsize>,
}

impl Server {
    async fn that(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("ldap://{}", listener.local_addr().expect("an address"));
        let binds = Arc::new(AtomicUsize::new(0));
        let counted = binds.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let counted = counted.clone();
                tokio::spawn(async move {
                    let mut request = [0_u8; 1024];
                    while let Ok(length) = stream.read(&mut request).await {
                        // SEQUENCE, its length, INTEGER of one byte: the message's number; then the
                        // operation, 0x60 for a bind.
                        if length < 6 || request[5] != 0x60 {
                            return;
                        }
                        counted.fetch_add(1, Ordering::SeqCst);
                        let (result, text) = match does {
                            Does::Says(result, text) => (result, text),
                            Does::SaysYesAndEnds => (0, ""),
                            Does::SaysBusyAndStops => (51, "busy"),
                            Does::Drops => return,
                            Does::AnswersOnly(what) => {
                                let stated = String::from_utf8_lossy(&request[..length]);
                                if !stated.contains(what) {
                                    continue;
                                }
                                (0, "")
                            }
                        };
                        let _ = stream.write_all(&answer(request[4], result, text)).await;
                        if matches!(does, Does::SaysYesAndEnds) {
                            return;
                        }
                    }
                });
                if matches!(does, Does::SaysBusyAndStops) {
                    return;
                }
            }
        });
        Self { url, binds }
    }

    fn binds(&self) -> usize {
        self.binds.load(Ordering::SeqCst)
    }
}

/// A `BindResponse` (RFC 4511 §4.2.2).
fn answer(message: u8, result: u8, text: &str) -> Vec<u8> {
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).expect("short");
    let mut inner = vec![0x0a, 1, result, 4, 0, 4, length(text.as_bytes())];
    inner.extend(text.bytes());
    let mut whole = vec![2, 1, message, 0x61, length(&inner)];
    whole.extend(inner);
    [vec![0x30, length(&whole)], whole].concat()
}

fn directory(servers: &[&Server]) -> Ldap {
    directory_bound(servers, None)
}

fn directory_bound(servers: &[&Server], bind: Option<(String, Secret)>) -> Ldap {
    let settings = Settings {
        urls: servers.iter().map(|server| server.url.parse().expect("an address")).collect(),
        starttls: false,
        ca_file: None,
        bind,
        base: "dc=example".to_owned(),
        filter: "(uid={netid})".to_owned(),
        netid_attribute: "uid".to_owned(),
        name_attribute: "cn".to_owned(),
        email_attribute: "mail".to_owned(),
        groups: None,
        timeout: Duration::from_secs(5),
        connections: 2,
    };
    Ldap::new(settings, GroupRules::default()).expect("sensible")
}

async fn proof(ldap: &Ldap) -> Result<Proof, DirectoryError> {
    proof_and_sent(ldap, &AtomicBool::new(false)).await
}

async fn proof_and_sent(ldap: &Ldap, sent: &AtomicBool) -> Result<Proof, DirectoryError> {
    let password = Secret::new("her password".to_owned());
    ldap.proof("uid=nora,dc=example", &password, Lane::Stranger, sent).await
}

#[tokio::test]
async fn however_many_strangers_wait_for_an_answer_a_known_browser_has_its_own() {
    let server = Server::that(Does::AnswersOnly("uid=nora")).await;
    let ldap = Arc::new(directory(&[&server]));
    let strangers: Vec<_> = (0..20)
        .map(|n| {
            let ldap = ldap.clone();
            tokio::spawn(async move {
                let dn = format!("uid=guessed{n},dc=example");
                let (wrong, sent) = (Secret::new("wrong".to_owned()), AtomicBool::new(false));
                ldap.proof(&dn, &wrong, Lane::Stranger, &sent).await
            })
        })
        .collect();
    while server.binds() == 0 {
        tokio::task::yield_now().await;
    }
    let hers = Secret::new("her password".to_owned());
    for _ in 0..3 {
        let sent = AtomicBool::new(false);
        let found = ldap.proof("uid=nora,dc=example", &hers, Lane::Known, &sent).await;
        assert_eq!(found, Ok(Proof::Right));
    }
    strangers.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn what_a_server_was_told_and_did_not_answer_it_may_have_counted() {
    let dropping = Server::that(Does::Drops).await;
    let found = proof(&directory(&[&dropping])).await;
    assert!(matches!(found, Err(DirectoryError::Unanswered(_))), "{found:?}");
    let nowhere = directory(&[]);
    let found = proof(&nowhere).await;
    assert!(!matches!(found, Err(DirectoryError::Unanswered(_)) | Ok(_)), "{found:?}");
}

#[tokio::test]
async fn what_was_answered_or_never_said_is_no_try_that_a_directory_may_have_counted() {
    let sent = AtomicBool::new(false);
    let is_sent = || sent.load(Ordering::SeqCst);
    // What comes after an answer, such as a search for groups, may be as slow as it likes.
    for result in [0, 49, 1] {
        let server = Server::that(Does::Says(result, "")).await;
        let found = proof_and_sent(&directory(&[&server]), &sent).await;
        assert!(server.binds() == 1 && !is_sent(), "{found:?}");
    }
    let dropping = Server::that(Does::Drops).await;
    assert!(proof_and_sent(&directory(&[&dropping]), &sent).await.is_err() && is_sent());
    // Whoever waits behind others has told nothing yet.
    let silent = Server::that(Does::AnswersOnly("nobody")).await;
    let ldap = directory(&[&silent]);
    let (first_sent, second_sent) = (AtomicBool::new(false), AtomicBool::new(false));
    let first = proof_and_sent(&ldap, &first_sent);
    let second = async {
        while silent.binds() == 0 {
            tokio::task::yield_now().await;
        }
        proof_and_sent(&ldap, &second_sent).now_or_never()
    };
    let found = tokio::select! {
        answered = first => panic!("{answered:?}"),
        found = second => found,
    };
    assert_eq!(found, None, "it waits");
    assert_eq!((first_sent.into_inner(), second_sent.into_inner()), (true, false));
    // Nor has who was answered that one server is too busy, where there is no other.
    let busy = Server::that(Does::SaysBusyAndStops).await;
    let found = proof_and_sent(&directory(&[&busy]), &sent).await;
    assert!(matches!(found, Err(DirectoryError::Unavailable(_))) && !is_sent(), "{found:?}");
    assert_eq!(busy.binds(), 1);
}

#[tokio::test]
async fn a_server_that_says_no_or_what_makes_no_sense_is_asked_once_and_no_other() {
    for (does, right) in [
        (Does::Says(49, ""), Some(Proof::Wrong)),
        (Does::Says(53, "expired"), Some(Proof::Refused("result 53 expired".to_owned()))),
        (Does::Says(1, "operations error"), None),
        (Does::Says(8, "BindSimple: transport encryption required"), None),
        (Does::Says(13, ""), None),
        (Does::Drops, None),
    ] {
        let (first, second) = (Server::that(does).await, Server::that(Does::Says(0, "")).await);
        let found = proof(&directory(&[&first, &second])).await;
        assert_eq!(
            (found.as_ref().ok(), first.binds(), second.binds()),
            (right.as_ref(), 1, 0),
            "{found:?}"
        );
        if let Does::Says(8 | 13, _) = does {
            let stated = found.expect_err("no answer").to_string();
            assert!(
                stated.contains("wants an encrypted connection (result ")
                    && stated.contains("ldaps://"),
                "{stated}"
            );
        }
    }
}

#[tokio::test]
async fn of_a_server_that_is_too_busy_the_next_one_is_asked_and_never_the_same() {
    let (busy, other) =
        (Server::that(Does::Says(51, "busy")).await, Server::that(Does::Says(0, "")).await);
    assert_eq!(proof(&directory(&[&busy, &other])).await, Ok(Proof::Right));
    assert_eq!((busy.binds(), other.binds()), (1, 1));
    let alone = Server::that(Does::Says(52, "")).await;
    assert!(matches!(proof(&directory(&[&alone])).await, Err(DirectoryError::Unavailable(_))));
    assert_eq!(alone.binds(), 1);
}

#[tokio::test]
async fn a_connection_that_has_ended_meanwhile_refuses_nobody() {
    let server = Server::that(Does::SaysYesAndEnds).await;
    let ldap = directory(&[&server]);
    for times in 1..=3 {
        assert_eq!(proof(&ldap).await, Ok(Proof::Right));
        assert!(server.binds() >= times);
    }
}

#[tokio::test]
async fn what_a_server_writes_beside_a_no_makes_no_line_of_its_own() {
    let evil = "no\n2026-01-01T00:00:00Z ERROR forged\u{1b}[31m\0\u{202e}x";
    let who = Some(("cn=latchkey".to_owned(), Secret::new("its password".to_owned())));
    // Who searches is refused, and by a code that none is ready for; so is a person.
    for (result, begins) in [(49, "result 49 no"), (80, "result 80 no")] {
        let server = Server::that(Does::Says(result, evil)).await;
        let ldap = directory_bound(&[&server], who.clone());
        let searching = ldap.servers.open_one(0, true).await.expect_err("refused").to_string();
        let found = proof(&ldap).await;
        let stated = format!("{searching} {found:?}");
        assert!(searching.contains(begins) && !stated.contains(desk::is_invisible), "{stated}");
        assert!(!stated.contains("\\n") && !stated.contains("\\u"), "{stated}");
    }
}
