//! `/calendar/SECRET.ics`: who has the address reads when tokens end, and whoever has not learns
//! nothing.

use desk::Expires;

use crate::support::{Request, World, origin, world, world_with};

/// The address of tia's calendar, anew.
async fn address(world: &World) -> String {
    let visitor = world.desk.visitor(&world.log_in("tia").await, &origin()).await.unwrap();
    let secret = world.desk.new_calendar_address(&visitor, &origin()).await.unwrap();
    format!("/calendar/{}.ics", secret.expose())
}

fn unknown(number: usize) -> String {
    format!("/calendar/{number:064x}.ics")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_the_key() {
    let world = world().await;
    let at = world.desk.now().plus_days(30);
    world.token_with("tia", "Ticket sync", |new| new.expires = Expires::At(at)).await;
    world.token_with("tia", "for ever", |new| new.expires = Expires::Never).await;
    world.token_with("helen", "another's", |new| new.expires = Expires::At(at)).await;
    let address = address(&world).await;
    let answer = world.send(Request::get(&address)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type").as_deref(), Some("text/calendar; charset=utf-8"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    let text = answer.text().replace("\r\n ", "");
    assert!(text.contains("SUMMARY:Auth token “Ticket sync” ends\r\n"), "{text}");
    assert!(!text.contains("for ever") && !text.contains("another"), "{text}");
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
    assert_eq!(world.send(Request::new("HEAD", &address)).await.status, 200);
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(world.send(Request::new(method, &address)).await.status, 405, "{method}");
    }
    for other in [
        address.trim_end_matches(".ics").to_owned(),
        unknown(1),
        "/calendar/.ics".to_owned(),
        "/calendar/x.ics".to_owned(),
    ] {
        let answer = world.send(Request::get(&other)).await;
        assert_eq!(answer.status, 404, "{other}");
        let kind = answer.header("content-type");
        assert_eq!(kind.as_deref(), Some("application/problem+json"), "{other}");
    }
    // Another address takes the place of the one before.
    let newer = self::address(&world).await;
    assert_eq!(world.send(Request::get(&address)).await.status, 404);
    assert_eq!(world.send(Request::get(&newer)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_leads_to_the_desk_as_it_is_configured() {
    let public = "http://127.0.0.1:3000/latchkey".to_owned();
    let world = world_with(|keys| keys.server.public_url = Some(public)).await;
    let at = world.desk.now().plus_days(30);
    world.token_with("tia", "Ticket sync", |new| new.expires = Expires::At(at)).await;
    let address = address(&world).await;
    let answer = world.send(Request::get(&format!("/latchkey{address}"))).await;
    let text = answer.text().replace("\r\n ", "");
    let line = "\r\nURL:http://127.0.0.1:3000/latchkey/settings/auth-tokens\r\n";
    assert!(text.contains(line), "{}: {text}", answer.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_has_to_wait_and_whoever_knows_guesses_nothing() {
    let world = world().await;
    let address = address(&world).await;
    // What is known is not counted.
    for _ in 0..40 {
        assert_eq!(world.send(Request::get(&address)).await.status, 200);
    }
    let mut statuses = Vec::new();
    for number in 0..31 {
        statuses.push(world.send(Request::get(&unknown(number))).await.status);
    }
    assert_eq!(statuses[..30], [404; 30]);
    let answer = world.send(Request::get(&unknown(99))).await;
    assert_eq!(answer.status, 429, "{statuses:?}");
    assert!(answer.header("retry-after").is_some());
}
