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
    let mut found = imported(shown, tokens);
    for (at, token) in tokens.iter().enumerate() {
        let Some((handle, allowed)) =
            token.word().and_then(|word| ALLOWED.iter().find(|(handle, _)| *handle == word))
        else {
            continue;
        };
        // `.console(`, `.audit_stream(`, the same as `Desk::console`, and `source::Scim`.
        let asks = match at.checked_sub(1).map(|before| &tokens[before]) {
            Some(before) if matches!(*handle, "console" | "audit_stream") => {
                let is_of_the_desk = before.is_separator() && tokens[at - 2].is_word("Desk");
                is_of_the_desk
                    || before.is('.') && tokens.get(at + 1).is_some_and(|next| next.is('('))
            }
            Some(before) => before.is_separator() && at >= 2 && tokens[at - 2].is_word("source"),
            None => false,
        };
        if asks && !is_allowed(shown, allowed) {
            found.push((token.line, *handle));
        }
    }
    found
}

/// Handles that come by `source::{…}`; and `source` itself, where all of it comes, or comes by
/// another name, so that what is asked for is not seen.
fn imported(shown: &str, tokens: &[Token]) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| token.is_word("source")) {
        let after = |ahead: usize| tokens.get(at + ahead);
        let is_within = after(1).is_some_and(Token::is_separator);
        let is_all = is_within && after(2).is_some_and(|next| next.is('*'));
        let is_renamed = after(1).is_some_and(|next| next.is_word("as"))
            && at > 0
            && (tokens[at - 1].is_separator() || tokens[at - 1].is('{') || tokens[at - 1].is(','))
            && tokens[..at].iter().rev().take_while(|it| !it.is(';')).any(|it| it.is_word("desk"));
        if is_all || is_renamed {
            found.push((tokens[at].line, "source"));
        }
        if is_within && after(2).is_some_and(|next| next.is('{')) {
            let braces = tokens[at + 3..].iter().take_while(|it| !it.is('}'));
            found.extend(braces.filter_map(|it| {
                let (handle, allowed) = ALLOWED.iter().find(|(handle, _)| it.is_word(handle))?;
                (!is_allowed(shown, allowed)).then_some((it.line, *handle))
            }));
        }
    }
    found
}

fn is_allowed(shown: &str, allowed: &[&str]) -> bool {
    allowed.iter().any(|place| shown.starts_with(place))
}
