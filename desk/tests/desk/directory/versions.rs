//! What a directory's word changes ends what relied on what was there before; what it does not
//! change ends nothing.

use desk::{
    Cookie, ExternalIdentity, GroupRules, LeaverLimit, Permit, Refusal, Right, Role, Source, right,
};

use super::{List, active, page, person, sync, world_with};
use crate::support::{World, new_token, origin, role, secret};

const OWN: &str = "seven otters cross the weir";

/// Somebody from the directory in a session that their local password has just confirmed, with a
/// permit.
async fn confirmed<R: Right>(
    world: &World,
    netid: &str,
    subject: Option<&str>,
) -> (Cookie, Permit<R>) {
    if page(world, netid).await.local.set_at.is_none() {
        world.give_own(netid, OWN).await;
    }
    let (cookie, _) =
        world.log_in(netid, &secret(&format!("{netid}'s password")), &origin()).await.unwrap();
    let visitor = world.look(&cookie).await.unwrap();
    let permit =
        world.authorise::<R>(&visitor, subject, Some(&secret(OWN)), &origin()).await.unwrap();
    (permit.cookie().unwrap().clone(), permit)
}

async fn desk_of_admins() -> (World, std::sync::Arc<List>) {
    let (world, list) =
        world_with(GroupRules { admin: vec!["desk".to_owned()], ..GroupRules::default() }).await;
    sync(&world, LeaverLimit::default()).await.unwrap();
    (world, list)
}

fn renamed(netid: &str, groups: &[&str]) -> ExternalIdentity {
    ExternalIdentity { name: Some("Renamed".to_owned()), ..person(netid, groups) }
}

#[tokio::test]
async fn a_log_in_that_changes_the_name_leaves_a_confirmed_session_confirmed() {
    let (world, list) = desk_of_admins().await;
    let (cookie, permit) = confirmed::<right::ManageOwnTokens>(&world, "nora", None).await;
    list.set(&[renamed("nora", &["desk"])]);
    super::log_in(&world, "nora").await.unwrap();
    assert_eq!(page(&world, "nora").await.user.name, "Renamed");
    assert!(world.look(&cookie).await.unwrap().me().confirmed_until.is_some());
    world.create_token(&permit, new_token("under way")).await.unwrap();
}

#[tokio::test]
async fn so_does_a_synchronisation_and_an_identity_system() {
    let (world, list) = desk_of_admins().await;
    let (cookie, permit) = confirmed::<right::ManageOwnTokens>(&world, "nora", None).await;
    list.set(&[renamed("nora", &["desk"]), person("otto", &[]), person("pia", &[])]);
    assert_eq!(sync(&world, LeaverLimit::default()).await.unwrap().updated, 1);
    let push = desk::Push { external_id: Some("17".to_owned()), ..active(true) };
    world
        .source(desk::source::Scim)
        .push(&desk::NetId::parse("nora").unwrap(), &push, &origin())
        .await
        .unwrap();
    assert!(world.look(&cookie).await.unwrap().me().confirmed_until.is_some());
    world.create_token(&permit, new_token("under way")).await.unwrap();
}

#[tokio::test]
async fn a_log_in_that_changes_the_role_stops_a_permit_under_way() {
    let (world, list) = desk_of_admins().await;
    let (cookie, permit) = confirmed::<right::SetRole>(&world, "nora", Some("sam")).await;
    list.set(&[person("nora", &[])]);
    super::log_in(&world, "nora").await.unwrap();
    assert_eq!(
        world.change_account(&role(&permit, Role::Staff, Role::Rep)).await,
        Err(Refusal::ChangedMeanwhile)
    );
    assert_eq!(page(&world, "sam").await.user.role, Role::Staff);
    assert!(world.look(&cookie).await.unwrap().me().confirmed_until.is_none());
}

#[tokio::test]
async fn so_does_a_synchronisation_that_takes_the_role_or_the_person() {
    let (world, list) = desk_of_admins().await;
    let (_, permit) = confirmed::<right::SetRole>(&world, "nora", Some("sam")).await;
    list.set(&[person("nora", &[]), person("otto", &[]), person("pia", &[])]);
    sync(&world, LeaverLimit::Percent(100.0)).await.unwrap();
    assert_eq!(
        world.change_account(&role(&permit, Role::Staff, Role::Rep)).await,
        Err(Refusal::ChangedMeanwhile)
    );
    let operator = world.console().permit::<right::SetRole>("pia").await.unwrap();
    list.set(&[person("nora", &[]), person("otto", &[])]);
    sync(&world, LeaverLimit::default()).await.unwrap();
    assert_eq!(
        world.change_account(&role(&operator, Role::Staff, Role::Rep)).await,
        Err(Refusal::ChangedMeanwhile)
    );
}

#[tokio::test]
async fn who_is_disabled_already_and_leaves_is_no_other_than_before() {
    let (world, _) = desk_of_admins().await;
    super::administer(&world, "pia", super::Set::Disabled(true)).await;
    let operator = world.console().permit::<right::SetRole>("pia").await.unwrap();
    let pia = desk::NetId::parse("pia").unwrap();
    world.source(desk::source::Scim).push(&pia, &active(false), &origin()).await.unwrap();
    world.change_account(&role(&operator, Role::Staff, Role::Rep)).await.unwrap();
    assert_eq!(page(&world, "pia").await.source, Source::Ldap);
}
