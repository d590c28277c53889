//! By which names people's doors are answered. A page of a stranger's can make its own name lead to
//! this machine (DNS rebinding), and asks here then as a page of ours.

use desk::Refusal;

use crate::support::{Answer, Request, World, session, world, world_with};

const FIELDS: [(&str, &str); 3] =
    [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];

async fn named() -> World {
    world_with(|keys| keys.server.public_url = Some("https://latchkey.example.edu".to_owned()))
        .await
}

/// A proxy that says who is there proves itself by its address alone.
async fn believed_by_address() -> World {
    world_with(|keys| {
        keys.proxy.trusted = vec!["127.0.0.1".to_owned()];
        keys.proxy.user_header = Some("Remote-User".to_owned());
        keys.proxy.groups_header = Some("Remote-Groups".to_owned());
        keys.groups.admin = vec!["admins".to_owned()];
        keys.groups.privileged = vec!["*".to_owned()];
    })
    .await
}

async fn at(world: &World, host: &str, request: Request) -> Answer {
    world.send(request.header("host", host)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_strangers_name_nobody_logs_in_and_nothing_is_shown() {
    let world = named().await;
    let cookie = format!("__Host-latchkey={}", world.log_in("ada").await.expose());
    for host in ["evil.example", "evil.example:3000", "latchkey.example.edu.evil.example"] {
        for path in ["/login", "/admin/users", "/admin/audit.csv", "/live", "/login/oidc", "/none"]
        {
            let request = Request::get(path).header("cookie", &cookie);
            for request in [request.clone().page(), request] {
                let answer = at(&world, host, request).await;
                assert_eq!(answer.status, 421, "{host}{path}");
                assert!(!answer.text().contains("example.edu"), "{}", answer.text());
            }
        }
        // As its page sends it, which to the browser is of the same origin.
        for request in [
            Request::form("/fn/log_in", &FIELDS),
            Request::form("/fn/log_in", &FIELDS)
                .without("sec-fetch-site")
                .header("origin", &format!("https://{host}")),
        ] {
            let answer = at(&world, host, request).await;
            assert_eq!((answer.status, answer.refusal()), (421, Refusal::CrossSite), "{host}");
            assert_eq!(answer.headers("set-cookie"), Vec::<String>::new(), "{host}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_its_own_names_and_by_addresses_it_answers() {
    let world = named().await;
    for host in [
        "latchkey.example.edu",
        "Latchkey.Example.edu:443",
        "127.0.0.1:3000",
        "[::1]:3000",
        "localhost",
        "latchkey_backend",
    ] {
        assert_eq!(at(&world, host, Request::get("/login").page()).await.status, 200, "{host}");
        let log_in = at(&world, host, Request::form("/fn/log_in", &FIELDS)).await;
        assert_eq!(log_in.status, 200, "{host}: {}", log_in.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_ask_by_whatever_name_a_proxy_has_for_it() {
    let world = named().await;
    let (token, _) = world.token("tia", "a script").await;
    for path in ["/healthz", "/readyz", "/auth/verify", "/api/v1/me"] {
        let answer =
            at(&world, "latchkey.internal.example", Request::get(path).token(&token)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_strangers_page_says_as_a_proxy_is_not_heard() {
    let world = believed_by_address().await;
    let vouched = || {
        Request::get("/admin/users")
            .page()
            .header("remote-user", "eve")
            .header("remote-groups", "admins")
    };
    let answer = at(&world, "evil.example", vouched()).await;
    assert_eq!((answer.status, session(&answer)), (421, None));
    // A proxy that passes its own name for Latchkey on, or the address.
    for host in ["127.0.0.1:3000", "latchkey"] {
        let answer = at(&world, host, vouched()).await;
        assert!(answer.status == 303 && session(&answer).is_some(), "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_name_is_configured_and_no_proxy_believed_every_name_is_its_own() {
    let world = world().await;
    let answer = at(&world, "desk.example.edu", Request::get("/login").page()).await;
    assert_eq!(answer.status, 200);
}
