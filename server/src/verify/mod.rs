//! `/auth/verify`: who is this request? (DESIGN.md 5 and 6) For nginx `auth_request`, Caddy `forward_auth` and Traefik
//! `ForwardAuth`.

mod answer;
mod credential;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use desk::{Access, Verdict, VerifyRequest};
use http::{HeaderMap, Method};

use crate::http::{Caller, Shared};

pub use credential::{Credential, read as read_credential};

/// Answers with 200 and who it is, or 401, 403 or 503. Cookies are not looked at: a session is no token.
pub(crate) async fn verify(State(shared): State<Shared>, Extension(caller): Extension<Caller>, request: Request) -> Response {
    let Some(credential) = read_credential(request.headers()) else {
        tracing::debug!(reason = "no readable credential", address = %caller.address, "verify: refused");
        return answer::unauthorised();
    };
    let asked =
        VerifyRequest { method: original_method(request.headers(), caller.through_proxy, request.method()), address: caller.address };
    // The reason is for the log alone: from outside, every refusal looks the same.
    match shared.desk.verify(credential.token.expose(), credential.user.as_deref(), &asked).await {
        Verdict::Good(pass) => answer::good(&pass),
        Verdict::Refused(reason) => {
            tracing::info!(reason, address = %caller.address, "verify: refused");
            answer::unauthorised()
        }
        Verdict::Forbidden(reason) => {
            tracing::info!(reason, address = %caller.address, "verify: forbidden");
            answer::forbidden()
        }
        Verdict::Unavailable => answer::unavailable(),
    }
}

/// The method of the request that the application received: `X-Original-Method` (nginx) or `X-Forwarded-Method` (Caddy,
/// Traefik) where a trusted proxy says it, else this request's own.
///
/// A method that `read` does not allow counts whoever says it: that can only narrow what a token opens. So an operator
/// who forgot `trusted_proxies` finds their read-only tokens refused, not unbounded.
fn original_method(headers: &HeaderMap, through_proxy: bool, own: &Method) -> String {
    let said: Vec<&str> = ["x-original-method", "x-forwarded-method"]
        .into_iter()
        .flat_map(|name| headers.get_all(name))
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    let narrow = said.iter().find(|method| !Access::Read.allows(method));
    narrow.or(said.first().filter(|_| through_proxy)).map_or_else(|| own.to_string(), |method| (*method).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(headers: &[(&'static str, &str)], through_proxy: bool, own: &Method) -> String {
        let map: HeaderMap =
            headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a value"))).collect();
        original_method(&map, through_proxy, own)
    }

    #[test]
    fn a_trusted_proxy_names_the_original_method() {
        assert_eq!(method(&[("x-original-method", "POST")], true, &Method::GET), "POST");
        assert_eq!(method(&[("x-forwarded-method", "GET")], true, &Method::POST), "GET");
        assert_eq!(method(&[], true, &Method::HEAD), "HEAD");
    }

    #[test]
    fn anybody_else_can_only_narrow() {
        assert_eq!(method(&[("x-original-method", "GET")], false, &Method::POST), "POST");
        assert_eq!(method(&[("x-original-method", "DELETE")], false, &Method::GET), "DELETE");
    }

    #[test]
    fn of_contradicting_methods_the_narrower_counts() {
        assert_eq!(method(&[("x-original-method", "GET"), ("x-forwarded-method", "POST")], true, &Method::GET), "POST");
    }
}
