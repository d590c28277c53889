//! What a local password confirms: which session, for how long, and that its change ends all of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use desk::{Cookie, PasswordChange, Refusal, right};
use testkit::by_hand;

use super::support::{World, new_token, origin, password_change, secret, world, world_with};

const OWN: &str = "tia-local-password";
const NEW: &str = "wandering otter parade";

fn change(current: &str, new: &str) -> PasswordChange {
    password_change(current, new, new)
}

async fn confirmed(world: &World, netid: &str) -> Cookie {
    world.permit::<right::ManageOwnTokens>(netid, None).await.unwrap().cookie().unwrap().clone()
}

/// Makes a token in this session, without the local password.
async fn makes_a_token(world: &World, cookie: &Cookie) -> Result<(), Refusal> {
    let visitor = world.look(cookie).await?;
    let permit = world.authorise::<right::ManageOwnTokens>(&visitor, None, None, &origin()).await?;
    world.create_token(&permit, new_token("by a confirmed session")).await.map(|_| ())
}

#[tokio::test]
async fn a_change_ends_what_the_earlier_password_had_confirmed_elsewhere() {
    let world = world().await;
    let (here, elsewhere) = (world.cookie("tia").await, confirmed(&world, "tia").await);
    makes_a_token(&world, &elsewhere).await.unwrap();
    let tia = world.look(&here).await.unwrap();
    let here = world.change_own_password(&tia, &change(OWN, NEW), &origin()).await.unwrap();
    assert_eq!(makes_a_token(&world, &elsewhere).await, Err(Refusal::OwnPasswordMissing));
    // The session that changed it is confirmed by the new one.
    assert!(world.look(&here).await.unwrap().me().confirmed_until.is_some());
    makes_a_token(&world, &here).await.unwrap();
}

