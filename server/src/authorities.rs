//! Whom a connection by TLS trusts: the authorities in a file, or the system's. Tests: those of
//! each connection.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The authorities in a file, or what is wrong with it.
pub(crate) fn of_file(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path)
        .map_err(|error| format!("{error}. Check its name and its permissions."))?
    {
        let certificate = certificate.map_err(|error| format!("{error}. It must be PEM."))?;
        roots.add(certificate).map_err(|error| format!("{error}."))?;
    }
    if roots.is_empty() { Err("there is no certificate in it.".to_owned()) } else { Ok(roots) }
}

/// Those that the system trusts. One among them that cannot be read is no reason to trust none.
pub(crate) fn of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    found
        .errors
        .iter()
        .for_each(|error| tracing::warn!(%error, "a certificate authority of the system"));
    roots.add_parsable_certificates(found.certs);
    roots
}
