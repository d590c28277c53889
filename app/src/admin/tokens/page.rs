//! `/admin/tokens`: everybody's tokens, drawn by the server alone: nothing here needs script, and
//! no browser loads a byte for it. What it shows: `app/src/server/review/`. Tests:
//! `end2end/tests/officer.spec.ts`, `server/tests/server/people/review.rs`.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::admin::tabs::Tabs;
use crate::pages::Page;

/// The page as HTML.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Review(String);

impl Page for Review {
    const TITLE: &'static str = "Tokens";
    const PATH: &'static str = "/admin/tokens";
    const TAB: &'static str = Self::TITLE;

    /// The browser has it on the page.
    fn for_browser(&self) -> Self {
        Self(String::new())
    }

    fn draw(self) -> AnyView {
        view! {
            <Tabs current=Self::PATH />
            <div class="server-drawn" inner_html=self.0 />
        }
        .into_any()
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for Review {
    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::pages::Loaded;
        use crate::server::{audit, review};
        let query = context.uri.query().unwrap_or_default();
        // An address that is kept, or sent to somebody, has in it only what filters.
        if audit::has_empty(query) {
            return Ok(Loaded::Elsewhere(format!("{}{}", Self::PATH, review::written(query))));
        }
        Ok(Loaded::Page(Self(review::page(context, query).await?)))
    }
}
