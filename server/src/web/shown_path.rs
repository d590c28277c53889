//! A request's path as the log shows it. A path is no place for a token, and some client will put
//! one there.

use std::borrow::Cow;

use desk::TOKEN_PREFIX;
use percent_encoding::percent_decode_str;

/// What stands for a segment that holds a token, or part of one.
const HIDDEN: &str = "(token)";

/// The path without any segment in which a token's or a client secret's prefix stands, however it
/// is written.
pub(super) fn shown_path(path: &str) -> Cow<'_, str> {
    let holds = |segment: &str| {
        let once = percent_decode_str(segment).decode_utf8_lossy();
        let twice = percent_decode_str(&once).decode_utf8_lossy().to_ascii_lowercase();
        twice.contains(TOKEN_PREFIX)
    };
    if !path.split('/').any(holds) {
        return Cow::Borrowed(path);
    }
    let segments: Vec<&str> =
        path.split('/').map(|segment| if holds(segment) { HIDDEN } else { segment }).collect();
    Cow::Owned(segments.join("/"))
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
    fn every_other_path_is_shown_as_it_is() {
        for path in [
            "/",
            "/settings/tokens",
            "/pkg/settings-0123.wasm",
            "/%E2%82%AC",
            "/%FF%",
            "/latchkey",
            "//x//",
        ] {
            assert_eq!(shown_path(path), path);
        }
    }
}
