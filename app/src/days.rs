//! A day is the person's own: once the page is alive, the browser says how its clock stands to UTC
//! at that moment. What is written before, and without script, is UTC's and says so. One form of a
//! date everywhere. Tests: `end2end/tests/days.spec.ts`.

use desk::Moment;

/// The moment to the minute: the person's own where the page is `awake`, else UTC's.
pub(crate) fn exact(at: Moment, awake: bool) -> String {
    if awake { local(at).clock() } else { at.exact() }
}

/// The day of a moment: the person's own where the page is `awake`, else UTC's, which it then says.
pub(crate) fn day_words(at: Moment, awake: bool) -> String {
    if awake { local(at).day() } else { format!("{} UTC", at.day()) }
}

/// The same as the value of a date field.
pub(crate) fn day_of(at: Moment, awake: bool) -> String {
    if awake { local(at).date() } else { at.date() }
}

/// As the browser's clock shows it, summer time and all.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "milliseconds of this age are exact, minutes are whole"
)]
pub(crate) fn local(at: Moment) -> Moment {
    let behind = js_sys::Date::new(&(at.0 as f64).into()).get_timezone_offset() as i64;
    at.on_a_clock_ahead_by(-behind)
}

/// The last millisecond of the day `YYYY-MM-DD` where the browser is, in milliseconds since 1970;
/// none where it is no date.
#[expect(
    clippy::cast_possible_truncation,
    reason = "whole milliseconds of any year of four digits fit"
)]
pub(crate) fn end_of_day(date: &str) -> Option<String> {
    // The next day's beginning, read as the browser's own, since there is no offset behind it
    // (ECMA-262 §21.4.1.32): where summer time ends at midnight, 23:59 comes twice.
    let next = js_sys::Date::parse(&format!("{date}T24:00"));
    (!next.is_nan()).then(|| (next as i64 - 1).to_string())
}
