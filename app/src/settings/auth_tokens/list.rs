//! The state of the page: the list as last told, and what is open.

use std::collections::BTreeMap;
use std::time::Duration;

use desk::TokenView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api::{OwnTokens, Reveal, Tokens};
use crate::client::call;
use crate::layout::{PageContext, keep_focus};

/// News come in bursts (an application that works uses its token many times a second): after an
/// answer the list rests for so long, and what came meanwhile is asked for at once.
const REST: Duration = Duration::from_millis(250);

/// What is asked before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Revoke this one.
    Revoke(String),
    /// Revoke those that nobody uses.
    RevokeIdle,
    /// Revoke all.
    RevokeAll,
}

/// What the dialog makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Making {
    /// A new token.
    New,
    /// A new secret in the place of this one's.
    Renewal(String),
}

/// How the list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// As made, newest first.
    #[default]
    Newest,
    /// By the last use, latest first.
    Used,
    /// By the end, the next first.
    Expires,
    /// By description.
    Name,
}

/// The list as last told, and what is open.
#[derive(Clone, Copy)]
pub(super) struct List {
    /// Each token by itself: a use of one of hundreds draws nothing else anew.
    tokens: StoredValue<BTreeMap<String, ArcRwSignal<TokenView>>>,
    /// Their ids, newest first.
    all: RwSignal<Vec<String>>,
    /// Counts the answers that changed anything.
    changed: RwSignal<u32>,
    pub(super) reveal: RwSignal<Option<Reveal>>,
    pub(super) making: RwSignal<Option<Making>>,
    pub(super) editing: RwSignal<Option<String>>,
    pub(super) asking: RwSignal<Option<Ask>>,
    /// What the person looks for, as [`folded`] writes it.
    pub(super) filter: RwSignal<String>,
    pub(super) order: RwSignal<Order>,
    /// An answer is awaited, or the rest after it.
    busy: StoredValue<bool>,
    /// There was news meanwhile.
    again: StoredValue<bool>,
    context: PageContext,
}

impl List {
    pub(super) fn new(tokens: Tokens) -> Self {
        let list = Self {
            tokens: StoredValue::default(),
            all: RwSignal::default(),
            changed: RwSignal::new(0),
            making: RwSignal::new(tokens.reveal.is_some().then_some(Making::New)),
            reveal: RwSignal::new(tokens.reveal),
            editing: RwSignal::new(None),
            asking: RwSignal::new(None),
            filter: RwSignal::default(),
            order: RwSignal::default(),
            busy: StoredValue::new(false),
            again: StoredValue::new(false),
            context: PageContext::get(),
        };
        list.take(tokens.all);
        list
    }

    pub(super) fn get() -> Self {
        expect_context::<Self>()
    }

    /// Takes what was told; answers whether anything has changed.
    fn take(self, all: Vec<TokenView>) -> bool {
        let ids: Vec<String> = all.iter().map(|token| token.id.to_string()).collect();
        let mut changed = false;
        self.tokens.update_value(|tokens| {
            for token in all {
                match tokens.get(token.id.as_str()) {
                    Some(known) if known.with_untracked(|known| *known == token) => {}
                    Some(known) => {
                        known.set(token);
                        changed = true;
                    }
                    None => {
                        tokens.insert(token.id.to_string(), ArcRwSignal::new(token));
                        changed = true;
                    }
                }
            }
        });
        if self.all.with_untracked(|all| *all != ids) {
            self.all.set(ids);
            changed = true;
        }
        if changed {
            self.changed.update(|times| *times += 1);
        }
        changed
    }

    /// The token of this id, as last told.
    pub(super) fn token(self, id: &str) -> Option<ArcRwSignal<TokenView>> {
        self.tokens.with_value(|tokens| tokens.get(id).cloned())
    }

    pub(super) fn is_empty(self) -> bool {
        self.all.with(Vec::is_empty)
    }

    /// Whether not all of the list is shown, or in another order.
    pub(super) fn is_sifted(self) -> bool {
        self.order.get() != Order::Newest || self.filter.with(|filter| !filter.is_empty())
    }

    /// How many of the tokens are so, now.
    pub(super) fn count(self, so: fn(&TokenView, desk::Moment) -> bool) -> Memo<usize> {
        let now = self.context.now;
        Memo::new(move |_| {
            self.changed.track();
            let now = now.get();
            self.all.with(|all| {
                all.iter()
                    .filter_map(|id| self.token(id))
                    .filter(|token| token.with_untracked(|token| so(token, now)))
                    .count()
            })
        })
    }

    /// The ids of those that work, or of those that no longer do, as far as they are looked for, in
    /// the chosen order.
    pub(super) fn ids(self, live: bool) -> Memo<Vec<String>> {
        let now = self.context.now;
        Memo::new(move |before: Option<&Vec<String>>| {
            self.changed.track();
            let (now, filter, order) = (now.get(), self.filter.get(), self.order.get());
            // While one is edited, the cards stay where they are: moved, it would lose the focus
            // and what is typed.
            if let (true, Some(before)) =
                (self.editing.with(Option::is_some) && order == Order::Used, before)
            {
                return before.clone();
            }
            let tokens =
                self.all.with(|all| all.iter().filter_map(|id| self.token(id)).collect::<Vec<_>>());
            // Each put in its place: hundreds need no sorting that weighs more than the rest of the
            // page's list.
            let mut shown: Vec<(Key, String)> = Vec::with_capacity(tokens.len());
            for (place, token) in tokens.iter().enumerate() {
                token.with_untracked(|token| {
                    let edited =
                        self.editing.with(|editing| editing.as_deref() == Some(token.id.as_str()));
                    // What is typed is not torn away with a token that ends meanwhile.
                    let among = if edited { live } else { token.is_live(now) == live };
                    if among && (edited || fits(token, &filter)) {
                        let key = key(token, order, place);
                        let at = shown.partition_point(|(other, _)| *other < key);
                        shown.insert(at, (key, token.id.to_string()));
                    }
                });
            }
            shown.into_iter().map(|(_, id)| id).collect()
        })
    }

