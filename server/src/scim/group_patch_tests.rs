//! Who is put into a group and taken out of it, by the requests of each identity system.

use serde_json::json;

use super::*;

fn change(operations: &Value) -> Result<(bool, String, String), String> {
    let names = |set: &BTreeSet<NetId>| set.iter().map(NetId::as_str).collect::<Vec<_>>().join(" ");
    let MembersPush { change, no_ids } = applied("Help-Desk", &json!({ "Operations": operations }))
        .map_err(|wrong| format!("{wrong:?}"))?;
    assert!(no_ids.is_empty(), "{no_ids:?}");
    Ok((change.whole, names(&change.add), names(&change.remove)))
}

fn is(operations: &Value, whole: bool, add: &str, remove: &str) {
    assert_eq!(change(operations), Ok((whole, add.to_owned(), remove.to_owned())), "{operations}");
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
    is(&json!([{ "op": "Replace", "path": "displayName", "value": "help-desk" }]), false, "", "");
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
    let remove = |n: u32| json!({ "op": "remove", "path": format!("members[value eq \"u{n}\"]") });
    let many: Vec<Value> = (0..MAX_MEMBERS).map(remove).collect();
    let taken = applied("staff", &json!({ "Operations": many })).expect("taken");
    assert_eq!((taken.change.whole, taken.change.remove.len()), (false, many.len()));
    let more: Vec<Value> = (0..=MAX_MEMBERS).map(remove).collect();
    assert!(applied("staff", &json!({ "Operations": more })).is_err());
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    for (operations, word) in [
        (json!([]), "invalidSyntax"),
        (json!([{ "op": "remove" }]), "noTarget"),
        (json!([{ "op": "replace", "path": "displayName", "value": "others" }]), "mutability"),
        (json!([{ "op": "add", "path": "members", "value": [{ "value": 7 }] }]), "invalidValue"),
        (json!([{ "op": "remove", "path": "members[type eq \"User\"]" }]), "invalidFilter"),
        (json!([{ "op": "remove", "path": "members[value eq \"nora\"" }]), "invalidFilter"),
    ] {
        let refused = change(&operations).expect_err("refused");
        assert!(refused.contains(word), "{operations}: {refused}");
    }
}

#[test]
fn all_that_nobody_can_have_as_an_id_is_kept_to_be_named() {
    let operations = json!([
        { "op": "add", "path": "members", "value": [{ "value": "no NetID" }, { "value": "nora" }] },
        { "op": "add", "path": "members[value eq \"otto@example.edu\"]" },
        { "op": "remove", "path": "members[value eq \"\"]" },
        { "op": "replace", "value": { "members": ["pia@example.edu", "otto@example.edu"] } },
    ]);
    let pushed = applied("staff", &json!({ "Operations": operations })).expect("read");
    let all = ["", "no NetID", "otto@example.edu", "pia@example.edu"];
    assert!(pushed.no_ids.iter().map(String::as_str).eq(all), "{pushed:?}");
    let put = json!({ "displayName": "staff", "members": [{ "value": "" }, { "value": "nora" }] });
    let (_, pushed) = parsed(&put).expect("read");
    assert!(pushed.no_ids.iter().map(String::as_str).eq([""]), "{pushed:?}");
    assert!(pushed.change.add.iter().map(NetId::as_str).eq(["nora"]), "{pushed:?}");
}
