//! What every page knows: who is logged in, the server's clock, what became of the forms posted
//! last. Tests: `end2end/tests/frame.spec.ts`.

use desk::{Helper, Me, Moment, Refusal};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::components::Notice;
use crate::flash::Outcome;

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
#[server(prefix = "/fn", endpoint = "frame", output = crate::wire::Wire)]
pub async fn read_layout() -> Result<LayoutData, ApiError> {
    let layout = layout_data(&crate::request_context::RequestContext::get()?).await;
    match layout.trouble {
        Some(anothers @ Refusal::PageOfAnother { .. }) => {
            crate::api_error::with_status(Err(anothers))
        }
        _ => Ok(layout),
    }
}

/// What every page knows, but for what became of forms.
#[cfg(feature = "ssr")]
pub(crate) async fn layout_data(context: &crate::request_context::RequestContext) -> LayoutData {
    use crate::settings::standing::in_the_way;
    use desk::Standing;
    // Before anything is read: what changes while it is read is then news (`GET /live?since=`).
    let now = context.desk.now();
    let (me, standing, trouble) = match context.visitor().await {
        // A page that cannot say how it stands is a page all the same: the desk says it where it
        // matters.
        Ok(visitor) => {
            (Some(visitor.me()), context.desk.standing(&visitor).await.unwrap_or_default(), None)
        }
        Err(Refusal::SessionEnded) => (None, Standing::default(), None),
        Err(refusal) => (None, Standing::default(), Some(refusal)),
    };
    let settings = &context.settings;
    let contact = settings.help_desk_contact.trim();
    let in_the_way = me.as_ref().and_then(|me| in_the_way(me, standing, contact, now));
    LayoutData {
        me,
        trouble,
        now,
        in_the_way,
        ask: standing.ask,
        token_cap_days: settings.token_cap_days,
        base: context.base().to_owned(),
        outcomes: Vec::new(),
    }
}
