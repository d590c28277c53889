//! A password is the same however its letters are typed, and every letter there is will do.

use desk::{ImportUser, NetId, Refusal, Visitor};

use super::support::{World, empty_world_with, origin, password_change, secret, world};

async fn confirms(world: &World, visitor: &Visitor, password: &str) -> Result<(), Refusal> {
    world.confirm(visitor, password).await.map(|_| ())
}

/// Pairs of one password as two keyboards type it.
const SAME: &[(&str, &str)] = &[
    ("caf\u{e9} wandering otter", "cafe\u{301} wandering otter"),
    (
        "\u{d55c}\u{ae00} \u{c218}\u{b2ec} \u{c0b0}\u{cc45} \u{ad6c}\u{b984} \u{bb38}",
        "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}\u{a0}\u{1109}\u{116e}\u{1103}\u{1161}\u{11af} \u{1109}\u{1161}\u{11ab}\u{110e}\u{1162}\u{11a8} \u{1100}\u{116e}\u{1105}\u{1173}\u{11b7} \u{1106}\u{116e}\u{11ab}",
    ),
    ("wandering otter parade", "wandering\u{a0}otter\u{3000}parade"),
    ("\u{1e9e}traßenbahn mit otter", "\u{1e9e}traßenbahn\u{202f}mit otter"),
    ("otter 🦦👩\u{200d}🚀🫠 wandert heim", "otter\u{2003}🦦👩\u{200d}🚀🫠 wandert heim"),
];

#[tokio::test]
async fn however_it_is_typed_it_is_one_password() {
    for (one, other) in SAME {
        for (set, typed) in [(one, other), (other, one)] {
            let world = world().await;
            let tia = world.person("tia").await;
            // The second field may come from another keyboard than the first.
            let cookie = world
                .change_own_password(
                    &tia,
                    &password_change("tia-local-password", set, typed),
                    &origin(),
                )
                .await
                .unwrap();
            let tia = world.look(&cookie).await.unwrap();
            let unchanged = world
                .change_own_password(&tia, &password_change(typed, set, typed), &origin())
                .await
                .unwrap_err();
            assert_eq!(unchanged, Refusal::PasswordUnchanged, "{set}");
            confirms(&world, &tia, typed).await.unwrap();
            let tia = world.person("tia").await;
            confirms(&world, &tia, set).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_only_resembles_it_is_another() {
    for (set, resembling) in [
        ("\u{1e9e}traßenbahn mit otter", "SStraßenbahn mit otter"),
        ("straßenbahn mit otter", "strassenbahn mit otter"),
        ("wandering otter ﬁ parade", "wandering otter fi parade"),
        ("wandering otter parade", "Wandering otter parade"),
        ("wandering otter parade", "wandering  otter parade"),
        ("otter 👩\u{200d}🚀 wandert heim", "otter 👩🚀 wandert heim"),
    ] {
        let world = world().await;
        let tia = world.person("tia").await;
        let cookie = world
            .change_own_password(&tia, &password_change("tia-local-password", set, set), &origin())
            .await
            .unwrap();
        let tia = world.look(&cookie).await.unwrap();
        assert_eq!(
            confirms(&world, &tia, resembling).await,
            Err(Refusal::OwnPasswordIncorrect),
            "{resembling}"
        );
    }
}

#[tokio::test]
async fn a_netid_password_is_one_however_it_is_typed() {
    for (one, other) in SAME {
        let world = empty_world_with(|_| {}).await;
        let netid = NetId::parse("zoe").unwrap();
        let zoe = ImportUser {
            netid,
            name: Some("Zoë".into()),
            email: None,
            role: None,
            privileged: Some(true),
            disabled: None,
            password: Some(secret(one)),
        };
        world.console().import_users(&[zoe]).await.unwrap();
        for typed in [one, other] {
            world.log_in("zoe", &secret(typed), &origin()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_longer_than_any_password_is_refused_and_counted_like_a_wrong_one() {
    let world = world().await;
    let tia = world.person("tia").await;
    let long = "x y".repeat(100_000);
    let new = "wandering otter parade";
    assert_eq!(
        world
            .change_own_password(
                &tia,
                &password_change("tia-local-password", &long, &long),
                &origin()
            )
            .await
            .unwrap_err(),
        Refusal::PasswordTooLong
    );
    assert_eq!(
        world
            .change_own_password(&tia, &password_change(&long, new, new), &origin())
            .await
            .unwrap_err(),
        Refusal::CurrentPasswordIncorrect
    );
    assert_eq!(confirms(&world, &tia, &long).await, Err(Refusal::OwnPasswordIncorrect));
    assert_eq!(
        world.last_audit("tia").await,
        ("password.check".into(), "refused".into(), "password-incorrect".into())
    );
    for netid in ["tia", "nobody"] {
        assert_eq!(
            world.log_in(netid, &secret(&long), &origin()).await.unwrap_err(),
            Refusal::LoginIncorrect
        );
    }
    assert_eq!(
        world.judge_password(&tia, None, &secret(&long), &origin()).await.unwrap().refused,
        Some(Refusal::PasswordTooLong)
    );
}
