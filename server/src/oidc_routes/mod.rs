//! The routes of a log-in by an OpenID provider, and of log-out there and from there. What is asked
//! of the provider, and what it says, is `oidc/`. Tests: `server/tests/server/people/sign_on/`.

mod back_channel;
mod hint;

use app::server::pages::destination;
use app::server::request_context::{RequestContext, signed_on_line};
use axum::Extension;
use axum::extract::State;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use desk::{LogLimiter, NetId, Refusal};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::figures::SignOnOutcome;
use crate::oidc::{CompletedLogin, LoginState, OidcError, browser_of};
use crate::web::{
    AppState, Caller, Kind, Routes, problems_for_wrong_methods, take_return, take_vouched,
};

/// What fails at the provider, or with it.
static FAILED: LogLimiter = LogLimiter::new(20);

/// What anybody can send here, apart, so that it hides nothing of the other.
static NOT_STARTED: LogLimiter = LogLimiter::new(1);

/// What has to be configured for these doors to lead anywhere: without it each is a page that does
/// not exist.
const PROVIDER: &str = "an OpenID provider";

/// What people's browsers ask for.
pub(crate) fn for_people() -> Routes {
    Routes::of(Kind::SignOn)
        .get("/login/oidc", begin)
        .get("/login/oidc/back", back)
        .get("/login/oidc/out", log_out_there)
        .only_with(PROVIDER)
}

/// What the provider itself asks for.
pub(crate) fn for_programs() -> Routes {
    Routes::of(Kind::SignOn)
        .post("/login/oidc/log-out", back_channel::log_out)
        .then(|_, router| router.layer(map_response(problems_for_wrong_methods)))
        .only_with(PROVIDER)
}

/// Sends the browser to the provider, and leaves with it what its return must fit.
async fn begin(
    State(app_state): State<AppState>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let Some(provider) = &app_state.sign_on else {
        return app::server::pages::not_found(context).await;
    };
    let next = destination(&context, context.query("next").as_deref());
    let browser = browser_of(&headers, context.secure);
    match provider.begin(next.clone(), context.query("fresh").is_some(), browser).await {
        Ok((url, login)) => {
            // A page that leads on, and no redirect: browsers do not follow one from a form to
            // another site (CSP form-action).
            let page = app::server::onward_document(
                &crate::site::names().css,
                provider.name(),
                url.as_str(),
            );
            let mut response = Html(page).into_response();
            login
                .make_room(&headers, context.secure)
                .iter()
                .for_each(|line| set_cookie(&mut response, line));
            set_cookie(&mut response, &login.cookie(context.secure));
            response
        }
        Err(error) => refused(&context, &refusal_for(&error), &next),
    }
}

/// The provider has sent the browser back.
async fn back(
    State(app_state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let Some(provider) = &app_state.sign_on else {
        return app::server::pages::not_found(context).await;
    };
    let secure = context.secure;
    // Of several log-ins that this browser has begun, the one of this return.
    let login = context.query("state").and_then(|state| LoginState::read(&headers, secure, &state));
    // On plain http a neighbouring host can set the cookie, and anybody in between.
    let next = destination(&context, login.as_ref().map(|login| login.next.as_str()));
    let here = context.visitor().await.ok().map(|visitor| visitor.netid().clone());
    // On plain http, and on a host that is shared, a neighbour may have planted one that they have
    // begun. Where somebody is logged in it shows by who comes back; else by the browser's marks.
    let ours = login.as_ref().filter(|login| here.is_some() || login.is_of(&headers, secure));
    // Any page may send a browser here, by an image too: what was not begun in this one, or too
    // long ago, is answered without being counted. So is what has to wait: what was begun stays,
    // and the same return works in a moment.
    let counted = if ours.is_some_and(|login| !login.is_over()) {
        match take_return(&app_state, caller, &headers).await {
            Ok(counted) => Some(counted),
            Err(refusal) => return refused_for_now(&context, &refusal),
        }
    } else {
        None
    };
    let completed = if login.is_some() && ours.is_none() {
        Err(OidcError::NotStarted("it was begun in another browser"))
    } else {
        provider.complete(ours, &|key| context.query(key)).await
    };
    // Whom the provider vouches for spends nothing of what others at the same address have. Where
    // it is away it may be so because of what it is asked, and that it is, anybody may write into
    // the address.
    if let (Some(counted), Ok(_)) = (counted, &completed) {
        counted.give_back(&app_state);
    }
    if let Err(error) = &completed {
        app_state.figures.signed_on(outcome_of(error));
    }
    let mut response = match completed {
        Ok(completed) => match here.filter(|here| is_another(here, &completed)) {
            Some(here) => {
                app_state.figures.signed_on(SignOnOutcome::NotLetIn);
                of_another(&here, &next)
            }
            None => let_in_counted(&app_state, &context, &completed, &next).await,
        },
        // Another tab was quicker, or this return is loaded once more.
        Err(OidcError::NotStarted(_)) if context.visitor().await.is_ok() => {
            Redirect::to(&next).into_response()
        }
        // Loaded once more, it may go well.
        Err(error @ OidcError::Away(_)) => return refused(&context, &refusal_for(&error), &next),
        Err(error) => refused(&context, &refusal_for(&error), &next),
    };
    // It is over with this, however it ended: the same return does not work twice.
    if let Some(login) = login {
        set_cookie(&mut response, &login.no_cookie(secure));
    }
    response
}

/// Whether somebody else comes back than who is logged in here.
fn is_another(here: &NetId, completed: &CompletedLogin) -> bool {
    NetId::parse(&completed.who.netid).is_ok_and(|back| back != *here)
}

/// Nobody becomes somebody else without having logged out: it may be a stranger's log-in, which
/// this browser was led to come back from.
fn of_another(here: &NetId, next: &str) -> Response {
    if let Some(left_out) = NOT_STARTED.may_speak() {
        tracing::warn!(
            %here, left_out,
            "somebody else’s log-in by the OpenID provider came back where somebody is logged in: \
                they stay",
        );
    }
    let page = app::server::of_another_document(&crate::site::names().css, here.as_str(), next);
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::CONFLICT, no_store, Html(page)).into_response()
}

