//! Applications that ask about tokens: known by name and secret until they are removed, and what
//! they learn and may end.

use desk::{Networks, Refusal, Secret, Verdict};

use super::support::{get, origin, secret, world};

fn as_secret(secret: &desk::ClientSecret) -> Secret {
    Secret::new(secret.expose().to_owned())
}

#[tokio::test]
async fn a_client_is_known_by_name_and_secret_until_it_is_removed() {
    let world = world().await;
    let rt = world.console().add_client("rt").await.unwrap();
    let wiki = world.console().add_client("wiki").await.unwrap();
    // Twice: the second time from memory.
    for _ in 0..2 {
        assert!(world.client("rt", &as_secret(&rt)).await.unwrap().is_some());
        for (name, wrong) in [
            ("rt", as_secret(&wiki)),
            ("wiki", as_secret(&rt)),
            ("rt", secret("")),
            ("RT", as_secret(&rt)),
            ("", secret("")),
            ("none", as_secret(&rt)),
        ] {
            assert!(world.client(name, &wrong).await.unwrap().is_none(), "{name}");
        }
    }
    assert_eq!(world.console().add_client("rt").await.unwrap_err(), Refusal::ClientExists);
    assert_eq!(
        world
            .console()
            .clients()
            .await
            .unwrap()
            .into_iter()
            .map(|client| client.name.to_string())
            .collect::<Vec<_>>(),
        ["rt", "wiki"]
    );
    world.console().remove_client("rt").await.unwrap();
    assert!(world.client("rt", &as_secret(&rt)).await.unwrap().is_none());
    assert!(world.client("wiki", &as_secret(&wiki)).await.unwrap().is_some());
    assert_eq!(world.console().remove_client("rt").await.unwrap_err(), Refusal::ClientUnknown);
    let again = world.console().add_client("rt").await.unwrap();
    assert!(world.client("rt", &as_secret(&rt)).await.unwrap().is_none(), "the secret of before");
    assert!(world.client("rt", &as_secret(&again)).await.unwrap().is_some());
    assert_eq!(world.last_audit("(client) rt").await.0, "client.add");
}

#[tokio::test]
async fn a_client_sees_a_token_and_may_end_it() {
    let world = world().await;
    let secret = as_secret(&world.console().add_client("rt").await.unwrap());
    let client = world.client("rt", &secret).await.unwrap().unwrap();
    let (token, _) = world.token("tia", "shown").await;
    assert!(matches!(
        client.introspect(token.expose(), None).await,
        Verdict::Good(principal) if principal.netid.as_str() == "tia",
    ));
    client.revoke(&token, &origin()).await.unwrap();
    assert_eq!(world.verify(token.expose(), None, &get()).await, Verdict::Refused("revoked"));
    assert_eq!(client.revoke(&token, &origin()).await, Err(Refusal::TokenOver));
    let row = world
        .console()
        .audit(&desk::AuditQuery { subject: "tia".to_owned(), ..Default::default() })
        .await
        .unwrap()
        .rows
        .remove(0);
    assert_eq!((row.action.code(), row.actor.code().as_str()), ("token.revoke", "(client) rt"));
}

#[tokio::test]
async fn a_token_bound_to_networks_needs_the_address_it_came_from() {
    let world = world().await;
    let secret = as_secret(&world.console().add_client("rt").await.unwrap());
    let client = world.client("rt", &secret).await.unwrap().unwrap();
    let (near, _) = world
        .token_with("tia", "near", |new| new.networks = Networks::parse("192.0.2.0/24").unwrap())
        .await;
    assert_eq!(client.introspect(near.expose(), None).await, Verdict::Forbidden("network"));
    assert_eq!(
        client.introspect(near.expose(), "198.51.100.1".parse().ok()).await,
        Verdict::Forbidden("network")
    );
    assert!(matches!(
        client.introspect(near.expose(), "192.0.2.9".parse().ok()).await,
        Verdict::Good(_)
    ));
}

#[tokio::test]
async fn a_clients_name_that_is_none_is_refused_and_known_to_nobody() {
    let world = world().await;
    let rt = as_secret(&world.console().add_client("rt").await.unwrap());
    for name in ["", "RT", "rt ", "client:rt", "(client) rt", "\u{0}"] {
        assert_eq!(
            world.console().add_client(name).await.unwrap_err(),
            Refusal::ClientUnreadable,
            "{name:?}"
        );
        assert_eq!(
            world.console().remove_client(name).await.unwrap_err(),
            Refusal::ClientUnknown,
            "{name:?}"
        );
        assert!(world.client(name, &rt).await.unwrap().is_none(), "{name:?}");
    }
    assert!(world.client("rt", &rt).await.unwrap().is_some());
}
