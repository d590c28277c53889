//! What programs are answered, whole: status, headers and every field. The tests beside this file
//! ask for what matters to them; here nothing else changes unnoticed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{Access, Expires, Networks};
use serde_json::json;

use crate::command_line::restoring::{in_store, made, run};
use crate::support::{
    Answer, Latchkey, Request, World, assert_whole_json, assert_whole_lines, world, world_with,
};

const SCIM_TOKEN: &str = "a bearer token of more than 32 characters";

/// A token for ten days, for reading, from here.
async fn narrow_token(world: &World) -> desk::PlainToken {
    let expires = world.clock.now().plus_days(10);
    let token = world.token_with("tia", "Backup script", |new| {
        new.access = Access::Read;
        new.networks = Networks::parse("127.0.0.0/8").unwrap();
        new.expires = Expires::At(expires);
    });
    token.await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_machine_api() {
    let world = world().await;
    let token = narrow_token(&world).await;
    for (name, request) in [
        ("api_me", Request::get("/api/v1/me").token(&token)),
        ("api_token", Request::get("/api/v1/token").token(&token)),
        ("api_without_token", Request::get("/api/v1/me")),
        ("api_nothing_there", Request::get("/api/v1/nothing").token(&token)),
        ("api_other_method", Request::new("PUT", "/api/v1/token").token(&token)),
        ("api_revoked", Request::new("DELETE", "/api/v1/token").token(&token)),
    ] {
        world.send(request).await.assert_whole(name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_verify() {
    let world = world().await;
    let token = narrow_token(&world).await;
    let (full, _) = world.token("helen", "Ticket reports").await;
    for (name, request) in [
        ("verify_good", Request::get("/auth/verify").token(&full)),
        ("verify_read_only", Request::get("/auth/verify").token(&token)),
        (
            "verify_write_by_read_only",
            Request::get("/auth/verify").token(&token).header("x-original-method", "POST"),
        ),
        ("verify_without_token", Request::get("/auth/verify")),
        ("verify_unknown", Request::get("/auth/verify").header("authorization", "token x")),
    ] {
        world.send(request).await.assert_whole(name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_introspection() {
    let world = world().await;
    let secret = world.console().add_client("rt").await.unwrap();
    let by = |secret: &str| format!("Basic {}", STANDARD.encode(format!("rt:{secret}")));
    let (token, _) = world.token("rae", "Ticket reports").await;
    let expires = world.clock.now().plus_days(10);
    let (ends, _) =
        world.token_with("tia", "Backup", |new| new.expires = Expires::At(expires)).await;
    let ask = |door: &str, token: &str| {
        Request::form(door, &[("token", token)]).header("authorization", &by(secret.expose()))
    };
    let form = Request::form("/oauth2/introspect", &[("token", "x")]);
    for (name, request) in [
        ("introspect_active", ask("/oauth2/introspect", token.expose())),
        ("introspect_active_until", ask("/oauth2/introspect", ends.expose())),
        ("introspect_inactive", ask("/oauth2/introspect", "x")),
        ("introspect_no_token", ask("/oauth2/introspect", "")),
        ("introspect_nobody", form.clone()),
        ("introspect_wrong_secret", form.header("authorization", &by("wrong"))),
        ("oauth_revoked", ask("/oauth2/revoke", token.expose())),
    ] {
        world.send(request).await.assert_whole(name);
    }
}

async fn scim(world: &World, method: &str, path: &str, body: Option<serde_json::Value>) -> Answer {
    let request =
        Request::new(method, path).header("authorization", &format!("Bearer {SCIM_TOKEN}"));
    let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    world.send(request.header("content-type", "application/scim+json").body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_scim() {
    let token = server::config::HiddenText::new(SCIM_TOKEN.to_owned());
    let world = world_with(|keys| keys.scim.token = Some(token)).await;
    let pia = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "pia", "externalId": "pia-7", "displayName": "Pia Pushed", "active": true,
        "emails": [{"value": "pia@example.edu", "primary": true}],
    });
    let gone = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": false}],
    });
    for (name, method, path, body) in [
        ("scim_config", "GET", "/scim/v2/ServiceProviderConfig", None),
        ("scim_resource_types", "GET", "/scim/v2/ResourceTypes", None),
        ("scim_schemas", "GET", "/scim/v2/Schemas", None),
        ("scim_created", "POST", "/scim/v2/Users", Some(pia.clone())),
        ("scim_created_twice", "POST", "/scim/v2/Users", Some(pia)),
        ("scim_found", "GET", "/scim/v2/Users?filter=userName%20eq%20%22pia%22", None),
        ("scim_listed", "GET", "/scim/v2/Users?count=2", None),
        ("scim_bad_filter", "GET", "/scim/v2/Users?filter=nothing", None),
        ("scim_patched", "PATCH", "/scim/v2/Users/pia", Some(gone)),
        ("scim_nobody", "GET", "/scim/v2/Users/nobody", None),
        ("scim_groups", "GET", "/scim/v2/Groups", None),
    ] {
        scim(&world, method, path, body).await.assert_whole(name);
    }
}

#[test]
fn of_commands() {
    let latchkey = Latchkey::new();
    latchkey.write(
        "people.csv",
        "netid,name,email,role,privileged,disabled,password\n\
         ada,Ada Admin,ada@example.edu,admin,yes,no,ada-netid-password\n\
         sam,Sam Sample,,,yes,,\n",
    );
    let json = |args: &[&str]| latchkey.run(&[args, &["--json"]].concat()).out;
    assert_eq!(latchkey.run(&["user", "import", "people.csv"]).code, Some(0));
    assert_whole_json("command_client_add", &json(&["client", "add", "rt"]));
    for (name, args) in [
        ("command_client_list", &["client", "list"][..]),
        ("command_user_list", &["user", "list"]),
        ("command_user_show", &["user", "show", "sam"]),
        ("command_user_link", &["user", "link", "sam", "--first-comer"]),
        ("command_token_list", &["token", "list"]),
        ("command_end_groups", &["directory", "end-groups"]),
        ("command_audit_verify", &["audit", "verify"]),
        ("command_audit_prune", &["audit", "prune", "--keep-days", "365", "--dry-run"]),
    ] {
        assert_whole_json(name, &json(args));
    }
    assert_whole_lines("command_audit_tail", &json(&["audit", "tail", "--subject", "sam"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_commands_about_tokens() {
    let latchkey = Latchkey::new();
    let tokens = in_store(&latchkey, async |desk| made(desk, &["pia"]).await).await;
    let list = run(&latchkey, &["token", "list", "pia", "--json"]).out;
    assert_whole_json("command_token_list_of_pia", &list);
    for (name, token) in [("command_token_good", tokens[0].as_str()), ("command_token_bad", "x")] {
        let ended = latchkey.run_with(&["token", "verify", "--token-stdin", "--json"], token);
        assert_whole_json(name, &ended.out);
    }
}
