//! Names, as identity systems send them again and again: whoever compares finds what it has sent,
//! and nothing changes.

use desk::AuditQuery;
use serde_json::{Value, json};

use super::{ask, pushed_to};
use crate::support::World;

/// A display name, a given and a family name.
const NAMES: [(&str, &str, &str); 7] = [
    ("Smith, Jo", "Jo", "Smith"),
    ("Kovács Anna", "Anna", "Kovács"),
    ("王小明", "小明", "王"),
    ("Jo Dyk (Physics)", "Jo", "Dyk"),
    ("Prof. Dr. Eva Maria Roth", "Eva", "Roth"),
    ("Ana García López", "Ana", "García López"),
    ("Madonna", "Madonna", "Ciccone"),
];

async fn user(world: &World, netid: &str) -> Value {
    ask(world, "GET", &format!("/scim/v2/Users/{netid}"), None).await.json()
}

async fn rows(world: &World, netid: &str) -> usize {
    let query = AuditQuery { subject: netid.to_owned(), ..AuditQuery::default() };
    world.desk.console().audit(&query).await.unwrap().rows.len()
}

fn at<'a>(user: &'a Value, path: &str) -> &'a str {
    let found = path.split('.').try_fold(user, |value, part| value.get(part));
    found.and_then(Value::as_str).unwrap_or_default()
}

// Entra ID's default mapping
// (learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups):
// each cycle it asks, compares, and sends what differs.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_compares_and_sends_what_differs_changes_nothing() {
    let world = pushed_to().await;
    for (n, (display, given, family)) in NAMES.into_iter().enumerate() {
        let netid = format!("nora{n}");
        let written = [
            ("displayName", display.to_owned()),
            ("name.givenName", given.to_owned()),
            ("name.familyName", family.to_owned()),
            ("name.formatted", format!("{given} {family}")),
        ];
        let made = json!({
            "userName": netid, "displayName": display,
            "name": {
                "givenName": given, "familyName": family,
                "formatted": format!("{given} {family}"),
            },
        });
        assert_eq!(ask(&world, "POST", "/scim/v2/Users", Some(made)).await.status, 201);
        for _ in 0..3 {
            let known = user(&world, &netid).await;
            let differs: Vec<_> =
                written.iter().filter(|(path, text)| at(&known, path) != text).collect();
            assert!(differs.is_empty(), "{display}: {differs:?}");
            // And were it to send them all the same, one by one.
            for (path, text) in &written[1..] {
                let operation = json!({ "op": "Replace", "path": path, "value": text });
                let patch = json!({ "Operations": [operation] });
                let path = format!("/scim/v2/Users/{netid}");
                let patched = ask(&world, "PATCH", &path, Some(patch)).await;
                assert_eq!((patched.status, at(&patched.json(), "displayName")), (200, display));
            }
        }
        assert_eq!(rows(&world, &netid).await, 1, "{display}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_come_later_leave_the_name_that_was_said() {
    let world = pushed_to().await;
    for (n, (display, given, family)) in NAMES.into_iter().enumerate() {
        let path = format!("/scim/v2/Users/nora{n}");
        let made = json!({ "userName": format!("nora{n}"), "displayName": display });
        let made = ask(&world, "POST", "/scim/v2/Users", Some(made)).await.json();
        assert_eq!(made["name"], json!({ "formatted": display }), "nothing is taken apart");
        let patch = json!({ "Operations": [
            { "op": "Add", "path": "name.givenName", "value": given },
            { "op": "Add", "path": "name.familyName", "value": family },
        ] });
        for _ in 0..2 {
            let patched = ask(&world, "PATCH", &path, Some(patch.clone())).await.json();
            assert_eq!(at(&patched, "displayName"), display);
            assert_eq!(
                (at(&patched, "name.givenName"), at(&patched, "name.familyName")),
                (given, family)
            );
        }
        assert_eq!(rows(&world, &format!("nora{n}")).await, 2, "made, and once more said");
    }
}

// Okta and JumpCloud send the whole each time, OneLogin the name as an object: here each with a
// display name and without (what their makers document is named in `docs/identity/scim.md`).
#[tokio::test(flavor = "multi_thread")]
async fn the_whole_sent_again_changes_nothing_and_parts_alone_are_the_name() {
    let world = pushed_to().await;
    for (n, (display, given, family)) in NAMES.into_iter().enumerate() {
        for (kind, display) in [("a", Some(display)), ("b", None)] {
            let netid = format!("nora{n}{kind}");
            let path = format!("/scim/v2/Users/{netid}");
            let name = json!({ "givenName": given, "familyName": family });
            let mut whole = json!({ "userName": netid, "name": name, "active": true });
            if let Some(display) = display {
                whole["displayName"] = display.into();
            }
            let shown = display.map_or_else(|| format!("{given} {family}"), str::to_owned);
            assert_eq!(
                ask(&world, "POST", "/scim/v2/Users", Some(whole.clone())).await.status,
                201
            );
            let patch =
                json!({ "Operations": [{ "op": "replace", "path": "name", "value": name }] });
            for (method, body) in [("PUT", whole), ("PATCH", patch)] {
                let answer = ask(&world, method, &path, Some(body)).await.json();
                assert_eq!(at(&answer, "displayName"), shown, "{method}");
                assert_eq!(
                    (at(&answer, "name.givenName"), at(&answer, "name.familyName")),
                    (given, family),
                    "{method}"
                );
            }
            assert_eq!(rows(&world, &netid).await, 1, "{shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_made_anew_has_no_parts_of_the_former() {
    let world = pushed_to().await;
    let of = |name: Value| Some(json!({ "userName": "nora", "name": name }));
    let former = of(json!({ "givenName": "Nora", "familyName": "Old" }));
    assert_eq!(ask(&world, "POST", "/scim/v2/Users", former).await.status, 201);
    assert_eq!(ask(&world, "DELETE", "/scim/v2/Users/nora", None).await.status, 204);
    assert_eq!(ask(&world, "POST", "/scim/v2/Users", of(json!({}))).await.status, 201);
    assert_eq!(user(&world, "nora").await.get("name"), None);
    // A name of which one part alone is known, and the other comes later.
    let patch = |part: &str, text: &str| {
        let path = format!("name.{part}");
        Some(json!({ "Operations": [{ "op": "Add", "path": path, "value": text }] }))
    };
    for (part, text, shown) in
        [("familyName", "Suharto", "Suharto"), ("givenName", "Ann", "Ann Suharto")]
    {
        let patched = ask(&world, "PATCH", "/scim/v2/Users/nora", patch(part, text)).await.json();
        assert_eq!(at(&patched, "displayName"), shown);
    }
}
