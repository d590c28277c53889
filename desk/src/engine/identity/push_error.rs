//! Why an identity system's word was not taken, with whom it is about. Tests:
//! `desk/tests/desk/directory/{pushed,members}.rs`, and by HTTP `server/tests/server/scim/`.

use crate::{NetId, Refusal, Role};

/// What somebody would lose by an identity system's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Everything: they leave.
    Account,
    /// What their groups do not give.
    Rights {
        /// The role that they have, and the lower one that they would have; none: it is not lower.
        role: Option<(Role, Role)>,
        /// Whether it is the right to tokens.
        tokens: bool,
        /// Whether nobody has put them into a group before: what they have was given by others.
        is_first_group: bool,
    },
}

/// Why somebody was not pushed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// There is somebody with that NetID already.
    #[error("there is somebody with that NetID already")]
    Exists,
    /// It calls somebody else so who is there.
    #[error("somebody else has that externalId")]
    CalledSo,
    /// There is nobody with that NetID.
    #[error("there is nobody with that NetID")]
    Unknown,
    /// More than it may take away in an hour.
    #[error(
        "more than {most} people in an hour are not taken away: try again in {seconds} seconds"
    )]
    TooManyLeaving {
        /// Who would lose something by it, of several the first of those who lose most.
        netid: NetId,
        /// What they would lose.
        loss: Loss,
        /// Whole seconds to wait.
        seconds: u32,
        /// How many may leave in an hour.
        most: u64,
    },
    /// More members of a group than are put in and taken out at once.
    #[error("too many people are put into a group or taken out of it at once")]
    TooManyMembers,
    /// They are kept at the desk itself, and nobody else's to change.
    #[error("the account of {netid} is kept in Latchkey itself")]
    Own {
        /// Whose account it is.
        netid: NetId,
        /// By a NetID password there; else by a role alone.
        has_password: bool,
    },
    /// Of those who are put into a group some cannot be.
    #[error(
        "of the members {} are nobody here, and {} are kept in Latchkey itself",
        unknown.len(),
        own.len()
    )]
    Members {
        /// Nobody here.
        unknown: Vec<NetId>,
        /// Kept at the desk itself.
        own: Vec<NetId>,
    },
    /// Without them nobody would be left who may give rights.
    #[error("{0} is the last enabled administrator")]
    LastAdministrator(NetId),
    /// The store.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl PushError {
    /// Whether they were changed by somebody else at the same moment: what becomes of them is to
    /// be decided anew.
    pub(crate) fn is_overtaken(&self) -> bool {
        matches!(self, Self::Refused(Refusal::ChangedMeanwhile))
    }
}
