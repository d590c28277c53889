//! What the audit tells: every action that has a row, with its code, its words for people and what
//! it means for verify.
//!
//! The one list from which Activity, the audit's page, its filter and verify's cache take theirs. A
//! new action does not compile before it says whether verify has to look again, and how people read
//! it; nor before `effects.rs` says what else it brings. The words for a row's detail are in
//! `app/src/components/happened.rs`, those for who acts in `values/actor.rs`. Tests:
//! `audit_action/tests.rs`.

#[cfg(feature = "engine")]
mod effects;

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares the actions once: variant, code, words when it was done, words when it was refused,
/// whether verify has to look again.
macro_rules! actions {
    ($(
        $(#[$doc:meta])*
        $name:ident = $code:literal, $done:literal, $refused:literal, verify: $verify:literal;
    )+) => {
        /// An action that has a row in the audit.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum AuditAction {
            $($(#[$doc])* $name,)+
        }

        impl AuditAction {
            /// Every action, in the order in which a filter offers them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its code, as the store and exports have it. Never changed: old rows keep theirs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// Its words for people.
            #[must_use]
            pub const fn words(self, outcome: Outcome) -> &'static str {
                match (self, outcome) {
                    $((Self::$name, Outcome::Done) => $done,
                    (Self::$name, Outcome::Refused) => $refused,)+
                }
            }

            /// Whether it changes what verify answers of its subject's tokens, where it was done.
            #[must_use]
            pub const fn affects_verify(self) -> bool {
                match self { $(Self::$name => $verify,)+ }
            }
        }
    };
}

actions! {
    /// A log-in, or one that was refused.
    /// It may be what somebody's tokens wait for (`tokens.needs_log_in_days`).
    LogIn = "log-in", "Logged in", "Log-in refused", verify: true;
    /// A log-out.
    LogOut = "log-out", "Logged out", "Log-out refused", verify: false;
    /// A session was ended, by its owner or for them.
    SessionEnd = "session.end", "Session ended", "Ending a session refused", verify: false;
    /// The local password confirmed a session.
    SessionConfirm = "session.confirm", "Session confirmed with the local password",
        "Confirming the session refused", verify: false;
    /// A wrong local password, typed within a session.
    PasswordCheck = "password.check", "Local password checked", "Wrong local password typed",
        verify: false;
    /// The hundredth wrong local password closed it.
    PasswordClosed = "password.closed", "Local password closed after too many wrong ones",
        "Closing the local password refused", verify: false;
    /// A password was hashed anew, by stronger parameters or normalised.
    PasswordRehash = "password.rehash", "Password stored more safely",
        "Storing the password more safely refused", verify: false;
    /// An initial local password was set.
    PasswordSet = "password.set", "Initial local password set",
        "Setting an initial local password refused", verify: false;
    /// Somebody set their own first local password, or the operator did so for them.
    PasswordFirst = "password.first", "First local password set",
        "Setting the first local password refused", verify: false;
    /// Somebody changed their own local password, or the operator did so for them.
    PasswordChange = "password.change", "Local password changed",
        "Changing the local password refused", verify: false;
    /// A token was made.
    TokenCreate = "token.create", "Token created", "Creating a token refused", verify: true;
    /// A token was made in the place of another.
    TokenRenew = "token.renew", "Token renewed", "Renewing a token refused", verify: true;
    /// A token's description, networks or expiry was changed.
    TokenEdit = "token.edit", "Token changed", "Changing a token refused", verify: true;
    /// Tokens were revoked.
    TokenRevoke = "token.revoke", "Token revoked", "Revoking a token refused", verify: true;
    /// Tokens that a directory's word had revoked work again.
    TokenRestore = "token.restore", "Tokens restored", "Restoring tokens refused",
        verify: true;
    /// Tokens of Request Tracker were brought, whose old strings go on working.
    TokenImport = "token.import", "Tokens brought from Request Tracker",
        "Bringing tokens from Request Tracker refused", verify: true;
    /// Tokens that ended long ago were taken out of the lists.
    TokenCleanup = "token.sweep", "Old tokens removed", "Removing old tokens refused", verify: true;
    /// Making, editing or revoking tokens at all, where the rules refused it.
    TokenManage = "token.manage", "Tokens managed", "Managing tokens refused", verify: false;
    /// Somebody looked at another's tokens, sessions and history: the first time of a day.
    TokenSee = "token.see", "Tokens and sessions viewed", "Viewing tokens refused", verify: false;
    /// A token was used from a network that it was never used from before.
    TokenNewNetwork = "token.new_network", "Token used from a new network",
        "Noting a new network refused", verify: false;
    /// A token was found where strangers could read it, and revoked.
    TokenLeaked = "token.leaked", "Leaked token revoked", "Revoking a leaked token refused",
        verify: true;
    /// A token's owner said that it was they who used it from a new network.
    TokenNetworkKnown = "token.network_known", "New network recognised",
        "Recognising a network refused", verify: false;
    /// Somebody looked through everybody's tokens (each question once a day), or took them away as
    /// a file. The row says what was asked for.
    TokenReview = "token.review", "Tokens of everybody viewed",
        "Viewing everybody’s tokens refused", verify: false;
    /// An account was made.
    UserCreate = "user.create", "Account created", "Creating the account refused", verify: true;
    /// Who they are changed: name, e-mail address, directory, NetID password. The row says which.
    UserUpdate = "user.update", "Account details changed", "Changing the account refused",
        verify: true;
    /// The groups changed that an identity system puts them in. The row has all that they are in.
    UserGroups = "user.groups", "Groups changed", "Changing the groups refused", verify: true;
    /// The role changed.
    UserRole = "user.role", "Role changed", "Changing the role refused", verify: true;
    /// Whether they may have tokens changed.
    UserPrivileged = "user.privileged", "Privilege changed", "Changing the privilege refused",
        verify: true;
    /// The account was disabled or enabled.
    UserDisabled = "user.disabled", "Account disabled or enabled",
        "Disabling or enabling the account refused", verify: true;
    /// A local password closed after wrong ones was opened.
    UserOpen = "user.open", "Local password opened again", "Opening the local password refused",
        verify: false;
    /// A directory no longer has them.
    UserLeft = "user.left", "Left the campus directory", "Leaving the campus directory refused",
        verify: true;
    /// A directory has them again.
    UserReturned = "user.returned", "Back in the campus directory",
        "Return to the directory refused", verify: true;
    /// What the campus log-in calls somebody was bound to their account, or an operator let it take
    /// the account over.
    UserLink = "user.link", "Linked to an identity of the campus log-in",
        "Linking to the campus log-in refused", verify: false;
    /// Whom an account is bound to was let go.
    UserUnlink = "user.unlink", "Unlinked from the campus log-in",
        "Unlinking refused", verify: false;
    /// People were brought in from a file.
    UserImport = "user.import", "Accounts imported from a file", "Importing accounts refused",
        verify: true;
    /// Searching for people, where the rules refused it.
    UserFind = "user.find", "People searched for", "Searching for people refused", verify: false;
    /// The directory was synchronised, where that was refused.
    DirectorySync = "directory.sync", "Directory synchronised",
        "Synchronising the directory refused", verify: true;
    /// A client was registered.
    ClientAdd = "client.add", "Client registered", "Registering a client refused", verify: true;
    /// A client was removed: its secret is refused from then on.
    ClientRemove = "client.remove", "Client removed", "Removing a client refused", verify: true;
    /// Somebody chose which optional notices they get.
    NoticesSet = "notices.set", "Choice of notices changed",
        "Changing the choice of notices refused", verify: false;
    /// Somebody made a private address of their calendar, or another in its place.
    CalendarSet = "calendar.set", "Calendar address made", "Making a calendar address refused",
        verify: false;
    /// Somebody ended the private address of their calendar.
    CalendarEnd = "calendar.end", "Calendar address ended", "Ending a calendar address refused",
        verify: false;
    /// The demo accounts were made.
    DemoLoad = "demo.load", "Demo accounts created", "Creating the demo accounts refused",
        verify: true;
    /// Somebody read the audit (the first time of a day, of everybody or of one), or took it away
    /// as a file.
    AuditRead = "audit.read", "Audit read", "Reading the audit refused", verify: false;
    /// Old rows of the audit were removed: the row is the checkpoint of what went.
    AuditPrune = "audit.prune", "Old rows removed", "Removing old rows refused", verify: false;
    /// The store was restored from a backup, which undid what had happened since, and every session
    /// ended: written when it is first opened.
    StoreRestore = "store.restore", "Store restored from a backup",
        "Restoring the store refused", verify: false;
}

impl AuditAction {
    /// Reads a code; none where no action has it.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.code() == code)
    }

    /// Reads what people call it: its code, or its words, of either outcome and however they are
    /// written.
    #[must_use]
    pub fn called(text: &str) -> Option<Self> {
        let is_called = |words: &str| words.to_lowercase() == text.trim().to_lowercase();
        let outcomes = [Outcome::Done, Outcome::Refused];
        Self::ALL.iter().copied().find(|action| {
            is_called(action.code())
                || outcomes.iter().any(|outcome| is_called(action.words(*outcome)))
        })
    }
}

