//! Log-ins from one address: how many, whoever they are for, and that failures look the same.

use desk::Refusal;

use crate::support::{Request, world_with};

fn log_in(netid: &str) -> Request {
    Request::form("/fn/log_in", &[("netid", netid), ("password", "wrong"), ("next", "")])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_guesses_on_many_accounts_is_slowed_down() {
    let world = world_with(|keys| keys.limits.log_ins_per_minute = 3).await;
    for netid in ["a", "b", "c"] {
        assert_eq!(world.send(log_in(netid)).await.status, 401);
    }
    let answer = world.send(log_in("d")).await;
    assert_eq!(answer.status, 429);
    let Refusal::TooManyAttempts { seconds } = answer.refusal() else {
        panic!("{:?}", answer.refusal())
    };
    assert!((1..=21).contains(&seconds), "{seconds}");
    assert_eq!(answer.header("retry-after"), Some(seconds.to_string()));
    let page = world.send(log_in("e").page()).await;
    assert_eq!(page.status, 429);
    assert!(page.text().contains("Too many attempts. Try again in"), "{}", page.text());
    assert_eq!(
        world.send(Request::get("/login").page()).await.status,
        200,
        "only logging in is limited"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_behind_a_trusted_proxy_have_an_allowance_each() {
    let world = world_with(|keys| {
        keys.limits.log_ins_per_minute = 1;
        keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()];
    })
    .await;
    for (client, status) in [
        ("192.0.2.1", 401),
        ("192.0.2.1", 429),
        ("192.0.2.2", 401),
        ("2001:db8::1", 401),
        ("2001:db8::2", 429),
    ] {
        assert_eq!(
            world.send(log_in("a").header("x-forwarded-for", client)).await.status,
            status,
            "{client}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_log_ins_look_the_same_whoever_it_is() {
    let world = world_with(|_| {}).await;
    let answers = [log_in("tia"), log_in("nobody"), log_in("dave"), log_in("not a netid")];
    let first = world.send(answers[0].clone()).await;
    assert_eq!((first.status, first.refusal()), (401, Refusal::LoginIncorrect));
    for answer in answers {
        assert_eq!(world.send(answer).await.looks(), first.looks());
    }
    let dave = Request::form(
        "/fn/log_in",
        &[("netid", "dave"), ("password", "dave-netid-password"), ("next", "")],
    );
    assert_eq!(world.send(dave).await.looks(), first.looks(), "disabled, with the right password");
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &crate::support::Answer) -> String {
    let lines = answer.headers("set-cookie");
    lines.iter().filter_map(|line| line.split(';').next()).collect::<Vec<_>>().join("; ")
}

fn right(netid: &str) -> Request {
    let password = format!("{netid}-netid-password");
    Request::form("/fn/log_in", &[("netid", netid), ("password", &password), ("next", "")])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_has_logged_in_before_is_known_by_a_cookie_that_no_script_reads() {
    let world = world_with(|_| {}).await;
    let answer = world.send(right("tia")).await;
    let line = answer
        .headers("set-cookie")
        .into_iter()
        .find(|line| line.starts_with("latchkey-device="))
        .unwrap();
    for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=15552000"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("tia"), "{line}");
    // Strangers at the same address hold up whoever has none, and not that browser.
    for _ in 0..3 {
        assert_eq!(world.send(log_in("tia")).await.status, 401);
    }
    assert_eq!(world.send(right("tia")).await.status, 429);
    let device = line.split(';').next().unwrap();
    assert_eq!(world.send(right("tia").header("cookie", device)).await.status, 200);
    // So it does among many of that name that a neighbour has planted, which browsers send first.
    let planted = |n: usize| format!("latchkey-device={n:0106x}; ");
    let among = |many: usize| (0..many).map(planted).collect::<String>() + device;
    assert_eq!(world.send(right("tia").header("cookie", &among(15))).await.status, 200);
    assert_eq!(world.send(right("tia").header("cookie", &among(16))).await.status, 429);
    for other in [
        "latchkey-device=",
        "latchkey-device=x",
        &device[..device.len() - 1],
        &device.replace("latchkey-device=", "x="),
    ] {
        assert_eq!(world.send(right("tia").header("cookie", other)).await.status, 429, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_spend_no_known_browsers_allowance() {
    let world = world_with(|keys| keys.limits.log_ins_per_minute = 2).await;
    let known = cookies(&world.send(right("tia")).await);
    let nobody =
        Request::form("/fn/log_in", &[("netid", "nobody"), ("password", "wrong"), ("next", "")]);
    while world.send(nobody.clone()).await.status != 429 {}
    assert_eq!(world.send(right("tia")).await.status, 429);
    // As whom it has logged in before, and as nobody else; and no more often than anybody.
    assert_eq!(world.send(right("sam").header("cookie", &known)).await.status, 429);
    assert_eq!(world.send(right("tia").header("cookie", &known)).await.status, 200);
    let mut answered = 0;
    for _ in 0..20 {
        answered +=
            usize::from(world.send(right("tia").header("cookie", &known)).await.status == 200);
    }
    assert!(answered < 5, "{answered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_https_the_device_cookie_is_this_hosts_alone() {
    let world = world_with(|keys| {
        keys.server.public_url = Some("https://latchkey.example.edu".parse().unwrap());
    })
    .await;
    let answer = world.send(right("tia")).await;
    let lines = answer.headers("set-cookie");
    let line = lines
        .iter()
        .find(|line| line.starts_with("__Host-latchkey-device="))
        .unwrap_or_else(|| panic!("{lines:?}"));
    assert!(line.contains("; Secure"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_ends_the_session_that_the_browser_had() {
    let world = world_with(|_| {}).await;
    let before = cookies(&world.send(right("sam")).await);
    let request = Request::form("/fn/own_tokens", &[]).header("cookie", &before);
    assert_eq!(world.send(request.clone()).await.status, 200);
    let refused = log_in("tia").header("cookie", &before);
    assert_eq!(world.send(refused).await.status, 401);
    assert_eq!(
        world.send(request.clone()).await.status,
        200,
        "a log-in that is refused ends nothing"
    );
    assert_eq!(world.send(right("tia").header("cookie", &before)).await.status, 200);
    assert_eq!(world.send(request).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn logged_out_everywhere_this_browser_alone_stays_known() {
    let world = world_with(|_| {}).await;
    let thief = cookies(&world.send(right("tia")).await);
    let context = cookies(&world.send(right("tia")).await);
    let ended =
        world.send(Request::form("/fn/end_other_sessions", &[]).header("cookie", &context)).await;
    assert_eq!(ended.status, 200);
    let still = cookies(&ended);
    for _ in 0..3 {
        assert_eq!(world.send(log_in("tia")).await.status, 401);
    }
    for (cookies, status) in [(&thief, 429), (&context, 429), (&still, 200)] {
        assert_eq!(world.send(right("tia").header("cookie", cookies)).await.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_networks_of_a_wide_one_share_an_allowance() {
    let world = world_with(|keys| {
        keys.limits.log_ins_per_minute = 2;
        keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()];
    })
    .await;
    let mut answered = 0;
    for n in 0..60 {
        let answer = world
            .send(log_in("a").header("x-forwarded-for", &format!("2001:db8:1:{n:x}00::1")))
            .await;
        answered += usize::from(answer.status == 401);
    }
    // Sixteen times two; a minute gives some of it back.
    assert!((32..40).contains(&answered), "{answered}");
}
