//! A certificate and its key, as their files have them: whether they are what they should be, and
//! what to do where they are not. Nothing of the key is in any message. Tests: here.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use x509_parser::parse_x509_certificate;
use x509_parser::x509::X509Version;

use crate::config::{ConfigError, TlsFiles};

const CERTIFICATE: &str = "tls.certificate";
const KEY: &str = "tls.key";

/// A certificate with its key.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) certified: Arc<CertifiedKey>,
    pub(super) begins: SystemTime,
    pub(super) ends: SystemTime,
}

impl Pair {
    /// Reads both files.
    ///
    /// # Errors
    /// What is wrong with which of them, and what to do.
    pub(super) fn read(files: &TlsFiles) -> Result<Self, ConfigError> {
        let (chain, key) = contents(files)?;
        Self::of(files, &chain, &key)
    }

    /// Of what is in them.
    pub(super) fn of(files: &TlsFiles, chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        let wrong_certificate = |what: &str| wrong(CERTIFICATE, &files.certificate, what);
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(|_| {
                wrong_certificate("it is cut off or changed: have it issued or copied again.")
            })?;
        let Some(first) = chain.first() else {
            return Err(wrong_certificate(
                "there is no certificate in it: it must be PEM, with lines BEGIN CERTIFICATE. A \
                 file in DER is made PEM by `openssl x509 -inform der -in FILE -out NEW`.",
            ));
        };
        let Facts { version, begins, ends } = facts(first).ok_or_else(|| {
            wrong_certificate("its first certificate cannot be read: have it issued again.")
        })?;
        if version != X509Version::V3 {
            return Err(wrong_certificate(&format!(
                "its first certificate is of X.509 version {}, which no browser takes: have it \
                 issued again as version 3, with its names as subjectAltName.",
                version.0.saturating_add(1)
            )));
        }
        let key = private_key(key).map_err(|what| wrong(KEY, &files.key, what))?;
        let provider = rustls::crypto::ring::default_provider();
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => wrong(
                KEY,
                &files.key,
                &format!(
                    "it is the key of another certificate than the first in {}: name the two that \
                     belong together, Latchkey’s own certificate first.",
                    files.certificate.display()
                ),
            ),
            Error::InvalidCertificate(why) => wrong_certificate(&format!(
                "its first certificate cannot be used ({why:?}): have it issued again."
            )),
            _ => wrong(
                KEY,
                &files.key,
                "no key of this kind is possible: use RSA of 2048 to 8192 bits, ECDSA with P-256 \
                 or P-384, or Ed25519.",
            ),
        })?;
        Ok(Self { certified: Arc::new(certified), begins, ends })
    }
}

/// What the two files hold.
///
/// # Errors
/// Where one of them cannot be read.
pub(super) fn contents(files: &TlsFiles) -> Result<(Vec<u8>, Vec<u8>), ConfigError> {
    Ok((bytes(CERTIFICATE, &files.certificate)?, bytes(KEY, &files.key)?))
}

fn wrong(key: &'static str, path: &Path, what: &str) -> ConfigError {
    ConfigError::senseless(key, format!("{}: {what}", path.display()))
}

fn bytes(key: &'static str, path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| {
        wrong(key, path, &format!("{error}. Check its name, and that Latchkey’s user may read it."))
    })
}

/// The key, or what is wrong with its file.
fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, &'static str> {
    let text = String::from_utf8_lossy(pem);
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err("the key is encrypted by a password, and nobody is there to type it: take it \
            off by `openssl pkey -in FILE -out NEW`, in a folder that nobody else reads.");
    }
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        "there is no key in it that can be read: it must be PEM, with a line BEGIN PRIVATE KEY. A \
         file in DER is made PEM by `openssl pkey -inform der -in FILE -out NEW`."
    })
}

/// What is looked at of a certificate.
struct Facts {
    version: X509Version,
    begins: SystemTime,
    ends: SystemTime,
}

