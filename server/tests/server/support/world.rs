//! A server of a test's own, with the demo accounts, and what tests do there by people's hands.

use std::net::SocketAddr;
use std::ops::Deref;

use desk::{Clock, Cookie, UserPage, right};
use server::config::{Configuration, Sections};
use server::serve::{Running, start};
use testkit::origin;

use super::{Answer, Request};

/// A server with the demo accounts in memory, cheap hashing and a clock that stands still.
#[derive(Debug)]
pub(crate) struct World {
    kit: testkit::World,
    pub(crate) address: SocketAddr,
    running: Running,
}

impl Deref for World {
    type Target = testkit::World;
    fn deref(&self) -> &testkit::World {
        &self.kit
    }
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
    "mem://".clone_into(&mut sections.store.url);
    sections.hash.memory_kib = 64;
    sections.hash.passes = 1;
    sections.people.help_desk_contact = Some("the Help Desk, extension 4711".to_owned());
    adjust(&mut sections);
    let mut configuration = Configuration::from_sections(sections).unwrap();
    configuration.desk.clock = Clock::standing();
    // Tests make them as fast as they can.
    configuration.desk.tokens_per_minute = u32::MAX;
    configuration.desk.demo = true;
    more(&mut configuration);
    let world = testkit::World::demo(configuration.desk.clone()).await;
    let running = start(&configuration, world.desk.clone(), demo).await.unwrap();
    World { kit: world, address: running.address(), running }
}

impl World {
    /// Where its figures are read.
    pub(crate) fn metrics(&self) -> SocketAddr {
        self.running.metrics_address().expect("metrics.listen is set")
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        request.send(self.address).await
    }

    /// Stops the server in order.
    pub(crate) async fn stop(self) {
        self.running.stop().await.unwrap();
    }

    /// Logs a demo account in.
    pub(crate) async fn log_in(&self, netid: &str) -> Cookie {
        self.cookie(netid).await
    }
}

/// Somebody as the command line sees them.
pub(crate) async fn person(world: &World, netid: &str) -> UserPage {
    let permit = world.desk.console().permit::<right::FindUsers>(netid).await.unwrap();
    world.desk.user_page(&permit).await.unwrap()
}

/// The id of a new session of theirs.
pub(crate) async fn session_of(world: &World, netid: &str) -> String {
    let visitor = world.desk.visitor(&world.log_in(netid).await, &origin()).await.unwrap();
    world
        .desk
        .own_sessions(&visitor)
        .await
        .unwrap()
        .into_iter()
        .find(|session| session.this)
        .unwrap()
        .id
        .to_string()
}
