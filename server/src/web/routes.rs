//! The table of routes: what the router is built from, and what `latchkey routes` prints. This is
//! the one file that makes a router of axum's, so that no route exists that is not in the list.
//!
//! Routes come in groups, each of one [`Kind`]. What a request passes is put around the groups that
//! it is for, and never asks for the path: a layer that must know for whom a request is finds the
//! kind that its group has set ([`Kind::of`]).
//!
//! Tests: below, `server/tests/server/routes/` (who is answered what at each), and
//! `desk/tests/structure.rs` (no other file makes one).

use std::fmt;
use std::rc::Rc;

use axum::extract::Request;
use axum::handler::Handler;
use axum::routing::{MethodRouter, any, delete, get, patch, post, put};
use axum::{Extension, Router};
use serde::Serialize;

use super::AppState;

/// For whom a route is, and by what they prove themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// For people's eyes; most take a session.
    Page,
    /// What pages post to; most take a session.
    ServerFunction,
    /// A file that people save; takes a session.
    File,
    /// Events for a page that is open; takes a session.
    Live,
    /// The way to an OpenID provider, and back.
    SignOn,
    /// What a token may ask about itself.
    MachineApi,
    /// What registered clients may ask about tokens.
    Client,
    /// A person's calendar, by an address that nobody else knows.
    Calendar,
    /// For the identity system that pushes people.
    Scim,
    /// For whoever has found tokens where strangers can read them.
    Leak,
    /// Whether a token is good, for whatever stands before an application.
    Verify,
    /// For whatever watches over the process.
    Health,
    /// Script, style and icons, and where password managers are led, for anybody.
    Site,
    /// No route's: what is answered where there is none.
    Nothing,
}

impl Kind {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 14] = [
        Self::Page,
        Self::ServerFunction,
        Self::File,
        Self::Live,
        Self::SignOn,
        Self::MachineApi,
        Self::Client,
        Self::Calendar,
        Self::Scim,
        Self::Leak,
        Self::Verify,
        Self::Health,
        Self::Site,
        Self::Nothing,
    ];

    /// Of the request that is being answered, as the group of its route has set it.
    pub(super) fn of(request: &Request) -> Self {
        request.extensions().get().copied().unwrap_or(Self::Nothing)
    }

    /// Its words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::ServerFunction => "server function",
            Self::File => "file",
            Self::Live => "live",
            Self::SignOn => "sign-on",
            Self::MachineApi => "machine API",
            Self::Client => "client",
            Self::Calendar => "calendar",
            Self::Scim => "SCIM",
            Self::Leak => "leak",
            Self::Verify => "verify",
            Self::Health => "health",
            Self::Site => "site",
            Self::Nothing => "nothing",
        }
    }

    /// Whether a slash at the end of a path changes nothing. Programs do not follow where they are
    /// led, so that each is answered at once; pages lead on ([`super::right_path`]).
    const fn takes_slash(self) -> bool {
        matches!(self, Self::MachineApi | Self::Client | Self::Leak | Self::Verify | Self::Health)
    }
}

/// A row of the table of routes (`docs/reference/routes.md`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// For whom it is.
    pub kind: Kind,
    /// The methods it takes; none: each.
    pub methods: Vec<&'static str>,
    /// The path as axum writes it: `{name}` is one segment, `{*rest}` what is left.
    pub path: String,
    /// What has to be configured for it to be there; none: it always is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_with: Option<&'static str>,
}

impl Route {
    /// The methods in words.
    #[must_use]
    pub fn methods(&self) -> String {
        if self.methods.is_empty() { "any".to_owned() } else { self.methods.join(", ") }
    }
}

/// Makes a group's router once it is known what is shared.
type Build = Box<dyn FnOnce(&AppState) -> Router<AppState>>;

/// Routes of one kind, and what has been put around them.
struct Group {
    kind: Kind,
    build: Build,
}

impl Group {
    fn then(
        self,
        step: impl FnOnce(&AppState, Router<AppState>) -> Router<AppState> + 'static,
    ) -> Self {
        let Self { kind, build } = self;
        Self { kind, build: Box::new(move |state| step(state, build(state))) }
    }
}

/// Routes with what answers at each. They are listed without anything that is shared, and built
/// with it.
pub(crate) struct Routes {
    list: Vec<Route>,
    /// Those that are added are of this one.
    own: Group,
    merged: Vec<Group>,
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes").field("list", &self.list).finish_non_exhaustive()
    }
}

/// `fn NAME(path, handler)`: adds what answers one method.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident($function:ident) = [$($method:literal),*];)+) => {
        $(
            $(#[$doc])*
            pub(crate) fn $name<H, T>(self, path: &str, handler: H) -> Self
            where
                H: Handler<T, AppState>,
                T: 'static,
            {
                self.route(path, vec![$($method),*], $function(handler))
            }
        )+
    };
}

impl Routes {
    /// None yet; those that are added are of this kind.
    pub(crate) fn of(kind: Kind) -> Self {
        let own = Group { kind, build: Box::new(|_| Router::new()) };
        Self { list: Vec::new(), own, merged: Vec::new() }
    }

