//! What is there to be copied: selected as a whole, copied by a button.

use std::time::Duration;

use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// A read-only field, focused and selected as it appears, with **Copy**: whole in one line where it
/// fits, else in several.
#[component]
pub fn CopyField(
    /// The field's id; its hint's is `{id}-hint`.
    id: &'static str,
    /// The words of its `<label>`.
    label: &'static str,
    /// What there is to know of it.
    hint: &'static str,
    /// What **Copy** copies.
    value: String,
) -> impl IntoView {
    let field = NodeRef::<Textarea>::new();
    Effect::new(move || {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let _ = field.focus();
                field.select();
                // In a dialog that was scrolled down to its last button before: all that stands
                // above it comes into sight too.
                field.scroll_into_view_with_bool(false);
            });
        }
    });
    let selected = move |_| {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <p class="hint" id=hint_id.clone()>
                {hint}
            </p>
            <div class="with-button">
                <textarea
                    id=id
                    class="secret"
                    rows="2"
                    readonly=true
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=hint_id
                    node_ref=field
                    on:focus=selected
                >
                    {value}
                </textarea>
                <Copy field />
            </div>
        </div>
    }
}

/// A button that copies what is in the field, and says for three seconds whether it could.
#[component]
fn Copy(field: NodeRef<Textarea>) -> impl IntoView {
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let Some(field) = field.get_untracked() else { return };
        field.select();
        let text = field.value();
        spawn_local(async move {
            let done = copy_text(&text).await;
            let _ = copied.try_set(Some(done));
            if done {
                set_timeout(
                    move || {
                        let _ = copied.try_set(None);
                    },
                    Duration::from_secs(3),
                );
            }
        });
    };
    let label = move || if copied.get() == Some(true) { "Copied" } else { "Copy" };
    // The page's live region is under the dialog: this one is heard.
    let status = move || match copied.get() {
        None => "",
        Some(true) => "Copied",
        Some(false) => {
            "The browser does not let this page copy. It is selected: press Ctrl+C or ⌘C."
        }
    };
    let class = move || if copied.get() == Some(false) { "error" } else { "visually-hidden" };
    view! {
        <button type="button" class="primary scripted" on:click=copy>
            {label}
        </button>
        <p role="status" class=class>
            {status}
        </p>
    }
}

/// A browser offers the clipboard only to https and to this very machine.
async fn copy_text(text: &str) -> bool {
    let navigator = window().navigator();
    let offered = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"))
        .is_ok_and(|clipboard| !clipboard.is_undefined());
    offered && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
