//! What has to be written so that people are as somebody trusted says.

use surrealdb::types::SurrealValue;

use crate::engine::accounts::users::terms;
use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::origin::Origin;
use crate::store::change::{AuditEntry, Change};
use crate::store::rows::User;
use crate::store::vars::vars;
use crate::{Actor, AuditAction, NetId, Role, Source};

/// The most characters kept of what is said of a person.
const MAX_TEXT: usize = 256;

/// What has to be written so that people are as somebody trusted says: one transaction for all of them.
#[derive(Debug, Default)]
pub(crate) struct Provision {
    by: String,
    rows: Vec<Row>,
    entries: Vec<AuditEntry>,
}

/// One person to be written. None: not said, and what is known stays, as it is when this is committed.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Row {
    netid: String,
    name: String,
    email: String,
    terms: Vec<String>,
    role: Option<String>,
    privileged: Option<bool>,
    /// Whether somebody new may have tokens where nobody says.
    open: bool,
    source: String,
    external_id: Option<String>,
    /// Whose word it is.
    word: String,
    returns: bool,
    loses: bool,
    revokes: bool,
    spared: bool,
}

/// What somebody trusted says of a person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assertion<'a> {
    pub(crate) who: &'a ExternalIdentity,
    /// Who says it: `ldap`, `oidc`, `proxy`, `scim`.
    pub(crate) source: Source,
    /// What they call the person; none: not said.
    pub(crate) external_id: Option<&'a str>,
    /// Whether the person is there; none: not said.
    pub(crate) active: Option<bool>,
    /// Whether it is known that not everybody loses their tokens at once, by a guard that has looked at all of them.
    pub(crate) guarded: bool,
}

impl<'a> Assertion<'a> {
    /// Of somebody who is there.
    pub(crate) fn present(who: &'a ExternalIdentity, source: Source) -> Self {
        Self { who, source, external_id: None, active: Some(true), guarded: false }
    }
}

/// Whether somebody of `of` is still that source's where `source` has them too. Whom SCIM has deleted is nobody's until it makes
/// them again: it must not see them until then (RFC 7644 §3.6).
fn stays(of: Source, source: Source) -> bool {
    if of == Source::None { source != Source::Scim } else { of.weight() > source.weight() }
}

/// What becomes of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Provisioned {
    pub(crate) created: bool,
    pub(crate) changed: bool,
    /// They were gone, and are there again.
    pub(crate) returns: bool,
    /// They may no longer have tokens.
    pub(crate) loses: bool,
    /// Their tokens are revoked.
    pub(crate) revokes: bool,
    /// Their role is lower than it was.
    pub(crate) demoted: bool,
    /// The directory gives them a role above staff.
    pub(crate) elevated: bool,
    /// The directory lets them have tokens.
    pub(crate) admitted: bool,
}

impl Desk {
    /// Whether people's source is one that still says something.
    fn hears(&self, source: Source) -> bool {
        match source {
            Source::Ldap => self.inner.directory.is_some(),
            Source::Scim => self.settings().is_pushed_to,
            _ => true,
        }
    }
}

