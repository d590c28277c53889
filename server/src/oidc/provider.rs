//! The provider: what it is asked, and what of its answers is believed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use desk::{Moment, Secret};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient};
use openidconnect::{
    AuthUrl, ClientId, CsrfToken, IssuerUrl, JsonWebKeySet, Nonce, PkceCodeChallenge, RedirectUrl,
    Scope,
};
use url::Url;

use super::LoginState;
use super::auth_time::not_fresh;
use super::claims::{Claims, printable};
use super::discovery::{Discovered, Discovery, body, with_causes};
use super::person::CompletedLogin;
use super::signed::{by_its_key, is_meant};
use crate::config::{ConfigError, Oidc};
use crate::nearly_json;

/// How long the provider may take to answer.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(10);

/// Log-out tokens that are remembered, so that one does not work twice.
const REMEMBERED: usize = 10_000;

/// Why somebody was not logged in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OidcError {
    /// The provider does not answer, or not as one.
    #[error("the provider does not answer: {0}")]
    Away(String),
    /// The return fits nothing that was begun in this browser.
    #[error("the return fits no log-in that was begun: {0}")]
    NotStarted(&'static str),
    /// The provider says no, or what cannot be believed.
    #[error("the provider’s answer is not good: {0}")]
    Refused(String),
    /// The provider says that somebody does not want to, or may not.
    #[error("the provider let nobody in: {0}")]
    Cancelled(String),
    /// Here or there something is set up so that nobody can be logged in.
    #[error("the provider and Latchkey do not fit together: {0}")]
    Misconfigured(String),
}

/// An OpenID provider.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(super) settings: Oidc,
    pub(super) redirect: RedirectUrl,
    after_log_out: Url,
    pub(super) http: reqwest::Client,
    discovery: Discovery,
    log_outs: Mutex<VecDeque<String>>,
}

impl OidcError {
    /// The same, of this.
    pub(super) fn of(self, what: &str) -> Self {
        match self {
            Self::Away(why) => Self::Away(format!("{what}: {why}")),
            Self::Refused(why) => Self::Refused(format!("{what}: {why}")),
            Self::Cancelled(why) => Self::Cancelled(format!("{what}: {why}")),
            Self::Misconfigured(why) => Self::Misconfigured(format!("{what}: {why}")),
            other @ Self::NotStarted(_) => other,
        }
    }
}

impl Provider {
    /// Reads the certificate authorities; asks nothing yet. `public_url` is where the provider
    /// sends people back to.
    pub(crate) fn new(settings: Oidc, public_url: &Url) -> Result<Self, ConfigError> {
        let wrong = |what: String| ConfigError::senseless("oidc.ca_file", what);
        // A redirect could lead the client's secret astray.
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PROVIDER_TIMEOUT)
            .use_rustls_tls();
        if let Some(path) = &settings.ca_file {
            let pem = std::fs::read(path)
                .map_err(|error| wrong(format!("{}: {error}.", path.display())))?;
            let authorities = reqwest::Certificate::from_pem_bundle(&pem)
                .map_err(|error| wrong(format!("{}: {error}.", path.display())))?;
            if authorities.is_empty() {
                return Err(wrong(format!("{}: there is no certificate in it.", path.display())));
            }
            http = authorities.into_iter().fold(
                http.tls_built_in_root_certs(false),
                reqwest::ClientBuilder::add_root_certificate,
            );
        }
        let http = http.build().map_err(|error| wrong(format!("{error}.")))?;
        let base = public_url.as_str().trim_end_matches('/');
        let at = |path: &str| {
            Url::parse(&format!("{base}{path}"))
                .map_err(|error| ConfigError::senseless("server.public_url", format!("{error}.")))
        };
        let redirect = RedirectUrl::from_url(at("/login/oidc/back")?);
        Ok(Self {
            redirect,
            after_log_out: at("/login")?,
            discovery: Discovery::of(settings.issuer.clone(), http.clone()),
            http,
            log_outs: Mutex::default(),
            settings,
        })
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(crate) fn settings(&self) -> &Oidc {
        &self.settings
    }

    /// What it says of itself.
    pub(super) async fn known(&self, anew: bool) -> Result<Arc<Discovered>, OidcError> {
        self.discovery.known(anew).await
    }

