//! Anybody reports what they have found: what is a token works no more, and nobody learns whether
//! it was one.

use desk::PlainToken;

use crate::support::{Request, World, world, world_with};

/// From addresses behind a trusted proxy.
async fn proxied() -> World {
    world_with(|keys| keys.proxy.trusted = vec!["127.0.0.1/32".to_owned()]).await
}

fn sent(kind: &str, body: String) -> Request {
    Request::new("POST", "/leaks").header("content-type", kind).body(body.into_bytes())
}

fn as_json(strings: &[&str]) -> Request {
    sent("application/json", serde_json::json!({ "tokens": strings }).to_string())
}

async fn works(world: &World, token: &PlainToken) -> bool {
    world.send(Request::get("/auth/verify").token(token)).await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_a_token_works_no_more_however_it_is_sent_and_the_answer_is_the_same() {
    let world = world().await;
    let nothing = world.send(as_json(&["nothing"])).await;
    assert_eq!(nothing.status, 202);
    let stranger = PlainToken::random();
    let mut answers = Vec::new();
    let ways: [fn(&str) -> Request; 3] = [
        |token| as_json(&["latchkey_nonsense", token]),
        |token| sent("text/plain", format!("some text\n  {token} \n")),
        |token| Request::form("/leaks", &[("tokens", token)]),
    ];
    for way in ways {
        let (token, _) = world.token("tia", "Ticket sync").await;
        assert!(works(&world, &token).await);
        answers.push(world.send(way(token.expose())).await);
        assert!(!works(&world, &token).await);
        let (action, outcome, detail) = world.last_audit("tia").await;
        assert_eq!((action.as_str(), outcome.as_str()), ("token.leaked", "done"));
        assert!(detail.contains(" Ticket sync: reported by somebody who found it; last used "));
        assert!(!detail.contains(token.expose()));
        answers.push(world.send(way(token.expose())).await);
        answers.push(world.send(way(stranger.expose())).await);
    }
    assert!(answers.iter().all(|answer| answer.looks() == nothing.looks()), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_a_page() {
    let world = world().await;
    let (token, _) = world.token("tia", "in a chat").await;
    let form = |text: &str| Request::plain_form("/leaks", &[("tokens", text)]);
    let received = world.send(form(token.expose())).await;
    assert_eq!(received.status, 202);
    assert!(received.text().contains("<h1>Received</h1>"), "{}", received.text());
    assert!(received.text().contains("You need do nothing more."), "{}", received.text());
    let nothing = world.send(form("nothing")).await;
    assert_eq!(nothing.text(), received.text(), "whatever was found");
    assert!(!works(&world, &token).await);
    let many = world.send(form(&"x\n".repeat(1001))).await;
    assert_eq!(many.status, 413);
    let text = many.text();
    assert!(text.contains("<h1>Not received</h1>") && text.contains("at most 1000"), "{text}");
    let help = world.send(Request::get("/help").page()).await.text();
    assert!(help.contains("method=\"post\" action=\"/leaks\""), "the form is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_led_to_the_form_and_a_program_told_the_method() {
    let world = world().await;
    let led = world.send(Request::get("/leaks").page()).await;
    let to = led.header("location");
    assert_eq!((led.status, to.as_deref()), (303, Some("/help#leaked-token")));
    let help = world.send(Request::get("/help").page()).await.text();
    assert!(help.contains("<section id=\"leaked-token\""), "the form is there");
    let program = world.send(Request::get("/leaks")).await;
    assert_eq!((program.status, program.header("allow").as_deref()), (405, Some("POST")));
    assert_eq!(program.header("content-type").as_deref(), Some("application/problem+json"));
    // Nothing but a look is led on.
    assert_eq!(world.send(Request::new("PUT", "/leaks").page()).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_no_report() {
    let world = world().await;
    for (kind, body) in [
        ("application/json", "[]"),
        ("application/json", "{}"),
        ("application/json", "{\"tokens\":[1]}"),
        ("application/xml", "<tokens/>"),
    ] {
        let answer = world.send(sent(kind, body.to_owned())).await;
        assert_eq!(answer.status, 400, "{kind}: {body}");
        assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"));
    }
    let answer = world.send(Request::get("/leaks")).await;
    assert_eq!((answer.status, answer.header("allow").as_deref()), (405, Some("POST")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_a_thousand_strings_and_an_address_sixty_reports_an_hour() {
    let world = proxied().await;
    let from = |address: &str, many: usize| {
        sent("text/plain", "x\n".repeat(many)).header("x-forwarded-for", address)
    };
    assert_eq!(world.send(from("203.0.113.5", 1001)).await.status, 413);
    for n in 1..60 {
        assert_eq!(world.send(from("203.0.113.5", 1000)).await.status, 202, "{n}");
    }
    let held_up = world.send(from("203.0.113.5", 1)).await;
    assert_eq!(held_up.status, 429);
    let seconds: u32 = held_up.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3600).contains(&seconds), "{seconds}");
    assert_eq!(world.send(from("203.0.113.6", 1)).await.status, 202, "another address");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_sites_page_sends_is_refused_and_takes_nothing_from_the_address() {
    let world = world().await;
    for site in ["cross-site", "same-site"] {
        for _ in 0..40 {
            let request = as_json(&["x"]).header("sec-fetch-site", site);
            assert_eq!(world.send(request).await.status, 403, "{site}");
        }
    }
    assert_eq!(world.send(as_json(&["x"])).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_invented_strings_takes_nothing_from_verify() {
    let world = proxied().await;
    let (token, _) = world.token("tia", "good").await;
    let from = |request: Request| request.header("x-forwarded-for", "203.0.113.5");
    let verify = |token: &PlainToken| from(Request::get("/auth/verify").token(token));
    for _ in 0..3 {
        let invented: Vec<PlainToken> = (0..1000).map(|_| PlainToken::random()).collect();
        let strings: Vec<&str> = invented.iter().map(PlainToken::expose).collect();
        assert_eq!(world.send(from(as_json(&strings))).await.status, 202);
    }
    // As many strangers as verify looks up of one address in a minute, none of them spent.
    for n in 0..50 {
        assert_eq!(world.send(verify(&PlainToken::random())).await.status, 401, "{n}");
    }
    let good = verify(&token).header("x-original-method", "GET");
    assert_eq!(world.send(good).await.status, 200);
    // And what is a token is found among them.
    assert_eq!(world.send(from(as_json(&[token.expose()]))).await.status, 202);
    assert_eq!(world.send(verify(&token)).await.status, 401);
}
