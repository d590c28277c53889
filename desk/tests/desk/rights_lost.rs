//! Rights that are lost while they are used: nothing that somebody was allowed to do is written
//! after that was taken back.

use desk::{
    AuditQuery, Desk, ImportUser, NetId, Outcome, Permit, PlainToken, Refusal, Right, Role,
    Visitor, right,
};

use super::support::{World, disabled, new_token, origin, privileged, role, secret, world};

/// What an administrator does to somebody.
const DEEDS: [&str; 7] =
    ["role", "privileged", "disabled", "local password", "revoke", "end sessions", "open"];

/// How they lose the right to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Demoted,
    Disabled,
    PasswordSet,
    SessionsEnded,
}

/// How often each deed meets each loss.
fn rounds(world: &World) -> usize {
    match &world.settings.store {
        store if store.starts_with("ws") => 15,
        _ => 16,
    }
}

async fn import(world: &World, netid: &str, role: Role) {
    let user = ImportUser {
        netid: NetId::parse(netid).unwrap(),
        name: Some(netid.to_owned()),
        email: None,
        role: Some(role),
        privileged: Some(true),
        disabled: None,
        password: Some(secret(&format!("{netid}-netid-password"))),
    };
    world.console().import_users(&[user]).await.unwrap();
    give_own_password(world, netid).await;
}

async fn give_own_password(world: &World, netid: &str) {
    world.give_own(netid, &format!("{netid}-local-password")).await;
}

/// A visitor whose session is confirmed.
async fn confirmed(world: &World, netid: &str) -> Visitor {
    let permit = world.permit::<right::SetRole>(netid, Some("sam")).await.unwrap();
    world.look(permit.cookie().unwrap()).await.unwrap()
}

async fn permit<R: Right>(world: &World, visitor: &Visitor, subject: &str) -> Permit<R> {
    world.authorise(visitor, Some(subject), None, &origin()).await.unwrap()
}

/// A deed that is allowed by now, to be done.
type Allowed = std::pin::Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send>>;

async fn allowed(world: &World, visitor: &Visitor, subject: &str, deed: &str) -> Allowed {
    let desk = world.desk.clone();
    match deed {
        "role" => {
            let permit = permit::<right::SetRole>(world, visitor, subject).await;
            let from = permit.person().unwrap().role;
            let to = if from == Role::Staff { Role::Rep } else { Role::Staff };
            Box::pin(async move { desk.change_account(&role(&permit, from, to)).await })
        }
        "privileged" => {
            let permit = permit::<right::SetPrivileged>(world, visitor, subject).await;
            let to = !permit.person().unwrap().privileged;
            Box::pin(async move { desk.change_account(&privileged(&permit, to)).await })
        }
        "disabled" => {
            let permit = permit::<right::SetDisabled>(world, visitor, subject).await;
            let to = !permit.person().unwrap().disabled;
            Box::pin(async move { desk.change_account(&disabled(&permit, to)).await })
        }
        "local password" => {
            let permit = permit::<right::SetLocalPassword>(world, visitor, subject).await;
            let new = secret("an initial one for whoever it is");
            Box::pin(async move { desk.set_local_password(&permit, &new, &new).await })
        }
        "revoke" => {
            let permit = permit::<right::RevokeTokensOf>(world, visitor, subject).await;
            Box::pin(async move { desk.revoke_all_tokens(&permit).await.map(|_| ()) })
        }
        "end sessions" => {
            let permit = permit::<right::EndSessionsOf>(world, visitor, subject).await;
            Box::pin(async move { desk.end_sessions_of(&permit).await.map(|_| ()) })
        }
        _ => {
            let permit = permit::<right::OpenAccount>(world, visitor, subject).await;
            Box::pin(async move { desk.open_account(&permit).await.map(|_| ()) })
        }
    }
}

