//! What two say of one person at one moment: both have read them before either is written. It ends
//! as if one had spoken after the other, with what came of each and with the same audit rows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use crate::engine::accounts::import_plan::ImportUser;
use crate::engine::desk::Desk;
use crate::engine::desk_for_tests::{demo_desk_with, secret};
use crate::engine::doors::source;
use crate::engine::identity::directory::{
    Asking, Directory, DirectoryError, Extent, ExternalIdentity,
};
use crate::engine::identity::fixtures::group_rules;
use crate::engine::identity::log_in::LoginContext;
use crate::engine::identity::members::MembersChange;
use crate::engine::identity::push_error::PushError;
use crate::engine::identity::scim::{Push, PushedUser};
use crate::engine::identity::sync::limit::LeaverLimit;
use crate::engine::lock::lock;
use crate::engine::origin::Origin;
use crate::engine::secret::Secret;
use crate::engine::settings::Settings;
use crate::store::administration::set_role;
use crate::store::change::AuditEntry;
use crate::{AuditQuery, NameParts, NetId, Outcome, Role, Source};

/// A directory that has whom it is given.
#[derive(Debug, Default)]
struct Campus {
    people: Mutex<Vec<ExternalIdentity>>,
}

impl Directory for Campus {
    fn source(&self) -> Source {
        Source::Ldap
    }

    fn check<'a>(
        &'a self,
        _: &'a NetId,
        _: &'a Secret,
        _: Asking,
    ) -> BoxFuture<'a, Result<Option<ExternalIdentity>, DirectoryError>> {
        async { Ok(None) }.boxed()
    }

    fn everybody(
        &self,
        _: Extent,
        to: mpsc::Sender<Vec<ExternalIdentity>>,
    ) -> BoxFuture<'_, Result<(), DirectoryError>> {
        let people = lock(&self.people).clone();
        async move {
            // Whoever reads may have read enough.
            let _ = to.send(people).await;
            Ok(())
        }
        .boxed()
    }
}

/// What is said of somebody, or done with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Name,
    GivenName,
    FamilyName,
    Email,
    Whole,
    Joins,
    Leaves,
    Deleted,
    LogsIn,
    Imported,
    Synchronised,
}

const WORDS: [Word; 11] = [
    Word::Name,
    Word::GivenName,
    Word::FamilyName,
    Word::Email,
    Word::Whole,
    Word::Joins,
    Word::Leaves,
    Word::Deleted,
    Word::LogsIn,
    Word::Imported,
    Word::Synchronised,
];

const NOTHING: Push =
    Push { name: None, name_parts: None, email: None, external_id: None, active: None };

async fn desk(campus: &Arc<Campus>) -> Desk {
    let directory: Arc<dyn Directory> = campus.clone();
    let adjust = |settings: &mut Settings| {
        settings.scim_groups = true;
        settings.groups = group_rules();
        settings.scim_max_leavers_per_hour = LeaverLimit::Percent(100.0);
    };
    demo_desk_with(Some(directory), adjust).await.0
}

/// An administrator by a group, whom an identity system has made.
async fn somebody(desk: &Desk, netid: &NetId) {
    let (scim, origin) = (desk.source(source::Scim), Origin::console());
    let push = Push {
        name: Some("Kim".to_owned()),
        email: Some("kim@example.edu".to_owned()),
        active: Some(true),
        ..NOTHING
    };
    scim.push_new(netid, &push, &origin).await.expect("made");
    scim.change_members("admins", &members(Some(netid), None), &origin).await.expect("put in");
}

fn members(add: Option<&NetId>, remove: Option<&NetId>) -> MembersChange {
    let set = |netid: Option<&NetId>| netid.cloned().into_iter().collect::<BTreeSet<_>>();
    MembersChange { whole: false, add: set(add), remove: set(remove) }
}

