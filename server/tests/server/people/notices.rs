//! **Notices** in a browser, with script or without: its forms are plain ones.

use desk::NoticeKind;

use crate::support::{Answer, Request, World, world, world_with};

const PAGE: &str = "/settings/notices";

async fn session(world: &World) -> String {
    format!("latchkey={}", world.log_in("tia").await.expose())
}

/// Posts one of its forms, as a browser does.
async fn post(world: &World, session: &str, function: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/fn/{function}?from={PAGE}");
    let answer = world.send(Request::plain_form(&path, fields).header("cookie", session)).await;
    assert_eq!(
        (answer.status, answer.header("location").as_deref()),
        (303, Some(PAGE)),
        "{}",
        answer.text()
    );
    answer
}

async fn page(world: &World, session: &str) -> String {
    let answer = world.send(Request::get(PAGE).page().header("cookie", session)).await;
    assert_eq!(answer.status, 200);
    answer.text()
}

/// The secret in the address that a page shows.
fn shown(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("/calendar/")?;
    rest.split_once(".ics").map(|(secret, _)| secret.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_is_not_ticked_is_a_mail_that_does_not_come() {
    let world = world().await;
    let session = session(&world).await;
    assert_eq!(page(&world, &session).await.matches(" checked>").count(), 4);
    let ticked = [("form", "1"), ("token_expires", "true")];
    post(&world, &session, "set_notices", &ticked).await;
    let shown = page(&world, &session).await;
    assert!(shown.contains("name=\"token_expires\" value=\"true\" autocomplete=\"off\" checked>"));
    assert_eq!(shown.matches(" checked>").count(), 1);
    let cookie = world.log_in("tia").await;
    let visitor = world.desk.visitor(&cookie, &crate::support::origin()).await.unwrap();
    let own = world.desk.notice_settings(&visitor).await.unwrap();
    let wanted = own.optional.into_iter().filter(|(_, is_wanted)| *is_wanted);
    assert_eq!(wanted.map(|(kind, _)| kind).collect::<Vec<_>>(), [NoticeKind::TokenExpires]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendars_address_is_shown_once_and_in_no_address_or_cookie() {
    let world = world().await;
    let session = session(&world).await;
    assert!(page(&world, &session).await.contains("Make a calendar address"));
    let made = post(&world, &session, "new_calendar", &[("form", "1")]).await;
    let first = shown(&page(&world, &session).await).expect("it is shown");
    assert!(!made.headers("set-cookie").iter().any(|line| line.contains(&first)));
    assert!(world.desk.calendar(&first).await.unwrap().is_some());
    let again = page(&world, &session).await;
    assert_eq!(shown(&again), None, "once");
    assert!(again.contains("Replace the address") && again.contains("End the address"));
    post(&world, &session, "new_calendar", &[("form", "2")]).await;
    let second = shown(&page(&world, &session).await).expect("it is shown");
    assert_eq!(world.desk.calendar(&first).await.unwrap(), None, "it was replaced");
    post(&world, &session, "end_calendar", &[("form", "3")]).await;
    assert_eq!(world.desk.calendar(&second).await.unwrap(), None, "it has ended");
    assert!(page(&world, &session).await.contains("Make a calendar address"));
}

#[tokio::test(flavor = "multi_thread")]
async fn help_tells_of_mails_the_calendar_and_the_header_for_programs() {
    let world = world().await;
    let help = world.send(Request::get("/help").page()).await.text();
    for shown in [
        "<a href=\"#notices\">Mails and your calendar</a>",
        "<section id=\"notices\"",
        "<strong>Make a calendar address</strong>",
        "<code>Latchkey-Token-Expires</code>",
    ] {
        assert!(help.contains(shown), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_at_the_desk_as_it_is_configured() {
    let public = "http://127.0.0.1:3000/latchkey".to_owned();
    let world = world_with(|keys| keys.server.public_url = Some(public)).await;
    let session = format!("path-{}", session(&world).await);
    let form = Request::form("/latchkey/fn/new_calendar", &[("form", "1")]);
    let answer = world.send(form.header("cookie", &session)).await;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(text.contains("http://127.0.0.1:3000/latchkey/calendar/"), "{}: {text}", answer.status);
}
