//! Pages and the headers of every answer: what is not there, what a token does not open, a page
//! from before an upgrade.

use crate::support::{Request, real_world, world, world_with};

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let world = world().await;
    for request in [
        Request::get("/login").page(),
        Request::get("/nowhere").page(),
        Request::get("/api/v1/me"),
        Request::get("/healthz"),
        Request::new("POST", "/login"),
        Request::get("/pkg/none.js"),
    ] {
        let answer = world.send(request.clone()).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name).as_deref(), Some(value), "{request:?}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"), "{request:?}");
        assert!(
            answer.header("strict-transport-security").is_none(),
            "by http it would lock people out"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mails_link_leads_to_the_card_of_its_token_also_through_log_in() {
    let world = world().await;
    let (_, view) = world.token("tia", "one").await;
    let cookie = world.log_in("tia").await;
    let (page, short) = ("/settings/auth-tokens", view.id.short());
    let link = format!("{page}?token={short}");
    let with = |path: &str| Request::get(path).page().cookie(&cookie);
    let answer = world.send(with(&link)).await;
    let card = format!("{page}#token-{short}");
    assert_eq!((answer.status, answer.header("location")), (303, Some(card)));
    let shown = world.send(with(page)).await.text();
    assert!(shown.contains(&format!("id=\"token-{short}\"")), "{shown}");
    // Whoever has to log in first comes back to the same link.
    let answer = world.send(Request::get(&link).page()).await;
    let log_in = answer.header("location").expect("the log-in");
    assert!(answer.status == 303 && log_in.starts_with("/login?"), "{log_in}");
    let answer = world.send(with(&log_in)).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some(link)));
    for odd in ["", &short[1..], &format!("{short}0"), "0123456789abcde%2F", "0123456789abcdeg"] {
        let answer = world.send(with(&format!("{page}?token={odd}"))).await;
        assert_eq!(answer.status, 200, "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_managers_are_led_to_where_the_local_password_is_changed() {
    let world = world().await;
    let answer = world.send(Request::get("/.well-known/change-password").page()).await;
    assert_eq!(
        (answer.status, answer.header("location").as_deref()),
        (302, Some("/settings/about-me"))
    );
    // By this a manager tells whether what is answered there means anything.
    let nothing = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    for request in [Request::get(nothing), Request::get(nothing).page()] {
        assert_eq!(world.send(request).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_verify_answers_is_never_kept() {
    let world = world().await;
    let (token, _) = world.token("tia", "one").await;
    for request in [Request::get("/auth/verify"), Request::get("/auth/verify").token(&token)] {
        let answer = world.send(request).await;
        assert_eq!(
            (answer.header("cache-control").as_deref(), answer.body.len()),
            (Some("no-store"), 0)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_https_browsers_are_told_to_stay_there() {
    let world =
        world_with(|keys| keys.server.public_url = Some("https://latchkey.example.edu".to_owned()))
            .await;
    assert!(
        world
            .send(Request::get("/login").page())
            .await
            .header("strict-transport-security")
            .unwrap()
            .starts_with("max-age=")
    );
    let world = world_with(|keys| keys.proxy.trusted = vec!["127.0.0.0/8".to_owned()]).await;
    assert!(
        world
            .send(Request::get("/login").page().header("x-forwarded-proto", "https"))
            .await
            .header("strict-transport-security")
            .is_some()
    );
    // A host that is shared is not Latchkey's to decide about: whatever else is at it may speak
    // plain http.
    let world = world_with(|keys| {
        keys.server.public_url = Some("https://help.example.edu/latchkey".to_owned());
    })
    .await;
    for path in ["/latchkey/login", "/login", "/latchkey/pkg/none", "/healthz"] {
        let answer = world.send(Request::get(path).page()).await;
        assert!(
            answer.header("strict-transport-security").is_none()
                && answer.header("x-content-type-options").is_some(),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_page_for_people_and_a_problem_for_programs() {
    let world = world().await;
    let page = world.send(Request::get("/nowhere/at/all").page()).await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(
        world.send(Request::get("/nowhere")).await.header("content-type").as_deref(),
        Some("application/problem+json")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_nearly_right_leads_to_the_page_logged_in_or_out() {
    let world = world().await;
    let cookie = world.log_in("ada").await;
    for (requested, meant) in [
        ("/login/", "/login"),
        ("/Login/?next=/help", "/login?next=/help"),
        ("/help/", "/help"),
        ("/settings/", "/settings"),
        ("/settings/auth-tokens/?create", "/settings/auth-tokens?create"),
        ("/settings/Auth-Tokens", "/settings/auth-tokens"),
        ("/admin/users/", "/admin/users"),
        ("/admin/users/sam/", "/admin/users/sam"),
    ] {
        for request in [
            Request::get(requested).page(),
            Request::new("HEAD", requested),
            Request::get(requested).page().cookie(&cookie),
        ] {
            let answer = world.send(request).await;
            assert_eq!(
                (answer.status, answer.header("location").as_deref()),
                (308, Some(meant)),
                "{requested}"
            );
        }
        assert_ne!(world.send(Request::get(meant).page()).await.status, 308, "{meant}: once");
    }
    for requested in ["//evil.example", "//evil.example/", "/nowhere/", "/fn/log_in/", "/scim/v2/"]
    {
        let answer = world.send(Request::get(requested).page()).await;
        assert_eq!((answer.status, answer.header("location")), (404, None), "{requested}");
    }
    assert_eq!(
        world.send(Request::form("/login/", &[])).await.status,
        404,
        "nothing is posted there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_style_guide_is_no_page_of_a_real_desk() {
    assert_eq!(world().await.send(Request::get("/styleguide").page()).await.status, 200);
    assert_eq!(real_world().await.send(Request::get("/styleguide").page()).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_no_page_and_no_server_function() {
    let world = world().await;
    let (token, _) = world.token("ada", "an administrator's").await;
    for path in ["/settings/auth-tokens", "/settings/about-me", "/admin/users", "/admin/audit"] {
        let answer = world.send(Request::get(path).page().token(&token)).await;
        assert!(matches!(answer.status, 302 | 303), "{path}: {}", answer.status);
        assert!(answer.header("location").unwrap().starts_with("/login"));
    }
    let mut stream = Request::get("/live").token(&token).open(world.address).await;
    assert_eq!(stream.event().await.as_deref(), Some("ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_from_before_an_upgrade_is_told_to_come_again_and_nothing_is_done() {
    let world = world().await;
    let cookie = world.log_in("tia").await;
    let fields = [
        ("form", "1"),
        ("description", "x"),
        ("expires", "30"),
        ("access", "full"),
        ("own_password", "tia-local-password"),
    ];
    let create = || Request::form("/fn/create_token", &fields).cookie(&cookie);
    let answer =
        world.send(create().header(app::PAGE_VERSION, "/pkg/latchkey.0123456789abcdef.wasm")).await;
    assert_eq!(answer.status, 412);
    let visitor = world.desk.visitor(&cookie, &crate::support::origin()).await.unwrap();
    assert!(world.desk.own_tokens(&visitor).await.unwrap().is_empty());
    assert_eq!(world.send(create()).await.status, 200, "a program says nothing of pages");
}
