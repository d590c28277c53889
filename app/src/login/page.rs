//! **Log in**: by NetID password, by the campus log-in, or only a way back for whom a proxy has
//! logged in. Tests: `end2end/tests/log-in.spec.ts`, `server/tests/server/people/lost_session.rs`.

use desk::Field;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::ServerFn as _;

use super::LogIn;
use crate::components::{PasswordField, TextField};
use crate::forms::{Form, Submit};
use crate::pages::Page;

/// The page. What is around its form needs no script: it is HTML, which the browser is not told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogInPage {
    /// What stands above the form.
    pub(crate) above: String,
    /// Where the form leads; none: there is no form.
    pub(crate) next: Option<String>,
    /// The form is what people come for.
    pub(crate) focus: bool,
    /// What stands below it.
    pub(crate) below: String,
}

impl Page for LogInPage {
    const TITLE: &'static str = "Log in";
    const PATH: &'static str = "/login";

    fn for_browser(&self) -> Self {
        Self { above: String::new(), below: String::new(), ..self.clone() }
    }

    fn draw(self) -> AnyView {
        let Self { above, next, focus, below } = self;
        view! {
            <div class="server-drawn" inner_html=above />
            {next.map(|next| view! { <LogInForm next focus /> })}
            <div class="server-drawn" inner_html=below />
        }
        .into_any()
    }
}

#[component]
fn LogInForm(next: String, focus: bool) -> impl IntoView {
    view! {
        <Form to=LogIn::PATH name=super::FORM>
            <input type="hidden" name="next" value=next />
            <TextField
                name="netid"
                label="NetID"
                field=Field::NetId
                autocomplete="username"
                focus=focus
            />
            <PasswordField
                name="password"
                label="Password"
                hint="Your NetID password, not your local password."
            />
            <div class="actions">
                <Submit label="Log in" />
            </div>
        </Form>
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for LogInPage {
    const GUARD: crate::server::pages::Guard = crate::server::pages::Guard::Open;

    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::pages::Loaded;
        Ok(Loaded::Page(crate::server::login::page(context)))
    }
}
