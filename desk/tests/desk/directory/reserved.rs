//! By a reserved name nobody is made, by whichever door.

use desk::{
    ImportError, ImportUser, LeaverLimit, LoginContext, NetId, Push, PushError, Refusal,
    ReservedNames, Role, Source,
};

use super::{log_in, person, rows, sync, world};
use crate::support::{empty_world_with, origin};

fn reserved(netid: &str) -> Refusal {
    Refusal::NetIdReserved { netid: netid.to_owned() }
}

fn import(netid: &str) -> ImportUser {
    ImportUser {
        netid: NetId::parse(netid).unwrap(),
        name: Some("Root".to_owned()),
        email: None,
        role: Some(Role::Staff),
        privileged: Some(true),
        disabled: None,
        password: None,
    }
}

fn pushed() -> Push {
    Push {
        name: Some("Root".to_owned()),
        name_parts: None,
        email: None,
        external_id: None,
        active: Some(true),
    }
}

#[tokio::test]
async fn every_door_refuses_it() {
    let (world, list) = world().await;
    for name in
        ["root", "nobody", "rt_system", "admin", "www-data", "daemon", "latchkey", "administrator"]
    {
        let netid = NetId::parse(name).unwrap();
        let written = |error| {
            matches!(
                error, ImportError::OfPeople { refused, .. } if refused == [(
                    netid.clone(), reserved(name),
                )],
            )
        };
        assert!(
            written(
                world.console().import_users(&[import("vic"), import(name)]).await.unwrap_err()
            ),
            "{name}"
        );
        assert!(written(world.console().plan_import(&[import(name)]).await.unwrap_err()), "{name}");
        let refused = world.source(desk::source::Scim).push_new(&netid, &pushed(), &origin()).await;
        assert_eq!(refused, Err(PushError::Refused(reserved(name))), "{name}");
        for source in [Source::Oidc, Source::Proxy] {
            // However it is written.
            let who = person(&format!(" {} ", name.to_uppercase()), &[]);
            let refused =
                world.log_in_vouched(&who, source, &LoginContext::default(), &origin()).await;
            assert_eq!(refused.unwrap_err(), reserved(name));
            assert_eq!(
                rows(&world, name).await[0],
                format!("{name} log-in refused netid-reserved")
            );
        }
        list.set(&[
            person("nora", &[]),
            person("otto", &[]),
            person("pia", &[]),
            person(name, &[]),
        ]);
        assert_eq!(log_in(&world, name).await, Err(reserved(name)));
        let report = sync(&world, LeaverLimit::default()).await.unwrap();
        assert!(
            report
                .faults
                .iter()
                .any(|fault| fault.starts_with(&format!("{name} is a reserved name"))),
            "{:?}",
            report.faults
        );
    }
    let there = world.console().list_users("", 1000).await.unwrap();
    assert_eq!(there.len(), 7 + 3, "{there:?}");
}

#[tokio::test]
async fn who_is_there_already_stays_and_is_told_of() {
    let world =
        empty_world_with(|settings| settings.reserved_netids = ReservedNames::parse(&[]).unwrap())
            .await;
    world.console().import_users(&[import("admin"), import("kim")]).await.unwrap();
    assert_eq!(world.console().people_of_reserved_names().await.unwrap(), []);
    let names = ReservedNames::parse(&["Admin ".to_owned(), "root".to_owned()]).unwrap();
    // Two programs at one store would be two stores in memory: only what is told is looked at
    // again.
    let settings = desk::Settings {
        reserved_netids: names.clone(),
        node: "again".to_owned(),
        ..world.settings.clone()
    };
    if settings.store.starts_with("ws") {
        let again = desk::Desk::open(settings).await.unwrap();
        assert_eq!(
            again.console().people_of_reserved_names().await.unwrap(),
            [NetId::parse("admin").unwrap()]
        );
        let renamed = ImportUser { name: Some("Adam Min".to_owned()), ..import("admin") };
        assert_eq!(again.console().import_users(&[renamed]).await.unwrap().updated, 1);
    }
    assert_eq!(names.names().iter().map(NetId::as_str).collect::<Vec<_>>(), ["admin", "root"]);
}

#[tokio::test]
async fn whom_an_identity_system_has_deleted_is_not_made_again_by_such_a_name() {
    let world = empty_world_with(|settings| {
        settings.reserved_netids = ReservedNames::parse(&["kim".to_owned()]).unwrap();
    })
    .await;
    let kim = NetId::parse("kim").unwrap();
    assert_eq!(
        world.source(desk::source::Scim).push_new(&kim, &pushed(), &origin()).await,
        Err(PushError::Refused(reserved("kim")))
    );
}

#[test]
fn what_is_no_netid_is_nobodys_name_anyway() {
    assert!(ReservedNames::parse(&["(console)".to_owned()]).is_err());
    assert!(ReservedNames::default().names().iter().any(|name| name.as_str() == "root"));
}
