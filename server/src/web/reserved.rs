//! The paths that are answered on the connections kept for verify: those of the routes that are for
//! verify and for whoever watches. It is the one place that tells what a request is for from its
//! path, and not by the group of its route: whether a connection has a place at all is decided
//! before any router is asked. Which paths these are follows from the table of routes all the same.
//! Tests:
//! below, and `server/tests/server/connections.rs`.

use std::sync::Arc;

use app::paths::within;

use super::routes::{Kind, Route};

/// What is answered on every connection, however many there are.
#[derive(Clone, Debug)]
pub(crate) struct ReservedPaths(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The path of a host that is shared.
    prefix: Arc<str>,
    /// Whole paths.
    whole: Vec<String>,
    /// What such a path begins with, its slash included.
    below: Vec<String>,
}

impl ReservedPaths {
    /// Those among `routes`.
    pub(crate) fn among(routes: Vec<Route>, prefix: Arc<str>) -> Self {
        let (mut whole, mut below) = (Vec::new(), Vec::new());
        for route in routes {
            if !matches!(route.kind, Kind::Verify | Kind::Health) {
                continue;
            }
            match route.path.split_once('{') {
                Some((before, _)) => below.push(before.to_owned()),
                None => whole.push(route.path),
            }
        }
        Self(Arc::new(Inner { prefix, whole, below }))
    }

    /// Whether the path of a request is one of them.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let path = within(&self.0.prefix, path).unwrap_or(path);
        let bare = path.strip_suffix('/').unwrap_or(path);
        self.0.whole.iter().any(|whole| whole == bare)
            || self.0.below.iter().any(|below| path.starts_with(below.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::routes;

    #[test]
    fn verify_and_health_are_held_at_a_host_of_ones_own_and_below_a_path() {
        for prefix in ["", "/latchkey"] {
            let reserved = ReservedPaths::among(routes(), prefix.into());
            for path in [
                "/auth/verify",
                "/auth/verify/",
                "/auth/verify/wiki/a",
                "/healthz",
                "/readyz",
                "/readyz/",
            ] {
                assert!(reserved.holds(path), "{prefix} {path}");
                assert!(reserved.holds(&format!("{prefix}{path}")), "{prefix}{path}");
            }
            let others = [
                "/",
                "",
                "/login",
                "/latchkey",
                "/auth/verifying",
                "/auth",
                "/x/auth/verify",
                "/admin/auth/verify/",
                "/x/auth/verify/a",
                "/settings/healthz",
                "/live/readyz",
                "/healthz//",
                "/latchkey/latchkey/healthz",
            ];
            for path in others {
                assert!(!reserved.holds(path), "{prefix} {path}");
            }
        }
    }
}
