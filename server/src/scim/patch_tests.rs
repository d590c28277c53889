//! PATCH as identity systems write it, and as nobody should.

use desk::{Moment, NameParts, NetId};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn nora() -> PushedUser {
    let netid = NetId::parse("nora").expect("a NetID");
    let created = Moment::default();
    PushedUser {
        netid,
        name: "Nora Old".to_owned(),
        name_parts: NameParts {
            given: "Nora".to_owned(),
            family: "Old".to_owned(),
            formatted: String::new(),
            are_shown: true,
        },
        email: "n@example.edu".to_owned(),
        external_id: None,
        groups: Vec::new(),
        active: true,
        created,
    }
}

fn patched(operations: &Value) -> Result<Push, String> {
    applied(&nora(), &json!({ "Operations": operations }))
        .map(|change| change.push)
        .map_err(|wrong| format!("{wrong:?}"))
}

#[test]
fn identity_systems_write_the_same_in_many_ways() {
    for operation in [
        json!([{ "op": "replace", "path": "active", "value": false }]),
        json!([{ "op": "Replace", "path": "active", "value": "False" }]),
        json!([{ "op": "replace", "value": { "active": false } }]),
        json!([{
            "op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active",
            "value": false,
        }]),
    ] {
        assert_eq!(patched(&operation).expect("patched").active, Some(false), "{operation}");
    }
    let after = patched(&json!([
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@example.edu" },
        { "op": "remove", "path": "name" },
        { "op": "add", "path": "title", "value": "Dr." },
    ]));
    let after = after.expect("patched");
    assert_eq!(
        (after.email.as_deref(), after.name.as_deref(), after.active),
        (Some("new@example.edu"), Some(""), None)
    );
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
    for path in [
        "emails[type eq \"home\"].value",
        "emails[value eq \"other@example.edu\"]",
        "emails[type eq \"work\"].display",
        "emails.type",
    ] {
        assert_eq!(email(to(path)), None, "{path}");
        assert_eq!(email(json!({ "op": "remove", "path": path })), None, "{path}");
    }
    let added = |more: Value| email(json!({ "op": "add", "path": "emails", "value": [more] }));
    assert_eq!(added(json!({ "value": "home@example.edu", "type": "home" })), None, "one more");
    assert_eq!(
        added(json!({ "value": "new@example.edu", "primary": true })).as_deref(),
        Some("new@example.edu")
    );
}

/// Requests in the forms that those who received them from each identity system have reported; the
/// people are ours.
#[test]
fn every_identity_system_is_understood() {
    let after = |operations: Value| {
        let push = patched(&operations).unwrap_or_else(|wrong| panic!("{operations}: {wrong}"));
        (push.name, push.email, push.active)
    };
    let text = |text: &str| Some(text.to_owned());
    // Entra ID:
    // learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups,
    // “Update User”.
    let entra = json!([
        {
            "op": "Replace", "path": "emails[type eq \"work\"].value",
            "value": "updated@example.edu",
        },
        { "op": "Replace", "path": "name.familyName", "value": "updatedFamilyName" },
    ]);
    assert_eq!(after(entra), (text("Nora updatedFamilyName"), text("updated@example.edu"), None));
    let entra_disables = json!([{ "op": "Replace", "path": "active", "value": false }]);
    assert_eq!(after(entra_disables).2, Some(false));
    // Without the flag aadOptscim062020 (the same site,
    // application-provisioning-config-problem-scim-compatibility): texts, Add, and dotted names in
    // one object.
    assert_eq!(after(json!([{ "op": "Add", "path": "active", "value": "False" }])).2, Some(false));
    let dotted = json!([{ "op": "Add", "value": {
        "displayName": "Nora New", "name.givenName": "Nora", "name.familyName": "New",
        "emails[type eq \"work\"].value": "n@new.edu",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Physics",
    } }]);
    assert_eq!(after(dotted), (text("Nora New"), text("n@new.edu"), None));
    let wrapped = json!([{
        "op": "Replace", "path": "displayName", "value": [{ "$ref": null, "value": "Nora New" }],
    }]);
    assert_eq!(after(wrapped).0, text("Nora New"));
    // Its validator (github.com/sourcegraph/sourcegraph-public-snapshot/pull/49119).
    let validator = json!([
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "oren@example.edu" },
        { "op": "add", "path": "emails[type eq \"home\"].value", "value": "home@example.edu" },
        { "op": "replace", "path": "emails[type eq \"work\"].display", "value": "0TXBC2MOGUI0" },
        { "op": "add", "path": "emails[type eq \"work\"].primary", "value": false },
        { "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true },
    ]);
    assert_eq!(after(validator).1, text("oren@example.edu"));
    // Okta: developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20, “Update a specific user
    // (PATCH)”.
    assert_eq!(after(json!([{ "op": "replace", "value": { "active": false } }])).2, Some(false));
    // SailPoint: developer.sailpoint.com/discuss/t/scim-api-patch-op/7752.
    assert_eq!(after(json!([{ "op": "add", "value": { "active": false } }])).2, Some(false));
    // OneLogin (developers.onelogin.com/scim) and midPoint (docs.evolveum.com/connectors) by path,
    // in the RFC's words, with whole objects; JumpCloud and Google send PUT.
    let whole = json!([
        {
            "op": "replace", "path": "name",
            "value": { "givenName": "Nora", "familyName": "New", "honorificPrefix": "Dr." },
        },
        {
            "op": "replace", "path": "emails",
            "value": [{ "value": "n@new.edu", "type": "work", "primary": "true" }],
        },
        { "op": "replace", "path": "active", "value": "true" },
    ]);
    assert_eq!(after(whole), (text("Nora New"), text("n@new.edu"), Some(true)));
    let in_schema = json!({
        "op": "replace",
        "value": {
            "urn:ietf:params:scim:schemas:core:2.0:User": { "name": { "familyName": "New" } },
        },
    });
    assert_eq!(after(in_schema).0, text("Nora New"));
}

