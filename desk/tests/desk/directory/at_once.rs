//! What two say of one person at one moment, on two nodes where there are two: it ends as if one
//! had spoken after the other, with its audit rows, and what was acknowledged stays so. With each
//! held where it is about to be written: `desk/src/engine/identity/at_once_tests.rs`.

use desk::{
    AuditQuery, Desk, ExternalIdentity, LeaverLimit, LoginContext, MembersChange, NetId, Outcome,
    Push, PushError, PushedUser, Role, Source,
};
use futures::join;

use super::{List, active, groups_are_pushed, page, person, rows};
use crate::support::{World, empty_world, origin};

/// What is said of somebody, or done with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Name,
    Email,
    Whole,
    Joins,
    Leaves,
    Deleted,
    LogsIn,
    Synchronised,
}

const WORDS: [Word; 8] = [
    Word::Name,
    Word::Email,
    Word::Whole,
    Word::Joins,
    Word::Leaves,
    Word::Deleted,
    Word::LogsIn,
    Word::Synchronised,
];

const NOTHING: Push =
    Push { name: None, name_parts: None, email: None, external_id: None, active: None };

async fn world() -> (World, std::sync::Arc<List>) {
    let list = std::sync::Arc::new(List::default());
    let world = empty_world(Some(list.clone()), groups_are_pushed).await;
    world.console().load_demo().await.unwrap();
    (world, list)
}

/// An administrator by a group, whom an identity system has made, and the directory has too.
async fn somebody(world: &World, list: &List, netid: &NetId) {
    list.set(&[person(netid.as_str(), &[])]);
    let push = Push { name: Some("Kim".to_owned()), ..active(true) };
    world.source(desk::source::Scim).push_new(netid, &push, &origin()).await.unwrap();
    put(&world.desk, netid, "desk-admins", true).await.unwrap();
}

/// Puts somebody into a group, or takes them out of it.
async fn put(desk: &Desk, netid: &NetId, group: &str, joins: bool) -> Result<(), PushError> {
    let mut change = MembersChange::default();
    let set = if joins { &mut change.add } else { &mut change.remove };
    set.insert(netid.clone());
    desk.source(desk::source::Scim).change_members(group, &change, &origin()).await
}

async fn spoken(desk: &Desk, netid: &NetId, word: Word, after: u32) -> String {
    for _ in 0..after {
        tokio::task::yield_now().await;
    }
    let scim = desk.source(desk::source::Scim);
    let push = match word {
        Word::Email => Push { email: Some("new@example.edu".to_owned()), ..NOTHING },
        Word::Whole => Push {
            name: Some("Whole Name".to_owned()),
            email: Some(String::new()),
            external_id: Some(format!("called {netid}")),
            ..active(true)
        },
        _ => Push { name: Some("New Name".to_owned()), ..NOTHING },
    };
    let answer = match word {
        Word::Name | Word::Email | Word::Whole => {
            scim.push(netid, &push, &origin()).await.map(drop)
        }
        Word::Joins => put(desk, netid, "staff", true).await,
        Word::Leaves => put(desk, netid, "desk-admins", false).await,
        Word::Deleted => scim.push_out(netid, &origin()).await,
        Word::LogsIn => {
            let who = ExternalIdentity { groups: None, ..person(netid.as_str(), &[]) };
            let context = LoginContext::default();
            let logged_in = desk.log_in_vouched(&who, Source::Proxy, &context, &origin()).await;
            logged_in.map(drop).map_err(PushError::from)
        }
        Word::Synchronised => {
            let (directory, all) =
                (desk.source(desk::source::Directory), LeaverLimit::Percent(100.0));
            let done = directory.synchronise(false, all, &origin(), &mut |_| {}).await;
            return done.map_or_else(|error| error.to_string(), |_| "done".to_owned());
        }
    };
    answer.map_or_else(|error| error.to_string(), |()| "done".to_owned())
}

