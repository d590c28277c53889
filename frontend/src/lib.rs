//! The WASM entry: hydrate, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the WASM is loaded: brings the server's HTML to life.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(app::App);
}