#[test]
fn what_is_said_of_the_whole_name_counts_more_than_its_parts() {
    let name = |operations: Value| patched(&operations).expect("patched").name;
    let family = json!({ "op": "replace", "path": "name.familyName", "value": "New" });
    let display = json!({ "op": "replace", "path": "displayName", "value": "N. New" });
    assert_eq!(name(json!([display, family])).as_deref(), Some("N. New"));
    assert_eq!(name(json!([family, display])).as_deref(), Some("N. New"));
    let emptied = json!({ "op": "replace", "path": "displayName", "value": null });
    assert_eq!(name(json!([emptied, family])).as_deref(), Some("Nora New"));
    assert_eq!(name(json!([emptied])).as_deref(), Some("Nora Old"), "that of the parts");
    assert_eq!(
        name(json!([{ "op": "replace", "path": "name.honorificPrefix", "value": "Dr." }])),
        None
    );
    assert_eq!(
        name(json!([{ "op": "remove", "path": "name.familyName" }])).as_deref(),
        Some("Nora")
    );
}

#[test]
fn an_address_is_removed_by_its_value_and_the_first_one_comes_by_any_path_of_work() {
    let email = |operation: Value| patched(&json!([operation])).expect("patched").email;
    let remove =
        |value: &str| json!({ "op": "Remove", "path": "emails", "value": [{ "value": value }] });
    assert_eq!(email(remove("other@example.edu")), None);
    assert_eq!(email(remove("N@example.edu")).as_deref(), Some(""));
    let both = json!({
        "op": "replace", "path": "emails[type eq \"work\" and primary eq true].value",
        "value": "new@example.edu",
    });
    assert_eq!(email(both).as_deref(), Some("new@example.edu"));
    let nobody = PushedUser { email: String::new(), ..nora() };
    for path in ["emails[type eq \"work\"].value", "emails[primary eq \"True\"].value", "emails"] {
        let add =
            json!({ "Operations": [{ "op": "Add", "path": path, "value": "new@example.edu" }] });
        assert_eq!(
            applied(&nobody, &add).expect("patched").push.email.as_deref(),
            Some("new@example.edu"),
            "{path}"
        );
    }
}

#[test]
fn what_a_leaver_leaves_by_says_what_of_it_could_not_be_taken() {
    let operations = |active: bool| {
        json!({ "Operations": [
            { "op": "replace", "path": "displayName", "value": "N".repeat(300) },
            { "op": "replace", "path": "active", "value": active },
        ] })
    };
    let left = applied(&nora(), &operations(false)).expect("they leave");
    assert_eq!((left.push.active, left.push.name), (Some(false), None));
    assert!(left.left_out.is_some_and(|what| what.detail().starts_with("displayName: ")));
    assert!(applied(&nora(), &operations(true)).is_err(), "whoever stays is told");
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
        (
            json!([{
                "op": "replace", "path": "emails[type eq \"work\".value", "value": "x@example.edu",
            }]),
            "invalidPath",
        ),
        (
            json!([{
                "op": "replace", "path": "emails[kind eq \"work\"].value", "value": "x@example.edu",
            }]),
            "invalidFilter",
        ),
        (json!([{ "op": "replace", "path": "id", "value": "otto" }]), "mutability"),
        (json!([{ "op": "replace", "path": "name", "value": "Nora New" }]), "invalidValue"),
    ] {
        let refused = patched(&operations).expect_err("refused");
        assert!(refused.contains(word), "{operations}: {refused}");
    }
}

proptest! {
    #[test]
    fn any_path_is_taken_without_harm(path in "\\PC*", value in "\\PC*") {
        let _ = patched(&json!([
            { "op": "add", "path": path.clone(), "value": value }, { "op": "remove", "path": path },
        ]));
    }
}
