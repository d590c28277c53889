//! By plain http from another machine nobody is kept logged in: the log-in page says so before, and
//! a log-in is refused in words that say what to do.

use desk::Refusal;

use crate::support::{Request, world, world_with};

const FIELDS: [(&str, &str); 3] =
    [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];
const WORDS: &str = "nobody stays logged in";

fn log_in_page() -> Request {
    Request::get("/login").page()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_page_says_what_to_open_instead() {
    let world =
        world_with(|keys| keys.server.public_url = Some("https://latchkey.example.edu".to_owned()))
            .await;
    let page = world.send(log_in_page().header("host", "192.0.2.2:3000")).await.text();
    assert!(
        page.contains(WORDS) && page.contains("Open https://latchkey.example.edu instead."),
        "{page}"
    );
    for by_https in [
        log_in_page().header("sec-fetch-site", "none"),
        log_in_page().header("x-forwarded-proto", "https"),
    ] {
        assert!(!world.send(by_https).await.text().contains(WORDS));
    }
    let other = world.send(Request::get("/help").page()).await.text();
    assert!(!other.contains(WORDS), "the log-in page alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_address_is_configured_it_says_what_to_set() {
    let world = world_with(|keys| keys.server.listen = ([0, 0, 0, 0], 0).into()).await;
    let context = (std::net::Ipv4Addr::LOCALHOST, world.address.port()).into();
    let page = log_in_page().send(context).await.text();
    assert!(
        page.contains(WORDS) && page.contains("set server.public_url (LATCHKEY_PUBLIC_URL)"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn on_this_very_machine_there_is_nothing_to_say() {
    assert!(!world().await.send(log_in_page()).await.text().contains(WORDS));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_by_http_is_refused_in_words_that_help() {
    let world =
        world_with(|keys| keys.server.public_url = Some("https://latchkey.example.edu".to_owned()))
            .await;
    let host = "192.0.2.2:3000";
    let log_in =
        || Request::form("/fn/log_in", &FIELDS).without("sec-fetch-site").header("host", host);
    let ours = format!("http://{host}");
    let answer = world.send(log_in().header("origin", &ours)).await;
    assert_eq!((answer.status, answer.refusal()), (403, Refusal::PlainHttp));
    assert!(answer.header("set-cookie").is_none());
    let page = world.send(log_in().header("origin", &ours).page()).await;
    assert!(page.status == 403 && page.text().contains("came over plain http"), "{}", page.text());
    for other in [
        log_in().header("origin", "http://evil.example"),
        log_in().header("origin", &ours).header("origin", &ours),
        log_in().header("origin", &ours).header("sec-fetch-site", "cross-site"),
        log_in(),
    ] {
        assert_eq!(world.send(other).await.refusal(), Refusal::CrossSite);
    }
}