impl AuditAction {
    /// Those that people mean by a text: the one that is called so ([`Self::called`]), or all of an
    /// area, the word before the point in their codes: `password`, `password.*`. None where there
    /// is no such action and no such area.
    #[must_use]
    pub fn all_called(text: &str) -> Vec<Self> {
        if let Some(action) = Self::called(text) {
            return vec![action];
        }
        let text = text.trim().to_lowercase();
        let area = text.strip_suffix('*').unwrap_or(&text).trim_end_matches('.');
        Self::ALL.iter().copied().filter(|action| action.area() == Some(area)).collect()
    }

    /// The word before the point in its code.
    fn area(self) -> Option<&'static str> {
        self.code().split_once('.').map(|(area, _)| area)
    }
}

/// An action as a row has it: one of ours, or a code that this program does not know (written by
/// another version).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum RecordedAction {
    /// One that this program has.
    Known(AuditAction),
    /// The code of one that is not.
    Other(String),
}

impl RecordedAction {
    /// As the store and exports have it, whether this program has that action or not.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Known(action) => action.code(),
            Self::Other(code) => code,
        }
    }

    /// Its words for people.
    #[must_use]
    pub const fn words(&self, outcome: Outcome) -> &'static str {
        match (self, outcome) {
            (Self::Known(action), outcome) => action.words(outcome),
            (Self::Other(_), Outcome::Done) => "Something that this program does not know",
            (Self::Other(_), Outcome::Refused) => {
                "Something that this program does not know, refused"
            }
        }
    }

    /// Whether verify has to look again. What is not known to be harmless is taken for a change.
    #[must_use]
    pub const fn affects_verify(&self) -> bool {
        match self {
            Self::Known(action) => action.affects_verify(),
            Self::Other(_) => true,
        }
    }

    /// Whether it is this action.
    #[must_use]
    pub fn is(&self, action: AuditAction) -> bool {
        *self == Self::Known(action)
    }
}

impl From<String> for RecordedAction {
    fn from(code: String) -> Self {
        AuditAction::parse(&code).map_or(Self::Other(code), Self::Known)
    }
}

impl From<RecordedAction> for String {
    fn from(action: RecordedAction) -> Self {
        action.code().to_owned()
    }
}

impl fmt::Display for RecordedAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// How an action ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    #[default]
    Done,
    /// It was refused, and nothing was changed.
    Refused,
}

impl Outcome {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Done, Self::Refused];

    /// `done` or `refused`, as the store has it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    /// Reads a code. Whatever is not `refused` counts as done: verify then looks again.
    #[must_use]
    pub fn parse(code: &str) -> Self {
        if code == Self::Refused.code() { Self::Refused } else { Self::Done }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests;
