//! A form whose answer was lost, sent again by a browser that never heard of anything: each is told
//! that it was done, by script and without, and counts nothing.

use desk::{AuditAction, AuditQuery, FormKey, Refusal, TokenView};

use crate::people::post_redirect_get::follow;
use crate::support::{Request, World, world_as};

const NEW: &str = "plain copper teapot garden";

type Fields<'a> = &'a [(&'a str, &'a str)];

/// A form: who sends it, where it stands, what it asks for, and what is typed.
struct Sent<'a> {
    netid: &'a str,
    function: &'a str,
    page: &'a str,
    action: AuditAction,
    fields: Fields<'a>,
}

async fn desk() -> (World, TokenView) {
    let world = world_as(|_| {}, |all| all.desk.first_password_self_service = true).await;
    let (_, token) = world.token("tia", "Backup script").await;
    (world, token)
}

/// Each kind of form that would read its own doing as somebody else's.
fn forms<'a>(edit: Fields<'a>, revoke: Fields<'a>) -> Vec<Sent<'a>> {
    use AuditAction as A;
    let tokens = "/settings/auth-tokens";
    let account: Fields<'_> = &[
        ("netid", "sam"),
        ("role", "rep"),
        ("was_role", "staff"),
        ("privileged", "true"),
        ("was_privileged", "true"),
        ("was_disabled", "false"),
        ("own_password", "ada-local-password"),
    ];
    let first: Fields<'_> = &[("new", NEW), ("retype", NEW)];
    let change: Fields<'_> = &[("current", "tia-local-password"), ("new", NEW), ("retype", NEW)];
    let sent =
        |netid, function, page, action, fields| Sent { netid, function, page, action, fields };
    vec![
        sent("tia", "edit_token", tokens, A::TokenEdit, edit),
        sent("tia", "revoke_token", tokens, A::TokenRevoke, revoke),
        sent("ada", "change_account", "/admin/users/sam", A::UserRole, account),
        sent("sam", "set_first_password", "/settings/about-me", A::PasswordFirst, first),
        sent("tia", "change_password", "/settings/about-me", A::PasswordChange, change),
    ]
}

fn edit(id: &str) -> Vec<(&str, &str)> {
    vec![
        ("id", id),
        ("description", "Backup of the printers"),
        ("expires", "keep"),
        ("was_description", "Backup script"),
        ("was_networks", ""),
        ("was_expires", ""),
        ("own_password", "tia-local-password"),
    ]
}

async fn refused(world: &World) -> usize {
    let query = AuditQuery { outcome: "refused".to_owned(), ..AuditQuery::default() };
    world.desk.console().audit(&query).await.unwrap().rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn by_script_each_is_told_that_it_was_done() {
    let (world, token) = desk().await;
    let edit = edit(token.id.as_str());
    let revoke = [("id", token.id.as_str()), ("own_password", "tia-local-password")];
    for Sent { netid, function, action, fields, .. } in forms(&edit, &revoke) {
        let cookie = world.log_in(netid).await;
        let key = FormKey::text(netid, function);
        let fields = [fields, &[("form", &*key)]].concat();
        let request = Request::form(&format!("/fn/{function}"), &fields).cookie(&cookie);
        let first = world.send(request.clone()).await;
        assert_eq!(first.status, 200, "{function}: {}", first.text());
        let again = world.send(request).await;
        let reported = (again.status, again.refusal());
        assert_eq!(reported, (409, Refusal::sent_already(action)), "{function}");
    }
    assert_eq!(refused(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_the_next_page_says_that_it_was_done() {
    let (world, token) = desk().await;
    let edit = edit(token.id.as_str());
    let revoke = [("id", token.id.as_str()), ("own_password", "tia-local-password")];
    for Sent { netid, function, page, action, fields } in forms(&edit, &revoke) {
        let had = format!("latchkey={}", world.log_in(netid).await.expose());
        let key = FormKey::text(netid, function);
        let fields = [fields, &[("form", &*key)]].concat();
        let to = format!("/fn/{function}?from={page}");
        let request = Request::plain_form(&to, &fields).header("cookie", &had);
        assert_eq!(world.send(request.clone()).await.status, 303, "{function}");
        let again = world.send(request).await;
        assert_eq!(again.header("location").as_deref(), Some(page));
        let text = follow(&world, &again, &had).await.text();
        let words = Refusal::sent_already(action).to_string();
        assert!(text.contains(&words), "{function}: {words} {text}");
        assert!(!text.contains("Backup of the printers\""), "{function}: no form is open again");
    }
    assert_eq!(refused(&world).await, 0);
}

/// A changed password gives the session a new id. Who never heard of it is soon logged out, and is
/// not told after the log-in that nothing was done.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_session_has_ended_the_page_after_the_log_in_says_that_it_was_done() {
    let (world, _) = desk().await;
    let had = format!("latchkey={}", world.log_in("tia").await.expose());
    let key = FormKey::text("tia", "7f3a");
    let fields =
        [("current", "tia-local-password"), ("new", NEW), ("retype", NEW), ("form", &*key)];
    let page = "/settings/about-me";
    for is_plain in [false, true] {
        let to = format!("/fn/change_password?from={page}");
        let request = || {
            let request = Request::form(&to, &fields).header("cookie", &had);
            if is_plain { request.page() } else { request }
        };
        if !is_plain {
            assert_eq!(world.send(request()).await.status, 200);
            world.clock.advance(11);
        }
        let again = world.send(request()).await;
        if is_plain {
            assert_eq!(again.header("location"), Some(format!("/login?next={page}")));
        } else {
            assert_eq!((again.status, again.refusal()), (401, Refusal::SessionEnded));
        }
        let flash = again.headers("set-cookie").into_iter().next().unwrap();
        let flash = flash.split(';').next().unwrap().to_owned();
        let in_again = [("netid", "tia"), ("password", "tia-netid-password"), ("next", page)];
        let in_again =
            Request::plain_form("/fn/log_in?from=/login", &in_again).header("cookie", &flash);
        let in_again = world.send(in_again).await;
        let text = follow(&world, &in_again, &flash).await.text();
        let words = Refusal::sent_already(AuditAction::PasswordChange).to_string();
        assert!(text.contains(&words) && !text.contains("Nothing was done"), "{text}");
    }
    assert_eq!(refused(&world).await, 0);
}
