//! Tokens from Request Tracker in the hands of their owners: changed, renewed, revoked, cleaned up,
//! as any other.

use desk::{
    Description, Expires, GracePeriod, Networks, Refusal, SeenToken, TokenEdit, TokenView, Verdict,
    right,
};

use super::super::support::{new_token, origin, request, token_edit, world, world_with};
use super::{TIA, bring, hashed, is_good, listed, string, tias, verify, world_of};

/// An edit that changes nothing of what is seen.
pub(super) fn edit(token: &TokenView) -> TokenEdit {
    TokenEdit {
        networks: Networks::parse(&token.networks).unwrap(),
        expires: token.expires.map_or(Expires::Never, Expires::At),
        seen: Some(SeenToken {
            description: token.description.clone(),
            networks: token.networks.clone(),
            expires: token.expires,
        }),
        ..token_edit(&token.description)
    }
}

#[tokio::test]
async fn it_is_bound_to_networks_and_to_an_end_as_any_other() {
    let world = world_of(1).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let seen = listed(&world).await.remove(0);
    let end = world.now().plus_seconds(60);
    let change = TokenEdit {
        networks: Networks::parse("192.0.2.0/24").unwrap(),
        expires: Expires::At(end),
        ..edit(&seen)
    };
    world.edit_token(&permit, seen.id.as_str(), change).await.unwrap();
    let first = string(TIA, 0);
    assert!(is_good(&world, &first).await);
    let elsewhere = world.verify(&first, None, &request("GET", "198.51.100.1")).await;
    assert_eq!(elsewhere, Verdict::Forbidden("network"));
    world.clock.advance(60);
    assert_eq!(verify(&world, &first).await, Verdict::Refused("expired"));
}

#[tokio::test]
async fn the_day_on_which_strings_end_does_not_become_a_tokens_own_end() {
    let world = world_with(|settings| {
        settings.rt_strings_end = Some(settings.clock.now().plus_days(30));
    })
    .await;
    bring(&world, &tias(1)).await;
    let seen = listed(&world).await.remove(0);
    assert_eq!(seen.expires, world.settings.rt_strings_end);
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let renamed = TokenEdit { description: Description::parse("renamed").unwrap(), ..edit(&seen) };
    let stored = world.edit_token(&permit, seen.id.as_str(), renamed).await.unwrap();
    assert_eq!((stored.description.as_str(), stored.expires), ("renamed", None));
    // What is new lasts as long as the old one would by itself.
    let now = GracePeriod::parse("0").unwrap();
    let (token, view) = world.renew_token(&permit, seen.id.as_str(), now).await.unwrap();
    assert_eq!((view.from_rt, view.expires), (false, None));
    assert!(is_good(&world, token.expose()).await);
    assert_eq!(verify(&world, &string(TIA, 0)).await, Verdict::Refused("unknown"));
}

#[tokio::test]
async fn those_that_ended_with_their_strings_are_none_of_the_few_that_one_may_have() {
    let world = world_with(|settings| {
        settings.rt_strings_end = Some(settings.clock.now().plus_days(30));
        settings.tokens_per_user = 1;
    })
    .await;
    bring(&world, &tias(2)).await;
    let too_many: Result<(), Refusal> = Err(Refusal::TooManyTokens { most: 1 });
    for (days, expected) in [(0, too_many.clone()), (30, Ok(())), (0, too_many)] {
        world.clock.advance(days * 86_400);
        let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
        let made = world.create_token(&permit, new_token("a new one")).await;
        assert_eq!(made.map(|_| ()), expected, "after {days} days");
    }
}

#[tokio::test]
async fn whoever_finds_people_reads_how_many_work_without_those_whose_strings_have_ended() {
    let world = world_with(|settings| {
        settings.rt_strings_end = Some(settings.clock.now().plus_days(30));
    })
    .await;
    bring(&world, &tias(2)).await;
    world.token_with("tia", "made here", |new| new.expires = Expires::Never).await;
    for expected in [3, 1] {
        let helen = world.person("helen").await;
        let permit = world.admit::<right::FindUsers>(&helen, None, &origin()).await.unwrap();
        let found = world.find_users(&permit, "tia").await.unwrap();
        assert_eq!(found[0].tokens, Some(expected));
        world.clock.advance(30 * 86_400);
    }
}

