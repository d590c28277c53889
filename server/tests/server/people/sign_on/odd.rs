//! What providers write in odd ways, and what nothing is decided by, keeps nobody out.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{There, session};
use crate::support::{Provider, Request};

#[tokio::test(flavor = "multi_thread")]
async fn no_odd_claim_of_an_id_token_refuses_a_log_in() {
    let there = There::usual().await;
    for odd in [
        json!({"updated_at": "2026-02-03T04:05:06.789Z"}),
        json!({"email_verified": "true", "phone_number_verified": "false"}),
        json!({"email": ["pia@example.edu"], "name": ["Pia R"], "locale": ["de"]}),
        json!({"zoneinfo": 1, "birthdate": 1990, "gender": 0, "acr": 1}),
        json!({"amr": "pwd", "address": "Street 1"}),
        json!({"auth_time": "1700000000"}),
        json!({"auth_time": "2026-02-03T04:05:06Z", "iat": "now"}),
        json!({"preferred_username": ["pia"], "sub": "pia-7"}),
        json!({"website": 7, "picture": false, "profile": {}}),
        json!({"aud": ["latchkey"], "azp": "latchkey"}),
        json!({"aud": ["latchkey", "account"], "azp": "latchkey"}),
        json!({"exp": 4_102_444_800.5, "nbf": 1_700_000_000}),
        json!({"nbf": "now"}),
    ] {
        let mut claims = json!({"sub": "pia-7", "preferred_username": "pia"});
        claims.as_object_mut().unwrap().extend(odd.as_object().unwrap().clone());
        there.provider.tell(|says| says.claims = claims);
        let answer = there.log_in().await;
        assert_eq!(answer.status, 303, "{odd}: {}", answer.text());
        assert_eq!(there.visitor(&answer).await.netid().as_str(), "pia");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_else_stands_in_a_tokens_header_keeps_nobody_out() {
    let there = There::usual().await;
    for (n, odd) in [
        json!({"ver": 1}),
        json!({"list": [1, "two"], "object": {"a": {}}, "truth": true}),
        json!({"exp": 1, "client": "latchkey", "signer": "arn:aws:x"}),
        json!({"x5c": "one text"}),
        json!({"x5t": 7, "x5u": false}),
        json!({"typ": 1, "cty": ["JWT"]}),
        json!({"jwk": {"kty": "odd"}, "jku": 7}),
        json!({"kid": ["one"]}),
        json!({"kid": {}}),
        json!({"kid": null, "typ": null}),
    ]
    .into_iter()
    .enumerate()
    {
        there.provider.tell(|says| says.header = odd.clone());
        let answer = there.log_in().await;
        assert_eq!(answer.status, 303, "{odd}: {}", answer.text());
        // A log-out token's, too.
        let token = there.provider.log_out_token(&json!({"jti": n.to_string()}));
        let form = Request::form("/login/oidc/log-out", &[("logout_token", token.as_str())]);
        assert_eq!(there.send(form).await.status, 200, "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_found_by_a_number_and_read_in_each_way_of_writing() {
    let provider = Provider::start().await;
    let modulus = provider.state().keys["keys"][0]["n"].as_str().unwrap().to_owned();
    let bytes = URL_SAFE_NO_PAD.decode(&modulus).unwrap();
    let with_zero = [vec![0], bytes.clone()].concat();
    let ours = json!({"kid": 7, "n": modulus});
    for more in [
        ours,
        json!({"kid": "7"}),
        json!({"n": format!("{modulus}==")}),
        json!({"n": STANDARD.encode(&bytes)}),
        json!({"n": URL_SAFE_NO_PAD.encode(&with_zero), "e": "AAEAAQ"}),
        json!({"n": STANDARD.encode(&with_zero), "e": "AQAB"}),
    ] {
        let provider = Provider::start().await;
        provider.tell(|says| {
            says.header = json!({"kid": 7});
            let key = &mut says.keys["keys"][0];
            key["kid"] = 7.into();
            key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        });
        let there = There::with(provider, |_| {}).await;
        let answer = there.log_in().await;
        assert_eq!(answer.status, 303, "{more}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_says_who_somebody_is_is_its_digits() {
    let there = There::usual().await;
    there.provider.tell(|says| {
        says.claims = json!({"sub": 42, "preferred_username": 1_234_567});
        says.user_info = Some(json!({"sub": "42", "name": "Numa"}));
    });
    let visitor = there.visitor(&there.log_in().await).await;
    assert_eq!((visitor.netid().as_str(), visitor.me().name.as_str()), ("1234567", "Numa"));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_somebody_logged_in_is_read_in_each_way_that_is_clear() {
    let there = There::usual().await;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(since.as_millis()).unwrap();
    for (auth_time, status) in [
        (json!(now / 1000), 303),
        (json!(now), 303),
        (json!(now.to_string()), 303),
        (json!(desk::Moment(now).rfc3339()), 303),
        (json!(now / 1000 - 86_400), 401),
        (json!("a moment ago"), 401),
        (json!([now / 1000]), 401),
        (Value::Null, 401),
    ] {
        there.provider.tell(|says| says.claims["auth_time"] = auth_time.clone());
        let started = there.begin("/help&fresh", "").await;
        let answer = there.back(&started, &started.cookie).await;
        assert_eq!(answer.status, status, "{auth_time}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_persons_name_is_put_together_of_its_parts() {
    let there = There::usual().await;
    there.provider.tell(|says| {
        says.claims = json!({"sub": "pia-7", "preferred_username": "pia", "name": " "});
        let parts = json!({"sub": "pia-7", "given_name": "Pia", "family_name": "Roth\nSample"});
        says.user_info = Some(parts);
    });
    let visitor = there.visitor(&there.log_in().await).await;
    assert_eq!(visitor.me().name.as_str(), "Pia Roth Sample");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_verified_is_left_out_in_whatever_way_that_is_said() {
    let there = There::usual().await;
    for (netid, verified, taken) in [
        ("ann", json!("false"), ""),
        ("ben", json!(false), ""),
        ("cem", json!("true"), "x@example.edu"),
        ("dot", Value::Null, "x@example.edu"),
        ("eva", json!("pending"), ""),
        ("fay", json!({}), ""),
    ] {
        there.provider.tell(|says| {
            says.claims = json!({
                "sub": netid, "preferred_username": netid, "email": "x@example.edu",
                "email_verified": verified,
            });
        });
        assert_eq!(
            there.visitor(&there.log_in().await).await.me().email.as_str(),
            taken,
            "{verified}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_with_a_mark_before_it_or_half_a_letter_in_it_keeps_nobody_out() {
    let there = There::usual().await;
    // Discovery document, keys, token answer, ID token and user info alike.
    let written = |json: String| format!("\u{FEFF}{}", json.replace("HALF", "\\ud83d"));
    there.provider.tell(|says| {
        says.written = written;
        says.claims = json!({"sub": "pia-7", "preferred_username": "pia", "bio": "HALF"});
        says.user_info = Some(json!({"sub": "pia-7", "name": "Pia HALF", "nickname": "HALF"}));
    });
    let visitor = there.visitor(&there.log_in().await).await;
    assert_eq!((visitor.netid().as_str(), visitor.me().name.as_str()), ("pia", "Pia \u{FFFD}"));
    for decides in [
        json!({"sub": "pia-7HALF", "preferred_username": "pia"}),
        json!({"sub": "pia-7", "preferred_username": "piaHALF"}),
    ] {
        there.provider.tell(|says| says.claims = decides.clone());
        let answer = there.log_in().await;
        assert_eq!((answer.status, session(&answer)), (401, None), "{decides}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_odd_token_answer_refuses_a_log_in() {
    let there = There::usual().await;
    for odd in [
        json!({"expires_in": "600"}),
        json!({"expires_in": 600.5, "ext_expires_in": "3599"}),
        json!({"scope": ["openid", "profile"]}),
        json!({"token_type": null}),
        json!({"token_type": "bearer", "not_before": "0", "refresh_token": 7}),
        json!({"access_token": null}),
    ] {
        there.provider.tell(|says| says.token = odd.clone());
        assert_eq!(there.log_in().await.status, 303, "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_info_that_nobody_needs_may_fail_and_one_that_decides_may_not() {
    let there = There::usual().await;
    there.provider.tell(|says| says.user_info = None);
    assert_eq!(there.log_in().await.status, 303);
    there.provider.tell(|says| says.claims = json!({"sub": "pia-7"}));
    let answer = there.log_in().await;
    assert_eq!((answer.status, session(&answer)), (401, None), "the NetID would have been there");
    there.provider.tell(|says| {
        says.user_info =
            Some(json!({"sub": "pia-7", "preferred_username": "pia", "updated_at": []}));
    });
    assert_eq!(there.log_in().await.status, 303);
    // Nothing in the token is as good as none, and the other door says it.
    for nothing in [json!(""), json!(" "), json!([]), Value::Null] {
        there.provider.tell(|says| {
            says.claims = json!({"sub": "pia-7", "preferred_username": nothing});
            says.user_info = Some(json!({"sub": "pia-7", "preferred_username": "pia"}));
        });
        let answer = there.log_in().await;
        assert_eq!(answer.status, 303, "{nothing}: {}", answer.text());
        there.provider.tell(|says| says.user_info = None);
        assert_eq!(there.log_in().await.status, 401, "{nothing}: and nobody says it");
    }
    for other in [
        json!({"sub": "another", "preferred_username": "pia"}),
        json!({"preferred_username": "pia"}),
    ] {
        there.provider.tell(|says| says.user_info = Some(other.clone()));
        assert_eq!(there.log_in().await.status, 401, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_campuss_domain_is_taken_off_where_it_is_named() {
    let domains = |keys: &mut server::config::Sections| {
        keys.oidc.netid_domains = vec!["@Example.edu".to_owned()];
    };
    let there = There::with(Provider::start().await, domains).await;
    for (claim, status) in [
        ("pia@example.edu", 303),
        ("pia", 303),
        ("pia@evil.example", 401),
        ("pia@sub.example.edu", 401),
    ] {
        there
            .provider
            .tell(|says| says.claims = json!({"sub": "pia-7", "preferred_username": claim}));
        assert_eq!(there.log_in().await.status, status, "{claim}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_goes_where_the_provider_takes_it() {
    let discovery = |methods: Value| {
        json!({
            "issuer": "ORIGIN", "authorization_endpoint": "ORIGIN/authorize",
            "token_endpoint": "ORIGIN/token", "jwks_uri": "ORIGIN/keys",
            "token_endpoint_auth_methods_supported": methods,
        })
    };
    for (methods, in_form) in [
        (json!(["client_secret_post"]), true),
        (json!("client_secret_post"), true),
        (json!(null), false),
    ] {
        let secret = |keys: &mut server::config::Sections| {
            keys.oidc.client_secret = Some(server::config::HiddenText::new("s:e+c ret".to_owned()));
        };
        let there = There::with(Provider::saying(discovery(methods.clone())).await, secret).await;
        assert_eq!(there.log_in().await.status, 303, "{methods}");
        let stated = there.provider.state();
        assert_eq!(
            stated.parameters.get("client_secret").map(String::as_str),
            in_form.then_some("s:e+c ret"),
            "{methods}"
        );
        assert_eq!(stated.authorization.starts_with("Basic "), !in_form);
        assert_eq!(stated.parameters["grant_type"], "authorization_code");
        assert!(stated.parameters["code_verifier"].len() >= 43);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_are_too_many_change_no_role_whichever_of_the_two_says_so() {
    let groups = |keys: &mut server::config::Sections| {
        keys.oidc.groups_claim = Some("groups".to_owned());
        keys.groups.help_desk = vec!["help-desk".to_owned()];
    };
    let there = There::with(Provider::start().await, groups).await;
    let role = async |token: Value, user_info: Option<Value>| {
        there.provider.tell(|says| {
            let mut claims = json!({"sub": "pia-7", "preferred_username": "pia"});
            claims.as_object_mut().unwrap().extend(token.as_object().unwrap().clone());
            (says.claims, says.user_info) = (claims, user_info);
        });
        there.visitor(&there.log_in().await).await.person().role
    };
    let elsewhere = json!({
        "_claim_names": {"groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": "https://graph.example/"}},
    });
    let with = |more: &Value| {
        let mut stated = json!({"sub": "pia-7"});
        stated.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Some(stated)
    };
    assert_eq!(role(json!({"groups": ["help-desk"]}), None).await, desk::Role::HelpDesk);
    for (token, user_info) in [
        (elsewhere.clone(), None),
        (elsewhere.clone(), with(&json!({}))),
        (json!({}), with(&elsewhere)),
        (json!({"_claim_names": {"address": "src2"}}), with(&elsewhere)),
        (json!({}), with(&json!({"hasgroups": true}))),
        (json!({"hasgroups": false}), with(&json!({"hasgroups": "true"}))),
    ] {
        assert_eq!(
            role(token.clone(), user_info.clone()).await,
            desk::Role::HelpDesk,
            "{token} {user_info:?}"
        );
    }
    assert_eq!(
        role(json!({}), with(&json!({"groups": ["others"]}))).await,
        desk::Role::Staff,
        "what is said counts"
    );
}
