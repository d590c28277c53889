//! Forms of a browser without script.

use desk::Refusal;

use crate::support::{Answer, Request, World, world, world_with};

fn log_in(fields: &[(&str, &str)]) -> Request {
    Request::plain_form("/fn/log_in?from=/login", fields)
}

fn cookie(answer: &Answer, name: &str) -> Option<String> {
    answer.headers("set-cookie").into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")))
}

/// The page that the browser is sent to, with what cookies it was given and had.
pub(super) async fn follow(world: &World, answer: &Answer, had: &str) -> Answer {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let set = answer
        .headers("set-cookie")
        .into_iter()
        .map(|cookie| cookie.split(';').next().unwrap().to_owned());
    let given: Vec<String> = set.collect();
    let kept = had.split("; ").filter(|pair| {
        !pair.is_empty() && !given.iter().any(|new| new.split('=').next() == pair.split('=').next())
    });
    let cookies = given.iter().map(String::as_str).chain(kept).collect::<Vec<_>>().join("; ");
    world
        .send(Request::get(&answer.header("location").unwrap()).page().header("cookie", &cookies))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_in_leads_on_with_a_cookie() {
    let world = world().await;
    let answer = world
        .send(log_in(&[
            ("netid", "tia"),
            ("password", "tia-netid-password"),
            ("next", "/settings/auth-tokens"),
        ]))
        .await;
    assert_eq!(
        (answer.status, answer.header("location").as_deref(), answer.body.len()),
        (303, Some("/settings/auth-tokens"), 0)
    );
    let session = cookie(&answer, "latchkey").unwrap();
    assert!(
        session.contains("HttpOnly")
            && session.contains("SameSite=Lax")
            && session.contains("Path=/")
            && !session.contains("Secure"),
        "{session}"
    );
    let page = follow(&world, &answer, "").await;
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("Logged in as") && page.text().contains("No auth tokens yet."),
        "{}",
        page.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn by_https_the_cookie_is_bound_to_the_host() {
    let world =
        world_with(|keys| keys.server.public_url = Some("https://latchkey.example.edu".to_owned()))
            .await;
    let answer = world
        .send(log_in(&[("netid", "tia"), ("password", "tia-netid-password"), ("next", "")]))
        .await;
    let session = cookie(&answer, "__Host-latchkey").unwrap();
    assert!(
        session.contains("; Secure") && session.contains("Path=/") && !session.contains("Domain"),
        "{session}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_by_the_page_and_never_by_the_address() {
    let world = world().await;
    let answer = world
        .send(log_in(&[("netid", "tia"), ("password", "wrong-wrong-wrong"), ("next", "")]))
        .await;
    assert_eq!(answer.header("location").as_deref(), Some("/login"));
    assert!(cookie(&answer, "latchkey").is_none());
    assert!(
        answer.headers("set-cookie").iter().all(|cookie| !cookie.contains("wrong-wrong-wrong"))
    );
    let page = follow(&world, &answer, "").await.text();
    assert!(page.contains("Your NetID or password is incorrect."), "{page}");
    assert!(
        page.contains("value=\"tia\"") && !page.contains("wrong-wrong-wrong"),
        "what was typed is kept, passwords excepted"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_mail_is_said_to_be_no_netid_whoever_has_it() {
    let world = world().await;
    let mut pages = Vec::new();
    for name in ["tia", "nobody"] {
        let netid = format!("{name}@example.edu");
        let fields = [("netid", &*netid), ("password", "tia-netid-password"), ("next", "")];
        let answer = world.send(log_in(&fields)).await;
        assert!(cookie(&answer, "latchkey").is_none());
        let page = follow(&world, &answer, "").await.text();
        assert!(page.contains("That is not a NetID."), "{page}");
        assert!(page.contains(&format!("value=\"{netid}\"")), "{page}");
        let script = world.send(Request::form("/fn/log_in", &fields)).await;
        pages.push((script.status, script.refusal()));
    }
    assert_eq!(pages[0], pages[1], "the same for everybody");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_to_another_site() {
    let world = world().await;
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/fn/log_out",
    ] {
        let answer = world
            .send(log_in(&[("netid", "tia"), ("password", "tia-netid-password"), ("next", next)]))
            .await;
        assert_eq!(answer.header("location").as_deref(), Some("/"), "{next}");
    }
    for from in ["https://evil.example/", "//evil.example", "%2F%5Cevil.example"] {
        let answer = world
            .send(
                Request::plain_form(
                    &format!("/fn/log_in?from={from}"),
                    &[("netid", "tia"), ("password", "x"), ("next", "")],
                )
                .header("referer", "https://evil.example/"),
            )
            .await;
        assert_eq!(answer.header("location").as_deref(), Some("/"), "{from}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_without_script_is_shown_once() {
    let world = world().await;
    let session = format!("latchkey={}", world.log_in("tia").await.expose());
    let fields = [
        ("form", "0123456789abcdef0123456789abcdef"),
        ("description", "made without script"),
        ("expires", "30"),
        ("access", "full"),
        ("own_password", "tia-local-password"),
    ];
    let made = world
        .send(
            Request::plain_form("/fn/create_token?from=/settings/auth-tokens", &fields)
                .header("cookie", &session),
        )
        .await;
    let renewed = cookie(&made, "latchkey").unwrap().split(';').next().unwrap().to_owned();
    let page = follow(&world, &made, &session).await.text();
    let at = page.find("latchkey_").unwrap_or_else(|| panic!("no token in {page}"));
    let token = &page[at..at + desk::TOKEN_LENGTH];
    let verified = world
        .send(Request::get("/auth/verify").header("authorization", &format!("token {token}")))
        .await;
    assert_eq!(verified.header("remote-user").as_deref(), Some("tia"));
    let again = world
        .send(Request::get("/settings/auth-tokens").page().header("cookie", &renewed))
        .await
        .text();
    assert!(again.contains("made without script") && !again.contains(token), "shown once");
    assert!(made.headers("set-cookie").iter().all(|cookie| !cookie.contains(token)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_posted_twice_does_it_once() {
    let world = world().await;
    let session = format!("latchkey={}", world.log_in("tia").await.expose());
    let fields = [
        ("form", "0123456789abcdef0123456789abcdef"),
        ("description", "only once"),
        ("expires", "30"),
        ("access", "full"),
        ("own_password", "tia-local-password"),
    ];
    let request = Request::form("/fn/create_token", &fields).header("cookie", &session);
    assert_eq!(world.send(request.clone()).await.status, 200);
    let twice = world.send(request).await;
    let refused = Refusal::sent_already(desk::AuditAction::TokenCreate);
    assert_eq!((twice.status, twice.refusal()), (409, refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_session_has_ended_what_was_typed_waits_until_the_log_in() {
    let world = world().await;
    let fields = [
        ("form", "0123456789abcdef0123456789abcdef"),
        ("description", "typed in vain"),
        ("expires", "30"),
        ("access", "full"),
        ("own_password", "tia-local-password"),
    ];
    let posted = world
        .send(Request::plain_form("/fn/create_token?from=/settings/auth-tokens", &fields))
        .await;
    assert_eq!(posted.header("location").as_deref(), Some("/login?next=/settings/auth-tokens"));
    let flash = cookie(&posted, "latchkey-flash").unwrap().split(';').next().unwrap().to_owned();
    let logged_in = world
        .send(
            log_in(&[
                ("netid", "tia"),
                ("password", "tia-netid-password"),
                ("next", "/settings/auth-tokens"),
            ])
            .header("cookie", &flash),
        )
        .await;
    let page = follow(&world, &logged_in, &flash).await.text();
    assert!(page.contains("typed in vain") && !page.contains("tia-local-password"), "{page}");
    let permit = world.desk.console().permit::<desk::right::SeeTokensOf>("tia").await.unwrap();
    assert!(world.desk.tokens_of(&permit).await.unwrap().is_empty(), "the action is not repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_form_opened_as_a_page_leads_back() {
    let world = world().await;
    for route in server::router::routes().into_iter().filter(|route| route.path.starts_with("/fn/"))
    {
        let page = world.send(Request::get(&route.path).page()).await;
        let (status, allow) = (page.status, page.header("allow"));
        assert_eq!((status, allow.as_deref()), (405, Some("POST")), "{}", route.path);
        let text = page.text();
        assert!(text.contains("Nothing was done.") && text.contains("href=\"/\""), "{text}");
    }
    // A program is told by the status alone.
    let answer = world.send(Request::get("/fn/log_in")).await;
    assert_eq!((answer.status, answer.text().as_str()), (405, ""));
}
