//! Single sign-on by a proxy that says who is logged in.

use desk::{AuditQuery, Role, Verdict};

use crate::support::{Request, World, origin, person, secret, session, world_as, world_with};

/// To people whose proxy says what is no NetID; which, the log says.
const NOBODY_NAMED: &str = "The campus log-in did not tell us who you are.";

async fn behind_proxy() -> World {
    world_with(trusting).await
}

fn trusting(keys: &mut server::config::Sections) {
    keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()];
    keys.proxy.user_header = Some("Remote-User".to_owned());
    keys.proxy.name_header = Some("X-Display-Name".to_owned());
    keys.proxy.email_header = Some("X-Mail".to_owned());
    keys.proxy.groups_header = Some("X-Groups".to_owned());
    keys.groups.help_desk = vec!["help-desk".to_owned()];
    keys.groups.privileged = vec!["staff".to_owned()];
}

fn page(path: &str, netid: &str) -> Request {
    Request::get(path).page().header("remote-user", netid)
}

async fn actions(world: &World, netid: &str) -> Vec<String> {
    let query = AuditQuery { subject: netid.to_owned(), ..AuditQuery::default() };
    let rows = world.desk.console().audit(&query).await.unwrap().rows;
    // The demo accounts were made by the console.
    let rows = rows.into_iter().filter(|row| row.actor != desk::Actor::Console);
    rows.map(|row| format!("{} {} {} {}", row.actor, row.action, row.outcome, row.detail)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_vouched_for_is_made_logged_in_and_sent_on() {
    let world = behind_proxy().await;
    let request = page("/settings/activity?before=", "Nora")
        .header("x-display-name", "Nora Nöhl")
        .header("x-mail", "nora@example.edu");
    let answer = world.send(request.header("x-groups", "staff;Help-Desk")).await;
    assert_eq!(
        (answer.status, answer.header("location").as_deref()),
        (303, Some("/settings/activity?before="))
    );
    let cookie = session(&answer).unwrap();
    let shown = page("/settings/about-me", "nora").header("x-groups", "staff;Help-Desk");
    let shown = world.send(shown.header("cookie", &cookie)).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("Nora Nöhl") && shown.text().contains("nora@example.edu"));
    let nora = person(&world, "nora").await;
    assert_eq!(
        (nora.user.role, nora.user.privileged, nora.source),
        (Role::HelpDesk, true, desk::Source::Proxy)
    );
    assert_eq!(
        actions(&world, "nora").await,
        ["nora log-in done proxy", "(proxy) user.create done help_desk"]
    );
    // The log-in page knows them too, and sends them where they were going.
    let answer = world.send(page("/login?next=/help", "nora")).await;
    assert_eq!((answer.status, answer.header("location").as_deref()), (303, Some("/help")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_vouches_for_nobody() {
    let world = world_with(|keys| {
        keys.proxy.trusted = vec!["192.0.2.1/32".to_owned()];
        keys.proxy.user_header = Some("Remote-User".to_owned());
        keys.groups.privileged = vec!["*".to_owned()];
    })
    .await;
    for path in ["/settings/about-me", "/login"] {
        let answer = world.send(page(path, "ada")).await;
        assert_eq!(session(&answer), None, "{path}");
        assert_ne!(answer.header("location").as_deref(), Some(path));
    }
    assert_eq!(actions(&world, "ada").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_sent_twice_vouches_for_nobody() {
    let world = behind_proxy().await;
    let answer = world.send(page("/settings/about-me", "tia").header("remote-user", "ada")).await;
    assert_eq!(
        (session(&answer), answer.header("location").as_deref()),
        (None, Some("/login?next=/settings/about-me"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_groups_come_twice_is_nobody() {
    let world = behind_proxy().await;
    let sign_in = async |groups: &[&str]| {
        let request = groups
            .iter()
            .fold(page("/login", "tia"), |request, groups| request.header("x-groups", groups));
        world.send(request).await.status
    };
    assert_eq!(sign_in(&["staff;help-desk"]).await, 303);
    assert_eq!(sign_in(&["students", "staff"]).await, 200, "the log-in page");
    assert_eq!(
        (person(&world, "tia").await.user.role, person(&world, "tia").await.user.privileged),
        (Role::HelpDesk, true)
    );
    assert_eq!(sign_in(&[]).await, 303);
    assert_eq!(
        (person(&world, "tia").await.user.role, person(&world, "tia").await.user.privileged),
        (Role::Staff, false),
        "not there is none"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_in_the_directory_is_taken_over_at_the_next_log_in() {
    let world = behind_proxy().await;
    let (token, _) = world.token("tia", "backup").await;
    let sign_in =
        async |groups: &str| world.send(page("/login", "tia").header("x-groups", groups)).await;
    assert_eq!(sign_in("staff;help-desk").await.status, 303);
    let tia = person(&world, "tia").await;
    assert_eq!(
        (tia.user.role, tia.user.privileged, tia.user.name.as_str()),
        (Role::HelpDesk, true, "Tia Token"),
        "what is not said stays"
    );
    assert_eq!(sign_in("students").await.status, 303);
    assert_eq!(person(&world, "tia").await.user.role, Role::Staff);
    let verdict = world
        .desk
        .verify(token.expose(), None, &desk::VerifyRequest { method: "GET", address: None })
        .await;
    assert_eq!(verdict, Verdict::Refused("owner not privileged"), "from the next request");
    let actions = actions(&world, "tia").await;
    for row in [
        "(proxy) user.role done staff → help_desk",
        "(proxy) user.role done help_desk → staff",
        "(proxy) user.privileged done no: tokens revoked, sessions ended",
    ] {
        assert!(actions.iter().any(|action| action == row), "{row}: {actions:?}");
    }
    let before = actions.len();
    assert_eq!(sign_in("students").await.status, 303);
    assert_eq!(
        self::actions(&world, "tia").await.len(),
        before + 1,
        "nothing changed: a log-in and no more"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn their_former_password_opens_nothing_any_longer() {
    let world = behind_proxy().await;
    assert_eq!(world.send(page("/login", "tia").header("x-groups", "staff")).await.status, 303);
    let password = desk::Secret::new("tia-netid-password".to_owned());
    assert_eq!(
        world.desk.log_in("tia", &password, &origin()).await.unwrap_err(),
        desk::Refusal::LoginIncorrect
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disabled_and_what_is_no_netid_stay_outside() {
    let world = behind_proxy().await;
    for (netid, status, words) in [
        ("dave", 403, "Your account is disabled."),
        ("x'; DROP--", 401, NOBODY_NAMED),
        ("*", 401, NOBODY_NAMED),
        ("nora@example.edu", 401, NOBODY_NAMED),
    ] {
        let answer = world.send(page("/settings/about-me", netid)).await;
        assert_eq!((answer.status, session(&answer)), (status, None), "{netid}");
        assert!(answer.text().contains(words), "{netid}: {}", answer.text());
    }
    assert_eq!(actions(&world, "dave").await, ["dave log-in refused actor-disabled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_browsers_session_is_never_anothers() {
    let world = behind_proxy().await;
    world
        .desk
        .link_account(&world.desk.console().permit("rae").await.unwrap(), None)
        .await
        .unwrap();
    let tia =
        session(&world.send(page("/login", "tia").header("x-groups", "staff")).await).unwrap();
    // At the proxy it is rae by now: what tia's page sends is nobody's, and rae's page is rae's
    // own.
    let posted = world
        .send(
            Request::form("/fn/own_tokens", &[])
                .header("cookie", &tia)
                .header("remote-user", "rae"),
        )
        .await;
    assert_eq!((posted.status, posted.refusal()), (401, desk::Refusal::SessionEnded));
    let answer = world
        .send(page("/settings/about-me", "rae").header("x-groups", "staff").header("cookie", &tia))
        .await;
    let rae = session(&answer).unwrap();
    assert!(
        world
            .send(
                page("/settings/about-me", "rae")
                    .header("x-groups", "staff")
                    .header("cookie", &rae)
            )
            .await
            .text()
            .contains("Logged in as <!>rae")
    );
    let old = world
        .send(
            Request::form("/fn/own_tokens", &[])
                .header("cookie", &tia)
                .header("remote-user", "tia"),
        )
        .await;
    assert_eq!(old.status, 401, "tia's session ended with that");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_logs_out_is_not_logged_in_again_at_once() {
    let world = behind_proxy().await;
    let cookie =
        session(&world.send(page("/login", "tia").header("x-groups", "staff")).await).unwrap();
    let out = world
        .send(
            Request::form("/fn/log_out", &[])
                .header("cookie", &cookie)
                .header("remote-user", "tia"),
        )
        .await;
    let done: app::forms::Done = out.decoded();
    assert_eq!(done.go.as_deref(), Some("/login?out"));
    let answer = world.send(page("/login?out", "tia")).await;
    assert_eq!((answer.status, session(&answer)), (200, None));
    assert!(answer.text().contains("Log in again") && !answer.text().contains("type=\"password\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_embeds_and_what_a_program_fetches_logs_nobody_in() {
    let world = behind_proxy().await;
    for (name, value) in [("sec-fetch-dest", "image"), ("sec-fetch-mode", "cors")] {
        let answer = world.send(page("/settings/about-me", "tia").header(name, value)).await;
        assert_eq!(
            (session(&answer), answer.header("location").as_deref()),
            (None, Some("/login?next=/settings/about-me")),
            "{name}"
        );
    }
    assert_eq!(actions(&world, "tia").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_person_had_typed_is_not_the_next_ones_to_see() {
    let world = behind_proxy().await;
    let tia =
        session(&world.send(page("/login", "tia").header("x-groups", "staff")).await).unwrap();
    let fields =
        [("form", "1"), ("description", "tia's own words"), ("expires", "30"), ("access", "full")];
    let form = Request::plain_form("/fn/create_token?from=/settings/auth-tokens", &fields)
        .header("cookie", &tia);
    let posted = world.send(form.header("remote-user", "rae")).await;
    let flash = posted
        .headers("set-cookie")
        .iter()
        .find(|line| line.starts_with("latchkey-flash="))
        .cloned()
        .unwrap();
    let both = format!("{tia}; {}", flash.split(';').next().unwrap());
    let signed_in = world
        .send(
            page("/settings/auth-tokens", "rae")
                .header("x-groups", "staff")
                .header("cookie", &both),
        )
        .await;
    assert!(
        signed_in.headers("set-cookie").iter().any(|line| line.starts_with("latchkey-flash=;")),
        "{:?}",
        signed_in.headers("set-cookie")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_are_counted_by_whom_they_are_of_and_no_stranger_spends_them() {
    let world = world_with(|keys| {
        keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()];
        keys.proxy.user_header = Some("Remote-User".to_owned());
        keys.groups.privileged = vec!["*".to_owned()];
        keys.limits.log_ins_per_minute = 2;
    })
    .await;
    // Somebody at the same address guesses until nobody there may try any more.
    let wrong = || Request::form("/fn/log_in", &[("netid", "sam"), ("password", "x")]);
    let mut tries = 0;
    while world.send(wrong()).await.status != 429 {
        tries += 1;
        assert!(tries < 9, "nobody is held up");
    }
    let signs_in = async |netid: &str| world.send(page("/settings/about-me", netid)).await.status;
    assert_eq!(
        [signs_in("tia").await, signs_in("tia").await, signs_in("tia").await],
        [303, 303, 429]
    );
    assert_eq!(signs_in("TIA").await, 429, "however it is written");
    assert_eq!(signs_in("sam").await, 303, "who waits for nobody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_else_calls_from_the_proxys_machine_vouches_for_nobody() {
    const SECRET: &str = "what only the proxy's configuration holds";
    let world =
        world_as(trusting, |configuration| configuration.proxy_secret = Some(secret(SECRET))).await;
    let ask = || page("/settings/about-me", "nora").header("x-groups", "staff");
    for request in [
        ask(),
        ask().header("latchkey-proxy-secret", "another"),
        ask().header("latchkey-proxy-secret", ""),
        ask().header("latchkey-proxy-secret", SECRET).header("latchkey-proxy-secret", SECRET),
        ask().header("x-latchkey-proxy-secret", SECRET),
    ] {
        let answer = world.send(request.clone()).await;
        assert!(answer.header("location").unwrap().starts_with("/login?"), "{request:?}");
        assert_eq!(session(&answer), None, "{request:?}");
    }
    assert!(actions(&world, "nora").await.is_empty());
    let answer = world.send(ask().header("latchkey-proxy-secret", SECRET)).await;
    assert!(session(&answer).is_some(), "the proxy itself");
    // Nor does a session that the proxy has begun go on without it, whoever is named.
    let cookie = session(&answer).unwrap();
    for netid in ["nora", "tia"] {
        let stranger = page("/settings/about-me", netid).header("cookie", &cookie);
        assert_eq!(world.send(stranger).await.status, 303, "{netid}: led to the log-in");
    }
    let by_proxy = ask().header("latchkey-proxy-secret", SECRET).header("cookie", &cookie);
    assert_eq!(world.send(by_proxy).await.status, 200, "it waits for the proxy");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_desks_own_with_a_role_takes_an_operators_word() {
    let world = behind_proxy().await;
    for path in ["/settings/about-me", "/admin/audit", "/login"] {
        let refused = world.send(page(path, "ada").header("x-groups", "staff")).await;
        assert_eq!((refused.status, session(&refused)), (403, None), "{path}");
        assert!(refused.text().contains("ask an administrator to have it linked"), "{path}");
    }
    assert_eq!(
        actions(&world, "ada").await,
        ["ada log-in refused account-not-linked"],
        "what is repeated is counted"
    );
    // The account for the day when the campus log-in is down is as it was.
    let own = desk::Secret::new("ada-netid-password".to_owned());
    world.desk.log_in("ada", &own, &origin()).await.unwrap();
    let permit = world.desk.console().permit("ada").await.unwrap();
    world.desk.link_account(&permit, None).await.unwrap();
    let came = world.send(page("/admin/audit", "ada").header("x-groups", "staff")).await;
    assert!(session(&came).is_some(), "{}", came.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reserved_name_is_nobodys() {
    let world = behind_proxy().await;
    let refused = world.send(page("/settings/about-me", "root").header("x-groups", "staff")).await;
    assert_eq!((refused.status, session(&refused)), (403, None));
    assert!(refused.text().contains("“root” is a reserved name"));
}
