//! A desk of its own for each test, with the demo accounts, a standing clock and cheap hashing.

use std::sync::Arc;
use std::time::Duration;

use desk::{
    AccountChange, AuditAction, Changed, Clock, Cookie, Desk, Directory, NewToken, OpenError,
    Permit, PlainToken, Refusal, Right, Settings, TokenView, Visitor, right,
};
use tokio::time::Instant;

use crate::by_hand::{self, origin, secret};
use crate::store_folder::StoreFolder;

/// A desk, and the store's folder, kept for as long as the desk is used.
#[derive(Debug)]
pub struct World {
    /// The desk; a world is one, too.
    pub desk: Desk,
    /// It stands still until a test moves it.
    pub clock: Clock,
    /// What the desk was opened with.
    pub settings: Settings,
    /// Where its store is, if it is on files.
    pub folder: StoreFolder,
}

impl std::ops::Deref for World {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.desk
    }
}

/// With the demo accounts.
pub async fn world() -> World {
    world_with(|_| {}).await
}

/// With the demo accounts and other settings.
pub async fn world_with(adjust: impl FnOnce(&mut Settings)) -> World {
    let world = empty_world_with(adjust).await;
    world.desk.console().load_demo().await.unwrap();
    world
}

/// With nobody.
pub async fn empty_world_with(adjust: impl FnOnce(&mut Settings)) -> World {
    empty_world(None, adjust).await
}