/// What came of each, and what is left: who they are, and the rows of what was done.
async fn left(world: &World, netid: &NetId, outcomes: [String; 2]) -> ([String; 2], Vec<String>) {
    let page = page(world, netid.as_str()).await;
    let pushed = world.source(desk::source::Scim).pushed_user(netid).await.unwrap();
    let groups = world.source(desk::source::Scim).groups_of(netid).await.unwrap();
    let mut all = vec![
        format!("{} {} {} {}", page.user.name, page.user.email, page.source, page.user.role),
        format!("{} {} {groups:?}", page.user.privileged, page.user.disabled),
        format!("{:?}", pushed.map(|user: PushedUser| (user.external_id, user.active))),
    ];
    for group in ["desk-admins", "staff"] {
        let members = world.source(desk::source::Scim).members(group).await.unwrap();
        all.push(format!("in {group}: {}", members.contains(netid)));
    }
    let query = AuditQuery { subject: netid.to_string(), ..AuditQuery::default() };
    let rows = world.console().audit(&query).await.unwrap().rows;
    let done = rows.into_iter().filter(|row| row.outcome == Outcome::Done);
    all.extend(done.map(|row| format!("{} {} {}", row.actor, row.action, row.detail)));
    let who = |text: String| text.replace(netid.as_str(), "kim");
    (outcomes.map(who), all.into_iter().map(who).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_words_at_once_end_as_one_after_the_other() {
    let (world, list) = world().await;
    let (here, there) = (world.desk.clone(), world.beside().await);
    for (n, one) in WORDS.into_iter().enumerate() {
        for (m, other) in WORDS.into_iter().enumerate().skip(n) {
            let new = async |round: &str| {
                let netid = NetId::parse(&format!("kim{n}-{m}-{round}")).unwrap();
                somebody(&world, &list, &netid).await;
                netid
            };
            let netid = new("in-order").await;
            let first = spoken(&here, &netid, one, 0).await;
            let outcomes = [first, spoken(&there, &netid, other, 0).await];
            let in_order = left(&world, &netid, outcomes).await;
            let netid = new("reversed").await;
            let first = spoken(&there, &netid, other, 0).await;
            let outcomes = [spoken(&here, &netid, one, 0).await, first];
            let reversed = left(&world, &netid, outcomes).await;
            for round in 0..world.rounds(15).max(1) {
                let netid = new(&round.to_string()).await;
                let outcomes = join!(
                    spoken(&here, &netid, one, round % 3),
                    spoken(&there, &netid, other, round % 2)
                );
                let at_once = left(&world, &netid, outcomes.into()).await;
                assert!(
                    at_once == in_order || at_once == reversed,
                    "{one:?} and {other:?}, round {round}: {at_once:#?}\nin order: \
                     {in_order:#?}\nreversed: {reversed:#?}"
                );
            }
        }
    }
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

/// Of so many at once none is lost, and none is said to be done that was not.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_change_one_person_none_is_lost() {
    let (world, list) = world().await;
    let netid = NetId::parse("kim").unwrap();
    somebody(&world, &list, &netid).await;
    let add = |n: usize| {
        let (desk, netid) = (world.desk.clone(), netid.clone());
        tokio::spawn(async move {
            // Each writes one letter behind what is there.
            let says = |before: &PushedUser| {
                let name = Some(format!("{}{n}", before.name));
                Ok::<_, PushError>(Push { name, ..NOTHING })
            };
            desk.source(desk::source::Scim).push_by(&netid, &origin(), says).await
        })
    };
    let all: Vec<_> = (0..8).map(add).collect();
    for pushed in all {
        pushed.await.unwrap().unwrap();
    }
    let name = page(&world, "kim").await.user.name;
    for n in 0..8 {
        assert!(name.contains(&n.to_string()), "{name}");
    }
    let written = rows(&world, "kim").await;
    let names = written.iter().filter(|row| row.ends_with("user.update done name")).count();
    assert_eq!(names, 8, "each with its row: {written:?}");
}

#[tokio::test]
async fn who_is_taken_out_of_a_group_once_more_has_what_their_groups_give() {
    let (world, list) = world().await;
    let netid = NetId::parse("kim").unwrap();
    somebody(&world, &list, &netid).await;
    put(&world.desk, &netid, "desk-admins", false).await.unwrap();
    put(&world.desk, &netid, "staff", true).await.unwrap();
    // Put in once more where they are already, nobody loses anything.
    super::administer(&world, "kim", super::Set::Role(Role::Admin)).await;
    put(&world.desk, &netid, "staff", true).await.unwrap();
    assert_eq!(page(&world, "kim").await.user.role, Role::Admin);
    put(&world.desk, &netid, "desk-admins", false).await.unwrap();
    assert_eq!(page(&world, "kim").await.user.role, Role::Staff);
    assert_eq!(rows(&world, "kim").await[0], "(scim) user.role done admin → staff");
}
