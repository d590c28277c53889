//! A page's address that is nearly right: with a slash at its end, or with capital letters where
//! there are none. Tests: below, and `server/tests/server/people/pages.rs`.

use std::sync::OnceLock;

use http::Uri;

use super::routes::{Kind, Route};

/// The paths that people may have typed or been given, in segments; `{…}` stands for any.
static PATHS: OnceLock<Vec<Vec<String>>> = OnceLock::new();

/// Takes them from the table of routes, which is one for the whole program.
pub(crate) fn learn(routes: impl FnOnce() -> Vec<Route>) {
    let for_people = |kind| matches!(kind, Kind::Page | Kind::File | Kind::SignOn);
    PATHS.get_or_init(|| {
        let routes = routes()
            .into_iter()
            .filter(|route| for_people(route.kind) && route.methods.contains(&"GET"));
        routes.map(|route| segments(&route.path).map(str::to_owned).collect()).collect()
    });
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// The address that was meant, with its query; none where there is none, or it is what was asked
/// for. It is one of the table of routes, so that it leads to no other site, whatever was asked
/// for.
pub(super) fn right_path(address: &Uri) -> Option<String> {
    let given: Vec<&str> = segments(address.path()).collect();
    let fits = |path: &&Vec<String>| {
        path.len() == given.len()
            && path.iter().zip(&given).all(|(one, given)| is_meant(one, given))
    };
    let path = PATHS.get()?.iter().find(fits)?;
    let kept = path
        .iter()
        .zip(&given)
        .map(|(one, given)| if one.starts_with('{') { given } else { one.as_str() });
    let right = format!("/{}", kept.collect::<Vec<_>>().join("/"));
    (right != address.path())
        .then(|| address.query().map_or_else(|| right.clone(), |query| format!("{right}?{query}")))
}

fn is_meant(one: &str, given: &str) -> bool {
    one.starts_with('{') || one.eq_ignore_ascii_case(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(address: &str) -> Option<String> {
        learn(crate::router::routes);
        right_path(&address.parse().expect("an address"))
    }

    #[test]
    fn slashes_and_capitals_lead_to_the_page() {
        for (address, meant) in [
            ("/login/", "/login"),
            ("/Login?next=/help", "/login?next=/help"),
            ("/settings/Auth-Tokens/?create", "/settings/auth-tokens?create"),
            ("/admin/users/sam/", "/admin/users/sam"),
            ("/Admin/Users/%2F%2Fevil.example/", "/admin/users/%2F%2Fevil.example"),
            ("/admin/audit.csv/", "/admin/audit.csv"),
            ("/login/oidc/", "/login/oidc"),
            ("//settings//sessions", "/settings/sessions"),
            ("/HELP", "/help"),
            ("//", "/"),
        ] {
            assert_eq!(right(address).as_deref(), Some(meant), "{address}");
        }
    }

    #[test]
    fn what_is_no_page_leads_nowhere() {
        for address in [
            "//evil.example",
            "//evil.example/",
            "/\\evil.example/",
            "/login/x/",
            "/fn/log_in/",
            "/pkg/x.js/",
            "/login",
            "/admin/users/sam",
        ] {
            assert_eq!(right(address), None, "{address}");
        }
    }
}
