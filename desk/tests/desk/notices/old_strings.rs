//! Tokens from Request Tracker end with their strings: their owners are told before, at each
//! threshold once, of all of theirs in one.

use desk::{GracePeriod, Notice, NoticeKind, NoticeSettings, RtImport, Settings, right};

use super::super::request_tracker::{TIA, bring, person, string, tias, token};
use super::super::support::{StoreFolder, World, get, origin, reopen, secret, world_with};
use super::{DAY, by_mail, hourly_mails, kinds_of, mails};

/// Rae's number in Request Tracker.
const RAE: u64 = 15;

/// A desk that sends mails, with these brought, on which strings end in thirty days.
async fn moved_in(import: &RtImport) -> World {
    let world = world_with(|settings| {
        by_mail(settings);
        settings.rt_strings_end = Some(settings.clock.now().plus_days(30));
    })
    .await;
    world.make_notices().await.unwrap();
    bring(&world, import).await;
    assert_eq!(mails(&world).await, [], "that they were brought is no news");
    world
}

#[tokio::test]
async fn nobody_is_told_of_what_was_brought() {
    let mut import = tias(2);
    let mut sam = person(20, "sam");
    sam.password = Some(secret("a722c63db8ec8625af6cf71cb8c2d939"));
    import.people.push(sam);
    let world = moved_in(&import).await;
    // What is made here is told.
    world.token("tia", "Ticket sync").await;
    assert_eq!(kinds_of(&mails(&world).await), [("tia", NoticeKind::TokenMade)]);
}

/// What is told of old strings now.
async fn of_old_strings(world: &World) -> Vec<Notice> {
    let mut notices = hourly_mails(world).await;
    notices.retain(|notice| notice.kind == NoticeKind::OldStringsEnd);
    notices
}

#[tokio::test]
async fn each_threshold_comes_once_and_tells_of_all_of_theirs() {
    let world = moved_in(&tias(3)).await;
    let mut all = Vec::new();
    for day in 1..=31 {
        world.clock.advance(DAY);
        for _ in 0..2 {
            for notice in hourly_mails(&world).await {
                let about = (notice.kind, notice.netid.as_str(), &notice.token);
                assert_eq!(about, (NoticeKind::OldStringsEnd, "tia", &None));
                assert_eq!(notice.by, "");
                all.push((day, notice.days_left.unwrap(), notice.detail));
            }
        }
    }
    let end = world.settings.rt_strings_end.unwrap().exact();
    let words = format!(
        "3 auth tokens of yours were made in Request Tracker: “cron 0”, “cron 1”, “cron 2”. Their \
         strings are taken until {end}, and then no longer. Renew on Auth Tokens makes a new one \
         in the place of each."
    );
    let expected = [(16, 14), (23, 7), (29, 1)].map(|(day, left)| (day, left, words.clone()));
    assert_eq!(all, expected);
}

#[tokio::test]
async fn of_missed_days_the_true_ones_are_told() {
    let world = moved_in(&tias(2)).await;
    world.clock.advance(26 * DAY);
    let left = |notices: Vec<Notice>| -> Vec<Option<i64>> {
        notices.iter().map(|notice| notice.days_left).collect()
    };
    assert_eq!(left(of_old_strings(&world).await), [Some(4)]);
    world.clock.advance(DAY);
    assert_eq!(left(of_old_strings(&world).await), [], "nothing of those that were missed");
    world.clock.advance(2 * DAY);
    assert_eq!(left(of_old_strings(&world).await), [Some(1)]);
}

#[tokio::test]
async fn what_ends_by_itself_before_that_is_told_as_any_other_and_what_ends_after_it_is_not() {
    let mut import = tias(3);
    let world = moved_in(&RtImport::default()).await;
    import.tokens[0].expires = Some(world.now().plus_days(20));
    import.tokens[1].expires = Some(world.now().plus_days(40));
    bring(&world, &import).await;
    let mut all = Vec::new();
    for day in 1..=39 {
        world.clock.advance(DAY);
        for notice in hourly_mails(&world).await {
            if notice.kind == NoticeKind::OldStringsEnd {
                let detail = &notice.detail;
                assert!(detail.contains("“cron 1”, “cron 2”. ") && !detail.contains("cron 0"));
            } else {
                let token = notice.token.as_ref().unwrap();
                assert_eq!((token.description.as_str(), token.from_rt), ("cron 0", true));
            }
            all.push((day, notice.kind));
        }
    }
    let expected = [
        (6, NoticeKind::TokenExpires),
        (13, NoticeKind::TokenIdle),
        (16, NoticeKind::OldStringsEnd),
        (23, NoticeKind::OldStringsEnd),
        (29, NoticeKind::OldStringsEnd),
    ];
    assert_eq!(all, expected);
}

