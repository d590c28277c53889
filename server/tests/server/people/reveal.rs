//! A token that was made without script is shown once: to whoever made it, and to nothing that asks
//! by the way.

use crate::support::{Answer, Request, World, world, world_with};

const PAGE: &str = "/settings/auth-tokens";

/// Makes a token by a form without script; answers the session's cookie, renewed.
async fn made(world: &World, form: &str) -> String {
    let session = format!("latchkey={}", world.log_in("tia").await.expose());
    made_in(world, &session, form).await
}

async fn made_in(world: &World, session: &str, form: &str) -> String {
    let answer = post(world, session, form).await;
    let name = session.split_once('=').unwrap().0;
    let cookies = answer.headers("set-cookie");
    let renewed = cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}="))).unwrap();
    renewed.split(';').next().unwrap().to_owned()
}

/// Posts the form that makes a token, as a browser without script does.
async fn post(world: &World, session: &str, form: &str) -> Answer {
    let fields = [
        ("form", form),
        ("description", "without script"),
        ("expires", "30"),
        ("access", "full"),
        ("own_password", "tia-local-password"),
    ];
    let path = format!("/fn/create_token?from={PAGE}");
    let answer = world.send(Request::plain_form(&path, &fields).header("cookie", session)).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer
}

/// The token that a page shows.
fn shown(answer: &Answer) -> Option<String> {
    let text = answer.text();
    let (_, begins) = text.split_once("token latchkey_")?;
    Some(begins.chars().take_while(char::is_ascii_alphanumeric).collect())
}

fn shows(answer: &Answer) -> bool {
    assert_eq!(answer.status, 200);
    answer.text().contains("token latchkey_")
}

fn get(cookie: &str) -> Request {
    Request::get(PAGE).header("cookie", cookie)
}

fn fetched(cookie: &str, site: &str, mode: &str, dest: &str) -> Request {
    get(cookie)
        .page()
        .header("sec-fetch-site", site)
        .header("sec-fetch-mode", mode)
        .header("sec-fetch-dest", dest)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_takes_it_that_nobody_looks_at_or_that_another_site_asks_for() {
    let world = world().await;
    let cookie = made(&world, "1").await;
    let navigate = |site: &str| fetched(&cookie, site, "navigate", "document");
    let requests = [
        Request::new("HEAD", PAGE).header("cookie", &cookie),
        Request::new("HEAD", PAGE)
            .header("cookie", &cookie)
            .page()
            .header("sec-fetch-site", "same-origin"),
        navigate("same-origin").header("sec-purpose", "prefetch"),
        navigate("same-origin").header("sec-purpose", "prefetch;prerender"),
        navigate("none").header("sec-purpose", "prefetch;prerender"),
        navigate("same-origin").header("purpose", "prefetch"),
        navigate("same-origin").header("x-moz", "prefetch"),
        get(&cookie).page().header("x-purpose", "preview"),
        navigate("cross-site"),
        navigate("same-site"),
        navigate("same-origin").header("sec-fetch-site", "cross-site"),
        navigate("nonsense"),
        fetched(&cookie, "cross-site", "no-cors", "image"),
        fetched(&cookie, "same-origin", "no-cors", "image"),
        fetched(&cookie, "same-origin", "navigate", "iframe"),
        fetched(&cookie, "same-origin", "cors", "empty"),
        get(&cookie),
        get(&cookie).header("accept", "image/*"),
        get(&cookie).page().header("referer", "https://evil.example/"),
        get(&cookie).page().header("referer", "nonsense"),
        Request::form("/fn/own_tokens", &[]).header("cookie", &cookie),
    ];
    for request in requests {
        let answer = world.send(request.clone()).await;
        assert_eq!(answer.status, 200, "{request:?}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("token latchkey_"), "{request:?}");
    }
    assert!(shows(&world.send(navigate("same-origin")).await), "it is still there");
    assert!(!shows(&world.send(navigate("same-origin")).await), "shown once");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_from_a_page_of_ours_or_by_themselves_sees_it() {
    let world = world().await;
    let ours = format!("http://{}/settings/auth-tokens", world.address);
    let ways: [&dyn Fn(&str) -> Request; 4] = [
        &|cookie| fetched(cookie, "same-origin", "navigate", "document"),
        &|cookie| fetched(cookie, "none", "navigate", "document"),
        &|cookie| get(cookie).page().header("referer", &ours),
        &|cookie| get(cookie).page(),
    ];
    for (nth, way) in ways.iter().enumerate() {
        let cookie = made(&world, &nth.to_string()).await;
        assert!(shows(&world.send(way(&cookie)).await), "{nth}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_to_paste_name_the_desk_as_it_is_configured() {
    let world =
        world_with(|keys| keys.server.public_url = Some("https://latchkey.example.edu".to_owned()))
            .await;
    let session = format!("__Host-latchkey={}", world.log_in("tia").await.expose());
    let cookie = made_in(&world, &session, "1").await;
    let page = world.send(get(&cookie).page().header("host", "another")).await.text();
    assert!(
        page.contains("https://latchkey.example.edu/api/v1/me") && !page.contains("://another/"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_forms_that_were_both_open_before_the_password_each_is_shown_its_token() {
    let world = world().await;
    let before = format!("latchkey={}", world.log_in("tia").await.expose());
    let after = made_in(&world, &before, "1").await;
    // The other tab's form, sent before its browser has heard of the new id.
    let second = post(&world, &before, "2").await;
    assert!(
        second.headers("set-cookie").iter().all(|line| !line.starts_with("latchkey=")),
        "{second:?}"
    );
    let (one, other) = (
        shown(&world.send(get(&after).page()).await),
        shown(&world.send(get(&after).page()).await),
    );
    assert!(one.is_some() && other.is_some() && one != other, "{one:?} {other:?}");
    assert_eq!(shown(&world.send(get(&after).page()).await), None, "each once");
}
