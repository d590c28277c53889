//! Why the desk does not do what was asked, in the words that the person sees.

mod codes;
#[cfg(feature = "engine")]
mod done;

use serde::{Deserialize, Serialize};

use crate::{AccountState, DESCRIPTION_MAX, Denied, Helper, NETWORKS_MAX, UnknownRole};

/// Why the desk does not do what was asked, in the words that the person sees.
///
/// Each variant is one sentence or two that say what to do. None holds a secret or says whether an
/// account exists to somebody who is not logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Log-in failed, whatever the cause.
    #[error("Your NetID or password is incorrect.")]
    LoginIncorrect,
    /// The same, and the password that was typed has a space at an end.
    #[error(
        "Your NetID or password is incorrect. The password begins or ends with a space: was that \
            meant?"
    )]
    LoginIncorrectSpace,
    /// Too many wrong passwords for this account, or requests from this address.
    #[error(
        "Too many attempts. Try again in {seconds} second{}.",
        if *seconds == 1 { "" } else { "s" }
    )]
    TooManyAttempts {
        /// Whole seconds to wait.
        seconds: u32,
    },
    /// Too many wrong local passwords: closed until someone with the right to opens it.
    #[error(
        "Your local password has been closed after too many wrong attempts. Contact {0} and ask \
            them to open it."
    )]
    AccountClosed(Helper),
    /// The directory does not answer.
    #[error("The campus directory does not answer. Try again in a few minutes.")]
    DirectoryUnavailable,
    /// A return from single sign-on that fits no log-in begun in this browser.
    #[error("This log-in was begun in another tab or browser, or took too long. Log in again.")]
    SignOnInterrupted,
    /// Single sign-on did not say, or not credibly, who somebody is.
    #[error(
        "The campus log-in did not tell us who you are. Log in again; if it goes on, contact the \
            Help Desk."
    )]
    SignOnRefused,
    /// Somebody pressed Cancel at single sign-on, or may not come here from there.
    #[error(
        "You were not logged in: the campus log-in was cancelled, or your campus account may not \
            log in here. Try again, or contact the Help Desk."
    )]
    SignOnCancelled,
    /// Single sign-on is set up so that nobody can be logged in by it.
    #[error(
        "The campus log-in is not set up correctly here, so nobody can log in by it. Tell the Help \
            Desk: Latchkey’s log says why."
    )]
    SignOnMisconfigured,
    /// By this name nobody is made.
    #[error(
        "“{netid}” is a reserved name, so nobody can have an account with it. Contact the Help \
            Desk if \
            it is really yours."
    )]
    NetIdReserved {
        /// The name.
        netid: String,
    },
    /// Single sign-on vouches for somebody who is not the one that the account is bound to.
    #[error(
        "This account belongs to another identity of the campus log-in. If it is yours, ask the \
            Help Desk to have it linked to you."
    )]
    AnotherPerson,
    /// Single sign-on vouches for an account of the desk's own that has a role, and nobody has said
    /// that it may.
    #[error(
        "This account is kept in Latchkey itself, so the campus log-in does not open it. Log in \
            with its own NetID password, or ask an administrator to have it linked."
    )]
    AccountNotLinked,
    /// No session, or it has ended.
    #[error("Your session has ended. Log in again.")]
    SessionEnded,
    /// The request comes from another site, or does not say where from.
    #[error("This request came from another site and was refused. Open the page again and retry.")]
    CrossSite,
    /// Sent from a page that came over plain http, where all is kept for https: a browser would not
    /// keep the session.
    #[error(
        "This page came over plain http, where nobody stays logged in. Open it over https, or ask \
            whoever runs Latchkey to set server.public_url."
    )]
    PlainHttp,
    /// The rules forbid it.
    #[error("{0}")]
    NotAllowed(Denied),

    /// The description is empty.
    #[error("Description cannot be blank.")]
    DescriptionBlank,
    /// The description has more than [`DESCRIPTION_MAX`] characters.
    #[error("Use at most {DESCRIPTION_MAX} characters for the description.")]
    DescriptionTooLong,
    /// The description holds control characters or marks that reorder text.
    #[error(
        "The description contains invisible characters. Type it again without line breaks or \
            direction marks."
    )]
    DescriptionInvisible,
    /// Neither `full` nor `read`.
    #[error("Choose Full or Read only.")]
    AccessUnknown,
    /// No choice of the form, or no date.
    #[error("Choose when the token expires. A date is written like 2027-01-31.")]
    ExpiryUnreadable,
    /// A date beside another choice: which of them is meant cannot be told.
    #[error("Choose Custom date for the token to end on that day, or leave the date empty.")]
    ExpiryTwice,
    /// The date is over.
    #[error("That date is in the past. Choose a later one.")]
    ExpiryPast,
    /// Longer than the operator allows.
    #[error("Tokens can last at most {days} days here. Choose an earlier date.")]
    ExpiryBeyondCap {
        /// The operator's longest life in days.
        days: u32,
    },
    /// None of the lengths that the form offers.
    #[error("Choose how long the old token keeps working.")]
    GracePeriodUnknown,
    /// A word that is no network.
    #[error(
        "“{word}” is not a network. Write one like 192.0.2.0/24 or 2001:db8::/32, with commas \
            between them."
    )]
    NetworkUnreadable {
        /// What was typed, at most 64 characters of it.
        word: String,
    },
    /// More than [`NETWORKS_MAX`] networks.
    #[error("Name at most {NETWORKS_MAX} networks.")]
    TooManyNetworks,
    /// Not the form of a NetID.
    #[error(
        "That is not a NetID. A NetID has letters, digits, dots, hyphens and underscores only."
    )]
    NetIdUnreadable,
    /// No role of that name.
    #[error("There is no such role. The roles are staff, rep, help_desk and admin.")]
    RoleUnknown,

    /// The form's current password is empty.
    #[error("Please enter your current password.")]
    CurrentPasswordMissing,
    /// The form's current password is wrong.
    #[error("Your current password is incorrect.")]
    CurrentPasswordIncorrect,
    /// The same, and what was typed has a space at an end.
    #[error(
        "Your current password is incorrect. What you typed begins or ends with a space: was that \
            meant?"
    )]
    CurrentPasswordIncorrectSpace,
    /// The authorising local password is empty and the session not confirmed.
    #[error("Please enter your local password.")]
    OwnPasswordMissing,
    /// The authorising local password is wrong.
    #[error("Your local password is incorrect.")]
    OwnPasswordIncorrect,
    /// The same, and what was typed has a space at an end.
    #[error(
        "Your local password is incorrect. What you typed begins or ends with a space: was that \
            meant?"
    )]
    OwnPasswordIncorrectSpace,
    /// Old and new typed differently.
    #[error("The passwords do not match.")]
    PasswordsDiffer,
    /// Under 12 characters (ASVS 5.0 6.2.1 asks for 8 at least, better 15).
    #[error("Use at least 12 characters.")]
    PasswordTooShort,
    /// With a space at an end, as it is pasted along, and lost.
    #[error("A space at the beginning or end is easily lost. Leave it out.")]
    PasswordSpace,
    /// Over 256 characters.
    #[error("Use at most 256 characters.")]
    PasswordTooLong,
    /// On a list of common passwords, or soon guessed.
    #[error("This password is too easy to guess: {why}.")]
    PasswordTooEasy {
        /// The reason, in lower case and without a full stop.
        why: String,
    },
    /// The new one is the current one.
    #[error("Choose a password that differs from your current one.")]
    PasswordUnchanged,
    /// The initial password has lapsed.
    #[error("Your initial local password has lapsed. Contact {0} and ask them to set a new one.")]
    InitialLapsed(Helper),

    /// No user of that NetID.
    #[error("There is no user with that NetID.")]
    UserUnknown,
    /// No such token, or not theirs.
    #[error("There is no such token. It may have been revoked already.")]
    TokenUnknown,
    /// Somebody else had the NetID when its tokens were revoked.
    #[error(
        "These tokens were revoked when this NetID was that of {then}; now it is that of {now}. \
            They stay revoked. If both are one person, whoever runs the desk can restore them: \
            latchkey token restore {netid} --same-person"
    )]
    TokensOfAnother {
        /// The NetID.
        netid: String,
        /// Who had it.
        then: String,
        /// Who has it by now.
        now: String,
    },
    /// The token is revoked or has expired.
    #[error("That token no longer works, so it cannot be changed.")]
    TokenOver,
    /// Not the form of a client's name.
    #[error(
        "A client's name has 1 to 64 lower-case letters, digits and hyphens, and begins with a \
            letter."
    )]
    ClientUnreadable,
    /// A client of that name is there.
    #[error("There is a client with that name already. Remove it first, or choose another name.")]
    ClientExists,
    /// No client of that name.
    #[error("There is no client with that name.")]
    ClientUnknown,
    /// No such session, or not theirs.
    #[error("There is no such session. It may have ended already.")]
    SessionUnknown,
    /// As many live tokens as the operator allows.
    #[error("You have {most} tokens, the most allowed. Revoke one that you no longer use.")]
    TooManyTokens {
        /// The operator's limit.
        most: u32,
    },
    /// The same form posted a second time.
    #[error("This form was already received, and nothing was done twice. {did}")]
    SentAlready {
        /// What it did, or where to look at that. Made on the server alone: pages carry none of it.
        did: String,
        /// All that was asked for is done, and nothing of it was missed: good news.
        good: bool,
    },
    /// Sent from a page that was made for somebody else: two tabs, and another log-in in one.
    #[error(
        "You are logged in as {now} now, and this page was made for {page}, so nothing was done. \
            Load the page again to go on as {now}, or log in as {page}."
    )]
    PageOfAnother {
        /// For whom it was made.
        page: String,
        /// Who is logged in.
        now: String,
    },
    /// The body is larger than any form.
    #[error("That is too much for this form. Shorten it and try again.")]
    TooLarge,
    /// The body could not be read as this form.
    #[error("The request could not be read. Open the page again and retry.")]
    Unreadable,
    /// The store cannot be asked or written. Nothing was changed, and nothing will be.
    #[error("Latchkey cannot reach its data just now. Nothing was changed. Try again in a moment.")]
    Unavailable,
    /// No answer came from the desk: what became of it is not known. Said by the browser alone.
    #[error("The connection to Latchkey is lost. Try again in a moment.")]
    ConnectionLost,
    /// The store went away while this was written, and could not be asked whether it was.
    #[error(
        "The connection to Latchkey’s data broke off, so it is not known whether this was done. \
            {look}"
    )]
    OutcomeNotKnown {
        /// Where to look. Made on the server alone: pages carry none of it.
        look: String,
    },
    /// A token is not what the form was drawn from.
    #[error(
        "This token was changed in the meantime, so nothing of yours was saved. Close this form, \
            look at the token as it is now and try again."
    )]
    TokenChanged,
    /// What the request was decided or drawn from has changed since. Nothing was changed.
    #[error(
        "Something about this account changed in the meantime, so nothing was done. Look at it as \
            it is now and try again."
    )]
    ChangedMeanwhile,
    /// An account is not what its form was drawn from. Nothing was changed.
    #[error("{}", was.meanwhile(now))]
    AccountChanged {
        /// What the form was drawn from.
        was: AccountState,
        /// What is so.
        now: AccountState,
    },
    /// Nobody would be left who could give anybody rights. Nothing was changed.
    #[error(
        "This is the last enabled administrator, so nothing was changed. Make somebody else an \
            administrator first."
    )]
    LastAdministrator,
    /// More in a moment than a session may ask for.
    #[error(
        "Too many requests at once. Wait {seconds} second{} and try again.",
        if *seconds == 1 { "" } else { "s" }
    )]
    SessionTooFast {
        /// How long to wait.
        seconds: u32,
    },
    /// The disk of the store is nearly full, so that what is left of it is kept for taking rights
    /// away. Nothing was changed.
    #[error(
        "Latchkey’s disk is nearly full, so log-ins and whatever is new are refused for now. \
            Whoever is logged in, and the Help Desk, can still revoke tokens, end sessions and \
            disable accounts. Tell whoever runs it."
    )]
    StoreNearlyFull,
    /// More tokens in a minute than a person may make.
    #[error("You are creating tokens too fast. Wait a minute and try again.")]
    TokensTooFast,
    /// One password would be the NetID password and the local one.
    #[error("The NetID password and the local password must differ. Choose another one.")]
    PasswordsSame,
}

/// The field of a form that a refusal belongs beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// NetID.
    NetId,
    /// Description.
    Description,
    /// Access.
    Access,
    /// Expires.
    Expires,
    /// The old token works for.
    GracePeriod,
    /// Allowed networks.
    Networks,
    /// Current password.
    CurrentPassword,
    /// Your local password.
    OwnPassword,
    /// New password.
    NewPassword,
    /// Retype new password.
    Retype,
    /// Role.
    Role,
}

impl From<UnknownRole> for Refusal {
    fn from(_: UnknownRole) -> Self {
        Self::RoleUnknown
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::NotAllowed(denied)
    }
}
