//! People who are brought in from a file.

use surrealdb::types::SurrealValue;

use crate::Moment;
use crate::store::change::Change;
use crate::store::password_hash::PasswordHash;
use crate::store::vars::vars;

/// One person as they are to be.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct ImportRow {
    pub(crate) netid: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) terms: Vec<String>,
    pub(crate) role: String,
    pub(crate) privileged: bool,
    pub(crate) disabled: bool,
    /// Whether they are disabled becomes another: that is the operator's word now, and no
    /// directory's any more.
    pub(crate) decides: bool,
    /// Their privilege becomes another.
    pub(crate) privilege_changes: bool,
    /// Something that the rules look at becomes another.
    pub(crate) counts_up: bool,
    /// A new NetID password; none: as it is.
    pub(crate) netid_hash: Option<PasswordHash>,
    /// The one that it was judged by.
    pub(crate) netid_hash_was: Option<PasswordHash>,
}

/// Writes them whole, so that each has to be as they were read ([`crate::store::as_read`]), and
/// only if each has the NetID password that they had then.
pub(crate) fn import(rows: Vec<ImportRow>, now: Moment) -> Change {
    Change::new(
        "FOR $row IN $rows {
            LET $user = type::record('user', $row.netid);
            LET $old = (SELECT * FROM ONLY $user);
            IF $old.netid_hash != $row.netid_hash_was { THROW 'stale' };
            IF $old.terms != $row.terms {
                FOR $term IN $old.terms ?? [] { DELETE type::record('term', [$term, $row.netid]) };
                FOR $term IN $row.terms { UPSERT type::record('term', [$term, $row.netid]) };
            };
            FOR $group IN $old.pushed_groups ?? [] { DELETE type::record('member', [$group, \
            $row.netid]) };
            UPSERT $user SET name = $row.name, email = $row.email, role = $row.role, privileged = \
            $row.privileged,
                disabled = $row.disabled, terms = $row.terms, source = 'built-in', created = \
                $old.created ?? $now,
                netid_hash = $row.netid_hash ?? $old.netid_hash,
                device_epoch = IF $row.netid_hash IS NOT NONE OR $row.disabled { \
                ($old.device_epoch ?? 0) + 1 } ELSE { $old.device_epoch },
                given_name = NONE, family_name = NONE, formatted_name = NONE, name_of_parts = \
                NONE,
                pushed_groups = NONE, linked = IF $old.source = 'built-in' { $old.linked } ELSE { \
                NONE },
                departed_at = IF $row.decides { NONE } ELSE { $old.departed_at }, departed_by = IF \
                $row.decides { NONE } ELSE { $old.departed_by },
                revocation_pending = IF $row.privilege_changes { NONE } ELSE { \
                $old.revocation_pending },
                rev = IF $row.counts_up { ($old.rev ?? 0) + 1 } ELSE { $old.rev };
            IF $row.disabled { DELETE session WHERE user = $row.netid };
        }",
        vars! { "rows" => rows, "now" => now.0 },
    )
    .writing_people()
}
