//! Latchkey at a path of a host that it shares: every link, form, cookie and redirect is below it,
//! whether the proxy takes the path off or not. In a browser, with script and without, it is tried
//! by `integrations/shared-host`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::people::page_paths;
use crate::support::{Answer, Request, World, world_with};

const AT: &str = "/latchkey";

async fn at_a_path(scheme: &'static str) -> World {
    world_with(move |keys| keys.server.public_url = Some(format!("{scheme}://127.0.0.1:3000{AT}/")))
        .await
}

/// A session's cookie as a browser sends it to a path by http.
async fn session(world: &World, netid: &str) -> String {
    format!("path-latchkey={}", world.log_in(netid).await.expose())
}

/// What the page leads to, loads or posts to.
fn leads(text: &str) -> Vec<String> {
    let values = ["href", "src", "action"].map(|name| format!(" {name}=\""));
    let found = values.iter().flat_map(|begins| text.split(begins.as_str()).skip(1));
    found.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn set(answer: &Answer, name: &str) -> String {
    let lines = answer.headers("set-cookie");
    lines
        .iter()
        .find(|line| line.starts_with(&format!("{name}=")))
        .unwrap_or_else(|| panic!("{name}: {lines:?}"))
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_leads_below_it_whether_the_proxy_takes_it_off_or_not() {
    let world = at_a_path("http").await;
    world.token("ada", "a token").await;
    let cookie = session(&world, "ada").await;
    let also = ["/settings/auth-tokens?create", "/admin/users?q=sam", "/nowhere"];
    for page in page_paths().chain(also.map(str::to_owned)) {
        for requested in [format!("{AT}{page}"), page.clone()] {
            let answer =
                world.send(Request::get(&requested).page().header("cookie", &cookie)).await;
            assert_eq!(answer.status, if page == "/nowhere" { 404 } else { 200 }, "{requested}");
            let text = answer.text();
            let leads = leads(&text);
            let own: Vec<_> = leads.iter().filter(|to| to.starts_with('/')).collect();
            assert!(
                own.len() > 3 && own.iter().all(|to| to.starts_with("/latchkey/")),
                "{requested}: {own:?}"
            );
            assert!(
                !text.contains("/latchkey/latchkey") && !text.contains("\"/pkg/"),
                "{requested}"
            );
            assert!(text.contains(" data-at=\"/latchkey\""), "script is told of it: {requested}");
        }
    }
    let page = world.send(Request::get("/latchkey/login").page()).await.text();
    assert!(page.contains("action=\"/latchkey/fn/log_in?from=/login\""), "{page}");
    assert!(!page.contains("<script src") || page.contains("from \"/latchkey/pkg/"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_stay_below_it() {
    let world = at_a_path("http").await;
    for (requested, to) in [
        ("/latchkey", "/latchkey/login"),
        ("/latchkey/", "/latchkey/login"),
        ("/", "/latchkey/login"),
        (
            "/latchkey/settings/auth-tokens?create",
            "/latchkey/login?next=/settings/auth-tokens%3Fcreate",
        ),
        ("/latchkey/admin/users/?q=x", "/latchkey/admin/users?q=x"),
        ("/.well-known/change-password", "/latchkey/settings/about-me"),
        ("/latchkey/.well-known/change-password", "/latchkey/settings/about-me"),
    ] {
        let answer = world.send(Request::get(requested).page()).await;
        assert_eq!(answer.header("location").as_deref(), Some(to), "{requested}");
    }
    let cookie = session(&world, "tia").await;
    for (requested, to) in [
        ("/latchkey/", "/latchkey/settings/auth-tokens"),
        ("/latchkey/login?next=/latchkey/help", "/latchkey/help"),
        ("/latchkey/login?next=//evil.example", "/latchkey/"),
    ] {
        let answer = world.send(Request::get(requested).page().header("cookie", &cookie)).await;
        assert_eq!(
            (answer.status, answer.header("location").as_deref()),
            (303, Some(to)),
            "{requested}"
        );
    }
    assert_eq!(world.send(Request::get("/latchkey//evil.example").page()).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_script_is_answered_below_it() {
    let world = at_a_path("http").await;
    let log_in = |password: &str, next: &str| {
        let fields = [("netid", "tia"), ("password", password), ("next", next)];
        Request::plain_form("/latchkey/fn/log_in?from=/login", &fields)
            .header("host", "127.0.0.1:3000")
    };
    let wrong = world.send(log_in("wrong-wrong-wrong", "")).await;
    assert_eq!((wrong.status, wrong.header("location").as_deref()), (303, Some("/latchkey/login")));
    assert!(set(&wrong, "path-latchkey-flash").contains("; Path=/latchkey;"), "{wrong:?}");
    let right = world.send(log_in("tia-netid-password", "/settings/auth-tokens")).await;
    assert_eq!(
        (right.status, right.header("location").as_deref()),
        (303, Some("/latchkey/settings/auth-tokens"))
    );
    let session = set(&right, "path-latchkey");
    assert!(session.contains("; Path=/latchkey; HttpOnly; SameSite=Lax"), "{session}");
    let pair = session.split(';').next().unwrap();
    assert_eq!(
        world
            .send(Request::get("/latchkey/settings/auth-tokens").page().header("cookie", pair))
            .await
            .status,
        200
    );
    // Back to the page that the form was on, which is below it already.
    let referer = "http://127.0.0.1:3000/latchkey/settings/about-me";
    let form = Request::plain_form("/latchkey/fn/own_tokens", &[])
        .header("host", "127.0.0.1:3000")
        .header("referer", referer);
    let answer = world.send(form.header("cookie", pair)).await;
    assert_eq!(
        (answer.status, answer.header("location").as_deref()),
        (303, Some("/latchkey/settings/about-me"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn by_https_the_cookie_is_bound_to_the_path_and_one_of_before_does_not_count() {
    let world = at_a_path("https").await;
    let fields = [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];
    let answer = world.send(Request::plain_form("/latchkey/fn/log_in?from=/login", &fields)).await;
    let session = set(&answer, "__Secure-latchkey");
    assert!(session.contains("; Path=/latchkey;") && session.contains("; Secure"), "{session}");
    assert!(
        answer.headers("set-cookie").iter().all(|line| !line.starts_with("__Host-")),
        "{answer:?}"
    );
    let pair = session.split(';').next().unwrap();
    let page = |cookies: &str| {
        Request::get("/latchkey/settings/about-me").page().header("cookie", cookies)
    };
    assert_eq!(world.send(page(pair)).await.status, 200);
    assert_eq!(
        world.send(page(&format!("__Host-latchkey=0; {pair}"))).await.status,
        200,
        "of the time before the path"
    );
    assert_eq!(world.send(page(&pair.replace("__Secure-", "__Host-"))).await.status, 303);
}

/// Paths tell capitals apart: what is written in the configuration is what links, cookies and
/// routes have, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_path_with_capitals_is_the_same_in_links_cookies_and_routes() {
    let world = world_with(|keys| {
        keys.server.public_url = Some("http://127.0.0.1:3000/LatchKey".to_owned());
    })
    .await;
    let fields =
        [("netid", "tia"), ("password", "tia-netid-password"), ("next", "/settings/auth-tokens")];
    let form = Request::plain_form("/LatchKey/fn/log_in?from=/login", &fields)
        .header("host", "127.0.0.1:3000");
    let answer = world.send(form).await;
    assert_eq!(
        (answer.status, answer.header("location").as_deref()),
        (303, Some("/LatchKey/settings/auth-tokens"))
    );
    let cookies = answer.headers("set-cookie");
    assert!(
        !cookies.is_empty() && cookies.iter().all(|line| line.contains("; Path=/LatchKey")),
        "{cookies:?}"
    );
    let pair = set(&answer, "path-latchkey").split(';').next().unwrap().to_owned();
    let page = world
        .send(Request::get("/LatchKey/settings/auth-tokens").page().header("cookie", &pair))
        .await;
    let text = page.text();
    assert_eq!(page.status, 200);
    assert!(text.contains(" data-at=\"/LatchKey\""), "{text}");
    let leads = leads(&text);
    let own: Vec<_> = leads.iter().filter(|to| to.starts_with('/')).collect();
    assert!(own.len() > 3 && own.iter().all(|to| to.starts_with("/LatchKey/")), "{own:?}");
    // Without its capitals a browser sends no cookie: it is led to the path as it is.
    for (requested, to) in
        [("/latchkey/login?next=/help", "/LatchKey/login?next=/help"), ("/LATCHKEY", "/LatchKey")]
    {
        let answer = world.send(Request::get(requested).page()).await;
        assert_eq!(
            (answer.status, answer.header("location").as_deref()),
            (308, Some(to)),
            "{requested}"
        );
    }
    assert!(
        world.send(Request::plain_form("/latchkey/fn/log_in", &fields)).await.status >= 400,
        "nothing is done there"
    );
}

/// Of two sessions' cookies the browser has one of another time of this desk: it counts for
/// nothing, and logging out ends both.
async fn the_newer_counts_and_both_end(
    world: &World,
    at: &str,
    (old_name, old_path): (&str, &str),
    (new_name, new_path): (&str, &str),
) {
    let (old, new) = (world.log_in("ada").await, world.log_in("tia").await);
    let pair = |name: &str, cookie: &desk::Cookie| format!("{name}={}", cookie.expose());
    let (older, newer) = (pair(old_name, &old), pair(new_name, &new));
    // A browser sends the one with the longer path first; nothing depends on it.
    for both in [format!("{newer}; {older}"), format!("{older}; {newer}")] {
        let page = world
            .send(Request::get(&format!("{at}/settings/about-me")).page().header("cookie", &both))
            .await;
        assert!(page.status == 200 && page.text().contains("Logged in as <!>tia"), "{both}");
    }
    let alone = world
        .send(Request::get(&format!("{at}/settings/about-me")).page().header("cookie", &older))
        .await;
    assert_eq!(alone.status, 303, "nobody is logged in by the old one");
    // A neighbour's of the same name is no session here, and is left alone.
    let log_out = |cookies: &str| {
        Request::plain_form(&format!("{at}/fn/log_out?from=/"), &[]).header("cookie", cookies)
    };
    let foreign =
        format!("{}; {old_name}={}", pair(new_name, &world.log_in("tia").await), "0".repeat(64));
    let answer = world.send(log_out(&foreign)).await;
    assert!(
        answer.headers("set-cookie").iter().all(|line| !line.starts_with(&format!("{old_name}="))),
        "{answer:?}"
    );
    let answer = world.send(log_out(&format!("{newer}; {older}"))).await;
    assert_eq!(answer.status, 303);
    for (name, path) in [(old_name, old_path), (new_name, new_path)] {
        let line = set(&answer, name);
        let ends =
            line.starts_with(&format!("{name}=; Path={path};")) && line.contains("Max-Age=0");
        assert!(ends && (line.contains("; Secure") || !name.starts_with("__")), "{line}");
    }
    for cookie in [&old, &new] {
        assert!(
            world.desk.visitor(cookie, &crate::support::origin()).await.is_err(),
            "both sessions have ended"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_before_there_was_a_path_counts_for_nothing_and_ends_with_the_one_that_does() {
    let by_http = at_a_path("http").await;
    the_newer_counts_and_both_end(&by_http, AT, ("latchkey", "/"), ("path-latchkey", AT)).await;
    let by_https = at_a_path("https").await;
    for old in [("__Host-latchkey", "/"), ("latchkey", "/"), ("path-latchkey", AT)] {
        the_newer_counts_and_both_end(&by_https, AT, old, ("__Secure-latchkey", AT)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_one_of_before_there_was_https() {
    let world =
        world_with(|keys| keys.server.public_url = Some("https://latchkey.example.edu".to_owned()))
            .await;
    the_newer_counts_and_both_end(&world, "", ("latchkey", "/"), ("__Host-latchkey", "/")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_answered_with_the_path_and_without() {
    let world = at_a_path("http").await;
    let (token, _) = world.token("tia", "one").await;
    for before in ["", AT] {
        for path in ["/auth/verify", "/auth/verify/", "/api/v1/me", "/api/v1/me/"] {
            assert_eq!(
                world.send(Request::get(&format!("{before}{path}")).token(&token)).await.status,
                200,
                "{before}{path}"
            );
        }
        for path in ["/healthz", "/readyz/"] {
            assert_eq!(
                world.send(Request::get(&format!("{before}{path}"))).await.status,
                200,
                "{before}{path}"
            );
        }
        let description =
            world.send(Request::get(&format!("{before}/api/v1/openapi.json"))).await.json();
        assert_eq!(description["servers"][0]["url"], "http://127.0.0.1:3000/latchkey");
    }
    let mut stream = Request::get("/latchkey/live").open(world.address).await;
    assert_eq!(stream.event().await.as_deref(), Some("ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_path_nothing_is_below_one() {
    let world = crate::support::world().await;
    let text = world.send(Request::get("/login").page()).await.text();
    assert!(!text.contains("data-at") && !text.contains("MutationObserver"), "{text}");
    assert_eq!(world.send(Request::get("/latchkey/login").page()).await.status, 404);
}

/// An OpenID provider that says what it is, and no more.
async fn provider() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let at = |path: &str| format!("{issuer}{path}");
    let known = json!({
        "issuer": issuer, "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"), "jwks_uri": at("/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    let key = json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "e": "AQAB",
        "n": URL_SAFE_NO_PAD.encode([0xC5; 256]),
    });
    let keys = json!({ "keys": [key] });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut requested = vec![0; 8192];
            let read = stream.read(&mut requested).await.unwrap_or_default();
            let is_keys = String::from_utf8_lossy(&requested[..read]).starts_with("GET /keys ");
            let body = if is_keys { &keys } else { &known }.to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            );
            let _ =
                stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).await;
        }
    });
    issuer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_sends_people_back_below_it() {
    let issuer = provider().await;
    let world = world_with(move |keys| {
        keys.server.public_url = Some(format!("http://127.0.0.1:3000{AT}"));
        keys.oidc.issuer = Some(issuer);
        keys.oidc.client_id = Some("latchkey".to_owned());
        keys.groups.privileged = vec!["*".to_owned()];
    })
    .await;
    let answer = world.send(Request::get("/latchkey/login/oidc?next=/help").page()).await;
    let text = answer.text();
    assert_eq!(answer.status, 200, "{text}");
    assert!(
        text.contains(
            "redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Flatchkey%2Flogin%2Foidc%2Fback"
        ),
        "{text}"
    );
    let cookies = answer.headers("set-cookie");
    assert!(
        !cookies.is_empty() && cookies.iter().all(|line| line.contains("; Path=/latchkey")),
        "{cookies:?}"
    );
    let page = world.send(Request::get("/latchkey/login?next=/help").page()).await.text();
    assert!(page.contains("action=\"/latchkey/login/oidc\""), "{page}");
}
