//! The WASM of the pages for everybody: hydrate, nothing else.

use app::pages::{SettingsPage, hydrate};
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the WASM is loaded, with what the page was told: brings the server's
/// HTML to life.
#[wasm_bindgen]
pub fn hydrate_page(data: &[u8]) {
    console_error_panic_hook::set_once();
    hydrate::<SettingsPage>(data);
}

fn main() {}
