//! **Log in**: by NetID password, by the campus log-in, or only a way back for whom a proxy has
//! logged in. Tests: `end2end/tests/log-in.spec.ts`.

use desk::Field;
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::api::LogIn;
use crate::components::{PasswordField, TextField};
use crate::forms::{Form, Submit};
use crate::layout::{DemoRow, PageContext};
use crate::paths;
use serde::{Deserialize, Serialize};

use crate::pages::Page;
#[cfg(feature = "ssr")]
use crate::pages::{Guard, Loaded, PageRoute};

/// **Log in**.
#[component]
fn LoginForm() -> impl IntoView {
    let visit = PageContext::get();
    let next = paths::after_login(visit.query("next").as_deref()).to_owned();
    let demo = visit.layout(|layout| layout.demo.clone());
    if let Some((netid, log_out)) = visit.layout(|layout| layout.vouched.clone()) {
        return view! {
            <header class="page">
                <h1>"Log in"</h1>
            </header>
            <section class="box">
                <p>"You are logged out of Latchkey, but still logged in to your campus as "
                    {netid}"."</p>
                <div class="actions">
                    <a class="button primary" href="/login">
                        "Log in again"
                    </a>
                    {(!log_out.is_empty())
                        .then(|| {
                            view! {
                                <a class="button" href=log_out>
                                    "Log out there too"
                                </a>
                            }
                        })}
                </div>
            </section>
        }
        .into_any();
    }
    let by_http = visit.layout(|layout| layout.by_http.clone());
    let sign_on = visit.layout(|layout| layout.sign_on.clone());
    // Where there is a shorter way in, nobody is led past it.
    let by_password = sign_on.is_empty();
    let logged_out = visit.query("out").is_some() && !sign_on.is_empty();
    let elsewhere = (!sign_on.is_empty()).then(|| {
        view! {
            <form class="form" method="get" action="/login/oidc">
                <input type="hidden" name="next" value=next.clone() />
                <div class="actions">
                    <button class="primary" type="submit">
                        {format!("Log in with {sign_on}")}
                    </button>
                </div>
            </form>
        }
    });
    view! {
        <header class="page">
            <h1>"Log in"</h1>
        </header>
        {logged_out
            .then(|| {
                view! {
                    <div class="notice" data-kind="info">
                        <p>
                            {format!(
                                "You are logged out of Latchkey. At {sign_on} you may still be \
                                    logged in.",
                            )}
                        </p>
                        <p>
                            <a href="/login/oidc/out">"Log out there too"</a>
                        </p>
                    </div>
                }
            })}
        {(!by_http.is_empty())
            .then(|| {
                view! {
                    <div class="notice" data-kind="warn">
                        <p>{by_http}</p>
                    </div>
                }
            })}
        {elsewhere}
        <Form to=LogIn::PATH name=super::FORM>
            <input type="hidden" name="next" value=next />
            <TextField
                name="netid"
                label="NetID"
                field=Field::NetId
                autocomplete="username"
                focus=by_password
            />
            <PasswordField name="password" label="Password" />
            <div class="actions">
                <Submit label="Log in" />
            </div>
        </Form>
        {(!demo.is_empty()).then(|| view! { <Demo rows=demo /> })}
    }
    .into_any()
}

/// The demo accounts, in demo mode.
#[cfg(feature = "ssr")]
pub(crate) fn demo(context: &crate::request_context::RequestContext) -> Vec<DemoRow> {
    let accounts = if context.settings.demo { desk::DEMO } else { &[] };
    let row = |account: &desk::DemoAccount| DemoRow {
        netid: account.netid.to_owned(),
        role: account.note.to_owned(),
        netid_password: account.netid_password.to_owned(),
        local_password: account.local_password.map(str::to_owned).unwrap_or_default(),
    };
    accounts.iter().map(row).collect()
}

/// The demo accounts as a table.
#[component]
fn Demo(rows: Vec<DemoRow>) -> impl IntoView {
    let row = |row: DemoRow| {
        let local = if row.local_password.is_empty() {
            view! { <span class="muted">"none"</span> }.into_any()
        } else {
            view! { <code>{row.local_password}</code> }.into_any()
        };
        view! {
            <tr>
                <th scope="row">{row.netid}</th>
                <td data-label="Who">{row.role}</td>
                <td data-label="Password">
                    <code>{row.netid_password}</code>
                </td>
                <td data-label="Local password">{local}</td>
            </tr>
        }
    };
    view! {
        <section class="box">
            <h2>"Demo accounts"</h2>
            <p class="muted">
                "This is a demo: anybody can log in with these. Never put real \
                    accounts into it."
            </p>
            <div class="scroll" role="group" aria-label="Demo accounts" tabindex="0">
                <table class="demo">
                    <thead>
                        <tr>
                            <th scope="col">"NetID"</th>
                            <th scope="col">"Who"</th>
                            <th scope="col">"Password"</th>
                            <th scope="col">"Local password"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// The page: what it shows, every page knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogInPage;

impl Page for LogInPage {
    const TITLE: &'static str = "Log in";
    const PATH: &'static str = "/login";

    fn draw(self) -> AnyView {
        view! { <LoginForm /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl PageRoute for LogInPage {
    const GUARD: Guard = Guard::Open;

    async fn load(
        _: &crate::request_context::RequestContext,
    ) -> Result<Loaded<Self>, desk::Refusal> {
        Ok(Loaded::Page(Self))
    }
}
