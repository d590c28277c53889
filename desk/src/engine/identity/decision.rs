//! What becomes of a person by somebody's word: a pure function of what is said, what is known and
//! what is configured. The store is [`super::provision`]'s. Tests: `decision/tests.rs`, a table,
//! and `desk/tests/desk/directory/`.

use crate::engine::identity::assertion::{Assertion, Overview};
use crate::engine::identity::groups::GroupRules;
use crate::engine::identity::person_change::{
    Granted, GroupsChange, PersonChange, Presence, PrivilegeChange, PrivilegeStep, Profile,
    ProfilePart, Return, RoleChange,
};
use crate::engine::identity::reserved::ReservedNames;
use crate::store::as_read::AsRead;
use crate::store::rows::User;
use crate::{NameParts, NetId, Role, Source, is_email_address, plain_line};

/// The most characters kept of what is said of a person.
const MAX_TEXT: usize = 256;

/// What is configured, as far as it decides what becomes of people.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProvisionRules<'a> {
    pub(crate) groups: &'a GroupRules,
    pub(crate) directory: DirectoryUse,
    /// An identity system may push people here.
    pub(crate) is_pushed_to: bool,
    /// Names by which nobody is made.
    pub(crate) reserved: &'a ReservedNames,
}

/// How the campus directory is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DirectoryUse {
    /// There is none.
    None,
    /// It is asked at log-in.
    AtLogIn,
    /// And read as a whole now and then: what cannot be taken back is left to that, and its guard.
    Synchronised,
}

impl ProvisionRules<'_> {
    /// Whether people's source is one that still says something.
    pub(crate) fn hears(&self, source: Source) -> bool {
        match source {
            Source::Ldap => self.directory != DirectoryUse::None,
            Source::Scim => self.is_pushed_to,
            _ => true,
        }
    }

    /// Whether somebody new may have tokens where nobody says: a restriction to groups stays one
    /// where nobody says yet who is in them.
    fn privileges_everybody(&self) -> bool {
        self.groups.privileged.is_empty()
    }
}

/// What becomes of the person with this NetID by somebody's word.
pub(crate) fn decide(
    netid: &NetId,
    known: Option<&User>,
    assertion: &Assertion<'_>,
    rules: &ProvisionRules<'_>,
) -> PersonChange {
    decided(netid, known, assertion, rules, Continuity::of(known, assertion))
}

/// The same, where somebody who seems to be another is taken for who they were: too many do at once
/// to be believed.
pub(crate) fn decide_as_the_same(
    netid: &NetId,
    known: Option<&User>,
    assertion: &Assertion<'_>,
    rules: &ProvisionRules<'_>,
) -> PersonChange {
    let continuity = match Continuity::of(known, assertion) {
        Continuity::Another => Continuity::Same,
        other => other,
    };
    decided(netid, known, assertion, rules, continuity)
}

fn decided(
    netid: &NetId,
    known: Option<&User>,
    assertion: &Assertion<'_>,
    rules: &ProvisionRules<'_>,
    continuity: Continuity,
) -> PersonChange {
    let role = role_change(known, assertion, rules, continuity);
    let privilege = privilege_change(known, assertion, rules, continuity);
    // Whoever stays disabled neither has a role nor may have tokens.
    let comes_in = known.is_none_or(|user| user.may_log_in(Some(assertion.source)));
    PersonChange {
        netid: netid.clone(),
        as_read: known.map(|user| Box::new(AsRead::of(user))),
        presence: presence(known, assertion, continuity),
        profile: profile(known, assertion, rules, continuity),
        groups: groups_change(known, assertion),
        granted: Granted {
            role: comes_in && role.given.is_some_and(|role| role > Role::Staff),
            tokens: comes_in && privilege.given == Some(true),
        },
        role,
        privilege,
    }
}

/// Whether this is the person who is known. Of somebody who comes again, by that NetID, nothing is:
/// it may be another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Continuity {
    /// As far as anybody knows.
    Same,
    /// The directory no longer had them, and has somebody again.
    CameAgain,
    /// An identity system had deleted them, and makes somebody anew.
    MadeAgain,
    /// The directory has another person by that NetID, and never said that the former had left.
    Another,
}

