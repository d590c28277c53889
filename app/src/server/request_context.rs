//! What the server hands to every page and server function: the desk, and who asks from where.

mod cookies;
mod several;

use std::sync::{Arc, OnceLock};

use desk::{Cookie, Desk, Devices, ExternalIdentity, NetId, Origin, Refusal, Source, Visitor};
use http::header::{HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use tokio::sync::OnceCell;

pub use self::cookies::{
    BEFORE, cookie_line, cookie_name, cookie_value, cookies, device_cookie_name, devices_of,
    flash_cookie_name, signed_on_cookie_name, signed_on_line, signed_on_of,
};
use self::cookies::{SessionCookies, earlier, named};
use super::{SentForm, flash_cookie};

use crate::PAGE_VERSION;
use crate::api_error::ApiError;
use crate::flash::Outcome;
use crate::paths;

/// How long a cookie is kept that is removed.
const REMOVED: Option<i64> = Some(0);

/// Everything a page or server function needs of the request it answers.
#[derive(Clone)]
pub struct RequestContext {
    /// What answers the request: every rule is asked of it.
    pub desk: Desk,
    /// Where the request comes from.
    pub origin: Origin,
    /// The session cookie it carries; of several see [`RequestContext::tell_cookies_apart`].
    pub cookie: Option<Cookie>,
    /// All of that name that it carries.
    carried: SessionCookies,
    /// Those whose sessions go on, where they are several: none of them counts.
    ambiguous: Vec<Cookie>,
    /// Sessions' cookies of other times that it carries beside, by their names.
    earlier: Vec<(&'static str, Cookie)>,
    /// The accounts that this browser has logged in to before.
    pub devices: Devices,
    /// Whether the browser came by https: cookies are then `__Host-` and `Secure`.
    pub secure: bool,
    /// What the pages need of the configuration.
    pub settings: Arc<PageSettings>,
    /// Who is logged in, as a trusted proxy says.
    pub vouched: Option<ExternalIdentity>,
    /// A proxy logs people in, and this request has not come by it; or it says groups with every
    /// request, and has said with this one that nobody is logged in.
    pub is_left_unsaid: bool,
    /// A page is asked for to be looked at: whom a proxy vouches for may be logged in by that.
    pub may_sign_in: bool,
    /// A page is asked for by somebody who will see it, from this site: it may show things once.
    pub may_reveal: bool,
    /// A page is asked for that seems to come by plain http, while cookies are kept for https.
    pub by_http: bool,
    /// What the request is called in the log; empty: it has no name.
    pub request_id: String,
    /// Path and query that were asked for.
    pub uri: Uri,
    /// For whom the page was made that asks by script, as it says.
    page_of: Option<NetId>,
    /// What is known of the form that is sent.
    pub(crate) sent_form: Arc<OnceLock<SentForm>>,
    /// Scheme and host, for lines to paste: as configured, else as the browser wrote them.
    base: String,
    /// The base is as configured.
    is_public: bool,
    visitor: Arc<OnceCell<Result<Visitor, Refusal>>>,
    outcomes: Vec<Outcome>,
}

/// Only where from: the rest holds secrets or says nothing.
impl std::fmt::Debug for RequestContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestContext").field("secure", &self.secure).finish_non_exhaustive()
    }
}

/// What the pages need of the configuration.
#[derive(Clone, Debug, Default)]
pub struct PageSettings {
    /// Demo mode: the log-in page lists the demo accounts.
    pub demo: bool,
    /// How to reach the Help Desk: an e-mail address, a telephone number, a link's text.
    pub help_desk_contact: String,
    /// Where a browser is sent after logging out; empty: to the log-in.
    pub log_out_url: String,
    /// What people call the OpenID provider; empty: there is none.
    pub sign_on: String,
    /// A proxy or an OpenID provider logs people in.
    pub vouched_for: bool,
    /// The longest life of a token, in days.
    pub token_cap_days: Option<u32>,
    /// Where the site's files are.
    pub site: SiteNames,
    /// The path before every other, at a host that is shared: `/latchkey`. Empty: there is none.
    pub prefix: String,
    /// Policy `people.first_password = "self-service"`.
    pub self_service: bool,
}

/// Paths of the site's files, hashes included: `/pkg/latchkey.<hash>.js`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteNames {
    /// What brings the pages for everybody to life.
    pub settings: Script,
    /// What brings the pages of Admin to life.
    pub admin: Script,
    /// The style sheet.
    pub css: String,
}

impl SiteNames {
    /// The hash in the WASM's name: another one may read and write other words than this server.
    #[must_use]
    pub fn version(&self) -> &str {
        self.settings
            .wasm
            .rsplit('/')
            .next()
            .and_then(|name| name.split('.').nth(1))
            .unwrap_or_default()
    }

