//! A log-in that somebody has begun in their own browser, and planted in another one: where a host
//! is shared, or by plain http, a neighbour can set the cookie.

use serde_json::json;

use super::returns::{mark, removes};
use super::{StartedLogin, There, session};
use crate::support::Request;

const INTERRUPTED: &str = "This log-in was begun in another tab or browser";

/// Somebody at the provider, from now on.
fn is_at_the_provider(there: &There, netid: &str) {
    let sub = format!("{netid}-7");
    there.provider.tell(|says| says.claims = json!({"sub": sub, "preferred_username": netid}));
}

/// A log-in of mallory's, begun in a browser of her own with these cookies.
async fn mallorys(there: &There, cookies: &str) -> StartedLogin {
    let started = there.begin("/help", cookies).await;
    is_at_the_provider(there, "mallory");
    started
}

/// pia's browser, logged in: the session's cookie, and the mark by which it is known.
async fn pias(there: &There) -> (String, String) {
    is_at_the_provider(there, "pia");
    let answer = there.log_in().await;
    (format!("latchkey={}", session(&answer).unwrap()), mark(&answer))
}

async fn about_me(there: &There, cookies: &str) -> (u16, String) {
    let answer =
        there.send(Request::get("/settings/about-me").page().header("cookie", cookies)).await;
    (answer.status, answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_somebody_else_who_is_logged_in() {
    let there = There::usual().await;
    let (pia, mark) = pias(&there).await;
    for known in [format!("; {mark}"), String::new()] {
        let planted = mallorys(&there, "").await;
        let answer = there.back(&planted, &format!("{pia}{known}; {}", planted.cookie)).await;
        let text = answer.text();
        assert_eq!((answer.status, session(&answer)), (409, None), "{text}");
        assert!(text.contains("You are logged in as pia, and somebody else’s log-in"), "{text}");
        assert!(text.contains("href=\"/help\">Go on as pia</a>"), "{text}");
        assert!(!text.contains("mallory"), "{text}");
        assert!(removes(&answer, &planted), "{:?}", answer.headers("set-cookie"));
        let (status, text) = about_me(&there, &pia).await;
        assert!(status == 200 && text.contains("Logged in as <!>pia"), "{text}");
    }
    // Who has both accounts logs out first, by the button on that page.
    assert!(there.world.desk.console().permit::<desk::right::FindUsers>("mallory").await.is_err());
    let out = Request::plain_form("/fn/log_out", &[]).header("cookie", &pia);
    assert_eq!(there.send(out).await.status, 303);
    let known = format!("{pia}; {mark}");
    let started = there.begin("/help", &known).await;
    let answer = there.back(&started, &format!("{known}; {}", started.cookie)).await;
    assert_eq!(there.visitor(&answer).await.netid().as_str(), "mallory");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_known_comes_back_with_nobody_elses_log_in() {
    let there = There::usual().await;
    let (pia, known) = pias(&there).await;
    let out = Request::plain_form("/fn/log_out", &[]).header("cookie", &pia);
    assert_eq!(there.send(out).await.status, 303);
    is_at_the_provider(&there, "mallory");
    let theirs = mark(&there.log_in().await);
    for (started_with, planted_beside) in [("", ""), (&*theirs, ""), (&*theirs, &*theirs)] {
        let planted = mallorys(&there, started_with).await;
        let cookies = format!("{known}; {planted_beside}; {}", planted.cookie);
        let answer = there.back(&planted, &cookies).await;
        assert_eq!((answer.status, session(&answer)), (401, None), "{cookies}");
        assert!(answer.text().contains(INTERRUPTED) && removes(&answer, &planted), "{cookies}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_tabs_come_back_though_the_session_begins_or_ends_meanwhile() {
    let there = There::usual().await;
    is_at_the_provider(&there, "pia");
    // Of two that were begun before anybody was known here the second finds the first's session.
    let (one, two) = (there.begin("/help", "").await, there.begin("/settings/activity", "").await);
    let first = there.back(&one, &format!("{}; {}", one.cookie, two.cookie)).await;
    let (pia, mark) = (format!("latchkey={}", session(&first).unwrap()), mark(&first));
    let second = there.back(&two, &format!("{pia}; {mark}; {}", two.cookie)).await;
    assert_eq!(second.header("location").as_deref(), Some("/settings/activity"));
    // One that was begun within a session comes back after its end.
    let known = super::returns::mark(&second);
    let pia = format!("latchkey={}", session(&second).unwrap());
    let third = there.begin("/help", &format!("{pia}; {known}")).await;
    let out = Request::plain_form("/fn/log_out", &[]).header("cookie", &pia);
    assert_eq!(there.send(out).await.status, 303);
    let answer = there.back(&third, &format!("{pia}; {known}; {}", third.cookie)).await;
    assert_eq!(there.visitor(&answer).await.netid().as_str(), "pia");
}