    methods! {
        /// GET, and HEAD, which axum answers by it.
        get(get) = ["GET", "HEAD"];
        post(post) = ["POST"];
        put(put) = ["PUT"];
        patch(patch) = ["PATCH"];
        delete(delete) = ["DELETE"];
        /// Whatever method there is.
        any(any) = [];
    }

    fn route(
        mut self,
        path: &str,
        methods: Vec<&'static str>,
        answer: MethodRouter<AppState>,
    ) -> Self {
        let kind = self.own.kind;
        match self.list.iter_mut().find(|route| route.path == path) {
            Some(route) => route.methods.extend(methods),
            None => {
                self.list.push(Route { kind, methods, path: path.to_owned(), only_with: None });
            }
        }
        let path = path.to_owned();
        let with_slash = (kind.takes_slash() && !path.ends_with('}')).then(|| format!("{path}/"));
        self.add(move |router| match with_slash {
            Some(with_slash) => router.route(&with_slash, answer.clone()).route(&path, answer),
            None => router.route(&path, answer),
        })
    }

    /// What answers where there is no route.
    pub(crate) fn fallback<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(move |router| router.fallback(handler))
    }

    /// What answers below a path where there is no route, and no group that answers there itself.
    pub(crate) fn fallback_below<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(move |router| router.nest(path, Router::new().fallback(handler)))
    }

    fn add(self, step: impl FnOnce(Router<AppState>) -> Router<AppState> + 'static) -> Self {
        Self { own: self.own.then(|_, router| step(router)), ..self }
    }

    /// What a request passes on its way to these routes: layers, the last of them first.
    pub(crate) fn then(
        self,
        step: impl Fn(&AppState, Router<AppState>) -> Router<AppState> + 'static,
    ) -> Self {
        let step = Rc::new(step);
        self.each(|group| {
            let step = step.clone();
            group.then(move |state, router| step(state, router))
        })
    }

    fn each(self, change: impl Fn(Group) -> Group) -> Self {
        let merged = self.merged.into_iter().map(&change).collect();
        Self { list: self.list, own: change(self.own), merged }
    }

    /// These and others.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.list.extend(other.list);
        self.merged.push(other.own);
        self.merged.extend(other.merged);
        self
    }

    /// These below a path, there only where `is_there`; `only_with` says in words what that takes.
    pub(crate) fn below(
        mut self,
        path: &'static str,
        only_with: &'static str,
        is_there: fn(&AppState) -> bool,
    ) -> Self {
        for route in &mut self.list {
            route.path = format!("{path}{}", route.path);
            route.only_with = Some(only_with);
        }
        self.then(
            move |state, router| {
                if is_there(state) { Router::new().nest(path, router) } else { Router::new() }
            },
        )
    }

    /// Says of these what has to be configured for them to do anything.
    pub(crate) fn only_with(mut self, what: &'static str) -> Self {
        self.list.iter_mut().for_each(|route| route.only_with = Some(what));
        self
    }

    /// The list, by kind and path.
    pub(crate) fn into_list(self) -> Vec<Route> {
        let mut list = self.list;
        list.sort_by(|one, other| (one.kind, &one.path).cmp(&(other.kind, &other.path)));
        list
    }

    /// The router. Outermost around each group is what says its kind, but around verify nothing is:
    /// every request of every application would pay for it, and nobody there asks.
    pub(crate) fn into_router(self, state: &AppState) -> Router<AppState> {
        [self.own].into_iter().chain(self.merged).fold(
            Router::new(),
            |all, Group { kind, build }| {
                let group = build(state);
                all.merge(if kind == Kind::Verify { group } else { group.layer(Extension(kind)) })
            },
        )
    }
}

/// A router around the whole, for what is to be done before any route is looked for.
pub(crate) fn wrap(whole: Router) -> Router {
    Router::new().fallback_service(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_listed_with_its_kind_its_methods_and_where_it_is() {
        let people = Routes::of(Kind::Scim)
            .get("/Users", async || "")
            .post("/Users", async || "")
            .below("/scim/v2", "a token", |_| true);
        let all =
            Routes::of(Kind::Verify).any("/auth/verify", async || "").merge(people).into_list();
        let listed: Vec<_> = all
            .iter()
            .map(|route| {
                (route.kind.words(), route.methods(), route.path.as_str(), route.only_with)
            })
            .collect();
        let users = ("SCIM", "GET, HEAD, POST".to_owned(), "/scim/v2/Users", Some("a token"));
        assert_eq!(listed, [users, ("verify", "any".to_owned(), "/auth/verify", None)]);
    }

    #[test]
    fn every_kind_is_listed_at_its_own_place() {
        let mut places = Kind::ALL.iter().enumerate();
        assert!(places.all(|(at, kind)| *kind as usize == at));
        assert_eq!(Kind::Nothing as usize + 1, Kind::ALL.len(), "the last that is declared");
    }

    #[test]
    fn a_path_is_of_one_kind_so_that_who_asks_there_is_known() {
        let routes = crate::router::routes();
        for (at, route) in routes.iter().enumerate() {
            assert!(route.kind != Kind::Nothing, "{}", route.path);
            assert!(!routes[..at].iter().any(|other| other.path == route.path), "{}", route.path);
        }
    }
}
