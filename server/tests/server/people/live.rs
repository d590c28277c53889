//! `GET /live`: what is told, to whom, and when a stream ends.

use std::time::Duration;

use crate::support::{Request, origin, world};

fn live(cookie: &desk::Cookie) -> Request {
    Request::get("/live").cookie(cookie)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_used_or_revoked_is_told() {
    let world = world().await;
    let mut stream = live(&world.log_in("tia").await).open(world.address).await;
    let mut notified = async |what: &str| {
        let within = tokio::time::timeout(Duration::from_secs(20), async {
            while stream.event().await.unwrap() != "tokens" {}
        });
        within.await.unwrap_or_else(|_| panic!("{what} was not told"));
    };
    let (token, view) = world.token("tia", "watched").await;
    notified("making").await;
    world.send(Request::get("/auth/verify").token(&token)).await;
    notified("using").await;
    world.revoke("tia", &view).await;
    notified("revoking").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_others_is_not_told() {
    let world = world().await;
    let mut rae = live(&world.log_in("rae").await).open(world.address).await;
    world.token("tia", "not rae's").await;
    world.token("rae", "rae's").await;
    // Whatever rae hears first is about rae: logging in again, and the token.
    let heard = rae.event().await.unwrap();
    assert!(heard == "account" || heard == "tokens", "{heard}");
    // Her own log-in is told some time after it: it must be over before she listens.
    let mut changes = world.desk.changes();
    let session = world.log_in("helen").await;
    while changes.recv().await.unwrap() != desk::Event::History("helen".to_owned()) {}
    let mut helen = live(&session).open(world.address).await;
    world.token("tia", "another").await;
    assert!(
        tokio::time::timeout(Duration::from_millis(700), helen.event()).await.is_err(),
        "nothing happened to helen"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_between_a_page_and_its_stream_is_told_as_it_opens() {
    let world = world().await;
    let cookie = world.log_in("tia").await;
    world.clock.advance(1);
    let made = world.desk.now().0;
    let mut changes = world.desk.changes();
    world.token("tia", "made meanwhile").await;
    let mut heard = Vec::new();
    let both = [desk::Event::Tokens("tia".to_owned()), desk::Event::History("tia".to_owned())];
    while !both.iter().all(|change| heard.contains(change)) {
        heard.push(changes.recv().await.unwrap());
    }
    let since = async |at: i64| {
        Request::get(&format!("/live?since={at}")).cookie(&cookie).open(world.address).await
    };
    let mut stream = since(made).await;
    assert_eq!(
        [stream.event().await.unwrap(), stream.event().await.unwrap()],
        ["tokens", "account"]
    );
    // Nothing is told to a page that was made afterwards, before something happens.
    world.clock.advance(1);
    let mut stream = since(world.desk.now().0).await;
    world.log_in("tia").await;
    assert_eq!(stream.event().await.as_deref(), Some("account"));
    // A page older than the desk's memory: anything may have changed.
    let mut stream = since(0).await;
    assert_eq!(
        [stream.event().await.unwrap(), stream.event().await.unwrap()],
        ["tokens", "account"]
    );
    assert_eq!(world.send(Request::get("/live?since=yesterday").cookie(&cookie)).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_is_news_to_everybody_but_whoever_looked() {
    let world = world().await;
    let mut changes = world.desk.changes();
    let (token, _) = world.token("tia", "watched").await;
    let (helen, ada) = (world.log_in("helen").await, world.log_in("ada").await);
    // All that was before has been told by then.
    let before = [desk::Event::Tokens("tia".to_owned()), desk::Event::History("ada".to_owned())];
    let mut heard = Vec::new();
    while !before.iter().all(|change| heard.contains(change)) {
        heard.push(changes.recv().await.unwrap());
    }
    world.clock.advance(1);
    let made = world.desk.now().0;
    let page = world.send(Request::get("/admin/users/tia").page().cookie(&helen)).await;
    assert_eq!(page.status, 200);
    let look = desk::Event::Look { of: "tia".to_owned(), by: "helen".to_owned() };
    while changes.recv().await.unwrap() != look {}
    let stream = async |cookie: &desk::Cookie| {
        let path = format!("/live?of=tia&since={made}");
        Request::get(&path).cookie(cookie).open(world.address).await
    };
    assert_eq!(stream(&ada).await.event().await.as_deref(), Some("account"), "another's page");
    // Her own shows it already: what she hears first is what comes next.
    let mut hers = stream(&helen).await;
    world.send(Request::get("/auth/verify").token(&token)).await;
    assert_eq!(hers.event().await.as_deref(), Some("tokens"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_see_a_person_may_watch_them() {
    let world = world().await;
    let mut stream =
        Request::get("/live?of=TIA").cookie(&world.log_in("helen").await).open(world.address).await;
    world.token("tia", "watched").await;
    while stream.event().await.unwrap() != "tokens" {}
    let refused = world.send(Request::get("/live?of=ada").cookie(&world.log_in("tia").await)).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_tokens_hears_of_the_account_alone() {
    let world = world().await;
    let mut changes = world.desk.changes();
    let mut stream =
        Request::get("/live?of=tia").cookie(&world.log_in("rae").await).open(world.address).await;
    // Making, using and revoking a token, and the log-ins and confirmations on the way to that.
    let (token, view) = world.token("tia", "not for rae's eyes").await;
    world.send(Request::get("/auth/verify").token(&token)).await;
    world.revoke("tia", &view).await;
    let made = world.desk.now().0;
    world.clock.advance(1);
    world.set_privileged("tia", false).await;
    while changes.recv().await.unwrap() != desk::Event::Account("tia".to_owned()) {}
    assert_eq!(
        stream.next_event_line().await.as_deref(),
        Some("event: account"),
        "nothing before, not even that something is kept back"
    );
    // Nor does a page that comes late hear of what is not its own.
    let late = |since: i64| Request::get(&format!("/live?of=tia&since={since}"));
    let mut stream = late(made).cookie(&world.log_in("rae").await).open(world.address).await;
    assert_eq!(stream.event().await.as_deref(), Some("account"));
    // Of what nobody remembers nothing but the account is told either.
    let mut stream = late(0).cookie(&world.log_in("rae").await).open(world.address).await;
    assert_eq!(stream.event().await.as_deref(), Some("account"));
    world.clock.advance(1);
    world.set_privileged("tia", true).await;
    assert_eq!(stream.event().await.as_deref(), Some("account"), "and no tokens in between");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_the_sight_of_tokens_hears_no_more_of_them() {
    let world = world().await;
    let mut changes = world.desk.changes();
    let mut stream =
        Request::get("/live?of=tia").cookie(&world.log_in("helen").await).open(world.address).await;
    let permit = world.desk.console().permit::<desk::right::SetRole>("helen").await.unwrap();
    let role = Some(desk::Changed { permit, from: desk::Role::HelpDesk, to: desk::Role::Rep });
    world.desk.change_account(&desk::AccountChange { role, ..Default::default() }).await.unwrap();
    world.token("tia", "made afterwards").await;
    while changes.recv().await.unwrap() != desk::Event::Tokens("tia".to_owned()) {}
    assert_eq!(
        stream.event().await.as_deref(),
        Some("account"),
        "the page is drawn anew, as a rep sees it"
    );
    world.set_privileged("tia", false).await;
    assert_eq!(stream.event().await.as_deref(), Some("account"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_it_has_ended() {
    let world = world().await;
    for request in [
        Request::get("/live"),
        Request::get("/live").header("cookie", &format!("latchkey={}", "0".repeat(64))),
    ] {
        let mut stream = request.open(world.address).await;
        assert_eq!(stream.event().await.as_deref(), Some("ended"));
        assert_eq!(stream.event().await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_closes_with_the_session_and_then_says_that_it_has_ended() {
    let world = world().await;
    let cookie = world.log_in("tia").await;
    let mut stream = live(&cookie).open(world.address).await;
    let visitor = world.desk.visitor(&cookie, &origin()).await.unwrap();
    world.desk.log_out(&visitor, &origin()).await.unwrap();
    assert_eq!(
        stream.event().await,
        None,
        "closed, so that the browser comes back with what cookie it has now"
    );
    assert_eq!(live(&cookie).open(world.address).await.event().await.as_deref(), Some("ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_hears_nothing_more() {
    let world = world().await;
    let mut stream = live(&world.log_in("tia").await).open(world.address).await;
    world.set_disabled("tia", true).await;
    assert_eq!(stream.event().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_does_not_keep_an_idle_session_going() {
    let world = world().await;
    let cookie = world.log_in("tia").await;
    world.clock.advance(20 * 60);
    let watching = live(&cookie).open(world.address).await;
    world.clock.advance(11 * 60);
    drop(watching);
    assert_eq!(live(&cookie).open(world.address).await.event().await.as_deref(), Some("ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_has_six_streams_and_its_oldest_ends_when_a_seventh_opens() {
    let world = world().await;
    let (cookie, other) = (world.log_in("tia").await, world.log_in("tia").await);
    let mut elsewhere = live(&other).open(world.address).await;
    let mut streams = Vec::new();
    for _ in 0..7 {
        streams.push(live(&cookie).open(world.address).await);
    }
    // What the log-ins changed may be told first; that the session has ended may not.
    let mut oldest = streams.remove(0);
    while let Some(event) = oldest.event().await {
        assert_eq!(event, "account", "it ends without a word for the page");
    }
    world.token("tia", "watched").await;
    for stream in streams.iter_mut().chain([&mut elsewhere]) {
        while stream.event().await.unwrap() != "tokens" {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_ends_its_streams() {
    let world = world().await;
    let mut stream = live(&world.log_in("tia").await).open(world.address).await;
    let ended = tokio::time::timeout(Duration::from_secs(20), world.stop()).await;
    assert!(ended.is_ok(), "an open page does not hold up the stop");
    while stream.event().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_in_words_of_the_desk() {
    let world = world().await;
    let cookie = world.log_in("tia").await;
    for query in ["since=abc", "since=1&since=2", "of=sam&of=rae", "since=99999999999999999999"] {
        let answer = world.send(Request::get(&format!("/live?{query}")).cookie(&cookie)).await;
        let (words, notified) = (desk::Refusal::Unreadable.to_string(), answer.json());
        assert_eq!((answer.status, notified["detail"].as_str()), (400, Some(words.as_str())));
    }
}
