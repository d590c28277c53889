//! A desk with the demo accounts, for the units of this crate: they see another `desk` than
//! `testkit` does.

use std::sync::Arc;

use crate::engine::authz::permit::{Permit, right};
use crate::engine::clock::Clock;
use crate::engine::desk::Desk;
use crate::engine::identity::directory::Directory;
use crate::engine::origin::Origin;
use crate::engine::secret::Secret;
use crate::engine::settings::Settings;
use crate::{Access, Description, Expires, Networks, NewToken, TokenId};

/// A desk in memory whose passwords were hashed with 64 KiB and one pass, and its standing clock.
pub(crate) async fn demo_desk() -> (Desk, Clock) {
    demo_desk_with(None, |_| {}).await
}

/// The same with other settings, and with a directory beside the built-in one.
pub(crate) async fn demo_desk_with(
    directory: Option<Arc<dyn Directory>>,
    adjust: impl FnOnce(&mut Settings),
) -> (Desk, Clock) {
    let clock = Clock::standing();
    let mut settings = Settings {
        clock: clock.clone(),
        hash_memory_kib: 64,
        hash_passes: 1,
        demo: true,
        ..Settings::default()
    };
    adjust(&mut settings);
    let desk = Desk::open_with(settings, directory).await.expect("a desk");
    desk.console().load_demo().await.expect("demo accounts");
    (desk, clock)
}

/// What somebody types.
pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// Logs sam in so many times: rows for the audit.
pub(crate) async fn log_in_sam(desk: &Desk, times: usize) {
    for _ in 0..times {
        desk.log_in("sam", &secret("sam-netid-password"), &Origin::console())
            .await
            .expect("a session");
    }
}

/// Tia logs in and gives her local password: what she needs for her tokens.
pub(crate) async fn permit_of_tia(desk: &Desk) -> Permit<right::ManageOwnTokens> {
    let origin = Origin::console();
    let (cookie, _) = desk.log_in("tia", &secret("tia-netid-password"), &origin).await.expect("in");
    let tia = desk.visitor(&cookie, &origin).await.expect("tia");
    let own = secret("tia-local-password");
    desk.authorise(&tia, None, Some(&own), &origin).await.expect("hers")
}

/// A token that may do everything, from everywhere, for ever.
pub(crate) fn new_token(description: &str) -> NewToken {
    NewToken {
        description: Description::parse(description).expect("a description"),
        access: Access::Full,
        networks: Networks::default(),
        expires: Expires::Never,
    }
}

/// A new token of tia's, good for everything.
pub(crate) async fn token_of_tia(desk: &Desk) -> TokenId {
    let new = new_token("Backup");
    desk.create_token(&permit_of_tia(desk).await, new).await.expect("made").1.id
}
