//! What is said of a group's members: whole, and by PATCH (RFC 7644 §3.5.2) in each of the ways in
//! which identity systems write it. Tests: below.

use std::collections::BTreeSet;

use desk::{MAX_MEMBERS, MembersChange, NetId, same_name};
use http::StatusCode;
use serde_json::Value;

use super::patch::{Operation, operations, part, short};
use super::response::ScimError;
use super::user;
use crate::quoted::quoted;

/// The name and the members of a whole group.
pub(super) fn parsed(body: &Value) -> Result<(String, Vec<NetId>), ScimError> {
    let name =
        part(body, "displayName").ok_or_else(|| ScimError::value("displayName is missing."))?;
    Ok((user::text(name, "displayName")?, members(part(body, "members").unwrap_or(&Value::Null))?))
}

pub(super) fn speaks_of_members(body: &Value) -> bool {
    part(body, "members").is_some()
}

pub(super) fn fixed_name() -> ScimError {
    ScimError::mutability(
        "A group's name is that of groups.* in the configuration, and never changes.",
    )
}

fn members(value: &Value) -> Result<Vec<NetId>, ScimError> {
    listed(value).iter().map(member).collect()
}

fn listed(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    }
}

fn member(value: &Value) -> Result<NetId, ScimError> {
    let parsed = part(value, "value").unwrap_or(value);
    let id = parsed.as_str();
    let wrong = || match id {
        Some(id) => no_id(id),
        None => ScimError::value("A member's value is the id of somebody at /Users, a text."),
    };
    id.and_then(|id| NetId::parse(id).ok()).ok_or_else(wrong)
}

/// That a member is named by what is nobody's id.
fn no_id(parsed: &str) -> ScimError {
    ScimError::value(&format!(
        "{} is nobody's id: a member's value is the id of somebody at /Users.",
        quoted(parsed)
    ))
}

/// What becomes of the members of this group after all operations.
pub(super) fn applied(group: &str, body: &Value) -> Result<MembersChange, ScimError> {
    let mut change = MembersChange::default();
    for operation in operations(body, MAX_MEMBERS as usize)? {
        let (op, path, value) = Operation::read(operation)?;
        match path {
            Some(path) => take(&mut change, group, op, path, value)?,
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
                    take(&mut change, group, op, name, Some(value))
                })?;
            }
        }
    }
    Ok(change)
}

