//! What the desk makes of a directory's word. The directory here is a list: the real one is asked by `make test-directory`.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use desk::{
    AccountChange, Action, Arrival, AuditQuery, Denied, Directory, DirectoryError, Extent, GroupRules, MostLeaving, NetId, Planned, Push,
    PushError, Refusal, Role, Secret, SyncError, SyncReport, SyncStep, UserPage, Verdict, Vouched,
};

use super::support::{World, empty_world, get, origin, secret};

/// A directory that says what it is told to.
#[derive(Debug, Default)]
pub(crate) struct List {
    people: Mutex<Vec<Vouched>>,
    trouble: Mutex<Option<DirectoryError>>,
    asked: Mutex<Vec<String>>,
}

/// What the trait's methods give back.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl List {
    fn set(&self, people: &[Vouched]) {
        *self.people.lock().unwrap() = people.to_vec();
    }

    fn fail(&self, trouble: Option<DirectoryError>) {
        *self.trouble.lock().unwrap() = trouble;
    }

    fn ready(&self) -> Result<(), DirectoryError> {
        self.trouble.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl Directory for List {
    fn name(&self) -> &'static str {
        "ldap"
    }

    fn check<'a>(&'a self, netid: &'a NetId, password: &'a Secret) -> Boxed<'a, Result<Option<Vouched>, DirectoryError>> {
        self.asked.lock().unwrap().push(netid.to_string());
        Box::pin(async move {
            self.ready()?;
            let people = self.people.lock().unwrap();
            let found = people.iter().find(|who| NetId::parse(&who.netid).as_ref() == Ok(netid));
            Ok(found.filter(|who| password.expose() == format!("{}'s password", who.netid)).cloned())
        })
    }

    fn everybody<'a>(&'a self, _: Extent, to: tokio::sync::mpsc::Sender<Vec<Vouched>>) -> Boxed<'a, Result<(), DirectoryError>> {
        Box::pin(async move {
            let people = self.people.lock().unwrap().clone();
            for part in people.chunks(3) {
                if to.send(part.to_vec()).await.is_err() {
                    return Ok(());
                }
            }
            // Where it breaks off, it has said something before.
            self.ready()
        })
    }
}

fn person(netid: &str, groups: &[&str]) -> Vouched {
    Vouched {
        netid: netid.to_owned(),
        name: Some(format!("{netid} of the campus")),
        email: Some(format!("{netid}@example.edu")),
        groups: Some(groups.iter().map(|group| (*group).to_owned()).collect()),
    }
}

async fn world() -> (World, Arc<List>) {
    world_with(GroupRules::default()).await
}

async fn world_with(groups: GroupRules) -> (World, Arc<List>) {
    let list = Arc::new(List::default());
    list.set(&[person("nora", &["desk"]), person("otto", &[]), person("pia", &[])]);
    let world = empty_world(Some(list.clone()), |settings| settings.groups = groups).await;
    world.load_demo().await.unwrap();
    (world, list)
}

async fn log_in(world: &World, netid: &str) -> Result<(), Refusal> {
    world.log_in(netid, &secret(&format!("{netid}'s password")), &origin()).await.map(|_| ())
}

async fn sync(world: &World, most: MostLeaving) -> Result<SyncReport, SyncError> {
    world.synchronise(false, most, &origin(), &mut |_| {}).await
}

async fn page(world: &World, netid: &str) -> UserPage {
    world.user_page(&world.console_permit(Action::FindUsers, netid).await.unwrap()).await.unwrap()
}

async fn rows(world: &World, subject: &str) -> Vec<String> {
    let query = AuditQuery { subject: subject.to_owned(), ..AuditQuery::default() };
    let rows = world.console_audit(&query).await.unwrap().rows;
    rows.into_iter().map(|row| format!("{} {} {} {}", row.actor, row.action, row.outcome, row.detail)).collect()
}

/// A token of somebody from the directory.
async fn token(world: &World, netid: &str) -> String {
    let permit = world.console_permit(Action::SetLocalPassword, netid).await.unwrap();
    let own = secret("seven otters cross the weir");
    world.console_set_local_password(&permit, &own, &own, true).await.unwrap();
    let (cookie, _) = world.log_in(netid, &secret(&format!("{netid}'s password")), &origin()).await.unwrap();
    let visitor = world.look(&cookie).await.unwrap();
    let permit = world.authorise(&visitor, Action::ManageOwnTokens, None, Some(&own), &origin()).await.unwrap();
    let (token, _) = world.create_token(&permit, super::support::new_token("a script"), "", &origin()).await.unwrap();
    token.expose().to_owned()
}

