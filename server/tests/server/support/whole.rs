//! Whole answers, compared with those in `server/tests/answers`: what a test does not ask for by
//! name changes nowhere unnoticed. What is another one each time is left out, and no secret is
//! kept. `INSTA_UPDATE=always` has them written anew.

use serde_json::Value;

use super::Answer;

/// What is said to every browser, whatever is asked; tests of their own compare it.
const OF_EVERY_ANSWER: [&str; 8] = [
    "connection",
    "content-length",
    "content-security-policy",
    "cross-origin-opener-policy",
    "date",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
];

/// Compares JSON with what is kept by this name.
#[track_caller]
pub(crate) fn assert_whole_json(name: &str, text: &str) {
    compare(name, &steady_json(text));
}

/// Compares JSON, one value a line.
#[track_caller]
pub(crate) fn assert_whole_lines(name: &str, text: &str) {
    let lines: Vec<String> = text.lines().map(steady_json).collect();
    compare(name, &lines.join("\n"));
}

impl Answer {
    /// Compares status, headers and body with what is kept by this name.
    #[track_caller]
    pub(crate) fn assert_whole(&self, name: &str) {
        let (status, mut headers, _) = self.looks();
        headers.retain(|(name, _)| !OF_EVERY_ANSWER.contains(&name.as_str()));
        headers.sort();
        let mut whole = format!("{status}\n");
        for (name, value) in headers {
            whole += &format!("{name}: {}\n", steady(&String::from_utf8_lossy(&value)));
        }
        let body = self.text();
        if !body.is_empty() {
            whole += &format!("\n{}", steady_json(&body));
        }
        compare(name, &whole);
    }
}

fn compare(name: &str, whole: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(std::env::current_dir().unwrap().join("tests/answers"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, whole));
}

fn steady_json(text: &str) -> String {
    let mut value: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    hide(&mut value);
    serde_json::to_string_pretty(&value).unwrap()
}

fn hide(value: &mut Value) {
    match value {
        Value::String(text) => *text = steady(text),
        // Seconds or milliseconds of these years.
        Value::Number(number) if number.as_u64().is_some_and(|number| number > 1_500_000_000) => {
            *value = "[moment]".into();
        }
        Value::Array(values) => values.iter_mut().for_each(hide),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), &value) {
                    ("client_secret" | "secret", Value::String(_)) => *value = "[secret]".into(),
                    _ => hide(value),
                }
            }
        }
        _ => {}
    }
}

/// Without moments, made ids and the port.
fn steady(text: &str) -> String {
    text.split('/').map(steady_part).collect::<Vec<_>>().join("/")
}

fn steady_part(part: &str) -> &str {
    let hex = |c: char| c.is_ascii_hexdigit() || c == '-';
    let digits = part.chars().filter(char::is_ascii_digit).count();
    if part.starts_with("127.0.0.1:") {
        "[desk]"
    } else if part.len() >= 20 && part.contains('T') && part.ends_with('Z') && digits >= 14 {
        "[moment]"
    } else if part.len() >= 8 && part.chars().all(hex) && digits > 0 {
        "[id]"
    } else {
        part
    }
}
