//! Every page as an answer: who may see it, what it is told, and where it leads instead.

use axum::response::{IntoResponse as _, Response};
use desk::{ExternalIdentity, LoginContext, Refusal, Source};
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use super::destination::destination;
use super::document;
use super::route::{Answer, Guard, LEADING, Loaded, SELECT_USER, STYLEGUIDE, entries};
use crate::errors::{NotFound, Refused};
use crate::flash::Outcome;
use crate::layout::LayoutData;
use crate::login::LogInPage;
use crate::pages::draw::PageData;
use crate::pages::{Page as _, PageSet, SettingsPage};
use crate::server::login::{LOGGED_OUT, ended, log_in_for};
use crate::server::styleguide::StyleguidePage;
use crate::server::{RequestContext, help_words, layout_data};
use crate::settings::auth_tokens::Tokens;

/// Where one logs in.
const LOG_IN: &str = LogInPage::PATH;

/// The longest address that an answer leads on to: proxies keep 4096 bytes for all headers
/// together.
const MAX_LOCATION: usize = 2048;

/// An outcome that says nothing. A browser keeps no page for the way back whose cookies have
/// changed since: with a page that shows something once comes this one, and the next page takes it
/// away. Without script there is no other way.
const SHOWN_ONCE: &str = "shown-once";

/// What becomes of a question for a page.
#[expect(clippy::large_enum_variant, reason = "there is one of them, once a page")]
enum Next {
    Page(Answer),
    Styleguide,
    Go(String),
}

impl From<SettingsPage> for Next {
    fn from(page: SettingsPage) -> Self {
        Self::Page(page.into())
    }
}

/// Answers a request for one of the [`super::paths`].
pub async fn serve(context: RequestContext) -> Response {
    let path = context.uri.path().to_owned();
    if let Some(signed_in) = sign_in_from_proxy(&context).await {
        return signed_in;
    }
    let layout = layout_data(&context).await;
    let closed = is_closed(&path);
    let whole = context.uri.path_and_query().map_or(path.as_str(), |whole| whole.as_str());
    let next = match (&layout.trouble, &layout.me) {
        (Some(trouble), _) if closed => refused_page(&context, trouble.clone()).into(),
        (None, None) if closed => Next::Go(log_in_for(whole)),
        (None, Some(_)) if path == LOG_IN => {
            Next::Go(destination(&context, context.query("next").as_deref()))
        }
        _ => match find(&context, &path).await {
            Ok(next) => next,
            // Ended between the one question and the other.
            Err(Refusal::SessionEnded) => Next::Go(log_in_for(whole)),
            Err(refusal) => refused_page(&context, refusal).into(),
        },
    };
    match next {
        Next::Page(Answer::Settings(page)) => show(&context, layout, page),
        Next::Page(Answer::Admin(page)) => show(&context, layout, page),
        Next::Styleguide => show(&context, layout, StyleguidePage),
        Next::Go(path) => go(&path),
    }
}

