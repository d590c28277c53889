//! What becomes of each person and each token.

use super::*;
use crate::engine::identity::fixtures::{netid, user};

const NOW: Moment = Moment(1_000_000);
/// Nothing is left out.
const NOTHING: [(Option<u64>, LeftOutWhy); 0] = [];

const HASH: &str = "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeOFXDzW4EQy1wzwicdgINX2hhEY/gyBC";

fn person(id: u64, name: &str) -> RtPerson {
    RtPerson {
        id,
        name: name.to_owned(),
        real_name: format!("{name} Doe"),
        email: format!("{name}@example.edu"),
        password: Some(Secret::new("9e027b265c557633e962b5f715634a47".to_owned())),
        disabled: false,
        privileged: true,
        created: None,
    }
}

fn token(id: u64, owner: u64) -> RtToken {
    RtToken {
        id,
        owner,
        hash: Secret::new(HASH.to_owned()),
        description: "cron".to_owned(),
        created: Some(Moment(5)),
        created_by: owner,
        last_used: None,
        expires: None,
    }
}

/// The plan of one person with one token, beside whoever is here.
fn plan(person: RtPerson, token: RtToken, here: &[User]) -> RtPlan {
    let import = RtImport {
        people: vec![person],
        tokens: vec![token],
        passwords: true,
        ..RtImport::default()
    };
    drawn(&import, here, &HashSet::new()).0
}

fn drawn<'a>(
    import: &'a RtImport,
    here: &[User],
    brought: &HashSet<String>,
) -> (RtPlan, Vec<Step<'a>>) {
    drawn_beside(import, here, brought, &HashSet::new())
}

/// As [`drawn`], where these tokens were brought for others.
fn drawn_beside<'a>(
    import: &'a RtImport,
    here: &[User],
    brought: &HashSet<String>,
    of_others: &HashSet<String>,
) -> (RtPlan, Vec<Step<'a>>) {
    let users = here.iter().map(|user| (user.person.netid.clone(), user.clone())).collect();
    let reserved = &ReservedNames::default();
    draw(import, &Present { users: &users, brought, of_others, reserved, now: NOW })
}

fn reasons(plan: &RtPlan) -> Vec<(Option<u64>, LeftOutWhy)> {
    plan.left_out.iter().map(|left_out| (left_out.token, left_out.why)).collect()
}

#[test]
fn whoever_has_no_account_gets_one_with_password_and_tokens() {
    let plan = plan(person(14, "tia"), token(3, 14), &[]);
    let tia = PlannedPerson {
        netid: netid("tia"),
        rt_name: "tia".to_owned(),
        role: None,
        what: PlannedWhat::MakeAccount,
        brings_password: true,
        disabled: false,
        tokens: 1,
    };
    assert_eq!((plan.people.as_slice(), plan.tokens_new), ([tia].as_slice(), 1));
    assert_eq!(reasons(&plan), NOTHING);
}

#[test]
fn a_name_that_is_no_netid_comes_by_the_map_alone() {
    for name in ["Tia", "tia@example.edu", "t ia", ""] {
        let mut import = RtImport {
            people: vec![person(14, name)],
            tokens: vec![token(3, 14)],
            ..RtImport::default()
        };
        let none = HashSet::new();
        let why = [(None, LeftOutWhy::NoNetId), (Some(3), LeftOutWhy::OwnerLeftOut)];
        assert_eq!(reasons(&drawn(&import, &[], &none).0), why, "{name}");
        import.map.insert(name.to_owned(), Some(netid("tia")));
        let (plan, _) = drawn(&import, &[], &none);
        assert_eq!((plan.people[0].netid.as_str(), plan.tokens_new), ("tia", 1));
        import.map.insert(name.to_owned(), None);
        let why = [(None, LeftOutWhy::ByMap), (Some(3), LeftOutWhy::OwnerLeftOut)];
        assert_eq!(reasons(&drawn(&import, &[], &none).0), why, "{name}");
    }
}

