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
    let Refusal::TooManyAttempts { seconds } = answer.refusal() else { panic!("{:?}", answer.refusal()) };
    assert!((1..=21).contains(&seconds), "{seconds}");
    assert_eq!(answer.header("retry-after"), Some(seconds.to_string()));
    let page = world.send(log_in("e").page()).await;
    assert_eq!(page.status, 429);
    assert!(page.text().contains("Too many attempts. Try again in"), "{}", page.text());
    assert_eq!(world.send(Request::get("/login").page()).await.status, 200, "only logging in is limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_behind_a_trusted_proxy_have_an_allowance_each() {
    let world = world_with(|keys| {
        keys.limits.log_ins_per_minute = 1;
        keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()];
    })
    .await;
    for (client, status) in [("192.0.2.1", 401), ("192.0.2.1", 429), ("192.0.2.2", 401), ("2001:db8::1", 401), ("2001:db8::2", 429)] {
        assert_eq!(world.send(log_in("a").header("x-forwarded-for", client)).await.status, status, "{client}");
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
    let dave = Request::form("/fn/log_in", &[("netid", "dave"), ("password", "dave-netid-password"), ("next", "")]);
    assert_eq!(world.send(dave).await.looks(), first.looks(), "disabled, with the right password");
}
