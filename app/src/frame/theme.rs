//! Light or dark: as the system says, or as chosen here.

use leptos::prelude::*;

use super::Visit;

/// The key of the choice in the browser's storage; the shell's first script reads it too.
const KEY: &str = "latchkey-theme";

/// The themes in the order of the button, each with its name.
const THEMES: [(&str, &str); 3] = [("", "system"), ("light", "light"), ("dark", "dark")];

/// A button that goes through the themes. Only with script.
#[component]
pub(super) fn ThemeSwitch() -> impl IntoView {
    let awake = Visit::get().awake;
    let theme = RwSignal::new(0_usize);
    Effect::new(move || {
        if awake.get() {
            theme.set(stored());
        }
    });
    let next = move |_| {
        let place = (theme.get_untracked() + 1) % THEMES.len();
        theme.set(place);
        store(THEMES[place].0);
    };
    view! {
        <Show when=move || awake.get()>
            <button type="button" class="theme" title="Change between light and dark" on:click=next>
                {move || format!("Theme: {}", THEMES[theme.get()].1)}
            </button>
        </Show>
    }
}

fn stored() -> usize {
    let kept = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(KEY).ok().flatten()).unwrap_or_default();
    THEMES.iter().position(|(word, _)| *word == kept).unwrap_or_default()
}

fn store(word: &str) {
    if let Some(page) = document().document_element() {
        let _ = if word.is_empty() { page.remove_attribute("data-theme") } else { page.set_attribute("data-theme", word) };
    }
    // A browser may keep nothing (private windows): the theme then lasts as long as the page.
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = if word.is_empty() { storage.remove_item(KEY) } else { storage.set_item(KEY, word) };
    }
}