/// How a return that brings nobody in has ended.
fn outcome_of(error: &OidcError) -> SignOnOutcome {
    match error {
        OidcError::Away(_) => SignOnOutcome::Away,
        OidcError::NotStarted(_) => SignOnOutcome::NotStarted,
        OidcError::Refused(_) => SignOnOutcome::Refused,
        OidcError::Cancelled(_) => SignOnOutcome::Cancelled,
        OidcError::Misconfigured(_) => SignOnOutcome::Misconfigured,
    }
}

/// Lets them in, or says why not; and counts it.
async fn let_in_counted(
    app_state: &AppState,
    context: &RequestContext,
    completed: &CompletedLogin,
    next: &str,
) -> Response {
    let let_in = let_in(app_state, context, completed, next).await;
    let is_in = let_in.is_ok();
    app_state.figures.signed_on(if is_in {
        SignOnOutcome::LoggedIn
    } else {
        SignOnOutcome::NotLetIn
    });
    let_in.unwrap_or_else(|refusal| refused(context, &refusal, next))
}

async fn let_in(
    app_state: &AppState,
    context: &RequestContext,
    completed: &CompletedLogin,
    next: &str,
) -> Result<Response, Refusal> {
    take_vouched(app_state, &completed.who.netid)?;
    let mut response = app::server::pages::let_in(
        context,
        &completed.who,
        desk::Source::Oidc,
        &completed.login_context,
        next,
    )
    .await?;
    let hint = hint::cookie(context.secure, &completed.id_token)
        .unwrap_or_else(|| hint::no_cookie(context.secure));
    set_cookie(&mut response, &hint);
    // The next return of this browser waits for no stranger at its address.
    // Logged in they are without it, too.
    if let Ok(netid) = NetId::parse(&completed.who.netid)
        && let Ok(mark) = app_state.desk.signed_on(&netid).await
    {
        set_cookie(&mut response, &signed_on_line(&mark, context.secure));
    }
    Ok(response)
}

/// Logs out at the provider too: it asks first, since anybody may send a browser here.
async fn log_out_there(
    State(app_state): State<AppState>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let Some(provider) = &app_state.sign_on else {
        return app::server::pages::not_found(context).await;
    };
    // With it the provider may log out without asking: only for who has logged out here, on a page
    // of ours.
    let ours = headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    let is_out = ours && context.visitor().await.is_err();
    let hint = if is_out { hint::read(&headers, context.secure) } else { None };
    match provider.end_session_url(hint.as_deref()).await {
        Ok(Some(url)) => {
            let mut response = Redirect::to(url.as_str()).into_response();
            if hint.is_some() {
                set_cookie(&mut response, &hint::no_cookie(context.secure));
            }
            response
        }
        Ok(None) => Redirect::to("/login").into_response(),
        // Here they are logged out: that page says so, and that there they may not be.
        Err(error) => {
            refusal_for(&error);
            Redirect::to("/login?out").into_response()
        }
    }
}

/// In the desk's words; the cause is in the log.
fn refusal_for(error: &OidcError) -> Refusal {
    let log = if matches!(error, OidcError::NotStarted(_)) { &NOT_STARTED } else { &FAILED };
    if let Some(left_out) = log.may_speak() {
        tracing::warn!(%error, left_out, "log-in by the OpenID provider");
    }
    match error {
        OidcError::Away(_) => Refusal::DirectoryUnavailable,
        OidcError::NotStarted(_) => Refusal::SignOnInterrupted,
        OidcError::Refused(_) => Refusal::SignOnRefused,
        OidcError::Cancelled(_) => Refusal::SignOnCancelled,
        OidcError::Misconfigured(_) => Refusal::SignOnMisconfigured,
    }
}

/// The page that says why nobody is logged in, and leads to another try that ends where this one
/// was going.
fn refused(context: &RequestContext, refusal: &Refusal, next: &str) -> Response {
    page(context, refusal, ("Log in again", &app::paths::login_then(next)))
}

/// The same where this very return works in a moment.
fn refused_for_now(context: &RequestContext, refusal: &Refusal) -> Response {
    let same = context.uri.path_and_query().map_or("/login", |path| path.as_str());
    page(context, refusal, ("Try again", same))
}

fn page(context: &RequestContext, refusal: &Refusal, again: (&str, &str)) -> Response {
    let contact = &context.settings.help_desk_contact;
    let css = &crate::site::names().css;
    let id = &context.request_id;
    let page = app::server::again_document(css, refusal, contact, id, again);
    let mut response =
        (StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNAUTHORIZED), Html(page))
            .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Refusal::TooManyAttempts { seconds } = refusal {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

fn set_cookie(response: &mut Response, line: &str) {
    if let Ok(line) = HeaderValue::from_str(line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// 200 without a word, or 400 (OpenID Connect Back-Channel Logout 1.0 §2.8).
fn logged_out(good: bool) -> Response {
    let status = if good { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
}
