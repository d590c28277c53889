//! A server of a test's own, with the demo accounts, and what tests do there by people's hands.

use std::net::SocketAddr;

use desk::{
    Access, AccountChange, Changed, Clock, Cookie, Description, Desk, Expires, Networks, NewToken,
    Origin, Permit, PlainToken, Refusal, Right, Secret, TokenView, right,
};
use server::config::{Configuration, Sections};
use server::serve::{Running, start};

use super::{Answer, Request};

/// A server with the demo accounts in memory, cheap hashing and a clock that stands still.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) clock: Clock,
    pub(crate) address: SocketAddr,
    running: Running,
}

pub(crate) async fn world() -> World {
    world_with(|_| {}).await
}

pub(crate) async fn world_with(adjust: impl FnOnce(&mut Sections)) -> World {
    serving(true, adjust, |_| {}).await
}

/// With what no key says.
pub(crate) async fn world_as(
    keys: impl FnOnce(&mut Sections),
    adjust: impl FnOnce(&mut Configuration),
) -> World {
    serving(true, keys, adjust).await
}

/// The same accounts, and a server that does not know that they are for demonstration.
pub(crate) async fn real_world() -> World {
    serving(false, |_| {}, |_| {}).await
}

async fn serving(
    demo: bool,
    adjust: impl FnOnce(&mut Sections),
    more: impl FnOnce(&mut Configuration),
) -> World {
    let mut sections = Sections::default();
    sections.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    sections.store.url = "mem://".to_owned();
    sections.hash.memory_kib = 64;
    sections.hash.passes = 1;
    sections.people.help_desk_contact = Some("the Help Desk, extension 4711".to_owned());
    adjust(&mut sections);
    let clock = Clock::standing();
    let mut configuration = Configuration::from_sections(sections).unwrap();
    configuration.desk.clock = clock.clone();
    // Tests make them as fast as they can.
    configuration.desk.tokens_per_minute = u32::MAX;
    configuration.desk.demo = true;
    more(&mut configuration);
    let desk = Desk::open(configuration.desk.clone()).await.unwrap();
    desk.console().load_demo().await.unwrap();
    let running = start(&configuration, desk.clone(), demo).await.unwrap();
    World { desk, clock, address: running.address(), running }
}

pub(crate) fn origin() -> Origin {
    Origin { address: [192, 0, 2, 7].into(), agent: "a test's browser".to_owned() }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

impl World {
    pub(crate) async fn send(&self, request: Request) -> Answer {
        request.send(self.address).await
    }

    /// Stops the server in order.
    pub(crate) async fn stop(self) {
        self.running.stop().await.unwrap();
    }

    /// Logs a demo account in.
    pub(crate) async fn log_in(&self, netid: &str) -> Cookie {
        self.desk
            .log_in(netid, &secret(&format!("{netid}-netid-password")), &origin())
            .await
            .unwrap()
            .0
    }

    /// A permit by a demo account's local password.
    pub(crate) async fn permit<R: Right>(
        &self,
        netid: &str,
        subject: Option<&str>,
    ) -> Result<Permit<R>, Refusal> {
        let visitor = self.desk.visitor(&self.log_in(netid).await, &origin()).await?;
        self.desk
            .authorise(
                &visitor,
                subject,
                Some(&secret(&format!("{netid}-local-password"))),
                &origin(),
            )
            .await
    }

    pub(crate) async fn token(&self, netid: &str, description: &str) -> (PlainToken, TokenView) {
        self.token_with(netid, description, |_| {}).await
    }

    pub(crate) async fn token_with(
        &self,
        netid: &str,
        description: &str,
        adjust: impl FnOnce(&mut NewToken),
    ) -> (PlainToken, TokenView) {
        let permit = self.permit::<right::ManageOwnTokens>(netid, None).await.unwrap();
        let mut new = NewToken {
            description: Description::parse(description).unwrap(),
            access: Access::Full,
            networks: Networks::default(),
            expires: Expires::Never,
        };
        adjust(&mut new);
        self.desk.create_token(&permit, new, "").await.unwrap()
    }

    pub(crate) async fn revoke(&self, netid: &str, token: &TokenView) {
        let permit = self.permit::<right::ManageOwnTokens>(netid, None).await.unwrap();
        self.desk.revoke_token(&permit, token.id.as_str()).await.unwrap();
    }

    /// Disables or enables somebody by ada's hand.
    pub(crate) async fn set_disabled(&self, netid: &str, to: bool) {
        let permit: Permit<right::SetDisabled> = self.permit("ada", Some(netid)).await.unwrap();
        let disabled = Some(Changed { from: permit.person().unwrap().disabled, permit, to });
        self.desk
            .change_account(&AccountChange { disabled, ..AccountChange::default() })
            .await
            .unwrap();
    }

    /// Lets somebody have tokens, or no longer, by ada's hand.
    pub(crate) async fn set_privileged(&self, netid: &str, to: bool) {
        let permit: Permit<right::SetPrivileged> = self.permit("ada", Some(netid)).await.unwrap();
        let privileged = Some(Changed { from: permit.person().unwrap().privileged, permit, to });
        self.desk
            .change_account(&AccountChange { privileged, ..AccountChange::default() })
            .await
            .unwrap();
    }
}
