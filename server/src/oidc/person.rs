//! Who somebody is, by the claims that the configuration names.

use desk::{ExternalIdentity, LoginContext, NetId, plain_line};
use serde_json::Value;

use super::OidcError;
use super::auth_time::proved_at;
use super::claims::{Claims, shown, texts};
use super::provider::now_ms;
use crate::config::Oidc;

/// Somebody whom the provider has logged in.
#[derive(Debug)]
pub(crate) struct CompletedLogin {
    pub(crate) who: ExternalIdentity,
    pub(crate) login_context: LoginContext,
    /// For the way out.
    pub(crate) id_token: String,
}

impl CompletedLogin {
    /// Whom these claims are about.
    pub(super) fn of(
        settings: &Oidc,
        claims: &Claims,
        id_token: String,
    ) -> Result<Self, OidcError> {
        let subject = claims.subject().map_err(|found| {
            OidcError::Refused(format!(
                "the claim sub is {found}: it must be one text, by which the account is bound to \
                 the person. Let the provider send what it calls this person for good, and that \
                 alone"
            ))
        })?;
        Ok(Self {
            who: ExternalIdentity {
                netid: netid(settings, claims)?,
                name: name(claims),
                // Others people write down themselves: nobody has looked whether they are theirs.
                email: claims.text("email").filter(|_| !claims.is_address_unverified()),
                groups: groups(settings, claims),
                id: None,
            },
            login_context: LoginContext {
                proved_at: proved_at(claims, now_ms()),
                // Checked by now to be the one that is configured.
                issuer: Some(settings.issuer.clone()),
                issuer_subject: Some(subject),
                issuer_session: claims.exact("sid"),
            },
            id_token,
        })
    }
}

/// The name; of a provider that says only its parts they are put together.
fn name(claims: &Claims) -> Option<String> {
    let is_seen = |text: &String| !plain_line(text).is_empty();
    claims.text("name").filter(is_seen).or_else(|| {
        let parts = ["given_name", "family_name"].map(|part| claims.text(part).filter(is_seen));
        let named: Vec<String> = parts.into_iter().flatten().collect();
        (!named.is_empty()).then(|| named.join(" "))
    })
}

/// The NetID, without the campus's own domain. Whatever is wrong with it, the log says what there
/// was.
fn netid(settings: &Oidc, claims: &Claims) -> Result<String, OidcError> {
    let name = &settings.netid_claim;
    let Some(value) = claims.get(name) else {
        return Err(OidcError::Refused(format!(
            "there is no claim {name} (oidc.netid_claim): is it in a scope that is asked for \
                (oidc.scopes)? There are: {}",
            claims.names()
        )));
    };
    let Some(text) = claims.exact(name) else {
        return Err(OidcError::Refused(format!(
            "the claim {name} (oidc.netid_claim) is {}: it must be one text",
            shown(value)
        )));
    };
    if name == "email" && claims.is_address_unverified() {
        return Err(OidcError::Refused(format!(
            "the claim email (oidc.netid_claim) is an address that nobody has looked at \
                (email_verified is {}): whoever writes somebody else’s there would be them. Let \
                the provider verify addresses, or name another claim",
            shown(claims.get("email_verified").unwrap_or(&Value::Null))
        )));
    }
    let bare = without_domain(&settings.netid_domains, text.trim());
    if NetId::parse(bare).is_err() {
        let has_domain = bare.contains(['@', '\\']);
        let remedy = if has_domain {
            " If the domain is the campus’s own, name it in oidc.netid_domains"
        } else {
            ""
        };
        return Err(OidcError::Refused(format!(
            "the claim {name} (oidc.netid_claim) is {}, which is no NetID.{remedy}",
            shown(value)
        )));
    }
    Ok(bare.to_owned())
}

/// `sam` of `sam@example.edu` and of `EXAMPLE\sam`, where that domain is the campus's own; whatever
/// else it is, as it was.
fn without_domain<'a>(domains: &[String], text: &'a str) -> &'a str {
    let ours = |domain: &str| domains.iter().any(|one| one.eq_ignore_ascii_case(domain));
    match (text.rsplit_once('@'), text.split_once('\\')) {
        (Some((name, domain)), _) if ours(domain) => name,
        (None, Some((domain, name))) if ours(domain) => name,
        _ => text,
    }
}

/// What stands among the groups, or in their place, and is none.
fn no_group(groups: &Value) -> Option<&Value> {
    let is_none = |value: &&Value| !value.is_null() && texts(Some(value)).is_empty();
    match groups {
        Value::Array(all) => all.iter().find(|one| one.is_array() || is_none(one)),
        one => Some(one).filter(is_none),
    }
}

