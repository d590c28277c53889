//! Every server function, called directly: a page that hides a button keeps nobody from sending
//! what it would send.

mod table;

use std::collections::BTreeSet;

use desk::{AuditQuery, FormKey, Refusal, right};
use leptos::server_fn::axum::server_fn_paths;

use self::table::{Fields, rows};
use crate::support::{Request, World, origin, session_of, world, world_with};

/// What anybody may call: it looks after itself.
const FOR_EVERYBODY: [&str; 3] = ["layout", "log_in", "log_out"];

/// What may not change: everybody's account, tokens and sessions.
async fn state(world: &World) -> String {
    let mut state =
        serde_json::to_string(&world.desk.console().list_users("", 100).await.unwrap()).unwrap();
    for account in desk::DEMO {
        let permit = world.desk.console().permit::<right::FindUsers>(account.netid).await.unwrap();
        let mut page = world.desk.user_page(&permit).await.unwrap();
        page.history = None;
        state.push_str(&serde_json::to_string(&page).unwrap());
    }
    state
}

async fn refusals(world: &World) -> usize {
    let mut query = AuditQuery { outcome: "refused".to_owned(), ..AuditQuery::default() };
    let mut count = 0;
    loop {
        let page = world.desk.console().audit(&query).await.unwrap();
        count += page.rows.len();
        let Some(before) = page.next else { return count };
        query.before = before;
    }
}

fn filled(fields: Fields<'_>, token: &str, session: &str, own: &str) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(name, value)| {
            (
                (*name).to_owned(),
                value.replace("{token}", token).replace("{session}", session).replace("{own}", own),
            )
        })
        .collect()
}

fn call(function: &str, fields: &[(String, String)]) -> Request {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Request::form(&format!("/fn/{function}"), &fields)
}

#[test]
fn every_server_function_is_in_this_table() {
    let context: BTreeSet<&str> =
        rows().iter().map(|row| row.function).chain(FOR_EVERYBODY).collect();
    let there: BTreeSet<&str> =
        server_fn_paths().map(|(path, _)| path.strip_prefix("/fn/").unwrap_or(path)).collect();
    assert_eq!(there.difference(&context).collect::<Vec<_>>(), Vec::<&&str>::new(), "missing here");
    assert_eq!(context.difference(&there).collect::<Vec<_>>(), Vec::<&&str>::new(), "gone there");
}