/// The same person with another part of the name beside those that there are.
async fn push_part(
    desk: &Desk,
    netid: &NetId,
    set: fn(&mut NameParts),
) -> Result<PushedUser, PushError> {
    let says = |before: &PushedUser| {
        let mut parts = before.name_parts.clone();
        set(&mut parts);
        Ok::<_, PushError>(Push { name_parts: Some(parts), ..NOTHING })
    };
    desk.source(source::Scim).push_by(netid, &Origin::console(), says).await
}

fn pushed(netid: &NetId, word: Word) -> Push {
    match word {
        Word::Name => Push { name: Some("New Name".to_owned()), ..NOTHING },
        Word::Email => Push { email: Some("new@example.edu".to_owned()), ..NOTHING },
        _ => Push {
            name: Some("Whole Name".to_owned()),
            name_parts: Some(NameParts::default()),
            email: Some(String::new()),
            external_id: Some(format!("called {netid}")),
            active: Some(true),
        },
    }
}

/// Says it; answers what came of it.
async fn say(desk: Desk, netid: NetId, word: Word) -> String {
    let (scim, origin) = (desk.source(source::Scim), Origin::console());
    let answer = match word {
        Word::Name | Word::Email | Word::Whole => {
            scim.push(&netid, &pushed(&netid, word), &origin).await.map(drop)
        }
        Word::GivenName => {
            push_part(&desk, &netid, |parts| parts.given = "Given".to_owned()).await.map(drop)
        }
        Word::FamilyName => {
            push_part(&desk, &netid, |parts| parts.family = "Family".to_owned()).await.map(drop)
        }
        Word::Joins => scim.change_members("desk", &members(Some(&netid), None), &origin).await,
        Word::Leaves => scim.change_members("admins", &members(None, Some(&netid)), &origin).await,
        Word::Deleted => scim.push_out(&netid, &origin).await,
        Word::LogsIn => {
            let who = ExternalIdentity {
                netid: netid.to_string(),
                name: Some("By the Proxy".to_owned()),
                ..ExternalIdentity::default()
            };
            let context = LoginContext::default();
            let logged_in = desk.log_in_vouched(&who, Source::Proxy, &context, &origin).await;
            logged_in.map(drop).map_err(PushError::from)
        }
        Word::Imported => return imported(&desk, &netid).await,
        Word::Synchronised => {
            let everybody = LeaverLimit::Percent(100.0);
            let directory = desk.source(source::Directory);
            let done = directory.synchronise(false, everybody, &origin, &mut |_| {}).await;
            return done.map_or_else(|error| error.to_string(), |_| "done".to_owned());
        }
    };
    answer.map_or_else(|error| error.to_string(), |()| "done".to_owned())
}

async fn imported(desk: &Desk, netid: &NetId) -> String {
    let user = ImportUser {
        netid: netid.clone(),
        name: None,
        email: Some("file@example.edu".to_owned()),
        role: None,
        privileged: None,
        disabled: None,
        password: Some(secret("seven otters cross the weir")),
    };
    let done = desk.console().import_users(&[user]).await;
    done.map_or_else(|error| error.to_string(), |_| "done".to_owned())
}

/// What is left of it: what came of each, who they are, and the audit rows, the latest first.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    outcomes: [String; 2],
    person: String,
    is_member: [bool; 2],
    rows: Vec<String>,
}

async fn left(desk: &Desk, netid: &NetId, outcomes: [String; 2]) -> Left {
    let user = desk.inner.store.user(netid).await.expect("read").expect("somebody");
    let person = format!(
        "{} {:?} <{}> {} {} {} {} {:?} {:?} {:?} {}",
        user.name,
        user.name_parts,
        user.email,
        user.person.role,
        user.person.privileged,
        user.person.disabled,
        user.source,
        user.pushed_groups,
        user.departed_by,
        user.external_id,
        user.netid_hash.is_some(),
    );
    let scim = desk.source(source::Scim);
    let mut is_member = [false; 2];
    for (is_member, group) in is_member.iter_mut().zip(["admins", "desk"]) {
        *is_member = scim.members(group).await.expect("read").contains(netid);
    }
    let query = AuditQuery { subject: netid.to_string(), ..AuditQuery::default() };
    let rows = desk.console().audit(&query).await.expect("read").rows;
    let done = rows.into_iter().filter(|row| row.outcome == Outcome::Done);
    let who = |text: String| text.replace(netid.as_str(), "kim");
    Left {
        outcomes: outcomes.map(who),
        person: who(person),
        is_member,
        rows: done.map(|row| who(format!("{} {} {}", row.actor, row.action, row.detail))).collect(),
    }
}

