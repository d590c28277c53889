//! Who makes a router: the table of routes alone, so that no route exists that is not in its list.

use crate::tokens::Token;

/// The one file that may.
pub(crate) const TABLE: &str = "server/src/web/routes.rs";

/// What gives a router routes that are not the table's.
const METHODS: [&str; 6] = [
    "route",
    "route_service",
    "nest_service",
    "fallback_service",
    "leptos_routes",
    "leptos_routes_with_handler",
];

/// The lines of a file that make a router, or give one a route.
pub(crate) fn makers(tokens: &[Token]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Some(word) = token.word() else { continue };
        let after = tokens.get(at + 1);
        let is_called_on =
            at > 0 && tokens[at - 1].is('.') && after.is_some_and(|next| next.is('('));
        let is_within_axum =
            at > 1 && tokens[at - 1].is_separator() && tokens[at - 2].is_word("axum");
        if (METHODS.contains(&word) && is_called_on)
            || (word == "Router" && after.is_some_and(|it| it.is_separator() || it.is_word("as")))
            || (word == "MethodRouter")
            || (word == "routing" && (is_within_axum || after.is_some_and(Token::is_separator)))
        {
            found.push((token.line, word.to_owned()));
        }
    }
    found
}
