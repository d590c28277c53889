//! The desk itself, on SurrealDB: a folder for each feature, and beside them a file for what
//! several of them use.
//!
//! | folder or file | what |
//! |---|---|
//! | [`authz`] | permits by right, the gates, the operator's console |
//! | [`accounts`] | finding people, changing accounts, importing them, the demo |
//! | [`passwords`] | local passwords: judging, hashing, setting, wrong ones |
//! | [`sessions`] | who is logged in, and a new token's one view |
//! | [`tokens`] | making, renewing, changing, revoking, restoring, cleaning up, whose networks |
//! | [`verify`] | whether a token is good now: cache, judgement, uses |
//! | [`leaks`] | tokens that were found where strangers can read them |
//! | [`clients`] | applications that ask about tokens |
//! | [`request_tracker`] | what comes from Request Tracker: people, old tokens, old passwords |
//! | [`audit`] | reading the audit, checking its chains, removing what is old |
//! | [`identity`] | log-in, what directories say of people, synchronising, SCIM |
//! | [`backup`] | copies of the store, and putting one back |
//! | [`notices`] | what people are told by mail and webhook, and their calendar |
//! | [`background`] | what runs by itself |
//! | [`campus`] | people and tokens of a campus of any size that nobody lives on |
//! | [`secret`] | tokens, cookies and passwords as types that do not print |
//! | [`doors`] | handles without a person: the command line's, and identity systems' |
//! | [`events`] | what changes, by this node or another: for open pages and verify |
//! | [`figures`] | what the desk counts and measures of itself |
//! | [`listening`] | the same, as an open page asks for it |
//! | [`nested`] | whom an address stands for, where people are counted by it |
//! | [`origin`] | where a request comes from |
//! | [`spans`] | what traces tell of the desk's own work |
//! | [`settings`] | what the operator decides about the desk |
//! | [`clock`] | what time it is for the desk |
//! | [`lock`] | locks that outlive a panic |
//! | [`log_limiter`] | a log that a flood cannot drown |
//! | [`counted`] | numbers with their noun |
//! | [`desk`] | its parts, and how they are started and stopped |
//!
//! Rules are held by `rules/tests.rs`; by `tests/desk`, a file or folder for each of these
//! (`accounts.rs`, `people.rs`, `passwords.rs`, `sessions.rs`, `tokens.rs`, `token_renewal.rs`,
//! `token_limits.rs`, `verify.rs`, `races.rs`, `leaks.rs`, `clients.rs`, `audit.rs`,
//! `retention.rs`, `backup.rs`, `directory/`, `notices/`, `request_tracker/`, `campus.rs`;
//! `nodes.rs` for events, `durability.rs` for the desk itself); by `tests/structure/doors.rs` for
//! doors; and by `server/tests/server/people/live.rs` for pages.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod authz;
pub(crate) mod background;
pub(crate) mod backup;
pub(crate) mod campus;
pub(crate) mod clients;
pub(crate) mod clock;
pub(crate) mod counted;
pub(crate) mod desk;
#[cfg(test)]
pub(crate) mod desk_for_tests;
pub(crate) mod doors;
pub(crate) mod events;
pub(crate) mod figures;
pub(crate) mod identity;
pub(crate) mod leaks;
pub(crate) mod listening;
pub(crate) mod lock;
pub(crate) mod log_limiter;
pub(crate) mod nested;
pub(crate) mod notices;
pub(crate) mod origin;
pub(crate) mod passwords;
pub(crate) mod request_tracker;
pub(crate) mod secret;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod spans;
pub(crate) mod tokens;
pub(crate) mod verify;

