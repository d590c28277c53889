//! The key of a form, by which the desk does once what is posted twice. Tests:
//! `end2end/tests/bad-requests.spec.ts`.

/// A new key for a form, so that posting it twice does it once. It need not be secret: the desk
/// keeps it by person.
pub(crate) fn new_key() -> String {
    #[cfg(feature = "ssr")]
    let (a, b) = (rand::random::<u64>(), rand::random::<u64>());
    #[cfg(not(feature = "ssr"))]
    let (a, b) = (half(), half());
    format!("{a:016x}{b:016x}")
}

#[cfg(not(feature = "ssr"))]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fraction of 2^53 fits"
)]
fn half() -> u64 {
    (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64
}
