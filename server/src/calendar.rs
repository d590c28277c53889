//! `/calendar/SECRET.ics`: when somebody's tokens end, for the calendar that they look at. The
//! address is the key: whoever has it reads descriptions and days, and can do nothing. It is made
//! and ended under Settings → Notices. Tests: below, and `server/tests/server/calendar.rs`.

use axum::Extension;
use axum::extract::{Path, State};
use axum::middleware::map_response;
use axum::response::{IntoResponse as _, Response};
use desk::{CalendarEntry, Moment, plain_line};
use http::{HeaderValue, StatusCode, header};
use icalendar::{
    Alarm, Calendar, CalendarDateTime, Component as _, DatePerhapsTime, Event, EventLike as _,
    Property,
};
use url::Url;

use crate::web::{AppState, Caller, Kind, Routes, problem, problems_for_wrong_methods};

/// What the address ends with, by which calendars know what it is.
const ENDING: &str = ".ics";

/// How many days before a token ends calendars remind of it.
const DAYS_BEFORE: [i64; 2] = [7, 1];

/// The page where tokens are renewed.
const AUTH_TOKENS: &str = "/settings/auth-tokens";

/// How long an entry is, in seconds: it ends when the token does.
const LENGTH: i64 = 30 * 60;

/// The feed.
pub(crate) fn routes() -> Routes {
    Routes::of(Kind::Calendar)
        .get("/calendar/{file}", calendar)
        .then(|_, router| router.layer(map_response(problems_for_wrong_methods)))
}

async fn calendar(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(file): Path<String>,
) -> Response {
    // Counted before it is looked at, so that many at once are no way around it.
    if let Err(seconds) = state.unknown_calendars.take(caller.address) {
        let mut response =
            problem(StatusCode::TOO_MANY_REQUESTS, "Too many unknown addresses. Wait a moment.");
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return response;
    }
    let found = match file.strip_suffix(ENDING) {
        Some(secret) => state.desk.calendar(secret).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(entries)) => {
            state.unknown_calendars.give_back(caller.address);
            let head = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            let page = state.public_url.as_ref().map(page);
            (head, feed(&entries, page.as_deref(), state.desk.now())).into_response()
        }
        Ok(None) => problem(
            StatusCode::NOT_FOUND,
            "There is no such calendar. Make a new address under Settings → Notices.",
        ),
        Err(refusal) => {
            state.unknown_calendars.give_back(caller.address);
            let status = StatusCode::from_u16(refusal.status());
            problem(status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE), &refusal.to_string())
        }
    }
}

/// The address of the page where tokens are renewed.
fn page(public_url: &Url) -> String {
    format!("{}{}", public_url.as_str().trim_end_matches('/'), AUTH_TOKENS)
}

/// The calendar as text (RFC 5545), in which each entry leads to the page, where there is one.
fn feed(entries: &[CalendarEntry], page: Option<&str>, now: Moment) -> String {
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Latchkey//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    calendar.name("Latchkey: auth tokens");
    // Twice a day is often enough, for those calendars that look at it.
    calendar.append_property(Property::new("X-PUBLISHED-TTL", "PT12H"));
    for event in entries.iter().filter_map(|entry| event(entry, page, now)) {
        calendar.push(event);
    }
    calendar.to_string()
}

/// The end of a token as an entry; none: there is no such day.
fn event(entry: &CalendarEntry, page: Option<&str>, now: Moment) -> Option<Event> {
    let name = plain_line(&entry.description);
    let what = format!("Auth token “{name}” ends");
    let mut event = Event::new();
    event
        .uid(&format!("{}@latchkey", entry.id))
        .add_property("DTSTAMP", utc(now))
        .starts(time(entry.expires.plus_seconds(-LENGTH))?)
        .ends(time(entry.expires)?)
        .summary(&what)
        .description(
            "From then on what uses it is refused. Renew it before, under Settings → Auth Tokens.",
        )
        // A day with such an entry is as free as any other.
        .add_property("TRANSP", "TRANSPARENT");
    if let Some(page) = page {
        event.url(page);
    }
    for days in DAYS_BEFORE {
        let before = time(entry.expires.plus_days(-days))?;
        let mut alarm = Alarm::display(&what, before);
        // The same at each look, so that no calendar reminds twice.
        alarm.add_property("UID", format!("{}-{days}@latchkey", entry.id));
        alarm.add_property("DTSTAMP", utc(now));
        event.alarm(alarm.done());
    }
    Some(event.done())
}

