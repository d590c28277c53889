//! **Save Changes** under About Me: what is said of auth tokens is said to who has some.

use app::forms::Done;

use crate::support::{Request, World, world};

async fn change(world: &World, from: &str, to: &str) -> Done {
    let form = desk::random_form_key();
    let fields = [("form", &*form), ("current", from), ("new", to), ("retype", to)];
    let cookie = world.log_in("tia").await;
    let answer = world.send(Request::form("/fn/change_password", &fields).cookie(&cookie)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.decoded()
}

#[tokio::test(flavor = "multi_thread")]
async fn that_tokens_keep_working_is_said_to_who_has_one_that_works() {
    let world = world().await;
    let words = [
        "tia-local-password",
        "marble-otter-canyon-1",
        "marble-otter-canyon-2",
        "marble-otter-canyon-3",
    ];
    let notice_of = async |n: usize| change(&world, words[n], words[n + 1]).await.notice.unwrap();
    let log_out = ("/settings/sessions".to_owned(), "Log out everywhere else".to_owned());
    let none = notice_of(0).await;
    assert_eq!(none.text, "Your local password has been changed.");
    assert_eq!(none.links, std::slice::from_ref(&log_out));
    let (_, view) = {
        let cookie = world.log_in("tia").await;
        let visitor = world.desk.visitor(&cookie, &crate::support::origin()).await.unwrap();
        let own = Some(crate::support::secret(words[1]));
        let permit = world
            .desk
            .authorise(&visitor, None, own.as_ref(), &crate::support::origin())
            .await
            .unwrap();
        let new = testkit::forms::new_token("Backup script");
        world.desk.create_token(&permit, new).await.unwrap()
    };
    let one = notice_of(1).await;
    assert_eq!(one.text, "Your local password has been changed. Your auth tokens keep working.");
    let revoke = ("/settings/auth-tokens?revoke-all".to_owned(), "Revoke all of them".to_owned());
    assert_eq!(one.links, [revoke, log_out]);
    let by_helen = world.permit::<desk::right::RevokeTokensOf>("helen", Some("tia")).await.unwrap();
    world.desk.revoke_token(&by_helen, view.id.as_str()).await.unwrap();
    assert_eq!(notice_of(2).await.text, "Your local password has been changed.");
}
