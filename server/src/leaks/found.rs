//! What was found, as it is sent: GitHub's list of matches, and what anybody sends, as JSON, as
//! lines or as a form. Tests: here.

use data_encoding::HEXLOWER;
use desk::{LeakOutcome, LeakedString};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

/// One match of GitHub's. It holds what may be a token that works, and so nothing prints it.
#[derive(Deserialize)]
pub(crate) struct Found {
    token: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    url: Option<String>,
}

impl Found {
    /// As the desk takes it.
    pub(crate) fn leaked(&self) -> LeakedString<'_> {
        LeakedString { text: &self.token, place: self.url.as_deref().unwrap_or_default() }
    }
}

/// What GitHub is told of what it has found, each by its hash: whether it is, or was, a token of
/// this desk's. Of what was not looked up nothing is said.
pub(crate) fn labels(found: &[Found], outcomes: &[LeakOutcome]) -> Value {
    let label = |(found, outcome): (&Found, &LeakOutcome)| {
        let label = match outcome {
            LeakOutcome::Revoked | LeakOutcome::Over => "true_positive",
            LeakOutcome::Unknown => "false_positive",
            LeakOutcome::NotLookedUp => return None,
        };
        let hash = HEXLOWER.encode(digest(&SHA256, found.token.as_bytes()).as_ref());
        Some(json!({ "token_hash": hash, "token_type": found.kind, "label": label }))
    };
    found.iter().zip(outcomes).filter_map(label).collect()
}

#[derive(Deserialize)]
struct Sent {
    tokens: Vec<String>,
}

/// The strings that somebody sends; none: it cannot be read so. In a form several stand in one
/// field, one a line.
pub(crate) fn strings_in(headers: &HeaderMap, body: &[u8]) -> Option<Vec<String>> {
    let types = headers.get(CONTENT_TYPE).and_then(|types| types.to_str().ok()).unwrap_or_default();
    let essence = types.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let strings = match essence.as_str() {
        "application/json" => serde_json::from_slice::<Sent>(body).ok()?.tokens,
        "text/plain" => lines(std::str::from_utf8(body).ok()?),
        "application/x-www-form-urlencoded" => form_urlencoded::parse(body)
            .filter(|(name, _)| name == "tokens")
            .flat_map(|(_, value)| lines(&value))
            .collect(),
        _ => return None,
    };
    let strings = strings.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    Some(strings.map(str::to_owned).collect())
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(kind: &str, body: &str) -> Option<Vec<String>> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().expect("a value"));
        strings_in(&headers, body.as_bytes())
    }

    #[test]
    fn strings_are_read_in_each_way_of_sending_them() {
        let two = Some(vec!["one".to_owned(), "two".to_owned()]);
        for (kind, body) in [
            ("application/json", r#"{"tokens":[" one ","","two"]}"#),
            ("Application/JSON; charset=utf-8", r#"{"tokens":["one","two"],"more":1}"#),
            ("text/plain", "one\r\n\r\n  two\n"),
            ("text/plain; charset=utf-8", "one\ntwo"),
            ("application/x-www-form-urlencoded", "tokens=one%0D%0Atwo&other=three"),
            ("application/x-www-form-urlencoded", "tokens=one&tokens=+two"),
        ] {
            assert_eq!(sent(kind, body), two, "{kind}: {body}");
        }
        assert_eq!(sent("text/plain", "\n"), Some(Vec::new()));
        for (kind, body) in [
            ("application/json", "one"),
            ("application/json", r#"["one"]"#),
            ("application/json", r#"{"tokens":[1]}"#),
            ("application/json", r#"{"tokens":"one"}"#),
            ("multipart/form-data", "one"),
            ("", "one"),
        ] {
            assert_eq!(sent(kind, body), None, "{kind}: {body}");
        }
        assert_eq!(strings_in(&HeaderMap::new(), b"one"), None);
    }

    #[test]
    fn github_is_told_of_each_by_its_hash_and_nothing_of_what_was_not_looked_up() {
        let body = br#"[
            {"token":"one","type":"latchkey_token","url":"https://example.edu","source":"commit"},
            {"token":"two","type":"latchkey_token","url":null},
            {"token":"three","type":"latchkey_token"},
            {"token":"four"}
        ]"#;
        let found: Vec<Found> = serde_json::from_slice(body).expect("matches");
        assert_eq!(found[0].leaked().place, "https://example.edu");
        assert_eq!(found[1].leaked().place, "");
        let outcomes = [
            LeakOutcome::Revoked,
            LeakOutcome::Over,
            LeakOutcome::NotLookedUp,
            LeakOutcome::Unknown,
        ];
        // The hashes are as `printf one | sha256sum` has them.
        let expected = json!([
            {
                "token_hash": "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
                "token_type": "latchkey_token", "label": "true_positive",
            },
            {
                "token_hash": "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3",
                "token_type": "latchkey_token", "label": "true_positive",
            },
            {
                "token_hash": "04efaf080f5a3e74e1c29d1ca6a48569382cbbcd324e8d59d2b83ef21c039f00",
                "token_type": "", "label": "false_positive",
            },
        ]);
        assert_eq!(labels(&found, &outcomes), expected);
    }
}
