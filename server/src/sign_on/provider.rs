//! The provider: what it is asked, and what of its answers is believed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::{ExternalIdentity, LoginContext, Moment, Secret};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use serde_json::{Map, Value};
use url::Url;

use super::Begun;
use super::published::{Known, Published, with_causes};
use crate::config::{ConfigError, Oidc};

/// How long the provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Log-out tokens that are remembered, so that one does not work twice.
const REMEMBERED: usize = 10_000;

/// Why somebody was not logged in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignOnError {
    /// The provider does not answer, or not as one.
    #[error("the provider does not answer: {0}")]
    Away(String),
    /// The return fits nothing that was begun in this browser.
    #[error("the return fits no log-in that was begun: {0}")]
    NotBegun(&'static str),
    /// The provider says no, or what cannot be believed.
    #[error("the provider’s answer is not good: {0}")]
    Refused(String),
}

/// An OpenID provider.
#[derive(Debug)]
pub(crate) struct Provider {
    settings: Oidc,
    redirect: RedirectUrl,
    after_log_out: Url,
    http: reqwest::Client,
    published: Published,
    log_outs: Mutex<VecDeque<String>>,
}

/// Somebody whom the provider has logged in.
pub(super) struct Arrived {
    pub(super) who: ExternalIdentity,
    pub(super) arrival: LoginContext,
    pub(super) next: String,
}

