//! What decides who somebody is must be right: whose signature, from whom, to whom, until when, and
//! for which log-in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{There, session};
use crate::support::{Provider, altered};

async fn refused(there: &There, why: &str) {
    let answer = there.log_in().await;
    assert_eq!((answer.status, session(&answer)), (401, None), "{why}: {}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_decides_is_taken_as_it_must_be_and_in_no_other_way() {
    let there = There::usual().await;
    for wrong in [
        json!({"iss": "https://evil.example"}),
        json!({"iss": null}),
        json!({"iss": [there.provider.origin.as_str()]}),
        json!({"aud": "another"}),
        json!({"aud": null}),
        json!({"aud": ["another"]}),
        json!({"aud": []}),
        json!({"aud": ["latchkey", "another"]}),
        json!({"aud": ["latchkey", "another"], "azp": "another"}),
        json!({"azp": "another"}),
        json!({"exp": 1_700_000_000}),
        json!({"exp": null}),
        json!({"exp": "4102444800"}),
        json!({"exp": 4_102_444_800_000_i64}),
        json!({"nbf": 4_102_444_800_i64}),
        json!({"nbf": "4102444800"}),
        json!({"exp": "2099-01-01T00:00:00Z"}),
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"nonce": 7}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": ["one", "two"]}),
        json!({"sub": ["pia-7"]}),
        json!({"sub": []}),
        json!({"sub": true}),
        json!({"sub": 7.5}),
        json!({"sub": {"id": 7}}),
        json!({"preferred_username": ["pia", "ada"]}),
        json!({"preferred_username": "pia@example.edu"}),
        json!({"preferred_username": ""}),
    ] {
        let mut claims = json!({"sub": "pia-7", "preferred_username": "pia"});
        claims.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        there.provider.tell(|says| says.claims = claims);
        refused(&there, &wrong.to_string()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_provider_has_not_signed_is_nobodys() {
    let there = There::usual().await;
    let spoils: [fn(String) -> String; 5] = [
        |token| altered(&token, &json!({"preferred_username": "ada"})),
        |token| token[..=token.rfind('.').unwrap()].to_owned(),
        |token| {
            format!(
                "{}.{}.",
                URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
                token.split('.').nth(1).unwrap()
            )
        },
        |token| {
            let critical =
                URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"one","crit":["exp"],"exp":1}"#);
            format!("{critical}.{}", token.split_once('.').unwrap().1)
        },
        |_| "no.token.atall".to_owned(),
    ];
    for (number, spoil) in spoils.into_iter().enumerate() {
        there.provider.tell(|says| says.spoil = spoil);
        refused(&there, &format!("spoiled in way {number}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_token_says_of_how_it_is_signed_must_be_what_the_provider_does() {
    let there = There::usual().await;
    for wrong in [
        json!({"crit": ["exp"], "exp": 1}),
        json!({"crit": []}),
        json!({"crit": 7}),
        json!({"alg": null}),
        json!({"alg": "none"}),
        json!({"alg": ["RS256"]}),
        json!({"alg": "rs256"}),
        json!({"alg": "RS384"}),
        json!({"alg": "ES256"}),
        json!({"kid": "another"}),
        json!({"kid": 2}),
    ] {
        there.provider.tell(|says| says.header = wrong.clone());
        refused(&there, &wrong.to_string()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_both_know_signs_nothing() {
    let there = There::usual().await;
    there.provider.tell(|says| {
        says.algorithm = Algorithm::HS256;
        says.keys["keys"]
            .as_array_mut()
            .unwrap()
            .push(json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("both know it"), "kid": "one"}));
    });
    let answer = there.log_in().await;
    assert_eq!((answer.status, session(&answer)), (503, None));
    assert!(answer.text().contains("is not set up correctly"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_usable_keys_is_said_so_before_anybody_types_a_password() {
    for keys in [
        json!({}),
        json!({"keys": []}),
        json!({"keys": [{"kty": "oct", "k": "AAAA"}]}),
        json!([]),
        json!("none"),
    ] {
        let provider = Provider::start().await;
        provider.tell(|says| says.keys = keys.clone());
        unusable(provider, &keys.to_string()).await;
    }
    for (name, value) in [
        ("id_token_signing_alg_values_supported", json!(["HS256"])),
        ("jwks_uri", json!("")),
        ("token_endpoint", Value::Null),
    ] {
        let provider = Provider::start().await;
        provider.tell(|says| says.discovery[name] = value);
        unusable(provider, name).await;
    }
}

async fn unusable(provider: Provider, what: &str) {
    let there = There::with(provider, |_| {}).await;
    let answer = there.send(crate::support::Request::get("/login/oidc").page()).await;
    assert_eq!(answer.status, 503, "{what}");
    assert!(
        answer.text().contains("is not set up correctly") && !answer.text().contains("refresh"),
        "{what}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_a_name_among_others_is_found() {
    let there = There::usual().await;
    there.provider.tell(|says| {
        let mut ours = says.keys["keys"][0].clone();
        ours.as_object_mut().unwrap().remove("kid");
        let other = json!({
            "kty": "EC", "crv": "P-256", "kid": "two",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        says.keys = json!({"keys": [other, {"kty": "odd"}, 7, ours]});
    });
    assert_eq!(there.log_in().await.status, 303);
}
