//! What the operator decides about the desk.

use std::path::PathBuf;

use crate::Moment;
use crate::engine::audit::keep_days::KeepDays;
use crate::engine::backup::recipient::BackupSettings;
use crate::engine::clock::Clock;
use crate::engine::identity::groups::GroupRules;
use crate::engine::identity::reserved::ReservedNames;
use crate::engine::identity::sync::limit::LeaverLimit;
use crate::engine::notices::settings::NoticeSettings;
use crate::engine::secret::Secret;
use crate::rules::Policy;
use crate::store::damage;

/// What the operator decides about the desk.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `rocksdb://FOLDER`, `ws://HOST:PORT`, `wss://HOST:PORT`, or `mem://` for tests.
    pub store: String,
    /// The database within the store's namespace `latchkey`: letters, digits and underscores.
    pub database: String,
    /// Name and password of the database's own user, where a SurrealDB server asks for one.
    pub store_login: Option<(String, Secret)>,
    /// The store is a demo's: a new one is marked as such, and none but a demo's is opened. Without
    /// this no demo's is.
    pub demo: bool,
    /// What becomes of a store whose schema is older than this program's.
    pub older_store: OlderStore,
    /// This node's name: its audit rows form one chain. Each node of a cluster needs its own.
    pub node: String,
    /// Marks each audit row (HMAC-SHA256). It is kept outside the store; every node that shares a
    /// store has the same.
    pub audit_key: Option<Secret>,
    /// For how long rows of the audit are kept; none: for ever.
    pub audit_keep: Option<KeepDays>,
    /// The target of the audit's stream: rows that it lacks are not removed; none: there is none.
    pub audit_stream: Option<String>,
    /// A synchronisation with the directory runs now and then: what cannot be taken back is left to
    /// it, and its guard.
    pub directory_synchronises: bool,
    /// An identity system may push people here.
    pub is_pushed_to: bool,
    /// An identity system may put people into the groups that are named below, which give roles and
    /// privilege.
    pub scim_groups: bool,
    /// The most people that an identity system may take away in an hour.
    pub scim_max_leavers_per_hour: LeaverLimit,
    /// Names by which nobody is made.
    pub reserved_netids: ReservedNames,
    /// Tokens of people of whom nobody would say that they have left are refused when they have not
    /// logged in for so many days; 0: never.
    pub token_needs_log_in_days: u32,
    /// From when on strings of Request Tracker's tokens are refused, whatever their own end; none:
    /// never.
    pub rt_strings_end: Option<Moment>,
    /// `people.first_password = "self-service"`.
    pub first_password_self_service: bool,
    /// The longest life of a token in days; none: no limit, `Never` allowed.
    pub token_cap_days: Option<u32>,
    /// The most tokens of one person that work at the same time.
    pub tokens_per_user: u32,
    /// The most tokens that one person makes in a minute.
    pub tokens_per_minute: u32,
    /// How long a correct local password confirms the session, in seconds; 0 asks every time.
    pub confirm_seconds: u32,
    /// A session unused for this many minutes ends.
    pub session_idle_minutes: u32,
    /// A session ends this many hours after log-in.
    pub session_hours: u32,
    /// The most sessions of one person; at the next log-in the oldest ends.
    pub sessions_per_user: u32,
    /// So many wrong passwords of one person the campus directory hears from browsers that have
    /// logged in as them before, and as many from all others, until it was quiet; 0: no limit.
    /// Twice as many must be fewer than lock an account there.
    pub directory_tries: u32,
    /// After so many minutes without a wrong password the directory begins to count anew.
    pub directory_quiet_minutes: u32,
    /// argon2id's m in KiB (OWASP Password Storage Cheat Sheet: 19456).
    pub hash_memory_kib: u32,
    /// argon2id's t (OWASP: 2).
    pub hash_passes: u32,
    /// argon2id's p (OWASP: 1).
    pub hash_lanes: u32,
    /// How many hashings run at once; 0: half of the cores.
    pub hash_threads: usize,
    /// How many tokens verify remembers, each reckoned at 600 bytes.
    pub cached_tokens: usize,
    /// How many bytes a store in a folder may take for what it has read and for what waits to be
    /// written.
    pub store_memory: usize,
    /// How many bytes of the store's disk are held back, so that rights can be taken away when it
    /// is full; 0: none.
    pub disk_reserve: u64,
    /// Backups of a store in a folder.
    pub backups: BackupSettings,
    /// What people are told by mail, and by the webhook.
    pub notices: NoticeSettings,
    /// What a directory's groups mean.
    pub groups: GroupRules,
    /// The clock; a test's stands still.
    pub clock: Clock,
}

/// What opening does with a store whose schema is older than this program's: once it is brought to
/// the newer one, the program that runs on it does not open it any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OlderStore {
    /// It is brought to this program's schema; an empty one gets it.
    #[default]
    Upgrade,
    /// It is refused ([`crate::OpenError::Older`]) and stays as it is; an empty one gets the
    /// schema.
    Refuse,
    /// The same, and an empty one stays empty.
    RefuseEmptyToo,
}

/// As the configuration's keys have them (a test of the server's compares them), but for the store:
/// in memory, where there is no disk to hold room on.
impl Default for Settings {
    fn default() -> Self {
        Self {
            store: "mem://".to_owned(),
            database: "latchkey".to_owned(),
            store_login: None,
            demo: false,
            older_store: OlderStore::Upgrade,
            node: "main".to_owned(),
            audit_key: None,
            audit_keep: None,
            audit_stream: None,
            directory_synchronises: false,
            is_pushed_to: false,
            scim_groups: false,
            scim_max_leavers_per_hour: LeaverLimit::default(),
            reserved_netids: ReservedNames::default(),
            token_needs_log_in_days: 0,
            rt_strings_end: None,
            first_password_self_service: false,
            token_cap_days: None,
            tokens_per_user: 100,
            tokens_per_minute: 20,
            confirm_seconds: 300,
            session_idle_minutes: 30,
            session_hours: 8,
            sessions_per_user: 50,
            directory_tries: 4,
            directory_quiet_minutes: 15,
            hash_memory_kib: 19_456,
            hash_passes: 2,
            hash_lanes: 1,
            hash_threads: 0,
            cached_tokens: 100_000,
            store_memory: 192 << 20,
            disk_reserve: 0,
            backups: BackupSettings::default(),
            notices: NoticeSettings::default(),
            groups: GroupRules::default(),
            clock: Clock::System,
        }
    }
}

impl Settings {
    /// Whether opening makes a new store: RocksDB's folder has none yet (a server's, or one in
    /// memory, is never asked).
    #[must_use]
    pub fn makes_store(&self) -> bool {
        // Where it cannot be looked into, or a store has lost that file, opening says why.
        self.folder().is_some_and(|folder| {
            !folder.is_file()
                && folder.join("CURRENT").try_exists().is_ok_and(|there| !there)
                && !damage::has_rows(&folder)
        })
    }

    /// The folder of the store, where it has one that is known: RocksDB's.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        // What SurrealDB reads in an address beside the folder: its own settings after ?, and ~ for
        // home.
        let folder = self
            .store
            .strip_prefix("rocksdb://")
            .map(|folder| folder.split('?').next().unwrap_or(folder));
        folder.filter(|folder| !folder.is_empty() && !folder.starts_with("~/")).map(PathBuf::from)
    }

    /// The choices that the rules depend on.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy { self_service_first_password: self.first_password_self_service }
    }
}