#[tokio::test]
async fn an_edit_to_never_is_one_where_no_string_ends() {
    let world = world_of(1).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let seen = listed(&world).await.remove(0);
    let at = Expires::At(world.now().plus_days(3));
    let ends = TokenEdit { expires: at, ..edit(&seen) };
    let seen = world.edit_token(&permit, seen.id.as_str(), ends).await.unwrap();
    assert_eq!(seen.expires, at.moment());
    let never = TokenEdit { expires: Expires::Never, ..edit(&seen) };
    let seen = world.edit_token(&permit, seen.id.as_str(), never).await.unwrap();
    assert_eq!(seen.expires, None);
}

#[tokio::test]
async fn revoked_it_stays_so_whatever_is_brought_again() {
    let world = world_of(2).await;
    assert!(is_good(&world, &string(TIA, 0)).await);
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    // The one that is pinned, and the one that nobody has presented yet.
    assert_eq!(world.revoke_all_tokens(&permit).await, Ok(2));
    let plan = world.console().plan_rt_import(&tias(2)).await.unwrap();
    assert_eq!((plan.tokens_new, plan.tokens_already), (0, 2));
    bring(&world, &tias(2)).await;
    for (nth, why) in [(0, "revoked"), (1, "unknown")] {
        assert_eq!(verify(&world, &string(TIA, nth)).await, Verdict::Refused(why));
    }
    let standing = world.console().rt_standing().await.unwrap();
    assert_eq!((standing.imported, standing.not_moved, standing.revoked), (2, 0, 2));
}

#[tokio::test]
async fn those_that_are_over_buy_no_hash_and_an_owner_who_comes_back_has_theirs() {
    let world = world_of(2).await;
    world.revoke("tia", &listed(&world).await[0]).await;
    let unknown = Verdict::Refused("unknown");
    assert_eq!((verify(&world, &string(TIA, 0)).await, hashed(&world)), (unknown.clone(), 1));
    world.set_disabled("tia", true).await;
    for _ in 0..2 {
        assert_eq!((verify(&world, &string(TIA, 1)).await, hashed(&world)), (unknown.clone(), 1));
    }
    world.set_disabled("tia", false).await;
    assert!(is_good(&world, &string(TIA, 1)).await);
    assert_eq!(hashed(&world), 2);
}

#[tokio::test]
async fn those_that_have_expired_buy_no_hash() {
    let world = world().await;
    let mut import = tias(1);
    import.tokens[0].expires = Some(world.now().plus_seconds(60));
    bring(&world, &import).await;
    world.clock.advance(60);
    let unknown = Verdict::Refused("unknown");
    assert_eq!((verify(&world, &string(TIA, 0)).await, hashed(&world)), (unknown, 0));
}

#[tokio::test]
async fn cleaned_up_it_leaves_no_hash_and_does_not_come_again() {
    let world = world_of(2).await;
    assert!(is_good(&world, &string(TIA, 0)).await);
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    assert_eq!(world.revoke_all_tokens(&permit).await, Ok(2));
    world.clock.advance(91 * 86_400);
    assert_eq!(world.console().clean_up_tokens().await, Ok(2));
    let before = hashed(&world);
    for nth in [0, 1] {
        assert_eq!(verify(&world, &string(TIA, nth)).await, Verdict::Refused("unknown"));
    }
    assert_eq!(hashed(&world), before, "no hash is left to look at");
    let plan = world.console().plan_rt_import(&tias(2)).await.unwrap();
    assert_eq!((plan.tokens_new, plan.tokens_already), (0, 2));
    assert!(listed(&world).await.is_empty());
}

#[tokio::test]
async fn whoever_has_it_in_their_list_alone_changes_it() {
    let world = world_of(1).await;
    let seen = listed(&world).await.remove(0);
    let permit = world.permit::<right::ManageOwnTokens>("rae", None).await.unwrap();
    let refused = world.revoke_token(&permit, seen.id.as_str()).await;
    assert_eq!(refused, Err(Refusal::TokenUnknown));
    assert!(is_good(&world, &string(TIA, 0)).await);
}
