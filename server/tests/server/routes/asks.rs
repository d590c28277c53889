//! What is sent to each route: well formed, and the least that there is. A route that has nothing
//! here is a failure.

use server::router::routes;
use server::web::{Kind, Route};

use super::callers::Own;
use crate::support::Request;

/// A question.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) route: Route,
    /// What is special in it; may be empty.
    pub(super) note: &'static str,
    /// Methods that are asked one by one, and told together where the answers are the same.
    pub(super) methods: Vec<&'static str>,
    target: &'static str,
    body: Body,
    /// It changes something for whoever may.
    pub(super) changes: bool,
}

#[derive(Clone, Copy, Debug)]
enum Body {
    None,
    Form(&'static [(&'static str, &'static str)]),
    Json(&'static str),
}

const EVERY_METHOD: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/// Path, method, note, target, body.
type Sent = (&'static str, &'static str, &'static str, &'static str, Body);

use Body::{Form, Json, None as Nothing};

const SAM: (&str, &str) = ("netid", "sam");
const TIA: (&str, &str) = ("netid", "tia");
const OWN: (&str, &str) = ("own_password", "{own}");
const KEY: (&str, &str) = ("form", "{form}");
const NEW: (&str, &str) = ("new", "{new}");
const RETYPE: (&str, &str) = ("retype", "{new}");
const SEEN: [(&str, &str); 3] =
    [("was_role", "staff"), ("was_privileged", "true"), ("was_disabled", "false")];
const STAFF: (&str, &str) = ("role", "staff");
const YES: (&str, &str) = ("privileged", "true");

/// The server functions, and what is posted to them; several where what is answered depends on
/// whose thing it is.
#[rustfmt::skip]
const FUNCTIONS: &[(&str, &str, &[(&str, &str)])] = &[
    ("layout", "", &[]),
    ("log_in", "as tia, with her password", &[TIA, ("password", "tia-netid-password")]),
    ("log_out", "", &[]),
    ("find_users", "", &[("query", "sam")]),
    ("user_page", "of tia", &[TIA]),
    ("user_page", "of ada", &[("netid", "ada")]),
    ("user_page", "of nobody", &[("netid", "nobody")]),
    ("generate_passphrase", "", &[]),
    ("set_local_password", "of sam", &[SAM, OWN, NEW, RETYPE, KEY]),
    ("set_local_password", "of ada", &[("netid", "ada"), OWN, NEW, RETYPE, KEY]),
    ("revoke_token_of", "tia’s", &[TIA, ("id", "{token of tia}"), OWN]),
    ("revoke_all_tokens_of", "tia", &[TIA, OWN]),
    ("revoke_all_tokens_of", "ada", &[("netid", "ada"), OWN]),
    ("restore_tokens_of", "tia", &[TIA, OWN]),
    ("end_sessions_of", "sam", &[SAM, OWN]),
    ("end_sessions_of", "ada", &[("netid", "ada"), OWN]),
    ("open_account", "of sam", &[SAM, OWN]),
    ("change_account", "nothing of sam", &[SAM, STAFF, SEEN[0], YES, SEEN[1], SEEN[2]]),
    ("change_account", "takes sam’s privilege", &[SAM, STAFF, SEEN[0], SEEN[1], SEEN[2], OWN]),
    (
        "change_account", "as somebody else saw it",
        &[SAM, STAFF, ("was_role", "rep"), YES, SEEN[1], SEEN[2], OWN],
    ),
    (
        "change_account", "ada",
        &[("netid", "ada"), STAFF, ("was_role", "admin"), YES, SEEN[1], SEEN[2], OWN],
    ),
    ("list_audit", "", &[("query", "")]),
    ("own_tokens", "", &[]),
    ("create_token", "", &[("description", "x"), ("expires", "30"), ("access", "full"), OWN, KEY]),
    (
        "create_token", "without a password",
        &[("description", "x"), ("expires", "30"), ("access", "full"), KEY],
    ),
    (
        "edit_token", "one’s own",
        &[
            ("id", "{token}"), ("description", "x"), ("expires", "30"),
            ("was_description", "{whose}"), ("was_networks", ""), ("was_expires", ""), OWN,
        ],
    ),
    (
        "edit_token", "tia’s",
        &[
            ("id", "{token of tia}"), ("description", "x"), ("expires", "30"),
            ("was_description", "tia's"), ("was_networks", ""), ("was_expires", ""), OWN,
        ],
    ),
    ("recognise_network", "one’s own", &[("id", "{token}"), ("network", "192.0.2.0/24")]),
    ("recognise_network", "tia’s", &[("id", "{token of tia}"), ("network", "192.0.2.0/24")]),
    ("renew_token", "one’s own", &[("id", "{token}"), ("overlap", "60"), KEY, OWN]),
    ("renew_token", "tia’s", &[("id", "{token of tia}"), ("overlap", "60"), KEY, OWN]),
    ("revoke_token", "one’s own", &[("id", "{token}"), OWN]),
    ("revoke_token", "tia’s", &[("id", "{token of tia}"), OWN]),
    ("revoke_token", "no id", &[("id", ""), OWN]),
    ("revoke_all_tokens", "", &[OWN]),
    ("revoke_idle_tokens", "", &[OWN]),
    (
        "change_password", "to the same one",
        &[("current", "{own}"), ("new", "{own}"), ("retype", "{own}"), KEY],
    ),
    ("set_first_password", "", &[NEW, RETYPE, KEY]),
    ("judge_password", "one’s own", &[NEW]),
    ("judge_password", "for sam", &[NEW, ("subject", "sam")]),
    ("judge_password", "for ada", &[NEW, ("subject", "ada")]),
    ("own_sessions", "", &[]),
    ("end_session", "one’s own", &[("id", "{session}")]),
    ("end_session", "tia’s", &[("id", "{session of tia}")]),
    ("end_other_sessions", "", &[]),
    ("set_notices", "", &[("token_expires", "true"), KEY]),
    ("new_calendar", "", &[KEY]),
    ("end_calendar", "", &[KEY]),
    ("own_activity", "", &[]),
];

/// What is asked of the other routes where their path alone does not say it.
#[rustfmt::skip]
const OTHERS: &[Sent] = &[
    ("/admin/users/{netid}", "GET", "tia", "/admin/users/tia", Nothing),
    ("/admin/users", "GET", "looking for sam", "/admin/users?q=sam", Nothing),
    ("/admin/audit", "GET", "verifying it", "/admin/audit?verify", Nothing),
    ("/auth/verify/{*path}", "GET", "", "/auth/verify/tickets/1", Nothing),
    ("/calendar/{file}", "GET", "of nobody", "/calendar/none.ics", Nothing),
    ("/live", "GET", "", "/live", Nothing),
    ("/live", "GET", "of tia", "/live?of=tia", Nothing),
    ("/login/oidc/log-out", "POST", "", "/login/oidc/log-out", Form(&[("logout_token", "x")])),
    ("/oauth2/introspect", "POST", "", "/oauth2/introspect", Form(&[("token", "{plain}")])),
    ("/oauth2/revoke", "POST", "", "/oauth2/revoke", Form(&[("token", "{plain}")])),
    ("/scim/v2/.search", "POST", "", "/scim/v2/.search", Json(r#"{"count":1}"#)),
    ("/scim/v2/Users/.search", "POST", "", "/scim/v2/Users/.search", Json(r#"{"count":1}"#)),
    (
        "/scim/v2/Users", "POST", "", "/scim/v2/Users",
        Json(r#"{"userName":"{somebody new}","displayName":"New"}"#),
    ),
    ("/scim/v2/Users/{id}", "GET", "", "/scim/v2/Users/{pushed}", Nothing),
    (
        "/scim/v2/Users/{id}", "PUT", "", "/scim/v2/Users/{pushed}",
        Json(r#"{"userName":"{pushed}","displayName":"New"}"#),
    ),
    (
        "/scim/v2/Users/{id}", "PATCH", "", "/scim/v2/Users/{pushed}",
        Json(r#"{"Operations":[{"op":"replace","value":{"displayName":"New"}}]}"#),
    ),
    ("/scim/v2/Users/{id}", "DELETE", "", "/scim/v2/Users/{pushed}", Nothing),
    ("/scim/v2/Users/{id}", "DELETE", "ada", "/scim/v2/Users/ada", Nothing),
    ("/scim/v2/Groups", "POST", "", "/scim/v2/Groups", Json(r#"{"displayName":"help-desk"}"#)),
    (
        "/scim/v2/Groups/{id}", "PATCH", "", "/scim/v2/Groups/help-desk",
        Json(r#"{"Operations":[{"op":"add","path":"members","value":[{"value":"sam"}]}]}"#),
    ),
    ("/scim/v2/Groups/{id}", "GET", "", "/scim/v2/Groups/help-desk", Nothing),
    (
        "/scim/v2/Groups/{id}", "PUT", "", "/scim/v2/Groups/help-desk",
        Json(r#"{"displayName":"help-desk","members":[]}"#),
    ),
    ("/scim/v2/Groups/{id}", "DELETE", "", "/scim/v2/Groups/help-desk", Nothing),
    (
        "/scim/v2/Schemas/{id}", "GET", "",
        "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", Nothing,
    ),
    ("/scim/v2/ResourceTypes/{name}", "GET", "", "/scim/v2/ResourceTypes/User", Nothing),
    ("/leaks", "POST", "", "/leaks", Json(r#"{"tokens":["{plain}"]}"#)),
    ("/leaks/github", "POST", "", "/leaks/github", Json("[]")),
    ("/pkg/{*path}", "GET", "of no file", "/pkg/none.js", Nothing),
];

/// What is asked of every route.
pub(super) fn all() -> Vec<Ask> {
    let routes = routes();
    let stale = |path: &str| !routes.iter().any(|route| route.path == path);
    let gone: Vec<_> = FUNCTIONS
        .iter()
        .map(|(name, ..)| format!("/fn/{name}"))
        .filter(|path| stale(path))
        .collect();
    assert!(
        gone.is_empty() && !OTHERS.iter().any(|(path, ..)| stale(path)),
        "there is no such route any more: {gone:?}"
    );
    routes.iter().flat_map(of).collect()
}

fn of(route: &Route) -> Vec<Ask> {
    let ask = |note, methods: Vec<&'static str>, target, body| {
        let changes = methods.iter().any(|method| !matches!(*method, "GET" | "HEAD"))
            && route.kind != Kind::Verify;
        Ask { route: route.clone(), note, methods, target, body, changes }
    };
    if let Some(function) = route.path.strip_prefix("/fn/") {
        let posted = FUNCTIONS.iter().filter(|(name, ..)| *name == function);
        let asks: Vec<Ask> = posted
            .map(|(_, note, fields)| ask(*note, vec!["POST"], leaked(&route.path), Form(fields)))
            .collect();
        assert!(!asks.is_empty(), "{}: say in `FUNCTIONS` what is posted to it", route.path);
        return asks;
    }
    let mut asks = Vec::new();
    for methods in by_safety(route) {
        let sent: Vec<_> = OTHERS
            .iter()
            .filter(|(path, method, ..)| *path == route.path && *method == methods[0])
            .collect();
        if !sent.iter().any(|(.., target, _)| *target == route.path) && !route.path.contains('{') {
            assert!(
                methods[0] == "GET" || route.kind != Kind::Scim,
                "{route:?}: say in `OTHERS` what is sent to it"
            );
            asks.push(ask("", methods.clone(), leaked(&route.path), Nothing));
        }
        asks.extend(
            sent.into_iter()
                .map(|(_, _, note, target, body)| ask(*note, methods.clone(), *target, *body)),
        );
    }
    assert!(!asks.is_empty(), "{route:?}: say in `OTHERS` what is sent to it");
    asks
}

/// The methods that are asked with the same question: GET and HEAD, each other one by itself; of a
/// route that takes every one, all.
fn by_safety(route: &Route) -> Vec<Vec<&'static str>> {
    if route.methods.is_empty() {
        return vec![EVERY_METHOD.to_vec()];
    }
    let (read, rest): (Vec<_>, Vec<_>) =
        route.methods.iter().copied().partition(|method| matches!(*method, "GET" | "HEAD"));
    let read = (!read.is_empty()).then_some(read);
    read.into_iter().chain(rest.into_iter().map(|method| vec![method])).collect()
}

fn leaked(path: &str) -> &'static str {
    Box::leak(path.to_owned().into_boxed_str())
}

impl Ask {
    /// Whether what is sent names this.
    pub(super) fn names(&self, word: &str) -> bool {
        let in_body = match self.body {
            Nothing => false,
            Form(fields) => fields.iter().any(|(_, value)| value.contains(word)),
            Json(text) => text.contains(word),
        };
        in_body || self.target.contains(word)
    }

    /// The request by one method, in somebody's name.
    pub(super) fn request(&self, method: &str, own: &Own) -> Request {
        let target = own.filled(self.target);
        let request = match self.body {
            Nothing => Request::new(method, &target),
            Form(fields) => {
                let fields: Vec<(&str, String)> =
                    fields.iter().map(|(name, value)| (*name, own.filled(value))).collect();
                let fields: Vec<(&str, &str)> =
                    fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                Request::form(&target, &fields)
            }
            Json(text) => Request::new(method, &target)
                .header("content-type", "application/json")
                .body(own.filled(text).into_bytes()),
        };
        let is_for_eyes = matches!(self.route.kind, Kind::Page | Kind::SignOn) && method != "POST";
        own.asks(if is_for_eyes { request.page() } else { request })
    }
}
