//! The pages of Admin: one of the two sets that have a WASM of their own.

use desk::ChainReport;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::draw::{Page, Set};
use crate::admin::audit::{AuditPage, Listed};
use crate::admin::user::{Seen, UserPage};
use crate::admin::users::{Found, UsersPage};

/// The pages of Admin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "there is one of them, once a page")]
#[expect(missing_docs, reason = "each is the page of that name")]
pub enum AdminPage {
    SelectUser(Found),
    User(Box<Seen>),
    /// With what became of verifying the chain, where the address asks for that.
    Audit(Listed, Option<ChainReport>),
}

impl Page for AdminPage {
    const SET: Option<Set> = Some(Set::Admin);

    fn title(&self) -> String {
        match self {
            Self::SelectUser(_) => "Select User".to_owned(),
            Self::User(seen) => seen.title(),
            Self::Audit(..) => "Audit".to_owned(),
        }
    }

    fn draw(self) -> AnyView {
        match self {
            Self::SelectUser(first) => view! { <UsersPage first/> }.into_any(),
            Self::User(seen) => view! { <UserPage seen=*seen/> }.into_any(),
            Self::Audit(first, verified) => view! { <AuditPage first verified/> }.into_any(),
        }
    }
}
