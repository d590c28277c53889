//! Brings to life, in the browser, the page that the server drew. Tests: every one of
//! `end2end/tests/` that uses script.

use any_spawner::Executor;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{PositionState, RenderHtml};
use leptos::wasm_bindgen::JsCast;

use super::draw::{PageData, draw};
use crate::page::PageSet;

/// Brings the page to life that the server drew from `data`, one of the set `P`.
///
/// As `leptos::mount::hydrate_body` does it, without its register of what the server still owes the
/// page: ours comes whole, and the register is code that everybody would load.
pub fn hydrate<P: PageSet>(data: &[u8]) {
    let Ok(data) = postcard::from_bytes::<PageData<P>>(data) else { return };
    // An error only says that it is set up already.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new();
    let alive = owner.with(|| {
        draw(data).hydrate::<true>(
            &Cursor::new(document().body().expect("a page has a body").unchecked_into()),
            &PositionState::default(),
        )
    });
    // They live as long as the page.
    std::mem::forget((owner, alive));
}
