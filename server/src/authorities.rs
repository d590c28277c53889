//! Whom a connection by TLS trusts: the authorities in a file, or the system's. Tests: those of
//! each connection.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The authorities in a file, or what is wrong with it.
pub(crate) fn of_file(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates_of_file(path)? {
        roots.add(certificate).map_err(|error| format!("{error}."))?;
    }
    Ok(roots)
}

/// The same as certificates, for those who make a store of their own.
pub(crate) fn certificates_of_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_file_iter(path)
        .map_err(|error| format!("{error}. Check its name and its permissions."))?
    {
        let certificate = certificate.map_err(|error| format!("{error}. It must be PEM."))?;
        // Whether it is one that can be trusted.
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).map_err(|error| format!("{error}."))?;
        found.push(certificate);
    }
    if found.is_empty() { Err("there is no certificate in it.".to_owned()) } else { Ok(found) }
}

/// A client of requests that trusts those in a file alone, or what is wrong with the file.
pub(crate) fn trusting_file(
    http: reqwest::ClientBuilder,
    path: &Path,
) -> Result<reqwest::ClientBuilder, String> {
    let of_file = |what: String| format!("{}: {what}.", path.display());
    let pem = std::fs::read(path).map_err(|error| of_file(error.to_string()))?;
    let authorities =
        reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| of_file(error.to_string()))?;
    if authorities.is_empty() {
        return Err(of_file("there is no certificate in it".to_owned()));
    }
    let none = http.tls_built_in_root_certs(false);
    Ok(authorities.into_iter().fold(none, reqwest::ClientBuilder::add_root_certificate))
}

/// Those that the system trusts. One among them that cannot be read is no reason to trust none.
pub(crate) fn of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found_by_the_system());
    roots
}

/// The same as certificates, for those who make a store of their own.
pub(crate) fn certificates_of_the_system() -> Vec<CertificateDer<'static>> {
    let mut found = found_by_the_system();
    found.retain(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
    found
}

fn found_by_the_system() -> Vec<CertificateDer<'static>> {
    let found = rustls_native_certs::load_native_certs();
    found
        .errors
        .iter()
        .for_each(|error| tracing::warn!(%error, "a certificate authority of the system"));
    found.certs
}
