//! Ways back from the provider: several at once, the wrong one, the same one again, too late, too many, and Cancel.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Begun, There, session};
use crate::support::{Answer, Provider, Request};

fn leads(answer: &Answer) -> (u16, Option<String>) {
    (answer.status, answer.header("location"))
}

fn to(path: &str) -> (u16, Option<String>) {
    (303, Some(path.to_owned()))
}

fn removes(answer: &Answer, begun: &Begun) -> bool {
    let name = begun.cookie.split('=').next().unwrap();
    answer.headers("set-cookie").iter().any(|line| line.starts_with(&format!("{name}=;")) && line.contains("Max-Age=0"))
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
        for (begun, path) in both {
            let cookies = format!("{}; {}; latchkey={newest}", one.cookie, two.cookie);
            let answer = there.back(begun, &cookies).await;
            assert_eq!(leads(&answer), to(path));
            assert!(removes(&answer, begun), "{:?}", answer.headers("set-cookie"));
            newest = session(&answer).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_session_is_led_on_and_who_has_none_is_told() {
    let there = There::usual().await;
    let begun = there.begin("/settings/activity", "").await;
    let answer = there.back(&begun, &begun.cookie).await;
    let session = format!("latchkey={}", session(&answer).unwrap());
    // The same return, loaded once more: its cookie is gone.
    assert_eq!(leads(&there.back(&begun, &session).await), to("/"));
    for cookie in ["", "latchkey-oidc-y=e30", "latchkey-oidc-y=%00", "latchkey-oidc-y=a; latchkey-oidc-y=b", "latchkey=nonsense"] {
        let answer = there.send(Request::get("/login/oidc/back?code=x&state=y").page().header("cookie", cookie)).await;
        assert_eq!(answer.status, 401, "{cookie}");
        assert!(answer.text().contains("This log-in was begun in another tab or browser, or took too long."), "{cookie}");
        assert!(answer.text().contains("href=\"/login\">Log in again</a>") && super::session(&answer).is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_state_destroys_nobody_elses_log_in() {
    let there = There::usual().await;
    let begun = there.begin("/help", "").await;
    let wrong = Begun { state: format!("{}x", begun.state), nonce: begun.nonce.clone(), cookie: String::new() };
    let answer = there.back(&wrong, &begun.cookie).await;
    assert_eq!(answer.status, 401);
    assert!(!removes(&answer, &begun), "it waits for its own return");
    assert_eq!(leads(&there.back(&begun, &begun.cookie).await), to("/help"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_took_too_long_logs_in_again_and_ends_where_they_were_going() {
    let there = There::usual().await;
    let begun = there.begin("/settings/activity", "").await;
    let (name, value) = begun.cookie.split_once('=').unwrap();
    let mut held: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap();
    held["at"] = json!(held["at"].as_i64().unwrap() - 601);
    let answer = there.back(&begun, &format!("{name}={}", URL_SAFE_NO_PAD.encode(held.to_string()))).await;
    assert_eq!(answer.status, 401);
    assert!(
        answer.text().contains("took too long") && answer.text().contains("href=\"/login?next=/settings/activity\""),
        "{}",
        answer.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_returns_wait_and_lose_nothing() {
    let there = There::with(Provider::start().await, |keys| keys.limits.log_ins_per_minute = 1).await;
    let (one, two) = (there.begin("/help", "").await, there.begin("/help", "").await);
    assert_eq!(there.back(&one, &one.cookie).await.status, 303);
    let answer = there.back(&two, &two.cookie).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some() && !removes(&answer, &two));
    let again = format!("href=\"/login/oidc/back?code={}&amp;state={}\">Try again</a>", two.nonce, two.state);
    assert!(answer.text().contains(&again), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_says_no_with_is_told_apart() {
    let there = There::usual().await;
    for (error, status, words) in [
        ("access_denied", 401, "it was cancelled there"),
        ("consent_required", 401, "it was cancelled there"),
        ("temporarily_unavailable", 503, "does not answer"),
        ("invalid_scope", 503, "is not set up rightly"),
        ("something_else", 401, "did not tell us who you are"),
    ] {
        let begun = there.begin("/settings/activity", "").await;
        let back = format!("/login/oidc/back?error={error}&error_description=a%0Ab&state={}", begun.state);
        let answer = there.send(Request::get(&back).page().header("cookie", &begun.cookie)).await;
        let text = answer.text();
        assert_eq!((answer.status, text.contains(words)), (status, true), "{error}: {text}");
        assert!(text.contains("href=\"/login?next=/settings/activity\">Log in again</a>"), "{text}");
        // Anybody can send a browser here with an error: without the state it is nobody's.
        let answer = there.send(Request::get(&format!("/login/oidc/back?error={error}")).page()).await;
        assert!(answer.text().contains("This log-in was begun in another tab"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_nobodys_but_ours() {
    let there = There::usual().await;
    for (status, said, expected) in [
        (401, json!({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}), 503),
        (400, json!({"error": "unauthorized_client"}), 503),
        (401, json!({}), 503),
        (400, json!({"error": "invalid_grant"}), 401),
        (200, json!({"error": "bad_verification_code"}), 401),
        (500, json!({}), 503),
        (200, json!({"access_token": "x"}), 401),
    ] {
        there.provider.tell(|says| says.instead = Some((StatusCode::from_u16(status).unwrap(), said.clone())));
        let answer = there.log_in().await;
        assert_eq!((answer.status, session(&answer)), (expected, None), "{said}");
        assert_eq!(answer.text().contains("is not set up rightly"), expected == 503 && status < 500, "{said}");
    }
}
