//! What a token's card says where it ends with Request Tracker's strings, and what its owner does
//! about it. Drawn on the server alone, above what is said of networks: browsers load none of the
//! words. Tests: below, and `server/tests/server/people/old_strings.rs`.

use desk::{Desk, Moment, TokenView};
use leptos::prelude::*;

use super::html::drawn;

/// Whoever reads a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The token is theirs.
    Owner,
    /// Somebody who looks after others' tokens.
    Another,
}

/// Fills in what each card says whose token ends so: after what it says of networks was.
pub(crate) fn fill_in(tokens: &mut [TokenView], desk: &Desk, reader: Reader) {
    let now = desk.now();
    for token in tokens.iter_mut().filter(|token| desk.ends_with_strings(token)) {
        if let Some(words) = words(token, reader, now) {
            let html = drawn(|| view! { <p class="muted">{words}</p> }.into_any());
            token.used_from.insert_str(0, &html);
        }
    }
}

/// What a card says of a token that ends with its strings; none: of one that was revoked.
fn words(token: &TokenView, reader: Reader, now: Moment) -> Option<String> {
    let end = token.expires.filter(|_| token.revoked.is_none())?;
    let day = end.day();
    let (is_over, is_own) = (end <= now, reader == Reader::Owner);
    let end = if is_over { "Ended" } else { "Ends" };
    let todo = match (is_over, is_own) {
        (false, true) => " Renew makes a new one in its place.",
        (true, true) => " Create a new token in its place.",
        (false, false) => " Its owner can renew it until then.",
        (true, false) => "",
    };
    Some(format!("{end} on {day} UTC, with all strings from Request Tracker.{todo}"))
}

#[cfg(test)]
mod tests {
    use desk::{Access, Actor, Revoked, TokenId};

    use super::*;

    #[test]
    fn a_card_says_when_and_what_to_do() {
        let end = Moment::end_of_day("2027-06-30").expect("a day");
        let made = TokenView::made(TokenId::sample(), "x".to_owned(), Access::Full, Moment(0));
        let token = TokenView { from_rt: true, expires: Some(end), ..made };
        let (before, after) = (end.plus_seconds(-1), end);
        let shown = |reader: Reader, now: Moment| words(&token, reader, now).expect("it ends");
        let with = "on 30 Jun 2027 UTC, with all strings from Request Tracker.";
        for (reader, now, expected) in [
            (Reader::Owner, before, format!("Ends {with} Renew makes a new one in its place.")),
            (Reader::Owner, after, format!("Ended {with} Create a new token in its place.")),
            (Reader::Another, before, format!("Ends {with} Its owner can renew it until then.")),
            (Reader::Another, after, format!("Ended {with}")),
        ] {
            assert_eq!(shown(reader, now), expected);
        }
        let revoked = Some(Revoked { at: before, by: Actor::Console });
        let revoked = TokenView { revoked, ..token };
        assert_eq!(words(&revoked, Reader::Owner, before), None);
    }
}
