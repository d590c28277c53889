//! People pushed by an identity system.

use desk::{GroupRules, NetId, Push, PushError};

use super::{page, rows, world, world_with};
use crate::support::origin;

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