#[test]
fn two_names_of_one_netid_and_reserved_ones_are_left_out() {
    let mut import = RtImport {
        people: vec![person(14, "tia"), person(15, "Tia"), person(1, "RT_System")],
        ..RtImport::default()
    };
    import.people.extend([person(6, "Nobody"), person(12, "root")]);
    import.map.insert("Tia".to_owned(), Some(netid("tia")));
    let (plan, steps) = drawn(&import, &[], &HashSet::new());
    assert!(plan.people.is_empty() && steps.is_empty());
    let whys: Vec<_> = reasons(&plan).into_iter().map(|(_, why)| why).collect();
    assert_eq!(whys, [LeftOutWhy::SameNetId, LeftOutWhy::SameNetId, LeftOutWhy::Reserved]);
}

#[test]
fn who_is_here_stays_as_they_are_and_gets_what_they_may_have() {
    use LeftOutWhy as W;
    let of = |change: fn(&mut User), there: fn(&mut RtPerson)| {
        let (mut tia, mut person) = (user("tia"), person(14, "tia"));
        change(&mut tia);
        there(&mut person);
        let plan = plan(person, token(3, 14), &[tia]);
        assert_eq!(plan.people[0].what, PlannedWhat::Already);
        assert_eq!(plan.people[0].brings_password, plan.left_out.is_empty());
        reasons(&plan)
    };
    assert_eq!(of(|_| {}, |_| {}), NOTHING);
    let both = |why| [(None, why), (Some(3), why)];
    let disabled = of(|user| user.person.disabled = true, |_| {});
    assert_eq!(disabled, both(W::AccountDisabled));
    let unprivileged = of(|user| user.person.privileged = false, |_| {});
    assert_eq!(unprivileged, both(W::NotPrivileged));
    let there = of(|_| {}, |person| person.disabled = true);
    assert_eq!(there, both(W::DisabledThere));
    let has = of(|user| user.person.local = LocalState::Own, |_| {});
    assert_eq!(has, [(None, W::HasLocalPassword)]);
    let form = of(|_| {}, |person| person.password = Some(Secret::new("plain".to_owned())));
    assert_eq!(form, [(None, W::PasswordUnknown)]);
    let dear =
        of(|_| {}, |person| person.password = Some(Secret::new(HASH.replace("!04!", "!13!"))));
    assert_eq!(dear, [(None, W::HashTooDear)]);
}

#[test]
fn no_password_comes_for_whoever_has_a_role_here_and_their_tokens_do() {
    for role in Role::ALL {
        let mut here = user("tia");
        here.person.role = role;
        let plan = plan(person(14, "tia"), token(3, 14), &[here]);
        let tia = &plan.people[0];
        assert_eq!(
            (tia.role, tia.brings_password, tia.tokens),
            (Some(role), role == Role::Staff, 1)
        );
        let expected: &[(Option<u64>, LeftOutWhy)] =
            if role == Role::Staff { &[] } else { &[(None, LeftOutWhy::HasRole)] };
        assert_eq!(reasons(&plan), expected);
    }
}

#[test]
fn who_is_disabled_there_and_new_here_gets_a_disabled_account() {
    let gone = RtPerson { disabled: true, ..person(14, "tia") };
    let plan = plan(gone, token(3, 14), &[]);
    let tia = &plan.people[0];
    assert!(tia.disabled && !tia.brings_password && tia.tokens == 1, "{plan:?}");
    let unprivileged = RtPerson { privileged: false, ..person(14, "tia") };
    let plan = self::plan(unprivileged, token(3, 14), &[]);
    let why = LeftOutWhy::NotPrivileged;
    assert_eq!(reasons(&plan), [(None, why), (Some(3), why)]);
}

#[test]
fn tokens_that_do_not_come_say_why() {
    use LeftOutWhy as W;
    let of = |change: fn(&mut RtToken)| {
        let mut token = token(3, 14);
        change(&mut token);
        reasons(&plan(person(14, "tia"), token, &[]))
    };
    let none = |token: &mut RtToken| token.hash = Secret::new("!sha512!a!b".to_owned());
    assert_eq!(of(none), [(Some(3), W::HashUnknown)]);
    let dear = |token: &mut RtToken| token.hash = Secret::new(HASH.replace("!04!", "!13!"));
    assert_eq!(of(dear), [(Some(3), W::HashTooDear)]);
    assert_eq!(of(|token| token.expires = Some(NOW)), [(Some(3), W::Expired)]);
    assert_eq!(of(|token| token.expires = Some(Moment(NOW.0 + 1))), NOTHING);
    assert_eq!(of(|token| token.owner = 99), [(Some(3), W::OwnerUnknown)]);
}

