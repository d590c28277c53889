//! **Save account** on a person's page: what the form has not seen it does not change.

use desk::{AccountState, AuditQuery, Denied, Helper, Refusal, Role, right};

use crate::support::{Answer, Request, World, world};

const OWN: &str = "ada-local-password";

/// What dave's form was drawn from, and what it wants: a role, and the boxes that are ticked.
fn dave(
    role: &'static str,
    more: &[(&'static str, &'static str)],
) -> Vec<(&'static str, &'static str)> {
    let seen = [
        ("netid", "dave"),
        ("role", role),
        ("was_role", "staff"),
        ("was_privileged", "true"),
        ("privileged", "true"),
    ];
    seen.iter().chain(more).copied().collect()
}

async fn administer(world: &World, netid: &str, fields: &[(&str, &str)]) -> Answer {
    let cookie = world.log_in(netid).await;
    world.send(Request::form("/fn/change_account", fields).cookie(&cookie)).await
}

async fn state(world: &World, netid: &str) -> AccountState {
    let permit = world.desk.console().permit::<right::FindUsers>(netid).await.unwrap();
    AccountState::from(permit.person().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_what_was_seen_nothing_is_changed() {
    let world = world().await;
    let before = state(&world, "dave").await;
    let whole = [("was_role", "staff"), ("was_privileged", "true"), ("was_disabled", "true")];
    for missing in 0..=whole.len() {
        let mut fields = vec![("netid", "dave"), ("role", "staff"), ("own_password", OWN)];
        fields.extend(
            whole
                .iter()
                .enumerate()
                .filter(|(n, _)| missing < whole.len() && *n != missing)
                .map(|(_, field)| *field),
        );
        let answer = administer(&world, "ada", &fields).await;
        assert_eq!((answer.status, answer.refusal()), (400, Refusal::Unreadable), "{fields:?}");
    }
    for unreadable in [("was_privileged", "perhaps"), ("was_disabled", "")] {
        let fields = [
            &[("netid", "dave"), ("role", "staff"), ("own_password", OWN), unreadable][..],
            &whole[..1],
        ]
        .concat();
        assert_eq!(administer(&world, "ada", &fields).await.status, 400, "{unreadable:?}");
    }
    assert_eq!(state(&world, "dave").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_form_is_told_what_changed_and_enables_no_leaver() {
    let world = world().await;
    let now = state(&world, "dave").await;
    assert!(now.disabled);
    let was = AccountState { disabled: false, ..now };
    // Drawn while dave was enabled; it wants a role, and then to change nothing at all.
    for role in ["rep", "staff"] {
        let answer = administer(
            &world,
            "ada",
            &dave(role, &[("was_disabled", "false"), ("own_password", OWN)]),
        )
        .await;
        assert_eq!(
            (answer.status, answer.refusal()),
            (409, Refusal::AccountChanged { was, now }),
            "{role}"
        );
        assert!(
            answer
                .refusal()
                .to_string()
                .starts_with("Meanwhile the account was disabled (Disabled: no → yes).")
        );
    }
    assert_eq!(state(&world, "dave").await, now);
    // Who has seen it may.
    let answer =
        administer(&world, "ada", &dave("rep", &[("was_disabled", "true"), ("own_password", OWN)]))
            .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        state(&world, "dave").await,
        AccountState { role: Role::Rep, privileged: true, disabled: false }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_property_that_was_seen_otherwise_is_a_stale_form() {
    let world = world().await;
    let now = state(&world, "tia").await;
    for (role, privileged, disabled) in
        [("help_desk", "true", "false"), ("staff", "false", "false"), ("staff", "true", "true")]
    {
        let seen = [("was_role", role), ("was_privileged", privileged), ("was_disabled", disabled)];
        let fields =
            [
                &[
                    ("netid", "tia"),
                    ("role", "admin"),
                    ("privileged", "true"),
                    ("own_password", OWN),
                ][..],
                &seen,
            ]
            .concat();
        let answer = administer(&world, "ada", &fields).await;
        assert_eq!(answer.status, 409, "{seen:?}");
        assert!(
            matches!(answer.refusal(), Refusal::AccountChanged { now: named, .. } if named == now),
            "{seen:?}"
        );
    }
    assert_eq!(state(&world, "tia").await, now);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_change_is_refused_like_any_other() {
    let world = world().await;
    let seen = [("privileged", "true"), ("was_privileged", "true"), ("was_disabled", "false")];
    let ada = [&[("netid", "ada"), ("role", "admin"), ("was_role", "admin")][..], &seen].concat();
    for (netid, denied) in [
        ("sam", Denied::RoleTooLow),
        ("rae", Denied::RoleTooLow),
        ("helen", Denied::RoleTooLow),
        ("ada", Denied::OwnAccount(Helper::Operator)),
    ] {
        let answer = administer(&world, netid, &ada).await;
        assert_eq!(
            (answer.status, answer.refusal()),
            (403, Refusal::NotAllowed(denied)),
            "{netid}"
        );
    }
    let sam = [&[("netid", "sam"), ("role", "staff"), ("was_role", "staff")][..], &seen].concat();
    assert_eq!(
        administer(&world, "ada", &sam).await.status,
        200,
        "who may change it is told that nothing was"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_the_page_comes_again_as_it_is_now_and_says_why() {
    let world = world().await;
    let session = format!("latchkey={}", world.log_in("ada").await.expose());
    let fields = dave("rep", &[("was_disabled", "false"), ("own_password", OWN)]);
    let answer = world
        .send(
            Request::plain_form("/fn/change_account?from=/admin/users/dave", &fields)
                .header("cookie", &session),
        )
        .await;
    assert_eq!(
        (answer.status, answer.header("location").as_deref()),
        (303, Some("/admin/users/dave"))
    );
    let given: Vec<String> = answer
        .headers("set-cookie")
        .into_iter()
        .map(|cookie| cookie.split(';').next().unwrap().to_owned())
        .collect();
    let kept = if given.iter().any(|cookie| cookie.starts_with("latchkey=")) {
        String::new()
    } else {
        session
    };
    let cookies = given
        .into_iter()
        .chain(Some(kept).filter(|kept| !kept.is_empty()))
        .collect::<Vec<_>>()
        .join("; ");
    let page = world
        .send(Request::get("/admin/users/dave").page().header("cookie", &cookies))
        .await
        .text();
    assert!(page.contains("Meanwhile the account was disabled (Disabled: no → yes)."), "{page}");
    let field = |name: &str| {
        let at =
            page.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no {name} in {page}"));
        let (start, end) = (page[..at].rfind('<').unwrap(), at + page[at..].find('>').unwrap());
        page[start..end].to_owned()
    };
    assert!(field("was_disabled").contains("value=\"true\""), "{}", field("was_disabled"));
    assert!(field("disabled").contains(" checked"), "{}", field("disabled"));
    assert!(field("was_role").contains("value=\"staff\""), "{}", field("was_role"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_password_confirms_the_session_once_whatever_it_pays_for() {
    let world = world().await;
    let fields = [
        ("netid", "tia"),
        ("role", "rep"),
        ("was_role", "staff"),
        ("was_privileged", "true"),
        ("disabled", "true"),
        ("was_disabled", "false"),
        ("own_password", OWN),
    ];
    assert_eq!(administer(&world, "ada", &fields).await.status, 200);
    assert_eq!(
        state(&world, "tia").await,
        AccountState { role: Role::Rep, privileged: false, disabled: true }
    );
    let query = AuditQuery {
        action: "session confirmed with the local password".to_owned(),
        ..AuditQuery::default()
    };
    let rows = world.desk.console().audit(&query).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>(), ["ada"]);
}