    /// The same where every path has this before it.
    #[must_use]
    pub fn below(&self, prefix: &str) -> Self {
        let path =
            |path: &str| if path.is_empty() { String::new() } else { format!("{prefix}{path}") };
        let script = |script: &Script| Script { js: path(&script.js), wasm: path(&script.wasm) };
        Self { settings: script(&self.settings), admin: script(&self.admin), css: path(&self.css) }
    }

    /// Whether a page that was loaded with this WASM speaks this server's words.
    #[must_use]
    pub fn speaks(&self, wasm: &str) -> bool {
        [&self.settings.wasm, &self.admin.wasm].contains(&&wasm.to_owned())
    }
}

/// What brings a set of pages to life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The JavaScript that loads the WASM.
    pub js: String,
    /// The WASM's path. A page says it, and so what it was loaded with ([`SiteNames::speaks`]).
    pub wasm: String,
}

/// Marks a request as posted by a plain form, without script. The answer is then a redirect to a
/// page that says the outcome.
#[derive(Clone, Copy, Debug)]
pub struct PlainForm;

impl RequestContext {
    /// Reads the cookies of a request; asks the desk nothing yet.
    #[must_use]
    pub fn new(
        desk: Desk,
        origin: Origin,
        uri: Uri,
        headers: &HeaderMap,
        secure: bool,
        settings: Arc<PageSettings>,
    ) -> Self {
        let carried = SessionCookies::of(headers, secure);
        let cookie = carried.all.first().filter(|_| carried.all.len() == 1).cloned();
        let earlier = earlier(headers, secure);
        let devices = devices_of(headers, secure);
        let outcomes = named(headers, flash_cookie_name(secure))
            .filter_map(|value| value.strip_prefix(settings.site.version())?.strip_prefix('.'))
            .flat_map(flash_cookie::decode)
            .collect();
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host
            .or(uri.authority().map(http::uri::Authority::as_str))
            .filter(|host| is_host(host))
            .unwrap_or("localhost");
        let base = format!("{}://{host}", if secure { "https" } else { "http" });
        let mark = headers.get(PAGE_VERSION).and_then(|mark| mark.to_str().ok()?.split_once(' '));
        Self {
            desk,
            origin,
            cookie,
            carried,
            ambiguous: Vec::new(),
            earlier,
            devices,
            secure,
            settings,
            vouched: None,
            is_left_unsaid: false,
            may_sign_in: false,
            may_reveal: false,
            by_http: false,
            request_id: String::new(),
            uri,
            page_of: mark.and_then(|(_, netid)| NetId::parse(netid).ok()),
            sent_form: Arc::default(),
            base,
            is_public: false,
            visitor: Arc::default(),
            outcomes,
        }
    }

    /// What the request now being answered is, in a server function.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] where the server has not provided it.
    pub fn get() -> Result<Self, ApiError> {
        use_context::<Self>().ok_or(ApiError(Refusal::Unavailable))
    }

    /// Who is logged in. The desk is asked once a request. Where a trusted proxy says that it is
    /// somebody else by now, the session is over.
    ///
    /// # Errors
    /// [`Refusal::SessionEnded`] where nobody is; [`Refusal::Unavailable`].
    pub async fn visitor(&self) -> Result<Visitor, Refusal> {
        self.visitor.get_or_init(|| self.visitor_now()).await.clone()
    }

    /// The same, asked of the desk anew: for an answer that takes long.
    pub(crate) async fn visitor_now(&self) -> Result<Visitor, Refusal> {
        let cookie = self.cookie.as_ref().ok_or(Refusal::SessionEnded)?;
        self.as_vouched(cookie, self.desk.visitor(cookie, &self.origin).await?).await
    }

    /// As [`RequestContext::visitor`], without noting that the session was seen: for a page that
    /// merely stays open.
    ///
    /// # Errors
    /// As [`RequestContext::visitor`].
    pub async fn glance(&self) -> Result<Visitor, Refusal> {
        let cookie = self.cookie.as_ref().ok_or(Refusal::SessionEnded)?;
        self.as_vouched(cookie, self.desk.glance(cookie).await?).await
    }

    /// The visitor as a trusted proxy says with this request that they are: nobody, where it is
    /// somebody else by now, and with the rights that their groups give now. Asked by a page that
    /// was made for somebody else, none.
    async fn as_vouched(&self, cookie: &Cookie, visitor: Visitor) -> Result<Visitor, Refusal> {
        self.page_of.iter().try_for_each(|of| desk::rules::check_page(of, visitor.netid()))?;
        match &self.vouched {
            Some(vouched) if NetId::parse(&vouched.netid).as_ref() != Ok(visitor.netid()) => {
                Err(Refusal::SessionEnded)
            }
            Some(vouched) => {
                self.desk.follow(visitor, cookie, vouched, Source::Proxy, &self.origin).await
            }
            // What was taken from them since, nobody says here.
            None if self.is_left_unsaid && visitor.came_by_proxy() => Err(Refusal::SessionEnded),
            None => Ok(visitor),
        }
    }