#[tokio::test]
async fn what_was_renewed_or_revoked_before_it_is_sent_is_not_told() {
    let world = moved_in(&tias(2)).await;
    world.clock.advance(16 * DAY);
    world.make_notices_of_ending_tokens().await.unwrap();
    let mut tokens = world.own_tokens(&world.person("tia").await).await.unwrap();
    tokens.sort_by(|one, other| one.description.cmp(&other.description));
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    world.renew_token(&permit, tokens[0].id.as_str(), GracePeriod::NONE).await.unwrap();
    // Of the one that is left there is one to be told of.
    let notices = of_old_strings(&world).await;
    let [notice] = notices.as_slice() else { panic!("{notices:?}") };
    let about = notice.token.as_ref().unwrap();
    assert_eq!((&about.id, about.from_rt), (&tokens[1].id, true));
    assert_eq!((about.expires, notice.days_left), (world.settings.rt_strings_end, Some(14)));
    assert!(notice.detail.starts_with("Your auth token “cron 1” was made"), "{}", notice.detail);
    world.clock.advance(7 * DAY);
    world.make_notices_of_ending_tokens().await.unwrap();
    world.revoke("tia", &tokens[1]).await;
    assert_eq!(of_old_strings(&world).await, []);
}

#[tokio::test]
async fn who_is_brought_later_is_told_and_who_was_told_is_not_told_again() {
    let world = moved_in(&tias(1)).await;
    world.clock.advance(16 * DAY);
    assert_eq!(kinds_of(&of_old_strings(&world).await), [("tia", NoticeKind::OldStringsEnd)]);
    world.clock.advance(DAY);
    let raes = RtImport {
        people: vec![person(RAE, "rae")],
        tokens: vec![token(RAE, 1)],
        ..RtImport::default()
    };
    bring(&world, &raes).await;
    let notices = of_old_strings(&world).await;
    assert_eq!(kinds_of(&notices), [("rae", NoticeKind::OldStringsEnd)]);
    assert_eq!(notices[0].days_left, Some(13));
    assert_eq!(of_old_strings(&world).await, []);
}

#[tokio::test]
async fn a_day_that_is_moved_is_told_anew_and_the_former_one_is_not_told() {
    let folder = StoreFolder::from(tempfile::tempdir().unwrap());
    let clock = desk::Clock::standing();
    let open = async |days: i64| {
        let settings = Settings {
            store: format!("rocksdb://{}", folder.path().join("store").display()),
            demo: true,
            hash_memory_kib: 64,
            hash_passes: 1,
            notices: NoticeSettings { mail: true, ..NoticeSettings::default() },
            rt_strings_end: Some(clock.now().plus_days(days)),
            clock: clock.clone(),
            ..Settings::default()
        };
        reopen(settings).await
    };
    let first = open(10).await;
    first.console().load_demo().await.unwrap();
    first.make_notices().await.unwrap();
    bring(&first, &tias(1)).await;
    first.make_notices_of_ending_tokens().await.unwrap();
    assert_eq!(first.notices_waiting().await.unwrap().waiting, 1);
    first.close().await;
    drop(first);
    // What waits of the former day is forgotten, and made again where that is the day after all.
    for (days, expected) in [(12, &[Some(12)][..]), (10, &[Some(10)]), (12, &[]), (10, &[])] {
        let desk = open(days).await;
        let notices = hourly_mails(&desk).await;
        let left: Vec<Option<i64>> = notices.iter().map(|notice| notice.days_left).collect();
        assert_eq!(left, expected, "{days}");
        desk.close().await;
    }
}

#[tokio::test]
async fn a_calendar_has_the_day_on_which_the_string_ends() {
    let world = moved_in(&tias(1)).await;
    let verdict = world.verify(&string(TIA, 0), None, &get()).await;
    assert!(matches!(verdict, desk::Verdict::Good(_)), "{verdict:?}");
    let tia = world.person("tia").await;
    let secret = world.new_calendar_address(&tia, &origin()).await.unwrap();
    let entries = world.calendar(secret.expose()).await.unwrap().unwrap();
    let ends: Vec<_> = entries.iter().map(|entry| Some(entry.expires)).collect();
    assert_eq!(ends, [world.settings.rt_strings_end]);
    world.clock.advance(30 * DAY);
    assert_eq!(world.calendar(secret.expose()).await.unwrap(), Some(Vec::new()));
}
