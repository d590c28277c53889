//! Log-in by an OpenID provider, where there is none or it does not answer. Behind a real one it is tried by
//! `make test-directory`.

use crate::support::{Request, World, world, world_with};

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

async fn without_provider() -> World {
    world_with(|keys| {
        keys.server.public_url = Some("http://127.0.0.1:3000".to_owned());
        keys.oidc.issuer = Some(NOWHERE.to_owned());
        keys.oidc.client_id = Some("latchkey".to_owned());
        keys.groups.privileged = vec!["*".to_owned()];
        keys.oidc.name = Some("Campus <Login>".to_owned());
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_page_offers_it_only_where_there_is_one() {
    let answer = without_provider().await.send(Request::get("/login?next=/help").page()).await;
    let text = answer.text();
    assert!(text.contains("Log in with Campus &lt;Login&gt;") && text.contains("action=\"/login/oidc\""), "{text}");
    assert!(text.contains("name=\"next\" value=\"/help\""), "a deep link survives");
    let text = world().await.send(Request::get("/login").page()).await.text();
    assert!(!text.contains("/login/oidc"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_none_there_is_no_door() {
    let world = world().await;
    for path in ["/login/oidc", "/login/oidc/back", "/login/oidc/out"] {
        assert_eq!(world.send(Request::get(path).page()).await.status, 404, "{path}");
    }
    assert_eq!(world.send(Request::form("/login/oidc/log-out", &[("logout_token", "x")])).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_answer_is_said_so() {
    let world = without_provider().await;
    let answer = world.send(Request::get("/login/oidc").page()).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("The campus directory does not answer."));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_logged_out_there_is_told_so_on_the_page_that_says_they_are_here() {
    let world = without_provider().await;
    let answer = world.send(Request::get("/login/oidc/out").page()).await;
    assert_eq!((answer.status, answer.header("location").as_deref()), (303, Some("/login?out")));
    let text = world.send(Request::get("/login?out").page()).await.text();
    assert!(text.contains("You are logged out of Latchkey. At Campus &lt;Login&gt; you may still be logged in."), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_that_was_not_begun_here_is_refused_and_its_cookie_removed() {
    let world = without_provider().await;
    for cookie in ["", "latchkey-oidc=e30", "latchkey-oidc=%00", "latchkey-oidc=a; latchkey-oidc=b"] {
        let answer = world.send(Request::get("/login/oidc/back?code=x&state=y").page().header("cookie", cookie)).await;
        assert_eq!(answer.status, 401, "{cookie}");
        assert!(answer.text().contains("This log-in was begun in another tab or browser, or took too long."), "{cookie}");
        let cookies = answer.headers("set-cookie");
        assert!(cookies.iter().any(|line| line.starts_with("latchkey-oidc=;") && line.contains("Max-Age=0")), "{cookies:?}");
        assert!(!cookies.iter().any(|line| line.starts_with("latchkey=")), "{cookies:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn returns_are_counted_as_log_ins() {
    let world = world_with(|keys| {
        keys.server.public_url = Some("http://127.0.0.1:3000".to_owned());
        keys.oidc.issuer = Some(NOWHERE.to_owned());
        keys.oidc.client_id = Some("latchkey".to_owned());
        keys.groups.privileged = vec!["*".to_owned()];
        keys.limits.log_ins_per_minute = 1;
    })
    .await;
    let back = || Request::get("/login/oidc/back?code=x&state=y").page();
    assert_eq!(world.send(back()).await.status, 401);
    assert_eq!(world.send(back()).await.status, 429);
}
