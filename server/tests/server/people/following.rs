//! What a proxy says of somebody's groups within a session that goes on: rights come and go with
//! the next request.

use desk::{AuditQuery, Role, Verdict};
use server::config::{HiddenText, Sections};

use crate::support::{Answer, Request, World, origin, person, secret, session, world_with};

async fn behind_proxy() -> World {
    behind_proxy_with(|_| {}).await
}

async fn behind_proxy_with(adjust: impl FnOnce(&mut Sections)) -> World {
    world_with(|keys| {
        keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()];
        keys.proxy.user_header = Some("Remote-User".to_owned());
        keys.proxy.groups_header = Some("X-Groups".to_owned());
        keys.groups.help_desk = vec!["help-desk".to_owned()];
        keys.groups.admin = vec!["desk-admins".to_owned()];
        keys.groups.privileged = vec!["staff".to_owned()];
        adjust(keys);
    })
    .await
}

/// By which an identity system pushes people.
const SCIM: &str = "a bearer token of more than 32 characters";

/// An address from which no proxy calls.
const ELSEWHERE: [u8; 4] = [127, 0, 0, 2];

/// A session of somebody's, begun at the proxy.
struct Browser {
    cookie: String,
}

impl Browser {
    async fn sign_in(world: &World, netid: &str, groups: &str) -> Self {
        let answer = world
            .send(
                Request::get("/login")
                    .page()
                    .header("remote-user", netid)
                    .header("x-groups", groups),
            )
            .await;
        Self {
            cookie: session(&answer)
                .unwrap_or_else(|| panic!("nobody was let in: {}", answer.text())),
        }
    }

    async fn send(&self, world: &World, request: Request, netid: &str, groups: &str) -> Answer {
        world
            .send(
                request
                    .header("cookie", &self.cookie)
                    .header("remote-user", netid)
                    .header("x-groups", groups),
            )
            .await
    }

    async fn page(&self, world: &World, path: &str, netid: &str, groups: &str) -> Answer {
        self.send(world, Request::get(path).page(), netid, groups).await
    }
}

