//! What stands around the form of **Log in**: other ways in, whom to ask, the demo's accounts.
//! Drawn on the server alone. Tests: `end2end/tests/log-in.spec.ts`,
//! `server/tests/server/people/lost_session.rs`; `sign_on/`, `vouched.rs` beside it.

use desk::{DEMO, DemoAccount, ExternalIdentity, Refusal};
use leptos::prelude::*;

use super::RequestContext;
use super::html::drawn;
use crate::components::{self, Notice, NoticeKind};
use crate::flash::Outcome;
use crate::login::{FORM, LogIn, LogInPage};
use crate::pages::Page as _;
use crate::paths;
use crate::settings::auth_tokens::Tokens;

/// Where the log-in form is posted to.
pub const LOG_IN: &str = <LogIn as server_fn::ServerFn>::PATH;

/// The query's key that says that somebody has just logged out: a proxy would log them in again.
pub(crate) const LOGGED_OUT: &str = "out";

/// The longest path that goes into a header of an answer, escaped: proxies keep 4096 bytes for all
/// headers together.
pub(super) const LONGEST: usize = 800;

/// As [`paths::login_then`], in an answer's header: what is too long for one is not led back to.
pub(super) fn log_in_for(path: &str) -> String {
    let way = paths::login_then(path);
    if way.len() <= LONGEST { way } else { "/login".to_owned() }
}

/// The page as this request gets it.
pub(crate) fn page(context: &RequestContext) -> LogInPage {
    let sign_on = context.settings.sign_on.as_str();
    let next = paths::after_login(context.query("next").as_deref()).to_owned();
    if let Some(vouched) = &context.vouched {
        let above = drawn(|| still_there(context, vouched));
        return LogInPage { above, next: None, focus: false, below: String::new() };
    }
    LogInPage {
        above: drawn(|| above(context, sign_on, &next)),
        next: Some(next),
        // Where there is a shorter way in, nobody is led past it.
        focus: sign_on.is_empty(),
        below: drawn(|| below(context)),
    }
}

/// What is said to whoever comes with a session that is over. Who has none is told nothing; and one
/// that never was is over too.
pub(crate) fn ended(context: &RequestContext) -> Option<Outcome> {
    if context.cookie.is_none() || context.vouched.is_some() {
        return None;
    }
    let text = match context.query("next") {
        // Whatever the page was: what is shown once was not kept.
        Some(next) if next.starts_with(Tokens::PATH) => {
            "Your session has ended. Log in again to go on where you were. If a new token was \
             shown there, it is not shown again: renew it to get another."
                .to_owned()
        }
        Some(_) => "Your session has ended. Log in again to go on where you were.".to_owned(),
        None => Refusal::SessionEnded.to_string(),
    };
    let notice = Notice { kind: NoticeKind::Info, ..Notice::good(text) };
    Some(Outcome { form: FORM.to_owned(), notice: Some(notice), ..Outcome::default() })
}

fn head() -> impl IntoView {
    view! {
        <header class="page">
            <h1>"Log in"</h1>
        </header>
    }
}

/// What keeps people out whatever they type: how the page came, and cookies that are not ours.
fn trouble(context: &RequestContext) -> Option<impl IntoView + use<>> {
    let words = [context.about_http(), context.about_cookies()].join(" ").trim().to_owned();
    (!words.is_empty()).then(|| {
        view! {
            <div class="notice" data-kind="warn">
                <p>{words}</p>
            </div>
        }
    })
}

/// A way back for whom a proxy would log in again at once.
fn still_there(context: &RequestContext, vouched: &ExternalIdentity) -> AnyView {
    let (netid, log_out) = (vouched.netid.clone(), context.settings.log_out_url.clone());
    let log_out = (!log_out.is_empty()).then(|| {
        view! {
            <a class="button" href=log_out>
                "Log out there too"
            </a>
        }
    });
    view! {
        {head()}
        {trouble(context)}
        <section class="box">
            <p>"You are logged out of Latchkey, but still logged in to your campus as "
                {netid}"."</p>
            <div class="actions">
                <a class="button primary" href="/login">
                    "Log in again"
                </a>
                {log_out}
            </div>
        </section>
    }
    .into_any()
}

fn above(context: &RequestContext, sign_on: &str, next: &str) -> AnyView {
    let logged_out = context.query(LOGGED_OUT).filter(|_| !sign_on.is_empty()).map(|_| {
        let words =
            format!("You are logged out of Latchkey. At {sign_on} you may still be logged in.");
        view! {
            <div class="notice" data-kind="info">
                <p>{words}</p>
                <p>
                    <a href="/login/oidc/out">"Log out there too"</a>
                </p>
            </div>
        }
    });
    let elsewhere = (!sign_on.is_empty()).then(|| {
        view! {
            <form class="form" method="get" action="/login/oidc">
                <input type="hidden" name="next" value=next.to_owned() />
                <div class="actions">
                    <button class="primary" type="submit">
                        {format!("Log in with {sign_on}")}
                    </button>
                </div>
            </form>
        }
    });
    view! {
        {head()}
        {logged_out}
        {trouble(context)}
        {elsewhere}
    }
    .into_any()
}

fn below(context: &RequestContext) -> AnyView {
    let contact = match context.settings.help_desk_contact.trim() {
        "" => String::new(),
        contact => format!(" · Help Desk: {contact}"),
    };
    view! {
        <p class="muted">
            <a href="/help">"Help"</a>
            {contact}
        </p>
        {context.settings.demo.then(demo)}
    }
    .into_any()
}

/// The demo accounts as a table.
fn demo() -> impl IntoView {
    view! {
        <section class="box">
            <h2>"Demo accounts"</h2>
            <p class="muted">
                "This is a demo: anybody can log in with these. Never put real accounts into it."
            </p>
            <div class="scroll" role="group" aria-label="Demo accounts" tabindex="0">
                <table class="demo">
                    {components::head(&["NetID", "Who", "NetID password", "Local password"])}
                    <tbody>{DEMO.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(account: &'static DemoAccount) -> impl IntoView {
    let local = match account.local_password {
        Some(password) => view! { <code>{password}</code> }.into_any(),
        None => view! { <span class="muted">"none"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{account.netid}</th>
            <td data-label="Who">{account.note}</td>
            <td data-label="NetID password">
                <code>{account.netid_password}</code>
            </td>
            <td data-label="Local password">{local}</td>
        </tr>
    }
}
