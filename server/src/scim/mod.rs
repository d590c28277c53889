//! `/scim/v2`: people pushed by an identity system (SCIM 2.0: RFC 7643, RFC 7644), with a bearer
//! token.
//!
//! Whoever is made inactive or deleted has left: tokens are refused from the next request on,
//! sessions are over. A person's NetID is their `userName` and their `id`, and never changes.
//!
//! What is sent is read out of the JSON bit by bit, and not by a crate's types: identity systems
//! write `"True"` for true, one value where the standard has a list, names of attributes in any
//! case and paths of their own, and types that are derived refuse the whole for any of these.

mod body;
mod discovery;
mod filter;
mod finding;
mod group_patch;
mod groups;
mod name;
mod not_theirs;
mod parameters;
mod patch;
mod response;
mod slashes;
mod user;

use std::collections::BTreeSet;

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::Response;
use desk::{LogLimiter, MAX_MEMBERS, NetId, PushError, PushedUser, Refusal, Secret};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use body::read;
use filter::Filter;
use parameters::{Id, Parameters};
use response::ScimError;
use user::Change;

use crate::web::{AppState, Authorization, Caller, Kind, Routes, throw_away};

/// Anybody may come without it.
static WRONG: LogLimiter = LogLimiter::new(5);

/// All of it. Where no token is configured, there is nothing here.
pub(crate) fn routes() -> Routes {
    Routes::of(Kind::Scim)
        .get("/ServiceProviderConfig", discovery::service_provider_config)
        .get("/ResourceTypes", discovery::resource_types)
        .get("/ResourceTypes/{name}", discovery::resource_type)
        .get("/Schemas", discovery::schemas)
        .get("/Schemas/{id}", discovery::schema)
        .post("/.search", search)
        .post("/Users/.search", search)
        .get("/Users", list)
        .post("/Users", create)
        .get("/Users/{id}", show)
        .put("/Users/{id}", replace)
        .patch("/Users/{id}", change)
        .delete("/Users/{id}", delete)
        .get("/Groups", groups::list)
        .post("/Groups", groups::create)
        .get("/Groups/{id}", groups::show)
        .put("/Groups/{id}", groups::replace)
        .patch("/Groups/{id}", groups::change)
        .delete("/Groups/{id}", groups::delete)
        .any("/Me", async || {
            not_here("Whoever asks here is an identity system and nobody: ask for /Users.")
        })
        .any("/Bulk", async || {
            not_here("Nothing is done in bulk here: send each request by itself.")
        })
        .then(|state, router| slashes::forgiven(router, state))
        .then(|state, router| {
            router
                .layer(map_response(response::wrong_method))
                .layer(from_fn_with_state(state.clone(), guard))
        })
        .below("/scim/v2", "an identity system", |state| state.scim_token.is_some())
}

/// Lets nobody pass without the token.
async fn guard(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    let given = bearer(request.headers());
    if let (Some(given), Some(token)) = (&given, &state.scim_token)
        && given.same(token)
    {
        return next.run(request).await;
    }
    if let Some(left_out) = WRONG.may_speak() {
        let address = caller.address;
        tracing::warn!(%address, left_out, "a SCIM request without the right token");
    }
    throw_away(request.into_body()).await;
    match state.wrong_clients.take(caller.address) {
        Ok(()) => response::unauthorized(),
        Err(seconds) => response::too_many(seconds),
    }
}

fn bearer(headers: &HeaderMap) -> Option<Secret> {
    Some(Secret::new(Authorization::of(headers)?.after("bearer")?.to_owned()))
}

/// 501: the standard has it, and this desk does not.
fn not_here(detail: &str) -> Response {
    response::wrong(&ScimError::of(StatusCode::NOT_IMPLEMENTED, "", detail))
}

