//! The page **Notices**. Its forms are HTML that stays on the server: compiled as a view they would
//! be in the WASM that every page loads. Tests: `end2end/tests/notices.spec.ts`, and without a
//! browser `server/tests/server/people/notices.rs`.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::components::CopyField;
use crate::pages::Page;
use crate::settings::Tabs;

/// The forms of **Notices**, and the calendar's address where it was just made.
#[component]
fn NoticesPage(
    /// The forms; on the server only. What is in the page already is left as it is.
    html: String,
    /// The address of the calendar that was just made.
    address: Option<String>,
) -> impl IntoView {
    let address = address.map(|value| {
        view! {
            <div data-once="">
                <CopyField
                    id="calendar-address"
                    label="Calendar address"
                    hint="You will not see it again."
                    value=value
                />
            </div>
        }
    });
    view! {
        <Tabs current=Notices::PATH />
        <header class="page">
            <h1>"Notices"</h1>
        </header>
        {address}
        <div class="form" inner_html=html />
    }
    .into_any()
}

/// The forms as HTML, and the address of the calendar that was just made: shown by this page and
/// never again.
#[derive(Clone, Serialize, Deserialize)]
pub struct Notices(pub(crate) String, pub(crate) Option<String>);

/// Without the address.
impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notices").finish_non_exhaustive()
    }
}

impl Page for Notices {
    const TITLE: &'static str = "Notices";
    const PATH: &'static str = "/settings/notices";
    const TAB: &'static str = Self::TITLE;

    fn shows_once(&self) -> bool {
        self.1.is_some()
    }

    /// The browser is not told the forms: it has them on the page.
    fn for_browser(&self) -> Self {
        Self(String::new(), self.1.clone())
    }

    fn draw(self) -> AnyView {
        view! { <NoticesPage html=self.0 address=self.1 /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for Notices {
    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::pages::Loaded;
        Ok(Loaded::Page(crate::server::notices::first_view(context).await?))
    }
}
