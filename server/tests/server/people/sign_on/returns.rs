//! Ways back from the provider: several at once, the wrong one, the same one again, too late, too
//! many, and Cancel.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};

use super::{StartedLogin, There, session};
use crate::support::{Answer, Provider, Request};

fn leads(answer: &Answer) -> (u16, Option<String>) {
    (answer.status, answer.header("location"))
}

fn to(path: &str) -> (u16, Option<String>) {
    (303, Some(path.to_owned()))
}

pub(super) fn removes(answer: &Answer, started: &StartedLogin) -> bool {
    let name = started.cookie.split('=').next().unwrap();
    answer
        .headers("set-cookie")
        .iter()
        .any(|line| line.starts_with(&format!("{name}=;")) && line.contains("Max-Age=0"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tab_ends_where_it_was_going_in_any_order() {
    let there = There::usual().await;
    for second_first in [false, true] {
        let one = there.begin("/settings/auth-tokens", "").await;
        let two = there.begin("/settings/activity", &one.cookie).await;
        assert_ne!(one.cookie.split('=').next(), two.cookie.split('=').next(), "a cookie each");
        let mut newest = String::new();
        let mut both = [(&one, "/settings/auth-tokens"), (&two, "/settings/activity")];
        if second_first {
            both.reverse();
        }
        for (started, path) in both {
            let cookies = format!("{}; {}; latchkey={newest}", one.cookie, two.cookie);
            let answer = there.back(started, &cookies).await;
            assert_eq!(leads(&answer), to(path));
            assert!(removes(&answer, started), "{:?}", answer.headers("set-cookie"));
            newest = session(&answer).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_session_is_led_on_and_who_has_none_is_told() {
    let there = There::usual().await;
    let started = there.begin("/settings/activity", "").await;
    let answer = there.back(&started, &started.cookie).await;
    let session = format!("latchkey={}", session(&answer).unwrap());
    // The same return, loaded once more: its cookie is gone.
    assert_eq!(leads(&there.back(&started, &session).await), to("/"));
    for cookie in [
        "",
        "latchkey-oidc-y=e30",
        "latchkey-oidc-y=%00",
        "latchkey-oidc-y=a; latchkey-oidc-y=b",
        "latchkey=nonsense",
    ] {
        let answer = there
            .send(Request::get("/login/oidc/back?code=x&state=y").page().header("cookie", cookie))
            .await;
        assert_eq!(answer.status, 401, "{cookie}");
        assert!(
            answer
                .text()
                .contains("This log-in was begun in another tab or browser, or took too long."),
            "{cookie}"
        );
        assert!(
            answer.text().contains("href=\"/login\">Log in again</a>")
                && super::session(&answer).is_none()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_state_destroys_nobody_elses_log_in() {
    let there = There::usual().await;
    let started = there.begin("/help", "").await;
    let wrong = StartedLogin {
        state: format!("{}x", started.state),
        nonce: started.nonce.clone(),
        cookie: String::new(),
    };
    let answer = there.back(&wrong, &started.cookie).await;
    assert_eq!(answer.status, 401);
    assert!(!removes(&answer, &started), "it waits for its own return");
    assert_eq!(leads(&there.back(&started, &started.cookie).await), to("/help"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_took_too_long_logs_in_again_and_ends_where_they_were_going() {
    let there = There::usual().await;
    let started = there.begin("/settings/activity", "").await;
    let (name, value) = started.cookie.split_once('=').unwrap();
    let mut held: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap();
    held["at"] = json!(held["at"].as_i64().unwrap() - 601);
    let answer =
        there.back(&started, &format!("{name}={}", URL_SAFE_NO_PAD.encode(held.to_string()))).await;
    assert_eq!(answer.status, 401);
    assert!(
        answer.text().contains("took too long")
            && answer.text().contains("href=\"/login?next=/settings/activity\""),
        "{}",
        answer.text()
    );
}

/// A return with a code that the provider has not given.
async fn lets_nobody_in(there: &There) -> u16 {
    lets_nobody_in_with(there, "code=made-up", "").await
}

/// A return with this and these cookies.
async fn lets_nobody_in_with(there: &There, query: &str, cookies: &str) -> u16 {
    let started = there.begin("/help", cookies).await;
    let path = format!("/login/oidc/back?{query}&state={}", started.state);
    let cookies = format!("{}; {cookies}", started.cookie);
    there.send(Request::get(&path).page().header("cookie", &cookies)).await.status
}

/// Sends until one is refused.
async fn until_refused(send: impl AsyncFn() -> u16) {
    for _ in 0..20 {
        if send().await == 429 {
            return;
        }
    }
    panic!("none of twenty is refused");
}

/// The cookie by which a browser is known from now on.
pub(super) fn mark(answer: &Answer) -> String {
    let lines = answer.headers("set-cookie");
    let mut pairs = lines.iter().filter_map(|line| line.split(';').next());
    pairs.find(|pair| pair.starts_with("latchkey-signed-on=")).expect("a mark").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stranger_at_the_same_address_keeps_out_whom_the_provider_vouches_for() {
    let there =
        There::with(Provider::start().await, |keys| keys.limits.log_ins_per_minute = 4).await;
    let mark = mark(&there.log_in().await);
    // Wrong passwords are of the form alone.
    let wrong = || Request::form("/fn/log_in", &[("netid", "sam"), ("password", "x")]);
    until_refused(async || there.send(wrong()).await.status).await;
    assert_eq!(there.log_in().await.status, 303);
    // Made-up returns: who was there before is known, and nobody else waits longer than for them.
    until_refused(async || lets_nobody_in(&there).await).await;
    assert_eq!(there.log_in().await.status, 429, "a browser that nobody knows");
    for planted in ["", "; latchkey-signed-on=x"] {
        let known = format!("{mark}{planted}");
        let started = there.begin("/help", &known).await;
        let cookies = format!("{}; {known}", started.cookie);
        assert_eq!(there.back(&started, &cookies).await.status, 303, "{planted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_however_many_browsers_somebody_logs_in_they_have_one_allowance() {
    let there =
        There::with(Provider::start().await, |keys| keys.limits.log_ins_per_minute = 2).await;
    let marks = [mark(&there.log_in().await), mark(&there.log_in().await)];
    until_refused(async || lets_nobody_in(&there).await).await;
    for (mark, status) in [(0, 401), (1, 401), (1, 429)] {
        let found = lets_nobody_in_with(&there, "code=made-up", &marks[mark]).await;
        assert_eq!(found, status, "{mark}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn returns_are_counted_while_the_provider_is_away_whoever_says_that_it_is() {
    for query in ["code=made-up", "error=temporarily_unavailable"] {
        let there =
            There::with(Provider::start().await, |keys| keys.limits.log_ins_per_minute = 2).await;
        there.provider.tell(|says| {
            says.instead = Some((StatusCode::SERVICE_UNAVAILABLE, json!({})));
        });
        for status in [503, 503, 429] {
            assert_eq!(lets_nobody_in_with(&there, query, "").await, status, "{query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_returns_wait_and_lose_nothing() {
    let there =
        There::with(Provider::start().await, |keys| keys.limits.log_ins_per_minute = 1).await;
    let two = there.begin("/help", "").await;
    assert_eq!(lets_nobody_in(&there).await, 401);
    let answer = there.back(&two, &two.cookie).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some() && !removes(&answer, &two));
    let again = format!(
        "href=\"/login/oidc/back?code={}&amp;state={}\">Try again</a>",
        two.nonce, two.state
    );
    assert!(answer.text().contains(&again), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_says_no_with_is_told_apart() {
    let there = There::usual().await;
    for (error, status, words) in [
        ("access_denied", 401, "the campus log-in was cancelled"),
        ("consent_required", 401, "the campus log-in was cancelled"),
        ("temporarily_unavailable", 503, "does not answer"),
        ("invalid_scope", 503, "is not set up correctly"),
        ("something_else", 401, "did not tell us who you are"),
    ] {
        let started = there.begin("/settings/activity", "").await;
        let back = format!(
            "/login/oidc/back?error={error}&error_description=a%0Ab&state={}",
            started.state
        );
        let answer = there.send(Request::get(&back).page().header("cookie", &started.cookie)).await;
        let text = answer.text();
        assert_eq!((answer.status, text.contains(words)), (status, true), "{error}: {text}");
        assert!(
            text.contains("href=\"/login?next=/settings/activity\">Log in again</a>"),
            "{text}"
        );
        // Anybody can send a browser here with an error: without the state it is nobody's.
        let answer =
            there.send(Request::get(&format!("/login/oidc/back?error={error}")).page()).await;
        assert!(answer.text().contains("This log-in was begun in another tab"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_nobodys_but_ours() {
    let there = There::usual().await;
    for (status, query, expected) in [
        (
            401,
            json!({
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided.",
            }),
            503,
        ),
        (400, json!({"error": "unauthorized_client"}), 503),
        (401, json!({}), 503),
        (400, json!({"error": "invalid_grant"}), 401),
        (200, json!({"error": "bad_verification_code"}), 401),
        (500, json!({}), 503),
        (200, json!({"access_token": "x"}), 401),
    ] {
        there.provider.tell(|says| {
            says.instead = Some((StatusCode::from_u16(status).unwrap(), query.clone()));
        });
        let answer = there.log_in().await;
        assert_eq!((answer.status, session(&answer)), (expected, None), "{query}");
        assert_eq!(
            answer.text().contains("is not set up correctly"),
            expected == 503 && status < 500,
            "{query}"
        );
    }
}

/// What nginx keeps of an answer's head by default, where a page of memory has 4 KiB, without what
/// https and a path of one's own add.
const NGINX_BUFFER: usize = 4096 - 250;

/// Where log-ins are not counted.
async fn uncounted() -> There {
    There::with(Provider::start().await, |keys| keys.limits.log_ins_per_minute = 0).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_too_large_for_a_proxy_whatever_the_browser_brings() {
    let there = uncounted().await;
    let junk: Vec<String> = (0..45).map(|n| format!("latchkey-oidc-{n:016}=nonsense")).collect();
    let begin = |next: &str, cookies: &str| {
        Request::get(&format!("/login/oidc?next={next}")).page().header("cookie", cookies)
    };
    // With each try there are fewer of them.
    let answer = there.send(begin("/help", &junk.join("; "))).await;
    let removed =
        answer.headers("set-cookie").iter().filter(|line| line.contains("Max-Age=0")).count();
    assert!(
        answer.status == 200 && answer.head_size() < NGINX_BUFFER && (5..45).contains(&removed),
        "{removed}"
    );
    for length in [700, 790, 3000, 7000] {
        let next = format!("/admin/audit?actor={}", "x".repeat(length));
        let answer = there.send(begin(&next, &junk.join("; "))).await;
        assert!(
            answer.status == 200 && answer.head_size() < NGINX_BUFFER,
            "{length}: {}",
            answer.head_size()
        );
        let started = there.begin(&next, "").await;
        let back = there.back(&started, &started.cookie).await;
        assert_eq!(leads(&back), to(if next.len() <= 800 { &next } else { "/" }), "{length}");
        assert!(back.head_size() < NGINX_BUFFER, "{length}: {}", back.head_size());
        // Who is led to the log-in from there.
        let answer = there.send(Request::get(&next).page()).await;
        assert!(
            answer.status == 303 && answer.head_size() < NGINX_BUFFER,
            "{length}: {}",
            answer.head_size()
        );
    }
    // With the largest ID token that is kept for the way out, and the longest way.
    let next = format!("/admin/audit?actor={}", "x".repeat(779));
    let mut kept = 0;
    for size in (0..2200).step_by(100) {
        there.provider.tell(|says| says.claims["padding"] = "x".repeat(size).into());
        let started = there.begin(&next, "").await;
        let back = there.back(&started, &started.cookie).await;
        assert_eq!(leads(&back), to(&next));
        assert!(back.head_size() < NGINX_BUFFER, "{size}: {}", back.head_size());
        kept += usize::from(
            back.headers("set-cookie").iter().any(|line| line.starts_with("latchkey-hint=e")),
        );
    }
    assert!((5..22).contains(&kept), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_logs_in_is_led_to_a_page_and_to_no_door() {
    let there = uncounted().await;
    let doors: Vec<String> = server::router::routes()
        .into_iter()
        .filter(|route| {
            route.path != "/" && !app::server::pages::paths().any(|path| path == route.path)
        })
        .map(|route| route.path)
        .collect();
    for door in ["/login/oidc", "/login/oidc/back", "/login/oidc/out", "/live", "/auth/verify"] {
        assert!(doors.iter().any(|path| path == door), "{door}");
    }
    let others = [
        "/login",
        "/login?out",
        "/Login/",
        "/login/oidc/out/",
        "/LOGIN/oidc/OUT",
        "/logout",
        "/login/oidc?fresh",
    ];
    for door in doors.iter().map(String::as_str).chain(others) {
        let next: String = url::form_urlencoded::byte_serialize(door.as_bytes()).collect();
        let started = there.begin(&next, "").await;
        assert_eq!(leads(&there.back(&started, &started.cookie).await), to("/"), "{door}");
    }
    // By a password too, with script and without, and for whoever is logged in already.
    let out = [("netid", "tia"), ("password", "tia-netid-password"), ("next", "/login/oidc/out")];
    let done: app::forms::Done = there.send(Request::form("/fn/log_in", &out)).await.decoded();
    assert_eq!(done.go.as_deref(), Some("/"));
    assert_eq!(
        leads(&there.send(Request::plain_form("/fn/log_in?from=/login", &out)).await).1.as_deref(),
        Some("/")
    );
    let cookie = there.world.log_in("tia").await;
    let again =
        there.send(Request::get("/login?next=/login/oidc/out").page().cookie(&cookie)).await;
    assert_eq!(leads(&again), to("/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_that_somebody_else_has_written_leads_to_a_page_all_the_same() {
    let there = uncounted().await;
    for (next, leads_to) in [
        ("/login/oidc/out", "/"),
        ("https://evil.example/", "/"),
        ("/settings/activity", "/settings/activity"),
    ] {
        let started = there.begin("/help", "").await;
        let (name, value) = started.cookie.split_once('=').unwrap();
        let mut held: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap();
        held["next"] = json!(next);
        let answer = there
            .back(&started, &format!("{name}={}", URL_SAFE_NO_PAD.encode(held.to_string())))
            .await;
        assert_eq!(leads(&answer), to(leads_to), "{next}");
    }
}
