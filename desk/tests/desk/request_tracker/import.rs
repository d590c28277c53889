//! The import: what is planned is done, once, and nothing that was done here is undone.

use std::sync::Mutex;

use desk::{
    AuditAction, AuditQuery, LeftOutWhy, LocalState, Moment, NetId, PlannedWhat, Refusal, Role,
    RtDone, RtImport, RtPerson, RtToken, Source, UserPage, Verdict, right,
};

use super::super::support::{World, world};
use super::{TIA, bring, is_good, listed, person, stored, string, tias, token, verify};

/// What Request Tracker keeps of some password.
const PASSWORD: &str = "9e027b265c557633e962b5f715634a47";

async fn page(world: &World, netid: &str) -> UserPage {
    let permit = world.console().permit::<right::FindUsers>(netid).await.unwrap();
    world.user_page(&permit).await.unwrap()
}

/// How many rows of this action there are, of whomever.
async fn rows(world: &World, action: AuditAction, subject: &str) -> usize {
    let query = AuditQuery { subject: subject.to_owned(), ..AuditQuery::default() };
    let rows = world.console().audit(&query).await.unwrap().rows;
    rows.iter().filter(|row| row.action.is(action)).count()
}

#[tokio::test]
async fn planning_writes_nothing_and_what_is_planned_is_done_once() {
    let world = world().await;
    let import = tias(2);
    let before = rows(&world, AuditAction::TokenImport, "").await;
    let plan = world.console().plan_rt_import(&import).await.unwrap();
    assert_eq!((plan.tokens_new, plan.tokens_already, plan.left_out.len()), (2, 0, 0));
    assert_eq!(plan.people[0].what, PlannedWhat::Already);
    assert_eq!(rows(&world, AuditAction::TokenImport, "").await, before);
    assert!(listed(&world).await.is_empty());
    assert_eq!(bring(&world, &import).await, RtDone { tokens: 2, ..RtDone::default() });
    assert_eq!(rows(&world, AuditAction::TokenImport, "tia").await, 1);
    let all = rows(&world, AuditAction::TokenImport, "").await;
    // A second run has nothing to do, and brings what is new.
    assert_eq!(bring(&world, &import).await, RtDone::default());
    assert_eq!(rows(&world, AuditAction::TokenImport, "").await, all);
    assert_eq!(bring(&world, &tias(3)).await.tokens, 1);
    assert_eq!(listed(&world).await.len(), 3);
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn what_is_known_of_a_token_comes_with_it() {
    let world = world().await;
    let (now, day) = (world.now(), 86_400);
    let import = RtImport {
        tokens: vec![RtToken {
            description: "  nightly\tbackup ".to_owned(),
            created: Some(now.plus_seconds(-9 * day)),
            last_used: Some(now.plus_seconds(-day)),
            expires: Some(now.plus_seconds(day)),
            ..token(TIA, 0)
        }],
        ..tias(0)
    };
    bring(&world, &import).await;
    let token = listed(&world).await.remove(0);
    assert_eq!((token.description.as_str(), token.networks.as_str()), ("nightly backup", ""));
    assert_eq!(token.created, now.plus_seconds(-9 * day));
    assert_eq!(token.used.map(|used| used.at), Some(now.plus_seconds(-day)));
    assert_eq!(token.expires, Some(now.plus_seconds(day)));
}

#[tokio::test]
async fn whoever_is_new_gets_an_account_as_it_is_there_and_no_more() {
    let world = world().await;
    let mut import = RtImport {
        people: vec![
            RtPerson { password: stored(PASSWORD), ..person(30, "new") },
            RtPerson { disabled: true, ..person(31, "gone") },
            RtPerson { privileged: false, ..person(32, "selma") },
            person(33, "Some.Body@example.edu"),
        ],
        tokens: vec![token(30, 0), token(31, 1), token(33, 2)],
        passwords: true,
        ..RtImport::default()
    };
    import.map.insert("Some.Body@example.edu".to_owned(), NetId::parse("somebody").ok());
    let done = bring(&world, &import).await;
    assert_eq!(done, RtDone { accounts: 4, passwords: 1, tokens: 3 });
    let new = page(&world, "new").await;
    assert_eq!((new.user.name.as_str(), new.user.role), ("new of Request Tracker", Role::Staff));
    assert_eq!((new.source, new.user.privileged), (Source::BuiltIn, true));
    assert_eq!(rows(&world, AuditAction::UserCreate, "new").await, 1);
    assert!(is_good(&world, &string(30, 0)).await && is_good(&world, &string(33, 2)).await);
    assert!(page(&world, "gone").await.user.disabled);
    assert_eq!(verify(&world, &string(31, 1)).await, Verdict::Refused("unknown"));
    assert!(!page(&world, "selma").await.user.privileged);
    assert_eq!(
        page(&world, "somebody").await.user.name,
        "Some.Body@example.edu of Request Tracker"
    );
}

#[tokio::test]
async fn who_is_here_stays_as_they_are() {
    let world = world().await;
    let before = page(&world, "rae").await;
    let import = RtImport {
        people: vec![
            RtPerson { password: stored(PASSWORD), ..person(40, "rae") },
            person(41, "dave"),
            person(42, "guest"),
            RtPerson { disabled: true, ..person(43, "helen") },
        ],
        tokens: vec![token(41, 0), token(42, 1), token(43, 2)],
        passwords: true,
        ..RtImport::default()
    };
    let plan = world.console().plan_rt_import(&import).await.unwrap();
    let whys: Vec<_> = plan.left_out.iter().map(|one| (one.rt_name.as_str(), one.why)).collect();
    let expected = [
        ("rae", LeftOutWhy::HasLocalPassword),
        ("dave", LeftOutWhy::AccountDisabled),
        ("guest", LeftOutWhy::NotPrivileged),
        ("helen", LeftOutWhy::DisabledThere),
    ];
    assert_eq!(whys, expected);
    assert_eq!(bring(&world, &import).await, RtDone::default());
    assert_eq!(page(&world, "rae").await.local, before.local);
    assert_eq!(page(&world, "rae").await.user.name, before.user.name);
    assert!(!page(&world, "helen").await.user.disabled);
}

#[tokio::test]
async fn no_role_comes_by_a_password_from_there() {
    let world = world().await;
    world.set_role("sam", Role::HelpDesk).await;
    let import = RtImport {
        people: vec![RtPerson { password: stored(PASSWORD), ..person(20, "sam") }],
        tokens: vec![token(20, 0)],
        passwords: true,
        ..RtImport::default()
    };
    let plan = world.console().plan_rt_import(&import).await.unwrap();
    assert_eq!(plan.people[0].role, Some(Role::HelpDesk));
    assert_eq!(plan.left_out[0].why, LeftOutWhy::HasRole);
    assert_eq!(bring(&world, &import).await, RtDone { tokens: 1, ..RtDone::default() });
    assert_eq!(page(&world, "sam").await.local.state, LocalState::None);
}

#[tokio::test]
async fn a_token_that_cannot_come_keeps_nobody_else_out() {
    let world = world().await;
    bring(&world, &tias(1)).await;
    // The one that tia has here is sam's there now, and one line is there twice.
    let others = RtToken { owner: 20, ..token(TIA, 0) };
    let import = RtImport {
        people: vec![person(20, "sam"), person(30, "new")],
        tokens: vec![others, token(20, 1), token(20, 1), token(30, 2)],
        ..RtImport::default()
    };
    let plan = world.console().plan_rt_import(&import).await.unwrap();
    let whys: Vec<_> = plan.left_out.iter().map(|one| (one.token, one.why)).collect();
    assert_eq!(whys, [(Some(100), LeftOutWhy::OfAnother), (Some(101), LeftOutWhy::Twice)]);
    assert_eq!(bring(&world, &import).await.tokens, 2);
    assert!(is_good(&world, &string(20, 1)).await && is_good(&world, &string(30, 2)).await);
    assert!(is_good(&world, &string(TIA, 0)).await);
    assert_eq!(verify(&world, &string(20, 0)).await, Verdict::Refused("unknown"));
    assert_eq!(bring(&world, &import).await, RtDone::default());
}

#[tokio::test]
async fn what_has_changed_since_the_plan_is_planned_again() {
    let world = world().await;
    let import = tias(1);
    let plan = world.console().plan_rt_import(&import).await.unwrap();
    world.set_disabled("tia", true).await;
    let refused = world.console().apply_rt_import(&import, &plan, &|_, _| ()).await;
    assert_eq!(refused, Err(Refusal::ChangedMeanwhile));
    world.set_disabled("tia", false).await;
    assert!(listed(&world).await.is_empty());
    assert_eq!(bring(&world, &import).await.tokens, 1);
}

#[tokio::test]
async fn many_come_in_parts_and_whoever_waits_hears_how_far_it_is() {
    let world = world().await;
    let people = (0..60).map(|n| person(1000 + n, &format!("person{n}"))).collect();
    let import = RtImport { people, ..RtImport::default() };
    let plan = world.console().plan_rt_import(&import).await.unwrap();
    let heard = Mutex::new(Vec::new());
    let progress = |done: usize, of: usize| heard.lock().unwrap().push((done, of));
    let done = world.console().apply_rt_import(&import, &plan, &progress).await.unwrap();
    assert_eq!(done.accounts, 60);
    assert_eq!(*heard.lock().unwrap(), [(25, 60), (50, 60), (60, 60)]);
    assert_eq!(rows(&world, AuditAction::UserCreate, "person59").await, 1);
}

#[tokio::test]
async fn how_far_it_has_moved_in_is_counted() {
    let world = world().await;
    let console = world.console();
    assert_eq!(console.rt_standing().await.unwrap().last_import, None);
    bring(&world, &tias(3)).await;
    assert!(is_good(&world, &string(TIA, 0)).await);
    world.revoke("tia", &listed(&world).await[1]).await;
    let standing = console.rt_standing().await.unwrap();
    assert_eq!((standing.imported, standing.moved), (3, 1));
    assert_eq!((standing.not_moved, standing.revoked), (1, 1));
    assert_eq!(standing.last_import, Some(world.now()));
    assert_eq!(standing.strings_end, None::<Moment>);
}