impl Provision {
    /// Adds what has to change for a person, if anything, and says what that is.
    pub(crate) fn person(&mut self, desk: &Desk, netid: &NetId, known: Option<&User>, said: &Assertion<'_>, origin: &Origin) -> Provisioned {
        let Assertion { who, source, external_id, active, guarded } = *said;
        let rules = &desk.settings().groups;
        // A restriction to groups stays one where nobody says yet who is in them.
        let open = rules.privileged.is_empty();
        let made_again = known.is_some_and(|user| user.source == Source::None && source == Source::Scim);
        let returns = active == Some(true) && known.is_some_and(|user| user.is_gone_by(source));
        // Of somebody who comes again, by that NetID, nothing is known: it may be another.
        let anew = made_again || (returns && source == Source::Ldap);
        // Whose word counts less only adds what is not known, as long as the other says anything.
        let adds = known.is_some_and(|user| user.source.weight() > source.weight() && desk.hears(user.source));
        let text = |said: &Option<String>, known: Option<&String>| {
            let (said, known) = (said.as_deref().map(cut), known.filter(|_| !anew).cloned());
            if adds { known.filter(|known| !known.is_empty()).or(said) } else { said.or(known) }.unwrap_or_default()
        };
        let name = text(&who.name, known.map(|user| &user.name));
        let email = text(&who.email, known.map(|user| &user.email));
        let given_role = who.groups.as_deref().and_then(|groups| rules.role(groups)).or(made_again.then_some(Role::Staff));
        let role = given_role.unwrap_or_else(|| known.map_or(Role::Staff, |user| user.person.role));
        let given_privileged = who.groups.as_deref().and_then(|groups| rules.privileged(groups)).or((anew && !open).then_some(false));
        let privileged = given_privileged.unwrap_or_else(|| known.map_or(open, |user| user.person.privileged));

        let of = known.map(|user| user.source).filter(|of| stays(*of, source)).unwrap_or(source);
        // Whoever stays disabled neither has a role nor may have tokens.
        let counts = known.is_none_or(|user| user.may_log_in(Some(source)));
        let mut fate = Provisioned {
            created: known.is_none(),
            returns,
            elevated: counts && given_role.is_some_and(|role| role > Role::Staff),
            admitted: counts && given_privileged == Some(true),
            ..Provisioned::default()
        };
        // Who is in no group at all may be so because nobody says anything of groups today, and a group that is gone may have been
        // renamed, which a synchronisation looks into: what cannot be taken back waits for a word that says it of one group among
        // many where nothing synchronises, or of everybody. Until then verify refuses them all the same.
        let waits = source == Source::Ldap && desk.settings().directory_synchronises;
        let one_of_many = who.groups.as_ref().is_some_and(|groups| !groups.is_empty());
        let certain = given_privileged == Some(false) && (guarded || (one_of_many && !waits));
        let (mut revokes, mut spared) = (false, known.is_some_and(|user| user.spared) && !privileged);
        let mut entries = Vec::new();
        let mut note = |action: AuditAction, detail: String| {
            entries.push(entry(Actor::Source(source), netid.as_str(), action, origin).detailed(detail));
        };
        match known {
            None => note(AuditAction::UserCreate, format!("{role}{}", if privileged { "" } else { ", not privileged" })),
            Some(user) => {
                if returns {
                    let others = user.left_by.iter().filter(|by| *by != source.code()).cloned().collect::<Vec<_>>().join(", ");
                    let detail = match (others.as_str(), user.left_at) {
                        ("", Some(_)) => "tokens stay revoked, the local password is gone".to_owned(),
                        ("", None) => "still disabled by an administrator".to_owned(),
                        (others, _) => format!("still gone by the word of {others}"),
                    };
                    note(AuditAction::UserReturned, detail);
                }
                if user.person.role != role {
                    fate.demoted = role < user.person.role;
                    note(AuditAction::UserRole, format!("{} → {role}", user.person.role));
                }
                if user.person.privileged != privileged {
                    fate.loses = !privileged;
                    revokes = fate.loses && certain;
                    spared = fate.loses && !certain;
                    let detail = match (privileged, revokes) {
                        (true, _) => "yes",
                        (false, true) => "no: tokens revoked, sessions ended",
                        (false, false) => "no: tokens refused, sessions ended",
                    };
                    note(AuditAction::UserPrivileged, detail.to_owned());
                } else if spared && certain {
                    (revokes, spared) = (true, false);
                    note(AuditAction::UserPrivileged, "no: tokens revoked".to_owned());
                }
                let renamed = user.name != name || user.email != email || user.source != of;
                if renamed || external_id.is_some_and(|id| user.external_id.as_deref().unwrap_or_default() != id) {
                    note(AuditAction::UserUpdate, "name, e-mail address or directory".to_owned());
                }
            }
        }
        fate.changed = known.is_some() && !entries.is_empty();
        fate.revokes = revokes;
        if !entries.is_empty() {
            self.entries.append(&mut entries);
            self.rows.push(Row {
                netid: netid.as_str().to_owned(),
                terms: terms(&name, &email),
                name,
                email,
                role: given_role.map(|role| role.word().to_owned()),
                privileged: given_privileged,
                open,
                source: of.code().to_owned(),
                external_id: external_id.map(str::to_owned),
                returns,
                loses: fate.loses,
                revokes,
                spared,
                word: source.code().to_owned(),
            });
            self.by = Actor::Source(source).code();
        }
        fate
    }