impl Continuity {
    fn of(known: Option<&User>, assertion: &Assertion<'_>) -> Self {
        match known {
            Some(user) if user.source == Source::None && assertion.source == Source::Scim => {
                Self::MadeAgain
            }
            Some(user) if assertion.source == Source::Ldap && returns(user, assertion) => {
                Self::CameAgain
            }
            Some(user) if is_another(user, assertion) => Self::Another,
            _ => Self::Same,
        }
    }
}

fn returns(user: &User, assertion: &Assertion<'_>) -> bool {
    assertion.active == Some(true) && user.is_gone_by(assertion.source)
}

/// Whether the directory has another person by that NetID: another entry, another name and another
/// address than it said before. A directory that is built anew gives everybody another entry, and
/// who marries has another name: only all of it together is somebody else.
fn is_another(user: &User, assertion: &Assertion<'_>) -> bool {
    let another = |claimed: &Option<String>, known: &str| {
        let claimed = claimed.as_deref().map(cut).unwrap_or_default().to_lowercase();
        !claimed.is_empty() && !known.is_empty() && claimed != known.to_lowercase()
    };
    let is_its_word = assertion.source == Source::Ldap && user.source == Source::Ldap;
    is_its_word
        && assertion.active == Some(true)
        && is_another_entry(user, assertion)
        && another(&assertion.who.name, &user.name)
        && another(&assertion.who.email, &user.email)
}

/// Not where it is said for the first time: nobody would be another by that.
fn is_another_entry(user: &User, assertion: &Assertion<'_>) -> bool {
    assertion.who.id.is_some()
        && user.directory_id.is_some()
        && user.directory_id != assertion.who.id
}

/// Whoever else says groups says them in place of an identity system, which the configuration does
/// not hear of them then.
fn groups_change(known: Option<&User>, assertion: &Assertion<'_>) -> Option<Box<GroupsChange>> {
    let from = known.and_then(|user| user.pushed_groups.clone()).unwrap_or_default();
    let is_in_place =
        assertion.source != Source::Scim && assertion.who.groups.is_some() && !from.is_empty();
    let to = assertion.pushed_groups.or(is_in_place.then_some(&[]))?.to_vec();
    Some(Box::new(GroupsChange { from, to }))
}

fn presence(known: Option<&User>, assertion: &Assertion<'_>, continuity: Continuity) -> Presence {
    let Some(user) = known else { return Presence::Created };
    if let (Continuity::Another, Some(entry)) = (continuity, &user.directory_id) {
        return Presence::Replaced { entry: entry.clone(), enabled: !user.person.disabled };
    }
    if !returns(user, assertion) {
        return Presence::Known { enabled: !user.person.disabled };
    }
    let others: Vec<&str> = user
        .departed_by
        .iter()
        .map(String::as_str)
        .filter(|by| *by != assertion.source.code())
        .collect();
    Presence::Returned(match user.departed_at {
        _ if !others.is_empty() => Return::GoneElsewhere(others.join(", ")),
        Some(_) => Return::Enabled,
        None => Return::DisabledByAdministrator,
    })
}

fn role_change(
    known: Option<&User>,
    assertion: &Assertion<'_>,
    rules: &ProvisionRules<'_>,
    continuity: Continuity,
) -> RoleChange {
    let by_groups = assertion.who.groups.as_deref().and_then(|groups| rules.groups.role(groups));
    let is_anew = matches!(continuity, Continuity::MadeAgain | Continuity::Another);
    let given = by_groups.or(is_anew.then_some(Role::Staff));
    let from = known.map(|user| {
        // What the former had goes with them.
        if continuity == Continuity::Another { Role::Staff } else { user.person.role }
    });
    RoleChange { from, to: given.or(from).unwrap_or(Role::Staff), given }
}