fn take(
    change: &mut MembersChange,
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
            Some(filter) => take_one(change, op, filtered(filter)?, value)?,
            None if sub.is_some() && !has_value => {
                let why = "The value of a member cannot be removed: remove the member.";
                return Err(ScimError::mutability(why));
            }
            None => {
                let named = members(value.unwrap_or(&Value::Null))?;
                members_after(change, op, named, !has_value);
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
fn filtered(filter: &str) -> Result<NetId, ScimError> {
    let mut words = filter.splitn(3, char::is_whitespace).map(str::trim);
    match (words.next(), words.next(), words.next()) {
        (Some(attribute), Some(operator), Some(value))
            if attribute.eq_ignore_ascii_case("value") && operator.eq_ignore_ascii_case("eq") =>
        {
            let id = value.trim_matches(['"', '\'']);
            NetId::parse(id).map_err(|_| no_id(id))
        }
        _ => Err(not_understood()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(operations: &Value) -> Result<(bool, String, String), String> {
        let names =
            |set: &BTreeSet<NetId>| set.iter().map(NetId::as_str).collect::<Vec<_>>().join(" ");
        let change = applied("Help-Desk", &json!({ "Operations": operations }))
            .map_err(|wrong| format!("{wrong:?}"))?;
        Ok((change.whole, names(&change.add), names(&change.remove)))
    }

    fn is(operations: &Value, whole: bool, add: &str, remove: &str) {
        assert_eq!(
            change(operations),
            Ok((whole, add.to_owned(), remove.to_owned())),
            "{operations}"
        );
    }

    /// Requests as the documentation of each identity system, or those who received them, show
    /// them; the people are ours.
    #[test]
    fn every_identity_system_is_understood() {
        // Entra ID:
        // learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups,
        // “Update Group”.
        is(
            &json!([{
                "op": "Add", "path": "members", "value": [{ "$ref": null, "value": "nora" }],
            }]),
            false,
            "nora",
            "",
        );
        is(
            &json!([{
                "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "nora" }],
            }]),
            false,
            "",
            "nora",
        );
        is(
            &json!([{ "op": "Replace", "path": "displayName", "value": "help-desk" }]),
            false,
            "",
            "",
        );
        // Okta: developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20, “Update a specific
        // Group”.
        is(
            &json!([{
                "op": "replace", "value": { "id": "help-desk", "displayName": "Help-Desk" },
            }]),
            false,
            "",
            "",
        );
        is(
            &json!([
                { "op": "remove", "path": "members[value eq \"nora\"]" },
                {
                    "op": "add", "path": "members",
                    "value": [{ "value": "otto", "display": "otto@example.edu" }],
                },
            ]),
            false,
            "otto",
            "nora",
        );
        is(
            &json!([{
                "op": "replace", "path": "members",
                "value": [{ "value": "nora" }, { "value": "otto" }],
            }]),
            true,
            "nora otto",
            "",
        );
        // OneLogin, midPoint and JumpCloud, in the RFC's words.
        is(
            &json!([{
                "op": "add", "value": { "members": [{ "value": "nora", "type": "User" }] },
            }]),
            false,
            "nora",
            "",
        );
        is(&json!([{ "op": "remove", "path": "members" }]), true, "", "");
        is(&json!({ "op": "add", "path": "members", "value": "nora" }), false, "nora", "");
        is(
            &json!([
                { "op": "add", "path": "members", "value": [{ "value": "nora" }] },
                { "op": "remove", "path": "members", "value": [{ "value": "nora" }] },
            ]),
            false,
            "",
            "nora",
        );
    }

    #[test]
    fn a_filter_means_the_member_whom_it_names_and_nobody_else() {
        let one = |op: &str, path: &str, value: Value| {
            let operation = json!({ "op": op, "path": path, "value": value });
            json!([operation])
        };
        let otto = "members[value eq \"otto\"]";
        for (path, value) in [
            (otto, json!({ "value": "otto", "display": "Otto" })),
            (otto, json!([{ "value": "Otto" }])),
            (otto, json!({ "display": "Otto" })),
            ("members[value eq 'otto'].display", json!("Otto O")),
            ("members[value eq \"otto\"].value", json!("otto")),
            ("members.display", json!("Otto")),
        ] {
            is(&one("replace", path, value), false, "", "");
        }
        is(&one("add", otto, json!({ "value": "otto" })), false, "otto", "");
        is(&one("remove", otto, json!(null)), false, "", "otto");
        is(&one("remove", "members[value eq \"otto\"].display", json!(null)), false, "", "");
        is(&one("remove", "members.value", json!("otto")), false, "", "otto");
        let schema = "urn:ietf:params:scim:schemas:core:2.0:Group:members";
        is(&one("Remove", &format!("{schema}[value eq \"otto\"]"), json!(null)), false, "", "otto");
        for (operation, word) in [
            (one("replace", otto, json!({ "value": "nora" })), "mutability"),
            (one("replace", otto, json!("nora")), "mutability"),
            (one("add", otto, json!([{ "value": "nora" }])), "mutability"),
            (one("replace", otto, json!(null)), "invalidValue"),
            (one("replace", otto, json!([])), "invalidValue"),
            (one("remove", "members.value", json!(null)), "mutability"),
            (one("remove", "members[value eq \"otto\"]display", json!(null)), "invalidFilter"),
        ] {
            let refused = change(&operation).expect_err("refused");
            assert!(refused.contains(word), "{operation}: {refused}");
        }
    }

    #[test]
    fn as_many_operations_are_taken_as_members_are_changed_at_once() {
        let remove =
            |n: u32| json!({ "op": "remove", "path": format!("members[value eq \"u{n}\"]") });
        let many: Vec<Value> = (0..MAX_MEMBERS).map(remove).collect();
        let taken = applied("staff", &json!({ "Operations": many })).expect("taken");
        assert_eq!((taken.whole, taken.remove.len()), (false, many.len()));
        let more: Vec<Value> = (0..=MAX_MEMBERS).map(remove).collect();
        assert!(applied("staff", &json!({ "Operations": more })).is_err());
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        for (operations, word) in [
            (json!([]), "invalidSyntax"),
            (json!([{ "op": "remove" }]), "noTarget"),
            (json!([{ "op": "replace", "path": "displayName", "value": "others" }]), "mutability"),
            (
                json!([{ "op": "add", "path": "members", "value": [{ "value": "no NetID" }] }]),
                "invalidValue",
            ),
            (json!([{ "op": "remove", "path": "members[type eq \"User\"]" }]), "invalidFilter"),
            (json!([{ "op": "remove", "path": "members[value eq \"nora\"" }]), "invalidFilter"),
        ] {
            let refused = change(&operations).expect_err("refused");
            assert!(refused.contains(word), "{operations}: {refused}");
        }
    }
}