/// One person whom the directory has too, and what both said of them has left.
async fn round(desk: &Desk, campus: &Campus, name: &str, pair: [Word; 2], how: How) -> Left {
    let netid = NetId::parse(name).expect("a NetID");
    *lock(&campus.people) = vec![ExternalIdentity {
        netid: name.to_owned(),
        name: Some("Of the Campus".to_owned()),
        groups: Some(Vec::new()),
        ..ExternalIdentity::default()
    }];
    somebody(desk, &netid).await;
    let [one, other] = pair;
    let outcomes = match how {
        How::AtOnce => {
            let turn = desk.inner.store.hold_turn().await;
            let both = pair.map(|word| tokio::spawn(say(desk.clone(), netid.clone(), word)));
            // Each has read and decided, and waits to be written.
            while desk.inner.store.many_wait() < 2 {
                tokio::task::yield_now().await;
            }
            drop(turn);
            let [one, other] = both;
            [one.await.expect("no panic"), other.await.expect("no panic")]
        }
        How::InOrder => {
            let first = say(desk.clone(), netid.clone(), one).await;
            [first, say(desk.clone(), netid.clone(), other).await]
        }
        How::Reversed => {
            let first = say(desk.clone(), netid.clone(), other).await;
            [say(desk.clone(), netid.clone(), one).await, first]
        }
    };
    left(desk, &netid, outcomes).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    AtOnce,
    InOrder,
    Reversed,
}

#[tokio::test]
async fn whatever_two_say_at_once_is_as_if_one_had_said_it_after_the_other() {
    let campus = Arc::new(Campus::default());
    let desk = desk(&campus).await;
    for (n, one) in WORDS.into_iter().enumerate() {
        for (m, other) in WORDS.into_iter().enumerate().skip(n) {
            let pair = [one, other];
            let round = async |how: How| {
                let name = format!("kim{n}-{m}{how:?}").to_lowercase();
                round(&desk, &campus, &name, pair, how).await
            };
            let at_once = round(How::AtOnce).await;
            let (in_order, reversed) = (round(How::InOrder).await, round(How::Reversed).await);
            assert!(
                at_once == in_order || at_once == reversed,
                "{pair:?} at once: {at_once:#?}\nin order: {in_order:#?}\nreversed: {reversed:#?}"
            );
        }
    }
    assert!(desk.console().verify_audit().await.expect("read").faults.is_empty());
}

#[tokio::test]
async fn who_was_taken_out_and_kept_the_role_loses_it_when_they_are_taken_out_once_more() {
    let desk = desk(&Arc::new(Campus::default())).await;
    let (netid, origin) = (NetId::parse("kim").expect("a NetID"), Origin::console());
    somebody(&desk, &netid).await;
    let scim = desk.source(source::Scim);
    let out = members(None, Some(&netid));
    scim.change_members("admins", &out, &origin).await.expect("taken out");
    let wrong = set_role(&netid, Role::Admin).audited(AuditEntry::sample());
    desk.inner.store.commit(wrong, desk.now()).await.expect("as an earlier version left them");
    scim.change_members("admins", &out, &origin).await.expect("taken out once more");
    let user = desk.inner.store.user(&netid).await.expect("read").expect("kim");
    assert_eq!(user.person.role, Role::Staff);
    let query = AuditQuery { subject: "kim".to_owned(), ..AuditQuery::default() };
    let rows = desk.console().audit(&query).await.expect("read").rows;
    assert_eq!(rows[0].detail, "admin → staff");
}
