//! Every page as an answer: who may see it, what it is told, and where it leads instead.

use axum::response::{IntoResponse as _, Response};
use desk::{ExternalIdentity, LoginContext, Refusal, Source};
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use super::destination::destination;
use super::draw::{Page, PageData};
use super::{AdminPage, SettingsPage, document};
use crate::admin::tabs::may;
use crate::admin::words::user_path;
use crate::admin::{audit, user, users};
use crate::flash::Outcome;
use crate::layout::{LayoutData, layout_data};
use crate::login::LOGGED_OUT;
use crate::request_context::RequestContext;
use crate::settings::{activity, auth_tokens, sessions};
use crate::styleguide::StyleguidePage;
use crate::{help, login, paths};

/// The longest address that an answer leads on to: proxies keep 4096 bytes for all headers
/// together.
const MOST: usize = 2048;

/// What becomes of a question for a page.
enum Next {
    Settings(SettingsPage),
    Admin(AdminPage),
    Styleguide,
    Go(String),
}

impl From<SettingsPage> for Next {
    fn from(page: SettingsPage) -> Self {
        Self::Settings(page)
    }
}

impl From<AdminPage> for Next {
    fn from(page: AdminPage) -> Self {
        Self::Admin(page)
    }
}

/// Answers a request for one of [`super::PATHS`].
pub async fn serve(context: RequestContext) -> Response {
    let path = context.uri.path().to_owned();
    if let Some(arrived) = arrive(&context).await {
        return arrived;
    }
    let frame = layout_data(&context).await;
    let closed = is_closed(&path);
    let whole = context.uri.path_and_query().map_or(path.as_str(), |whole| whole.as_str());
    let next = match (&frame.trouble, &frame.me) {
        (Some(trouble), _) if closed => SettingsPage::Refused(trouble.clone()).into(),
        (None, None) if closed => Next::Go(paths::log_in_for(whole)),
        (None, Some(_)) if path == "/login" => Next::Go(destination(&context, context.query("next").as_deref())),
        _ => match find(&context, &path).await {
            Ok(next) => next,
            // Ended between the one question and the other.
            Err(Refusal::SessionEnded) => Next::Go(paths::log_in_for(whole)),
            Err(refusal) => SettingsPage::Refused(refusal).into(),
        },
    };
    match next {
        Next::Settings(page) => show(&context, frame, page),
        Next::Admin(page) => show(&context, frame, page),
        Next::Styleguide => show(&context, frame, StyleguidePage),
        Next::Go(path) => go(&path),
    }
}

/// Logs in whom a trusted proxy vouches for and who has no session of their own yet: where a page asks for one, and on the
/// log-in page unless they have just logged out.
async fn arrive(context: &RequestContext) -> Option<Response> {
    let vouched = context.vouched.as_ref()?;
    if !arrives(context).await {
        return None;
    }
    let to = if context.uri.path() == "/login" {
        destination(context, context.query("next").as_deref())
    } else {
        context.uri.path_and_query().map_or("/", |whole| whole.as_str()).to_owned()
    };
    Some(match let_in(context, vouched, Source::Proxy, &LoginContext::default(), &to).await {
        Ok(response) => response,
        Err(refusal) => show(context, layout_data(context).await, SettingsPage::Refused(refusal)),
    })
}

/// Logs in whom `source` vouches for, and leads them to a page of this site.
///
/// # Errors
/// As [`desk::Desk::log_in_vouched`].
pub async fn let_in(
    context: &RequestContext,
    who: &ExternalIdentity,
    source: Source,
    arrival: &LoginContext,
    to: &str,
) -> Result<Response, Refusal> {
    // The session that this browser has ends with that, and what somebody else had typed is not the new one's to see.
    let before = match &context.cookie {
        Some(cookie) => context.desk.visitor(cookie, &context.origin).await.ok(),
        None => None,
    };
    let (cookie, netid) = context.desk.log_in_vouched(who, source, arrival, &context.origin).await?;
    let mut response = go(to);
    if let Some(before) = &before {
        context.desk.log_out(before, &context.origin).await?;
        if *before.netid() != netid {
            context.outcomes_cookie(&[]).into_iter().for_each(|line| _ = response.headers_mut().append(SET_COOKIE, line));
        }
    }
    context.session_cookie(&cookie).into_iter().for_each(|line| _ = response.headers_mut().append(SET_COOKIE, line));
    Ok(response)
}

/// The page that says why not.
pub async fn refused(context: RequestContext, refusal: Refusal) -> Response {
    let frame = layout_data(&context).await;
    show(&context, frame, SettingsPage::Refused(refusal))
}

