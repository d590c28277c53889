//! SCIM's groups: those that the configuration names, where `scim.groups` is on.

use desk::{MAX_MEMBERS, Role, right};
use serde_json::{Value, json};

use crate::support::{Answer, Request, World, world_with};

const TOKEN: &str = "a bearer token of more than 32 characters";

async fn pushed_to() -> World {
    let world = world_with(|keys| {
        keys.scim.token = Some(server::config::HiddenText::new(TOKEN.to_owned()));
        keys.scim.groups = true;
        keys.groups.help_desk = vec!["Help Desk/Phone".to_owned()];
        keys.groups.privileged = vec!["staff".to_owned(), "help desk/phone".to_owned()];
    })
    .await;
    for netid in ["nora", "otto"] {
        assert_eq!(
            ask(&world, "POST", "/scim/v2/Users", Some(json!({ "userName": netid }))).await.status,
            201
        );
    }
    world
}

async fn ask(world: &World, method: &str, path: &str, body: Option<Value>) -> Answer {
    let request = Request::new(method, path).header("authorization", &format!("Bearer {TOKEN}"));
    let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    world.send(request.header("content-type", "application/scim+json").body(body)).await
}

async fn role(world: &World, netid: &str) -> (Role, bool) {
    let permit = world.desk.console().permit::<right::FindUsers>(netid).await.unwrap();
    let user = world.desk.user_page(&permit).await.unwrap().user;
    (user.role, user.privileged)
}

const DESK: &str = "/scim/v2/Groups/Help%20Desk%2FPhone";

