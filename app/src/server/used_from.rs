//! What a token's card says of the networks that it was used from, and what its owner answers to a
//! new one. Drawn on the server alone: browsers are told the HTML and load none of the words, and
//! its forms are posted without script. Tests: `server/tests/server/people/networks.rs`,
//! `end2end/tests/networks.spec.ts`.

use desk::{FormKey, Moment, NETWORKS_KEPT, NetId, TokenView, UsedNetwork};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::html::drawn;
use crate::pages::Page as _;
use crate::paths;
use crate::settings::auth_tokens::Tokens;
use crate::settings::auth_tokens::api::RecogniseNetwork;

/// In a list of more tokens than this each names fewer of its networks: a page that stays small
/// loads.
const MANY_TOKENS: usize = 20;
const FEW_NETWORKS: usize = 8;

/// How many new networks of a token are asked about at once. The others follow once these are
/// answered.
const NEW_AT_ONCE: usize = 5;

/// Fills in what each card says. `owner`: who looks, where the tokens are their own, and theirs to
/// answer for.
pub(crate) fn fill_in(tokens: &mut [TokenView], now: Moment, owner: Option<&NetId>) {
    let named = if tokens.len() > MANY_TOKENS { FEW_NETWORKS } else { NETWORKS_KEPT };
    for token in tokens.iter_mut().filter(|token| !token.networks_used.is_empty()) {
        token.used_from = drawn(|| card(token, now, owner, named));
    }
}

fn card(token: &TokenView, now: Moment, owner: Option<&NetId>, named: usize) -> AnyView {
    // Of one that works no more there is nothing to be done.
    let is_news = |used: &&UsedNetwork| token.is_live(now) && !used.answered;
    let all: Vec<&UsedNetwork> = token.networks_used.iter().filter(is_news).collect();
    let shown = all.iter().take(NEW_AT_ONCE);
    let news = shown.map(|used| new_network(token, used, owner)).collect_view();
    let more = all.len().saturating_sub(NEW_AT_ONCE);
    let more = match more {
        0 => None,
        1 => Some("Used from 1 more network for the first time.".to_owned()),
        more => Some(format!("Used from {more} more networks for the first time.")),
    };
    view! { {news} {more.map(|words| view! { <p class="muted">{words}</p> })} {used(token, named)} }
        .into_any()
}

/// That it was used from a network for the first time; for its owner with what to do.
fn new_network(token: &TokenView, used: &UsedNetwork, owner: Option<&NetId>) -> AnyView {
    let UsedNetwork { network, first, .. } = used;
    let words = format!("Used from {network} for the first time on {} UTC.", first.day());
    let Some(owner) = owner else {
        return view! {
            <div class="notice" data-kind="warn">
                <p>{words} " Its owner has not said whether it was them."</p>
            </div>
        }
        .into_any();
    };
    let id = token.id.to_string();
    let once = format!("{}-{:x}-{}", token.id.short(), first.0, joined(network));
    let words_id = format!("used-{once}");
    let action = format!("{}?from={}", RecogniseNetwork::PATH, paths::escape(Tokens::PATH));
    view! {
        <div class="notice bar" data-kind="warn">
            <p id=words_id.clone()>{words}</p>
            <div class="actions">
                <form method="post" action=action>
                    <input type="hidden" name="form" value=FormKey::text(owner.as_str(), &once) />
                    <input type="hidden" name="id" value=id.clone() />
                    <input type="hidden" name="network" value=network.clone() />
                    <button type="submit" aria-describedby=words_id.clone()>
                        "It was me"
                    </button>
                </form>
                <form method="get" action=Tokens::PATH>
                    <button
                        type="submit"
                        class="danger"
                        name="revoke"
                        value=id
                        aria-describedby=words_id
                    >
                        "Revoke"
                    </button>
                </form>
            </div>
        </div>
    }
    .into_any()
}

/// A network as a part of an id and of a form's key, which have no full stop.
fn joined(network: &str) -> String {
    network.replace(['.', ':', '/'], "-")
}

/// All of them, folded, the latest first.
fn used(token: &TokenView, named: usize) -> AnyView {
    let all = &token.networks_used;
    let summary = match all.len() {
        1 => "Used from 1 network".to_owned(),
        many => format!("Used from {many} networks"),
    };
    let line = |used: &UsedNetwork| {
        let words = format!("{}, last on {} UTC", used.network, used.last.day());
        view! { <li>{words}</li> }
    };
    let lines = all.iter().take(named).map(line).collect_view();
    let more = all.len().saturating_sub(named);
    let more = (more > 0).then(|| view! { <li>{format!("and {more} more")}</li> });
    view! {
        <details class="fold">
            <summary>{summary}</summary>
            <ul>{lines} {more}</ul>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use desk::{Access, TokenId};

    use super::*;

    fn used(network: &str, answered: bool) -> UsedNetwork {
        let (first, last) = (Moment(0), Moment(0).plus_days(8));
        UsedNetwork { network: network.to_owned(), first, last, answered }
    }

    fn html_of(networks: Vec<UsedNetwork>, owner: Option<&str>) -> String {
        let made = TokenView::made(TokenId::sample(), "x".to_owned(), Access::Full, Moment(0));
        let mut tokens = [TokenView { networks_used: networks, ..made }];
        let owner = owner.map(|netid| NetId::parse(netid).expect("a NetID"));
        fill_in(&mut tokens, Moment(0).plus_days(9), owner.as_ref());
        let [token] = tokens;
        token.used_from
    }

    #[test]
    fn of_a_token_that_nobody_used_nothing_is_said() {
        assert_eq!(html_of(Vec::new(), Some("tia")), "");
    }

    #[test]
    fn each_network_is_named_and_a_new_one_is_asked_about() {
        let html =
            html_of(vec![used("192.0.2.0/24", false), used("10.0.0.0/24", true)], Some("tia"));
        assert!(html.contains("Used from 2 networks"), "{html}");
        assert!(html.contains("10.0.0.0/24, last on 9 Jan 1970 UTC"), "{html}");
        let news = "Used from 192.0.2.0/24 for the first time on 1 Jan 1970 UTC.";
        assert!(html.contains(news) && html.contains("It was me"), "{html}");
        assert_eq!(html.matches("It was me").count(), 1, "{html}");
        let key = "value=\"tia.0000000000000000-0-192-0-2-0-24\"";
        assert!(html.contains(key), "the same form each time it is drawn: {html}");
    }

    #[test]
    fn whoever_looks_at_anothers_answers_nothing() {
        let html = html_of(vec![used("192.0.2.0/24", false)], None);
        assert!(html.contains("for the first time") && !html.contains("<form"), "{html}");
    }

    #[test]
    fn what_is_no_network_stays_text() {
        let html = html_of(vec![used("<b>\"", false)], Some("tia"));
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn so_many_are_asked_about_at_once() {
        let many = (0..9).map(|n| used(&format!("10.0.{n}.0/24"), false)).collect();
        let html = html_of(many, Some("tia"));
        assert_eq!(html.matches("It was me").count(), NEW_AT_ONCE);
        assert!(html.contains("Used from 4 more networks for the first time."), "{html}");
    }
}