/// Whether [`serve`] will log somebody in, whom a trusted proxy vouches for.
pub async fn arrives(context: &RequestContext) -> bool {
    let path = context.uri.path();
    let at_login = path == "/login" && context.query(LOGGED_OUT).is_none();
    context.may_arrive
        && context.vouched.is_some()
        && (at_login || is_closed(path))
        && matches!(context.visitor().await, Err(Refusal::SessionEnded))
}

/// Whether a page is for those who are logged in.
fn is_closed(path: &str) -> bool {
    path == "/" || path.starts_with("/settings") || path.starts_with("/admin")
}

/// Answers a request for a page that does not exist.
pub async fn not_found(context: RequestContext) -> Response {
    let frame = layout_data(&context).await;
    show(&context, frame, SettingsPage::NotFound)
}

/// What is on the page of this path. Only who is logged in gets here, but for the log-in and the help.
async fn find(context: &RequestContext, path: &str) -> Result<Next, Refusal> {
    let given = |key: &str| context.query(key).unwrap_or_default();
    let asked = |key: &str| context.query(key).is_some();
    Ok(match path {
        // The start leads to what people come for.
        "/" => Next::Go(start(&context.visitor().await?.me()).to_owned()),
        "/settings" => Next::Go("/settings/about-me".to_owned()),
        "/admin" => Next::Go("/admin/users".to_owned()),
        "/login" => SettingsPage::LogIn.into(),
        "/help" => SettingsPage::Help(help::guides(context)).into(),
        "/styleguide" if context.settings.demo => Next::Styleguide,
        "/settings/about-me" => SettingsPage::AboutMe.into(),
        "/settings/auth-tokens" => SettingsPage::AuthTokens(auth_tokens::first_view(context).await?).into(),
        "/settings/sessions" => SettingsPage::Sessions(sessions::list(context).await?).into(),
        "/settings/activity" => SettingsPage::Activity(activity::list(context, &given("before")).await?).into(),
        "/admin/users" => {
            let found = users::find(context, &given("q")).await?;
            // By Enter, without script: the only result is opened at once.
            if let ([only], true) = (found.rows.as_slice(), asked("open")) {
                return Ok(Next::Go(user_path(&only.netid)));
            }
            AdminPage::SelectUser(found).into()
        }
        "/admin/audit" => {
            let listed = audit::list(context, audit::read(context.uri.query().unwrap_or_default())).await?;
            let verified = if asked("verify") { Some(audit::verify(context).await?) } else { None };
            AdminPage::Audit(listed, verified).into()
        }
        _ => match path.strip_prefix("/admin/users/").and_then(paths::unescape) {
            Some(netid) => AdminPage::User(Box::new(user::see(context, &netid, asked("generate")).await?)).into(),
            None => SettingsPage::NotFound.into(),
        },
    })
}

/// Who works at the desk begins with whom they help, everybody else with their own tokens.
fn start(me: &desk::Me) -> &'static str {
    if may(me, desk::Action::FindUsers) { "/admin/users" } else { "/settings/auth-tokens" }
}

/// The page, with the outcomes of forms that belong on it.
fn show<P: Page>(context: &RequestContext, mut frame: LayoutData, page: P) -> Response {
    let at_login = context.uri.path() == "/login";
    // What was typed into another form before the session ended waits until after the log-in.
    let (mine, wait): (Vec<_>, Vec<_>) = context.outcomes().iter().cloned().partition(|outcome| (outcome.form == login::FORM) == at_login);
    // A browser keeps no page for the way back whose cookies have changed since: the next page takes this one away. Without script
    // there is no other way.
    let mark = Outcome { form: "shown-once".to_owned(), ..Outcome::default() };
    let left = if page.shows_once() {
        context.outcomes_cookie(&[mark])
    } else {
        (!mine.is_empty()).then(|| context.outcomes_cookie(if at_login { &wait } else { &[] })).flatten()
    };
    frame.outcomes = mine;
    if at_login {
        frame.demo = login::demo(context);
        frame.by_http = context.about_http();
    }
    let told = PageData { path: context.uri.path().to_owned(), query: context.uri.query().unwrap_or_default().to_owned(), frame, page };
    document::answer(context, told, left)
}

fn go(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    // What is too long for a header is what follows the page's own path.
    let path = if path.len() > MOST { path.split('?').next().unwrap_or_default() } else { path };
    // A path of this site is ASCII: it is escaped where it is made.
    response.headers_mut().insert(LOCATION, HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/")));
    response
}
