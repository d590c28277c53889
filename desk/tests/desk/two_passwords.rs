//! One password is not both of a person's: whichever of the two is changed, where the desk keeps
//! both. What a look costs, and when it is made: `desk/src/engine/passwords/tests.rs`.

use desk::{ImportError, ImportUser, NetId, Refusal, right};

use super::support::{World, origin, password_change, secret, world, world_with};

const NETID_PASSWORD: &str = "wandering otter parade";
const INITIAL: &str = "marble-otter-canyon-drift";

/// Gives somebody another NetID password, by the operator's file.
async fn import(world: &World, netid: &str, password: &str) -> Result<(), ImportError> {
    let user = ImportUser {
        netid: NetId::parse(netid).unwrap(),
        name: None,
        email: None,
        role: None,
        privileged: None,
        disabled: None,
        password: Some(secret(password)),
    };
    world.console().import_users(&[user]).await.map(drop)
}

#[tokio::test]
async fn nobody_chooses_their_netid_password_as_their_local_one() {
    let world = world_with(|settings| settings.first_password_self_service = true).await;
    import(&world, "sam", NETID_PASSWORD).await.unwrap();
    let (cookie, _) = world.log_in("sam", &secret(NETID_PASSWORD), &origin()).await.unwrap();
    // Typed with another space: the same password.
    for new in [NETID_PASSWORD, "wandering\u{a0}otter parade"] {
        let sam = world.look(&cookie).await.unwrap();
        let first = world
            .set_own_first_password(&sam, &password_change("", new, new), &origin())
            .await
            .unwrap_err();
        assert_eq!(first, Refusal::PasswordsSame, "{new}");
    }
    world.give_initial("sam", INITIAL).await;
    let sam = world.look(&cookie).await.unwrap();
    let change = |new: &str| password_change(INITIAL, new, new);
    let changed =
        world.change_own_password(&sam, &change(NETID_PASSWORD), &origin()).await.unwrap_err();
    assert_eq!(changed, Refusal::PasswordsSame);
    world.change_own_password(&sam, &change("quiet harbour walnut"), &origin()).await.unwrap();
}

#[tokio::test]
async fn whoever_sets_somebody_elses_does_not_learn_what_their_netid_password_is() {
    let world = world().await;
    import(&world, "sam", NETID_PASSWORD).await.unwrap();
    let permit = world.permit::<right::SetLocalPassword>("helen", Some("sam")).await.unwrap();
    let guess = secret(NETID_PASSWORD);
    world.set_local_password(&permit, &guess, &guess).await.unwrap();
    // The operator has the hashes in hand.
    let permit = world.console().permit::<right::SetLocalPassword>("sam").await.unwrap();
    world.console().set_local_password(&permit, &guess, &guess, false).await.unwrap();
    let permit = world.console().permit::<right::SetLocalPassword>("sam").await.unwrap();
    let own = world.console().set_local_password(&permit, &guess, &guess, true).await.unwrap_err();
    assert_eq!(own, Refusal::PasswordsSame);
}

#[tokio::test]
async fn nobody_is_given_their_local_password_as_their_netid_password() {
    let world = world().await;
    world.give_initial("sam", INITIAL).await;
    let refused = import(&world, "sam", INITIAL).await.unwrap_err();
    let ImportError::OfPeople { refused, .. } = &refused else { panic!("{refused:?}") };
    let sam = NetId::parse("sam").unwrap();
    assert_eq!(refused.as_slice(), [(sam, Refusal::PasswordsSame)]);
    import(&world, "sam", NETID_PASSWORD).await.unwrap();
}
