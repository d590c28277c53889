//! What is said of a group's members: whole, and by PATCH (RFC 7644 §3.5.2) in each of the ways in
//! which identity systems write it. Tests: `group_patch_tests.rs`.

use std::collections::BTreeSet;

use desk::{MAX_MEMBERS, MembersChange, NetId, same_name};
use http::StatusCode;
use serde_json::Value;

use super::patch::{Operation, operations, part, short};
use super::response::ScimError;
use super::user;

/// Who is put into a group and who is taken out of it, as a request says it.
#[derive(Debug, Default)]
pub(super) struct MembersPush {
    pub(super) change: MembersChange,
    /// By what it names members, and nobody can have as an id: nothing of it is done then.
    pub(super) no_ids: BTreeSet<String>,
}

/// The name and the members of a whole group.
pub(super) fn parsed(body: &Value) -> Result<(String, MembersPush), ScimError> {
    let name =
        part(body, "displayName").ok_or_else(|| ScimError::value("displayName is missing."))?;
    let name = user::text(name, "displayName")?;
    let mut pushed = MembersPush::default();
    let named = members(part(body, "members").unwrap_or(&Value::Null), &mut pushed.no_ids)?;
    pushed.change.add.extend(named);
    Ok((name, pushed))
}

pub(super) fn speaks_of_members(body: &Value) -> bool {
    part(body, "members").is_some()
}

pub(super) fn fixed_name() -> ScimError {
    ScimError::mutability(
        "A group's name is that of groups.* in the configuration, and never changes.",
    )
}

/// The members that are named so that somebody may have that id.
fn members(value: &Value, no_ids: &mut BTreeSet<String>) -> Result<Vec<NetId>, ScimError> {
    let mut named = Vec::new();
    for one in listed(value) {
        let id = part(one, "value").unwrap_or(one).as_str().ok_or_else(|| {
            ScimError::value("A member's value is the id of somebody at /Users, a text.")
        })?;
        match NetId::parse(id) {
            Ok(netid) => named.push(netid),
            Err(_) => {
                no_ids.insert(id.to_owned());
            }
        }
    }
    Ok(named)
}

fn listed(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    }
}

/// What becomes of the members of this group after all operations.
pub(super) fn applied(group: &str, body: &Value) -> Result<MembersPush, ScimError> {
    let mut pushed = MembersPush::default();
    for operation in operations(body, MAX_MEMBERS as usize)? {
        let (op, path, value) = Operation::read(operation)?;
        match path {
            Some(path) => take(&mut pushed, group, op, path, value)?,
            None if op == Operation::Remove => {
                return Err(ScimError::of(
                    StatusCode::BAD_REQUEST,
                    "noTarget",
                    "A removal needs a path.",
                ));
            }
            None => {
                let attributes = value
                    .and_then(Value::as_object)
                    .ok_or_else(|| ScimError::value("Without a path the value is an object."))?;
                attributes.iter().try_for_each(|(name, value)| {
                    take(&mut pushed, group, op, name, Some(value))
                })?;
            }
        }
    }
    Ok(pushed)
}

fn take(
    pushed: &mut MembersPush,
    group: &str,
    op: Operation,
    path: &str,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let Target { name, filter, sub } = Target::of(path)?;
    if name.eq_ignore_ascii_case("members") {
        // What else is known of a member comes from /Users.
        if !sub.is_none_or(|sub| sub.eq_ignore_ascii_case("value")) {
            return Ok(());
        }
        let has_value = value.is_some_and(|value| !value.is_null());
        match filter {
            Some(filter) => {
                let id = filtered(filter)?;
                match NetId::parse(id) {
                    Ok(one) => take_one(&mut pushed.change, op, one, value)?,
                    Err(_) => {
                        pushed.no_ids.insert(id.to_owned());
                    }
                }
            }
            None if sub.is_some() && !has_value => {
                let why = "The value of a member cannot be removed: remove the member.";
                return Err(ScimError::mutability(why));
            }
            None => {
                let named = members(value.unwrap_or(&Value::Null), &mut pushed.no_ids)?;
                members_after(&mut pushed.change, op, named, !has_value);
            }
        }
    } else if ["displayName", "id"].iter().any(|fixed| name.eq_ignore_ascii_case(fixed)) {
        let text = value.map(|value| user::text(value, name)).transpose()?;
        if op == Operation::Remove || text.is_some_and(|text| !same_name(&text, group)) {
            return Err(fixed_name());
        }
    }
    // Others are none of the desk's business.
    Ok(())
}