async fn works(world: &World, token: &str) -> bool {
    matches!(world.verify(token, None, &get()).await, Verdict::Good(_))
}

#[tokio::test]
async fn somebody_new_is_made_at_their_first_log_in() {
    let (world, _) = world_with(GroupRules { help_desk: vec!["Desk".to_owned()], ..GroupRules::default() }).await;
    log_in(&world, "nora").await.unwrap();
    let nora = page(&world, "nora").await;
    assert_eq!((nora.user.name.as_str(), nora.user.role, nora.source.as_str()), ("nora of the campus", Role::HelpDesk, "ldap"));
    assert_eq!(rows(&world, "nora").await, ["nora log-in done ldap", "(ldap) user.create done help_desk"]);
    log_in(&world, "nora").await.unwrap();
    assert_eq!(rows(&world, "nora").await.len(), 3, "nothing differs, nothing is written but the log-in");
}

#[tokio::test]
async fn the_directory_is_asked_about_nobody_who_has_a_password_here() {
    let (world, list) = world().await;
    world.log_in("ada", &secret("ada-netid-password"), &origin()).await.unwrap();
    assert!(list.asked.lock().unwrap().is_empty());
    // A wrong one costs as much as anybody's; the directory hears another name.
    let refused = world.log_in("ada", &secret("wrong"), &origin()).await.unwrap_err();
    assert_eq!(refused, Refusal::LoginIncorrect);
    let asked = list.asked.lock().unwrap().clone();
    assert!(asked.len() == 1 && asked[0].starts_with("nobody-"), "{asked:?}");
}

#[tokio::test]
async fn a_directory_that_is_away_says_so_and_counts_as_no_wrong_password() {
    let (world, list) = world().await;
    log_in(&world, "pia").await.unwrap();
    list.fail(Some(DirectoryError::Unavailable("a test".to_owned())));
    for _ in 0..5 {
        assert_eq!(log_in(&world, "pia").await, Err(Refusal::DirectoryUnavailable));
    }
    list.fail(Some(DirectoryError::Unclear("a test".to_owned())));
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::SignOnRefused));
    list.fail(None);
    log_in(&world, "pia").await.unwrap();
}

#[tokio::test]
async fn the_plan_is_what_is_done() {
    let (world, list) = world().await;
    let mut planned = Vec::new();
    let mut tell = |step: SyncStep<'_>| {
        if let SyncStep::Person(what, netid) = step {
            planned.push((what, netid.to_owned()));
        }
    };
    let before = rows(&world, "").await.len();
    world.synchronise(true, MostLeaving::default(), &origin(), &mut tell).await.unwrap();
    let new = |netid: &str| (Planned::Create, netid.to_owned());
    assert_eq!(planned, [new("nora"), new("otto"), new("pia")]);
    assert!(world.console_permit(Action::FindUsers, "nora").await.is_err());
    assert_eq!(rows(&world, "").await.len(), before);
    let done = sync(&world, MostLeaving::default()).await.unwrap();
    assert_eq!((done.read, done.created), (3, 3));
    let again = sync(&world, MostLeaving::default()).await.unwrap();
    assert_eq!((again.unchanged, again.created, again.updated), (3, 0, 0));
    list.set(&[person("nora", &[]), person("otto", &[]), Vouched { email: Some("new@example.edu".to_owned()), ..person("pia", &[]) }]);
    assert_eq!(sync(&world, MostLeaving::default()).await.unwrap().updated, 1);
    assert_eq!(page(&world, "pia").await.user.email, "new@example.edu");
}