/// What takes the right of `eve` away, allowed by now.
async fn taking(world: &World, ada: &Visitor, loss: Loss) -> Allowed {
    let desk = world.desk.clone();
    match loss {
        Loss::Demoted => {
            let permit = permit::<right::SetRole>(world, ada, "eve").await;
            Box::pin(
                async move { desk.change_account(&role(&permit, Role::Admin, Role::Rep)).await },
            )
        }
        Loss::Disabled => {
            let permit = permit::<right::SetDisabled>(world, ada, "eve").await;
            Box::pin(async move { desk.change_account(&disabled(&permit, true)).await })
        }
        Loss::PasswordSet => {
            let permit = permit::<right::SetLocalPassword>(world, ada, "eve").await;
            let new = secret("an initial one for eve, of all");
            Box::pin(async move { desk.set_local_password(&permit, &new, &new).await })
        }
        Loss::SessionsEnded => {
            let permit = permit::<right::EndSessionsOf>(world, ada, "eve").await;
            Box::pin(async move { desk.end_sessions_of(&permit).await.map(|_| ()) })
        }
    }
}

async fn give_back(world: &World, ada: &Visitor, loss: Loss) {
    match loss {
        Loss::Demoted => {
            let permit = permit::<right::SetRole>(world, ada, "eve").await;
            world.change_account(&role(&permit, Role::Rep, Role::Admin)).await.unwrap();
        }
        Loss::Disabled => {
            let permit = permit::<right::SetDisabled>(world, ada, "eve").await;
            world.change_account(&disabled(&permit, false)).await.unwrap();
        }
        Loss::PasswordSet => give_own_password(world, "eve").await,
        Loss::SessionsEnded => {}
    }
}

/// Whether eve's deed is written after the loss: the chain has them in the order in which they were
/// committed.
async fn is_after_the_loss(world: &World, loss: Loss, subject: &str) -> bool {
    let latest = async |subject: &str, actor: &str| {
        let query = AuditQuery {
            subject: subject.to_owned(),
            actor: actor.to_owned(),
            ..AuditQuery::default()
        };
        let rows = world.console().audit(&query).await.unwrap().rows;
        rows.into_iter().find(|row| row.outcome == Outcome::Done).map(|row| row.id)
    };
    let lost = latest("eve", "ada").await.unwrap_or_else(|| panic!("{loss:?} is written down"));
    latest(subject, "eve").await.is_some_and(|done| done > lost)
}

