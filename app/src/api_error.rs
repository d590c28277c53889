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
