//! How a form is sent and answered, with script and without.
//!
//! A [`Form`] posts to a server function's path. Without script the browser posts it, the server
//! function leaves its outcome in a cookie ([`crate::flash`]) and the browser is led to the next
//! page, which says it. With script the same fields go to the same path, and the same [`Done`] or
//! refusal comes back. One way for all forms: the browser's part carries no code for any particular
//! one.
//!
//! A server function that a form posts to reads:
//!
//! ```ignore
//! #[server(prefix = "/fn", endpoint = "revoke_token", output = crate::wire::Wire)]
//! pub async fn revoke_token(
//!     id: String,
//!     #[server(default)] form: String,
//!     #[server(default)] own_password: String,
//! ) -> Result<Done, ApiError> {
//!     let context = RequestContext::get()?;
//!     let work = async {
//!         // First of all.
//!         let revokes = AuditAction::TokenRevoke;
//!         let permit = permit(&context, &form, revokes, None, own_password).await?;
//!         // The desk is asked to do it, with the permit.
//!     };
//!     let result = work.await; // Result<Done, Refusal>
//!     answer(&context, &format!("revoke-{id}"), &[], result)
//! }
//! ```

mod done;
mod form;
mod key;
mod send;
mod state;

pub use done::Done;
pub use form::{Cancel, Form, Opener, Submit};
pub use state::FormState;
