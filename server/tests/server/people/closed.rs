//! A local password closed after too many wrong ones: what the Help Desk sees, says on the telephone, and does.

use desk::{Refusal, right};

use crate::support::{Request, World, origin, secret, world};

async fn close(world: &World, netid: &str) {
    let visitor = world.desk.visitor(&world.log_in(netid).await, &origin()).await.unwrap();
    for _ in 0..100 {
        world.clock.advance(10);
        let guess = secret("a guess of a thief");
        world.desk.authorise::<right::ManageOwnTokens>(&visitor, None, Some(&guess), &origin()).await.unwrap_err();
    }
}

async fn page(world: &World, reader: &str, of: &str) -> String {
    let cookie = world.log_in(reader).await;
    let answer = world.send(Request::get(&format!("/admin/users/{of}")).page().cookie(&cookie)).await;
    assert_eq!(answer.status, 200);
    answer.text()
}

const CLOSED: &str = "This person’s local password is closed";

#[tokio::test(flavor = "multi_thread")]
async fn the_help_desk_reads_what_to_ask_and_opens_it() {
    let world = world().await;
    close(&world, "tia").await;
    let seen = page(&world, "helen", "tia").await;
    for words in [CLOSED, "Have you typed your local password wrong many times?", "Open local password"] {
        assert!(seen.contains(words), "{words}");
    }
    let by_rep = page(&world, "rae", "tia").await;
    assert!(by_rep.contains(CLOSED) && by_rep.contains("The Help Desk can open it.") && !by_rep.contains("Open local password"));
    // The owner is told what to do, and may log in as before.
    let tia = world.log_in("tia").await;
    let own = [("own_password", "tia-local-password")];
    let asked = Request::form("/fn/revoke_idle_tokens", &own).cookie(&tia);
    let refused = world.send(asked.clone()).await;
    assert_eq!((refused.status, refused.refusal()), (429, Refusal::AccountClosed));
    let activity = world.send(Request::get("/settings/activity").page().cookie(&tia)).await.text();
    assert!(activity.contains("Local password closed after too many wrong ones"));
    let open = [("netid", "tia"), ("own_password", "helen-local-password")];
    let opened = world.send(Request::form("/fn/open_account", &open).cookie(&world.log_in("helen").await)).await;
    assert_eq!(opened.status, 200);
    assert!(!page(&world, "helen", "tia").await.contains(CLOSED));
    assert_eq!(world.send(asked).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_is_not_the_help_desks_to_open() {
    let world = world().await;
    close(&world, "ada").await;
    let seen = page(&world, "helen", "ada").await;
    assert!(seen.contains(CLOSED) && seen.contains("You cannot do this for someone whose role is above your own."));
    assert!(!seen.contains("Open local password"));
}