/// Logs in whom a trusted proxy vouches for and who has no session of their own yet: where a page
/// asks for one, and on the log-in page unless they have just logged out.
async fn sign_in_from_proxy(context: &RequestContext) -> Option<Response> {
    let vouched = context.vouched.as_ref()?;
    if !signs_in_from_proxy(context).await {
        return None;
    }
    let to = if context.uri.path() == LOG_IN {
        destination(context, context.query("next").as_deref())
    } else {
        context.uri.path_and_query().map_or("/", |whole| whole.as_str()).to_owned()
    };
    Some(match let_in(context, vouched, Source::Proxy, &LoginContext::default(), &to).await {
        Ok(response) => response,
        Err(refusal) => show(context, layout_data(context).await, refused_page(context, refusal)),
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
    login_context: &LoginContext,
    to: &str,
) -> Result<Response, Refusal> {
    // The session that this browser has ends with that, and what somebody else had typed is not the
    // new one's to see.
    let before = match &context.cookie {
        Some(cookie) => context.desk.visitor(cookie, &context.origin).await.ok(),
        None => None,
    };
    let (cookie, netid) =
        context.desk.log_in_vouched(who, source, login_context, &context.origin).await?;
    context.end_ambiguous().await?;
    let mut response = go(to);
    if let Some(before) = &before {
        context.desk.log_out(before, &context.origin).await?;
        if *before.netid() != netid {
            context
                .outcomes_cookie(&[])
                .into_iter()
                .for_each(|line| _ = response.headers_mut().append(SET_COOKIE, line));
        }
    }
    context
        .session_cookie(&cookie)
        .into_iter()
        .for_each(|line| _ = response.headers_mut().append(SET_COOKIE, line));
    Ok(response)
}

/// The page that says why not.
pub async fn refused(context: RequestContext, refusal: Refusal) -> Response {
    let layout = layout_data(&context).await;
    let page = refused_page(&context, refusal);
    show(&context, layout, page)
}

/// The page itself. Where something is broken it names the request.
fn refused_page(context: &RequestContext, refusal: Refusal) -> SettingsPage {
    let is_broken = refusal.status() >= 500;
    let help = if is_broken { help_words(&context.request_id) } else { String::new() };
    SettingsPage::Refused(Refused(refusal, help))
}

/// Whether [`serve`] will log somebody in, whom a trusted proxy vouches for.
pub async fn signs_in_from_proxy(context: &RequestContext) -> bool {
    let path = context.uri.path();
    let at_login = path == LOG_IN && context.query(LOGGED_OUT).is_none();
    context.may_sign_in
        && context.vouched.is_some()
        // They would arrive again and again: the log-in page says what to do.
        && !context.carries_too_many()
        && (at_login || is_closed(path))
        && matches!(context.visitor().await, Err(Refusal::SessionEnded))
}

/// Whether a page is for those who are logged in.
fn is_closed(path: &str) -> bool {
    let leads = path == "/" || LEADING.iter().any(|(from, _)| *from == path);
    leads || entries().any(|entry| entry.guard == Guard::LoggedIn && entry.is_at(path))
}

/// Answers a request for a page that does not exist.
pub async fn not_found(context: RequestContext) -> Response {
    let layout = layout_data(&context).await;
    show(&context, layout, SettingsPage::NotFound(NotFound))
}

/// What is on the page of this path. Only who is logged in gets here, but for the pages that are
/// open.
async fn find(context: &RequestContext, path: &str) -> Result<Next, Refusal> {
    if path == "/" {
        // The start leads to what people come for.
        return Ok(Next::Go(start(&context.visitor().await?.me()).to_owned()));
    }
    if path == STYLEGUIDE && context.settings.demo {
        return Ok(Next::Styleguide);
    }
    if let Some((_, to)) = LEADING.into_iter().find(|(from, _)| *from == path) {
        return Ok(Next::Go(to.to_owned()));
    }
    let Some(entry) = entries().find(|entry| entry.is_at(path)) else { return Ok(none()) };
    Ok(match (entry.load)(context).await? {
        Loaded::Page(page) => Next::Page(page),
        Loaded::Elsewhere(path) => Next::Go(path),
        Loaded::Nothing => none(),
    })
}

fn none() -> Next {
    SettingsPage::NotFound(NotFound).into()
}

/// Who works at the desk begins with whom they help, everybody else with their own tokens.
fn start(me: &desk::Me) -> &'static str {
    if me.denied(desk::Action::FindUsers).is_none() { SELECT_USER } else { Tokens::PATH }
}

/// The page, with the outcomes of forms that belong on it.
fn show<P: PageSet>(context: &RequestContext, mut layout: LayoutData, page: P) -> Response {
    let at_login = context.uri.path() == LOG_IN;
    let netid = layout.me.as_ref().map(|me| me.netid.as_str());
    // While nobody is logged in, or it cannot be said who is, there is the log-in's own outcome
    // alone. What was typed into another form before the session ended waits until after that.
    let (mine, wait): (Vec<_>, Vec<_>) = context.outcomes().iter().cloned().partition(|outcome| {
        let is_log_in = outcome.form == crate::login::FORM;
        let is_mine = if netid.is_some() { !is_log_in } else { at_login && is_log_in };
        is_mine || outcome.form == SHOWN_ONCE
    });
    let left = if page.shows_once() {
        context.outcomes_cookie(&[Outcome { form: SHOWN_ONCE.to_owned(), ..Outcome::default() }])
    } else {
        // What waits, waits for whose it is.
        let stays: Vec<_> = wait
            .into_iter()
            .filter(|outcome| netid.is_none() && outcome.made_for.is_some())
            .collect();
        (stays.len() < context.outcomes().len()).then(|| context.outcomes_cookie(&stays)).flatten()
    };
    layout.outcomes = mine.into_iter().filter(|outcome| outcome.is_for(netid)).collect();
    let explained = |notice| Outcome { notice: Some(notice), ..Outcome::default() };
    layout.outcomes.extend(page.notice().map(explained));
    if at_login && layout.me.is_none() && layout.trouble.is_none() {
        layout.outcomes.extend(ended(context));
    }
    let data = PageData {
        path: context.uri.path().to_owned(),
        query: context.uri.query().unwrap_or_default().to_owned(),
        layout,
        page,
    };
    document::answer(context, data, left)
}

fn go(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    // What is too long for a header is what follows the page's own path.
    let path =
        if path.len() > MAX_LOCATION { path.split('?').next().unwrap_or_default() } else { path };
    // A path of this site is ASCII: it is escaped where it is made.
    response
        .headers_mut()
        .insert(LOCATION, HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/")));
    response
}
