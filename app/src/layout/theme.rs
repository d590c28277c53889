//! Light or dark: as the system says, or as chosen here.

use leptos::prelude::*;

use super::PageContext;

/// The key of the choice in the browser's storage; the shell's first script reads it too.
const KEY: &str = "latchkey-theme";

/// What can be chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    /// The word in the storage and in the page; none for the system's.
    fn word(self) -> &'static str {
        match self {
            Self::System => "",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn name(self) -> &'static str {
        if self == Self::System { "system" } else { self.word() }
    }

    /// What the button leads to: first to what the system does not show, so that something is seen
    /// to change.
    fn next(self, system_dark: bool) -> Self {
        match (self, system_dark) {
            (Self::System, true) | (Self::Dark, false) => Self::Light,
            (Self::System, false) | (Self::Light, true) => Self::Dark,
            (Self::Light, false) | (Self::Dark, true) => Self::System,
        }
    }
}

/// A button that goes through the themes. Only with script.
#[component]
pub(super) fn ThemeSwitch() -> impl IntoView {
    let awake = PageContext::get().awake;
    let theme = RwSignal::new(Theme::System);
    Effect::new(move || {
        if awake.get() {
            theme.set(stored());
        }
    });
    let next = move |_| {
        let next = theme.get_untracked().next(system_is_dark());
        theme.set(next);
        store(next.word());
    };
    view! {
        <button
            type="button"
            class="theme scripted"
            title="Change between light and dark"
            on:click=next
        >
            {move || format!("Theme: {}", theme.get().name())}
        </button>
    }
}

fn system_is_dark() -> bool {
    window()
        .match_media("(prefers-color-scheme: dark)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

fn stored() -> Theme {
    let kept = window()
        .local_storage()
        .ok()
        .flatten()
        .and_then(|storage| storage.get_item(KEY).ok().flatten())
        .unwrap_or_default();
    [Theme::Light, Theme::Dark]
        .into_iter()
        .find(|theme| theme.word() == kept)
        .unwrap_or(Theme::System)
}

fn store(word: &str) {
    if let Some(page) = document().document_element() {
        let _ = if word.is_empty() {
            page.remove_attribute("data-theme")
        } else {
            page.set_attribute("data-theme", word)
        };
    }
    // A browser may keep nothing (private windows): the theme then lasts as long as the page.
    if let Ok(Some(storage)) = window().local_storage() {
        let _ =
            if word.is_empty() { storage.remove_item(KEY) } else { storage.set_item(KEY, word) };
    }
}

#[cfg(test)]
mod tests {
    use super::Theme;

    #[test]
    fn the_first_press_changes_what_is_seen_and_three_come_back() {
        for (dark, first) in [(false, Theme::Dark), (true, Theme::Light)] {
            let next = Theme::System.next(dark);
            assert!(next == first && next.next(dark).next(dark) == Theme::System);
        }
    }
}
