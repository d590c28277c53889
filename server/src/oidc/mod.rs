//! An OpenID provider (OpenID Connect Core, code flow with PKCE): what it is asked, and what is
//! believed of what it says. The routes by which people come and go are `oidc_routes/`.

mod auth_time;
mod claims;
mod discovery;
mod exchange;
mod login_state;
mod metadata;
mod person;
mod provider;
mod signed;

use crate::config::{ConfigError, Configuration};

pub(crate) use claims::shown;
pub(crate) use login_state::{LoginState, browser_of};
pub(crate) use person::CompletedLogin;
pub(crate) use provider::{OidcError, Provider, now_ms};
pub(crate) use signed::is_meant;

/// The provider that the configuration names, if any. Nothing is asked of it yet.
///
/// # Errors
/// Where its certificate authorities cannot be read.
pub(crate) fn of(configuration: &Configuration) -> Result<Option<Provider>, ConfigError> {
    match (&configuration.directories.oidc, &configuration.public_url) {
        (Some(oidc), Some(public_url)) => Provider::new(oidc.clone(), public_url).map(Some),
        _ => Ok(None),
    }
}
