//! Old strings at verify: whose they are, what one costs, and what is none.

use desk::{OpenGate, Refusal, Verdict, right};

use super::super::support::{get, origin, request, secret, world, world_with};
use super::{OLD, TIA, bring, hashed, is_good, listed, string, tias, token, verify, world_of};

#[tokio::test]
async fn an_old_string_costs_its_hashes_once_and_then_one_look_up() {
    let world = world_of(3).await;
    let third = string(TIA, 2);
    let Verdict::Good(principal) = verify(&world, &third).await else { panic!("refused") };
    assert_eq!((principal.netid.as_str(), principal.description.as_str()), ("tia", "cron 2"));
    assert_eq!(hashed(&world), 3, "in the order in which they were made");
    for _ in 0..10 {
        assert!(is_good(&world, &third).await);
    }
    // What is remembered of her is outdated with each change; her string's pin is not.
    world.revoke("tia", &listed(&world).await[0]).await;
    assert!(is_good(&world, &third).await);
    assert_eq!(hashed(&world), 3);
    let figures = world.figures().old_strings;
    assert_eq!((figures.moved, figures.unknown, figures.turned_away), (1, 0, 0));
}

#[tokio::test]
async fn each_string_is_its_own_token_and_its_uses_are_that_tokens() {
    let world = world_of(2).await;
    for nth in [1, 0, 1] {
        let Verdict::Good(principal) = verify(&world, &string(TIA, nth)).await else {
            panic!("refused")
        };
        assert_eq!(principal.id, listed(&world).await[nth].id);
    }
    world.write_noted().await;
    let tokens = listed(&world).await;
    assert!(tokens.iter().all(|token| token.from_rt));
    let uses: Vec<u64> = tokens.iter().map(|token| token.days.sum()).collect();
    assert_eq!(uses, [1, 2]);
    assert_eq!(tokens[1].used.as_ref().unwrap().address, "192.0.2.7");
    // Whoever only wants to know uses nothing.
    let seen = world.would_verify(&string(TIA, 0), None, &get()).await;
    assert!(matches!(seen, Verdict::Good(_)));
    world.write_noted().await;
    assert_eq!(listed(&world).await[0].days.sum(), 1);
}

#[tokio::test]
async fn what_is_not_the_string_to_the_letter_is_refused() {
    let world = world_of(1).await;
    let id = listed(&world).await[0].id.clone();
    let capitals = OLD[0].0.to_uppercase();
    for malformed in [
        format!("1-{TIA}-{capitals}"),
        OLD[0].1.to_owned(),
        OLD[0].0.to_owned(),
        id.to_string(),
        format!("latchkey:rt-token:{}:100", OLD[0].1),
        format!("1-{TIA}-{}", OLD[0].1),
        format!("2-{TIA}-{}", OLD[0].0),
        format!("1-0{TIA}-{}", OLD[0].0),
    ] {
        assert_eq!(verify(&world, &malformed).await, Verdict::Refused("malformed"), "{malformed}");
    }
    assert_eq!(hashed(&world), 0);
    for unknown in [string(TIA + 1, 0), string(TIA, 1)] {
        assert_eq!(verify(&world, &unknown).await, Verdict::Refused("unknown"), "{unknown}");
    }
    assert_eq!(hashed(&world), 1, "somebody else's hashes are not looked at");
    assert!(is_good(&world, &string(TIA, 0)).await);
}

#[tokio::test]
async fn a_string_that_was_presented_before_its_token_was_brought_works_after_it() {
    let world = world().await;
    let first = string(TIA, 0);
    for _ in 0..3 {
        assert_eq!(verify(&world, &first).await, Verdict::Refused("unknown"));
    }
    bring(&world, &tias(1)).await;
    assert!(is_good(&world, &first).await);
    let second = string(TIA, 1);
    assert_eq!(verify(&world, &second).await, Verdict::Refused("unknown"));
    bring(&world, &tias(2)).await;
    assert!(is_good(&world, &second).await);
}

#[tokio::test]
async fn the_name_that_comes_with_it_is_the_owners() {
    let world = world_of(1).await;
    let first = string(TIA, 0);
    for (name, is_hers) in [("tia", true), ("tia@example.edu", true), ("sam", false)] {
        let verdict = world.verify(&first, Some(name), &get()).await;
        assert_eq!(matches!(verdict, Verdict::Good(_)), is_hers, "{name}: {verdict:?}");
    }
}

