//! What is said of a group's members: whole, and by PATCH (RFC 7644 §3.5.2) in each of the ways in
//! which identity systems write it. Tests: below.

use std::collections::BTreeSet;

use desk::{MembersChange, NetId, same_name};
use http::StatusCode;
use serde_json::Value;

use super::groups::SCHEMA;
use super::patch::{Operation, operations, part};
use super::response::ScimError;
use super::user;

/// The name and the members of a whole group.
pub(super) fn said(body: &Value) -> Result<(String, Vec<NetId>), ScimError> {
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
    let all = match value {
        Value::Null => &[],
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    all.iter().map(member).collect()
}

fn member(value: &Value) -> Result<NetId, ScimError> {
    let id = part(value, "value").unwrap_or(value).as_str();
    let wrong = || ScimError::value("A member's value is the id of somebody at /Users.");
    id.and_then(|id| NetId::parse(id).ok()).ok_or_else(wrong)
}

/// What becomes of the members of this group after all operations.
pub(super) fn applied(group: &str, body: &Value) -> Result<MembersChange, ScimError> {
    let mut change = MembersChange::default();
    for operation in operations(body)? {
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
    let path = path.strip_prefix(SCHEMA).map_or(path, |path| path.trim_start_matches(':')).trim();
    let (name, filter) =
        path.split_once('[').map_or((path, None), |(name, filter)| (name.trim(), Some(filter)));
    if name.eq_ignore_ascii_case("members") {
        let named = match filter {
            Some(filter) => vec![filtered(filter)?],
            None => members(value.unwrap_or(&Value::Null))?,
        };
        members_after(change, op, named, filter.is_none() && value.is_none_or(Value::is_null));
    } else if ["displayName", "id"].iter().any(|fixed| name.eq_ignore_ascii_case(fixed)) {
        let text = value.map(|value| user::text(value, name)).transpose()?;
        if op == Operation::Remove || text.is_some_and(|text| !same_name(&text, group)) {
            return Err(fixed_name());
        }
    }
    // Others are none of the desk's business.
    Ok(())
}

/// `all`: a removal names nobody, and means everybody.
fn members_after(change: &mut MembersChange, op: Operation, named: Vec<NetId>, all: bool) {
    let named: BTreeSet<NetId> = named.into_iter().collect();
    match op {
        Operation::Replace => {
            *change = MembersChange { whole: true, add: named, remove: BTreeSet::new() }
        }
        Operation::Remove if all => {
            *change = MembersChange { whole: true, ..MembersChange::default() }
        }
        Operation::Add => {
            change.remove.retain(|netid| !named.contains(netid));
            change.add.extend(named);
        }
        Operation::Remove => {
            change.add.retain(|netid| !named.contains(netid));
            change.remove.extend(named);
        }
    }
}

/// Whom `members[value eq "…"]` names.
fn filtered(filter: &str) -> Result<NetId, ScimError> {
    let wrong = || {
        let detail = "Of members one filter is understood here: members[value eq \"…\"].";
        ScimError::of(StatusCode::BAD_REQUEST, "invalidFilter", detail)
    };
    let filter = filter.trim_end().strip_suffix(']').ok_or_else(wrong)?;
    let mut words = filter.trim().splitn(3, char::is_whitespace).map(str::trim);
    match (words.next(), words.next(), words.next()) {
        (Some(attribute), Some(operator), Some(value))
            if attribute.eq_ignore_ascii_case("value") && operator.eq_ignore_ascii_case("eq") =>
        {
            NetId::parse(value.trim_matches('"')).map_err(|_| wrong())
        }
        _ => Err(wrong()),
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