/// A moment as calendars write it.
fn utc(at: Moment) -> String {
    at.rfc3339().replace(['-', ':'], "")
}

fn time(at: Moment) -> Option<CalendarDateTime> {
    match DatePerhapsTime::from_property(&Property::new("DTSTART", utc(at)))? {
        DatePerhapsTime::DateTime(time) => Some(time),
        DatePerhapsTime::Date(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_795_511_101_234);

    fn entry(description: &str) -> CalendarEntry {
        CalendarEntry {
            id: "0123456789abcdef".to_owned(),
            description: description.to_owned(),
            expires: NOW.plus_days(30),
        }
    }

    /// Without the ends of lines that are only folded.
    fn lines(entries: &[CalendarEntry]) -> Vec<String> {
        let text = feed(entries, None, NOW);
        assert!(text.split_inclusive('\n').all(|line| line.ends_with("\r\n")), "{text:?}");
        text.replace("\r\n ", "").lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_end_is_an_entry_with_reminders() {
        let lines = lines(&[entry("Ticket sync")]);
        let has =
            |line: &str| assert!(lines.iter().any(|found| found == line), "{line}: {lines:?}");
        has("BEGIN:VCALENDAR");
        has("UID:0123456789abcdef@latchkey");
        has("DTSTAMP:20261124T090501Z");
        has("DTSTART:20261224T083501Z");
        has("DTEND:20261224T090501Z");
        has("SUMMARY:Auth token “Ticket sync” ends");
        has("END:VCALENDAR");
        let alarms = lines.iter().filter(|line| *line == "BEGIN:VALARM").count();
        assert_eq!(alarms, DAYS_BEFORE.len());
        for at in ["20261217T090501Z", "20261223T090501Z"] {
            let is_its = |line: &String| line.starts_with("TRIGGER") && line.ends_with(at);
            assert!(lines.iter().any(is_its), "{at}: {lines:?}");
        }
        let again = feed(&[entry("x")], None, NOW);
        assert_eq!(feed(&[entry("x")], None, NOW), again, "the same at each look");
    }

    #[test]
    fn an_entry_leads_to_the_page_where_there_is_an_address() {
        assert!(!feed(&[entry("x")], None, NOW).contains("URL"));
        for public_url in ["https://latchkey.example.edu", "https://example.edu/latchkey/"] {
            let page = page(&public_url.parse().expect("an address"));
            assert_eq!(page, format!("{}/settings/auth-tokens", public_url.trim_end_matches('/')));
            let text = feed(&[entry("x"), entry("y")], Some(&page), NOW);
            let line = format!("\r\nURL:{page}\r\n");
            assert_eq!(text.matches(&line).count(), 2, "{text}");
        }
    }

    #[test]
    fn a_description_begins_no_line_of_its_own() {
        let lines = lines(&[entry("x\r\nATTENDEE:mailto:ada@example.edu\n;,\\y")]);
        assert!(!lines.iter().any(|line| line.starts_with("ATTENDEE")), "{lines:?}");
        let summary = "SUMMARY:Auth token “x ATTENDEE:mailto:ada@example.edu \\;\\,\\\\y” ends";
        assert!(lines.iter().any(|line| line == summary), "{lines:?}");
    }

    #[test]
    fn without_tokens_that_end_it_is_an_empty_calendar() {
        let lines = lines(&[]);
        assert!(!lines.iter().any(|line| line == "BEGIN:VEVENT"), "{lines:?}");
        assert!(lines.iter().any(|line| line == "VERSION:2.0"), "{lines:?}");
    }
}