/// The groups, where they are said. A claim that is configured and not there says that somebody is
/// in no group, unless it is said to be elsewhere.
fn groups(settings: &Oidc, claims: &Claims) -> Option<Vec<String>> {
    let name = &settings.groups_claim;
    if name.is_empty() {
        return None;
    }
    if claims.is_elsewhere(name) {
        tracing::warn!(
            claim = %name,
            "the OpenID provider has left groups out, because they are too many: roles stay as \
                they are. Let it send those alone that count"
        );
        return None;
    }
    if let Some(odd) = claims.get(name).and_then(no_group) {
        tracing::warn!(
            claim = %name,
            value = %shown(odd),
            "the OpenID provider says something among the groups that is no group's name, and it \
                is passed over: a group is a text, a number, or an object with a name"
        );
    }
    Some(texts(claims.get(name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(domains: &[&str]) -> Oidc {
        Oidc {
            issuer: "https://login.example.edu".to_owned(),
            client_id: "latchkey".to_owned(),
            client_secret: None,
            name: "Campus Login".to_owned(),
            scopes: Vec::new(),
            netid_claim: "preferred_username".to_owned(),
            netid_domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
            groups_claim: "groups".to_owned(),
            ca_file: None,
        }
    }

    fn completed(domains: &[&str], more: &Value) -> Result<CompletedLogin, String> {
        let mut whole = json!({"sub": "7", "preferred_username": "pia"});
        whole
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        let Value::Object(whole) = whole else { unreachable!() };
        CompletedLogin::of(&settings(domains), &Claims(whole), String::new())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_campuss_own_domain_is_taken_off_and_no_other() {
        let domains = ["example.edu", "EXAMPLE"];
        for (claim, netid) in [
            ("sam", Some("sam")),
            ("sam@example.edu", Some("sam")),
            ("Sam@EXAMPLE.edu", Some("Sam")),
            ("EXAMPLE\\sam", Some("sam")),
            (" sam ", Some("sam")),
            ("sam@evil.example", None),
            ("sam@example.edu.evil.example", None),
            ("sam@sub.example.edu", None),
            ("OTHER\\sam", None),
            ("EXAMPLE\\sam@evil.example", None),
            ("a@b@example.edu", None),
            ("sam_gmail.com#EXT#@example.edu", None),
            ("@example.edu", None),
            ("EXAMPLE\\", None),
            ("", None),
        ] {
            let found = completed(&domains, &json!({"preferred_username": claim}))
                .ok()
                .map(|completed| completed.who.netid);
            assert_eq!(found.as_deref(), netid, "{claim}");
            if claim.contains(['@', '\\']) {
                assert!(
                    completed(&[], &json!({"preferred_username": claim})).is_err(),
                    "{claim}: a domain must be named"
                );
            }
        }
    }

    #[test]
    fn what_the_claim_held_is_said_and_what_to_do() {
        for (claim, words) in [
            (
                json!("sam@example.edu"),
                "is \"sam@example.edu\", which is no NetID. If the domain is the campus’s own, \
                    name it in",
            ),
            (json!("EXAMPLE\\sam"), "is \"EXAMPLE\\\\sam\", which is no NetID. If"),
            (json!("o'neil"), "is \"o'neil\", which is no NetID."),
            (json!(""), "is \"\", which is no NetID"),
            (json!(["sam", "tia"]), "is [\"sam\",\"tia\"]: it must be one text"),
            (json!(true), "is true: it must be one text"),
            (
                json!(null),
                "there is no claim preferred_username (oidc.netid_claim): is it in a scope that is \
                    asked for",
            ),
        ] {
            let error = completed(&[], &json!({"preferred_username": claim})).expect_err("refused");
            assert!(error.contains(words), "{error}");
        }
        let error = completed(&[], &json!({"sub": {"id": 7}})).expect_err("refused");
        assert!(
            error.contains("the claim sub is an object, {\"id\":7}: it must be one text"),
            "{error}"
        );
        let error = completed(&[], &json!({"sub": ["7"]})).expect_err("refused");
        assert!(
            error.contains("the claim sub is a list, [\"7\"]: ")
                && error.contains("and that alone"),
            "{error}"
        );
    }

    #[test]
    fn an_address_that_nobody_has_looked_at_is_nobodys_netid() {
        let of = |verified: Value| {
            let claims =
                json!({"sub": "7", "email": "pia@example.edu", "email_verified": verified});
            let Value::Object(claims) = claims else { unreachable!() };
            let settings = Oidc { netid_claim: "email".to_owned(), ..settings(&["example.edu"]) };
            CompletedLogin::of(&settings, &Claims(claims), String::new())
                .map(|completed| completed.who.netid)
        };
        for verified in [json!(true), json!("true"), json!(null)] {
            assert_eq!(of(verified.clone()).as_deref().ok(), Some("pia"), "{verified}");
        }
        for verified in [
            json!(false),
            json!("false"),
            json!("n"),
            json!("pending"),
            json!(""),
            json!(0.0),
            json!({}),
            json!([]),
        ] {
            let error = of(verified.clone()).expect_err("refused").to_string();
            let words = format!("that nobody has looked at (email_verified is {verified})");
            assert!(error.contains(&words), "{error}");
        }
    }

    #[test]
    fn a_number_is_its_digits() {
        let completed =
            completed(&[], &json!({"preferred_username": 1_234_567, "sub": 42})).expect("let in");
        assert_eq!(
            (completed.who.netid.as_str(), completed.login_context.issuer_subject.as_deref()),
            ("1234567", Some("42"))
        );
    }

    #[test]
    fn an_odd_claim_that_nobody_needs_keeps_nobody_out() {
        for (more, name, email) in [
            (json!({"updated_at": "2026-01-01T00:00:00Z", "name": "Pia R"}), Some("Pia R"), None),
            (
                json!({"email": "pia@example.edu", "email_verified": "true"}),
                None,
                Some("pia@example.edu"),
            ),
            (json!({"email": "pia@example.edu", "email_verified": "false"}), None, None),
            (
                json!({"email": ["pia@example.edu", "p@example.edu"], "name": ["Pia", "P"]}),
                Some("Pia"),
                Some("pia@example.edu"),
            ),
            (
                json!({"locale": ["en"], "zoneinfo": 1, "birthdate": 1990, "gender": 0, "acr": 1}),
                None,
                None,
            ),
            (
                json!({"amr": "pwd", "address": "Street 1", "phone_number_verified": "yes"}),
                None,
                None,
            ),
            (json!({"name": null, "email": null}), None, None),
        ] {
            let completed = completed(&[], &more).expect("let in");
            assert_eq!(
                (completed.who.name.as_deref(), completed.who.email.as_deref()),
                (name, email),
                "{more}"
            );
        }
        assert_eq!(
            completed(&[], &json!({"auth_time": "1700000000"}))
                .expect("in")
                .login_context
                .proved_at,
            Some(desk::Moment(1_700_000_000_000))
        );
    }

    #[test]
    fn a_name_that_is_not_said_is_put_together_of_its_parts() {
        for (more, name) in [
            (json!({"given_name": "Pia", "family_name": "Roth"}), Some("Pia Roth")),
            (json!({"name": " ", "given_name": "Pia", "family_name": "Roth"}), Some("Pia Roth")),
            (json!({"name": "\u{200b}", "given_name": ["Pia"]}), Some("Pia")),
            (json!({"name": null, "given_name": "", "family_name": "Roth"}), Some("Roth")),
            (
                json!({"name": "Roth, Pia", "given_name": "P", "family_name": "R"}),
                Some("Roth, Pia"),
            ),
            (json!({"name": "", "given_name": " ", "family_name": null}), None),
        ] {
            let completed = completed(&[], &more).expect("let in");
            assert_eq!(completed.who.name.as_deref(), name, "{more}");
        }
    }

    #[test]
    fn what_is_no_group_is_seen_among_them() {
        for (groups, odd) in [
            (json!(["staff", 7, {"name": "x"}, null]), None),
            (json!("staff"), None),
            (json!([]), None),
            (json!([["staff"]]), Some(json!(["staff"]))),
            (json!(["staff", true]), Some(json!(true))),
            (json!({"staff": true}), Some(json!({"staff": true}))),
            (json!(false), Some(json!(false))),
        ] {
            assert_eq!(no_group(&groups), odd.as_ref(), "{groups}");
        }
    }

    #[test]
    fn groups_that_are_elsewhere_are_not_none() {
        let groups = |more: Value| completed(&[], &more).expect("let in").who.groups;
        assert_eq!(groups(json!({"groups": ["staff"]})), Some(vec!["staff".to_owned()]));
        assert_eq!(groups(json!({})), Some(Vec::new()), "in no group");
        assert_eq!(groups(json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {}})), None);
        assert_eq!(groups(json!({"hasgroups": true})), None);
        assert_eq!(groups(json!({"hasgroups": "true", "groups": []})), Some(Vec::new()));
    }
}