#[tokio::test]
async fn whoever_is_disabled_or_not_privileged_opens_nothing_by_them() {
    let world = world_of(2).await;
    assert!(is_good(&world, &string(TIA, 0)).await);
    // The one that is pinned, and the one that nobody has presented yet.
    for (nth, why) in [(0, "owner disabled"), (1, "unknown")] {
        world.set_disabled("tia", true).await;
        let verdict = verify(&world, &string(TIA, nth)).await;
        assert_eq!(verdict, Verdict::Refused(why));
        world.set_disabled("tia", false).await;
        world.set_privileged("tia", false).await;
        let verdict = verify(&world, &string(TIA, nth)).await;
        assert!(
            matches!(verdict, Verdict::Refused("owner not privileged" | "revoked")),
            "{verdict:?}"
        );
        world.set_privileged("tia", true).await;
    }
}

#[tokio::test]
async fn old_strings_end_on_the_operators_day_and_what_is_made_here_goes_on() {
    let world = world_with(|settings| {
        settings.rt_strings_end = Some(settings.clock.now().plus_seconds(3600));
    })
    .await;
    let end = world.settings.rt_strings_end;
    bring(&world, &tias(2)).await;
    let (made, _) = world.token("tia", "made here").await;
    let Verdict::Good(principal) = verify(&world, &string(TIA, 0)).await else { panic!("refused") };
    assert_eq!(principal.expires, end, "whoever asks is told when it ends");
    let tokens = listed(&world).await;
    let ends: Vec<_> = tokens.iter().map(|token| (token.from_rt, token.expires)).collect();
    assert_eq!(ends, [(true, end), (true, end), (false, None)]);
    assert_eq!(world.console().rt_standing().await.unwrap().strings_end, end);
    world.clock.advance(3599);
    assert!(is_good(&world, &string(TIA, 0)).await);
    world.clock.advance(1);
    let before = hashed(&world);
    for nth in [0, 1] {
        let verdict = verify(&world, &string(TIA, nth)).await;
        assert_eq!(verdict, Verdict::Refused("old string ended"));
    }
    assert_eq!(hashed(&world), before, "nothing is looked at any more");
    assert!(is_good(&world, made.expose()).await);
}

#[tokio::test]
async fn an_end_that_is_earlier_than_the_day_counts_and_networks_hold() {
    let world = world_with(|settings| {
        settings.rt_strings_end = Some(settings.clock.now().plus_seconds(3600));
    })
    .await;
    let mut import = tias(1);
    import.tokens[0].expires = Some(world.now().plus_seconds(60));
    bring(&world, &import).await;
    assert!(is_good(&world, &string(TIA, 0)).await);
    world.clock.advance(60);
    assert_eq!(verify(&world, &string(TIA, 0)).await, Verdict::Refused("expired"));
}

#[tokio::test]
async fn a_client_introspects_them_and_revokes_them_and_their_access_is_full() {
    let world = world_of(1).await;
    let known = world.console().add_client("rt").await.unwrap();
    let client = world.client("rt", &secret(known.expose())).await.unwrap().unwrap();
    let verdict = client.introspect(&string(TIA, 0), None).await;
    assert!(matches!(verdict, Verdict::Good(_)), "{verdict:?}");
    let verdict = world.verify(&string(TIA, 0), None, &request("DELETE", "192.0.2.1")).await;
    assert!(matches!(verdict, Verdict::Good(_)), "{verdict:?}");
    for (revoked, string) in [
        (Err(Refusal::TokenUnknown), string(TIA + 1, 0)),
        (Err(Refusal::TokenUnknown), OLD[0].1.to_owned()),
        (Ok(()), string(TIA, 0)),
        (Err(Refusal::TokenOver), string(TIA, 0)),
    ] {
        let done = client.revoke_presented_through(&OpenGate, &string, &origin()).await;
        assert_eq!(done, revoked, "{string}");
    }
    assert_eq!(verify(&world, &string(TIA, 0)).await, Verdict::Refused("revoked"));
}

#[tokio::test]
async fn nobody_gets_the_hash_of_a_token_that_is_looked_at() {
    let world = world_of(1).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let views = format!("{:?} {permit:?}", listed(&world).await);
    assert!(!views.contains("bcrypt") && !views.contains(OLD[0].0), "{views}");
    let import = tias(1);
    let shown = format!("{import:?} {:?}", token(TIA, 0));
    assert!(!shown.contains("bcrypt"), "{shown}");
}
