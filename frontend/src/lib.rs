//! The WASM entry: hydrate, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the WASM is loaded: brings the server's HTML to life.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