    /// All of it; none where nothing has to change. Whoever is back has no token that works: one that was made while they were
    /// leaving was not revoked with the others.
    pub(crate) fn change(self, desk: &Desk) -> Option<Change> {
        if self.rows.is_empty() {
            return None;
        }
        let change = Change::new(
            "FOR $row IN $people {
                LET $person = type::record('user', $row.netid);
                LET $old = (SELECT * FROM ONLY $person);
                LET $left = array::complement($old.left_by ?? [], IF $row.returns { [$row.word] } ELSE { [] });
                LET $back = $row.returns AND $old.left_at IS NOT NONE AND array::len($left) = 0;
                IF $old.terms != $row.terms {
                    FOR $term IN $old.terms ?? [] { DELETE type::record('term', [$term, $row.netid]) };
                    FOR $term IN $row.terms { UPSERT type::record('term', [$term, $row.netid]) };
                };
                UPSERT $person SET name = $row.name, email = $row.email, role = $row.role ?? $old.role ?? 'staff',
                    privileged = $row.privileged ?? $old.privileged ?? $row.open,
                    disabled = IF $back { false } ELSE { $old.disabled ?? false }, left_at = IF $back { NONE } ELSE { $old.left_at },
                    left_by = IF array::len($left) = 0 { NONE } ELSE { $left }, spared = $row.spared,
                    source = $row.source, external_id = $row.external_id ?? $old.external_id, created = $old.created ?? $at,
                    terms = $row.terms, netid_hash = NONE, rev = ($old.rev ?? 0) + 1;
                IF $row.loses { DELETE session WHERE user = $row.netid };
                IF $row.revokes OR $back { UPDATE token SET revoked_at = $at, revoked_by = $by WHERE owner = $row.netid AND revoked_at IS NONE };
            }",
            vars! { "people" => self.rows, "at" => desk.now().0, "by" => self.by },
        );
        Some(self.entries.into_iter().fold(change, Change::audited))
    }

    /// Another's people too.
    pub(crate) fn append(&mut self, mut other: Self) {
        if !other.rows.is_empty() {
            self.by = std::mem::take(&mut other.by);
        }
        self.rows.append(&mut other.rows);
        self.entries.append(&mut other.entries);
    }
}

/// What has to be written for people whom `source` no longer has: disabled, staff again, tokens revoked, sessions ended, the
/// local password gone, so that nothing comes back by itself should they, or somebody else of that NetID, return. Whom an
/// administrator has disabled before stays so whoever returns: `left_at` is not theirs then. With `of`: only those who are that
/// source's when it is written.
pub(crate) fn leaving(netids: &[NetId], source: Source, of: Option<Source>, desk: &Desk, origin: &Origin) -> Change {
    let gone: Vec<String> = netids.iter().map(NetId::to_string).collect();
    let change = Change::new(
        "FOR $netid_gone IN $gone {
            LET $person = type::record('user', $netid_gone);
            LET $old = (SELECT * FROM ONLY $person);
            IF $of IS NONE OR ($old.source = $of AND $old.netid_hash IS NONE) {
                UPDATE $person SET disabled = true, role = 'staff', left_at = IF $old.disabled { $old.left_at } ELSE { $at },
                    left_by = array::union($old.left_by ?? [], [$source]),
                    spared = false, rev = ($old.rev ?? 0) + 1, local_hash = NONE, local_initial = false,
                    local_set_at = NONE, local_set_by = NONE, local_lapses = NONE;
                UPDATE token SET revoked_at = $at, revoked_by = $by WHERE owner = $netid_gone AND revoked_at IS NONE;
                DELETE session WHERE user = $netid_gone;
            };
        }",
        vars! {
            "gone" => gone, "at" => desk.now().0, "by" => Actor::Source(source).code(), "source" => source.code().to_owned(),
            "of" => of.map(|of| of.code().to_owned()),
        },
    );
    netids.iter().fold(change, |change, netid| {
        change.audited(entry(Actor::Source(source), netid.as_str(), AuditAction::UserLeft, origin).detailed(LEFT))
    })
}

/// What became of whoever left, in the audit.
const LEFT: &str = "disabled, staff again, tokens revoked, sessions ended";

/// One line of bounded length: control characters would break a list's rows.
fn cut(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect()
}
