//! The table of pages.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Redirect, Route, Router};
use leptos_router::{SsrMode, path};

use crate::admin::{audit::AuditPage, user::UserPage, users::UsersPage};
use crate::errors::NotFound;
use crate::frame::{Around, Visit};
use crate::help::HelpPage;
use crate::login::LoginPage;
use crate::settings::{AboutMePage, ActivityPage, AuthTokensPage, SessionsPage};

/// The whole app. Every page is sent complete (`SsrMode::Async`), so that it can be read without script.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Visit::begin();
    view! {
        <Title formatter=|page: String| if page.is_empty() { "Latchkey".to_owned() } else { format!("{page} · Latchkey") }/>
        <Router>
            <Around>
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=Start ssr=SsrMode::Async/>
                    <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view=Settings ssr=SsrMode::Async/>
                    <Route path=path!("/settings/about-me") view=AboutMePage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/auth-tokens") view=AuthTokensPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/sessions") view=SessionsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/activity") view=ActivityPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin") view=Admin ssr=SsrMode::Async/>
                    <Route path=path!("/admin/users") view=UsersPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/users/:netid") view=UserPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/audit") view=AuditPage ssr=SsrMode::Async/>
                    <Route path=path!("/help") view=HelpPage ssr=SsrMode::Async/>
                </FlatRoutes>
            </Around>
        </Router>
    }
}

/// The start leads to what people come for: their tokens.
#[component]
fn Start() -> impl IntoView {
    view! { <Redirect path="/settings/auth-tokens"/> }
}

/// Settings begin with who one is.
#[component]
fn Settings() -> impl IntoView {
    view! { <Redirect path="/settings/about-me"/> }
}

/// Admin begins with finding somebody.
#[component]
fn Admin() -> impl IntoView {
    view! { <Redirect path="/admin/users"/> }
}