/// A path, taken apart: `members`, `value eq "nora"` and `display` of
/// `members[value eq "nora"].display`.
struct Target<'a> {
    name: &'a str,
    filter: Option<&'a str>,
    sub: Option<&'a str>,
}

impl<'a> Target<'a> {
    fn of(path: &'a str) -> Result<Self, ScimError> {
        let path = short(path).trim();
        let Some((name, rest)) = path.split_once('[') else {
            let (name, sub) =
                path.split_once('.').map_or((path, None), |(name, sub)| (name, Some(sub.trim())));
            return Ok(Self { name: name.trim(), filter: None, sub });
        };
        let (filter, rest) = rest.rsplit_once(']').ok_or_else(not_understood)?;
        let sub = match rest.trim() {
            "" => None,
            rest => Some(rest.strip_prefix('.').ok_or_else(not_understood)?.trim()),
        };
        Ok(Self { name: name.trim(), filter: Some(filter.trim()), sub })
    }
}

/// What is done with the one member whom a filter names: nothing with the others, and nobody comes
/// in their place (a member's `value` is immutable).
fn take_one(
    change: &mut MembersChange,
    op: Operation,
    one: NetId,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let is_another = |parsed: &Value| {
        let id = part(parsed, "value").unwrap_or(parsed).as_str();
        id.is_some_and(|id| NetId::parse(id).ok().as_ref() != Some(&one))
    };
    let parsed = listed(value.unwrap_or(&Value::Null));
    if op != Operation::Remove && parsed.iter().any(is_another) {
        return Err(ScimError::mutability(&format!(
            "Who a member is never changes: remove “{one}”, and add the other.",
        )));
    }
    match op {
        Operation::Replace if parsed.is_empty() => {
            return Err(ScimError::value(&format!(
                "value is missing. To take “{one}” out, remove them."
            )));
        }
        // As they were.
        Operation::Replace => {}
        Operation::Add | Operation::Remove => members_after(change, op, vec![one], false),
    }
    Ok(())
}

/// `all`: a removal names nobody, and means everybody.
fn members_after(change: &mut MembersChange, op: Operation, named: Vec<NetId>, all: bool) {
    match op {
        Operation::Replace => {
            let add = named.into_iter().collect();
            *change = MembersChange { whole: true, add, remove: BTreeSet::new() }
        }
        Operation::Remove if all => {
            *change = MembersChange { whole: true, ..MembersChange::default() }
        }
        Operation::Add => {
            for netid in named {
                change.remove.remove(&netid);
                change.add.insert(netid);
            }
        }
        Operation::Remove => {
            for netid in named {
                change.add.remove(&netid);
                change.remove.insert(netid);
            }
        }
    }
}

fn not_understood() -> ScimError {
    let detail = "Only one filter is understood for members: members[value eq \"…\"].";
    ScimError::of(StatusCode::BAD_REQUEST, "invalidFilter", detail)
}

/// Whom `members[value eq "…"]` names.
fn filtered(filter: &str) -> Result<&str, ScimError> {
    let mut words = filter.splitn(3, char::is_whitespace).map(str::trim);
    match (words.next(), words.next(), words.next()) {
        (Some(attribute), Some(operator), Some(value))
            if attribute.eq_ignore_ascii_case("value") && operator.eq_ignore_ascii_case("eq") =>
        {
            Ok(value.trim_matches(['"', '\'']))
        }
        _ => Err(not_understood()),
    }
}

#[cfg(test)]
#[path = "group_patch_tests.rs"]
mod tests;
