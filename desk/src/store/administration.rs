//! What administrators change of accounts.

use crate::store::change::Change;
use crate::store::vars::vars;
use crate::{NetId, Role};

/// Gives a person a role.
pub(crate) fn set_role(netid: &NetId, role: Role) -> Change {
    Change::new(
        "UPDATE type::record('user', $netid) SET role = $role, rev = (rev ?? 0) + 1",
        vars! { "netid" => netid.as_str().to_owned(), "role" => role.word().to_owned() },
    )
}

/// Lets a person have tokens, or no longer.
pub(crate) fn set_privileged(netid: &NetId, privileged: bool) -> Change {
    Change::new(
        "UPDATE type::record('user', $netid) SET privileged = $privileged, revocation_pending = \
            NONE, rev = (rev ?? 0) + 1",
        vars! { "netid" => netid.as_str().to_owned(), "privileged" => privileged },
    )
}

/// Disables or enables an account. From now on it is an administrator's word: a directory that no
/// longer has them does not take them again.
pub(crate) fn set_disabled(netid: &NetId, disabled: bool) -> Change {
    Change::new(
        "UPDATE type::record('user', $netid) SET source = IF departed_by { 'desk' } ELSE { source },
            disabled = $disabled, departed_at = NONE, departed_by = NONE, rev = (rev ?? 0) + 1",
        vars! { "netid" => netid.as_str().to_owned(), "disabled" => disabled },
    )
}

/// The condition, at the end of a change, that somebody is left who may give rights. It writes one
/// record, so that of two changes that each leave one, at one moment, one is tried again and finds
/// none.
pub(crate) fn one_administrator_remains() -> Change {
    Change::new(
        "UPSERT meta:administrators SET changes = (changes ?? 0) + 1;
         LET $left = (SELECT VALUE id FROM user WHERE role = 'admin' AND disabled = false LIMIT 1);
         IF array::len($left) = 0 { THROW 'last-administrator' }",
        vars! {},
    )
}
