//! When somebody proved who they are, as a provider says it: `auth_time` (OpenID Connect Core §2).
//! It is a number of seconds; some write milliseconds, or a date, which are read where it is clear
//! that they are that. Tests: below, and `server/tests/server/people/sign_on/odd.rs`.

use desk::Moment;
use serde_json::Value;

use super::OidcError;
use super::claims::{Claims, shown, whole};

/// Seconds since 1970 in the year 5138; and milliseconds in 1973.
pub(super) const NO_LONGER_SECONDS: i64 = 100_000_000_000;

/// When they proved it: not later than now, for the provider's clock may be ahead. What its clock
/// cannot have shown yet says nothing.
pub(super) fn proved_at(claims: &Claims, now_ms: i64) -> Option<Moment> {
    let seconds = seconds(claims.get("auth_time")?)?;
    let (at, now) = (Moment(seconds.saturating_mul(1000)), Moment(now_ms));
    at.can_have_been(now).then(|| at.min(now))
}

/// Why somebody of whom a fresh log-in was asked has none.
pub(super) fn not_fresh(claims: &Claims) -> OidcError {
    let why = match claims.get("auth_time") {
        None => "missing: let the provider send it in the ID token".to_owned(),
        Some(value) if seconds(value).is_none() => {
            format!("{}, {}: it must be a number of seconds", kind(value), shown(value))
        }
        Some(value) => format!("{}, which is none (do both clocks agree?)", shown(value)),
    };
    OidcError::Refused(format!("a fresh log-in was asked for, and the claim auth_time is {why}"))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// In seconds since 1970.
fn seconds(value: &Value) -> Option<i64> {
    let seconds = match value {
        Value::Number(number) => whole(number)?,
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| of_date(text))?
        }
        _ => return None,
    };
    Some(if seconds < NO_LONGER_SECONDS { seconds } else { seconds / 1000 })
}

/// Of `2026-11-24T09:05:01.234+01:00` (RFC 3339). Without a zone nobody knows when that was.
fn of_date(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let midnight = (Moment::end_of_day(date)?.0 + 1) / 1000 - 24 * 60 * 60;
    let (clock, ahead) = match rest.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, 0),
        None => {
            let (clock, zone) = rest.split_at(rest.rfind(['+', '-'])?);
            let (hours, minutes) = zone[1..].split_once(':')?;
            let ahead = two_digits(hours, 24)? * 3600 + two_digits(minutes, 60)? * 60;
            (clock, if zone.starts_with('-') { -ahead } else { ahead })
        }
    };
    // A fraction of a second is dropped.
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let (hours, rest) = clock.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let since_midnight = two_digits(hours, 24)? * 3600
        + two_digits(minutes, 60)? * 60
        // One may be added to the last minute of a day.
        + two_digits(seconds, 61)?;
    Some(midnight + since_midnight - ahead)
}

/// A number of two digits that is less than this.
fn two_digits(text: &str, limit: i64) -> Option<i64> {
    if text.len() != 2 || !text.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| *number < limit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn claims(auth_time: &Value) -> Claims {
        let Value::Object(map) = json!({ "auth_time": auth_time }) else { unreachable!() };
        Claims(map)
    }

    #[test]
    fn it_is_read_in_each_way_of_writing_that_is_clear() {
        for (value, seconds) in [
            (json!(NOW), Some(NOW)),
            (json!(1_700_000_000.75), Some(NOW)),
            (json!("1700000000"), Some(NOW)),
            (json!(NOW * 1000 + 750), Some(NOW)),
            (json!("1700000000750"), Some(NOW)),
            (json!("2023-11-14T22:13:20Z"), Some(NOW)),
            (json!(" 2023-11-14t22:13:20.750z "), Some(NOW)),
            (json!("2023-11-14 23:13:20+01:00"), Some(NOW)),
            (json!("2023-11-14T17:43:20.75-04:30"), Some(NOW)),
            (json!("2023-11-14T22:13:20"), None),
            (json!("2023-11-14"), None),
            (json!("2023-11-14T25:13:20Z"), None),
            (json!("2023-11-14T22:13Z"), None),
            (json!("2023-13-14T22:13:20Z"), None),
            (json!("2023-11-14T22:13:20+é"), None),
            (json!("now"), None),
            (json!([NOW]), None),
            (json!(true), None),
            (json!(null), None),
        ] {
            let expected = seconds.map(|at| Moment(at * 1000));
            assert_eq!(proved_at(&claims(&value), NOW * 1000 + 999), expected, "{value}");
        }
    }

    #[test]
    fn a_clock_that_is_ahead_proves_nothing_later_than_now() {
        for (at, proved) in
            [(NOW - 9, Some(NOW - 9)), (NOW + 60, Some(NOW)), (NOW + 3601, None), (i64::MAX, None)]
        {
            let expected = proved.map(|at| Moment(at * 1000));
            assert_eq!(proved_at(&claims(&json!(at)), NOW * 1000), expected, "{at}");
        }
    }

    #[test]
    fn the_log_says_what_there_was() {
        for (value, words) in [
            (json!(null), "is missing: let the provider send it"),
            (json!("yesterday"), "is a text, \"yesterday\": it must be a number of seconds"),
            (json!([1]), "is a list, [1]: it must be"),
            (json!(7), "is 7, which is none"),
        ] {
            let error = not_fresh(&claims(&value)).to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
