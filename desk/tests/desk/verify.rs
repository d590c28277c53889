//! Verify: what is refused and what is forbidden, and that uses are kept.

use desk::{Access, Expires, Networks, Refusal, TokenView, Used, Verdict, right};

use super::support::{World, disabled, get, privileged, request, world};

fn refused(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Refused(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_no_token_and_what_is_nobodys_is_refused() {
    let world = world().await;
    let (token, _) = world.token("tia", "one").await;
    let mut wrong = token.expose().to_owned();
    let last = if wrong.pop() == Some('0') { '1' } else { '0' };
    wrong.push(last);
    assert_eq!(refused(&world.verify(&wrong, None, &get()).await), "malformed");
    assert_eq!(refused(&world.verify("tia-local-password", None, &get()).await), "malformed");
    assert_eq!(refused(&world.verify("", None, &get()).await), "malformed");
    // Another store's token: well-formed, and nobody's here.
    let other = super::support::world().await;
    let (foreign, _) = other.token("tia", "foreign").await;
    assert_eq!(refused(&world.verify(foreign.expose(), None, &get()).await), "unknown");
}

#[tokio::test]
async fn the_name_where_given_must_be_the_owners() {
    let world = world().await;
    let (token, _) = world.token("tia", "basic").await;
    for name in ["tia", "TIA", " tia ", "tia@example.edu"] {
        assert!(
            matches!(world.verify(token.expose(), Some(name), &get()).await, Verdict::Good(_)),
            "{name}"
        );
    }
    for name in ["sam", "", "sam@example.edu", "nobody"] {
        assert_eq!(
            refused(&world.verify(token.expose(), Some(name), &get()).await),
            "not the owner's name",
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_to_the_millisecond() {
    let world = world().await;
    let expires = Expires::At(world.now().plus_seconds(60));
    let (token, _) = world.token_with("tia", "short", |new| new.expires = expires).await;
    world.clock.advance(59);
    assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    world.clock.advance(1);
    assert_eq!(refused(&world.verify(token.expose(), None, &get()).await), "expired");
}

#[tokio::test]
async fn read_only_and_networks_forbid_what_they_forbid() {
    let world = world().await;
    let (read, _) = world.token_with("tia", "read", |new| new.access = Access::Read).await;
    assert!(matches!(world.verify(read.expose(), None, &get()).await, Verdict::Good(_)));
    assert_eq!(
        world.verify(read.expose(), None, &request("POST", "192.0.2.7")).await,
        Verdict::Forbidden("read only")
    );
    let (near, _) = world
        .token_with("tia", "near", |new| new.networks = Networks::parse("192.0.2.0/24").unwrap())
        .await;
    assert!(matches!(
        world.verify(near.expose(), None, &request("POST", "192.0.2.99")).await,
        Verdict::Good(_)
    ));
    assert_eq!(
        world.verify(near.expose(), None, &request("GET", "198.51.100.1")).await,
        Verdict::Forbidden("network")
    );
}

#[tokio::test]
async fn a_disabled_or_unprivileged_owner_opens_nothing_from_the_next_request() {
    let world = world().await;
    let (token, _) = world.token("tia", "one").await;
    let permit = world.permit::<right::SetPrivileged>("ada", Some("tia")).await.unwrap();
    world.change_account(&privileged(&permit, false)).await.unwrap();
    assert_eq!(refused(&world.verify(token.expose(), None, &get()).await), "owner not privileged");
    let again = privileged(&permit, true);
    assert_eq!(
        world.change_account(&again).await,
        Err(Refusal::ChangedMeanwhile),
        "a permit of before"
    );
    let permit = world.permit::<right::SetPrivileged>("ada", Some("tia")).await.unwrap();
    world.change_account(&privileged(&permit, true)).await.unwrap();
    assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
    let permit = world.permit::<right::SetDisabled>("ada", Some("tia")).await.unwrap();
    world.change_account(&disabled(&permit, true)).await.unwrap();
    assert_eq!(refused(&world.verify(token.expose(), None, &get()).await), "owner disabled");
}

/// What tia sees of her token's uses.
async fn last_use(world: &World, token: &TokenView) -> Used {
    let tokens = world.own_tokens(&world.person("tia").await).await.unwrap();
    tokens.into_iter().find(|other| other.id == token.id).unwrap().used.unwrap()
}

#[tokio::test]
async fn uses_are_kept_over_an_orderly_stop() {
    let world = world().await;
    let (token, view) = world.token("tia", "used").await;
    world.verify(token.expose(), None, &request("GET", "2001:db8::7")).await;
    world.write_noted().await;
    assert_eq!(last_use(&world, &view).await.address, "2001:db8::7");
}

#[tokio::test]
async fn whoever_only_wants_to_know_uses_no_token() {
    let world = world().await;
    let (token, view) = world.token("tia", "looked at").await;
    let verdict = world.would_verify(token.expose(), None, &request("GET", "192.0.2.1")).await;
    assert!(matches!(verdict, Verdict::Good(_)));
    assert_eq!(refused(&world.would_verify("latchkey_x", None, &get()).await), "malformed");
    world.write_noted().await;
    let tokens = world.own_tokens(&world.person("tia").await).await.unwrap();
    let looked_at = tokens.into_iter().find(|other| other.id == view.id).unwrap();
    assert!(looked_at.used.is_none());
    world.revoke("tia", &view).await;
    assert_eq!(refused(&world.would_verify(token.expose(), None, &get()).await), "revoked");
}

#[tokio::test]
async fn the_last_use_never_goes_back() {
    let world = world().await;
    let (token, view) = world.token("tia", "used").await;
    let used = async || last_use(&world, &view).await;
    world.verify(token.expose(), None, &request("GET", "192.0.2.1")).await;
    let later = used().await;
    world.write_noted().await;
    // As from a node whose uses come late.
    world.clock.advance(-60);
    world.verify(token.expose(), None, &request("GET", "192.0.2.2")).await;
    assert_eq!(used().await, later, "while it is only noted");
    world.write_noted().await;
    assert_eq!(used().await, later, "once it is written");
}
