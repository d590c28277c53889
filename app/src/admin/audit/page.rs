//! `/admin/audit`: filters, rows, files and the chain.

use desk::ChainReport;
use leptos::prelude::*;

use super::api::Listed;
use super::chain::Chain;
use super::filters::{Filters, written};
use super::rows::Rows;
use crate::admin::tabs::Tabs;
use serde::{Deserialize, Serialize};

use crate::components::{Notice, NoticeKind};
use crate::pages::Page;

/// `/admin/audit`: **Audit**.
#[component]
fn AuditPage(
    /// The rows that the address asks for.
    first: Listed,
    /// Whether the chain verifies, where the address asks for that too.
    verified: Option<ChainReport>,
) -> impl IntoView {
    let filters = written(&first.query);
    view! {
        <Tabs current=Audit::PATH />
        <header class="page">
            <h1>"Audit"</h1>
            <div class="actions">
                <a class="button" href=format!("/admin/audit.csv{filters}")>
                    "Download CSV"
                </a>
                <a class="button" href=format!("/admin/audit.jsonl{filters}")>
                    "Download JSON lines"
                </a>
            </div>
        </header>
        <Filters query=first.query.clone() />
        <Rows first />
        <Chain verified />
    }
}

/// Rows of the audit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Audit {
    /// Those that the address asks for.
    listed: Listed,
    /// Whether the chain verifies, where the address asks for that too.
    verified: Option<ChainReport>,
}

impl Page for Audit {
    const TITLE: &'static str = "Audit";
    const PATH: &'static str = "/admin/audit";
    const TAB: &'static str = Self::TITLE;

    fn notice(&self) -> Option<Notice> {
        self.listed.page.is_cut_short().then(|| Notice {
            kind: NoticeKind::Warn,
            ..Notice::good(
                "Few rows match, and not all were looked through yet: “Older” goes on with those \
                    before.",
            )
        })
    }

    fn draw(self) -> AnyView {
        view! { <AuditPage first=self.listed verified=self.verified /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for Audit {
    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::audit;
        use crate::server::pages::Loaded;
        let raw_query = context.uri.query().unwrap_or_default();
        let query = audit::read(raw_query);
        // An address that is kept, or sent to somebody, has in it only what filters.
        if audit::has_empty(raw_query) {
            return Ok(Loaded::Elsewhere(format!("{}{}", Self::PATH, written(&query))));
        }
        let listed = audit::list(context, query).await?;
        let verified = match context.query("verify") {
            Some(_) => Some(audit::verify(context).await?),
            None => None,
        };
        Ok(Loaded::Page(Self { listed, verified }))
    }
}
