//! People as they were read, for whatever is written because they were so: what a directory, an
//! identity system, a provider or a file says of somebody is decided from their row, and written
//! only if that is still as it was. Where it is not, nothing is, and whoever wanted it looks anew.
//! Tests: `desk/src/engine/identity/at_once_tests.rs`, `desk/tests/desk/directory/at_once.rs`.

use surrealdb::types::SurrealValue;

use crate::NetId;
use crate::store::change::Change;
use crate::store::rows::User;
use crate::store::vars::vars;

/// What of a person such a change is decided from, or writes over: all of their row but what comes
/// and goes without anybody's word, as when they last logged in and how fast they make tokens.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct AsRead {
    name: String,
    given_name: String,
    family_name: String,
    formatted_name: String,
    name_of_parts: bool,
    email: String,
    role: String,
    privileged: bool,
    disabled: bool,
    source: String,
    rev: i64,
    has_netid_password: bool,
    departed_at: Option<i64>,
    departed_by: Vec<String>,
    revocation_pending: bool,
    external_id: Option<String>,
    pushed_groups: Option<Vec<String>>,
    /// The provider and what it calls them, or nothing.
    subject: Vec<String>,
    directory_id: Option<String>,
    linked: bool,
}

/// Whoever has a NetID, as they were read.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct Seen {
    netid: String,
    /// None: nobody had it.
    was: Option<AsRead>,
}

impl AsRead {
    /// This person.
    pub(crate) fn of(user: &User) -> Self {
        let parts = user.name_parts.clone();
        let subject = user.subject.clone();
        Self {
            name: user.name.clone(),
            given_name: parts.given,
            family_name: parts.family,
            formatted_name: parts.formatted,
            name_of_parts: parts.are_shown,
            email: user.email.clone(),
            role: user.person.role.word().to_owned(),
            privileged: user.person.privileged,
            disabled: user.person.disabled,
            source: user.source.code().to_owned(),
            rev: user.rev,
            has_netid_password: user.netid_hash.is_some(),
            departed_at: user.departed_at,
            departed_by: user.departed_by.clone(),
            revocation_pending: user.revocation_pending,
            external_id: user.external_id.clone(),
            pushed_groups: user.pushed_groups.clone(),
            subject: subject.map_or_else(Vec::new, |called| vec![called.issuer, called.subject]),
            directory_id: user.directory_id.clone(),
            linked: user.linked,
        }
    }
}

impl Seen {
    /// Whoever has this NetID; `was` none: nobody.
    pub(crate) fn new(netid: &NetId, was: Option<AsRead>) -> Self {
        Self { netid: netid.as_str().to_owned(), was }
    }
}

/// Only if whoever has this NetID is as they were read; none: nobody has it.
pub(crate) fn only_as_read(netid: &NetId, known: Option<&User>) -> Change {
    only_all_as_read(vec![Seen::new(netid, known.map(AsRead::of))])
}

/// Only if all of these are as they were read. It writes nothing itself: what follows it writes the
/// row of each of them, so that of two such changes at one moment, also from two nodes, a store
/// lets one through, and the other finds another row when it is tried again. It stands before
/// whatever writes them.
pub(crate) fn only_all_as_read(people: Vec<Seen>) -> Change {
    Change::new(
        "FOR $seen IN $people {
            LET $row = (SELECT * FROM ONLY type::record('user', $seen.netid));
            LET $was = $seen.was;
            IF ($row IS NONE) != ($was IS NONE) { THROW 'stale' };
            IF $was IS NOT NONE {
                LET $subject = IF ($row.oidc_issuer ?? '') != '' AND ($row.oidc_subject ?? '') != \
                '' { [$row.oidc_issuer, $row.oidc_subject] } ELSE { [] };
                IF $row.name != $was.name OR $row.email != $was.email OR $row.role != $was.role OR \
                $row.privileged != $was.privileged OR $row.disabled != $was.disabled OR \
                $row.source != $was.source OR ($row.rev ?? 0) != $was.rev { THROW 'stale' };
                IF ($row.given_name ?? '') != $was.given_name OR ($row.family_name ?? '') != \
                $was.family_name OR ($row.formatted_name ?? '') != $was.formatted_name OR \
                ($row.name_of_parts ?? false) != $was.name_of_parts { THROW 'stale' };
                IF ($row.netid_hash IS NOT NONE) != $was.has_netid_password OR ($row.linked ?? \
                false) != $was.linked OR $subject != $was.subject OR $row.directory_id != \
                $was.directory_id { THROW 'stale' };
                IF $row.departed_at != $was.departed_at OR ($row.departed_by ?? []) != \
                $was.departed_by OR ($row.revocation_pending ?? false) != $was.revocation_pending \
                { THROW 'stale' };
                IF $row.external_id != $was.external_id OR $row.pushed_groups != \
                $was.pushed_groups { THROW 'stale' };
            };
        }",
        vars! { "people" => people },
    )
}
