//! Writing what a directory, single sign-on or an identity system says of people.
//!
//! `rev` counts up only where something that the rules look at is different from what was there:
//! somebody's new name ends neither their confirmed session nor a change that is under way. And one
//! enabled administrator remains: a change that takes one away looks whether another is there, in
//! its own transaction. Tests: `desk/tests/desk/directory/`.

use surrealdb::types::SurrealValue;

use crate::store::change::Change;
use crate::store::vars::vars;
use crate::{Actor, Moment, NetId, Source};

/// One person to be written. None: not said, and what is known stays.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct PersonRow {
    pub(crate) netid: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// The parts of the name, and whether they are the name that is shown.
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) formatted_name: Option<String>,
    pub(crate) name_of_parts: Option<bool>,
    pub(crate) terms: Vec<String>,
    pub(crate) role: Option<String>,
    pub(crate) privileged: Option<bool>,
    /// Whether somebody new may have tokens where nobody says.
    pub(crate) privileged_if_new: bool,
    pub(crate) source: String,
    pub(crate) external_id: Option<String>,
    /// The groups that an identity system puts them in.
    pub(crate) pushed_groups: Option<Vec<String>>,
    /// What the campus directory calls their entry for good.
    pub(crate) directory_id: Option<String>,
    /// The source that has them again, where it is written that it no longer had them.
    pub(crate) returns_to: Option<String>,
    pub(crate) ends_sessions: bool,
    pub(crate) revokes_tokens: bool,
    pub(crate) revocation_pending: Option<bool>,
}

/// The statements about the people in `$netids`, and the condition that somebody is left who may
/// give rights, where they take an administrator away. It writes one record, so that of two changes
/// that each leave one, at one moment, one is tried again and finds none.
macro_rules! with_one_administrator_left {
    ($statements:literal) => {
        concat!(
            "LET $administrators = (SELECT VALUE id FROM $netids.map(|$netid| type::record('user', \
                $netid)) WHERE role = 'admin' AND disabled = false);\n",
            $statements,
            ";\nLET $still = (SELECT VALUE id FROM $administrators WHERE role = 'admin' AND \
                disabled = false);
             IF array::len($still) < array::len($administrators) {
                UPSERT meta:administrators SET changes = (changes ?? 0) + 1;
                IF array::len((SELECT VALUE id FROM user WHERE role = 'admin' AND disabled = false \
                LIMIT 1)) = 0 { THROW 'last-administrator' };
             }"
        )
    };
}

/// Writes people as `by` says that they are: whole, so that each has to be as they were read
/// ([`crate::store::as_read`]). Whoever is back has no token that works: one that was made while
/// they were leaving was not revoked with the others.
pub(crate) fn write(people: Vec<PersonRow>, by: Source, now: Moment) -> Change {
    let netids: Vec<String> = people.iter().map(|row| row.netid.clone()).collect();
    Change::new(
        with_one_administrator_left!(
            "FOR $row IN $people {
                LET $person = type::record('user', $row.netid);
                LET $old = (SELECT * FROM ONLY $person);
                IF $row.pushed_groups IS NOT NONE {
                    FOR $group IN $old.pushed_groups ?? [] { DELETE type::record('member', \
                    [$group, $row.netid]) };
                    FOR $group IN $row.pushed_groups { UPSERT type::record('member', [$group, \
                    $row.netid]) };
                };
                LET $departed_by = array::complement($old.departed_by ?? [], IF $row.returns_to { \
                [$row.returns_to] } ELSE { [] });
                LET $back = $row.returns_to IS NOT NONE AND $old.departed_at IS NOT NONE AND \
                array::len($departed_by) = 0;
                LET $role = $row.role ?? $old.role ?? 'staff';
                LET $privileged = $row.privileged ?? $old.privileged ?? $row.privileged_if_new;
                LET $disabled = IF $back { false } ELSE { $old.disabled ?? false };
                LET $step = IF $old.role != $role OR $old.privileged != $privileged OR \
                $old.disabled != $disabled { 1 } ELSE { 0 };
                IF $old.terms != $row.terms {
                    FOR $term IN $old.terms ?? [] { DELETE type::record('term', [$term, \
                    $row.netid]) };
                    FOR $term IN $row.terms { UPSERT type::record('term', [$term, $row.netid]) };
                };
                UPSERT $person SET name = $row.name, email = $row.email, role = $role, privileged \
                = $privileged, disabled = $disabled,
                    departed_at = IF $back { NONE } ELSE { $old.departed_at },
                    departed_by = IF array::len($departed_by) = 0 { NONE } ELSE { $departed_by },
                    revocation_pending = $row.revocation_pending, source = $row.source,
                    external_id = $row.external_id ?? $old.external_id,
                    given_name = $row.given_name ?? $old.given_name, family_name = \
                    $row.family_name ?? $old.family_name,
                    formatted_name = $row.formatted_name ?? $old.formatted_name, name_of_parts = \
                    $row.name_of_parts ?? $old.name_of_parts,
                    pushed_groups = $row.pushed_groups ?? $old.pushed_groups, directory_id = \
                    $row.directory_id ?? $old.directory_id,
                    created = $old.created ?? $at, terms = $row.terms, netid_hash = NONE, rev = \
                    ($old.rev ?? 0) + $step,
                    device_epoch = IF $row.ends_sessions { ($old.device_epoch ?? 0) + 1 } ELSE { \
                    $old.device_epoch };
                IF $row.ends_sessions { DELETE session WHERE user = $row.netid };
                IF $row.revokes_tokens OR $back {
                    UPDATE token SET revoked_at = $at, revoked_by = $by WHERE owner = $row.netid \
                    AND over_at > $lately AND revoked_at IS NONE
                };
            }"
        ),
        vars! {
            "people" => people, "netids" => netids, "at" => now.0, "lately" => lately(now).0,
            "by" => Actor::Source(by).code(),
        },
    )
    .writing_people()
}

