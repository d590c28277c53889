//! Groups (RFC 7643 §4.2): those that `groups.*` names, where `scim.groups` is on. Their members
//! have the role and the privilege that the group gives. Where it is off there are none, and
//! whoever pushes one is told where roles come from; identity systems ask for them all the same,
//! before anything else. Tests: below, and `server/tests/server/scim/groups.rs`.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use desk::source::Scim;
use desk::{
    MAX_MEMBERS, MembersChange, NetId, Origin, PushError, PushedUser, SourceDoor, same_name,
};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::body::read;
use super::filter::{Attribute, Filter, Operator};
use super::group_patch::{self, MembersPush};
use super::not_theirs;
use super::parameters::{Id, Parameters};
use super::response::{self, ScimError};
use super::user::Wanted;
use crate::web::{AppState, Caller};

/// The schema of a group (RFC 7643 §8.7.1).
pub(super) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn door(state: &AppState) -> SourceDoor<Scim> {
    state.desk.source(Scim)
}

/// Whether people may be put into groups here.
pub(super) fn are_pushed(state: &AppState) -> bool {
    !door(state).groups().is_empty()
}

/// 501, with where roles come from.
fn not_pushed() -> ScimError {
    let detail = "Groups are not pushed here: switch that off in the identity system. Roles and \
        privilege come from the groups that the campus log-in or the directory says at each log-in \
        (groups.*), or from an administrator. Set scim.groups = true, and name groups in groups.*, \
        to have them from here.";
    ScimError::of(StatusCode::NOT_IMPLEMENTED, "", detail)
}

/// The group of this id, by its name in the configuration.
fn known(state: &AppState, id: &str) -> Result<String, ScimError> {
    let name = door(state).groups().into_iter().find(|name| same_name(name, id));
    name.ok_or_else(|| {
        ScimError::not_found("There is no group with that id: there are those that groups.* names.")
    })
}

/// Where people are put into groups at all.
fn pushed_to(state: &AppState, id: &str) -> Result<String, ScimError> {
    if are_pushed(state) { known(state, id) } else { Err(not_pushed()) }
}

