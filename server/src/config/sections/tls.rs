//! `[tls]`: the certificate by which Latchkey speaks https itself. What is in the files is looked
//! at by [`crate::tls`].

use confique::Config;
use serde::Serialize;

use super::filled;
use crate::config::{ConfigError, TlsFiles};

/// https by Latchkey itself.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct TlsSection {
    /// The file with the certificate's chain in PEM, Latchkey's own first, such as
    /// "/etc/latchkey/tls/fullchain.pem". A new one is taken up by itself, within a minute.
    #[config(env = "LATCHKEY_TLS_CERTIFICATE")]
    pub certificate: Option<String>,

    /// The file with its key in PEM, without a password, readable by Latchkey alone.
    #[config(env = "LATCHKEY_TLS_KEY")]
    pub key: Option<String>,
}

impl TlsSection {
    /// Both files; none: neither is named.
    pub(in crate::config) fn files(&self) -> Result<Option<TlsFiles>, ConfigError> {
        let wrong = |key, what, since| Err(ConfigError::senseless(key, what).since(since));
        match (filled(self.certificate.clone()), filled(self.key.clone())) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                Ok(Some(TlsFiles { certificate: certificate.into(), key: key.into() }))
            }
            (Some(_), None) => {
                wrong("tls.key", "name the file with the certificate’s key too.", "tls.certificate")
            }
            (None, Some(_)) => {
                wrong("tls.certificate", "name the file with the certificate too.", "tls.key")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Configuration, Sections};

    fn read(adjust: impl FnOnce(&mut Sections)) -> Result<bool, String> {
        let mut sections = Sections::default();
        adjust(&mut sections);
        Configuration::from_sections(sections)
            .map(|configuration| configuration.tls.is_some())
            .map_err(|error| error.to_string())
    }

    fn both(keys: &mut Sections) {
        keys.tls.certificate = Some("/etc/latchkey/tls/fullchain.pem".to_owned());
        keys.tls.key = Some("/etc/latchkey/tls/key.pem".to_owned());
    }

    #[test]
    fn both_files_are_named_or_none() {
        assert_eq!(read(|_| {}), Ok(false));
        assert_eq!(read(both), Ok(true));
        for (blank, expected) in [("certificate", "tls.certificate: "), ("key", "tls.key: ")] {
            let error = read(|keys| {
                both(keys);
                *(if blank == "key" { &mut keys.tls.key } else { &mut keys.tls.certificate }) =
                    Some(" ".to_owned());
            });
            assert!(error.as_ref().is_err_and(|error| error.starts_with(expected)), "{error:?}");
        }
    }

    #[test]
    fn nothing_else_may_say_that_it_is_no_https() {
        let by_http = read(|keys| {
            both(keys);
            keys.server.public_url = Some("http://127.0.0.1:3000".to_owned());
        });
        assert!(by_http.is_err_and(|error| error.contains("write https://")));
        let by_socket = read(|keys| {
            both(keys);
            keys.server.listen = "unix:/run/x.sock".parse().expect("a socket");
        });
        assert!(by_socket.is_err_and(|error| error.contains("listen on an address")));
    }
}