#[tokio::test]
async fn whoever_left_is_out_and_nothing_comes_back_but_themselves() {
    let (world, list) = world().await;
    sync(&world, MostLeaving::default()).await.unwrap();
    let token = token(&world, "pia").await;
    let (session, _) = world.log_in("pia", &secret("pia's password"), &origin()).await.unwrap();
    assert!(works(&world, &token).await);
    list.set(&[person("nora", &[]), person("otto", &[])]);
    assert_eq!(sync(&world, MostLeaving::default()).await.unwrap().left, 1);
    assert!(!works(&world, &token).await);
    assert_eq!(world.look(&session).await.unwrap_err(), Refusal::SessionEnded);
    assert_eq!(rows(&world, "pia").await[0], "(ldap) user.left done disabled, staff again, tokens revoked, sessions ended");
    assert!(page(&world, "pia").await.left_at.is_some());
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::LoginIncorrect));

    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, MostLeaving::default()).await.unwrap().returned, 1);
    log_in(&world, "pia").await.unwrap();
    let pia = page(&world, "pia").await;
    assert_eq!((pia.user.disabled, pia.left_at, pia.local.set_at), (false, None, None));
    assert!(!works(&world, &token).await, "what was revoked stays so");

    let permit = world.console_permit(Action::SetDisabled, "pia").await.unwrap();
    assert_eq!(world.restore_tokens(&permit, &origin()).await, Ok(1));
    assert!(works(&world, &token).await, "unless an administrator says otherwise");
    assert_eq!(world.restore_tokens(&permit, &origin()).await, Ok(0));
}

#[tokio::test]
async fn tokens_are_not_restored_for_who_may_have_none() {
    let (world, list) = world().await;
    sync(&world, MostLeaving::default()).await.unwrap();
    let old = token(&world, "pia").await;
    list.set(&[person("nora", &[]), person("otto", &[])]);
    sync(&world, MostLeaving::default()).await.unwrap();
    let permit = world.console_permit(Action::SetDisabled, "pia").await.unwrap();
    assert_eq!(world.restore_tokens(&permit, &origin()).await, Err(Denied::SubjectDisabled.into()));
    // Another permit is no permit for this.
    let other = world.console_permit(Action::FindUsers, "pia").await.unwrap();
    assert!(world.restore_tokens(&other, &origin()).await.is_err());
    world.change_account(&[(permit, AccountChange::Disabled(false))], &origin()).await.unwrap();
    world
        .change_account(&[(world.console_permit(Action::SetPrivileged, "pia").await.unwrap(), AccountChange::Privileged(false))], &origin())
        .await
        .unwrap();
    let permit = world.console_permit(Action::SetDisabled, "pia").await.unwrap();
    assert_eq!(world.restore_tokens(&permit, &origin()).await, Err(Denied::SubjectNotPrivileged.into()));
    assert!(!works(&world, &old).await);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_everybody() {
    let (world, list) = world().await;
    sync(&world, MostLeaving::default()).await.unwrap();
    list.set(&[person("nora", &[]), person("zoe", &[])]);
    list.fail(Some(DirectoryError::Unavailable("a test".to_owned())));
    assert!(matches!(sync(&world, MostLeaving::Percent(100.0)).await, Err(SyncError::Directory(_))));
    assert!(!page(&world, "pia").await.user.disabled);
    assert!(world.console_permit(Action::FindUsers, "zoe").await.is_err(), "nor is anybody made before it is known to be whole");
    assert!(!rows(&world, "").await.iter().any(|row| row.starts_with("(ldap) directory.sync")), "that is the log's to say, each time");
}

#[tokio::test]
async fn more_than_may_leave_do_not_and_nothing_is_half_done() {
    let (world, list) = world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() }).await;
    list.set(&[person("nora", &["desk"]), person("otto", &["desk"]), person("pia", &["desk"])]);
    sync(&world, MostLeaving::default()).await.unwrap();
    // One is gone and one may no longer have tokens: together more than one.
    list.set(&[person("nora", &["desk"]), person("otto", &[])]);
    let refused = sync(&world, MostLeaving::People(1)).await.unwrap_err();
    assert_eq!(refused, SyncError::TooManyLeaving { leaving: 2, people: 3, most: 1 });
    assert!(rows(&world, "").await.iter().any(|row| row.starts_with("(ldap) directory.sync refused 2 of 3 people")));
    assert!(!page(&world, "pia").await.user.disabled && page(&world, "otto").await.user.privileged);
    let done = sync(&world, MostLeaving::People(2)).await.unwrap();
    assert_eq!((done.left, done.deprived), (1, 1));
    assert!(page(&world, "pia").await.user.disabled && !page(&world, "otto").await.user.privileged);
}

#[tokio::test]
async fn two_of_one_netid_and_what_is_no_netid_are_told_and_left_alone() {
    let (world, list) = world().await;
    list.set(&[person("nora", &[]), person("twin", &[]), person("Twin", &["desk"]), person("*)(uid=*", &[]), person("a, b", &[])]);
    let done = sync(&world, MostLeaving::default()).await.unwrap();
    assert_eq!((done.created, done.faults.len()), (1, 3), "{:?}", done.faults);
    assert!(world.console_permit(Action::FindUsers, "twin").await.is_err());
}

