//! The error of every server function: a refusal of the desk.

use desk::Refusal;
use serde::{Deserialize, Serialize};

use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::wire::WireEncoding;

/// A refusal on its way from the server to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(transparent)]
#[error(transparent)]
pub struct ApiError(pub Refusal);

impl FromServerFnError for ApiError {
    type Encoder = WireEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        Self(match error {
            E::Args(_) | E::MissingArg(_) | E::Deserialization(_) | E::Serialization(_) => {
                Refusal::Unreadable
            }
            _ => Refusal::Unavailable,
        })
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

/// What a reading server function answers: a refusal gives the answer its status.
///
/// # Errors
/// The refusal given.
#[cfg(feature = "ssr")]
pub fn with_status<T>(result: Result<T, Refusal>) -> Result<T, ApiError> {
    result.map_err(|refusal| {
        // Who merely looks is not told: the page is loaded anew, for who is there now.
        let is_anothers = matches!(refusal, Refusal::PageOfAnother { .. });
        crate::request_context::set_status(if is_anothers { 412 } else { refusal.status() });
        ApiError(refusal)
    })
}
