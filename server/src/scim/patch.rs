//! PATCH (RFC 7644 §3.5.2), for the few attributes that there are.

use desk::{Push, PushedUser};
use serde_json::Value;

use super::answer::Wrong;
use super::user::{self, SCHEMA};

/// More operations than there are attributes several times over.
const MOST: usize = 100;

/// An attribute's name without its schema's.
pub(super) fn short(name: &str) -> &str {
    match name.get(..SCHEMA.len()) {
        Some(schema) if schema.eq_ignore_ascii_case(SCHEMA) => name[SCHEMA.len()..].trim_start_matches(':'),
        _ => name,
    }
}

/// Whether this is the attribute `name`, in any case.
pub(super) fn is(given: &str, name: &str) -> bool {
    short(given).eq_ignore_ascii_case(name)
}

/// The person after all operations: all of them, or none.
pub(super) fn applied(before: &PushedUser, body: &Value) -> Result<Push, Wrong> {
    // What is not named stays as it is when this is written, whoever else changes it meanwhile.
    let mut after = Push { name: None, email: None, external_id: None, active: None };
    let operations = body.as_object().and_then(|body| body.iter().find(|(name, _)| name.eq_ignore_ascii_case("Operations")));
    let operations = operations.and_then(|(_, list)| list.as_array()).filter(|list| !list.is_empty() && list.len() <= MOST);
    let operations = operations.ok_or_else(|| Wrong::syntax("Operations must be a list of 1 to 100 of them."))?;
    for operation in operations {
        let part = |name: &str| operation.as_object()?.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let op = part("op").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let path = match part("path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) => Some(path.trim()),
            Some(_) => return Err(Wrong::of(http::StatusCode::BAD_REQUEST, "invalidPath", "path must be a string.")),
        };
        match (op.as_str(), path, part("value")) {
            ("add" | "replace", Some(path), Some(value)) => set(before, &mut after, &op, path, value)?,
            // Without a path the value holds the attributes.
            ("add" | "replace", None, Some(Value::Object(attributes))) => {
                attributes.iter().try_for_each(|(name, value)| set(before, &mut after, &op, name, value))?;
            }
            ("add" | "replace", _, _) => return Err(Wrong::value("value is missing, or without a path no object.")),
            ("remove", Some(path), _) => remove(before, &mut after, path)?,
            ("remove", None, _) => return Err(Wrong::of(http::StatusCode::BAD_REQUEST, "noTarget", "A removal needs a path.")),
            _ => return Err(Wrong::syntax("op must be add, replace or remove.")),
        }
    }
    Ok(after)
}

/// A path, taken apart: `emails`, `type eq "work"` and `value` of `emails[type eq "work"].value`.
struct Path<'a> {
    name: &'a str,
    filter: Option<&'a str>,
    sub: Option<&'a str>,
}

impl<'a> Path<'a> {
    fn of(path: &'a str) -> Self {
        let path = short(path).trim();
        let (name, filter, rest) = match (path.find('['), path.rfind(']')) {
            (Some(open), Some(close)) if open < close => (&path[..open], Some(path[open + 1..close].trim()), &path[close + 1..]),
            _ => path.split_once('.').map_or((path, None, ""), |(name, _)| (name, None, &path[name.len()..])),
        };
        Self { name: name.trim(), filter, sub: rest.trim().strip_prefix('.').map(str::trim) }
    }

    /// Whether the address that is kept, `before`, is meant: one address is, of work where kinds are told apart.
    fn is_kept_address(&self, before: &str) -> bool {
        let Some(filter) = self.filter else { return true };
        let mut words = filter.splitn(3, char::is_whitespace);
        let (attribute, operator) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let value = words.next().unwrap_or_default().trim().trim_matches('"');
        operator.eq_ignore_ascii_case("eq")
            && match attribute.to_ascii_lowercase().as_str() {
                "type" => value.eq_ignore_ascii_case("work"),
                "value" => value.eq_ignore_ascii_case(before),
                "primary" => value.eq_ignore_ascii_case("true"),
                _ => false,
            }
    }

    /// Whether it means the whole address, or what is kept of it.
    fn is_whole_address(&self) -> bool {
        self.sub.is_none_or(|sub| sub.eq_ignore_ascii_case("value"))
    }
}

fn set(before: &PushedUser, after: &mut Push, op: &str, path: &str, value: &Value) -> Result<(), Wrong> {
    let path = Path::of(path);
    let name = path.name;
    if is(name, "active") {
        after.active = Some(user::truth(value)?);
    } else if is(name, "displayName") || (is(name, "name") && path.sub.is_some_and(|sub| is(sub, "formatted"))) {
        after.name = Some(user::text(value, name)?);
    } else if is(name, "emails") {
        let kept = after.email.as_deref().unwrap_or(&before.email);
        // One more address is added to those there are: it takes the place of the one that is kept if it is the primary one.
        let one_more = op == "add" && path.filter.is_none() && !kept.is_empty() && !user::has_primary(value);
        if path.is_whole_address() && path.is_kept_address(kept) && !one_more {
            after.email = Some(user::email(value)?);
        }
    } else if is(name, "externalId") {
        after.external_id = Some(user::text(value, name)?);
    } else if is(name, "userName") && user::netid(value)? != before.netid {
        return Err(user::fixed_name());
    }
    // Others are none of the desk's business, as in a POST.
    Ok(())
}