#[test]
fn what_stands_there_twice_comes_once_and_what_is_two_peoples_not_at_all() {
    use LeftOutWhy as W;
    let bare = |id, name| RtPerson { password: None, ..person(id, name) };
    let mut import = RtImport {
        people: vec![bare(14, "tia"), bare(15, "sam")],
        tokens: vec![token(3, 14), token(3, 14), token(4, 14), token(5, 15), token(4, 15)],
        ..RtImport::default()
    };
    let none = HashSet::new();
    let (plan, steps) = drawn(&import, &[], &none);
    let why = [(Some(3), W::Twice), (Some(4), W::OfAnother), (Some(4), W::OfAnother)];
    assert_eq!((reasons(&plan), plan.tokens_new), (why.to_vec(), 2));
    assert_eq!(steps.iter().map(|step| step.tokens.len()).collect::<Vec<_>>(), [1, 1]);
    // One that was brought for somebody else is theirs.
    import.tokens = vec![token(3, 14), token(5, 15)];
    let of_others: HashSet<String> = [id_of(&import.tokens[0]).to_string()].into();
    let (plan, _) = drawn_beside(&import, &[], &none, &of_others);
    assert_eq!((reasons(&plan), plan.tokens_new), (vec![(Some(3), W::OfAnother)], 1));
}

#[test]
fn numbers_that_no_request_tracker_gives_are_left_out() {
    use LeftOutWhy as W;
    let most = u64::from(u32::MAX);
    let of = |id, token_id| reasons(&plan(person(id, "tia"), token(token_id, id), &[]));
    assert_eq!(of(most, i64::MAX as u64), NOTHING);
    assert_eq!(of(most + 1, 3), [(None, W::NumberTooLarge), (Some(3), W::OwnerLeftOut)]);
    let large = i64::MAX as u64 + 1;
    assert_eq!(of(14, large), [(Some(large), W::NumberTooLarge)]);
}

#[test]
fn what_was_brought_is_not_brought_again() {
    let tia = RtPerson { password: None, ..person(14, "tia") };
    let import = RtImport { people: vec![tia], tokens: vec![token(3, 14)], ..RtImport::default() };
    let brought: HashSet<String> = [id_of(&import.tokens[0]).to_string()].into();
    let (plan, steps) = drawn(&import, &[user("tia")], &brought);
    assert_eq!((plan.tokens_new, plan.tokens_already, steps.len()), (0, 1, 0));
    let mut here = user("tia");
    let import = RtImport { people: vec![person(14, "tia")], passwords: true, ..import };
    here.local_hash = import.people[0].password.as_ref().map(kept);
    here.person.local = LocalState::Own;
    assert_eq!(reasons(&drawn(&import, &[here], &brought).0), NOTHING);
}

#[test]
fn descriptions_are_made_fit_and_others_tokens_named() {
    let (long, cut) = ("x".repeat(300), "x".repeat(255));
    for (text, is) in [
        (" cron ", "cron"),
        ("a\tb\u{202e}c", "a bc"),
        ("", NO_DESCRIPTION),
        (long.as_str(), cut.as_str()),
    ] {
        assert_eq!(description(text), is);
    }
    let odd = RtToken {
        description: "a\nb".to_owned(),
        created_by: 12,
        created: Some(Moment(NOW.0 + 1)),
        last_used: Some(Moment(7)),
        ..token(3, 14)
    };
    let import =
        RtImport { people: vec![person(14, "tia")], tokens: vec![odd], ..RtImport::default() };
    let (plan, steps) = drawn(&import, &[], &HashSet::new());
    assert_eq!((plan.descriptions_changed, plan.made_by_others), (1, vec![3]));
    let token = &steps[0].tokens[0];
    assert_eq!((token.created, token.used_at), (NOW, Some(Moment(7))));
}

#[test]
fn each_token_has_an_id_of_its_own_that_nothing_presented_has() {
    let other_hash = RtToken { hash: Secret::new(format!("{HASH}x")), ..token(3, 14) };
    let all = [token(3, 14), token(4, 14), other_hash].map(|token| id_of(&token));
    assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2]);
    assert_eq!(all[0], id_of(&token(3, 15)));
    assert_eq!(all[0].as_str(), sha256_hex(format!("latchkey:rt-token:{HASH}:3").as_bytes()));
}
