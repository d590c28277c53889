//! What somebody gave, as a message quotes it: short, and safe to print to a terminal. Tests:
//! below.

/// The most characters of it.
const MAX_QUOTED: usize = 40;

/// Its beginning in quotes, with whatever nobody sees written as its code.
pub(crate) fn quoted(text: &str) -> String {
    format!("“{}”", shown(text))
}

/// The same without the quotes.
pub(crate) fn shown(text: &str) -> String {
    let text = text.trim();
    let is_unseen = |c: char| {
        let within = format!("x{c}x");
        desk::plain_line(&within) != within
    };
    let code = |c: char| if is_unseen(c) { c.escape_default().to_string() } else { c.to_string() };
    let shown: String = text.chars().take(MAX_QUOTED).map(code).collect();
    if text.chars().nth(MAX_QUOTED).is_some() { shown + "…" } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_short_and_steers_nothing() {
        assert_eq!(quoted(" Zoë Ångström "), "“Zoë Ångström”");
        assert_eq!(quoted("a\u{1b}[2Jb\tc\nd"), "“a\\u{1b}[2Jb\\tc\\nd”");
        assert_eq!(quoted("sam\u{200b}\u{202e}x\u{200d}"), "“sam\\u{200b}\\u{202e}x\\u{200d}”");
        assert_eq!(quoted(&"x".repeat(41)), format!("“{}…”", "x".repeat(40)));
        assert_eq!(quoted(&"x".repeat(40)), format!("“{}”", "x".repeat(40)));
    }
}
