//! SCIM's doors. Whether it is SCIM is judged by an independent suite in `make test-directory`.

use desk::{AccountChange, AuditQuery, Changed, Role, Verdict, VerifyRequest};
use serde_json::{Value, json};

use crate::support::{Answer, Request, World, world, world_with};

const TOKEN: &str = "a bearer token of more than 32 characters";

async fn pushed_to() -> World {
    world_with(|keys| keys.scim.token = Some(server::config::HiddenText::new(TOKEN.to_owned())))
        .await
}

async fn ask(world: &World, method: &str, path: &str, body: Option<Value>) -> Answer {
    let request = Request::new(method, path).header("authorization", &format!("Bearer {TOKEN}"));
    let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    world.send(request.header("content-type", "application/scim+json").body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_in_the_configuration_there_is_nothing() {
    let world = world().await;
    assert_eq!(ask(&world, "GET", "/scim/v2/Users", None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_token_opens_nothing_and_many_of_them_are_slowed_down() {
    let world = pushed_to().await;
    let knock = || Request::get("/scim/v2/Users").header("authorization", "Bearer another");
    assert_eq!(world.send(Request::get("/scim/v2/Users")).await.status, 401);
    let twice = Request::get("/scim/v2/Users")
        .header("authorization", &format!("Bearer {TOKEN}"))
        .header("authorization", "Bearer x");
    assert_eq!(world.send(twice).await.status, 401);
    let mut last = world.send(knock()).await;
    assert_eq!(last.header("www-authenticate").as_deref(), Some("Bearer realm=\"Latchkey SCIM\""));
    for _ in 0..40 {
        last = world.send(knock()).await;
    }
    assert_eq!(last.status, 429);
    assert_eq!(
        ask(&world, "GET", "/scim/v2/Users", None).await.status,
        200,
        "the right one is not counted"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_or_a_token_of_a_person_is_none_of_it() {
    let world = pushed_to().await;
    let (token, _) = world.token("ada", "script").await;
    assert_eq!(world.send(Request::get("/scim/v2/Users").token(&token)).await.status, 401);
    assert_eq!(
        world.send(Request::get("/scim/v2/Users").cookie(&world.log_in("ada").await)).await.status,
        401
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_of_an_address_is_refused_in_scims_words() {
    let world = pushed_to().await;
    for path in [
        "/scim/v2/Users?count=many",
        "/scim/v2/Users?startIndex=1.5",
        "/scim/v2/Users/nora?count=x",
    ] {
        let refused = ask(&world, "GET", path, None).await;
        assert_eq!(
            (refused.status, refused.header("content-type").as_deref()),
            (400, Some("application/scim+json")),
            "{path}"
        );
        assert_eq!(refused.json()["scimType"], "invalidValue", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_come_change_and_go_each_with_its_audit_row() {
    let world = pushed_to().await;
    let made = ask(
        &world,
        "POST",
        "/scim/v2/Users",
        Some(json!({ "userName": "nora", "displayName": "Nora Nöhl" })),
    )
    .await;
    assert_eq!(
        (made.status, made.header("content-type").as_deref()),
        (201, Some("application/scim+json"))
    );
    assert_eq!(made.json()["id"], "nora");
    let change = json!({ "Operations": [{
        "op": "replace", "path": "emails", "value": [{ "value": "nora@example.edu" }],
    }] });
    let changed = ask(&world, "PATCH", "/scim/v2/Users/nora", Some(change)).await.json();
    assert_eq!(changed["emails"][0]["value"], "nora@example.edu");
    let gone = json!({ "Operations": [{ "op": "replace", "value": { "active": false } }] });
    assert_eq!(
        ask(&world, "PATCH", "/scim/v2/Users/nora", Some(gone)).await.json()["active"],
        false
    );
    let shown = ask(&world, "GET", "/scim/v2/Users/nora?attributes=active", None).await.json();
    assert_eq!(
        shown,
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "nora",
            "active": false,
        })
    );
    let query = AuditQuery { subject: "nora".to_owned(), ..AuditQuery::default() };
    let rows = world.desk.console().audit(&query).await.unwrap().rows;
    let rows: Vec<_> = rows.iter().map(|row| format!("{} {}", row.actor, row.action)).collect();
    assert_eq!(rows, ["(scim) user.left", "(scim) user.update", "(scim) user.create"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_desks_own_is_not_theirs() {
    let world = pushed_to().await;
    let (token, _) = world.token("ada", "script").await;
    let gone = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    assert_eq!(ask(&world, "PATCH", "/scim/v2/Users/ada", Some(gone)).await.status, 403);
    assert_eq!(ask(&world, "DELETE", "/scim/v2/Users/ada", None).await.status, 403);
    let request = VerifyRequest { method: "GET", address: None };
    assert!(matches!(world.desk.verify(token.expose(), None, &request).await, Verdict::Good(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_enabled_administrator_stays_and_the_answer_says_what_to_do() {
    let world = pushed_to().await;
    ask(
        &world,
        "POST",
        "/scim/v2/Users",
        Some(json!({ "userName": "kim", "displayName": "Kim Kahananui" })),
    )
    .await;
    let permit = world.desk.console().permit("kim").await.unwrap();
    let role = Some(Changed { permit, from: Role::Staff, to: Role::Admin });
    world.desk.change_account(&AccountChange { role, ..AccountChange::default() }).await.unwrap();
    let disable_ada = async |to: bool| {
        let permit = world.desk.console().permit("ada").await.unwrap();
        let disabled = Some(Changed { permit, from: !to, to });
        world
            .desk
            .change_account(&AccountChange { disabled, ..AccountChange::default() })
            .await
            .unwrap();
    };
    disable_ada(true).await;
    let gone = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    let put = json!({ "userName": "kim", "active": false });
    for (method, body) in [("DELETE", None), ("PATCH", Some(gone)), ("PUT", Some(put))] {
        let refused = ask(&world, method, "/scim/v2/Users/kim", body).await;
        assert_eq!(
            (refused.status, refused.header("content-type").as_deref()),
            (409, Some("application/scim+json")),
            "{method}"
        );
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("Make somebody else an administrator first"), "{detail}");
        assert_eq!(
            ask(&world, "GET", "/scim/v2/Users/kim", None).await.json()["active"],
            true,
            "{method}"
        );
    }
    // With another one there is nothing to keep them for.
    disable_ada(false).await;
    assert_eq!(ask(&world, "DELETE", "/scim/v2/Users/kim", None).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_too_many_away_is_told_when_to_go_on() {
    let world = pushed_to().await;
    for n in 0..11 {
        assert_eq!(
            ask(&world, "POST", "/scim/v2/Users", Some(json!({ "userName": format!("kim{n}") })))
                .await
                .status,
            201
        );
    }
    for n in 0..10 {
        assert_eq!(
            ask(&world, "DELETE", &format!("/scim/v2/Users/kim{n}"), None).await.status,
            204,
            "{n}"
        );
    }
    let put = json!({ "userName": "kim10", "active": false });
    let patch = json!({ "Operations": [{ "op": "replace", "value": { "active": false } }] });
    for (method, body) in [("DELETE", None), ("PUT", Some(put)), ("PATCH", Some(patch))] {
        let refused = ask(&world, method, "/scim/v2/Users/kim10", body).await;
        assert_eq!(
            (refused.status, refused.header("content-type").as_deref()),
            (429, Some("application/scim+json")),
            "{method}"
        );
        assert_eq!(refused.header("retry-after").as_deref(), Some("3601"), "{method}");
        assert!(refused.json()["detail"].as_str().unwrap().contains("scim.max_leavers_per_hour"));
    }
    assert_eq!(ask(&world, "GET", "/scim/v2/Users/kim10", None).await.json()["active"], true);
    let renamed = json!({ "userName": "kim10", "displayName": "Kim" });
    assert_eq!(
        ask(&world, "PUT", "/scim/v2/Users/kim10", Some(renamed)).await.status,
        200,
        "everything else goes on"
    );
    world.clock.advance(3601);
    assert_eq!(ask(&world, "DELETE", "/scim/v2/Users/kim10", None).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_made_by_a_reserved_name() {
    let world = pushed_to().await;
    let refused = ask(&world, "POST", "/scim/v2/Users", Some(json!({ "userName": "Root" }))).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidValue")));
    assert!(refused.json()["detail"].as_str().unwrap().contains("“root” is a reserved name"));
    assert_eq!(ask(&world, "GET", "/scim/v2/Users/root", None).await.status, 404);
}

async fn found(world: &World, filter: &str) -> Vec<String> {
    let query: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let answer = ask(world, "GET", &format!("/scim/v2/Users?filter={query}"), None).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
    let list = answer.json();
    let people: Vec<String> = list["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(list["totalResults"], people.len(), "{filter}");
    people
}

async fn with_nora_and_nils() -> World {
    let world = pushed_to().await;
    for body in [
        json!({
            "userName": "nora", "externalId": "7d3f-AB", "displayName": "Nora Nöhl",
            "emails": [{ "value": "nora@example.edu" }],
        }),
        json!({
            "userName": "nils", "externalId": "9e0c",
            "name": { "givenName": "Nils", "familyName": "Old" }, "active": false,
        }),
    ] {
        assert_eq!(ask(&world, "POST", "/scim/v2/Users", Some(body)).await.status, 201);
    }
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_whatever_identity_systems_look_for() {
    let world = with_nora_and_nils().await;
    for filter in [
        r#"userName eq "nora""#,
        r#"id eq "nora""#,
        r#"externalId eq "7d3f-AB""#,
        r#"emails[type eq "work"].value eq "nora@example.edu""#,
        r#"emails.value eq "NORA@example.edu""#,
        r#"displayName eq "Nora Nöhl""#,
        r#"displayName co "nöhl""#,
        r#"userName sw "no""#,
        r#"(userName eq "nora" and active eq true) or externalId eq "none""#,
        "userName eq nora",
    ] {
        assert_eq!(found(&world, filter).await, ["nora"], "{filter}");
    }
    assert_eq!(found(&world, r#"userName sw "n""#).await, ["nils", "nora"]);
    assert_eq!(
        found(&world, r#"externalId eq "9e0c" or externalId eq "7d3f-AB""#).await,
        ["nils", "nora"]
    );
    assert_eq!(
        found(&world, r#"userName sw "nora""#).await,
        ["nora"],
        "the whole begins with itself"
    );
    assert_eq!(found(&world, "active eq false and externalId pr").await, ["nils"]);
    for filter in [
        r#"externalId eq "7d3f""#,
        r#"externalId eq "7d3f-ab""#,
        r#"userName eq "nora" and active eq false"#,
        r#"userName eq "no NetID""#,
        r#"emails.value eq "nobody@example.edu""#,
        r#"displayName eq """#,
    ] {
        assert_eq!(found(&world, filter).await, Vec::<String>::new(), "{filter}");
    }
    // Deleted, nobody is found by anything.
    assert_eq!(ask(&world, "DELETE", "/scim/v2/Users/nora", None).await.status, 204);
    for filter in [
        r#"externalId eq "7d3f-AB""#,
        r#"emails.value eq "nora@example.edu""#,
        r#"userName sw "nora""#,
    ] {
        assert_eq!(found(&world, filter).await, Vec::<String>::new(), "{filter}");
    }
    let refused = ask(&world, "GET", "/scim/v2/Users?filter=title%20eq%20%22Dr.%22", None).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidFilter")));
    assert!(
        refused.json()["detail"].as_str().unwrap().contains("What works: userName, id, externalId")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_what_is_found_begin_and_end_where_they_should() {
    let world = with_nora_and_nils().await;
    for (query, total, netids) in [
        ("filter=userName%20sw%20n&count=1", 2, &["nils"][..]),
        ("filter=userName%20sw%20n&count=1&startIndex=2", 2, &["nora"]),
        ("filter=userName%20sw%20n&startIndex=3", 2, &[]),
        ("filter=userName%20sw%20n&count=0", 2, &[]),
        ("filter=userName%20sw%20n&count=-3&startIndex=-1", 2, &[]),
        ("filter=&count=1&startIndex=0", 9, &["ada"]),
        ("count=0", 9, &[]),
        ("count=1000000000000000000000000000000&filter=userName%20sw%20n", 2, &["nils", "nora"]),
        (
            "count=-1000000000000000000000000000000&startIndex=-1000000000000000000000000000000",
            9,
            &[],
        ),
        ("count=1&startIndex=1000000000000000000000000000000", 9, &[]),
    ] {
        let list = ask(&world, "GET", &format!("/scim/v2/Users?{query}"), None).await.json();
        let people: Vec<&str> = list["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap())
            .collect();
        assert_eq!(
            (list["totalResults"].as_i64(), people.as_slice()),
            (Some(total), netids),
            "{query}"
        );
        assert_eq!(list["itemsPerPage"], people.len(), "{query}");
    }
}

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
async fn there_are_no_groups_and_whoever_pushes_one_is_told_where_roles_come_from() {
    let world = pushed_to().await;
    for query in [
        "?count=1000&startIndex=1",
        "?filter=displayName%20eq%20%22help-desk%22&excludedAttributes=members",
        "",
        "/",
    ] {
        let list = ask(&world, "GET", &format!("/scim/v2/Groups{query}"), None).await;
        assert_eq!(
            (list.status, &list.json()["totalResults"], &list.json()["Resources"]),
            (200, &json!(0), &json!([])),
            "{query}"
        );
    }
    assert_eq!(ask(&world, "GET", "/scim/v2/Groups/help-desk", None).await.status, 404);
    let members = json!({ "Operations": [{
        "op": "add", "path": "members", "value": [{ "value": "sam" }],
    }] });
    for (method, path, body) in [
        ("POST", "/scim/v2/Groups", Some(json!({ "displayName": "help-desk" }))),
        ("PATCH", "/scim/v2/Groups/help-desk", Some(members)),
        ("PUT", "/scim/v2/Groups/help-desk", Some(json!({}))),
        ("DELETE", "/scim/v2/Groups/help-desk", None),
    ] {
        let refused = ask(&world, method, path, body).await;
        assert_eq!(
            (refused.status, refused.header("content-type").as_deref()),
            (501, Some("application/scim+json")),
            "{method}"
        );
        assert!(refused.json()["detail"].as_str().unwrap().contains("groups.*"), "{method}");
    }
    assert_eq!(ask(&world, "GET", "/scim/v2/Users/sam", None).await.status, 200);
    for path in ["/scim/v2/Me", "/scim/v2/Bulk", "/scim/v2/Bulk/"] {
        let refused = ask(&world, "POST", path, Some(json!({}))).await;
        assert_eq!(
            (refused.status, refused.header("content-type").as_deref()),
            (501, Some("application/scim+json")),
            "{path}"
        );
    }
    assert_eq!(world.send(Request::get("/scim/v2/Groups")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn slashes_too_many_do_no_harm_and_open_nothing() {
    let world = pushed_to().await;
    for path in [
        "/scim/v2//Users",
        "/scim/v2/Users/",
        "/scim/v2//Users//?count=1",
        "/scim/v2/ServiceProviderConfig/",
    ] {
        assert_eq!(ask(&world, "GET", path, None).await.status, 200, "{path}");
        assert_eq!(world.send(Request::get(path)).await.status, 401, "{path}");
    }
    assert_eq!(ask(&world, "GET", "/scim/v2/Users/sam/", None).await.json()["id"], "sam");
    let made = ask(&world, "POST", "/scim/v2/Users/", Some(json!({ "userName": "nora" }))).await;
    assert_eq!((made.status, &made.json()["id"]), (201, &json!("nora")));
    for path in ["/scim/v2/", "/scim/v2//"] {
        assert_eq!(ask(&world, "GET", path, None).await.status, 404, "{path}");
    }
    for path in ["/scim/v2/None/", "/scim/v2//Users/nobody/"] {
        let none = ask(&world, "GET", path, None).await;
        assert_eq!(
            (none.status, none.header("content-type").as_deref()),
            (404, Some("application/scim+json")),
            "{path}"
        );
    }
    let refused = ask(&world, "PATCH", "/scim/v2/Users/", Some(json!({}))).await;
    assert_eq!((refused.status, refused.header("allow").is_some()), (405, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_as_bounded_as_a_list() {
    let world = with_nora_and_nils().await;
    let filter = "userName sw \"n\"";
    for (count, start, netids) in [
        (json!(1e30), json!(1), &["nils", "nora"][..]),
        (json!("1000000000000000000000000000000"), json!("2"), &["nora"]),
        (json!(-1), json!(-7), &[]),
        (json!(-1e30), json!(1), &[]),
        (json!(1), json!(0), &["nils"]),
        (json!(1), json!(1e30), &[]),
        (Value::Null, Value::Null, &["nils", "nora"]),
    ] {
        for path in ["/scim/v2/.search", "/scim/v2/Users/.search"] {
            let body = json!({
                "filter": filter, "count": count, "startIndex": start, "attributes": ["userName"],
            });
            let list = ask(&world, "POST", path, Some(body.clone())).await.json();
            let people: Vec<&str> = list["Resources"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_str().unwrap())
                .collect();
            assert_eq!(
                (list["totalResults"].as_i64(), people.as_slice()),
                (Some(2), netids),
                "{path} {body}"
            );
        }
    }
    for wrong in [json!("many"), json!(1.5), json!([1]), json!(true), json!("")] {
        for name in ["count", "startIndex"] {
            let refused =
                ask(&world, "POST", "/scim/v2/.search", Some(json!({ name: wrong }))).await;
            assert_eq!(
                (refused.status, &refused.json()["scimType"]),
                (400, &json!("invalidValue")),
                "{name} {wrong}"
            );
            assert!(
                refused.json()["detail"].as_str().unwrap().contains("whole numbers"),
                "{name} {wrong}"
            );
        }
    }
    let refused = ask(&world, "POST", "/scim/v2/.search", Some(json!({ "filter": 7 }))).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidSyntax")));
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
    assert_eq!(
        email(&ask(&world, "PATCH", "/scim/v2/Users/nora2", Some(emptied)).await),
        None,
        "an empty one takes it away"
    );
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