#[tokio::test]
async fn a_reset_by_the_help_desk_and_the_owners_choice_after_it_end_it_for_good() {
    let world = world().await;
    let thief = confirmed(&world, "tia").await;
    world.give_initial("tia", "marble-otter-canyon-drift").await;
    assert!(matches!(makes_a_token(&world, &thief).await, Err(Refusal::NotAllowed(_))));
    let tia = world.person("tia").await;
    let owner = world
        .change_own_password(&tia, &change("marble-otter-canyon-drift", NEW), &origin())
        .await
        .unwrap();
    assert_eq!(makes_a_token(&world, &thief).await, Err(Refusal::OwnPasswordMissing));
    makes_a_token(&world, &owner).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_password_pays_for_nothing_after_its_change_was_acknowledged() {
    let world = world_with(|settings| settings.tokens_per_user = 100_000).await;
    let mut own = OWN.to_owned();
    for round in 0..world.rounds(300) {
        world.clock.advance(15);
        let owner = world.person("tia").await;
        let changed = Arc::new(AtomicBool::new(false));
        let mut thieves = Vec::new();
        for thief in 0..3 {
            let (desk, changed, own) = (world.desk.clone(), changed.clone(), own.clone());
            let mut cookie = world.cookie("tia").await;
            thieves.push(tokio::spawn(async move {
                // On and on, until it is over: each time by the old password, in the session that
                // it confirmed before.
                loop {
                    let over = changed.load(Ordering::SeqCst);
                    let Ok(visitor) = desk.visitor(&cookie, &origin()).await else { return cookie };
                    let permit = by_hand::confirm(&desk, &visitor, &own).await;
                    if let Ok(permit) = &permit {
                        cookie = permit.cookie().cloned().unwrap_or(cookie);
                        if thief == 0 {
                            let made =
                                desk.create_token(permit, new_token("by the old password")).await;
                            assert!(
                                !over || made.is_err(),
                                "made after the change was acknowledged"
                            );
                        }
                    }
                    assert!(
                        !over || permit.is_err(),
                        "confirmed after the change was acknowledged"
                    );
                    if over {
                        return cookie;
                    }
                }
            }));
        }
        let new = format!("wandering otter parade {round}");
        let cookie =
            world.change_own_password(&owner, &change(&own, &new), &origin()).await.unwrap();
        let tia = world.look(&cookie).await.unwrap();
        let tokens = world.own_tokens(&tia).await.unwrap().len();
        changed.store(true, Ordering::SeqCst);
        for thief in thieves {
            let cookie = thief.await.unwrap();
            assert_eq!(
                makes_a_token(&world, &cookie).await,
                Err(Refusal::OwnPasswordMissing),
                "round {round}"
            );
        }
        assert_eq!(world.own_tokens(&tia).await.unwrap().len(), tokens, "round {round}");
        own = new;
        // What was wrong is forgotten by what is right.
        world.clock.advance(15);
        world.confirm(&tia, &own).await.unwrap();
    }
}

#[tokio::test]
async fn a_log_out_with_the_replaced_id_ends_the_session() {
    let world = world().await;
    let (old, other) = (world.cookie("tia").await, world.cookie("tia").await);
    let tia = world.look(&old).await.unwrap();
    let permit = world.confirm(&tia, OWN).await.unwrap();
    let new = permit.cookie().unwrap();
    let slower_tab = world.look(&old).await.unwrap();
    world.log_out(&slower_tab, &origin()).await.unwrap();
    assert_eq!(world.look(new).await.unwrap_err(), Refusal::SessionEnded);
    assert_eq!(world.look(&old).await.unwrap_err(), Refusal::SessionEnded);
    let made = world.create_token(&permit, new_token("after the log-out")).await.map(|_| ());
    assert_eq!(made, Err(Refusal::SessionEnded));
    world.look(&other).await.unwrap();
}

#[tokio::test]
async fn a_replaced_session_is_not_replaced_again_and_its_password_pays_for_one_action() {
    let world = world().await;
    let old = world.cookie("tia").await;
    let (tab, slower_tab) = (world.look(&old).await.unwrap(), world.look(&old).await.unwrap());
    let own = secret(OWN);
    let first =
        world.authorise::<right::ManageOwnTokens>(&tab, None, Some(&own), &origin()).await.unwrap();
    let second = world
        .authorise::<right::ManageOwnTokens>(&slower_tab, None, Some(&own), &origin())
        .await
        .unwrap();
    assert!(second.cookie().is_none(), "one session, one successor");
    world.create_token(&second, new_token("by the slower tab")).await.unwrap();
    assert_eq!(
        makes_a_token(&world, &old).await,
        Err(Refusal::OwnPasswordMissing),
        "the old id confirms nothing"
    );
    makes_a_token(&world, first.cookie().unwrap()).await.unwrap();
    // A wrong one is wrong there too.
    let wrong = world.confirm(&slower_tab, "wrong").await;
    assert_eq!(wrong.unwrap_err(), Refusal::OwnPasswordIncorrect);
    // It is one session, and the list says so to both tabs.
    for cookie in [&old, first.cookie().unwrap()] {
        let sessions = world.own_sessions(&world.look(cookie).await.unwrap()).await.unwrap();
        assert_eq!(sessions.iter().map(|session| session.this).collect::<Vec<_>>(), [true]);
    }
    // Once the session is over, so is all that the slower tab has.
    let tab = world.look(first.cookie().unwrap()).await.unwrap();
    world.log_out(&tab, &origin()).await.unwrap();
    let ended =
        world.authorise::<right::ManageOwnTokens>(&slower_tab, None, Some(&own), &origin()).await;
    assert_eq!(ended.unwrap_err(), Refusal::SessionEnded);
    let made = world.create_token(&second, new_token("after the log-out")).await.map(|_| ());
    assert_eq!(made, Err(Refusal::SessionEnded));
}

#[tokio::test]
async fn to_log_out_everywhere_else_leaves_the_session_that_asks_under_either_id() {
    let world = world().await;
    let (old, other) = (world.cookie("tia").await, confirmed(&world, "tia").await);
    let tia = world.look(&old).await.unwrap();
    let permit = world.confirm(&tia, OWN).await.unwrap();
    let slower_tab = world.look(&old).await.unwrap();
    assert!(world.end_other_own_sessions(&slower_tab, &origin()).await.unwrap() >= 1);
    world.look(permit.cookie().unwrap()).await.unwrap();
    world.look(&old).await.unwrap();
    assert_eq!(world.look(&other).await.unwrap_err(), Refusal::SessionEnded);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_tabs_that_confirm_at_once_one_gets_the_new_id_and_all_get_what_they_asked_for() {
    let world = world().await;
    for _ in 0..world.rounds(300) {
        world.clock.advance(15);
        let cookie = world.cookie("tia").await;
        let tia = world.look(&cookie).await.unwrap();
        let tabs: Vec<_> = (0..4)
            .map(|_| {
                let (desk, tia) = (world.desk.clone(), tia.clone());
                tokio::spawn(async move {
                    by_hand::confirm(&desk, &tia, OWN).await.unwrap().cookie().cloned()
                })
            })
            .collect();
        let mut successors = Vec::new();
        for tab in tabs {
            successors.extend(tab.await.unwrap());
        }
        assert_eq!(successors.len(), 1);
        let tia = world.look(&successors[0]).await.unwrap();
        assert_eq!(world.own_sessions(&tia).await.unwrap().len(), 1);
        world.log_out(&tia, &origin()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_tab_confirms_while_another_logs_out_nothing_goes_on() {
    let world = world().await;
    for round in 0..world.rounds(300) {
        world.clock.advance(15);
        let cookie = world.cookie("tia").await;
        let tia = world.look(&cookie).await.unwrap();
        let confirming = {
            let (desk, tia) = (world.desk.clone(), tia.clone());
            tokio::spawn(async move { by_hand::confirm(&desk, &tia, OWN).await })
        };
        // Now before, now after, now in the middle of it.
        for _ in 0..round % 20 {
            tokio::task::yield_now().await;
        }
        world.log_out(&tia, &origin()).await.unwrap();
        match confirming.await.unwrap() {
            Ok(permit) => {
                let cookie = permit.cookie().unwrap();
                assert_eq!(
                    world.look(cookie).await.unwrap_err(),
                    Refusal::SessionEnded,
                    "round {round}"
                );
                assert_eq!(
                    world.create_token(&permit, new_token("late")).await.unwrap_err(),
                    Refusal::SessionEnded
                );
            }
            Err(refusal) => assert_eq!(refusal, Refusal::SessionEnded, "round {round}"),
        }
        assert_eq!(world.look(&cookie).await.unwrap_err(), Refusal::SessionEnded);
    }
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_is_told_as_ended_wherever_it_is_noticed() {
    let world = world_with(|settings| settings.first_password_self_service = true).await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let tia = world.look(permit.cookie().unwrap()).await.unwrap();
    let (_, token) = world.create_token(&permit, new_token("before")).await.unwrap();
    let sam = world.person("sam").await;
    world.log_out(&tia, &origin()).await.unwrap();
    world.log_out(&sam, &origin()).await.unwrap();
    let own = secret(OWN);
    let refusals = [
        world
            .authorise::<right::ManageOwnTokens>(&tia, None, Some(&own), &origin())
            .await
            .unwrap_err(),
        world.change_own_password(&tia, &change(OWN, NEW), &origin()).await.unwrap_err(),
        world.set_own_first_password(&sam, &change("", NEW), &origin()).await.unwrap_err(),
        world.create_token(&permit, new_token("after")).await.unwrap_err(),
        world.revoke_token(&permit, token.id.as_str()).await.unwrap_err(),
        world.end_other_own_sessions(&tia, &origin()).await.unwrap_err(),
    ];
    for refusal in refusals {
        assert_eq!(refusal, Refusal::SessionEnded);
    }
}