pub use accounts::administration::{AccountChange, Changed};
pub use accounts::demo::{DEMO, DemoAccount, DemoError};
pub use accounts::import::ImportError;
pub use accounts::import_plan::{
    ImportChange, ImportOutcome, ImportPlan, ImportReport, ImportStep, ImportUser,
};
pub use accounts::standing::{Hurdle, Standing};
pub use audit::comparing::{CopyCheck, PointCheck};
pub use audit::keep_days::{KeepDays, TooFewDays};
pub use audit::slips::{FilterField, Slip};
pub use audit::streaming::{AuditStream, StreamPart};
pub use authz::permit::{MayRevoke, Permit, Right, right};
pub use background::driver::Driver;
pub use backup::error::BackupError;
pub use backup::header::{BackupHeader, BackupTotals, Payload};
pub use backup::moved_away::MovedAway;
pub use backup::new_file::NewFile;
pub use backup::pace::BACKUP_RATE;
pub use backup::recipient::{BackupRecipient, BackupSchedule, BackupSettings};
pub use backup::restoring::{Restoring, check_header, check_place};
pub use backup::scheduled::LastBackup;
pub use backup::sealing::BackupIdentities;
pub use backup::taking::{BackupOptions, BackupReport, BackupTarget};
pub use backup::undone::{RevokedTokens, Undone, UndoneChange};
pub use backup::verifying::{BackupInput, verify_backup};
pub use campus::loading::{Loaded, SeedError};
pub use campus::plan::Campus;
pub use clients::{Client, ClientSecret, ClientView};
pub use clock::Clock;
pub use desk::Desk;
pub use doors::{Console, SourceDoor, source};
pub use events::Event;
pub use figures::counter::Counters;
pub use figures::kinds::{
    AuditCheck, AuditFigures, CacheFigures, DiskFigures, Figures, OldStringFigures,
    PasswordFigures, StoreFigures, SyncFigures,
};
pub use figures::reason::Reason;
pub use figures::timings::{Timings, TimingsFigures};
pub use identity::bring_back::BroughtBack;
pub use identity::browser::Browser;
pub use identity::directory::{Asking, Directory, DirectoryError, Extent, ExternalIdentity};
pub use identity::groups::GroupRules;
pub use identity::log_in::{LoggedIn, LoginContext};
pub use identity::members::{MAX_MEMBERS, MembersChange};
pub use identity::names::{folded, same_name};
pub use identity::push_error::{Loss, PushError};
pub use identity::reserved::ReservedNames;
pub use identity::scim::{Push, PushedBy, PushedUser};
pub use identity::sync::limit::LeaverLimit;
pub use identity::sync::report::{Planned, SyncError, SyncReport, SyncStep};
pub use identity::unheard::{Ended, Unheard};
pub use leaks::found::FoundLeak;
pub use leaks::identify::Identified;
pub use leaks::report::{LeakOutcome, LeakReport, LeakSource, LeakedString};
pub use log_limiter::LogLimiter;
pub use nested::nested_networks;
pub use notices::settings::NoticeSettings;
pub use origin::Origin;
pub use passwords::device::{Devices, MARK_DAYS};
pub use passwords::local::PasswordChange;
pub use passwords::normal::PASSWORD_MAX;
pub use passwords::policy::{PASSWORD_MIN, generate_passphrase};
pub use request_tracker::old_string::{is_rt_token_string, leading_rt_token_string};
pub use secret::{
    Cookie, PlainToken, Secret, TOKEN_LENGTH, TOKEN_PREFIX, random_form_key, short_hash,
};
pub use sessions::visitor::Visitor;
pub use settings::{OlderStore, Settings};
pub use spans::SPANS;
pub use tokens::create::NewToken;
pub use tokens::edit::{SeenToken, TokenEdit};
pub use tokens::everybody::{FoundToken, FoundTokens};
pub use tokens::review::{TokenFilter, TokenQuery, TokenReason};
pub use verify::principal::Principal;
pub use verify::stranger_gate::{OpenGate, StrangerGate};
pub use verify::verdict::{Verdict, VerifiedToken, VerifyRequest};

pub use crate::store::open_error::OpenError;
