//! Providers that people use, each with the discovery document, ID token and user info that its own
//! documentation shows (its pages are named in each file as `source`; people, groups and ids are
//! ours): told as they tell it, and logged in by the settings that
//! `docs/identity/openid-connect.md` names.

use desk::Role;
use serde_json::Value;

use super::{There, session};
use crate::support::{Provider, Request};

const SAMPLES: [(&str, &str); 10] = [
    ("Entra ID", include_str!("providers/entra-id.json")),
    ("Okta", include_str!("providers/okta.json")),
    ("Auth0", include_str!("providers/auth0.json")),
    ("Keycloak", include_str!("providers/keycloak.json")),
    ("Google", include_str!("providers/google.json")),
    ("Shibboleth", include_str!("providers/shibboleth.json")),
    ("AD FS", include_str!("providers/adfs.json")),
    ("authentik", include_str!("providers/authentik.json")),
    ("Pocket ID", include_str!("providers/pocket-id.json")),
    ("GitLab", include_str!("providers/gitlab.json")),
];

fn list(value: &Value) -> Option<Vec<String>> {
    Some(value.as_array()?.iter().map(|text| text.as_str().unwrap().to_owned()).collect())
}

async fn there(sample: &Value) -> There {
    let provider = Provider::saying(sample["discovery"].clone()).await;
    let context = |value: &Value| {
        serde_json::from_str(&value.to_string().replace("ORIGIN", &provider.origin)).unwrap()
    };
    provider.tell(|says| {
        (says.claims, says.user_info, says.token) = (
            context(&sample["id_token"]),
            Some(context(&sample["user_info"])),
            context(&sample["token"]),
        );
    });
    let settings = &sample["settings"];
    There::with(provider, |keys| {
        keys.oidc.client_secret =
            Some(server::config::HiddenText::new("a secret of a test".to_owned()));
        if let Some(claim) = settings["netid_claim"].as_str() {
            claim.clone_into(&mut keys.oidc.netid_claim);
        }
        keys.oidc.netid_domains = list(&settings["netid_domains"]).unwrap_or_default();
        if let Some(scopes) = list(&settings["scopes"]) {
            keys.oidc.scopes = scopes;
        }
        keys.oidc.groups_claim = settings["groups_claim"].as_str().map(str::to_owned);
        keys.groups.help_desk = list(&settings["help_desk"]).unwrap_or_default();
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_comes_in_as_their_provider_tells_of_them() {
    for (name, sample) in SAMPLES {
        let sample: Value = serde_json::from_str(sample).unwrap();
        let there = there(&sample).await;
        let started = there.begin("/settings/auth-tokens", "").await;
        let issuer = if sample["iss_in_answer"] == true {
            format!("&iss={}", there.provider.issuer())
        } else {
            String::new()
        };
        let back =
            format!("/login/oidc/back?code={}&state={}{issuer}", started.nonce, started.state);
        let answer = there.send(Request::get(&back).page().header("cookie", &started.cookie)).await;
        assert_eq!(
            answer.header("location").as_deref(),
            Some("/settings/auth-tokens"),
            "{name}: {}",
            answer.text()
        );
        let visitor = there.visitor(&answer).await;
        let (me, expected) = (visitor.me(), &sample["expected"]);
        let role = if expected["role"] == "help_desk" { Role::HelpDesk } else { Role::Staff };
        assert_eq!(
            (visitor.netid().as_str(), visitor.person().role),
            (expected["netid"].as_str().unwrap(), role),
            "{name}"
        );
        assert_eq!(
            (Some(me.name.as_str()), Some(me.email.as_str())),
            (expected["name"].as_str(), expected["email"].as_str()),
            "{name}"
        );
        if sample["iss_in_answer"] == true {
            let started = there.begin("/help", "").await;
            let answer = there.back(&started, &started.cookie).await;
            assert_eq!(
                (answer.status, session(&answer)),
                (401, None),
                "{name} promises to say who answers"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_log_out_leads_where_the_provider_has_it() {
    for (name, sample) in SAMPLES {
        let sample: Value = serde_json::from_str(sample).unwrap();
        let there = there(&sample).await;
        let answer = there.send(Request::get("/login/oidc/out").page()).await;
        let location = answer.header("location").unwrap();
        match sample["discovery"]["end_session_endpoint"].as_str() {
            Some(door) => assert!(
                location.starts_with(&door.replace("ORIGIN", &there.provider.origin)),
                "{name}: {location}"
            ),
            None => assert_eq!(location, "/login", "{name} has none"),
        }
    }
}

#[test]
fn each_sample_names_where_it_is_from() {
    for (name, sample) in SAMPLES {
        let sample: Value = serde_json::from_str(sample).unwrap();
        assert!(
            list(&sample["source"])
                .is_some_and(|pages| pages.iter().all(|page| page.starts_with("https://"))),
            "{name}"
        );
    }
}