fn privilege_change(
    known: Option<&User>,
    assertion: &Assertion<'_>,
    rules: &ProvisionRules<'_>,
    continuity: Continuity,
) -> PrivilegeChange {
    let if_new = rules.privileges_everybody();
    let groups = assertion.who.groups.as_deref();
    let given = groups
        .and_then(|groups| rules.groups.privileged(groups))
        .or((continuity != Continuity::Same && !if_new).then_some(false));
    let to = given.unwrap_or_else(|| known.map_or(if_new, |user| user.person.privileged));
    // Who is in no group at all may be so because nobody says anything of groups today, and a group
    // that is gone may have been renamed, which a synchronisation looks into: what cannot be taken
    // back waits for a word that says it of one group among many where nothing synchronises, or of
    // everybody. Until then verify refuses them all the same.
    let waits = assertion.source == Source::Ldap && rules.directory == DirectoryUse::Synchronised;
    let one_of_many = groups.is_some_and(|groups| !groups.is_empty()) && !waits;
    let certain = continuity == Continuity::Another
        || given == Some(false) && (assertion.overview == Overview::Everybody || one_of_many);
    let step = match known {
        None => PrivilegeStep::Kept,
        Some(user) => match (user.person.privileged, to) {
            (false, true) => PrivilegeStep::Granted,
            (true, false) if certain => PrivilegeStep::Revoked,
            (true, false) => PrivilegeStep::Refused,
            (false, false) if user.revocation_pending && certain => PrivilegeStep::RevokedLate,
            (false, false) if user.revocation_pending => PrivilegeStep::KeptPending,
            _ => PrivilegeStep::Kept,
        },
    };
    PrivilegeChange { to, given, step, if_new }
}

fn profile(
    known: Option<&User>,
    assertion: &Assertion<'_>,
    rules: &ProvisionRules<'_>,
    continuity: Continuity,
) -> Profile {
    let source = assertion.source;
    // Whose word counts less only adds what is not known, as long as the other says anything.
    let adds = known
        .is_some_and(|user| user.source.weight() > source.weight() && rules.hears(user.source));
    let text = |claimed: &Option<String>, kept: Option<&String>| {
        let claimed = claimed.as_deref().map(cut);
        let kept = kept.filter(|_| continuity == Continuity::Same).cloned();
        if adds { kept.filter(|kept| !kept.is_empty()).or(claimed) } else { claimed.or(kept) }
            .unwrap_or_default()
    };
    let name = text(&assertion.who.name, known.map(|user| &user.name));
    // Who is another, or may be, has none of the former's.
    let none = (continuity != Continuity::Same).then(NameParts::default);
    let name_parts = assertion.name_parts.map(cut_parts).or(none).map(Box::new);
    // What is no address is as if it were not said; one that is too long is none, and not another.
    let address = assertion.who.email.as_deref().map(plain_line);
    let address = address.filter(|claimed| claimed.is_empty() || is_email_address(claimed));
    let email = text(&address, known.map(|user| &user.email));
    let of = known.map(|user| user.source).filter(|of| keeps(*of, source)).unwrap_or(source);
    let differs = known.map_or_else(Vec::new, |user| {
        let has_other_parts = name_parts.as_deref().is_some_and(|parts| user.name_parts != *parts);
        let is_called_anew = assertion
            .external_id
            .is_some_and(|id| user.external_id.as_deref().unwrap_or_default() != id);
        let all = [
            (user.name != name, ProfilePart::Name),
            (user.name == name && has_other_parts, ProfilePart::NameParts),
            (user.email != email, ProfilePart::Email),
            (user.source != of, ProfilePart::Source { from: user.source, to: of }),
            (is_called_anew, ProfilePart::ExternalId),
            (is_another_entry(user, assertion), ProfilePart::DirectoryEntry),
        ];
        all.into_iter().filter_map(|(is_other, part)| is_other.then_some(part)).collect()
    });
    Profile {
        name,
        name_parts,
        email,
        source: of,
        external_id: assertion.external_id.map(str::to_owned),
        directory_id: assertion.who.id.clone(),
        differs,
    }
}

/// Whether somebody of `of` is still that source's where `source` has them too. Whom SCIM has
/// deleted is nobody's until it makes them again: it must not see them until then (RFC 7644 §3.6).
fn keeps(of: Source, source: Source) -> bool {
    if of == Source::None { source != Source::Scim } else { of.weight() > source.weight() }
}

/// One line of bounded length, as whoever reads it sees it.
fn cut(text: &str) -> String {
    plain_line(text).chars().take(MAX_TEXT).collect()
}

/// Each of them so.
fn cut_parts(parts: &NameParts) -> NameParts {
    NameParts {
        given: cut(&parts.given),
        family: cut(&parts.family),
        formatted: cut(&parts.formatted),
        are_shown: parts.are_shown,
    }
}

#[cfg(test)]
mod tests;
