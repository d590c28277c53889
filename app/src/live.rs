//! News from the desk while a page is open, by server-sent events.
//!
//! A browser opens at most six connections to a host over HTTP/1.1, each open page holding one: so
//! a page that is not seen closes its own, and asks for everything anew when it is seen again.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use web_sys::EventSource;

use crate::layout::PageContext;
use crate::paths::at;

/// How long a connection may be lost before the page says so, and between attempts to open it
/// again.
const RECONNECT_AFTER: Duration = Duration::from_millis(2500);

/// What the desk tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveEvent {
    /// Tokens were made, used, edited or revoked.
    Tokens,
    /// The account or its sessions changed.
    Account,
    /// The connection was away: anything may have changed.
    Again,
    /// The session has ended or got a new id.
    Ended,
}

/// Follows the news at `url` until the owner (a page, an effect) goes. Does nothing on the server.
pub fn follow(url: String, tell: Callback<LiveEvent>) {
    if !cfg!(feature = "hydrate") {
        return;
    }
    let line = Line {
        url: StoredValue::new(url),
        tell,
        open: StoredValue::new_local(None),
        was_open: StoredValue::new(false),
        context: PageContext::get(),
    };
    line.connect();
    let seen = window_event_listener(ev::visibilitychange, move |_| {
        if document().hidden() { line.hang_up() } else { line.connect() }
    });
    on_cleanup(move || {
        seen.remove();
        line.hang_up();
    });
}

/// A connection and what listens on it.
struct Open {
    source: EventSource,
    _heard: Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.source.close();
    }
}

#[derive(Clone, Copy)]
struct Line {
    url: StoredValue<String>,
    tell: Callback<LiveEvent>,
    open: StoredValue<Option<Open>, LocalStorage>,
    was_open: StoredValue<bool>,
    context: PageContext,
}

impl Line {
    fn connect(self) {
        if document().hidden() || self.open.try_with_value(Option::is_some) != Some(false) {
            return;
        }
        let Some(source) = self.url.try_with_value(|url| EventSource::new(&at(url)).ok()).flatten()
        else {
            return;
        };
        let heard = Closure::new(move |event: web_sys::Event| self.hear(&event.type_()));
        for name in ["open", "error", "tokens", "account", "ended"] {
            let _ = source.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
        }
        self.open.set_value(Some(Open { source, _heard: heard }));
    }

    fn hang_up(self) {
        if let Some(open) = self.open.try_update_value(Option::take).flatten() {
            // Not from within one of its own closures.
            open.source.close();
            set_timeout(move || drop(open), Duration::ZERO);
        }
    }

    fn hear(self, event: &str) {
        match event {
            "open" => {
                self.context.lost.set(false);
                if self.was_open.try_update_value(|was| std::mem::replace(was, true)) == Some(true)
                {
                    self.tell.run(LiveEvent::Again);
                }
            }
            "tokens" => self.tell.run(LiveEvent::Tokens),
            "account" => self.tell.run(LiveEvent::Account),
            "ended" => {
                self.hang_up();
                self.tell.run(LiveEvent::Ended);
                set_timeout(move || self.connect(), RECONNECT_AFTER / 8);
            }
            _ => set_timeout(move || self.look(), RECONNECT_AFTER),
        }
    }

    /// After an error: the browser tries again by itself, except where the server answered with a
    /// refusal.
    fn look(self) {
        let state = self
            .open
            .try_with_value(|open| open.as_ref().map(|open| open.source.ready_state()))
            .flatten();
        match state {
            Some(EventSource::OPEN) | None => {}
            Some(state) => {
                if state == EventSource::CLOSED {
                    // Refused: perhaps nobody is logged in any longer.
                    self.hang_up();
                    self.tell.run(LiveEvent::Ended);
                    self.connect();
                } else {
                    self.context.lost.set(true);
                }
            }
        }
    }
}
