//! What every page knows: who is logged in, the server's clock, what became of the forms posted
//! last. Tests: `end2end/tests/layout.spec.ts`.

use desk::{Helper, Me, Moment, Refusal};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::flash::Outcome;
use crate::notice::Notice;

/// What every page knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutData {
    /// Who is logged in; none: nobody.
    pub me: Option<Me>,
    /// Why it cannot be said who is logged in.
    pub trouble: Option<Refusal>,
    /// The server's clock as the page was made.
    pub now: Moment,
    /// What is in the way of their tokens or local password, and the way out; bad: it is closed or
    /// has lapsed. None: nothing.
    pub in_the_way: Option<Notice>,
    /// Whom they ask for what they cannot do for themselves.
    pub ask: Helper,
    /// The longest life of a token, in days.
    pub token_cap_days: Option<u32>,
    /// Scheme and host of this site.
    pub base: String,
    /// What became of the forms posted last.
    pub outcomes: Vec<Outcome>,
}

/// What every page knows, asked for again while it is open.
///
/// # Errors
/// [`Refusal::PageOfAnother`]; and where the server is not set up to answer.
#[server(prefix = "/fn", endpoint = "layout", output = crate::wire::Wire)]
pub async fn read_layout() -> Result<LayoutData, ApiError> {
    let layout = crate::server::layout_data(&crate::server::RequestContext::get()?).await;
    match layout.trouble {
        Some(other @ Refusal::PageOfAnother { .. }) => crate::server::with_status(Err(other)),
        _ => Ok(layout),
    }
}
