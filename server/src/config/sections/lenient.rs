//! Values as people write them: a text in place of a list of one, yes and no, and an address by its name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// A list, or one text with its values separated by commas, as in the environment.
pub(super) fn commas<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(Texts(&[',']))
}

/// A list, or one text with its values separated by commas or spaces.
pub(super) fn words<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(Texts(&[',', ' ']))
}

/// A list, or one text with its values separated by semicolons, as in the environment: they may have commas.
pub(super) fn semicolons<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(Texts(&[';']))
}

struct Texts(&'static [char]);

impl<'de> Visitor<'de> for Texts {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts, such as [\"one\", \"another\"]")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(super::listed(text.split(self.0).map(str::to_owned).collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            all.push(text);
        }
        Ok(all)
    }
}

/// `true` or `false`, also as yes, no, on, off, 1 and 0.
pub(super) fn yes_or_no<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    struct YesOrNo;

    impl Visitor<'_> for YesOrNo {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false")
        }

        fn visit_bool<E: Error>(self, yes: bool) -> Result<bool, E> {
            Ok(yes)
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<bool, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<bool, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
            match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok(true),
                "false" | "no" | "off" | "0" => Ok(false),
                _ => Err(E::custom(format!("“{text}” is neither true nor false"))),
            }
        }
    }

    from.deserialize_any(YesOrNo)
}

/// Address and port to listen on.
pub(super) fn listen<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(from)?;
    parse_listen(&text).map_err(D::Error::custom)
}

/// Reads address and port: `127.0.0.1:3000`, `[::1]:3000`, `localhost:3000`.
///
/// # Errors
/// What to write instead.
pub(in crate::config) fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let here = text.rsplit_once(':').filter(|(host, _)| host.eq_ignore_ascii_case("localhost"));
    let by_name = here.and_then(|(_, port)| Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port.parse().ok()?)));
    by_name.or_else(|| text.parse().ok()).ok_or_else(|| {
        format!(
            "“{text}” is no address with a port: write one like 127.0.0.1:3000 for this machine alone, or 0.0.0.0:3000 or [::]:3000 for \
             every address that it has"
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::config::sections::{Given, Sections};

    fn read(text: &str) -> Result<Sections, String> {
        toml::from_str::<Given>(text).map(Sections::over_defaults).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_text_is_a_list_of_its_values() {
        for (text, list) in [
            ("\"127.0.0.1\"", vec!["127.0.0.1"]),
            ("\"127.0.0.1/32, 10.0.0.0/8\"", vec!["127.0.0.1/32", "10.0.0.0/8"]),
            ("\"\"", vec![]),
            ("[\"::1\"]", vec!["::1"]),
        ] {
            assert_eq!(read(&format!("[proxy]\ntrusted = {text}")).expect(text).proxy.trusted, list);
        }
        let groups = read("[groups]\nadmin = \"cn=a,ou=x; staff\"\nprivileged = \"*\"").expect("read").groups;
        assert_eq!((groups.admin, groups.privileged), (vec!["cn=a,ou=x".to_owned(), "staff".to_owned()], vec!["*".to_owned()]));
        assert_eq!(read("[oidc]\nscopes = \"profile email, groups\"").expect("read").oidc.scopes, ["profile", "email", "groups"]);
        let error = read("[groups]\nadmin = 7").expect_err("no list");
        assert!(error.contains("a list of texts, such as"), "{error}");
    }

    #[test]
    fn yes_and_no_are_true_and_false() {
        for (text, yes) in [("\"yes\"", true), ("1", true), ("\"On\"", true), ("true", true), ("\"no\"", false), ("0", false)] {
            assert_eq!(read(&format!("[ldap]\nstarttls = {text}")).expect(text).ldap.starttls, yes);
        }
        for text in ["\"maybe\"", "2", "[]", "\"\""] {
            let error = read(&format!("[ldap]\nstarttls = {text}")).expect_err(text);
            assert!(error.contains("true"), "{error}");
        }
    }

    #[test]
    fn where_to_listen_may_be_named_and_what_to_write_is_said() {
        for (text, address) in [
            ("localhost:3000", "127.0.0.1:3000"),
            (" 0.0.0.0:80 ", "0.0.0.0:80"),
            ("[::1]:3000", "[::1]:3000"),
            ("LOCALHOST:0", "127.0.0.1:0"),
        ] {
            assert_eq!(super::parse_listen(text).map(|address| address.to_string()).as_deref(), Ok(address), "{text}");
        }
        for text in [":3000", "3000", "localhost", "127.0.0.1", "desk.example.edu:3000", "localhost:70000", ""] {
            let error = read(&format!("[server]\nlisten = \"{text}\"")).expect_err(text);
            assert!(error.contains("write one like 127.0.0.1:3000"), "{error}");
        }
    }
}
