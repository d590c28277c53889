//! Where somebody is led after they have logged in: to a page, and to nothing else. A door would
//! log them out again, or lead to another log-in, and so on for ever. The pages are those that the
//! routes are made of ([`super::paths`]). Tests: below, and by HTTP
//! `server/tests/server/people/sign_on/returns.rs`.

use crate::login::LogInPage;
use crate::pages::Page as _;
use crate::paths;
use crate::server::RequestContext;
use crate::server::login::LONGEST;

/// Where they were going, if that is a page of this site; else the start.
#[must_use]
pub fn destination(context: &RequestContext, next: Option<&str>) -> String {
    // A browser may know the page with the path that is before all of them.
    let next = next.map(|next| paths::within(&context.settings.prefix, next).unwrap_or(next));
    page(paths::after_login(next)).unwrap_or("/").to_owned()
}

fn page(path: &str) -> Option<&str> {
    let requested: Vec<&str> =
        segments(path.split(['?', '#']).next().unwrap_or_default()).collect();
    let fits = |page: &&'static str| {
        let page: Vec<&str> = segments(page).collect();
        let same =
            |(one, given): (&&str, &&str)| one.starts_with('{') || one.eq_ignore_ascii_case(given);
        page.len() == requested.len() && page.iter().zip(&requested).all(same)
    };
    let page = super::paths().find(fits)?;
    // In an answer's header it has room, and is read by every browser.
    (page != LogInPage::PATH && path.len() <= LONGEST && path.is_ascii()).then_some(path)
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_led_to_and_nothing_else() {
        let long = format!("/admin/audit?actor={}", "x".repeat(LONGEST));
        for path in [
            "/",
            "/help",
            "/settings",
            "/settings/",
            "/settings/auth-tokens?create",
            "/Admin/Users",
            "/admin/users/sam#tokens",
            &long[..700],
        ] {
            assert_eq!(page(path), Some(path));
        }
        for path in [
            "/login",
            "/Login/?out",
            "/login/oidc",
            "/login/oidc/out",
            "/login/oidc/out/",
            "/login/oidc/back?code=x",
            "/LOGIN/OIDC/OUT",
            "/logout",
            "/fn/log_out",
            "/live",
            "/auth/verify",
            "/api/v1/me",
            "/admin/audit.csv",
            "/pkg/x.js",
            "/settings/nothing",
            &long,
        ] {
            assert_eq!(page(path), None, "{path}");
        }
    }
}
