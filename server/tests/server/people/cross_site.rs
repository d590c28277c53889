//! What another site makes a browser send is refused at every address that changes something; what
//! our own pages send passes.

use desk::Refusal;

use crate::support::{Request, world, world_with};

const FIELDS: [(&str, &str); 3] =
    [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];

fn log_in() -> Request {
    Request::form("/fn/log_in", &FIELDS).without("sec-fetch-site")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_sends_is_refused() {
    let world = world().await;
    let ours = format!("http://{}", world.address);
    let refused = [
        log_in(),
        log_in().header("sec-fetch-site", "cross-site"),
        log_in().header("sec-fetch-site", "same-site"),
        log_in().header("sec-fetch-site", "none"),
        log_in().header("sec-fetch-site", "cross-site").header("origin", &ours),
        log_in().header("origin", "https://evil.example"),
        log_in().header("origin", "null"),
        log_in().header("origin", &format!("http://{}.evil.example", world.address)),
        log_in().header(
            "origin",
            &format!("http://127.0.0.1:{}", world.address.port().wrapping_add(1)),
        ),
        log_in().header("sec-fetch-site", "same-origin").header("sec-fetch-site", "cross-site"),
        log_in().header("sec-fetch-site", "same-origin").header("sec-fetch-site", "same-origin"),
        log_in().header("origin", &ours).header("origin", "https://evil.example"),
        log_in().header("referer", &format!("{ours}/login")),
    ];
    for request in refused {
        let answer = world.send(request.clone()).await;
        assert_eq!((answer.status, answer.refusal()), (403, Refusal::CrossSite), "{request:?}");
        assert!(answer.header("set-cookie").is_none());
    }
    let page = world.send(log_in().header("origin", "https://evil.example").page()).await;
    assert_eq!(page.status, 403);
    assert!(
        page.text().contains("<h1>")
            && page.text().contains("This request came from another site and was refused."),
        "{}",
        page.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_our_own_pages_send_passes() {
    let world = world().await;
    let ours = format!("http://{}", world.address);
    for request in
        [log_in().header("sec-fetch-site", "same-origin"), log_in().header("origin", &ours)]
    {
        assert_eq!(world.send(request).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_address_counts_as_ours() {
    let world =
        world_with(|keys| keys.server.public_url = Some("https://latchkey.example.edu".to_owned()))
            .await;
    assert_eq!(
        world.send(log_in().header("origin", "https://latchkey.example.edu")).await.status,
        200
    );
    assert_eq!(
        world.send(log_in().header("origin", &format!("http://{}", world.address))).await.status,
        403,
        "not by http"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_that_changes_something_is_guarded() {
    let world = world().await;
    for path in ["/", "/login", "/fn/log_out", "/settings/auth-tokens", "/nowhere", "/live"] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            assert_eq!(world.send(Request::new(method, path)).await.status, 403, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_asks_for_what_there_is_not_is_told_so_and_script_in_its_own_words() {
    let world = world().await;
    for path in ["/api/v1/nothing", "/api/nothing", "/oauth2/nothing", "/scim/v1/Users"] {
        for method in ["POST", "PUT", "DELETE"] {
            let answer = world.send(Request::new(method, path)).await;
            let kind = answer.header("content-type");
            assert_eq!(
                (answer.status, kind.as_deref()),
                (404, Some("application/problem+json")),
                "{method} {path}"
            );
        }
    }
    let function = Request::new("POST", "/fn/nothing");
    let answer = world.send(function).await;
    assert_eq!((answer.status, answer.refusal()), (403, Refusal::CrossSite));
}
