//! A request's method and path as the log shows them. A path is no place for a token, and some
//! client will put one there; and how long it is, is anybody's to choose.

use std::borrow::Cow;

use desk::TOKEN_PREFIX;
use http::Method;
use percent_encoding::percent_decode_str;

/// What stands for a segment that holds a token, or part of one.
const HIDDEN: &str = "(token)";

/// Behind this segment stands what opens a person's calendar.
const CALENDAR: &str = "calendar";

/// What stands for it.
const HIDDEN_SECRET: &str = "(secret)";

/// So many hex digits in a row are half of what opens a calendar: such stand for something that is
/// nobody's business, wherever they stand.
const SECRET_DIGITS: usize = 32;

/// Where the end is cut off, so many may be the beginning of such.
const CUT_DIGITS: usize = 8;

/// So often is undone what was encoded, and encoded again.
const DECODINGS: usize = 4;

/// The most bytes of a path: more than any of Latchkey's own.
const LONGEST_PATH: usize = 256;

/// The most bytes of a method.
const LONGEST_METHOD: usize = 16;

/// The method's beginning.
pub(super) fn shown_method(method: &Method) -> Cow<'_, str> {
    shortened(Cow::Borrowed(method.as_str()), LONGEST_METHOD, true)
}

/// The path's beginning, without any segment in which a token's or a client secret's prefix stands,
/// or what opens a calendar, wherever it stands and however it is written; what nobody sees is
/// encoded, as paths have it.
pub(super) fn shown_path(path: &str) -> Cow<'_, str> {
    // Nothing behind it is shown: what is cut off needs no look.
    let beginning = &path[..path.floor_char_boundary(LONGEST_PATH)];
    let is_all = beginning.len() == path.len();
    shortened(encoded(hidden(beginning, is_all)), LONGEST_PATH, is_all)
}

fn shortened(text: Cow<'_, str>, longest: usize, is_all: bool) -> Cow<'_, str> {
    if text.len() <= longest && is_all {
        return text;
    }
    Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(longest)]))
}

