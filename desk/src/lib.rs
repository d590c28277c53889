//! Latchkey's domain: the words, the rules and, with feature `engine`, the desk itself.
//!
//! Without features this crate holds only types and pure functions and also compiles to WASM, so
//! that the browser and the server share one set of words. With `engine` it adds the `Desk`:
//! accounts, local passwords, auth tokens, sessions and the audit trail, kept in SurrealDB. It
//! knows no HTTP and no HTML.
//!
//! | question | where |
//! |---|---|
//! | Who may do what? | [`rules::check`], over one table |
#![cfg_attr(
    feature = "engine",
    doc = "| How does a change know that it was checked? | [`Permit`], by the type of its \
        [`right`] |"
)]
#![cfg_attr(
    feature = "engine",
    doc = "| How is a token made, hashed, ended? | [`Desk::create_token`], [`PlainToken::id`], \
        [`Desk::revoke_token`] |"
)]
#![cfg_attr(
    feature = "engine",
    doc = "| How does one work again that a directory's word had ended? | \
        [`Desk::restore_tokens`], by [`right::SetDisabled`] |"
)]
#![cfg_attr(
    feature = "engine",
    doc = "| Is a token good now? | [`Desk::verify`]; what outdates its answer: \
        [`AuditAction::affects_verify`] |"
)]
#![cfg_attr(
    feature = "engine",
    doc = "| Whose local password, which session? | [`Desk::set_local_password`], [`Visitor`] |"
)]
#![cfg_attr(
    feature = "engine",
    doc = "| Who are people, and who says so? | [`Desk::log_in`], [`Directory`], [`Desk::source`] |"
)]
#![cfg_attr(
    feature = "engine",
    doc = "| Is it still the same person? | [`Holder::may_be_another`]; an OpenID provider's: \
        `engine/identity/binding.rs` |"
)]
//! | What does the audit tell, in which words? | [`AuditAction`], [`AuditAction::words`] |
#![cfg_attr(
    feature = "engine",
    doc = "| Is the audit as it was written? | [`Desk::verify_audit`] |"
)]
//! | What is said of what is refused, or not known? | [`Refusal`], [`Refusal::OutcomeNotKnown`] |
#![cfg_attr(
    feature = "engine",
    doc = "| What does the command line call? | [`Desk::console`], [`Console`] |"
)]
//!
//! ```
//! use desk::{Action, LocalState, NetId, Person, Role, rules};
//!
//! let helen = Person {
//!     netid: NetId::parse("Helen ")?,
//!     role: Role::HelpDesk,
//!     privileged: true,
//!     disabled: false,
//!     local: LocalState::Own,
//! };
//! let ada = Person { netid: NetId::parse("ada")?, role: Role::Admin, ..helen.clone() };
//! // Nobody sets the local password of someone whose role is above their own.
//! assert!(rules::check(&helen, Action::SetLocalPassword, Some(&ada)).is_err());
//! # Ok::<(), desk::Refusal>(())
//! ```

mod audit_action;
mod audit_views;
mod denied;
mod moment;
mod notice;
mod refusal;
pub mod rules;
mod token_view;
mod used_network;
mod values;
mod views;
mod weak_import;

#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "engine")]
mod request_tracker;
#[cfg(feature = "engine")]
mod store;

pub use audit_action::{AuditAction, Outcome, RecordedAction};
pub use audit_views::{
    AuditPage, AuditQuery, AuditRow, ChainLink, ChainPoint, ChainReport, PruneReport, PrunedChain,
};
pub use denied::Denied;
pub use moment::Moment;
pub use notice::{
    CalendarEntry, Channel, Notice, NoticeChoice, NoticeKind, NoticeToken, NoticesWaiting,
    OwnNotices,
};
pub use refusal::{Field, Refusal};
pub use rules::{Action, LocalState, Person};
pub use token_view::{IDLE_DAYS, Revoked, SOON_DAYS, TokenView, USE_DAYS, UseDays, Used};
pub use used_network::UsedNetwork;
pub use values::{
    Access, AccountState, Actor, ClientName, DESCRIPTION_MAX, Description, Expires, FormKey,
    FormerHolder, GracePeriod, Helper, Holder, NETID_MAX, NETWORKS_KEPT, NETWORKS_MAX, NameParts,
    NetId, Networks, NoticeId, ProviderSubject, Role, SessionId, Source, TokenId, UnknownRole,
    is_email_address, is_invisible, plain_line,
};
pub use views::*;

#[cfg(feature = "engine")]
pub use engine::*;
#[cfg(feature = "engine")]
pub use request_tracker::{
    LeftOut, LeftOutWhy, PlannedPerson, PlannedWhat, RtDone, RtImport, RtPerson, RtPlan,
    RtStanding, RtToken,
};
