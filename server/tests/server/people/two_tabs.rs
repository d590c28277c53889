//! Two tabs of one browser, and another log-in in one: the other's page does nothing for whoever is
//! logged in now. Of each server function: `functions.rs`.

use desk::{FormKey, Refusal};

use crate::people::functions::page_mark;
use crate::people::page_paths;
use crate::people::post_redirect_get::follow;
use crate::support::{Request, World, world};

/// What of a page posts, each as it is written.
fn forms(page: &str) -> Vec<&str> {
    page.split("<form ")
        .skip(1)
        .map(|rest| rest.split("</form>").next().unwrap())
        .filter(|form| form.contains("method=\"post\""))
        .collect()
}

/// The forms of a page that ada sees: each is hers, but what anybody may report.
fn adas_forms<'a>(page: &'a str, path: &str) -> Vec<&'a str> {
    let mut forms = forms(page);
    forms.retain(|form| !form.contains("action=\"/leaks\""));
    for form in &forms {
        assert!(form.contains("name=\"form\" value=\"ada."), "{path}: {form}");
    }
    forms
}

async fn page(world: &World, path: &str, cookie: &desk::Cookie) -> String {
    let answer = world.send(Request::get(path).page().cookie(cookie)).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_says_for_whom_its_page_was_made() {
    let world = world().await;
    let (_, token) = world.token("ada", "hers").await;
    let (_, theirs) = world.token("tia", "tia's").await;
    world.log_in("ada").await;
    let ada = world.log_in("ada").await;
    let id = token.id.as_str();
    let revoke = format!("revoke-{}", theirs.id);
    for (path, posts_to) in [
        ("/settings/about-me", "change_password"),
        ("/settings/auth-tokens?create", "create_token"),
        (&*format!("/settings/auth-tokens?edit={id}"), "edit_token"),
        (&*format!("/settings/auth-tokens?renew={id}"), "renew_token"),
        (&*format!("/settings/auth-tokens?revoke={id}"), "revoke_token"),
        ("/settings/auth-tokens?revoke-all", "revoke_all_tokens"),
        ("/settings/sessions", "end_session"),
        ("/settings/sessions", "end_other_sessions"),
        ("/settings/notices", "set_notices"),
        ("/settings/notices", "new_calendar"),
        ("/admin/users/tia", "change_account"),
        ("/admin/users/tia", "set_local_password"),
        (&*format!("/admin/users/tia?do={revoke}"), "revoke_token_of"),
        ("/admin/users/tia?do=revoke-all", "revoke_all_tokens_of"),
        ("/admin/users/tia?do=end-sessions", "end_sessions_of"),
    ] {
        let page = page(&world, path, &ada).await;
        let action = format!("action=\"/fn/{posts_to}?");
        let forms = adas_forms(&page, path);
        assert!(forms.iter().any(|form| form.contains(&action)), "{path}: {posts_to}");
    }
    // The style guide's are somebody's whom there is not.
    for path in page_paths().filter(|path| path != "/styleguide") {
        let page = page(&world, &path, &ada).await;
        let forms = adas_forms(&page, &path);
        assert!(forms.iter().any(|form| form.contains("/fn/log_out?")), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_the_page_comes_as_the_other_persons_and_says_why() {
    let world = world().await;
    let had = format!("latchkey={}", world.log_in("ada").await.expose());
    let key = FormKey::text("rae", "7f3a");
    for own in ["rae-local-password", "ada-local-password"] {
        let fields = [
            ("form", &*key),
            ("description", "typed by rae"),
            ("expires", "30"),
            ("access", "full"),
            ("own_password", own),
        ];
        let to = "/fn/create_token?from=/settings/auth-tokens?create";
        let sent = world.send(Request::plain_form(to, &fields).header("cookie", &had)).await;
        assert_eq!(sent.header("location").as_deref(), Some("/settings/auth-tokens"));
        let text = follow(&world, &sent, &had).await.text();
        let refused = Refusal::PageOfAnother { page: "rae".to_owned(), now: "ada".to_owned() };
        assert!(text.contains(&refused.to_string()), "{text}");
        assert!(text.contains("No auth tokens yet.") && !text.contains("typed by rae"), "{text}");
    }
}

/// What was typed before the session ended is for who typed it.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_session_has_ended_what_one_person_typed_is_not_the_next_ones() {
    let world = world().await;
    let key = FormKey::text("rae", "7f3a");
    let fields = [("form", &*key), ("description", "typed by rae"), ("expires", "30")];
    let to = "/fn/create_token?from=/settings/auth-tokens";
    let sent = world.send(Request::plain_form(to, &fields)).await;
    assert_eq!(sent.header("location").as_deref(), Some("/login?next=/settings/auth-tokens"));
    let flash = sent.headers("set-cookie").into_iter().next().unwrap();
    let flash = flash.split(';').next().unwrap().to_owned();
    // Whoever looks at an open page before they log in neither sees it nor takes it away.
    let help = world.send(Request::get("/help").page().header("cookie", &flash)).await;
    assert_eq!((help.status, help.headers("set-cookie")), (200, Vec::new()));
    let help = help.text();
    assert!(!help.contains("Your session had ended") && !help.contains("typed by rae"), "{help}");
    for (netid, is_theirs) in [("ada", false), ("rae", true)] {
        let password = format!("{netid}-netid-password");
        let fields =
            [("netid", netid), ("password", &*password), ("next", "/settings/auth-tokens")];
        let log_in =
            Request::plain_form("/fn/log_in?from=/login", &fields).header("cookie", &flash);
        let text = follow(&world, &world.send(log_in).await, &flash).await.text();
        assert_eq!(text.contains("typed by rae"), is_theirs, "{netid}");
        assert_eq!(text.contains("Your session had ended before this"), is_theirs, "{netid}");
    }
}

/// Nor is what was refused, where somebody else is logged in by the time that it is said.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_to_one_person_is_told_to_nobody_else() {
    let world = world().await;
    let rae = format!("latchkey={}", world.log_in("rae").await.expose());
    let ada = format!("latchkey={}", world.log_in("ada").await.expose());
    let key = FormKey::text("rae", "7f3a");
    let fields =
        [("form", &*key), ("description", ""), ("expires", "30"), ("networks", "typed by rae")];
    let sent = Request::plain_form("/fn/create_token?from=/settings/auth-tokens", &fields);
    let sent = world.send(sent.header("cookie", &rae)).await;
    let left = sent.headers("set-cookie").into_iter().next().unwrap();
    let left = left.split(';').next().unwrap();
    for (session, is_theirs) in [(&*ada, false), ("", false), (&*rae, true)] {
        let path = if session.is_empty() { "/help" } else { "/settings/auth-tokens" };
        let page = Request::get(path).page().header("cookie", &format!("{session}; {left}"));
        let page = world.send(page).await;
        let stays = page.headers("set-cookie").is_empty();
        let text = page.text();
        assert_eq!(text.contains("typed by rae"), is_theirs, "{session}");
        assert_eq!(text.contains(&Refusal::DescriptionBlank.to_string()), is_theirs, "{session}");
        assert_eq!(stays, session.is_empty(), "{session}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_loads_itself_anew_says_for_whom() {
    let world = world().await;
    let mark = page_mark(&world, "rae").await;
    let had = format!("latchkey={}", world.log_in("ada").await.expose());
    let request = Request::form("/fn/layout", &[]).header(app::PAGE_VERSION, &mark);
    let request = world.send(request.header("cookie", &had)).await;
    assert_eq!(request.status, 412);
    let left = request.headers("set-cookie").into_iter().next().unwrap();
    let left = left.split(';').next().unwrap();
    let words = "You are logged in as ada now. This page was made for rae, so it was loaded anew.";
    let rae = format!("latchkey={}", world.log_in("rae").await.expose());
    for (session, is_shown) in [(had, true), (rae, false)] {
        let page = Request::get("/settings/about-me").page();
        let page = world.send(page.header("cookie", &format!("{session}; {left}"))).await;
        assert_eq!(page.text().contains(words), is_shown);
        let gone = page.headers("set-cookie").into_iter().any(|line| line.contains("Max-Age=0"));
        assert!(gone, "it is said once");
    }
}

/// Who logs out wants nobody to be logged in, whoever it is.
#[tokio::test(flavor = "multi_thread")]
async fn log_out_logs_out_whoever_is_there() {
    let world = world().await;
    let ada = world.log_in("ada").await;
    let key = FormKey::text("rae", "7f3a");
    let log_out = Request::form("/fn/log_out", &[("form", &key)]).cookie(&ada);
    let answer = world.send(log_out).await;
    assert_eq!(answer.status, 200);
    assert_eq!(world.look(&ada).await.map(drop), Err(Refusal::SessionEnded));
}
