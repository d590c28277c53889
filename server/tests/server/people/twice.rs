//! Session cookies that come more than once: a neighbour at another path of the host, or at another
//! host of the domain, has set one of the same name. Whoever is logged in stays so, nobody is led
//! round and round, and nobody acts for whom a neighbour has logged in.

use desk::{Cookie, Refusal};

use crate::support::{Answer, Request, World, origin, world_as, world_with};

const AT: &str = "/latchkey";

async fn at_a_path() -> World {
    world_with(|keys| keys.server.public_url = Some(format!("http://127.0.0.1:3000{AT}/"))).await
}

/// The same, behind a proxy that says who is there.
async fn behind_proxy() -> World {
    world_with(|keys| {
        keys.server.public_url = Some(format!("http://127.0.0.1:3000{AT}/"));
        keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()];
        keys.proxy.user_header = Some("Remote-User".to_owned());
        keys.groups.privileged = vec!["*".to_owned()];
    })
    .await
}

fn pair(value: &str) -> String {
    format!("path-latchkey={value}")
}

fn of(cookie: &Cookie) -> String {
    pair(cookie.expose())
}

/// A request with these cookies: in one header, and each in its own.
fn carrying(request: &Request, cookies: &[String]) -> [Request; 2] {
    let each = cookies.iter().fold(request.clone(), |request, one| request.header("cookie", one));
    [request.clone().header("cookie", &cookies.join("; ")), each]
}

fn both_orders(one: &str, other: &str) -> [Vec<String>; 2] {
    [vec![one.to_owned(), other.to_owned()], vec![other.to_owned(), one.to_owned()]]
}

fn page() -> Request {
    Request::get("/latchkey/settings/about-me").page()
}

fn log_in(netid: &str) -> Request {
    let password = format!("{netid}-netid-password");
    Request::form("/latchkey/fn/log_in", &[("netid", netid), ("password", &password)])
}