#[tokio::test]
async fn whoever_cannot_be_told_apart_is_not_gone() {
    let (world, list) = world().await;
    sync(&world, MostLeaving::default()).await.unwrap();
    list.set(&[person("nora", &[]), person("Nora", &[]), person("otto, ottilie", &[]), person("pia", &[])]);
    let done = sync(&world, MostLeaving::Percent(100.0)).await.unwrap();
    assert_eq!((done.left, done.faults.len()), (0, 2), "{:?}", done.faults);
    assert!(!page(&world, "nora").await.user.disabled && !page(&world, "otto").await.user.disabled);
}

#[tokio::test]
async fn only_who_says_that_somebody_left_can_have_them_back() {
    let (world, list) = world().await;
    sync(&world, MostLeaving::default()).await.unwrap();
    let pia = NetId::parse("pia").unwrap();
    let push = |active| Push { name: None, email: None, external_id: None, active: Some(active) };
    world.push(&pia, &push(false), &origin()).await.unwrap();
    // The directory still has them, and single sign-on too.
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::LoginIncorrect));
    let vouched = world.log_in_vouched(&person("pia", &[]), "oidc", &Arrival::default(), &origin()).await;
    assert_eq!(vouched.unwrap_err(), Denied::ActorDisabled.into());
    assert_eq!(sync(&world, MostLeaving::default()).await.unwrap().returned, 0);
    assert!(page(&world, "pia").await.user.disabled);
    world.push(&pia, &push(true), &origin()).await.unwrap();
    log_in(&world, "pia").await.unwrap();
    // And the other way about.
    list.set(&[person("nora", &[]), person("otto", &[])]);
    assert_eq!(sync(&world, MostLeaving::default()).await.unwrap().left, 1);
    world.push(&pia, &push(true), &origin()).await.unwrap();
    assert!(world.log_in_vouched(&person("pia", &[]), "oidc", &Arrival::default(), &origin()).await.is_err());
    // Both say so, and one of them takes it back: the other's word holds.
    world.push(&pia, &push(false), &origin()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(log_in(&world, "pia").await, Err(Refusal::LoginIncorrect));
    sync(&world, MostLeaving::default()).await.unwrap();
    assert!(page(&world, "pia").await.user.disabled);
    world.push(&pia, &push(true), &origin()).await.unwrap();
    assert!(!page(&world, "pia").await.user.disabled);
}

#[tokio::test]
async fn wrong_passwords_of_the_desks_own_accounts_are_counted_while_the_directory_is_away() {
    let (world, list) = world().await;
    list.fail(Some(DirectoryError::Unavailable("a test".to_owned())));
    for _ in 0..3 {
        let refused = world.log_in("ada", &secret("wrong"), &origin()).await.unwrap_err();
        assert_eq!(refused, Refusal::LoginIncorrect);
    }
    let refused = world.log_in("ada", &secret("ada-netid-password"), &origin()).await.unwrap_err();
    assert_eq!(refused, Refusal::TooManyAttempts { seconds: 1 });
    assert_eq!(rows(&world, "ada").await.iter().filter(|row| row.contains("log-in refused")).count(), 3);
}

#[tokio::test]
async fn logging_in_by_another_door_does_not_take_anybody_out_of_the_directory() {
    let (world, list) = world().await;
    sync(&world, MostLeaving::default()).await.unwrap();
    world.log_in_vouched(&person("pia", &[]), "oidc", &Arrival::default(), &origin()).await.unwrap();
    assert_eq!(page(&world, "pia").await.source, "ldap");
    list.set(&[person("nora", &[]), person("otto", &[])]);
    assert_eq!(sync(&world, MostLeaving::default()).await.unwrap().left, 1);
}

#[tokio::test]
async fn whoever_leaves_is_nobody_in_particular_and_whom_an_administrator_keeps_is_kept() {
    let (world, list) = world().await;
    sync(&world, MostLeaving::default()).await.unwrap();
    let permit = world.console_permit(Action::SetRole, "pia").await.unwrap();
    world.change_account(&[(permit, AccountChange::Role(Role::Admin))], &origin()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[])]);
    sync(&world, MostLeaving::default()).await.unwrap();
    assert_eq!(page(&world, "pia").await.user.role, Role::Staff, "the next one of that NetID is not an administrator");
    let permit = world.console_permit(Action::SetDisabled, "pia").await.unwrap();
    world.change_account(&[(permit, AccountChange::Disabled(false))], &origin()).await.unwrap();
    assert_eq!(sync(&world, MostLeaving::default()).await.unwrap().left, 0);
    assert!(!page(&world, "pia").await.user.disabled);
}