pub(super) async fn list(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Response, ScimError> {
    let mut names = door(&state).groups();
    if let Some(filter) =
        parameters.filter.as_deref().map(str::trim).filter(|filter| !filter.is_empty())
    {
        names = meant(&state, names, &Filter::of_groups(filter)?).await?;
    }
    let (start, count) = (parameters.start(), parameters.count());
    let mut shown_groups = Vec::new();
    for name in names.iter().skip(start as usize - 1).take(count as usize) {
        shown_groups.push(shown(&state, name, &parameters.wanted()).await?);
    }
    Ok(response::list(u64::try_from(names.len()).unwrap_or(u64::MAX), start, &shown_groups))
}

/// The groups of each person whom a filter names, by the name that it has there.
type GroupsOf = BTreeMap<String, Vec<String>>;

/// Those of these groups that a filter means. Who is in one is asked for only where nothing else
/// decides: the groups of those whom the filter names, which is a look at each of them, and a
/// group's members, which may be too many, where it names nobody.
async fn meant(
    state: &AppState,
    names: Vec<String>,
    filter: &Filter,
) -> Result<Vec<String>, ScimError> {
    let mut groups_of = None;
    let mut meant = Vec::new();
    for name in names {
        let mut is_meant = judged(filter, &name, &GroupsOf::new(), None);
        if is_meant.is_none() {
            if groups_of.is_none() {
                groups_of = Some(groups_of_named(state, filter).await?);
            }
            is_meant = judged(filter, &name, groups_of.as_ref().unwrap_or(&GroupsOf::new()), None);
        }
        if is_meant.is_none() {
            let members = members(state, &name).await?;
            is_meant = judged(filter, &name, &GroupsOf::new(), Some(&members));
        }
        if is_meant == Some(true) {
            meant.push(name);
        }
    }
    Ok(meant)
}

/// Whether a filter means the group of this name; none: nobody knows by that.
fn judged(
    filter: &Filter,
    name: &str,
    groups_of: &GroupsOf,
    members: Option<&[NetId]>,
) -> Option<bool> {
    filter.holds(&|attribute, operator, requested| match (attribute, members) {
        (Attribute::NetId | Attribute::Name, _) => {
            Some(operator.holds(Some(name), attribute, requested))
        }
        (Attribute::Member, Some(members)) => {
            Some(operator.holds_of_any(members.iter().map(NetId::as_str), attribute, requested))
        }
        (Attribute::Member, None) => {
            let is_in = groups_of.get(requested)?.iter().any(|group| same_name(group, name));
            match operator {
                Operator::Is => Some(is_in),
                Operator::IsNot => Some(!is_in),
                _ => None,
            }
        }
        _ => Some(operator.holds(None, attribute, requested)),
    })
}

async fn groups_of_named(state: &AppState, filter: &Filter) -> Result<GroupsOf, ScimError> {
    let mut groups_of = GroupsOf::new();
    for named in filter.members_named() {
        if groups_of.contains_key(named) {
            continue;
        }
        // What is no NetID is nobody's.
        let groups = match NetId::parse(named) {
            Ok(netid) => door(state).groups_of(&netid).await?,
            Err(_) => Vec::new(),
        };
        groups_of.insert(named.to_owned(), groups);
    }
    Ok(groups_of)
}

pub(super) async fn show(
    State(state): State<AppState>,
    Id(id): Id,
    parameters: Parameters,
) -> Result<Response, ScimError> {
    let name = known(&state, &id)?;
    Ok(response::ok(&shown(&state, &name, &parameters.wanted()).await?))
}

/// A group that is pushed is one that is there already: whoever it has is put in.
pub(super) async fn create(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    parameters: Parameters,
    request: Request,
) -> Result<Response, ScimError> {
    if !are_pushed(&state) {
        return Err(not_pushed());
    }
    let sent = read(&state, caller, request).await?;
    let (name, pushed) = group_patch::parsed(&sent.body)?;
    let name = known(&state, &name).map_err(|_| {
        ScimError::value(&format!("No group of that name gives anything here: {}.", all(&state)))
    })?;
    change_members(&state, &name, &pushed, &sent.origin).await?;
    let group = changed(&state, &name, &parameters.wanted()).await?;
    Ok(response::created(&group, group["meta"]["location"].as_str().unwrap_or_default()))
}

pub(super) async fn replace(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    parameters: Parameters,
    request: Request,
) -> Result<Response, ScimError> {
    let group = pushed_to(&state, &id)?;
    let sent = read(&state, caller, request).await?;
    let (name, mut pushed) = group_patch::parsed(&sent.body)?;
    if !same_name(&name, &group) {
        return Err(group_patch::fixed_name());
    }
    // One that does not speak of members (RFC 7644 §3.5.1 leaves it to us) takes nobody out.
    pushed.change.whole = group_patch::speaks_of_members(&sent.body);
    change_members(&state, &group, &pushed, &sent.origin).await?;
    Ok(response::ok(&changed(&state, &group, &parameters.wanted()).await?))
}

/// Answered with nothing, as its members may be very many (RFC 7644 §3.5.2).
pub(super) async fn change(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    request: Request,
) -> Result<Response, ScimError> {
    let group = pushed_to(&state, &id)?;
    let sent = read(&state, caller, request).await?;
    let pushed = group_patch::applied(&group, &sent.body)?;
    change_members(&state, &group, &pushed, &sent.origin).await?;
    Ok(response::gone())
}

/// Nobody is in it then. What the configuration names is there all the same.
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, ScimError> {
    let group = pushed_to(&state, &id)?;
    let nobody = MembersChange { whole: true, ..MembersChange::default() };
    door(&state).change_members(&group, &nobody, &caller.origin(&headers)).await?;
    Ok(response::gone())
}

/// Puts people into a group and takes others out, or nobody: whoever cannot be a member is named
/// with all the others who cannot.
async fn change_members(
    state: &AppState,
    group: &str,
    pushed: &MembersPush,
    origin: &Origin,
) -> Result<(), ScimError> {
    let MembersPush { change, no_ids } = pushed;
    if no_ids.is_empty() {
        return Ok(door(state).change_members(group, change, origin).await?);
    }
    Err(match door(state).check_members(group, change).await {
        Ok(()) => not_theirs::members(&[], &[], no_ids),
        Err(PushError::Members { unknown, own }) => not_theirs::members(&unknown, &own, no_ids),
        Err(other) => other.into(),
    })
}

fn all(state: &AppState) -> String {
    let names: Vec<String> = door(state).groups().iter().map(|name| format!("“{name}”")).collect();
    format!("those that do are {}", names.join(", "))
}

async fn shown(state: &AppState, name: &str, wanted: &Wanted) -> Result<Value, ScimError> {
    let mut group = Map::new();
    let mut show = |key: &str, value: Value| {
        if wanted.shows(key) {
            group.insert(key.to_owned(), value);
        }
    };
    show("schemas", json!([SCHEMA]));
    show("id", json!(name));
    show("displayName", json!(name));
    show("meta", json!({ "resourceType": "Group", "location": location(state, name) }));
    if wanted.shows("members") {
        let members = members(state, name).await?;
        let member = |netid: &NetId| json!({ "value": netid, "type": "User" });
        show("members", members.iter().map(member).collect());
    }
    Ok(Value::Object(group))
}

/// A group's members, if they are not too many for one answer.
async fn members(state: &AppState, name: &str) -> Result<Vec<NetId>, ScimError> {
    let members = door(state).members(name).await?;
    if members.len() > MAX_MEMBERS as usize {
        let detail = "Too many people are in this group: ask with excludedAttributes=members.";
        return Err(ScimError::of(StatusCode::BAD_REQUEST, "tooMany", detail));
    }
    Ok(members)
}

/// The group as it is now that it was changed; without its members where they are too many for one
/// answer.
async fn changed(state: &AppState, name: &str, wanted: &Wanted) -> Result<Value, ScimError> {
    match shown(state, name, wanted).await {
        Err(error) if error.is_too_many() => {
            shown(state, name, &Wanted::new(None, Some("members"))).await
        }
        shown => shown,
    }
}

/// The groups that somebody is in, as they are said of them (RFC 7643 §4.1.2).
pub(super) fn of(state: &AppState, person: &PushedUser) -> Vec<Value> {
    if person.groups.is_empty() {
        return Vec::new();
    }
    let is_in = |name: &String| person.groups.iter().any(|group| same_name(group, name));
    let group = |name: String| {
        let at = location(state, &name);
        json!({ "value": name, "display": name, "$ref": at, "type": "direct" })
    };
    door(state).groups().into_iter().filter(is_in).map(group).collect()
}

fn location(state: &AppState, name: &str) -> String {
    let base = state.public_url.as_ref().map_or("", |url| url.as_str()).trim_end_matches('/');
    let id = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    format!("{base}/scim/v2/Groups/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_only_where_nothing_else_decides() {
        let netid = |text: &str| NetId::parse(text).expect("a NetID");
        let groups_of = GroupsOf::from([("nora".to_owned(), vec!["helpdesk".to_owned()])]);
        let all = [netid("nora"), netid("otto")];
        for (filter, at_first, by_person, by_members) in [
            (r#"id eq "HelpDesk""#, Some(true), Some(true), Some(true)),
            (r#"id eq "staff" and members eq "nora""#, Some(false), Some(false), Some(false)),
            (r#"id eq "helpdesk" or members pr"#, Some(true), Some(true), Some(true)),
            (r#"not (members co "x" and id eq "staff")"#, Some(true), Some(true), Some(true)),
            (r#"id eq "helpdesk" and members eq "nora""#, None, Some(true), Some(true)),
            (r#"members ne "nora""#, None, Some(false), Some(false)),
            (r#"not (members eq "nora")"#, None, Some(false), Some(false)),
            (r#"members sw "otto""#, None, None, Some(true)),
            (r#"members eq "nora" and members ew "x""#, None, None, Some(false)),
            (r#"members eq "nora" or members ew "x""#, None, Some(true), Some(true)),
            ("members pr", None, None, Some(true)),
        ] {
            let read = Filter::of_groups(filter).expect(filter);
            assert_eq!(judged(&read, "HelpDesk", &GroupsOf::new(), None), at_first, "{filter}");
            assert_eq!(judged(&read, "HelpDesk", &groups_of, None), by_person, "{filter}");
            let judged = judged(&read, "HelpDesk", &GroupsOf::new(), Some(&all));
            assert_eq!(judged, by_members, "{filter}");
        }
        let named = r#"members eq "a" and not (id eq "x" or members ne "b") or members co "c""#;
        let read = Filter::of_groups(named).expect(named);
        assert_eq!(read.members_named(), ["a", "b"]);
    }
}
