//! Changes of one token at one moment: each is written as if they had come one after the other.

use desk::{
    Description, Expires, GracePeriod, Networks, Permit, Refusal, TokenEdit, TokenView, Verdict,
    right,
};

use super::support::{World, get, new_token, world_with};

const EDITED: &str = "edited";

fn edit(expires: Expires) -> TokenEdit {
    TokenEdit {
        description: Description::parse(EDITED).unwrap(),
        networks: Networks::default(),
        expires,
        seen: None,
    }
}

async fn listed(world: &World, permit: &Permit<right::ManageOwnTokens>) -> Vec<TokenView> {
    world.own_tokens(permit.visitor().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_edit_and_a_renewal_at_once_are_as_if_one_came_after_the_other() {
    let world = world_with(|settings| settings.tokens_per_user = 10).await;
    let rounds = if world.settings.store.starts_with("mem") { 300 } else { 100 };
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    // The session's new id: the permit's own visitor has the one of before.
    let permit = world
        .authorise::<right::ManageOwnTokens>(
            &world.look(permit.cookie().unwrap()).await.unwrap(),
            None,
            None,
            &super::support::origin(),
        )
        .await
        .unwrap();
    let in_days = world.now().plus_days(5);
    for round in 0..rounds {
        let overlap =
            if round % 2 == 0 { GracePeriod::parse("60").unwrap() } else { GracePeriod::NONE };
        let (secret, old) = world.create_token(&permit, new_token("raced"), "").await.unwrap();
        let editing = {
            let (desk, permit, id) = (world.desk.clone(), permit.clone(), old.id.clone());
            tokio::spawn(async move {
                desk.edit_token(&permit, id.as_str(), edit(Expires::At(in_days))).await
            })
        };
        let renewing = {
            let (desk, permit, id) = (world.desk.clone(), permit.clone(), old.id.clone());
            tokio::spawn(async move { desk.renew_token(&permit, id.as_str(), overlap, "").await })
        };
        let (edited, renewed) = (editing.await.unwrap(), renewing.await.unwrap());
        let tokens = listed(&world, &permit).await;
        let now = tokens.iter().find(|token| token.id == old.id).unwrap();
        let verdict = world.verify(secret.expose(), None, &get()).await;
        match (&edited, &renewed) {
            (Ok(_), Ok((_, new))) if new.description == EDITED => {
                assert_eq!(
                    new.expires,
                    Some(in_days),
                    "round {round}: edited first, and renewed as it was then"
                );
            }
            (Ok(_), Ok(_)) => {
                assert!(overlap != GracePeriod::NONE, "round {round}: an edit after the end");
                assert_eq!(
                    (now.expires, now.description.as_str()),
                    (Some(in_days), EDITED),
                    "round {round}: renewed first"
                );
            }
            (Ok(_), Err(refusal)) => {
                assert_eq!(
                    (refusal, now.expires),
                    (&Refusal::ChangedMeanwhile, Some(in_days)),
                    "round {round}"
                );
            }
            (Err(refusal), Ok((_, new))) => {
                assert!(
                    matches!(refusal, Refusal::ChangedMeanwhile | Refusal::TokenOver),
                    "round {round}: {refusal:?}"
                );
                assert_eq!(
                    (now.description.as_str(), new.description.as_str(), new.expires),
                    ("raced", "raced", None),
                    "round {round}"
                );
            }
            (Err(one), Err(other)) => panic!("round {round}: neither: {one:?}, {other:?}"),
        }
        if renewed.is_ok() && overlap == GracePeriod::NONE {
            assert_eq!(verdict, Verdict::Refused("revoked"), "round {round}");
        } else if renewed.is_ok()
            && (edited.is_err() || renewed.as_ref().is_ok_and(|(_, new)| new.description == EDITED))
        {
            assert_eq!(
                now.expires,
                Some(desk::Moment(world.now().0 + 3_600_000)),
                "round {round}: it ends after the overlap"
            );
        }
        world.revoke_all_tokens(&permit).await.unwrap();
        // Of those that ended the latest are listed: this round's are later than the ones before.
        world.clock.advance(1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_edit_never_brings_back_what_is_revoked_at_once() {
    let world = world_with(|_| {}).await;
    let rounds = if world.settings.store.starts_with("mem") { 300 } else { 100 };
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    for round in 0..rounds {
        let (secret, token) = world.create_token(&permit, new_token("raced"), "").await.unwrap();
        let editing = {
            let (desk, permit, id) = (world.desk.clone(), permit.clone(), token.id.clone());
            tokio::spawn(async move {
                desk.edit_token(&permit, id.as_str(), edit(Expires::Never)).await.map(drop)
            })
        };
        world.revoke_token(&permit, token.id.as_str()).await.unwrap();
        assert!(
            matches!(editing.await.unwrap(), Ok(()) | Err(Refusal::TokenOver)),
            "round {round}"
        );
        assert_eq!(
            world.verify(secret.expose(), None, &get()).await,
            Verdict::Refused("revoked"),
            "round {round}"
        );
    }
}