async fn lose_in_the_middle(loss: Loss) {
    let world = world().await;
    import(&world, "eve", Role::Admin).await;
    let (mut done, mut refused) = (0, 0);
    for (n, deed) in DEEDS.into_iter().enumerate() {
        let subject = format!("subject{n}");
        import(&world, &subject, Role::Staff).await;
        for round in 0..rounds(&world) {
            let (ada, eve) = (confirmed(&world, "ada").await, confirmed(&world, "eve").await);
            let (taking, doing) =
                (taking(&world, &ada, loss).await, allowed(&world, &eve, &subject, deed).await);
            let late = |first: bool| if first { 0 } else { round % 6 };
            let start = |what: Allowed, after: usize| {
                tokio::spawn(async move {
                    for _ in 0..after {
                        tokio::task::yield_now().await;
                    }
                    what.await
                })
            };
            let taking_first = round % 2 == 0;
            let (taking, doing) =
                (start(taking, late(taking_first)), start(doing, late(!taking_first)));
            taking.await.unwrap().unwrap();
            match doing.await.unwrap() {
                Ok(()) => {
                    done += 1;
                    assert!(
                        !is_after_the_loss(&world, loss, &subject).await,
                        "{loss:?}, {deed}, round {round}"
                    );
                }
                Err(Refusal::ChangedMeanwhile | Refusal::SessionEnded) => refused += 1,
                Err(other) => panic!("{loss:?}, {deed}, round {round}: {other:?}"),
            }
            give_back(&world, &ada, loss).await;
            // Who was disabled may have nothing done to them by others: each round begins alike.
            if deed == "privileged" || deed == "disabled" {
                import_again(&world, &subject).await;
            }
        }
    }
    assert!(done > 0 && refused > 0, "both orders: {done} were done, {refused} refused");
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

/// As they were at first.
async fn import_again(world: &World, subject: &str) {
    let permit = world.console().permit::<right::SetPrivileged>(subject).await.unwrap();
    if !permit.person().unwrap().privileged {
        world.change_account(&privileged(&permit, true)).await.unwrap();
    }
    let permit = world.console().permit::<right::SetDisabled>(subject).await.unwrap();
    if permit.person().unwrap().disabled {
        world.change_account(&disabled(&permit, false)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_demoted_changes_nothing_after_that() {
    lose_in_the_middle(Loss::Demoted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_disabled_changes_nothing_after_that() {
    lose_in_the_middle(Loss::Disabled).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whose_local_password_was_set_by_another_changes_nothing_after_that() {
    lose_in_the_middle(Loss::PasswordSet).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whose_sessions_were_ended_changes_nothing_after_that() {
    lose_in_the_middle(Loss::SessionsEnded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_right_that_one_node_took_back_is_worth_nothing_at_another() {
    let world = world().await;
    let there = world.beside().await;
    import(&world, "eve", Role::Admin).await;
    for (n, deed) in DEEDS.into_iter().enumerate() {
        let subject = format!("subject{n}");
        import(&world, &subject, Role::Staff).await;
        let (ada, eve) = (confirmed(&world, "ada").await, confirmed(&world, "eve").await);
        let doing = allowed(&world, &eve, &subject, deed).await;
        let demoting = permit::<right::SetRole>(&world, &ada, "eve").await;
        there.change_account(&role(&demoting, Role::Admin, Role::Rep)).await.unwrap();
        assert_eq!(doing.await, Err(Refusal::ChangedMeanwhile), "{deed}");
        give_back(&world, &ada, Loss::Demoted).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_administrators_who_demote_each_other_one_is_left() {
    let world = world().await;
    let there = world.beside().await;
    import(&world, "eve", Role::Admin).await;
    for round in 0..rounds(&world) * 7 {
        let (ada, eve) = (confirmed(&world, "ada").await, confirmed(&world, "eve").await);
        let by_ada = permit::<right::SetRole>(&world, &ada, "eve").await;
        let by_eve = permit::<right::SetRole>(&world, &eve, "ada").await;
        let demote = |desk: Desk, permit: Permit<right::SetRole>| {
            tokio::spawn(async move {
                desk.change_account(&role(&permit, Role::Admin, Role::Rep)).await
            })
        };
        let (one, other) = (demote(world.desk.clone(), by_ada), demote(there.clone(), by_eve));
        let (one, other) = (one.await.unwrap(), other.await.unwrap());
        assert!(one.is_ok() != other.is_ok(), "round {round}: {one:?}, {other:?}");
        let demoted = if one.is_ok() { "eve" } else { "ada" };
        let console = world.console().permit::<right::SetRole>(demoted).await.unwrap();
        world.change_account(&role(&console, Role::Rep, Role::Admin)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_change_different_people_do_not_get_into_each_others_way() {
    let world = world().await;
    let (ada, tia) = (
        confirmed(&world, "ada").await,
        world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap(),
    );
    let made = |n: usize| {
        let (desk, permit) = (world.desk.clone(), tia.clone());
        tokio::spawn(async move {
            desk.create_token(&permit, new_token(&format!("token {n}")))
                .await
                .map(|made: (PlainToken, _)| made.1.id)
        })
    };
    let made: Vec<_> = (0..20).map(made).collect();
    let permit = permit::<right::SetRole>(&world, &ada, "sam").await;
    world.change_account(&role(&permit, Role::Staff, Role::Rep)).await.unwrap();
    for made in made {
        made.await.unwrap().unwrap();
    }
}
