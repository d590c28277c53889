//! What people's browsers are answered: pages, forms and server functions.

mod account_form;
mod audit_file;
mod audit_page;
mod closed;
mod cross_site;
mod flood;
mod following;
mod functions;
mod history;
mod live;
mod lost_session;
mod misdirected;
mod networks;
mod notices;
mod old_strings;
mod own_password;
mod pages;
mod plain_http;
mod post_redirect_get;
mod prefix;
mod reveal;
mod review;
mod sent_twice;
mod session_pace;
mod set_password;
mod sign_on;
mod throttle;
mod token_form;
mod too_large;
mod twice;
mod two_tabs;
mod vouched;

/// The path of every page that somebody who is logged in is shown; the page of a person is sam's.
/// A new page is in every test that goes through all of them.
fn page_paths() -> impl Iterator<Item = String> {
    // These lead on.
    app::server::pages::paths()
        .filter(|path| !["/", "/login", "/settings", "/admin"].contains(path))
        .map(|path| path.replace("{netid}", "sam"))
}