/// Writes that `source` no longer has these people: disabled, staff again, tokens revoked, sessions
/// ended, the local password gone, and with it what they chose of their notices and the address of
/// their calendar, the identity of the campus log-in let go, so that nothing comes back by itself
/// should they, or somebody else of that NetID, return; who it was is remembered, for whoever would
/// let the tokens work again. Whom an administrator has disabled before stays so whoever returns:
/// `departed_at` is not theirs then.
pub(crate) fn depart(netids: &[NetId], source: Source, now: Moment) -> Change {
    let gone: Vec<String> = netids.iter().map(NetId::to_string).collect();
    Change::new(
        with_one_administrator_left!(
            "FOR $gone IN $netids {
                LET $person = type::record('user', $gone);
                LET $old = (SELECT * FROM ONLY $person);
                LET $step = IF $old.disabled AND $old.role = 'staff' AND $old.local_hash IS \
                NONE { 0 } ELSE { 1 };
                UPDATE $person SET disabled = true, role = 'staff', departed_at = IF \
                $old.disabled { $old.departed_at } ELSE { $at },
                    departed_by = array::union($old.departed_by ?? [], [$source]),
                    former_at = IF $old.departed_by { $old.former_at } ELSE { $at },
                    former_name = IF $old.departed_by { $old.former_name } ELSE { $old.name },
                    former_email = IF $old.departed_by { $old.former_email } ELSE { $old.email \
                    },
                    former_issuer = IF $old.departed_by { $old.former_issuer } ELSE { \
                    $old.oidc_issuer },
                    former_subject = IF $old.departed_by { $old.former_subject } ELSE { \
                    $old.oidc_subject },
                    former_directory_id = IF $old.departed_by { $old.former_directory_id } \
                    ELSE { $old.directory_id },
                    oidc_issuer = NONE, oidc_subject = NONE, directory_id = NONE, linked = \
                    NONE, last_log_in = NONE,
                    revocation_pending = NONE, device_epoch = ($old.device_epoch ?? 0) + 1, \
                    rev = ($old.rev ?? 0) + $step, local_hash = NONE, local_initial = false,
                    local_set_at = NONE, local_set_by = NONE, local_lapses = NONE;
                UPDATE token SET revoked_at = $at, revoked_by = $by WHERE owner = $gone AND \
                over_at > $lately AND revoked_at IS NONE;
                DELETE session WHERE user = $gone;
                LET $choice = type::record('notice_choice', $gone);
                LET $calendar = (SELECT VALUE calendar FROM ONLY $choice);
                IF $calendar IS NOT NONE {
                    DELETE type::record('calendar', $calendar) RETURN NONE
                };
                DELETE $choice RETURN NONE;
            }"
        ),
        vars! {
            "netids" => gone, "at" => now.0, "lately" => lately(now).0,
            "by" => Actor::Source(source).code(), "source" => source.code().to_owned(),
        },
    )
}

/// Since when what has ended is revoked too, should a clock have been wrong. What ended before
/// stays ended, and is not read: somebody may have made and ended as many as they liked.
fn lately(now: Moment) -> Moment {
    now.plus_days(-1)
}

/// Takes a person out of the sight of identity systems: they are in no directory any more.
pub(crate) fn delete(netid: &NetId) -> Change {
    Change::new(
        "LET $person = type::record('user', $netid);
         LET $groups = (SELECT VALUE pushed_groups FROM ONLY $person);
         FOR $group IN $groups ?? [] { DELETE type::record('member', [$group, $netid]) };
         UPDATE $person SET source = $deleted, external_id = NONE, pushed_groups = NONE",
        vars! { "netid" => netid.as_str().to_owned(), "deleted" => Source::None.code().to_owned() },
    )
}
