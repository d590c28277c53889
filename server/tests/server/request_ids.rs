//! Each request has a name: in its answer, in each line of log that it causes, and on a page that
//! says that something is broken.

use crate::support::{Latchkey, Request, world, world_with};

const OF_PROXY: &str = "0123456789abcdef0123456789abcdef";

/// A name of ours.
fn is_own(name: &str) -> bool {
    name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_names_its_request_but_verifys() {
    let world = world().await;
    let mut seen = Vec::new();
    for path in ["/login", "/healthz", "/no/such/page", "/api/v1/me", "/pkg/nothing.css"] {
        let name = world.send(Request::get(path)).await.header("x-request-id").unwrap();
        assert!(is_own(&name) && !seen.contains(&name), "{path}: {name}");
        seen.push(name);
    }
    assert_eq!(world.send(Request::get("/auth/verify")).await.header("x-request-id"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxys_name_is_taken_and_nobody_elses() {
    let named = |name: &str| Request::get("/healthz").header("x-request-id", name);
    let stranger = world().await;
    let own = stranger.send(named(OF_PROXY)).await.header("x-request-id").unwrap();
    assert!(is_own(&own) && own != OF_PROXY, "{own}");
    let world = world_with(|keys| keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()]).await;
    let taken = async |request: Request| world.send(request).await.header("x-request-id");
    assert_eq!(taken(named(OF_PROXY)).await.as_deref(), Some(OF_PROXY));
    let long = "x".repeat(65);
    for forged in ["a b c d e f", "id=1 status=200", "latchkey_0123456789", "short", "", &long] {
        assert!(is_own(&taken(named(forged)).await.unwrap()), "{forged}");
    }
    let twice = named(OF_PROXY).header("x-request-id", "fedcba9876543210");
    assert!(is_own(&taken(twice).await.unwrap()), "of two neither");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_says_that_something_is_broken_names_it() {
    let world = world().await;
    let cookie = world.log_in("tia").await;
    let page = || Request::get("/settings/about-me").page().cookie(&cookie);
    let well = world.send(page()).await;
    assert_eq!(well.status, 200);
    assert!(!well.text().contains("If you ask for help, name this:"));
    // The store is let go of: nobody can be told who they are.
    world.desk.close().await;
    let broken = world.send(page()).await;
    assert_eq!(broken.status, 503, "{}", broken.text());
    let name = broken.header("x-request-id").unwrap();
    let words = format!("If you ask for help, name this: {name}");
    assert!(broken.text().contains(&words), "{}", broken.text());
}

#[test]
fn every_line_of_a_request_has_its_name_and_a_refused_token_the_proxys() {
    let latchkey = Latchkey::new();
    let mut command = latchkey.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("LATCHKEY_TRUSTED_PROXIES", "127.0.0.1");
    let serving = latchkey.serve_by(command);
    let address = serving.address;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let named = |path: &str| {
        Request::get(path)
            .header("x-request-id", OF_PROXY)
            .header("x-forwarded-for", "192.0.2.1")
            .header("authorization", "token nonsense")
    };
    for path in ["/login", "/auth/verify"] {
        runtime.block_on(named(path).send(address));
    }
    let (_, log) = serving.terminate();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(OF_PROXY)).collect();
    let of = |part: &str| lines.iter().any(|line| line.contains(part));
    assert!(of("path=\"/login\"") && of("reason=\"malformed\""), "{log}");
}
