//! The key of a form, by which the desk does once what is posted twice. Tests:
//! `end2end/tests/bad-requests.spec.ts`, `lost.spec.ts`, `two-tabs.spec.ts`.

use desk::FormKey;

use crate::layout::PageContext;

/// A new key for a form of a page: it says for whom the page was made, so that it does nothing for
/// another, and is another each time, so that posting it twice does it once. It need not be secret:
/// the desk keeps it by person.
pub(crate) fn new_key(context: PageContext) -> String {
    #[cfg(feature = "ssr")]
    let once = rand::random::<u64>();
    #[cfg(not(feature = "ssr"))]
    let once = random();
    FormKey::text(&context.netid(), &format!("{once:x}"))
}

#[cfg(not(feature = "ssr"))]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fraction of 2^53 fits"
)]
fn random() -> u64 {
    (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64
}