fn encoded(path: Cow<'_, str>) -> Cow<'_, str> {
    if !path.contains(desk::is_invisible) {
        return path;
    }
    let mut shown = String::new();
    for c in path.chars() {
        if desk::is_invisible(c) {
            let bytes = c.encode_utf8(&mut [0; 4]).to_owned();
            bytes
                .bytes()
                .for_each(|byte| shown.push_str(percent_encoding::percent_encode_byte(byte)));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// In small letters, with nothing encoded.
fn plain(segment: &str) -> String {
    let mut text = segment.to_owned();
    for _ in 0..DECODINGS {
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    text.to_ascii_lowercase()
}

/// Whether so many hex digits stand there in a row.
fn has_digits(text: &str, many: usize) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() >= many)
}

fn hidden(path: &str, is_all: bool) -> Cow<'_, str> {
    let segments: Vec<&str> = path.split('/').collect();
    let cut = if is_all { None } else { segments.len().checked_sub(1) };
    let mut is_secret = false;
    let shown: Vec<&str> = segments
        .iter()
        .copied()
        .enumerate()
        .map(|(at, segment)| {
            let text = plain(segment);
            let follows = is_secret;
            // Of more slashes than one, too, it is the next that says something.
            is_secret = text == CALENDAR || (follows && segment.is_empty());
            let digits = if Some(at) == cut { CUT_DIGITS } else { SECRET_DIGITS };
            if text.contains(TOKEN_PREFIX) {
                HIDDEN
            } else if has_digits(&text, digits) || (follows && !segment.is_empty()) {
                HIDDEN_SECRET
            } else {
                segment
            }
        })
        .collect();
    if shown == segments { Cow::Borrowed(path) } else { Cow::Owned(shown.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_path_is_not_shown() {
        for segment in [
            "latchkey_sSALX",
            "latchkey%5FsSALX",
            "latchkey%255FsSALX",
            "LATCHKEY_sSALX",
            "token=latchkey_sSALX;v=1",
            "%6Catchkey_s",
        ] {
            assert_eq!(shown_path(&format!("/api/v1/{segment}/x")), "/api/v1/(token)/x");
        }
    }

    #[test]
    fn what_opens_a_calendar_is_not_shown() {
        for path in [
            "/calendar/sSALX.ics",
            "/Calendar/sSALX",
            "/%63alendar/sSALX.ics",
            "/calend%2561r/sSALX.ics",
            "/latchkey/calendar/sSALX.ics",
            "/calendar//sSALX.ics",
        ] {
            let shown = shown_path(path);
            assert!(!shown.contains("sSALX") && shown.ends_with("/(secret)"), "{path}: {shown}");
        }
        assert_eq!(shown_path("/calendar/latchkey_sSALX.ics"), "/calendar/(token)");
        assert_eq!(shown_path("/calendar"), "/calendar");
    }

    #[test]
    fn what_opens_a_calendar_is_not_shown_by_whatever_stands_before_it() {
        let secret = "5ec2e7a9".repeat(8);
        let encoded: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let again = encoded.replace('%', "%25");
        for secret in [&secret, &secret.to_uppercase(), &secret[..40].to_owned(), &encoded, &again]
        {
            for before in
                ["/calendar%2F", "/calendar%252F", "/calendar/x/", "/calendar;a/", "/calendar\\"]
                    .into_iter()
                    .chain(["/cal/", "/c%61lendar.ics/", "/", "/x-", "/x/y?", "/calendar%00/"])
            {
                let path = format!("{before}{secret}.ics");
                let shown = shown_path(&path);
                let has_some = shown.to_ascii_lowercase().contains("e7") || shown.contains("%65");
                assert!(!has_some, "{path}: {shown}");
            }
        }
        // Where the end is not shown, what stands there is not seen whole.
        for length in 180..256 {
            let path = format!("/{}/{secret}.ics", "x".repeat(length));
            let shown = shown_path(&path);
            assert!(!shown.contains("5ec2e7a95ec2e7a9"), "{shown}");
        }
    }

    #[test]
    fn every_other_path_is_shown_as_it_is() {
        for path in [
            "/",
            "/settings/tokens",
            "/pkg/settings-0123.wasm",
            "/pkg/settings-0123456789abcdef.wasm",
            "/%E2%82%AC",
            "/%FF%",
            "/latchkey",
            "//x//",
        ] {
            assert_eq!(shown_path(path), path);
        }
    }

    #[test]
    fn a_path_is_shown_as_far_as_its_beginning() {
        let long = format!("/{}", "x".repeat(60_000));
        assert_eq!(shown_path(&long), format!("/{}…", "x".repeat(255)));
        let just = format!("/{}", "x".repeat(255));
        assert_eq!(shown_path(&just), just);
        let token = format!("/{}/latchkey_sSALX", "x".repeat(200));
        assert_eq!(shown_path(&token), format!("/{}/(token)", "x".repeat(200)));
        let wide = format!("/{}", "€".repeat(1000));
        assert_eq!(shown_path(&wide), format!("/{}…", "€".repeat(85)));
        for n in 240..260 {
            let token = format!("/{}latchkey_SECRET", "a/".repeat(n / 2) + &"b".repeat(n % 2));
            assert!(!shown_path(&token).contains('S'), "{}", shown_path(&token));
        }
    }

    #[test]
    fn what_nobody_sees_is_encoded() {
        assert_eq!(shown_path("/x\u{202e}evil\u{9b}31m"), "/x%E2%80%AEevil%C2%9B31m");
        let all = format!("/{}", "\u{e0041}".repeat(1000));
        assert!(shown_path(&all).len() <= 256 + '…'.len_utf8());
    }

    #[test]
    fn a_method_is_short() {
        let method = |text: &str| Method::from_bytes(text.as_bytes()).expect("a method");
        assert_eq!(shown_method(&Method::OPTIONS), "OPTIONS");
        assert_eq!(shown_method(&method(&"A".repeat(60_000))), format!("{}…", "A".repeat(16)));
    }
}