#[tokio::test]
async fn a_directory_that_says_no_groups_any_longer_takes_nobodys_role() {
    let (world, list) = world_with(GroupRules { help_desk: vec!["desk".to_owned()], ..GroupRules::default() }).await;
    sync(&world, MostLeaving::default()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, MostLeaving::People(2)).await, Err(SyncError::NobodyLeft));
    assert_eq!(page(&world, "nora").await.user.role, Role::HelpDesk);
    list.set(&[person("nora", &[]), person("otto", &["desk"]), person("pia", &[])]);
    let done = sync(&world, MostLeaving::People(2)).await.unwrap();
    assert_eq!((done.demoted, page(&world, "nora").await.user.role), (1, Role::Staff));
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_not_done_where_no_group_is_said_at_all() {
    let (world, list) = world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() }).await;
    log_in(&world, "nora").await.unwrap();
    let token = token(&world, "nora").await;
    list.set(&[person("nora", &[])]);
    log_in(&world, "nora").await.unwrap();
    assert!(!works(&world, &token).await && !page(&world, "nora").await.user.privileged);
    list.set(&[person("nora", &["desk"])]);
    log_in(&world, "nora").await.unwrap();
    assert!(works(&world, &token).await, "it was an outage");
    for groups in [&[][..], &["others"]] {
        list.set(&[person("nora", groups)]);
        log_in(&world, "nora").await.unwrap();
    }
    list.set(&[person("nora", &["desk"])]);
    log_in(&world, "nora").await.unwrap();
    assert!(!works(&world, &token).await, "it was a decision, whatever was said before it");
}

#[tokio::test]
async fn a_directory_that_lets_nobody_have_tokens_any_longer_takes_nobodys() {
    let (world, list) = world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() }).await;
    sync(&world, MostLeaving::default()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, MostLeaving::People(3)).await, Err(SyncError::NobodyLeft));
    assert!(page(&world, "nora").await.user.privileged);
    sync(&world, MostLeaving::Percent(100.0)).await.unwrap();
    assert!(!page(&world, "nora").await.user.privileged);
}

#[tokio::test]
async fn whom_an_administrator_disabled_stays_so_and_whoever_is_the_desks_own_is_left_alone() {
    let (world, list) = world().await;
    sync(&world, MostLeaving::default()).await.unwrap();
    let permit = world.console_permit(Action::SetDisabled, "otto").await.unwrap();
    world.change_account(&[(permit, AccountChange::Disabled(true))], &origin()).await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[]), person("ada", &["nothing"])]);
    let done = sync(&world, MostLeaving::default()).await.unwrap();
    assert_eq!((done.own, done.unchanged), (1, 3));
    assert!(page(&world, "otto").await.user.disabled);
    assert_eq!(page(&world, "ada").await.source, "built-in");
    assert_eq!(log_in(&world, "otto").await, Err(Refusal::LoginIncorrect));
}

#[tokio::test]
async fn one_node_synchronises_in_each_interval() {
    let (world, _) = world().await;
    let first = world.takes_turn_to_synchronise(600).await.unwrap().unwrap();
    assert_eq!(world.takes_turn_to_synchronise(600).await, Ok(None));
    world.clock.advance(600);
    let second = world.takes_turn_to_synchronise(600).await.unwrap().unwrap();
    world.gives_turn_back(first).await.unwrap();
    assert_eq!(world.takes_turn_to_synchronise(600).await, Ok(None), "that one was somebody else's by then");
    world.gives_turn_back(second).await.unwrap();
    assert!(world.takes_turn_to_synchronise(600).await.unwrap().is_some());
}

#[tokio::test]
async fn without_a_directory_there_is_nothing_to_synchronise_with() {
    let world = super::support::world().await;
    assert_eq!(sync(&world, MostLeaving::default()).await, Err(SyncError::NoDirectory));
}