/// The session that an answer begins.
fn new_session(answer: &Answer) -> String {
    let lines = answer.headers("set-cookie");
    let line = lines.iter().find(|line| line.starts_with("path-latchkey="));
    line.unwrap_or_else(|| panic!("{lines:?} {}", answer.text()))
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

fn is_to_log_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.header("location").unwrap().starts_with("/latchkey/login?next=")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_logged_in_stays_so_whatever_is_planted_beside() {
    let world = at_a_path().await;
    let own = of(&world.log_in("tia").await);
    let ended = world.log_in("sam").await;
    let visitor = world.desk.visitor(&ended, &origin()).await.unwrap();
    world.desk.log_out(&visitor, &origin()).await.unwrap();
    for planted in [pair("x"), pair(""), pair(&"0".repeat(64)), of(&ended), own.clone()] {
        for cookies in both_orders(&own, &planted) {
            for request in carrying(&page(), &cookies) {
                let answer = world.send(request).await;
                assert_eq!(answer.status, 200, "{planted}");
                assert!(answer.text().contains("Tia Token"), "{planted}");
            }
            let function = Request::form("/latchkey/fn/own_tokens", &[]);
            for request in carrying(&function, &cookies) {
                assert_eq!(world.send(request).await.status, 200, "{planted}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_sessions_neither_counts_and_the_next_log_in_ends_both() {
    let world = at_a_path().await;
    let (own, planted) = (world.log_in("tia").await, world.log_in("sam").await);
    for cookies in both_orders(&of(&own), &of(&planted)) {
        for request in carrying(&page(), &cookies) {
            assert!(is_to_log_in(&world.send(request).await), "nobody acts for the other");
        }
        for request in carrying(&Request::form("/latchkey/fn/own_tokens", &[]), &cookies) {
            assert_eq!(world.send(request).await.refusal(), Refusal::SessionEnded);
        }
        for request in carrying(&Request::get("/latchkey/login").page(), &cookies) {
            let text = world.send(request).await.text();
            assert!(text.contains("session cookie more than once"), "what to do: {text}");
        }
    }
    let [request, _] = carrying(&log_in("tia"), &[of(&planted), of(&own)]);
    let new = new_session(&world.send(request).await);
    for cookie in [&own, &planted] {
        assert!(world.desk.visitor(cookie, &origin()).await.is_err(), "it has ended");
    }
    // The planted one is still there; where tia's was, the new one is.
    for cookies in both_orders(&new, &of(&planted)) {
        for request in carrying(&page(), &cookies) {
            assert!(world.send(request).await.text().contains("Tia Token"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_leaves_nobody_logged_in() {
    let world = at_a_path().await;
    let (own, planted) = (world.log_in("tia").await, world.log_in("sam").await);
    let cookies = [of(&own), of(&planted)];
    let [request, _] = carrying(&Request::form("/latchkey/fn/log_out", &[]), &cookies);
    assert_eq!(world.send(request).await.status, 200);
    for request in carrying(&page(), &cookies) {
        assert!(is_to_log_in(&world.send(request).await));
    }
    for cookie in [&own, &planted] {
        assert!(world.desk.visitor(cookie, &origin()).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_proxy_names_arrives_and_is_not_led_round() {
    let world = behind_proxy().await;
    let asks = || page().header("remote-user", "nora");
    let own = new_session(&world.send(asks()).await);
    for planted in [pair(&"0".repeat(64)), of(&world.log_in("sam").await)] {
        let [mut browser, _] = both_orders(&own, &planted);
        let mut rounds = 0;
        loop {
            let [request, _] = carrying(&asks(), &browser);
            let answer = world.send(request).await;
            if answer.status == 200 {
                break;
            }
            browser[0] = new_session(&answer);
            rounds += 1;
            assert!(rounds < 3, "{planted}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_more_than_are_looked_at_the_log_in_page_says_what_to_do() {
    let world = behind_proxy().await;
    let own = new_session(&world.send(page().header("remote-user", "nora")).await);
    let planted: Vec<String> = (0..20).map(|n| pair(&format!("{n:064x}"))).collect();
    let few: Vec<String> = planted[..3].iter().cloned().chain([own.clone()]).collect();
    let many: Vec<String> = planted.into_iter().chain([own]).collect();
    for request in carrying(&page().header("remote-user", "nora"), &few) {
        assert_eq!(world.send(request).await.status, 200, "among four it is found");
    }
    for request in carrying(&page().header("remote-user", "nora"), &many) {
        let answer = world.send(request).await;
        assert!(is_to_log_in(&answer) && answer.headers("set-cookie").is_empty(), "{answer:?}");
    }
    let at_login = Request::get("/latchkey/login").page().header("remote-user", "nora");
    for request in carrying(&at_login, &many) {
        let answer = world.send(request).await;
        let text = answer.text();
        assert!(answer.status == 200 && text.contains("delete this site’s cookies"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_beside_buys_no_session_more_to_ask_for() {
    let world = world_as(
        |_| {},
        |configuration| configuration.sections.limits.requests_per_session_per_minute = 60,
    )
    .await;
    let guest = format!("latchkey={}", world.log_in("guest").await.expose());
    let mut refused = 0;
    loop {
        let beside = format!("latchkey={refused:064x}");
        let request = Request::form("/fn/find_users", &[("query", "a")])
            .header("cookie", &format!("{beside}; {guest}"));
        match world.send(request).await.status {
            403 => refused += 1,
            429 => break,
            other => panic!("{other}"),
        }
        assert!(refused < 30, "never held up");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_planted_spends_for_nobody_who_carries_it() {
    let world = world_as(
        |_| {},
        |configuration| configuration.sections.limits.requests_per_session_per_minute = 60,
    )
    .await;
    let (own, ended) = (world.log_in("tia").await, world.log_in("sam").await);
    let visitor = world.desk.visitor(&ended, &origin()).await.unwrap();
    world.desk.log_out(&visitor, &origin()).await.unwrap();
    let pair = |value: &str| format!("latchkey={value}");
    let function = || Request::form("/fn/own_tokens", &[]);
    for planted in [pair("planted"), pair(&"0".repeat(64)), pair(ended.expose())] {
        // Somebody elsewhere carries the same.
        for n in 0..100 {
            let answer = world.send(function().header("cookie", &planted)).await;
            assert_eq!(answer.status, 401, "{planted}, {n}");
        }
        let at_login = Request::get("/login").page().header("cookie", &planted);
        assert_eq!(world.send(at_login).await.status, 200, "{planted}: who is to log in");
        for cookies in both_orders(&pair(own.expose()), &planted) {
            for request in carrying(&Request::get("/settings/auth-tokens").page(), &cookies) {
                assert_eq!(world.send(request).await.status, 200, "{planted}");
            }
            for request in carrying(&function(), &cookies) {
                assert_eq!(world.send(request).await.status, 200, "{planted}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_known_whatever_is_planted_beside_its_mark() {
    let world = at_a_path().await;
    let answer = world.send(log_in("tia")).await;
    let lines = answer.headers("set-cookie");
    let mark = lines.iter().find(|line| line.starts_with("path-latchkey-device=")).unwrap();
    let mark = mark.split(';').next().unwrap().to_owned();
    let planted = format!("path-latchkey-device={}", "0".repeat(106));
    // Strangers' wrong ones hold up whoever is not known.
    let wrong = || Request::form("/latchkey/fn/log_in", &[("netid", "tia"), ("password", "x")]);
    let mut tries = 0;
    while world.send(wrong()).await.status != 429 {
        tries += 1;
        assert!(tries < 9, "nobody is held up");
    }
    let [held_up, _] = carrying(&log_in("tia"), std::slice::from_ref(&planted));
    assert_eq!(world.send(held_up).await.status, 429);
    for cookies in both_orders(&mark, &planted) {
        for request in carrying(&log_in("tia"), &cookies) {
            new_session(&world.send(request).await);
        }
    }
}