impl Provider {
    /// Reads the certificate authorities; asks nothing yet. `public_url` is where the provider sends people back to.
    pub(crate) fn new(settings: Oidc, public_url: &Url) -> Result<Self, ConfigError> {
        let wrong = |what: String| ConfigError::senseless("oidc.ca_file", what);
        // A redirect could lead the client's secret astray.
        let mut http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).use_rustls_tls();
        if let Some(path) = &settings.ca_file {
            let pem = std::fs::read(path).map_err(|error| wrong(format!("{}: {error}.", path.display())))?;
            let authorities =
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| wrong(format!("{}: {error}.", path.display())))?;
            if authorities.is_empty() {
                return Err(wrong(format!("{}: there is no certificate in it.", path.display())));
            }
            http = authorities.into_iter().fold(http.tls_built_in_root_certs(false), reqwest::ClientBuilder::add_root_certificate);
        }
        let http = http.build().map_err(|error| wrong(format!("{error}.")))?;
        let base = public_url.as_str().trim_end_matches('/');
        let at = |path: &str| {
            Url::parse(&format!("{base}{path}")).map_err(|error| ConfigError::senseless("server.public_url", format!("{error}.")))
        };
        let redirect = RedirectUrl::from_url(at("/login/oidc/back")?);
        Ok(Self {
            redirect,
            after_log_out: at("/login")?,
            published: Published::of(settings.issuer.clone(), http.clone()),
            http,
            log_outs: Mutex::default(),
            settings,
        })
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(super) fn settings(&self) -> &Oidc {
        &self.settings
    }

    /// What it says of itself.
    pub(super) async fn known(&self, anew: bool) -> Result<Arc<Known>, SignOnError> {
        self.published.known(anew).await
    }

    /// Where to send the browser, and what it must bring back. `fresh`: the provider is to ask for the password again.
    pub(super) async fn begin(&self, next: String, fresh: bool) -> Result<(Url, Begun), SignOnError> {
        let known = self.known(false).await?;
        let client = self.client(&known).set_redirect_uri(self.redirect.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new));
        if fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, state, nonce) = request.url();
        let begun = Begun { state: state.into_secret(), nonce: nonce.secret().clone(), verifier: verifier.into_secret(), next, fresh };
        Ok((url, begun))
    }

    /// Who it is that comes back with `begun` and this query.
    pub(super) async fn arrive(
        &self,
        begun: Option<Begun>,
        query: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Arrived, SignOnError> {
        let begun = begun.ok_or(SignOnError::NotBegun("no cookie"))?;
        let state = query("state").ok_or(SignOnError::NotBegun("no state"))?;
        if !Secret::new(state).same(&Secret::new(begun.state.clone())) {
            return Err(SignOnError::NotBegun("another state"));
        }
        // The answer of another provider (RFC 9207).
        let issuer = query("iss");
        if issuer.as_ref().is_some_and(|issuer| *issuer != self.settings.issuer) {
            return Err(SignOnError::Refused("another issuer answers".to_owned()));
        }
        if let Some(error) = query("error") {
            return Err(SignOnError::Refused(format!("error {}", printable(&error))));
        }
        let code = query("code").ok_or(SignOnError::NotBegun("no code"))?;
        let known = self.known(false).await?;
        if issuer.is_none() && known.says_its_issuer() {
            return Err(SignOnError::Refused("it does not say who answers, and promises to".to_owned()));
        }
        let client = self.client(&known).set_redirect_uri(self.redirect.clone());
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| SignOnError::Away(error.to_string()))?;
        let answer = exchange.set_pkce_verifier(PkceCodeVerifier::new(begun.verifier)).request_async(&self.http).await;
        let answer = answer.map_err(|error| match error {
            openidconnect::RequestTokenError::ServerResponse(said) => SignOnError::Refused(format!("the code: {}", said.error())),
            openidconnect::RequestTokenError::Request(error) => SignOnError::Away(with_causes(&error)),
            other => SignOnError::Refused(other.to_string()),
        })?;
        let token = answer.id_token().ok_or_else(|| SignOnError::Refused("there is no ID token".to_owned()))?;
        let mut claims = self.claims(known.clone(), token, &Nonce::new(begun.nonce)).await?;
        self.add_user_info(&known, answer.access_token().secret(), &mut claims).await?;
        let arrived = self.arrived(&claims, begun.next)?;
        // Let in, they would be led to log in afresh again, and again (OpenID Connect Core §3.1.2.1: with max_age it must say when).
        if begun.fresh && arrived.arrival.proved_at.is_none_or(|at| at.seconds_until(Moment(now_ms())) >= desk::rules::FRESH_LOGIN_SECONDS)
        {
            return Err(SignOnError::Refused("a fresh log-in was asked for, and auth_time is missing or says that it is none".to_owned()));
        }
        Ok(arrived)
    }

    /// The ID token's claims, once signature, issuer, audience, times and nonce are good.
    async fn claims(&self, known: Arc<Known>, token: &CoreIdToken, nonce: &Nonce) -> Result<Map<String, Value>, SignOnError> {
        let mut checked = self.check(&known, token, nonce);
        // Its keys may be others by now, also by the same name.
        if matches!(&checked, Err(ClaimsVerificationError::SignatureVerification(_))) {
            checked = self.check(&*self.known(true).await?, token, nonce);
        }
        checked.map_err(|error| SignOnError::Refused(format!("the ID token: {error}")))?;
        // Some claims have names that only the configuration knows.
        let text = token.to_string();
        let payload = text.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        payload
            .and_then(|payload| serde_json::from_slice(&payload).ok())
            .ok_or_else(|| SignOnError::Refused("the ID token cannot be read".to_owned()))
    }

    fn check(&self, known: &Known, token: &CoreIdToken, nonce: &Nonce) -> Result<(), ClaimsVerificationError> {
        let client = self.client(known);
        let verifier: CoreIdTokenVerifier<'_> = client.id_token_verifier();
        // By a key of its own, never by one that both know.
        let algorithms =
            known.metadata.id_token_signing_alg_values_supported().iter().filter(|algorithm| is_asymmetric(algorithm)).cloned();
        token.claims(&verifier.set_allowed_algs(algorithms), nonce).map(|_| ())
    }

    /// What the provider says at its other door, where it has one: many say only there who people are.
    async fn add_user_info(&self, known: &Known, access_token: &str, claims: &mut Map<String, Value>) -> Result<(), SignOnError> {
        let Some(door) = known.metadata.userinfo_endpoint() else { return Ok(()) };
        let answer = self.http.get(door.url().clone()).bearer_auth(access_token).send().await;
        let answer = answer.map_err(|error| SignOnError::Away(with_causes(&error)))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| SignOnError::Away(with_causes(&error)))?;
        let Ok(Value::Object(more)) = serde_json::from_slice(&bytes) else {
            return Err(SignOnError::Refused(format!("the user info cannot be read ({status})")));
        };
        // Somebody else's (OpenID Connect Core §5.3.2).
        if !status.is_success() || more.get("sub") != claims.get("sub") {
            return Err(SignOnError::Refused(format!("the user info is another’s ({status})")));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
        Ok(())
    }

    fn arrived(&self, claims: &Map<String, Value>, next: String) -> Result<Arrived, SignOnError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let netid = text(&self.settings.netid_claim).ok_or_else(|| {
            SignOnError::Refused(format!(
                "there is no claim {} (oidc.netid_claim): is it in a scope that is asked for?",
                self.settings.netid_claim
            ))
        })?;
        if desk::NetId::parse(&netid).is_err() {
            return Err(SignOnError::Refused(format!("the claim {} is no NetID", self.settings.netid_claim)));
        }
        // A claim that is configured and not there says that somebody is in no group, unless it is said to be elsewhere (OpenID
        // Connect Core §5.6.2): so providers do where the groups are too many for a token.
        let groups_claim = &self.settings.groups_claim;
        let elsewhere = claims.get("_claim_names").is_some_and(|names| names.get(groups_claim).is_some());
        let groups = (!groups_claim.is_empty() && !elsewhere).then(|| texts(claims.get(groups_claim)));
        // An address that people write down themselves, and nobody has looked whether it is theirs.
        let theirs = claims.get("email_verified").is_none_or(|verified| *verified != Value::Bool(false) && *verified != "false");
        Ok(Arrived {
            who: ExternalIdentity { netid, name: text("name"), email: text("email").filter(|_| theirs), groups, id: None },
            arrival: LoginContext {
                proved_at: claims
                    .get("auth_time")
                    .and_then(Value::as_i64)
                    .map(|seconds| Moment(seconds.saturating_mul(1000).min(now_ms()))),
                // Checked by now to be the one that is configured.
                issuer: Some(self.settings.issuer.clone()),
                issuer_subject: text("sub"),
                issuer_session: text("sid"),
            },
            next,
        })
    }

    /// Where to log out at the provider; none: it has no door for that. It is told who asks, and not who is logged in.
    pub(super) async fn end_session_url(&self) -> Result<Option<Url>, SignOnError> {
        let known = self.known(false).await?;
        Ok(known.metadata.additional_metadata().end_session_endpoint.as_ref().map(|door| {
            let mut url = door.url().clone();
            url.query_pairs_mut()
                .append_pair("client_id", &self.settings.client_id)
                .append_pair("post_logout_redirect_uri", self.after_log_out.as_str());
            url
        }))
    }

    /// Whether this log-out token was used before.
    pub(super) fn was_used(&self, token_id: &str) -> bool {
        self.log_outs.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known == token_id)
    }

    /// It has been used, to the end.
    pub(super) fn has_used(&self, token_id: String) {
        let mut used = self.log_outs.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= REMEMBERED {
            used.pop_front();
        }
        used.push_back(token_id);
    }
}

/// The client, as far as it is the same for every question. (A macro would be needed for less: its type says what is set.)
type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

impl Provider {
    fn client(&self, known: &Known) -> Client {
        let secret = self.settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let client = CoreClient::from_provider_metadata(known.metadata.clone(), ClientId::new(self.settings.client_id.clone()), secret);
        let takes = |method| known.metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| methods.contains(&method));
        let in_body = takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic);
        client.set_auth_type(if in_body { AuthType::RequestBody } else { AuthType::BasicAuth })
    }
}

fn is_asymmetric(algorithm: &CoreJwsSigningAlgorithm) -> bool {
    use CoreJwsSigningAlgorithm as A;
    !matches!(algorithm, A::HmacSha256 | A::HmacSha384 | A::HmacSha512 | A::None)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// Milliseconds since 1970, by this machine's clock, as the provider's are by its own.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
