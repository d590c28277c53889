//! SCIM's doors. Whether it is SCIM is judged by an independent suite in `make test-directory`.

mod attributes;
mod bodies;
mod finding;
mod groups;
mod names;

use desk::{AccountChange, AuditQuery, Changed, Role, Verdict, VerifyRequest, right};
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
    // What is no text is nobody's id.
    for (method, path) in [
        ("GET", "Users"),
        ("PUT", "Users"),
        ("PATCH", "Users"),
        ("DELETE", "Users"),
        ("GET", "Groups"),
        ("DELETE", "Groups"),
        ("GET", "Schemas"),
        ("GET", "ResourceTypes"),
    ] {
        let refused = ask(&world, method, &format!("/scim/v2/{path}/%ff"), None).await;
        assert_eq!(
            (refused.status, refused.header("content-type").as_deref()),
            (404, Some("application/scim+json")),
            "{method} {path}"
        );
        assert_eq!(refused.json()["detail"], "There is nothing with that id.", "{method} {path}");
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
async fn where_no_group_decides_it_whoever_is_made_may_have_tokens() {
    for groups in [vec![], vec!["*".to_owned()]] {
        let world = world_with(|keys| {
            keys.scim.token = Some(server::config::HiddenText::new(TOKEN.to_owned()));
            keys.groups.privileged = groups;
        })
        .await;
        let is_privileged = async || {
            let permit = world.desk.console().permit::<right::FindUsers>("nora").await.unwrap();
            world.desk.user_page(&permit).await.unwrap().user.privileged
        };
        let nora = json!({ "userName": "nora" });
        assert_eq!(ask(&world, "POST", "/scim/v2/Users", Some(nora.clone())).await.status, 201);
        assert!(is_privileged().await);
        world.set_privileged("nora", false).await;
        assert_eq!(ask(&world, "PUT", "/scim/v2/Users/nora", Some(nora)).await.status, 200);
        assert!(!is_privileged().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_desks_own_is_not_theirs() {
    let world = pushed_to().await;
    let (token, _) = world.token("ada", "script").await;
    let gone = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    let refused = ask(&world, "PATCH", "/scim/v2/Users/ada", Some(gone)).await;
    assert_eq!(refused.status, 403);
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("“ada”") && detail.contains("`latchkey user link ada`"), "{detail}");
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
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.contains("“kim10” would leave") && detail.contains("scim.max_leavers_per_hour"),
            "{method}: {detail}"
        );
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
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains("“root” is a reserved name (people.reserved_netids")
            && detail.ends_with("Leave it out of what is provisioned."),
        "{detail}"
    );
    assert_eq!(ask(&world, "GET", "/scim/v2/Users/root", None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_in_capitals_is_the_same_one() {
    let world = pushed_to().await;
    let made = ask(&world, "POST", "/scim/v2/Users", Some(json!({ "userName": "Eva.Ito" }))).await;
    assert_eq!((made.status, &made.json()["id"]), (201, &json!("eva.ito")));
    let named = json!({ "Operations": [{
        "op": "replace", "path": "displayName", "value": "Eva Ito",
    }] });
    let changed = ask(&world, "PATCH", "/scim/v2/Users/Eva.Ito", Some(named)).await;
    assert_eq!(
        (changed.status, &changed.json()["id"], &changed.json()["displayName"]),
        (200, &json!("eva.ito"), &json!("Eva Ito"))
    );
    assert_eq!(ask(&world, "GET", "/scim/v2/Users/EVA.ITO", None).await.json()["id"], "eva.ito");
    for other in ["%20eva.ito", "eva.ito%20", "eva-ito", "%C4%B1to"] {
        let path = format!("/scim/v2/Users/{other}");
        assert_eq!(ask(&world, "GET", &path, None).await.status, 404, "{other}");
    }
    assert_eq!(ask(&world, "DELETE", "/scim/v2/Users/Eva.ITO", None).await.status, 204);
    assert_eq!(ask(&world, "GET", "/scim/v2/Users/eva.ito", None).await.status, 404);
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
