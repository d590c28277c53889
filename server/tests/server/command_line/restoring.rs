//! `latchkey token restore`: of one person, and of all whom an identity system took away.

use desk::{Desk, NetId, Origin, Push, Settings, source};
use serde_json::Value;
use testkit::forms::new_token;

use crate::support::{Ended, Latchkey, origin, secret};

const NEW: &str = "seven otters cross the weir";

fn push(name: Option<&str>, active: bool) -> Push {
    Push {
        name: name.map(str::to_owned),
        name_parts: None,
        email: None,
        external_id: None,
        active: Some(active),
    }
}

/// A token of each of these people, whom an identity system has pushed.
pub(crate) async fn made(desk: &Desk, netids: &[&str]) -> Vec<String> {
    let mut tokens = Vec::new();
    for netid in netids {
        let scim = desk.source(source::Scim);
        scim.push_new(&NetId::parse(netid).unwrap(), &push(Some(netid), true), &origin())
            .await
            .unwrap();
        let own = secret(NEW);
        desk.console()
            .set_local_password(&desk.console().permit(netid).await.unwrap(), &own, &own, true)
            .await
            .unwrap();
        let who = desk::ExternalIdentity {
            netid: (*netid).to_owned(),
            ..desk::ExternalIdentity::default()
        };
        let (cookie, _) = desk
            .log_in_vouched(&who, desk::Source::Proxy, &desk::LoginContext::default(), &origin())
            .await
            .unwrap();
        let visitor = desk.visitor(&cookie, &origin()).await.unwrap();
        let permit = desk.authorise(&visitor, None, Some(&own), &origin()).await.unwrap();
        let (token, _) = desk.create_token(&permit, new_token("a script")).await.unwrap();
        tokens.push(token.expose().to_owned());
    }
    tokens
}

/// The store of this folder, for as long as `work` has it.
pub(crate) async fn in_store<T>(latchkey: &Latchkey, work: impl AsyncFnOnce(&Desk) -> T) -> T {
    let store = format!("rocksdb://{}", latchkey.path("data").display());
    let settings = Settings {
        store,
        hash_memory_kib: 64,
        hash_passes: 1,
        is_pushed_to: true,
        ..Settings::default()
    };
    let desk = testkit::reopen(settings).await;
    let done = work(&desk).await;
    desk.close().await;
    done
}

/// Its files are let go of a moment after the last handle.
pub(crate) fn run(latchkey: &Latchkey, args: &[&str]) -> Ended {
    loop {
        let ended = latchkey.run(args);
        if !ended.err.contains("in use") {
            return ended;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_imported_out_of_a_directory_is_named() {
    let latchkey = Latchkey::new();
    in_store(&latchkey, async |desk| made(desk, &["kim", "lea"]).await).await;
    let people = "netid,name,password\nkim,Kim,eleven geese in a row\nnew,New,\n";
    latchkey.write("people.csv", people);
    let ended = run(&latchkey, &["user", "import", "people.csv"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("for kim the campus directory’s password"), "{}", ended.out);
    let again = run(&latchkey, &["user", "import", "people.csv"]);
    assert!(again.code == Some(0) && !again.out.contains("Careful"), "{}", again.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_identity_system_took_away_comes_back_at_one_word() {
    let latchkey = Latchkey::new();
    let tokens = in_store(&latchkey, async |desk| {
        let tokens = made(desk, &["kim", "lea"]).await;
        for netid in ["kim", "lea"] {
            desk.source(source::Scim)
                .push_out(&NetId::parse(netid).unwrap(), &Origin::console())
                .await
                .unwrap();
        }
        tokens
    })
    .await;
    let plan = run(&latchkey, &["token", "restore", "--departed-since", "1h", "--dry-run"]);
    assert_eq!(plan.code, Some(0), "{}", plan.err);
    assert!(
        plan.out.contains(
            "Nothing was done. It would be: 2 people enabled again, 2 of their tokens work again."
        ),
        "{}",
        plan.out
    );
    let done = run(&latchkey, &["token", "restore", "--departed-since", "1h", "--json"]);
    let back: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(
        (&back[0]["netid"], &back[1]["netid"], &back[1]["tokens"]),
        (&"kim".into(), &"lea".into(), &1.into()),
        "{}",
        done.out
    );
    for token in tokens {
        let ended = latchkey.run_with(&["token", "verify", "--token-stdin"], &format!("{token}\n"));
        assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    }
    for wrong in [
        &["token", "restore"][..],
        &["token", "restore", "kim", "--departed-since", "1h"],
        &["token", "restore", "--departed-since", "lately"],
        &["token", "restore", "--departed-since", "1h", "--by", "oidc"],
        &["token", "restore", "kim", "--dry-run"],
        &["token", "restore", "kim", "--same-person", "--as", "ada"],
    ] {
        assert_eq!(run(&latchkey, wrong).code, Some(2), "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_whoever_had_the_netid_before_take_a_word_that_it_is_one_person() {
    let latchkey = Latchkey::new();
    in_store(&latchkey, async |desk| {
        made(desk, &["kim"]).await;
        let scim = desk.source(source::Scim);
        let kim = NetId::parse("kim").unwrap();
        scim.push_out(&kim, &origin()).await.unwrap();
        scim.push_new(&kim, &push(Some("Kim Another"), true), &origin()).await.unwrap();
    })
    .await;
    let refused = run(&latchkey, &["token", "restore", "kim"]);
    assert_eq!(refused.code, Some(3), "{}", refused.err);
    assert!(refused.out.contains("Now: Kim Another"), "{}", refused.out);
    assert!(refused.err.contains("--same-person"), "{}", refused.err);
    let done = run(&latchkey, &["token", "restore", "kim", "--same-person"]);
    assert!(done.out.ends_with("1 of kim’s tokens works again.\n"), "{}{}", done.out, done.err);
}