fn facts(certificate: &[u8]) -> Option<Facts> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    // Before 1970 is as good as then.
    let moment = |seconds: i64| {
        let seconds = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        SystemTime::UNIX_EPOCH.checked_add(seconds)
    };
    let validity = certificate.validity();
    let (begins, ends) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    Some(Facts { version: certificate.version(), begins: moment(begins)?, ends: moment(ends)? })
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;

    /// A folder with pairs that openssl has made, by name.
    pub(in crate::tls) struct Folder(TempDir);

    impl Folder {
        pub(in crate::tls) fn new() -> Self {
            Self(tempfile::tempdir().expect("a folder"))
        }

        pub(in crate::tls) fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// Makes a pair that ends in so many days.
        pub(in crate::tls) fn make(&self, name: &str, days: &str) -> TlsFiles {
            let files = TlsFiles {
                certificate: self.path(&format!("{name}.pem")),
                key: self.path(&format!("{name}.key")),
            };
            self.openssl(&[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-days",
                days,
                "-keyout",
                &format!("{name}.key"),
                "-out",
                &format!("{name}.pem"),
            ]);
            files
        }

        pub(in crate::tls) fn openssl(&self, args: &[&str]) {
            let made = Command::new("openssl").args(args).current_dir(self.0.path()).output();
            let made = made.expect("openssl is there");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
    }

    fn refused(files: &TlsFiles) -> String {
        Pair::read(files).map(|_| ()).expect_err("it cannot be used").to_string()
    }

    #[test]
    fn a_pair_that_fits_says_when_it_ends() {
        let folder = Folder::new();
        let pair = Pair::read(&folder.make("one", "30")).expect("it fits");
        let left = pair.ends.duration_since(SystemTime::now()).expect("in the future");
        let days = Duration::from_hours(24);
        assert!(left > days * 29 && left <= days * 30, "{left:?}");
        let since = SystemTime::now().duration_since(pair.begins).expect("in the past");
        assert!(since < days, "{since:?}");
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_file_and_what_to_do() {
        let folder = Folder::new();
        let (one, other) = (folder.make("one", "30"), folder.make("other", "30"));
        folder.openssl(&[
            "pkey",
            "-in",
            "one.key",
            "-aes256",
            "-passout",
            "pass:hunter2",
            "-out",
            "closed.key",
        ]);
        folder.openssl(&["x509", "-in", "one.pem", "-outform", "der", "-out", "one.der"]);
        std::fs::write(folder.path("nothing"), "").expect("written");
        let whole = std::fs::read_to_string(&one.certificate).expect("read");
        std::fs::write(folder.path("half.pem"), &whole[..whole.len() / 2]).expect("written");
        let with_certificate =
            |name: &str| TlsFiles { certificate: folder.path(name), key: one.key.clone() };
        let with_key =
            |name: &str| TlsFiles { certificate: one.certificate.clone(), key: folder.path(name) };
        for (files, key, what) in [
            (with_certificate("away.pem"), CERTIFICATE, "away.pem: No such file"),
            (with_certificate("one.der"), CERTIFICATE, "openssl x509 -inform der"),
            (with_certificate("nothing"), CERTIFICATE, "there is no certificate in it"),
            (with_certificate("one.key"), CERTIFICATE, "there is no certificate in it"),
            (with_certificate("half.pem"), CERTIFICATE, "it is cut off"),
            (with_key("away.key"), KEY, "away.key: No such file"),
            (with_key("other.key"), KEY, "the key of another certificate"),
            (with_key("closed.key"), KEY, "openssl pkey -in FILE -out NEW"),
            (with_key("one.pem"), KEY, "there is no key in it"),
            (with_key("nothing"), KEY, "there is no key in it"),
        ] {
            let error = refused(&files);
            assert!(error.starts_with(&format!("{key}: ")) && error.contains(what), "{error}");
        }
        assert!(Pair::read(&other).is_ok());
    }

    /// As `openssl x509 -req` makes one where no extension is asked for.
    #[test]
    fn of_an_old_certificate_its_version_is_named_and_not_its_key() {
        let folder = Folder::new();
        let key = folder.make("one", "30").key;
        let certificate = folder.path("version_1.pem");
        std::fs::write(&certificate, include_str!("fixtures/version_1.txt")).expect("written");
        let error = refused(&TlsFiles { certificate, key });
        assert!(error.starts_with("tls.certificate: "), "{error}");
        assert!(error.contains("X.509 version 1") && error.contains("version 3"), "{error}");
    }

    #[test]
    fn no_message_has_anything_of_a_key() {
        let folder = Folder::new();
        let one = folder.make("one", "30");
        let key = std::fs::read_to_string(&one.key).expect("read");
        let secret = key.lines().nth(1).expect("its second line");
        for spoilt in [
            key.replace("-----END", "----END"),
            key.replace("-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE"),
            key.replace(secret, &format!("!{secret}")),
        ] {
            std::fs::write(&one.key, spoilt).expect("written");
            let error = refused(&one);
            assert!(error.contains("there is no key in it") && !error.contains(&secret[4..20]));
        }
    }
}