#[test]
fn every_server_function_that_may_change_something_is_posted() {
    for (path, method) in server_fn_paths() {
        assert_eq!(method, http::Method::POST, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_person_is_refused_nothing_changes_and_it_is_audited() {
    let world = world().await;
    let (_, token) = world.token("tia", "tia's").await;
    for row in rows() {
        for (netid, refusal) in &row.refused {
            // The same refusal within a minute is counted, and has no row of its own.
            world.clock.advance(60);
            let cookie = world.log_in(netid).await;
            let what = format!("{} by {netid}", row.function);
            let own = if *refusal == Refusal::OwnPasswordIncorrect {
                "not it, not it".to_owned()
            } else {
                format!("{netid}-local-password")
            };
            let session = session_of(&world, "tia").await;
            let (before, counted) = (state(&world).await, refusals(&world).await);
            let answer = world
                .send(
                    call(row.function, &filled(&row.fields, token.id.as_str(), &session, &own))
                        .cookie(&cookie),
                )
                .await;
            assert_eq!(
                (answer.status, answer.refusal()),
                (refusal.status(), refusal.clone()),
                "{what}"
            );
            assert_eq!(without_confirmation(&state(&world).await, &before), before, "{what}");
            // Who looks for something that is not there has broken no rule.
            if !matches!(
                refusal,
                Refusal::TokenUnknown | Refusal::UserUnknown | Refusal::SessionUnknown
            ) {
                assert!(refusals(&world).await > counted, "{what} is not in the audit");
            }
        }
    }
}

/// A correct local password gives the session a new id, whatever follows: that much may change.
fn without_confirmation(after: &str, before: &str) -> String {
    if after.len() == before.len() && after != before {
        before.to_owned()
    } else {
        after.to_owned()
    }
}

/// What only looks: a page asks it by itself.
const QUESTIONS: &[&str] = &[
    "find_users",
    "user_page",
    "generate_passphrase",
    "list_audit",
    "own_tokens",
    "judge_password",
    "own_sessions",
    "own_activity",
];

/// A page that was made for rae, in a browser where ada has logged in since. Whatever it sends, by
/// script or without, with whichever password.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_made_for_somebody_else_does_nothing_and_sees_nothing() {
    // More is sent than a session may in a minute.
    let world = world_with(|keys| keys.limits.requests_per_session_per_minute = 0).await;
    let (_, token) = world.token("tia", "tia's").await;
    let mark = page_mark(&world, "rae").await;
    let cookie = world.log_in("ada").await;
    let session = session_of(&world, "tia").await;
    let before = state(&world).await;
    let written = rows_written(&world).await;
    let refused = Refusal::PageOfAnother { page: "rae".to_owned(), now: "ada".to_owned() };
    for row in rows() {
        for own in ["rae-local-password", "ada-local-password"] {
            let mut fields = filled(&row.fields, token.id.as_str(), &session, own);
            let marked =
                call(row.function, &fields).header(app::PAGE_VERSION, &mark).cookie(&cookie);
            let answer = world.send(marked).await;
            let is_question = QUESTIONS.contains(&row.function);
            let status = if is_question { 412 } else { 403 };
            let what = row.function;
            assert_eq!((answer.status, answer.refusal()), (status, refused.clone()), "{what}");
            if !is_question {
                fields.retain(|(name, _)| name != "form");
                fields.push(("form".to_owned(), FormKey::text("rae", "7f3a")));
                let answer = world.send(call(row.function, &fields).cookie(&cookie)).await;
                assert_eq!((answer.status, answer.refusal()), (403, refused.clone()), "{what}");
            }
        }
    }
    let layout = call("layout", &[]).header(app::PAGE_VERSION, &mark).cookie(&cookie);
    assert_eq!(world.send(layout).await.status, 412);
    assert_eq!(state(&world).await, before);
    assert_eq!(rows_written(&world).await, written, "no try is counted, and no row written");
}

/// What a page says of itself.
pub(super) async fn page_mark(world: &World, netid: &str) -> String {
    let cookie = world.log_in(netid).await;
    let page = world.send(Request::get("/settings/about-me").page().cookie(&cookie)).await.text();
    let (_, rest) = page.split_once("data-page=\"").expect("it says for whom it was made");
    let mark = rest.split('"').next().unwrap().to_owned();
    assert!(mark.ends_with(&format!(" {netid}")), "{mark}");
    mark
}

async fn rows_written(world: &World) -> u64 {
    world.desk.console().verify_audit().await.unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overlap_that_is_not_offered_renews_nothing() {
    let world = world().await;
    let (_, token) = world.token("tia", "tia's").await;
    let cookie = world.log_in("tia").await;
    for overlap in ["61", "-60", "", "1 hour"] {
        let fields = [
            ("id", token.id.as_str()),
            ("overlap", overlap),
            ("own_password", "tia-local-password"),
        ];
        let answer = world.send(Request::form("/fn/renew_token", &fields).cookie(&cookie)).await;
        assert_eq!(
            (answer.status, answer.refusal()),
            (422, Refusal::GracePeriodUnknown),
            "{overlap}"
        );
    }
    let visitor = world.desk.visitor(&cookie, &origin()).await.unwrap();
    assert_eq!(world.desk.own_tokens(&visitor).await.unwrap(), [token]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_everything_is_refused() {
    let world = world().await;
    let (_, token) = world.token("tia", "tia's").await;
    let before = state(&world).await;
    let ended = format!("latchkey={}", "0".repeat(64));
    for row in rows() {
        let fields = filled(&row.fields, token.id.as_str(), "0", "tia-local-password");
        for request in
            [call(row.function, &fields), call(row.function, &fields).header("cookie", &ended)]
        {
            let answer = world.send(request).await;
            assert_eq!(
                (answer.status, answer.refusal()),
                (401, Refusal::SessionEnded),
                "{}",
                row.function
            );
        }
    }
    assert_eq!(state(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_no_session() {
    let world = world().await;
    let (token, _) = world.token("ada", "ada's").await;
    for row in rows() {
        let answer = world
            .send(
                call(row.function, &filled(&row.fields, "0", "0", "ada-local-password"))
                    .token(&token),
            )
            .await;
        assert_eq!(answer.status, 401, "{}", row.function);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused() {
    let world = world().await;
    let cookie = world.log_in("helen").await;
    for request in [
        Request::form("/fn/log_in", &[("netid", "tia")]),
        Request::form("/fn/user_page", &[]).cookie(&cookie),
        Request::form("/fn/change_account", &[("netid", "sam")]).cookie(&cookie),
    ] {
        let answer = world.send(request.clone()).await;
        assert_eq!((answer.status, answer.refusal()), (400, Refusal::Unreadable), "{request:?}");
        let page = world.send(request.page()).await;
        assert_eq!(page.status, 400);
        assert!(page.text().contains("The request could not be read."));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_form_is_not_read() {
    let world = world().await;
    let log_in =
        || Request::form("/fn/log_in", &[("netid", "tia"), ("password", "tia-netid-password")]);
    let form = "application/x-www-form-urlencoded";
    for media_type in [
        &[][..],
        &[""],
        &["text/plain"],
        &["application/json"],
        &["multipart/form-data; boundary=x"],
        &["application/x-www-form-urlencoded-too"],
        &[form, form],
        &[form, "text/plain"],
    ] {
        let request =
            media_type.iter().fold(log_in().without("content-type"), |request, media_type| {
                request.header("content-type", media_type)
            });
        let answer = world.send(request.clone()).await;
        assert_eq!((answer.status, answer.refusal()), (415, Refusal::Unreadable), "{media_type:?}");
        assert!(answer.header("set-cookie").is_none(), "{media_type:?}");
        let page = world.send(request.page()).await;
        assert!(
            page.status == 415 && page.text().contains("The request could not be read."),
            "{media_type:?}"
        );
    }
    for media_type in [
        form,
        "application/x-www-form-urlencoded;charset=UTF-8",
        "Application/X-WWW-Form-Urlencoded ; charset=utf-8",
    ] {
        assert_eq!(
            world
                .send(log_in().without("content-type").header("content-type", media_type))
                .await
                .status,
            200,
            "{media_type}"
        );
    }
}