fn members(group: &Value) -> Vec<&str> {
    group["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["value"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_groups_of_the_configuration_are_listed_found_and_described() {
    let world = pushed_to().await;
    let names = async |query: &str| {
        let list = ask(&world, "GET", &format!("/scim/v2/Groups{query}"), None).await.json();
        let names: Vec<String> = list["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["displayName"].as_str().unwrap().to_owned())
            .collect();
        (list["totalResults"].as_i64().unwrap(), names)
    };
    let both = vec!["Help Desk/Phone".to_owned(), "staff".to_owned()];
    assert_eq!(names("").await, (2, both.clone()));
    assert_eq!(names("?count=1&startIndex=2").await, (2, vec!["staff".to_owned()]));
    assert_eq!(
        names("?filter=displayName%20eq%20%22help%20desk%2Fphone%22&excludedAttributes=members")
            .await,
        (1, both[..1].to_vec())
    );
    assert_eq!(names("?filter=displayName%20eq%20%22other%22").await, (0, vec![]));
    let group =
        ask(&world, "GET", &format!("{DESK}?excludedAttributes=members"), None).await.json();
    assert_eq!((group["id"].as_str(), group.get("members")), (Some("Help Desk/Phone"), None));
    assert!(
        group["meta"]["location"]
            .as_str()
            .unwrap()
            .ends_with("/scim/v2/Groups/Help%20Desk%2FPhone"),
        "{group}"
    );
    assert_eq!(ask(&world, "GET", "/scim/v2/Groups/other", None).await.status, 404);
    assert_eq!(ask(&world, "GET", "/scim/v2/ResourceTypes", None).await.json()["totalResults"], 2);
    assert_eq!(
        ask(&world, "GET", "/scim/v2/ResourceTypes/Group", None).await.json()["endpoint"],
        "/Groups"
    );
    assert_eq!(
        ask(&world, "GET", "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group", None)
            .await
            .status,
        200
    );
    assert_eq!(world.send(Request::get("/scim/v2/Groups")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_and_have_what_the_group_gives() {
    let world = pushed_to().await;
    assert_eq!(role(&world, "nora").await, (Role::Staff, false));
    let operation = |op: Value| Some(json!({ "Operations": [op] }));
    let add = operation(
        json!({ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": "nora" }] }),
    );
    assert_eq!(ask(&world, "PATCH", DESK, add).await.status, 204);
    assert_eq!(role(&world, "nora").await, (Role::HelpDesk, true));
    assert_eq!(members(&ask(&world, "GET", DESK, None).await.json()), ["nora"]);
    let groups = async |netid: &str| {
        let user = ask(&world, "GET", &format!("/scim/v2/Users/{netid}"), None).await.json();
        user.get("groups").cloned()
    };
    let of_nora = groups("nora").await.unwrap();
    assert_eq!(
        (of_nora[0]["value"].as_str(), of_nora[0]["display"].as_str(), of_nora.get(1)),
        (Some("Help Desk/Phone"), Some("Help Desk/Phone"), None)
    );
    assert!(of_nora[0]["$ref"].as_str().unwrap().ends_with("/scim/v2/Groups/Help%20Desk%2FPhone"));
    assert_eq!(groups("otto").await, None);
    let put = json!({ "displayName": "help desk/phone", "members": [{ "value": "otto" }] });
    assert_eq!(members(&ask(&world, "PUT", DESK, Some(put)).await.json()), ["otto"]);
    assert_eq!(
        (role(&world, "nora").await, role(&world, "otto").await),
        ((Role::Staff, false), (Role::HelpDesk, true))
    );
    let silent = ask(&world, "PUT", DESK, Some(json!({ "displayName": "help desk/phone" }))).await;
    assert_eq!(
        members(&silent.json()),
        ["otto"],
        "what does not speak of members takes nobody out"
    );
    let made = ask(
        &world,
        "POST",
        "/scim/v2/Groups",
        Some(json!({ "displayName": "STAFF", "members": [{ "value": "nora" }] })),
    )
    .await;
    assert_eq!((made.status, made.json()["id"].as_str()), (201, Some("staff")));
    assert_eq!(role(&world, "nora").await, (Role::Staff, true));
    let remove = operation(json!({ "op": "remove", "path": "members[value eq \"otto\"]" }));
    assert_eq!(ask(&world, "PATCH", DESK, remove).await.status, 204);
    assert_eq!(role(&world, "otto").await, (Role::Staff, false));
    assert_eq!(ask(&world, "DELETE", "/scim/v2/Groups/staff", None).await.status, 204);
    assert_eq!(role(&world, "nora").await, (Role::Staff, false));
    assert!(members(&ask(&world, "GET", "/scim/v2/Groups/staff", None).await.json()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_of_members_means_those_whom_it_names() {
    let world = pushed_to().await;
    let both = json!({ "displayName": "staff", "members": [
        { "value": "nora" }, { "value": "otto" },
    ] });
    let staff = "/scim/v2/Groups/staff";
    assert_eq!(ask(&world, "PUT", staff, Some(both)).await.status, 200);
    let replaced = json!({ "Operations": [{
        "op": "replace", "path": "members[value eq \"otto\"]",
        "value": { "value": "otto", "display": "Otto" },
    }] });
    assert_eq!(ask(&world, "PATCH", staff, Some(replaced)).await.status, 204);
    let group = ask(&world, "GET", staff, None).await.json();
    assert_eq!(members(&group), ["nora", "otto"], "nobody else is taken out");
    let groups = async |filter: &str| {
        let query: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let answer = ask(&world, "GET", &format!("/scim/v2/Groups?filter={query}"), None).await;
        answer.json()["totalResults"].as_i64().ok_or_else(|| answer.json()["scimType"].clone())
    };
    for (filter, many) in [
        (r#"members eq "nora""#, 1),
        (r#"id eq "staff" and members eq "nora""#, 1),
        (r#"members.value eq "Otto""#, 1),
        (r#"members[value eq "otto"]"#, 1),
        (r#"members eq "nobody""#, 0),
        (r#"members ne "nora""#, 1),
        ("members pr", 1),
        (r#"urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq "staff""#, 1),
        (r#"externalId eq "7""#, 0),
    ] {
        assert_eq!(groups(filter).await, Ok(many), "{filter}");
    }
    assert_eq!(groups(r#"members[type eq "User"]"#).await, Err(json!("invalidFilter")));
    assert_eq!(groups("color eq 1").await, Err(json!("invalidFilter")));
}

/// As many as a campus has in one group: each with a name and an address beside the id.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_may_have_very_many_members_and_no_more() {
    let world = pushed_to().await;
    let of = |many: u32| {
        let member = |n: u32| {
            json!({
                "value": if n == 0 { "nora".to_owned() } else { format!("nobody{n:05}") },
                "display": format!("nobody{n:05}@students.example.edu"), "type": "User",
                "$ref": format!("https://latchkey.example.edu/scim/v2/Users/nobody{n:05}"),
            })
        };
        (0..many).map(member).collect::<Vec<_>>()
    };
    let of_members = |op: &str, members: Vec<Value>| {
        let operation = json!({ "op": op, "path": "members", "value": members });
        json!({ "Operations": [operation] })
    };
    let patch = |members: Vec<Value>| of_members("remove", members);
    let add = of_members("add", vec![json!({ "value": "nora" })]);
    assert_eq!(ask(&world, "PATCH", DESK, Some(add)).await.status, 204);
    let taken = ask(&world, "PATCH", DESK, Some(patch(of(MAX_MEMBERS)))).await;
    assert_eq!(taken.status, 204, "{}", taken.text());
    assert_eq!(role(&world, "nora").await, (Role::Staff, false));
    let put = json!({ "displayName": "staff", "members": of(MAX_MEMBERS) });
    let unknown = ask(&world, "PUT", "/scim/v2/Groups/staff", Some(put)).await;
    assert_eq!((unknown.status, &unknown.json()["scimType"]), (400, &json!("invalidValue")));
    let more = ask(&world, "PATCH", DESK, Some(patch(of(MAX_MEMBERS + 1)))).await;
    assert_eq!((more.status, &more.json()["scimType"]), (400, &json!("tooMany")));
    let large = ask(&world, "PATCH", DESK, Some(patch(of(3 * MAX_MEMBERS)))).await;
    assert_eq!(
        (large.status, large.header("content-type").as_deref(), &large.json()["status"]),
        (413, Some("application/scim+json"), &json!("413"))
    );
    assert!(large.json()["detail"].as_str().unwrap().contains("PATCH"), "{}", large.text());
    // Whoever has no token is told so, however much they send.
    let stranger = Request::new("PUT", DESK).body(vec![b' '; 200_000]);
    assert_eq!(world.send(stranger).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_and_changes_nobody() {
    let world = pushed_to().await;
    let add = |netid: &str| {
        json!({ "Operations": [{
        "op": "add", "path": "members", "value": [{ "value": netid }],
    }] })
    };
    let renamed =
        json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": "Others" }] });
    for (refused, named) in [
        ("nobody", "“nobody”"),
        ("ada", "“ada”"),
        ("no NetID", "“no NetID”"),
        ("a\u{7}", "“a\\u{7}”"),
    ] {
        let answer = ask(&world, "PATCH", DESK, Some(add(refused))).await;
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(named), "{detail}");
    }
    for (method, path, body, status, kind) in [
        ("PATCH", DESK, add("nobody"), 400, json!("invalidValue")),
        ("PATCH", DESK, add("ada"), 403, Value::Null),
        ("PATCH", DESK, renamed, 400, json!("mutability")),
        ("PUT", DESK, json!({ "displayName": "Others" }), 400, json!("mutability")),
        ("PUT", DESK, json!({}), 400, json!("invalidValue")),
        ("POST", "/scim/v2/Groups", json!({ "displayName": "Others" }), 400, json!("invalidValue")),
        ("PATCH", "/scim/v2/Groups/Others", add("nora"), 404, Value::Null),
    ] {
        let refused = ask(&world, method, path, Some(body.clone())).await;
        assert_eq!(
            (refused.status, refused.json()["scimType"].clone()),
            (status, kind),
            "{method} {path} {body}"
        );
    }
    let refused =
        ask(&world, "POST", "/scim/v2/Groups", Some(json!({ "displayName": "Others" }))).await;
    assert!(
        refused.json()["detail"].as_str().unwrap().contains("“Help Desk/Phone”, “staff”"),
        "{}",
        refused.text()
    );
    assert!(members(&ask(&world, "GET", DESK, None).await.json()).is_empty());
    assert_eq!(role(&world, "ada").await.0, Role::Admin);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_a_member_is_named_with_all_the_others() {
    let world = pushed_to().await;
    let members = |netids: &[&str]| -> Vec<Value> {
        netids.iter().map(|netid| json!({ "value": netid })).collect()
    };
    let added = |netids: &[&str]| {
        let operation = json!({ "op": "add", "path": "members", "value": members(netids) });
        json!({ "Operations": [operation] })
    };
    let whole =
        |netids: &[&str]| json!({ "displayName": "Help Desk/Phone", "members": members(netids) });
    let odd = ["nora", "ghost1", "ada", "ghost2", "ghost3@example.edu", ""];
    for (method, body) in [("PATCH", added(&odd)), ("PUT", whole(&odd))] {
        let refused = ask(&world, method, DESK, Some(body)).await;
        assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidValue")));
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        for named in ["“ghost1”, “ghost2”", "“”, “ghost3@example.edu”", "“ada”"]
        {
            assert!(detail.contains(named), "{method}: {named} of {detail}");
        }
        assert!(!detail.contains("nora"), "{detail}");
    }
    // Those who are kept here are named beside those who are nobody, and by themselves.
    let both = ask(&world, "PATCH", DESK, Some(added(&["ghost1", "ada"]))).await;
    assert!(both.text().contains("“ghost1”") && both.text().contains("“ada”"), "{}", both.text());
    assert_eq!(ask(&world, "PATCH", DESK, Some(added(&["ada"]))).await.status, 403);
    assert_eq!(role(&world, "nora").await, (Role::Staff, false));
}