    /// The value of `key` in the query.
    #[must_use]
    pub fn query(&self, key: &str) -> Option<String> {
        paths::query_value(self.uri.query()?, key)
    }

    /// As it is at this scheme and host, whatever the browser wrote.
    #[must_use]
    pub fn at(self, base: String) -> Self {
        Self { base, is_public: true, ..self }
    }

    /// What is to be done about plain http, on the log-in page; nothing where there is nothing to
    /// do.
    pub(crate) fn about_http(&self) -> String {
        let what = "If this page’s address begins with http://, nobody stays logged in: browsers \
            keep the session’s cookie for https alone.";
        match (self.by_http, self.is_public) {
            (false, _) => String::new(),
            (true, true) => format!("{what} Open {} instead.", self.base),
            (true, false) => {
                // A host in brackets has colons of its own.
                let behind = self
                    .base
                    .rsplit_once(':')
                    .map(|(_, port)| port)
                    .filter(|port| port.bytes().all(|c| c.is_ascii_digit()));
                let port = behind.map(|port| format!(":{port}")).unwrap_or_default();
                format!(
                    "{what} Whoever runs Latchkey: put an https proxy in front of it and set \
                        server.public_url (LATCHKEY_PUBLIC_URL) to its https address. To try it \
                        out, open it on its own machine by http://localhost{port}."
                )
            }
        }
    }

    /// Scheme and host: as configured, else as the browser wrote them.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The outcomes of plain forms that the last answer left for this page.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Sets the session cookie: after logging in, and whenever the session got a new id.
    pub fn set_cookie(&self, cookie: &Cookie) {
        self.append_cookie(cookie_name(self.secure), cookie.expose(), None);
    }

    /// Sets the cookie by which this browser is known when it logs in again.
    pub(crate) fn set_devices(&self, devices: &Devices) {
        let life = desk::MARK_DAYS * 24 * 60 * 60;
        self.append_cookie(device_cookie_name(self.secure), &devices.value(), Some(life));
    }

    /// The session's cookie as a header, for an answer that is no server function's.
    pub(crate) fn session_cookie(&self, cookie: &Cookie) -> Option<HeaderValue> {
        self.cookie_line(cookie_name(self.secure), cookie.expose(), None)
    }

    /// Removes the session cookie.
    pub fn drop_cookie(&self) {
        self.append_cookie(cookie_name(self.secure), "", REMOVED);
    }

    /// Leaves outcomes for the next page.
    pub(crate) fn leave(&self, outcomes: &[Outcome]) {
        append(self.outcomes_cookie(outcomes));
    }

    /// The cookie that carries outcomes to the next page; with none of them, that removes what was
    /// left.
    pub(crate) fn outcomes_cookie(&self, outcomes: &[Outcome]) -> Option<HeaderValue> {
        let name = flash_cookie_name(self.secure);
        if outcomes.is_empty() {
            self.cookie_line(name, "", REMOVED)
        } else {
            self.cookie_line(
                name,
                &format!("{}.{}", self.settings.site.version(), flash_cookie::encode(outcomes)),
                Some(600),
            )
        }
    }

    fn append_cookie(&self, name: &str, value: &str, life: Option<i64>) {
        append(self.cookie_line(name, value, life));
    }

    fn cookie_line(&self, name: &str, value: &str, life: Option<i64>) -> Option<HeaderValue> {
        HeaderValue::try_from(cookie_line(name, value, "/", self.secure, life)).ok()
    }
}

/// Whether it is a name, or an address, perhaps with a port: what goes into lines that people paste
/// into a shell.
fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']')
        })
}

/// Whether a plain form posted the request now being answered.
pub(crate) fn is_plain_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.extensions.get::<PlainForm>().is_some())
}

/// Sets a cookie with the answer of a server function.
fn append(line: Option<HeaderValue>) {
    if let (Some(response), Some(line)) = (use_context::<ResponseOptions>(), line) {
        response.append_header(SET_COOKIE, line);
    }
}

/// Gives the answer now being made this status.
pub(crate) fn set_status(status: u16) {
    if let (Some(response), Ok(status)) =
        (use_context::<ResponseOptions>(), StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
}

/// Sends the browser to a path of this site.
pub(crate) fn set_location(path: &str) {
    if let (Some(response), Ok(path)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(path))
    {
        response.insert_header(LOCATION, path);
    }
}
