//! Stores as earlier versions wrote them (`desk/tests/fixtures/stores`): today's program opens
//! each, and nothing is lost.
//!
//! They are RocksDB's, whatever store the other tests run on: once is enough.

mod changes;
mod departures;
mod found;
mod kept;
mod members;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use desk::{Clock, Desk, GroupRules, Settings, UserPage, right};
use serde::Deserialize;
use serde_json::Value;

use super::directory::{List, person};
use super::support::{World, origin, secret};

/// What is in a store, as the program that wrote it said.
#[derive(Debug, Deserialize)]
struct Contents {
    schema: u32,
    now: i64,
    audit_rows: u64,
    client: Option<OldClient>,
    sessions: Vec<OldSession>,
    tokens: Vec<OldToken>,
    people: Vec<OldPerson>,
}

#[derive(Debug, Deserialize)]
struct OldClient {
    name: String,
    secret: String,
}

#[derive(Debug, Deserialize)]
struct OldSession {
    netid: String,
    cookie: String,
    /// The token that its next view shows.
    waiting: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OldToken {
    token: String,
    owner: String,
    /// By method and address: `good`, `forbidden` or `refused`.
    answers: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct OldPerson {
    netid: String,
    name: String,
    email: String,
    role: String,
    privileged: bool,
    disabled: bool,
    source: String,
    local: Value,
    gone: Option<Gone>,
    /// Their tokens are refused and not yet revoked.
    spared: bool,
    /// An administrator's word stands against that of the directory.
    kept: bool,
    logs_in: bool,
    local_password: Option<String>,
    tokens: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Gone {
    /// None: an administrator had disabled them before.
    at: Option<i64>,
    by: Vec<String>,
}

impl OldPerson {
    /// Whoever logs in at the desk itself.
    fn is_own(&self) -> bool {
        self.source == "built-in"
    }

    /// Whom the directory has.
    fn is_in_directory(&self) -> bool {
        let is_there =
            self.gone.as_ref().map_or(!self.disabled, |gone| gone.by.iter().all(|by| by != "ldap"));
        self.source == "ldap" && !self.kept && is_there
    }
}

/// A store of before, opened by today's program at the moment at which it was closed.
struct Old {
    name: String,
    world: World,
    list: Arc<List>,
    was: Contents,
}

impl std::ops::Deref for Old {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl Old {
    async fn page(&self, netid: &str) -> UserPage {
        self.user_page(&self.console().permit::<right::FindUsers>(netid).await.unwrap())
            .await
            .unwrap()
    }

    async fn tokens(&self, netid: &str) -> Value {
        let permit = self.console().permit::<right::SeeTokensOf>(netid).await.unwrap();
        let mut tokens = self.tokens_of(&permit).await.unwrap();
        tokens.sort_by_key(|token| token.id.to_string());
        serde_json::to_value(tokens).unwrap()
    }

    fn was(&self, netid: &str) -> &OldPerson {
        self.was.people.iter().find(|person| person.netid == netid).unwrap()
    }

    /// Logs somebody in, by the directory's password where they are the directory's.
    async fn comes_in(&self, netid: &str) -> bool {
        let password = if self.was(netid).is_own() {
            format!("{netid}-netid-password")
        } else {
            format!("{netid}'s password")
        };
        self.log_in(netid, &secret(&password), &origin()).await.is_ok()
    }

    /// Closes it and opens it again.
    async fn again(self) -> Self {
        self.world.desk.close().await;
        let World { desk, clock, settings, folder } = self.world;
        drop(desk);
        let desk = open_again(&settings, &self.list).await;
        Self { world: World { desk, clock, settings, folder }, ..self }
    }
}

/// Where they lie; cargo runs tests in the folder of their crate.
fn fixtures() -> &'static Path {
    Path::new("tests/fixtures/stores")
}

/// One store of each shape; none where the tests run on another store than memory.
fn names() -> Vec<String> {
    if !matches!(std::env::var("LATCHKEY_TEST_STORE").as_deref(), Err(_) | Ok("" | "mem")) {
        return Vec::new();
    }
    let files = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        files.filter_map(|file| file.strip_suffix(".tar.gz").map(str::to_owned)).collect();
    names.sort();
    assert_eq!(names.len(), 11);
    names
}

async fn old(name: &str) -> Old {
    let folder = tempfile::tempdir().unwrap();
    let packed = fixtures().join(format!("{name}.tar.gz"));
    let unpacked =
        Command::new("tar").arg("-xzf").arg(packed).arg("-C").arg(folder.path()).status().unwrap();
    assert!(unpacked.success());
    let was: Contents =
        serde_json::from_slice(&std::fs::read(fixtures().join(format!("{name}.json"))).unwrap())
            .unwrap();
    assert!(name.ends_with(&format!("-schema{}", was.schema)));
    let clock = Clock::Set(Arc::new(AtomicI64::new(was.now)));
    let settings = Settings {
        store: format!("rocksdb://{}", folder.path().join("store").display()),
        clock: clock.clone(),
        hash_memory_kib: 64,
        hash_passes: 1,
        groups: GroupRules { privileged: vec!["staff".to_owned()], ..GroupRules::default() },
        is_pushed_to: true,
        // Each was made beside the demo accounts.
        demo: true,
        ..Settings::default()
    };
    let list = Arc::new(List::default());
    let there = was.people.iter().filter(|person| person.is_in_directory());
    list.set(
        &there
            .map(|who| person(&who.netid, if who.spared { &[] } else { &["staff"] }))
            .collect::<Vec<_>>(),
    );
    // At the first try: nobody else has it open.
    let desk = Desk::open_with(settings.clone(), Some(list.clone()))
        .await
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let folder = folder.into();
    Old { name: name.to_owned(), world: World { desk, clock, settings, folder }, list, was }
}

/// Its files are let go of a moment after the last handle.
async fn open_again(settings: &Settings, list: &Arc<List>) -> Desk {
    testkit::try_reopen_with(settings.clone(), Some(list.clone()))
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", settings.store))
}