#[tokio::test]
async fn a_restriction_to_groups_stays_one_where_nobody_says_who_is_in_them() {
    let (world, _) = world_with(GroupRules { privileged: vec!["desk".to_owned()], ..GroupRules::default() }).await;
    let push = Push { name: None, email: None, external_id: None, active: Some(true) };
    world.push_new(&NetId::parse("quin").unwrap(), &push, &origin()).await.unwrap();
    assert!(!page(&world, "quin").await.user.privileged);
}

#[tokio::test]
async fn whoever_is_pushed_comes_goes_and_comes_again() {
    let (world, _) = world().await;
    let quin = NetId::parse("quin").unwrap();
    let push = |active| Push { name: Some("Quin".to_owned()), email: None, external_id: Some("17".to_owned()), active: Some(active) };
    let made = world.push_new(&quin, &push(true), &origin()).await.unwrap();
    assert_eq!((made.name.as_str(), made.external_id.as_deref(), made.active), ("Quin", Some("17"), true));
    assert_eq!(world.push_new(&quin, &push(true), &origin()).await, Err(PushError::Exists));
    let many = rows(&world, "quin").await.len();
    world.push(&quin, &push(true), &origin()).await.unwrap();
    assert_eq!(rows(&world, "quin").await.len(), many, "what is as it was is not written");
    assert!(!world.push(&quin, &push(false), &origin()).await.unwrap().active);
    assert!(world.push(&quin, &push(true), &origin()).await.unwrap().active);
    world.push_out(&quin, &origin()).await.unwrap();
    assert_eq!(world.pushed_user(&quin).await, Ok(None));
    assert_eq!(world.push(&quin, &push(true), &origin()).await, Err(PushError::Unknown));
    assert_eq!(world.push_out(&quin, &origin()).await, Err(PushError::Unknown));
    assert!(world.push_new(&quin, &push(true), &origin()).await.unwrap().active);
    assert_eq!(world.push(&NetId::parse("ada").unwrap(), &push(false), &origin()).await, Err(PushError::Own));
    let inactive = NetId::parse("rosa").unwrap();
    assert!(!world.push_new(&inactive, &push(false), &origin()).await.unwrap().active);
    let (total, some) = world.pushed_users(1, 2).await.unwrap();
    assert_eq!((total, some.len()), (9, 2), "seven of the demo, quin and rosa");
}

#[tokio::test]
async fn an_openid_provider_ends_the_sessions_that_it_began() {
    let (world, _) = world().await;
    let arrival = |session: &str| Arrival {
        proved_at: None,
        issuer_subject: Some("subject-of-pia".to_owned()),
        issuer_session: Some(session.to_owned()),
    };
    let who = person("pia", &[]);
    let (one, _) = world.log_in_vouched(&who, "oidc", &arrival("s1"), &origin()).await.unwrap();
    let (two, _) = world.log_in_vouched(&who, "oidc", &arrival("s2"), &origin()).await.unwrap();
    let by_password = world.cookie("tia").await;
    assert_eq!(world.end_issuers_sessions(Some("subject-of-pia"), Some("s1"), &origin()).await, Ok(1));
    assert!(world.look(&one).await.is_err() && world.look(&two).await.is_ok());
    assert_eq!(world.end_issuers_sessions(Some("somebody-else"), None, &origin()).await, Ok(0));
    assert_eq!(world.end_issuers_sessions(None, None, &origin()).await, Ok(0));
    assert_eq!(world.end_issuers_sessions(Some("subject-of-pia"), None, &origin()).await, Ok(1));
    assert!(world.look(&two).await.is_err() && world.look(&by_password).await.is_ok());
    assert!(rows(&world, "pia").await.contains(&"(oidc) session.end done 1 session".to_owned()));
}

#[tokio::test]
async fn a_first_password_takes_a_log_in_that_is_known_to_be_fresh() {
    let list = Arc::new(List::default());
    let world = empty_world(Some(list), |settings| settings.first_password_self_service = true).await;
    let arrival = |proved_at| Arrival { proved_at, ..Arrival::default() };
    let me = async |proved_at| {
        let (cookie, _) = world.log_in_vouched(&person("pia", &[]), "oidc", &arrival(proved_at), &origin()).await.unwrap();
        world.look(&cookie).await.unwrap().me()
    };
    assert!(me(Some(world.now())).await.may_set_first_password);
    for old in [None, Some(world.now().plus_seconds(-300))] {
        let me = me(old).await;
        assert!(!me.may_set_first_password && me.first_password_when_fresh, "{old:?}");
    }
}