    /// Where to send the browser, and what it must bring back. `fresh`: the provider is to ask for
    /// the password again; `browser`: what this one is known by ([`super::browser_of`]).
    pub(crate) async fn begin(
        &self,
        next: String,
        fresh: bool,
        browser: String,
    ) -> Result<(Url, LoginState), OidcError> {
        let known = self.known(false).await?;
        let issuer = IssuerUrl::new(self.settings.issuer.clone())
            .map_err(|error| OidcError::Misconfigured(error.to_string()))?;
        let client = CoreClient::new(
            ClientId::new(self.settings.client_id.clone()),
            issuer,
            JsonWebKeySet::default(),
        )
        .set_auth_uri(AuthUrl::from_url(known.metadata.authorization.clone()))
        .set_redirect_uri(self.redirect.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge)
            .add_scopes(
                self.settings
                    .scopes
                    .iter()
                    .filter(|scope| *scope != "openid")
                    .cloned()
                    .map(Scope::new),
            );
        if fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, state, nonce) = request.url();
        let (state, verifier) = (state.into_secret(), verifier.into_secret());
        let (nonce, at) = (nonce.secret().clone(), now_ms() / 1000);
        Ok((url, LoginState { state, nonce, verifier, next, fresh, at, browser }))
    }

    /// Who it is that comes back with `login` and this query.
    pub(crate) async fn complete(
        &self,
        login: Option<&LoginState>,
        query: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<CompletedLogin, OidcError> {
        let login = login.ok_or(OidcError::NotStarted("no cookie of this state"))?;
        if login.is_over() {
            return Err(OidcError::NotStarted("too long ago"));
        }
        // The answer of another provider (RFC 9207).
        let issuer = query("iss");
        if issuer.as_ref().is_some_and(|issuer| *issuer != self.settings.issuer) {
            return Err(OidcError::Refused("another issuer answers".to_owned()));
        }
        if let Some(error) = query("error") {
            return Err(answered_no(&error, &query("error_description").unwrap_or_default()));
        }
        let code = query("code").ok_or(OidcError::NotStarted("no code"))?;
        let known = self.known(false).await?;
        if issuer.is_none() && known.metadata.says_its_issuer {
            return Err(OidcError::Refused(
                "it does not say who answers, and promises to".to_owned(),
            ));
        }
        let tokens = self.exchange(&known, &code, &login.verifier).await?;
        let mut claims = self
            .claims(&tokens.id_token, &login.nonce)
            .await
            .map_err(|error| error.of("the ID token"))?;
        if let Some(access_token) = &tokens.access_token {
            self.add_user_info(&known, access_token, &mut claims)
                .await
                .map_err(|error| error.of("the user info"))?;
        }
        let completed = CompletedLogin::of(&self.settings, &claims, tokens.id_token)?;
        // Let in, they would be led to log in afresh again, and again (OpenID Connect Core
        // §3.1.2.1: with max_age it must say when).
        if login.fresh
            && completed.login_context.proved_at.is_none_or(|at| {
                at.seconds_until(Moment(now_ms())) >= desk::rules::FRESH_LOGIN_SECONDS
            })
        {
            return Err(not_fresh(&claims));
        }
        Ok(completed)
    }

    /// The ID token's claims, once signature, issuer, audience, times and nonce are good.
    async fn claims(&self, token: &str, nonce: &str) -> Result<Claims, OidcError> {
        let claims = self.signed(token).await?;
        is_meant(&claims, &self.settings.issuer, &self.settings.client_id, true)?;
        let same =
            claims.get("nonce").and_then(|claimed| claimed.as_str()).is_some_and(|claimed| {
                Secret::new(claimed.to_owned()).same(&Secret::new(nonce.to_owned()))
            });
        if !same {
            return Err(OidcError::Refused(
                "its claim nonce is missing, or not the one that was sent".to_owned(),
            ));
        }
        Ok(claims)
    }

    /// The claims of a token, once it is certain that the provider has signed it.
    pub(crate) async fn signed(&self, token: &str) -> Result<Claims, OidcError> {
        let mut claims = by_its_key(&*self.known(false).await?, token)?;
        if claims.is_none() {
            // Its keys may be others by now, also by the same name.
            claims = by_its_key(&*self.known(true).await?, token)?;
        }
        claims.ok_or_else(|| {
            OidcError::Refused("no key that the provider publishes has signed it".to_owned())
        })
    }

    /// What the provider says at its other door, where it has one: many say only there who people
    /// are.
    async fn add_user_info(
        &self,
        known: &Discovered,
        access_token: &str,
        claims: &mut Claims,
    ) -> Result<(), OidcError> {
        let Some(door) = &known.metadata.user_info else { return Ok(()) };
        let more = match self.user_info(door, access_token).await {
            Ok(more) => more,
            // Whatever decides something is known already.
            Err(error) if self.suffice(claims) => {
                tracing::warn!(%error, "the OpenID provider’s user info");
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        // Somebody else's (OpenID Connect Core §5.3.2).
        match more.subject() {
            Ok(subject) if claims.subject().as_ref() == Ok(&subject) => {}
            Ok(_) => {
                return Err(OidcError::Refused(
                    "its claim sub is another than the ID token’s".to_owned(),
                ));
            }
            Err(found) => {
                return Err(OidcError::Refused(format!(
                    "its claim sub is {found}: it must be one text, that of the ID token"
                )));
            }
        }
        for name in [self.settings.netid_claim.as_str(), "name"] {
            claims.leave_to(&more, name);
        }
        claims.add(more);
        Ok(())
    }

    /// Whether they say all that anything is decided by.
    fn suffice(&self, claims: &Claims) -> bool {
        let groups = &self.settings.groups_claim;
        !claims.is_empty(&self.settings.netid_claim)
            && (groups.is_empty() || claims.get(groups).is_some() || claims.is_elsewhere(groups))
    }

    async fn user_info(&self, door: &Url, access_token: &str) -> Result<Claims, OidcError> {
        let answer = self.http.get(door.clone()).bearer_auth(access_token).send().await;
        let answer = answer.map_err(|error| OidcError::Away(with_causes(&error)))?;
        let status = answer.status();
        let kind = answer
            .headers()
            .get(http::header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let bytes = body(answer).await?;
        if !status.is_success() {
            return Err(OidcError::Refused(format!("it is answered {status}")));
        }
        if kind.starts_with("application/jwt") {
            let claimed = self.signed(String::from_utf8_lossy(&bytes).trim()).await?;
            is_meant(&claimed, &self.settings.issuer, &self.settings.client_id, false)?;
            return Ok(claimed);
        }
        let read = nearly_json::read(&bytes).map(Claims);
        read.map_err(|_| {
            OidcError::Refused(format!("it cannot be read ({status} {})", printable(&kind)))
        })
    }

    /// Where to log out at the provider; none: it has no door for that. With the ID token of who
    /// logged in it is told who leaves: some providers ask for it.
    pub(crate) async fn end_session_url(
        &self,
        id_token: Option<&str>,
    ) -> Result<Option<Url>, OidcError> {
        let known = self.known(false).await?;
        Ok(known.metadata.end_session.clone().map(|mut url| {
            url.query_pairs_mut()
                .append_pair("client_id", &self.settings.client_id)
                .append_pair("post_logout_redirect_uri", self.after_log_out.as_str());
            if let Some(token) = id_token {
                url.query_pairs_mut().append_pair("id_token_hint", token);
            }
            url
        }))
    }

    /// What it says of itself, in a sentence: for whoever sets it up.
    pub(crate) async fn described(&self) -> Result<String, OidcError> {
        let known = self.known(true).await?;
        let there = |door: bool, what: &str| {
            if door { format!(", {what}") } else { format!(", no {what}") }
        };
        Ok(format!(
            "{} answers and has {} key{} to sign with{}{}. Latchkey calls itself {} there",
            self.settings.issuer,
            known.keys.keys.len(),
            if known.keys.keys.len() == 1 { "" } else { "s" },
            there(known.metadata.user_info.is_some(), "user info"),
            there(known.metadata.end_session.is_some(), "log-out"),
            if self.settings.client_secret.is_some() {
                "a client with a secret"
            } else {
                "a public client, without a secret,"
            },
        ))
    }

    /// Whether this log-out token was used before.
    pub(crate) fn was_used(&self, token_id: &str) -> bool {
        self.log_outs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .any(|known| known == token_id)
    }

    /// It has been used, to the end.
    pub(crate) fn has_used(&self, token_id: String) {
        let mut used = self.log_outs.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= REMEMBERED {
            used.pop_front();
        }
        used.push_back(token_id);
    }
}

/// What it means that the provider, or its token door, answers with an error (RFC 6749 §4.1.2.1,
/// OpenID Connect Core §3.1.2.6).
pub(super) fn answered_no(error: &str, description: &str) -> OidcError {
    let claimed = format!("error {} {}", printable(error), printable(description));
    match error {
        "access_denied"
        | "consent_required"
        | "interaction_required"
        | "login_required"
        | "account_selection_required" => OidcError::Cancelled(claimed),
        "temporarily_unavailable" | "server_error" => OidcError::Away(claimed),
        "invalid_scope"
        | "invalid_request"
        | "unauthorized_client"
        | "unsupported_response_type" => OidcError::Misconfigured(claimed),
        _ => OidcError::Refused(claimed),
    }
}

/// Milliseconds since 1970, by this machine's clock, as the provider's are by its own.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