async fn list(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Response, ScimError> {
    found(&state, &parameters).await
}

/// As [`list`], with what is asked in the body (RFC 7644 §3.4.3): queries end up in logs.
async fn search(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, ScimError> {
    let parameters = Parameters::in_body(read(&state, caller, request).await?.body)?;
    found(&state, &parameters).await
}

async fn found(state: &AppState, parameters: &Parameters) -> Result<Response, ScimError> {
    let wanted = parameters.wanted();
    let (start, count) = (parameters.start(), parameters.count());
    let door = state.desk.source(desk::source::Scim);
    let (total, found) =
        match parameters.filter.as_deref().map(str::trim).filter(|filter| !filter.is_empty()) {
            None => door.pushed_users(start - 1, count).await?,
            Some(filter) => {
                let all = finding::found(&door, &Filter::parse(filter)?).await?;
                let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
                (total, all.into_iter().skip(start as usize - 1).take(count as usize).collect())
            }
        };
    let resources: Vec<Value> =
        found.iter().map(|person| user::shown(person, state, &wanted)).collect();
    Ok(response::list(total, start, &resources))
}

async fn show(
    State(state): State<AppState>,
    Id(id): Id,
    parameters: Parameters,
) -> Result<Response, ScimError> {
    let netid = known(&id)?;
    let person = state
        .desk
        .source(desk::source::Scim)
        .pushed_user(&netid)
        .await?
        .ok_or_else(|| ScimError::unknown(&id))?;
    Ok(response::ok(&user::shown(&person, &state, &parameters.wanted())))
}

async fn create(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    parameters: Parameters,
    request: Request,
) -> Result<Response, ScimError> {
    let sent = read(&state, caller, request).await?;
    let (netid, push) = user::made(&sent.body)?;
    let door = state.desk.source(desk::source::Scim);
    let person = door.push_new(&netid, &push, &sent.origin).await?;
    let location = user::location(&person, &state);
    Ok(response::created(&user::shown(&person, &state, &parameters.wanted()), &location))
}

async fn replace(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    parameters: Parameters,
    request: Request,
) -> Result<Response, ScimError> {
    changed(&state, caller, &id, &parameters, request, user::replaced).await
}

async fn change(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    parameters: Parameters,
    request: Request,
) -> Result<Response, ScimError> {
    changed(&state, caller, &id, &parameters, request, patch::applied).await
}

/// Makes a person as the body says, which `claims` reads; again where somebody else changes them at
/// the same moment, since what it says of one part may go by another.
async fn changed(
    state: &AppState,
    caller: Caller,
    id: &str,
    parameters: &Parameters,
    request: Request,
    claims: fn(&PushedUser, &Value) -> Result<Change, ScimError>,
) -> Result<Response, ScimError> {
    let netid = known(id)?;
    let sent = read(state, caller, request).await?;
    let door = state.desk.source(desk::source::Scim);
    let mut done = None;
    let says = |before: &PushedUser| {
        let change = claims(before, &sent.body)?;
        let push = change.push.clone();
        done = Some(change);
        Ok::<_, ScimError>(push)
    };
    let person = door.push_by(&netid, &sent.origin, says).await?;
    if let Some(change) = done {
        change.is_done(&netid);
    }
    Ok(response::ok(&user::shown(&person, state, &parameters.wanted())))
}

async fn delete(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, ScimError> {
    state.desk.source(desk::source::Scim).push_out(&known(&id)?, &caller.origin(&headers)).await?;
    Ok(response::gone())
}

/// What is no NetID is nobody's id. In capitals it is the same one, as everywhere: whoever has sent
/// a `userName` in capitals may ask for it by that.
fn known(id: &str) -> Result<NetId, ScimError> {
    let is_id = |netid: &NetId| netid.as_str().eq_ignore_ascii_case(id);
    NetId::parse(id).ok().filter(is_id).ok_or_else(|| ScimError::unknown(id))
}

impl From<PushError> for ScimError {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Exists => Self::of(
                StatusCode::CONFLICT,
                "uniqueness",
                "There is somebody with that userName already.",
            ),
            PushError::CalledSo => Self::of(
                StatusCode::CONFLICT,
                "uniqueness",
                "Somebody else here has that externalId. Delete them first, or make them inactive, \
                    if they are the same person.",
            ),
            PushError::Unknown => Self::not_found("There is nobody with that id."),
            PushError::TooManyLeaving { netid, loss, seconds, most } => Self::of(
                StatusCode::TOO_MANY_REQUESTS,
                "",
                &not_theirs::leaver(&netid, &loss, most),
            )
            .after(seconds),
            PushError::TooManyMembers => Self::of(
                StatusCode::BAD_REQUEST,
                "tooMany",
                &format!(
                    "No more than {MAX_MEMBERS} people are put into a group or taken out of it \
                        at once, and nobody was: send them by several PATCH requests.",
                ),
            ),
            PushError::Own { netid, has_password } => {
                Self::of(StatusCode::FORBIDDEN, "", &not_theirs::one(&netid, has_password))
            }
            PushError::Members { unknown, own } => {
                not_theirs::members(&unknown, &own, &BTreeSet::new())
            }
            PushError::LastAdministrator(netid) => Self::of(
                StatusCode::CONFLICT,
                "",
                &format!(
                    "“{netid}” is the last enabled administrator: nobody would be left who may \
                        give rights. Make somebody else an administrator first.",
                ),
            ),
            PushError::Refused(refusal) => refusal.into(),
        }
    }
}

impl From<Refusal> for ScimError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unavailable => {
                Self::of(StatusCode::SERVICE_UNAVAILABLE, "", &refusal.to_string())
            }
            // Others change the same person all the time: it has been tried several times here.
            Refusal::ChangedMeanwhile => {
                Self::of(StatusCode::SERVICE_UNAVAILABLE, "", &refusal.to_string()).after(1)
            }
            // The person who could contact somebody is not the one who reads this.
            Refusal::NetIdReserved { netid } => Self::value(&not_theirs::reserved(&netid)),
            other => Self::of(StatusCode::BAD_REQUEST, "invalidValue", &other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    #[test]
    fn what_others_change_in_between_is_to_be_sent_again() {
        let overtaken = PushError::Refused(Refusal::ChangedMeanwhile);
        let answer = response::wrong(&ScimError::from(overtaken));
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[header::RETRY_AFTER], "1");
    }
}
