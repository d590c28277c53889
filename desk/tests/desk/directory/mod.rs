//! What the desk makes of a directory's word. The directory here is a list: the real one is asked
//! by `make test-directory`.

mod administrators;
mod another;
mod at_once;
mod binding;
mod bring_back;
mod leavers;
mod leaving;
mod log_in;
mod members;
pub(crate) mod presence;
mod pushed;
mod reserved;
mod restoring;
mod sync;
mod tries;
mod unheard;
mod versions;

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use desk::{
    AccountChange, Asking, AuditQuery, Changed, Directory, DirectoryError, Extent,
    ExternalIdentity, GroupRules, LeaverLimit, NetId, Permit, Push, Refusal, Role, Secret,
    Settings, Source, SyncError, SyncReport, UserPage, Verdict, right,
};

use super::support::{World, empty_world, get, origin, secret};

/// A directory that says what it is told to.
#[derive(Debug, Default)]
pub(crate) struct List {
    people: Mutex<Vec<ExternalIdentity>>,
    trouble: Mutex<Option<DirectoryError>>,
    lookups: Mutex<Vec<String>>,
    /// Of each, whether it was for a browser that is known.
    known: Mutex<Vec<bool>>,
}

/// What the trait's methods give back.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl List {
    pub(crate) fn set(&self, people: &[ExternalIdentity]) {
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
    fn source(&self) -> Source {
        Source::Ldap
    }

    fn check<'a>(
        &'a self,
        netid: &'a NetId,
        password: &'a Secret,
        how: Asking,
    ) -> Boxed<'a, Result<Option<ExternalIdentity>, DirectoryError>> {
        self.lookups.lock().unwrap().push(netid.to_string());
        self.known.lock().unwrap().push(how.known);
        Box::pin(async move {
            self.ready()?;
            let people = self.people.lock().unwrap();
            let found = people.iter().find(|who| NetId::parse(&who.netid).as_ref() == Ok(netid));
            Ok(found
                .filter(|who| {
                    how.wanted && password.expose() == format!("{}'s password", who.netid)
                })
                .cloned())
        })
    }

    fn everybody(
        &self,
        _: Extent,
        to: tokio::sync::mpsc::Sender<Vec<ExternalIdentity>>,
    ) -> Boxed<'_, Result<(), DirectoryError>> {
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

pub(crate) fn person(netid: &str, groups: &[&str]) -> ExternalIdentity {
    ExternalIdentity {
        netid: netid.to_owned(),
        name: Some(format!("{netid} of the campus")),
        email: Some(format!("{netid}@example.edu")),
        groups: Some(named(groups)),
        id: None,
    }
}

async fn world() -> (World, Arc<List>) {
    world_with(GroupRules::default()).await
}

async fn world_with(groups: GroupRules) -> (World, Arc<List>) {
    let list = Arc::new(List::default());
    list.set(&[person("nora", &["desk"]), person("otto", &[]), person("pia", &[])]);
    let world = empty_world(Some(list.clone()), |settings| {
        // Tests take more people away than an identity system may.
        (settings.groups, settings.scim_max_leavers_per_hour) =
            (groups, LeaverLimit::Percent(100.0));
    })
    .await;
    world.console().load_demo().await.unwrap();
    (world, list)
}

async fn log_in(world: &World, netid: &str) -> Result<(), Refusal> {
    world.log_in(netid, &secret(&format!("{netid}'s password")), &origin()).await.map(|_| ())
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Groups of an identity system give rights, and it may take everybody away.
fn groups_are_pushed(settings: &mut Settings) {
    settings.scim_groups = true;
    settings.scim_max_leavers_per_hour = LeaverLimit::Percent(100.0);
    settings.groups = GroupRules {
        help_desk: named(&["Help-Desk"]),
        admin: named(&["desk-admins"]),
        privileged: named(&["staff", "help-desk"]),
        ..GroupRules::default()
    };
}

async fn sync(world: &World, limit: LeaverLimit) -> Result<SyncReport, SyncError> {
    world.source(desk::source::Directory).synchronise(false, limit, &origin(), &mut |_| {}).await
}

async fn page(world: &World, netid: &str) -> UserPage {
    world
        .user_page(&world.console().permit::<right::FindUsers>(netid).await.unwrap())
        .await
        .unwrap()
}

async fn rows(world: &World, subject: &str) -> Vec<String> {
    let query = AuditQuery { subject: subject.to_owned(), ..AuditQuery::default() };
    let rows = world.console().audit(&query).await.unwrap().rows;
    rows.into_iter()
        .map(|row| format!("{} {} {} {}", row.actor, row.action, row.outcome, row.detail))
        .collect()
}

/// What an identity system says of whom it has, or has no longer, and nothing else.
pub(crate) fn active(active: bool) -> Push {
    Push { name: None, name_parts: None, email: None, external_id: None, active: Some(active) }
}

/// What an administrator changes.
enum Set {
    Role(Role),
    Privileged(bool),
    Disabled(bool),
}

/// As an administrator does on somebody's page.
async fn administer(world: &World, netid: &str, set: Set) {
    let user = page(world, netid).await.user;
    let mut change = AccountChange::default();
    match set {
        Set::Role(to) => {
            change.role = Some(Changed {
                permit: world.console().permit(netid).await.unwrap(),
                from: user.role,
                to,
            });
        }
        Set::Privileged(to) => {
            change.privileged = Some(Changed {
                permit: world.console().permit(netid).await.unwrap(),
                from: user.privileged,
                to,
            });
        }
        Set::Disabled(to) => {
            change.disabled = Some(Changed {
                permit: world.console().permit(netid).await.unwrap(),
                from: user.disabled,
                to,
            });
        }
    }
    world.change_account(&change).await.unwrap();
}

/// The permit by which somebody from the directory makes tokens.
async fn own_permit(world: &World, netid: &str) -> Permit<right::ManageOwnTokens> {
    let own = "seven otters cross the weir";
    world.give_own(netid, own).await;
    let (cookie, _) =
        world.log_in(netid, &secret(&format!("{netid}'s password")), &origin()).await.unwrap();
    let visitor = world.look(&cookie).await.unwrap();
    world.confirm(&visitor, own).await.unwrap()
}

/// A token of somebody from the directory.
async fn token(world: &World, netid: &str) -> String {
    let permit = own_permit(world, netid).await;
    let (token, _) =
        world.create_token(&permit, super::support::new_token("a script")).await.unwrap();
    token.expose().to_owned()
}

async fn works(world: &World, token: &str) -> bool {
    matches!(world.verify(token, None, &get()).await, Verdict::Good(_))
}
