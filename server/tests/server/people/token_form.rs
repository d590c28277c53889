//! **Save Changes** of a token: what the form has not seen it does not change.

use desk::{Networks, Refusal};

use crate::support::{Request, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_form_widens_no_token() {
    let world = world().await;
    let (_, token) = world.token("tia", "Backup script").await;
    let cookie = world.log_in("tia").await;
    let id = token.id.to_string();
    let send = async |description: &str, networks: &str, was: [(&str, &str); 3]| {
        let typed = [
            ("id", &*id),
            ("description", description),
            ("expires", "keep"),
            ("networks", networks),
        ];
        let fields = [&typed[..], &was[..], &[("own_password", "tia-local-password")]].concat();
        world.send(Request::form("/fn/edit_token", &fields).cookie(&cookie)).await
    };
    let now = async || {
        let permit = world.desk.console().permit::<desk::right::SeeTokensOf>("tia").await.unwrap();
        let tokens = world.desk.tokens_of(&permit).await.unwrap();
        let token = tokens.into_iter().find(|token| token.id.as_str() == id).unwrap();
        (token.description, Networks::parse(&token.networks).unwrap().to_string())
    };
    let first = [("was_description", "Backup script"), ("was_networks", ""), ("was_expires", "")];
    let narrowed = send("Backup script", "10.0.0.0/8", first).await;
    assert_eq!(narrowed.status, 200, "{}", narrowed.text());
    // Drawn before that, in another tab.
    let stale = send("Backup of the printers", "", first).await;
    assert_eq!((stale.status, stale.refusal()), (409, Refusal::TokenChanged));
    assert_eq!(now().await, ("Backup script".to_owned(), "10.0.0.0/8".to_owned()));
    for unreadable in [
        [
            ("was_description", "Backup script"),
            ("was_networks", "10.0.0.0/8"),
            ("was_expires", "tomorrow"),
        ],
        [("was_description", "Backup script"), ("was_networks", "10.0.0.0/8"), ("more", "")],
    ] {
        assert_eq!(
            send("Backup of the printers", "", unreadable).await.status,
            400,
            "{unreadable:?}"
        );
    }
    let seen =
        [("was_description", "Backup script"), ("was_networks", "10.0.0.0/8"), ("was_expires", "")];
    assert_eq!(send("Backup of the printers", "10.0.0.0/8", seen).await.status, 200);
    assert_eq!(now().await.0, "Backup of the printers");
}
