//! Campus directories: LDAP, and OpenID providers.

mod ldap;

use std::sync::Arc;

use desk::Directory;

pub(crate) use ldap::{Ldap, Step};

use crate::config::{ConfigError, Configuration};

/// The directory that the configuration names, if any. Nothing is asked of it yet.
///
/// # Errors
/// Where its certificate authorities cannot be read.
pub(crate) fn of(configuration: &Configuration) -> Result<Option<Arc<dyn Directory>>, ConfigError> {
    Ok(ldap(configuration)?.map(|ldap| Arc::new(ldap) as Arc<dyn Directory>))
}

/// The LDAP directory, if any.
///
/// # Errors
/// As [`of`].
pub(crate) fn ldap(configuration: &Configuration) -> Result<Option<Ldap>, ConfigError> {
    let settings = configuration.directories.ldap.clone();
    settings.map(|settings| Ldap::new(settings, configuration.desk.groups.clone())).transpose()
}
