//! Changes of one token at one moment: each is written as if they had come one after the other.

use desk::{
    Expires, GracePeriod, Moment, Permit, PlainToken, Refusal, TokenEdit, TokenView, Verdict, right,
};

use super::support::{World, get, new_token, token_edit, world_with};

const EDITED: &str = "edited";

fn edit(expires: Expires) -> TokenEdit {
    TokenEdit { expires, ..token_edit(EDITED) }
}

async fn listed(world: &World, permit: &Permit<right::ManageOwnTokens>) -> Vec<TokenView> {
    world.own_tokens(permit.visitor().unwrap()).await.unwrap()
}

/// What one round has left: the token that was edited and renewed at once, and how it verifies.
struct Round<'a> {
    of: u32,
    grace: GracePeriod,
    in_days: Moment,
    now: Moment,
    before: &'a TokenView,
    verdict: Verdict,
}

impl Round<'_> {
    fn is_as_if_one_came_after_the_other(
        &self,
        edited: &Result<TokenView, Refusal>,
        renewed: &Result<(PlainToken, TokenView), Refusal>,
    ) {
        let (round, before) = (self.of, self.before);
        match (edited, renewed) {
            (Ok(_), Ok((_, new))) if new.description == EDITED => {
                assert_eq!(
                    new.expires,
                    Some(self.in_days),
                    "round {round}: edited first, and renewed as it was then"
                );
            }
            (Ok(_), Ok(_)) => {
                assert!(self.grace != GracePeriod::NONE, "round {round}: an edit after the end");
                assert_eq!(
                    (before.expires, before.description.as_str()),
                    (Some(self.in_days), EDITED),
                    "round {round}: renewed first"
                );
            }
            (Ok(_), Err(refusal)) => {
                assert_eq!(
                    (refusal, before.expires),
                    (&Refusal::ChangedMeanwhile, Some(self.in_days)),
                    "round {round}"
                );
            }
            (Err(refusal), Ok((_, new))) => {
                assert!(
                    matches!(refusal, Refusal::ChangedMeanwhile | Refusal::TokenOver),
                    "round {round}: {refusal:?}"
                );
                assert_eq!(
                    (before.description.as_str(), new.description.as_str(), new.expires),
                    ("raced", "raced", None),
                    "round {round}"
                );
            }
            (Err(one), Err(other)) => panic!("round {round}: neither: {one:?}, {other:?}"),
        }
        self.ends_as_renewed(edited, renewed);
    }

    fn ends_as_renewed(
        &self,
        edited: &Result<TokenView, Refusal>,
        renewed: &Result<(PlainToken, TokenView), Refusal>,
    ) {
        let Ok((_, new)) = renewed else { return };
        let round = self.of;
        if self.grace == GracePeriod::NONE {
            assert_eq!(self.verdict, Verdict::Refused("revoked"), "round {round}");
        } else if edited.is_err() || new.description == EDITED {
            assert_eq!(
                self.before.expires,
                Some(Moment(self.now.0 + 3_600_000)),
                "round {round}: it ends after the overlap"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_edit_and_a_renewal_at_once_are_as_if_one_came_after_the_other() {
    let world = world_with(|settings| settings.tokens_per_user = 10).await;
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
    for round in 0..world.rounds(300) {
        let grace =
            if round % 2 == 0 { GracePeriod::parse("60").unwrap() } else { GracePeriod::NONE };
        let (secret, old) = world.create_token(&permit, new_token("raced")).await.unwrap();
        let editing = {
            let (desk, permit, id) = (world.desk.clone(), permit.clone(), old.id.clone());
            tokio::spawn(async move {
                desk.edit_token(&permit, id.as_str(), edit(Expires::At(in_days))).await
            })
        };
        let renewing = {
            let (desk, permit, id) = (world.desk.clone(), permit.clone(), old.id.clone());
            tokio::spawn(async move { desk.renew_token(&permit, id.as_str(), grace).await })
        };
        let (edited, renewed) = (editing.await.unwrap(), renewing.await.unwrap());
        let tokens = listed(&world, &permit).await;
        let now = tokens.iter().find(|token| token.id == old.id).unwrap();
        let verdict = world.verify(secret.expose(), None, &get()).await;
        let round = Round { of: round, grace, in_days, now: world.now(), before: now, verdict };
        round.is_as_if_one_came_after_the_other(&edited, &renewed);
        world.revoke_all_tokens(&permit).await.unwrap();
        // Of those that ended the latest are listed: this round's are later than the ones before.
        world.clock.advance(1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_edit_never_brings_back_what_is_revoked_at_once() {
    let world = world_with(|_| {}).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    for round in 0..world.rounds(300) {
        let (secret, token) = world.create_token(&permit, new_token("raced")).await.unwrap();
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