fn remove(before: &PushedUser, after: &mut Push, path: &str) -> Result<(), Wrong> {
    let path = Path::of(path);
    let name = path.name;
    if is(name, "displayName") {
        after.name = Some(String::new());
    } else if is(name, "emails") {
        if path.is_whole_address() && path.is_kept_address(after.email.as_deref().unwrap_or(&before.email)) {
            after.email = Some(String::new());
        }
    } else if is(name, "externalId") {
        after.external_id = Some(String::new());
    } else if ["userName", "id", "schemas", "active"].into_iter().any(|kept| is(name, kept)) {
        return Err(Wrong::mutability("Nobody is without a userName, an id, schemas and active."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use desk::{Moment, NetId};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn nora() -> PushedUser {
        let netid = NetId::parse("nora").expect("a NetID");
        let created = Moment::default();
        PushedUser { netid, name: "Nora".to_owned(), email: "n@example.edu".to_owned(), external_id: None, active: true, created }
    }

    fn patched(operations: &Value) -> Result<Push, String> {
        applied(&nora(), &json!({ "Operations": operations })).map_err(|wrong| format!("{wrong:?}"))
    }

    #[test]
    fn identity_systems_write_the_same_in_many_ways() {
        for operation in [
            json!([{ "op": "replace", "path": "active", "value": false }]),
            json!([{ "op": "Replace", "path": "active", "value": "False" }]),
            json!([{ "op": "replace", "value": { "active": false } }]),
            json!([{ "op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": false }]),
        ] {
            assert_eq!(patched(&operation).expect("patched").active, Some(false), "{operation}");
        }
        let after = patched(&json!([
            { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@example.edu" },
            { "op": "remove", "path": "displayName" },
            { "op": "add", "path": "title", "value": "Dr." },
        ]));
        let after = after.expect("patched");
        assert_eq!((after.email.as_deref(), after.name.as_deref(), after.active), (Some("new@example.edu"), Some(""), None));
    }

    #[test]
    fn of_several_addresses_the_one_that_is_kept_is_meant() {
        let email = |operation: Value| patched(&json!([operation])).expect("patched").email;
        let to = |path: &str| json!({ "op": "replace", "path": path, "value": "new@example.edu" });
        for path in [
            "emails",
            "emails.value",
            "emails[type eq \"work\"].value",
            "emails[value eq \"n@example.edu\"].value",
            "Emails[primary eq true].Value",
        ] {
            assert_eq!(email(to(path)).as_deref(), Some("new@example.edu"), "{path}");
            assert_eq!(email(json!({ "op": "remove", "path": path })).as_deref(), Some(""), "{path}");
        }
        for path in
            ["emails[type eq \"home\"].value", "emails[value eq \"other@example.edu\"]", "emails[type eq \"work\"].display", "emails.type"]
        {
            assert_eq!(email(to(path)), None, "{path}");
            assert_eq!(email(json!({ "op": "remove", "path": path })), None, "{path}");
        }
        let added = |more: Value| email(json!({ "op": "add", "path": "emails", "value": [more] }));
        assert_eq!(added(json!({ "value": "home@example.edu", "type": "home" })), None, "one more");
        assert_eq!(added(json!({ "value": "new@example.edu", "primary": true })).as_deref(), Some("new@example.edu"));
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        for (operations, word) in [
            (json!([]), "invalidSyntax"),
            (json!("x"), "invalidSyntax"),
            (json!([{ "op": "move", "path": "active", "value": true }]), "invalidSyntax"),
            (json!([{ "op": "remove" }]), "noTarget"),
            (json!([{ "op": "replace", "path": "active", "value": "perhaps" }]), "invalidValue"),
            (json!([{ "op": "replace", "path": "active" }]), "invalidValue"),
            (json!([{ "op": "replace", "path": "userName", "value": "otto" }]), "mutability"),
            (json!([{ "op": "remove", "path": "userName" }]), "mutability"),
            (json!([{ "op": "remove", "path": "active" }]), "mutability"),
            (json!([{ "op": "replace", "path": 3, "value": 1 }]), "invalidPath"),
        ] {
            let refused = patched(&operations).expect_err("refused");
            assert!(refused.contains(word), "{operations}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn any_path_is_taken_without_harm(path in "\\PC*", value in "\\PC*") {
            let _ = patched(&json!([{ "op": "add", "path": path.clone(), "value": value }, { "op": "remove", "path": path }]));
        }
    }
}