    /// Asks for the list again. What is open and typed stays as it is.
    pub(super) fn reload(self) {
        // Gone with its page: neither then.
        if self.busy.try_get_value() != Some(false) {
            let _ = self.again.try_update_value(|again| *again = true);
            return;
        }
        self.busy.set_value(true);
        self.again.set_value(false);
        spawn_local(async move {
            match call::<OwnTokens>(&[]).await {
                Ok(tokens) => {
                    if self.take(tokens.all) {
                        request_animation_frame(keep_focus);
                    }
                }
                Err(error) if error.0 == desk::Refusal::SessionEnded => {
                    self.context.session_ended();
                }
                Err(_) => {}
            }
            set_timeout(
                move || {
                    self.busy.set_value(false);
                    if self.again.get_value() {
                        self.reload();
                    }
                },
                REST,
            );
        });
    }
}

/// What the list is sorted by: a number and a text, then the place in the list as told.
type Key = (i64, String, usize);

fn key(token: &TokenView, order: Order, place: usize) -> Key {
    match order {
        Order::Newest => (0, String::new(), place),
        Order::Used => (token.used.as_ref().map_or(0, |used| -used.at.0), String::new(), place),
        Order::Expires => (token.expires.map_or(i64::MAX, |at| at.0), String::new(), place),
        Order::Name => (0, token.description.to_lowercase(), place),
    }
}

/// So much of an id is shown on a token's card; less of one finds none.
const SHOWN_OF_ID: usize = 8;

/// An id as a token's card shows it.
pub(super) fn shown_of(id: &str) -> &str {
    id.get(..SHOWN_OF_ID).unwrap_or_default()
}

/// Whether the token is among those looked for: each word is in its description, networks or last
/// address, or begins its id.
fn fits(token: &TokenView, filter: &str) -> bool {
    let address = token.used.as_ref().map_or("", |used| used.address.as_str());
    let text = folded(&[token.description.as_str(), token.networks.as_str(), address].join(" "));
    let is_id = |word: &str| word.len() >= SHOWN_OF_ID && token.id.as_str().starts_with(word);
    filter.split_whitespace().all(|word| text.contains(word) || is_id(word))
}

/// In small letters, without apostrophes and, in the browser, without accents: it has the tables,
/// and nothing is looked for elsewhere.
pub(super) fn folded(text: &str) -> String {
    let apart = if cfg!(target_arch = "wasm32") {
        String::from(js_sys::JsString::from(text).normalize("NFKD"))
    } else {
        text.to_owned()
    };
    apart.to_lowercase().replace(|c: char| matches!(c, '\u{300}'..='\u{36F}' | '\'' | '’'), "")
}

#[cfg(test)]
mod tests {
    use desk::{Access, Moment, TokenId, Used};

    use super::*;

    /// An id that tells the tokens of these tests apart.
    fn id(description: &str) -> TokenId {
        TokenId::parse(&format!("{:x}", description.to_lowercase().as_bytes()[0]).repeat(32))
            .expect("an id")
    }

    fn token(description: &str, used: Option<i64>, expires: Option<i64>) -> TokenView {
        TokenView {
            networks: "192.0.2.0/24".to_owned(),
            expires: expires.map(Moment),
            used: used.map(|at| Used { at: Moment(at), address: "2001:db8::1".to_owned() }),
            ..TokenView::made(id(description), description.to_owned(), Access::Full, Moment(0))
        }
    }

    #[test]
    fn each_order_has_first_what_one_looks_for() {
        let tokens =
            [token("b", None, Some(5)), token("A", Some(1), None), token("c", Some(2), Some(3))];
        let sorted = |order| {
            let mut keys: Vec<_> = tokens
                .iter()
                .enumerate()
                .map(|(place, token)| (key(token, order, place), token.description.as_str()))
                .collect();
            keys.sort();
            keys.into_iter().map(|(_, description)| description).collect::<String>()
        };
        assert_eq!(
            [Order::Newest, Order::Used, Order::Expires, Order::Name].map(sorted),
            ["bAc", "cAb", "cbA", "Abc"]
        );
    }

    #[test]
    fn a_token_is_found_by_words_of_its_description_networks_and_last_address() {
        let token = token("Büro’s Export", Some(1), None);
        for found in [
            "",
            "büros",
            "BÜRO'S",
            "port",
            "192.0",
            "db8",
            "export büro",
            " db8\u{a0}export  büros ",
        ] {
            assert!(fits(&token, &folded(found)), "{found}");
        }
        for other in ["import", "büro import", "exportbüro"] {
            assert!(!fits(&token, &folded(other)), "{other}");
        }
    }

    #[test]
    fn a_token_is_found_by_its_id_as_it_is_shown() {
        let token = token("Backup", None, None);
        let id = token.id.as_str();
        for found in [&id[..8], &id[..16], id, &format!("{} back", &id[..8])] {
            assert!(fits(&token, found), "{found}");
        }
        // A few of its letters are in many.
        assert!(!fits(&token, &id[..7]));
    }
}
