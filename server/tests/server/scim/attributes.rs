//! What an identity system says of a person: names, addresses, and what it calls them.

use serde_json::{Value, json};

use super::{TOKEN, ask, pushed_to, with_nora_and_nils};
use crate::support::{Answer, Request};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_surname_is_the_persons_name() {
    let world = with_nora_and_nils().await;
    for (operation, name) in [
        (json!({ "op": "Replace", "path": "name.familyName", "value": "New" }), "Nils New"),
        (json!({ "op": "replace", "value": { "name": { "familyName": "Newer" } } }), "Nils Newer"),
        (
            json!({
                "op": "add", "value": { "name.givenName": "Nick", "name.familyName": "Newest" },
            }),
            "Nick Newest",
        ),
        (
            json!({
                "op": "replace", "path": "name",
                "value": { "givenName": "Nils", "familyName": "Old" },
            }),
            "Nils Old",
        ),
    ] {
        let changed =
            ask(&world, "PATCH", "/scim/v2/Users/nils", Some(json!({ "Operations": [operation] })))
                .await;
        assert_eq!(
            (changed.status, &changed.json()["displayName"]),
            (200, &json!(name)),
            "{operation}"
        );
        assert_eq!(
            ask(&world, "GET", "/scim/v2/Users/nils", None).await.json()["displayName"],
            name,
            "{operation}"
        );
    }
    let other = json!({ "Operations": [{ "op": "replace", "path": "id", "value": "other" }] });
    assert_eq!(
        ask(&world, "PATCH", "/scim/v2/Users/nils", Some(other)).await.json()["scimType"],
        "mutability"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_is_left_out_and_keeps_nobody_from_leaving() {
    let world = pushed_to().await;
    let email = |answer: &Answer| answer.json()["emails"][0]["value"].as_str().map(str::to_owned);
    for (n, (emails, kept)) in [
        (json!([{ "value": "no address" }]), None),
        (
            json!([{ "value": "nora at example.edu" }, { "value": "n@example.edu" }]),
            Some("n@example.edu"),
        ),
        (
            json!([
                { "value": "nonsense", "primary": true }, { "value": "a@x.edu" },
                { "value": "w@x.edu", "type": "work" },
            ]),
            Some("w@x.edu"),
        ),
        (json!(["@x.edu", "n@", "n\u{202e}@x.edu", "two words@x.edu"]), None),
        (json!([{ "value": "", "primary": true }, { "value": "n@x.edu" }]), Some("n@x.edu")),
        (
            json!([
                { "primary": true, "type": "work" }, { "value": null }, { "value": "n@x.edu" },
            ]),
            Some("n@x.edu"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let made = ask(
            &world,
            "POST",
            "/scim/v2/Users",
            Some(json!({ "userName": format!("nora{n}"), "emails": emails })),
        )
        .await;
        assert_eq!((made.status, email(&made).as_deref()), (201, kept), "{emails}");
    }
    // What is there stays where nothing better is said, and whoever leaves leaves.
    let patch = json!({ "Operations": [
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "no address" },
        { "op": "replace", "path": "active", "value": false },
    ] });
    let left = ask(&world, "PATCH", "/scim/v2/Users/nora1", Some(patch)).await;
    assert_eq!(
        (left.status, email(&left).as_deref(), &left.json()["active"]),
        (200, Some("n@example.edu"), &json!(false))
    );
    let emptied = json!({ "Operations": [{
        "op": "replace", "path": "emails", "value": [{ "value": "" }],
    }] });
    let shown = ask(&world, "GET", "/scim/v2/Users/nora2", None).await.json();
    assert_eq!(shown["emails"], json!([{ "value": "w@x.edu", "type": "work", "primary": true }]));
    // One more is none where the primary one is no address.
    let more = json!({ "Operations": [{
        "op": "add", "path": "emails", "value": [
            { "value": "", "primary": true }, { "value": "more@x.edu" },
        ],
    }] });
    assert_eq!(
        email(&ask(&world, "PATCH", "/scim/v2/Users/nora2", Some(more)).await).as_deref(),
        Some("w@x.edu")
    );
    assert_eq!(
        email(&ask(&world, "PATCH", "/scim/v2/Users/nora2", Some(emptied)).await),
        None,
        "an empty one takes it away"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_leaves_whatever_else_is_said_with_it() {
    let world = pushed_to().await;
    let (long, longer) = ("N".repeat(300), format!("{}@x.edu", "a".repeat(260)));
    let put = |more: Value| {
        let mut body = json!({ "userName": "nora", "displayName": "Nora", "active": false });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("PUT", body)
    };
    let patch = |other: Value| {
        let leaves = json!({ "op": "Replace", "path": "active", "value": "False" });
        ("PATCH", json!({ "Operations": [other, leaves] }))
    };
    for (n, (method, body)) in [
        put(json!({ "emails": [{ "value": longer, "type": "work" }] })),
        put(json!({ "emails": [{ "value": true }] })),
        put(json!({ "emails": { "value": { "a": 1 } } })),
        put(json!({ "displayName": long })),
        put(json!({ "displayName": true, "externalId": { "id": 1 } })),
        put(json!({ "userName": "other@example.edu" })),
        patch(json!({ "op": "Replace", "path": "displayName", "value": long })),
        patch(json!({
            "op": "Replace", "path": "emails[type eq \"work\"].value", "value": { "a": 1 },
        })),
        patch(json!({ "op": "Add", "path": "emails[display eq \"x\"].value", "value": "x" })),
        patch(json!({ "op": "Add", "path": "emails[type eq \"work\"", "value": "x" })),
        patch(json!({ "op": "Replace", "path": "manager" })),
        patch(json!({ "op": "Replace", "path": "userName", "value": "other" })),
        (
            "PATCH",
            json!({ "Operations": [{
            "op": "replace", "value": { "displayName": long, "active": false },
        }] }),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let netid = format!("nora{n}");
        let body = body.to_string().replace("\"nora\"", &format!("\"{netid}\""));
        let body: Value = serde_json::from_str(&body).unwrap();
        let known = json!({
            "userName": netid, "displayName": "Known", "externalId": netid,
            "emails": [{ "value": "known@x.edu" }],
        });
        assert_eq!(ask(&world, "POST", "/scim/v2/Users", Some(known)).await.status, 201);
        // Thirteen leave, and more within an hour would be too many.
        world.clock.advance(3601);
        let left =
            ask(&world, method, &format!("/scim/v2/Users/{netid}"), Some(body.clone())).await;
        let person = left.json();
        assert_eq!((left.status, &person["active"]), (200, &json!(false)), "{body}");
        // What was said and could not be read takes nothing away; what a PUT leaves out it does.
        let is_put = method == "PUT";
        let name = if is_put && body["displayName"] == "Nora" { "Nora" } else { "Known" };
        assert_eq!(person["displayName"], name, "{body}");
        let email = if is_put && body.get("emails").is_none() { None } else { Some("known@x.edu") };
        assert_eq!(person["emails"][0]["value"].as_str(), email, "{body}");
        let id = if is_put && body.get("externalId").is_none() { None } else { Some(&*netid) };
        assert_eq!(person["externalId"].as_str(), id, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stays_is_told_what_is_wrong_and_nothing_is_changed() {
    let world = pushed_to().await;
    let long = "N".repeat(300);
    assert_eq!(
        ask(&world, "POST", "/scim/v2/Users", Some(json!({ "userName": "otto" }))).await.status,
        201
    );
    for (method, body) in [
        ("PUT", json!({ "userName": "otto", "displayName": long })),
        (
            "PATCH",
            json!({ "Operations": [
            { "op": "replace", "path": "active", "value": false },
            { "op": "replace", "path": "displayName", "value": long },
            { "op": "replace", "path": "active", "value": true },
        ] }),
        ),
    ] {
        let refused = ask(&world, method, "/scim/v2/Users/otto", Some(body)).await;
        assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidValue")));
    }
    assert_eq!(ask(&world, "GET", "/scim/v2/Users/otto", None).await.json()["active"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_letter_is_in_nothing_by_which_somebody_is_found() {
    let world = pushed_to().await;
    let post = async |body: &str| {
        let request = Request::new("POST", "/scim/v2/Users")
            .header("authorization", &format!("Bearer {TOKEN}"))
            .header("content-type", "application/scim+json");
        world.send(request.body(body.as_bytes().to_vec())).await
    };
    let made = post(
        r#"{ "userName": "nora", "displayName": "N\ud83d",
        "emails": [{ "value": "n\ud83d@x.edu" }, { "value": "n@x.edu" }] }"#,
    )
    .await;
    assert_eq!(
        (made.status, made.json()["displayName"].as_str()),
        (201, Some("N\u{fffd}")),
        "a name decides nothing"
    );
    assert_eq!(made.json()["emails"][0]["value"], "n@x.edu");
    let refused = post(r#"{ "userName": "nils", "externalId": "7d3f\ud83d" }"#).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidValue")));
    assert!(refused.json()["detail"].as_str().unwrap().contains("half a letter"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_answered_with_its_parts_and_null_says_nothing() {
    let world = pushed_to().await;
    // As Okta's own test of a SCIM server asks for it
    // (developer.okta.com/docs/guides/scim-provisioning-integration-test).
    let made = ask(
        &world,
        "POST",
        "/scim/v2/Users",
        Some(json!({
            "userName": "nora", "name": { "givenName": "Nora", "familyName": "Old" },
            "active": null,
        })),
    )
    .await;
    let name = json!({ "formatted": "Nora Old", "givenName": "Nora", "familyName": "Old" });
    assert_eq!((made.status, &made.json()["name"]), (201, &name));
    assert_eq!(made.json()["active"], true);
    let shown = ask(&world, "GET", "/scim/v2/Users/nora", None).await.json();
    assert_eq!(shown["name"], name);
    let list = ask(&world, "GET", "/scim/v2/Users?filter=id%20eq%20%22nora%22", None).await.json();
    assert_eq!(list["Resources"][0]["name"], name);
    let family =
        ask(&world, "GET", "/scim/v2/Users/nora?attributes=name.familyName", None).await.json();
    assert_eq!((&family["name"], family.get("active")), (&name, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_who_are_there_are_called_alike_by_the_identity_system() {
    let world = pushed_to().await;
    let make = async |netid: &str, id: &str| {
        ask(&world, "POST", "/scim/v2/Users", Some(json!({ "userName": netid, "externalId": id })))
            .await
    };
    let taken =
        |answer: &Answer| (answer.status, answer.json()["scimType"] == "uniqueness") == (409, true);
    assert_eq!(make("nora", "7d3f").await.status, 201);
    let refused = make("nils", "7d3f").await;
    assert!(
        taken(&refused) && refused.json()["detail"].as_str().unwrap().contains("Delete them first"),
        "{}",
        refused.text()
    );
    assert_eq!(
        ask(&world, "GET", "/scim/v2/Users/nils", None).await.status,
        404,
        "nobody was made"
    );
    assert_eq!(make("nils", "7D3F").await.status, 201, "capitals matter");
    assert_eq!(make("otto", "").await.status, 201);
    assert_eq!(make("pia", "").await.status, 201, "nothing is nobody's name");
    let patch = |value: &str| {
        Some(json!({ "Operations": [{ "op": "replace", "path": "externalId", "value": value }] }))
    };
    assert!(taken(&ask(&world, "PATCH", "/scim/v2/Users/nils", patch("7d3f")).await));
    assert!(taken(
        &ask(
            &world,
            "PUT",
            "/scim/v2/Users/otto",
            Some(json!({ "userName": "otto", "externalId": "7d3f" }))
        )
        .await
    ));
    let same = json!({ "userName": "nora", "externalId": "7d3f", "displayName": "Nora" });
    assert_eq!(
        ask(&world, "PUT", "/scim/v2/Users/nora", Some(same)).await.status,
        200,
        "their own"
    );
    // Whoever has left, or was deleted, has given it back; and does not get it again while somebody
    // else has it.
    let active = |active: bool| {
        Some(json!({ "Operations": [{ "op": "replace", "path": "active", "value": active }] }))
    };
    assert_eq!(ask(&world, "PATCH", "/scim/v2/Users/nora", active(false)).await.status, 200);
    assert_eq!(ask(&world, "PATCH", "/scim/v2/Users/otto", patch("7d3f")).await.status, 200);
    assert!(taken(&ask(&world, "PATCH", "/scim/v2/Users/nora", active(true)).await));
    assert_eq!(ask(&world, "DELETE", "/scim/v2/Users/otto", None).await.status, 204);
    assert_eq!(ask(&world, "PATCH", "/scim/v2/Users/nora", active(true)).await.status, 200);
}
