//! Who asks a desk for a handle without a person behind it.

use crate::tokens::Token;

/// The handles, and the only folders or files that may ask for them.
const ALLOWED: &[(&str, &[&str])] = &[
    ("console", &["server/src/cli/"]),
    ("audit_stream", &["server/src/audit_stream/"]),
    ("Scim", &["server/src/scim/"]),
    ("Directory", &["server/src/directory/", "server/src/cli/directory.rs"]),
    ("OpenId", &["server/src/oidc_routes/"]),
];

/// The lines of a file that ask for a handle which is not theirs, and for which.
pub(crate) fn strangers(shown: &str, tokens: &[Token]) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Some((handle, allowed)) =
            token.word().and_then(|word| ALLOWED.iter().find(|(handle, _)| *handle == word))
        else {
            continue;
        };
        // `.console(`, `.audit_stream(`, and `source::Scim`.
        let asks = match at.checked_sub(1).map(|before| &tokens[before]) {
            Some(before) if matches!(*handle, "console" | "audit_stream") => {
                before.is('.') && tokens.get(at + 1).is_some_and(|next| next.is('('))
            }
            Some(before) => {
                before.is_separator() && at >= 2 && tokens[at - 2].word() == Some("source")
            }
            None => false,
        };
        if asks && !allowed.iter().any(|place| shown.starts_with(place)) {
            found.push((token.line, *handle));
        }
    }
    found
}
