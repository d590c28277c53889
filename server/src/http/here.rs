//! Gives pages and server functions what they need of the request: [`Here`] in its extensions.

use app::here::Here;
use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::Vouched;
use http::{HeaderMap, HeaderName};

use super::{Caller, Shared};
use crate::config::RemoteHeaders;

/// Puts [`Here`] into the request's extensions.
pub(super) async fn put(State(shared): State<Shared>, Extension(caller): Extension<Caller>, mut request: Request, next: Next) -> Response {
    let (origin, pages) = (caller.origin(request.headers()), shared.pages());
    let mut here = Here::new(shared.desk.clone(), origin, request.uri().clone(), request.headers(), caller.secure, pages);
    here.vouched = shared.remote.as_ref().filter(|_| caller.through_proxy).and_then(|remote| vouched(remote, request.headers()));
    request.extensions_mut().insert(here);
    next.run(request).await
}

/// Whom the proxy's headers vouch for; none where it says nobody. Several lines of one name are none: one of them may be
/// what the client itself has sent.
fn vouched(remote: &RemoteHeaders, headers: &HeaderMap) -> Option<Vouched> {
    let one = |name: &HeaderName| {
        let mut lines = headers.get_all(name).iter();
        let line = lines.next().filter(|_| lines.next().is_none())?;
        String::from_utf8(line.as_bytes().to_vec()).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let netid = one(&remote.user)?;
    let groups = remote.groups.as_ref().map(|name| {
        let said = one(name).unwrap_or_default();
        said.split(';').map(|group| group.trim().to_owned()).filter(|group| !group.is_empty()).collect()
    });
    Some(Vouched { netid, name: remote.name.as_ref().and_then(one), email: remote.email.as_ref().and_then(one), groups })
}
