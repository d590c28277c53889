//! Passwords as the store has them: set, and hashed anew.

use crate::store::change::Change;
use crate::store::password_hash::PasswordHash;
use crate::store::vars::vars;
use crate::{Moment, NetId};

/// A local password to be stored.
#[derive(Debug)]
pub(crate) struct NewLocalPassword {
    pub(crate) hash: PasswordHash,
    /// Set by somebody else: good for choosing one's own.
    pub(crate) initial: bool,
    pub(crate) set_at: Moment,
    pub(crate) set_by: String,
    pub(crate) lapses_at: Option<Moment>,
}

/// Sets a local password, where the person may have one. What the earlier one had confirmed is
/// over.
pub(crate) fn set_local(netid: &NetId, new: NewLocalPassword) -> Change {
    Change::new(
        "LET $set = (UPDATE type::record('user', $netid) SET
            local_hash = $hash, local_initial = $initial, local_set_at = $set_at, local_set_by = \
            $set_by, local_lapses = $lapses,
            rev = (rev ?? 0) + 1
            WHERE !disabled AND privileged);
         IF array::len($set) = 0 { THROW 'moved' }",
        vars! {
            "netid" => netid.as_str().to_owned(), "hash" => new.hash, "initial" => new.initial,
            "set_at" => new.set_at.0,
            "set_by" => new.set_by, "lapses" => new.lapses_at.map(|at| at.0),
        },
    )
}

/// Hashes the same local password anew: nothing that the rules look at changes. Where another hash
/// is there by now, it stays.
pub(crate) fn renew_local_hash(netid: &NetId, old: &str, new: String) -> Change {
    Change::new(
        "UPDATE type::record('user', $netid) SET local_hash = $new WHERE local_hash = $old",
        vars! { "netid" => netid.as_str().to_owned(), "old" => old.to_owned(), "new" => new },
    )
}

/// Only if the NetID password that was looked at is still the person's; `new` is its hash from now
/// on. It writes to their row, so that this and another password are never both written.
pub(crate) fn only_by_netid_password(netid: &NetId, old: &str, new: String) -> Change {
    Change::new(
        "LET $same = (UPDATE type::record('user', $netid) SET netid_hash = $new, permits = \
            (permits ?? 0) + 1 WHERE netid_hash = $old);
         IF array::len($same) = 0 { THROW 'moved' }",
        vars! { "netid" => netid.as_str().to_owned(), "old" => old.to_owned(), "new" => new },
    )
}