/// With a directory beside the built-in one.
///
/// The store is in memory, or what `LATCHKEY_TEST_STORE` says: `rocksdb`, or `ws` with the address
/// in `LATCHKEY_TEST_WS`.
pub async fn empty_world(
    directory: Option<Arc<dyn Directory>>,
    adjust: impl FnOnce(&mut Settings),
) -> World {
    let folder = StoreFolder::new();
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

impl World {
    /// With just these settings, and the demo accounts.
    pub async fn demo(settings: Settings) -> Self {
        let desk = Desk::open(settings.clone()).await.unwrap();
        desk.console().load_demo().await.unwrap();
        let folder = StoreFolder::new();
        Self { desk, clock: settings.clock.clone(), settings, folder }
    }

    /// A second node, where the tests run on a server; else the same desk: the files and the memory
    /// are one process's.
    pub async fn beside(&self) -> Desk {
        if !self.settings.store.starts_with("ws") {
            return self.desk.clone();
        }
        Desk::open(Settings { node: "beside".to_owned(), ..self.settings.clone() }).await.unwrap()
    }

    /// How many times a race is run: all where `LATCHKEY_TEST_ROUNDS` is `all`, else a fifth, and
    /// on disk or over the network, where each takes longer, a third of that.
    pub fn rounds(&self, all: u32) -> u32 {
        let is_all = std::env::var("LATCHKEY_TEST_ROUNDS").is_ok_and(|rounds| rounds == "all");
        let in_memory = if is_all { all } else { all / 5 };
        if self.settings.store.starts_with("mem") { in_memory } else { in_memory / 3 }
    }

    /// Logs a demo account in.
    pub async fn cookie(&self, netid: &str) -> Cookie {
        by_hand::log_in(self, netid).await
    }

    /// A demo account that has just logged in.
    pub async fn person(&self, netid: &str) -> Visitor {
        self.look(&self.cookie(netid).await).await.unwrap()
    }

    /// Who comes with this cookie.
    ///
    /// # Errors
    /// As [`Desk::visitor`].
    pub async fn look(&self, cookie: &Cookie) -> Result<Visitor, Refusal> {
        self.visitor(cookie, &origin()).await
    }

    /// A permit by the demo account's local password.
    ///
    /// # Errors
    /// As [`Desk::authorise`].
    pub async fn permit<R: Right>(
        &self,
        netid: &str,
        subject: Option<&str>,
    ) -> Result<Permit<R>, Refusal> {
        by_hand::permit(self, netid, subject).await
    }

    /// The same by a form with this key, which asks for `action`.
    ///
    /// # Errors
    /// As [`Desk::sender`] and [`Desk::authorise`].
    pub async fn permit_by_form<R: Right>(
        &self,
        netid: &str,
        subject: Option<&str>,
        form: &str,
        action: AuditAction,
    ) -> Result<Permit<R>, Refusal> {
        by_hand::permit_by_form(self, netid, subject, form, action).await
    }

    /// What a local password is worth to this visitor, to make a token or revoke one.
    ///
    /// # Errors
    /// As [`Desk::authorise`].
    pub async fn confirm(
        &self,
        visitor: &Visitor,
        password: &str,
    ) -> Result<Permit<right::ManageOwnTokens>, Refusal> {
        by_hand::confirm(self, visitor, password).await
    }

    /// A token of a demo account.
    pub async fn token(&self, netid: &str, description: &str) -> (PlainToken, TokenView) {
        self.token_with(netid, description, |_| {}).await
    }

    /// The same, not as the form has it at first.
    pub async fn token_with(
        &self,
        netid: &str,
        description: &str,
        adjust: impl FnOnce(&mut NewToken),
    ) -> (PlainToken, TokenView) {
        by_hand::token_with(self, netid, description, adjust).await
    }

    /// Its owner revokes a token.
    pub async fn revoke(&self, netid: &str, token: &TokenView) {
        let permit = self.permit::<right::ManageOwnTokens>(netid, None).await.unwrap();
        self.revoke_token(&permit, token.id.as_str()).await.unwrap();
    }

    /// Sets `netid`'s initial local password by helen's hand.
    pub async fn give_initial(&self, netid: &str, password: &str) {
        let permit = self.permit::<right::SetLocalPassword>("helen", Some(netid)).await.unwrap();
        self.set_local_password(&permit, &secret(password), &secret(password)).await.unwrap();
    }

    /// Sets `netid`'s own local password by the operator's hand.
    pub async fn give_own(&self, netid: &str, password: &str) {
        let permit = self.console().permit::<right::SetLocalPassword>(netid).await.unwrap();
        let own = secret(password);
        self.console().set_local_password(&permit, &own, &own, true).await.unwrap();
    }

    /// Disables or enables somebody by ada's hand.
    pub async fn set_disabled(&self, netid: &str, to: bool) {
        let permit: Permit<right::SetDisabled> = self.permit("ada", Some(netid)).await.unwrap();
        let disabled = Some(Changed { from: permit.person().unwrap().disabled, permit, to });
        self.change_account(&AccountChange { disabled, ..AccountChange::default() }).await.unwrap();
    }

    /// Gives somebody a role by ada's hand.
    pub async fn set_role(&self, netid: &str, to: desk::Role) {
        let permit: Permit<right::SetRole> = self.permit("ada", Some(netid)).await.unwrap();
        let role = Some(Changed { from: permit.person().unwrap().role, permit, to });
        self.change_account(&AccountChange { role, ..AccountChange::default() }).await.unwrap();
    }

    /// Lets somebody have tokens, or no longer, by ada's hand.
    pub async fn set_privileged(&self, netid: &str, to: bool) {
        let permit: Permit<right::SetPrivileged> = self.permit("ada", Some(netid)).await.unwrap();
        let privileged = Some(Changed { from: permit.person().unwrap().privileged, permit, to });
        self.change_account(&AccountChange { privileged, ..AccountChange::default() })
            .await
            .unwrap();
    }

    /// What the audit says last about `subject`: action, outcome, detail.
    pub async fn last_audit(&self, subject: &str) -> (String, String, String) {
        let query = desk::AuditQuery { subject: subject.to_owned(), ..Default::default() };
        let row = self.console().audit(&query).await.unwrap().rows.into_iter().next().unwrap();
        (row.action.to_string(), row.outcome.to_string(), row.detail)
    }
}

/// Opens a store again that was just closed: its files are let go of a moment after the last
/// handle.
pub async fn reopen(settings: Settings) -> Desk {
    try_reopen(settings).await.unwrap_or_else(|error| panic!("{error}"))
}

/// The same, whatever comes of it.
///
/// # Errors
/// The store does not open, and not because somebody still has it.
pub async fn try_reopen(settings: Settings) -> Result<Desk, OpenError> {
    try_reopen_with(settings, None).await
}

/// The same, with a directory beside the built-in one.
///
/// # Errors
/// As [`try_reopen`].
pub async fn try_reopen_with(
    settings: Settings,
    directory: Option<Arc<dyn Directory>>,
) -> Result<Desk, OpenError> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match Desk::open_with(settings.clone(), directory.clone()).await {
            Err(OpenError::InUse(_)) if Instant::now() < deadline => tokio::task::yield_now().await,
            other => return other,
        }
    }
}
