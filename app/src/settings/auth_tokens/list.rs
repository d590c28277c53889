//! The state of the page: the list as last told, and what is open.

use desk::TokenView;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::ServerFn as _;

use super::api::{Fresh, OwnTokens, Tokens};
use crate::ask::ask;
use crate::frame::{Visit, focus_page};

/// What is asked before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Revoke this one.
    Revoke(String),
    /// Revoke all.
    RevokeAll,
}

/// The list as last told, and what is open.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) all: RwSignal<Vec<TokenView>>,
    pub(super) fresh: RwSignal<Option<Fresh>>,
    pub(super) creating: RwSignal<bool>,
    pub(super) editing: RwSignal<Option<String>>,
    pub(super) asking: RwSignal<Option<Ask>>,
    /// Counts the questions asked: an answer that comes late is not taken for the newest.
    asked: StoredValue<u32>,
    visit: Visit,
}

impl List {
    pub(super) fn new(told: Tokens) -> Self {
        Self {
            all: RwSignal::new(told.all),
            fresh: RwSignal::new(told.fresh),
            creating: RwSignal::new(false),
            editing: RwSignal::new(None),
            asking: RwSignal::new(None),
            asked: StoredValue::new(0),
            visit: Visit::get(),
        }
    }

    pub(super) fn get() -> Self {
        expect_context::<Self>()
    }

    /// The token of this id, as last told.
    pub(super) fn token(self, id: &str) -> Option<TokenView> {
        self.all.with(|all| all.iter().find(|token| token.id == id).cloned())
    }

    /// The ids of those that work, or of those that no longer do.
    pub(super) fn ids(self, live: bool) -> Memo<Vec<String>> {
        let now = self.visit.now;
        Memo::new(move |_| {
            let now = now.get();
            self.all.with(|all| all.iter().filter(|token| token.is_live(now) == live).map(|token| token.id.clone()).collect())
        })
    }

    /// Asks for the list again. What is open and typed stays as it is.
    pub(super) fn reload(self) {
        let Some(mine) = self.asked.try_update_value(|asked| {
            *asked += 1;
            *asked
        }) else {
            return;
        };
        spawn_local(async move {
            match ask::<Tokens>(OwnTokens::PATH, &[]).await {
                Ok(told)
                    if self.asked.try_get_value() == Some(mine) && self.all.try_with_untracked(|all| *all != told.all) == Some(true) =>
                {
                    self.all.set(told.all);
                    request_animation_frame(keep_focus);
                }
                Err(fault) if fault.0 == desk::Refusal::SessionEnded => self.visit.session_ended(),
                _ => {}
            }
        });
    }
}

/// A focused button that went with its token leaves the focus nowhere: the page gets it.
fn keep_focus() {
    let nowhere = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
    if nowhere {
        focus_page();
    }
}
