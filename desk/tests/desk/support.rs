//! A desk of its own for each test, with the demo accounts, a standing clock and cheap hashing.

use std::net::IpAddr;
use std::sync::Arc;

use desk::{
    Access, AccountChange, Changed, Clock, Cookie, Description, Desk, Directory, Expires, Networks,
    NewToken, OpenError, Origin, Permit, PlainToken, Refusal, Right, Role, Secret, Settings,
    TokenView, VerifyRequest, Visitor, right,
};

/// Keeps the store's folder for as long as the desk is used.
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) folder: tempfile::TempDir,
}

impl std::ops::Deref for World {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.desk
    }
}

pub(crate) async fn world() -> World {
    world_with(|_| {}).await
}

pub(crate) async fn world_with(adjust: impl FnOnce(&mut Settings)) -> World {
    let world = empty_world_with(adjust).await;
    world.desk.console().load_demo().await.unwrap();
    world
}

pub(crate) async fn empty_world_with(adjust: impl FnOnce(&mut Settings)) -> World {
    empty_world(None, adjust).await
}

/// With a directory beside the built-in one.
pub(crate) async fn empty_world(
    directory: Option<Arc<dyn Directory>>,
    adjust: impl FnOnce(&mut Settings),
) -> World {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::standing();
    let store = match std::env::var("LATCHKEY_TEST_STORE").unwrap_or_default().as_str() {
        "rocksdb" => format!("rocksdb://{}", folder.path().join("store").display()),
        "ws" => std::env::var("LATCHKEY_TEST_WS").unwrap(),
        _ => "mem://".to_owned(),
    };
    // A server is shared by all tests: each has a database of its own.
    let database = format!("test_{}", desk::random_form_key());
    // Tests make tokens faster than a person may; and who is there is the demo's, whoever comes
    // beside them.
    let fast = Settings {
        demo: true,
        tokens_per_minute: u32::MAX,
        hash_memory_kib: 64,
        hash_passes: 1,
        ..Settings::default()
    };
    let mut settings = Settings { store, database, clock: clock.clone(), ..fast };
    adjust(&mut settings);
    let desk = Desk::open_with(settings.clone(), directory).await.unwrap();
    World { desk, clock, settings, folder }
}

pub(crate) fn origin() -> Origin {
    Origin { address: "192.0.2.7".parse().unwrap(), agent: "a test's browser".to_owned() }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

impl World {
    /// A second node, where the tests run on a server; else the same desk: the files and the memory
    /// are one process's.
    pub(crate) async fn beside(&self) -> Desk {
        if !self.settings.store.starts_with("ws") {
            return self.desk.clone();
        }
        Desk::open(Settings { node: "beside".to_owned(), ..self.settings.clone() }).await.unwrap()
    }

    /// Logs a demo account in.
    pub(crate) async fn cookie(&self, netid: &str) -> Cookie {
        self.log_in(netid, &secret(&format!("{netid}-netid-password")), &origin()).await.unwrap().0
    }

    pub(crate) async fn person(&self, netid: &str) -> Visitor {
        self.look(&self.cookie(netid).await).await.unwrap()
    }

    pub(crate) async fn look(&self, cookie: &Cookie) -> Result<Visitor, Refusal> {
        self.visitor(cookie, &origin()).await
    }

    /// A permit by the demo account's local password.
    pub(crate) async fn permit<R: Right>(
        &self,
        netid: &str,
        subject: Option<&str>,
    ) -> Result<Permit<R>, Refusal> {
        let visitor = self.person(netid).await;
        self.authorise(
            &visitor,
            subject,
            Some(&secret(&format!("{netid}-local-password"))),
            &origin(),
        )
        .await
    }

    pub(crate) async fn token(&self, netid: &str, description: &str) -> (PlainToken, TokenView) {
        self.token_with(netid, description, |_| {}).await
    }

    pub(crate) async fn token_with(
        &self,
        netid: &str,
        description: &str,
        adjust: impl FnOnce(&mut NewToken),
    ) -> (PlainToken, TokenView) {
        let permit = self.permit::<right::ManageOwnTokens>(netid, None).await.unwrap();
        let mut new = new_token(description);
        adjust(&mut new);
        self.create_token(&permit, new, "").await.unwrap()
    }

    /// Sets `netid`'s initial local password by helen's hand.
    pub(crate) async fn give_initial(&self, netid: &str, password: &str) {
        let permit = self.permit::<right::SetLocalPassword>("helen", Some(netid)).await.unwrap();
        self.set_local_password(&permit, &secret(password), &secret(password), "").await.unwrap();
    }

    /// What the audit says last about `subject`: action, outcome, detail.
    pub(crate) async fn last_audit(&self, subject: &str) -> (String, String, String) {
        let query = desk::AuditQuery { subject: subject.to_owned(), ..Default::default() };
        let row = self.console().audit(&query).await.unwrap().rows.into_iter().next().unwrap();
        (row.action.to_string(), row.outcome.to_string(), row.detail)
    }
}

/// The change of a role.
pub(crate) fn role(permit: &Permit<right::SetRole>, from: Role, to: Role) -> AccountChange {
    AccountChange {
        role: Some(Changed { permit: permit.clone(), from, to }),
        ..AccountChange::default()
    }
}

/// Gives the privilege, or takes it.
pub(crate) fn privileged(permit: &Permit<right::SetPrivileged>, to: bool) -> AccountChange {
    AccountChange {
        privileged: Some(Changed { permit: permit.clone(), from: !to, to }),
        ..AccountChange::default()
    }
}

/// Disables an account, or enables it.
pub(crate) fn disabled(permit: &Permit<right::SetDisabled>, to: bool) -> AccountChange {
    AccountChange {
        disabled: Some(Changed { permit: permit.clone(), from: !to, to }),
        ..AccountChange::default()
    }
}

pub(crate) fn new_token(description: &str) -> NewToken {
    NewToken {
        description: Description::parse(description).unwrap(),
        access: Access::Full,
        networks: Networks::default(),
        expires: Expires::Never,
    }
}

pub(crate) fn get() -> VerifyRequest<'static> {
    request("GET", "192.0.2.7")
}

pub(crate) fn request(method: &'static str, address: &str) -> VerifyRequest<'static> {
    VerifyRequest { method, address: Some(address.parse::<IpAddr>().unwrap()) }
}

/// Opens a store again that was just closed: its files are let go of a moment after the last
/// handle.
pub(crate) async fn reopen(settings: Settings) -> Desk {
    try_reopen(settings).await.unwrap_or_else(|error| panic!("{error}"))
}

/// The same, whatever comes of it.
pub(crate) async fn try_reopen(settings: Settings) -> Result<Desk, OpenError> {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        match Desk::open(settings.clone()).await {
            Err(OpenError::InUse(_)) if tokio::time::Instant::now() < deadline => {
                tokio::task::yield_now().await
            }
            other => return other,
        }
    }
}