async fn actions(world: &World, netid: &str) -> Vec<String> {
    let query = AuditQuery { subject: netid.to_owned(), ..AuditQuery::default() };
    let rows = world
        .desk
        .console()
        .audit(&query)
        .await
        .unwrap()
        .rows
        .into_iter()
        .filter(|row| row.actor != desk::Actor::Console);
    rows.map(|row| format!("{} {} {} {}", row.actor, row.action, row.outcome, row.detail)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_comes_and_goes_with_the_next_request() {
    let world = behind_proxy().await;
    let browser = Browser::sign_in(&world, "nora", "staff").await;
    let find = || Request::form("/fn/find_users", &[("query", "sam")]);
    let refused = desk::Refusal::NotAllowed(desk::Denied::RoleTooLow);
    let answer = browser.send(&world, find(), "nora", "staff").await;
    assert_eq!((answer.status, answer.refusal()), (403, refused.clone()));
    let answer = browser.send(&world, find(), "nora", "staff;help-desk").await;
    assert_eq!(answer.status, 200, "in the session that was there: {}", answer.text());
    assert_eq!(person(&world, "nora").await.user.role, Role::HelpDesk);
    let answer = browser.send(&world, find(), "nora", "staff").await;
    assert_eq!((answer.status, answer.refusal()), (403, refused), "and no longer");
    assert_eq!(person(&world, "nora").await.user.role, Role::Staff);
    // By pages too.
    assert_eq!(
        browser.page(&world, "/settings/about-me", "nora", "help-desk;staff").await.status,
        200
    );
    assert_eq!(person(&world, "nora").await.user.role, Role::HelpDesk);
    assert_eq!(browser.page(&world, "/settings/about-me", "nora", "staff").await.status, 200);
    assert_eq!(person(&world, "nora").await.user.role, Role::Staff);
    let rows = actions(&world, "nora").await;
    let roles: Vec<&str> =
        rows.iter().filter(|row| row.contains("user.role")).map(String::as_str).collect();
    let (up, down) =
        ("(proxy) user.role done staff → help_desk", "(proxy) user.role done help_desk → staff");
    assert_eq!(roles, [down, up, down, up]);
    let before = rows.len();
    browser.page(&world, "/settings/about-me", "nora", "staff").await;
    assert_eq!(
        actions(&world, "nora").await.len(),
        before,
        "nothing differs, and nothing is written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_to_tokens_is_lost_with_the_next_request_and_the_session_with_it() {
    let world = behind_proxy().await;
    let (token, _) = world.token("tia", "backup").await;
    let browser = Browser::sign_in(&world, "tia", "staff").await;
    let good = async || {
        let request = desk::VerifyRequest { method: "GET", address: None };
        matches!(world.desk.verify(token.expose(), None, &request).await, Verdict::Good(_))
    };
    assert!(good().await);
    let lost = browser.send(&world, Request::form("/fn/own_tokens", &[]), "tia", "students").await;
    assert_eq!(
        (lost.status, lost.refusal(), good().await),
        (401, desk::Refusal::SessionEnded, false)
    );
    assert!(!person(&world, "tia").await.user.privileged);
    // The next page is a new session, with what is left.
    let again = browser.page(&world, "/settings/auth-tokens", "tia", "students").await;
    assert!(again.status == 303 && session(&again).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_in_the_same_browser_gets_nothing_of_the_one_before() {
    let world = behind_proxy().await;
    let browser = Browser::sign_in(&world, "nora", "staff;help-desk").await;
    Browser::sign_in(&world, "otto", "staff").await;
    for request in
        [Request::form("/fn/own_tokens", &[]), Request::form("/fn/find_users", &[("query", "sam")])]
    {
        let answer = browser.send(&world, request, "otto", "staff").await;
        assert_eq!((answer.status, answer.refusal()), (401, desk::Refusal::SessionEnded));
    }
    let events = browser.send(&world, Request::get("/live"), "otto", "staff").await.text();
    assert!(events.contains("event: ended"), "{events}");
    let signed_in = browser.page(&world, "/admin/users?q=sam", "otto", "staff").await;
    let others = Browser { cookie: session(&signed_in).unwrap() };
    assert_eq!(
        others
            .send(&world, Request::form("/fn/find_users", &[("query", "sam")]), "otto", "staff")
            .await
            .status,
        403
    );
    let roles = (person(&world, "nora").await.user.role, person(&world, "otto").await.user.role);
    assert_eq!(roles, (Role::HelpDesk, Role::Staff), "each has what was said of them");
    let old =
        browser.send(&world, Request::form("/fn/own_tokens", &[]), "nora", "staff;help-desk").await;
    assert_eq!(old.status, 401, "nora's session ended with that");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_groups_come_twice_is_nobody_in_a_session_too() {
    let world = behind_proxy().await;
    let browser = Browser::sign_in(&world, "nora", "staff;help-desk").await;
    let twice = Request::get("/admin/users").page().header("x-groups", "staff;help-desk");
    let answer = browser.send(&world, twice, "nora", "staff").await;
    assert_eq!(
        (answer.status, answer.header("location").as_deref()),
        (303, Some("/login?next=/admin/users"))
    );
    assert_eq!(
        person(&world, "nora").await.user.role,
        Role::HelpDesk,
        "and nothing follows from it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_enabled_administrator_stays_one_and_that_is_written_down_once() {
    let world = behind_proxy().await;
    let browser = Browser::sign_in(&world, "nora", "staff;desk-admins").await;
    let permit = world.desk.console().permit("ada").await.unwrap();
    let disabled = Some(desk::Changed { permit, from: false, to: true });
    world
        .desk
        .change_account(&desk::AccountChange { disabled, ..desk::AccountChange::default() })
        .await
        .unwrap();
    for _ in 0..3 {
        let text = browser.page(&world, "/admin/audit", "nora", "staff").await.text();
        assert!(text.contains("Audit"), "{text}");
    }
    assert_eq!(person(&world, "nora").await.user.role, Role::Admin);
    let kept = actions(&world, "nora")
        .await
        .into_iter()
        .filter(|row| row.contains("user.role refused last-administrator"))
        .count();
    assert_eq!(kept, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_desks_own_follows_no_proxy() {
    let world = behind_proxy().await;
    // By their own password, while the proxy names them too.
    for (netid, role) in [("ada", Role::Admin), ("tia", Role::Staff)] {
        let browser =
            Browser { cookie: format!("latchkey={}", world.log_in(netid).await.expose()) };
        assert_eq!(
            browser.page(&world, "/settings/about-me", netid, "help-desk").await.status,
            200
        );
        let user = person(&world, netid).await;
        assert_eq!((user.user.role, user.source), (role, desk::Source::BuiltIn), "{netid}");
        world
            .desk
            .log_in(netid, &secret(&format!("{netid}-netid-password")), &origin())
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_proxy_says_nothing_of_any_more_is_nobody() {
    let world = behind_proxy().await;
    let browser = Browser::sign_in(&world, "zed", "staff;desk-admins").await;
    let admin = |request: Request| request.header("cookie", &browser.cookie);
    let users = || Request::get("/admin/users").page();
    assert_eq!(browser.page(&world, "/admin/users", "zed", "staff;desk-admins").await.status, 200);
    for request in [
        admin(users()),
        admin(users()).header("remote-user", ""),
        admin(users()).header("x-groups", "staff;desk-admins"),
    ] {
        assert_eq!(world.send(request).await.status, 303, "led to the log-in");
    }
    let find = admin(Request::form("/fn/find_users", &[("query", "sam")]));
    assert_eq!(world.send(find).await.status, 401);
    // An account of the desk's own has logged in by itself.
    let ada = world.log_in("ada").await;
    assert_eq!(world.send(users().cookie(&ada)).await.status, 200);
    assert_eq!(browser.page(&world, "/admin/users", "zed", "staff;desk-admins").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_proxy_has_begun_goes_on_by_the_proxy_alone() {
    // An identity system brings people too, whose groups the proxy says.
    let world =
        behind_proxy_with(|keys| keys.scim.token = Some(HiddenText::new(SCIM.to_owned()))).await;
    let pushed = r#"{"userName": "piet", "displayName": "Piet"}"#.to_owned().into_bytes();
    let push = Request::new("POST", "/scim/v2/Users")
        .header("authorization", &format!("Bearer {SCIM}"))
        .header("content-type", "application/scim+json");
    assert_eq!(world.send(push.body(pushed)).await.status, 201);
    for (netid, source) in [("zed", desk::Source::Proxy), ("piet", desk::Source::Scim)] {
        let browser = Browser::sign_in(&world, netid, "staff;desk-admins").await;
        assert_eq!(person(&world, netid).await.source, source);
        let elsewhere = async |request: Request| {
            request.header("cookie", &browser.cookie).send_from(ELSEWHERE, world.address).await
        };
        for path in ["/admin/users", "/settings/about-me", "/admin/audit.csv"] {
            for named in [false, true] {
                let page = Request::get(path).page();
                let page = if named {
                    page.header("remote-user", netid).header("x-groups", "staff;desk-admins")
                } else {
                    page
                };
                let answer = elsewhere(page).await;
                assert_eq!(answer.status, 303, "{netid} {path}: led to the log-in");
                assert!(answer.header("location").unwrap().starts_with("/login?next=/"));
            }
        }
        assert_eq!(elsewhere(Request::get("/admin/audit.jsonl")).await.status, 401);
        for function in [
            Request::form("/fn/own_tokens", &[]),
            Request::form("/fn/find_users", &[("query", "sam")]),
        ] {
            let answer = elsewhere(function).await;
            assert_eq!((answer.status, answer.refusal()), (401, desk::Refusal::SessionEnded));
        }
        let events = elsewhere(Request::get("/live")).await.text();
        assert!(events.contains("event: ended"), "{netid}: {events}");
        let answer = browser.page(&world, "/admin/users", netid, "staff;desk-admins").await;
        assert_eq!(answer.status, 200, "it waits for the proxy");
    }
    // An account of the desk's own has logged in by itself, from wherever.
    let ada = Request::get("/admin/users").page().cookie(&world.log_in("ada").await);
    assert_eq!(ada.send_from(ELSEWHERE, world.address).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_browsers_that_differ_each_has_its_own_rights_and_the_audit_does_not_fill() {
    let world = behind_proxy().await;
    let lower = Browser::sign_in(&world, "nora", "staff").await;
    let higher = Browser::sign_in(&world, "nora", "staff;help-desk").await;
    let find = || Request::form("/fn/find_users", &[("query", "sam")]);
    let written = async || actions(&world, "nora").await.len();
    let before = written().await;
    for round in 0..20 {
        let answer = lower.send(&world, find(), "nora", "staff").await;
        assert_eq!(answer.status, 403, "round {round}");
        let answer = higher.send(&world, find(), "nora", "staff;help-desk").await;
        assert_eq!(answer.status, 200, "round {round}: {}", answer.text());
    }
    // Refused and found alternately, each refusal is counted with its like.
    let of_proxy = |rows: &[String]| rows.iter().filter(|row| row.starts_with("(proxy)")).count();
    let rows = actions(&world, "nora").await;
    assert!(of_proxy(&rows) < 12 && rows.len() - before < 12, "{rows:?}");
    let alone = "(proxy) user.role refused groups-alternate";
    assert_eq!(rows.iter().filter(|row| *row == alone).count(), 1, "{rows:?}");
    // What is taken is taken for good.
    assert_eq!(person(&world, "nora").await.user.role, Role::Staff);
    // A minute later what is given is given for good again, and how often it was not is told.
    world.clock.advance(60);
    let answer = higher.send(&world, find(), "nora", "staff;help-desk").await;
    assert_eq!((answer.status, person(&world, "nora").await.user.role), (200, Role::HelpDesk));
    for _ in 0..4 {
        lower.send(&world, find(), "nora", "staff").await;
        higher.send(&world, find(), "nora", "staff;help-desk").await;
    }
    let rows = actions(&world, "nora").await;
    assert!(
        rows.iter()
            .any(|row| row.starts_with(&format!("{alone}: ")) && row.ends_with("in a minute")),
        "{rows:?}"
    );
    assert_eq!(world.desk.console().verify_audit().await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_to_a_request_alone_takes_nothing_along_that_it_loses() {
    let world = behind_proxy().await;
    let browser = Browser::sign_in(&world, "nora", "staff").await;
    let page = async |groups: &str| {
        browser.page(&world, "/settings/about-me", "nora", groups).await.status
    };
    for _ in 0..4 {
        assert_eq!(page("staff;help-desk").await, 200);
        assert_eq!(page("staff").await, 200);
    }
    assert_eq!(person(&world, "nora").await.user.role, Role::Staff);
    // The right to tokens goes for good, though a role comes with it.
    let lost =
        browser.send(&world, Request::form("/fn/own_tokens", &[]), "nora", "help-desk").await;
    assert_eq!((lost.status, lost.refusal()), (401, desk::Refusal::SessionEnded));
    let user = person(&world, "nora").await.user;
    assert_eq!((user.role, user.privileged), (Role::Staff, false));
}
