//! Connections to the directory that are kept for the next question, and for whom: strangers, who
//! may make it slow by trying many passwords, never have all of them. Tests: `binds_tests.rs`.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{
    Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult, TimeoutType,
};
use desk::DirectoryError;
use ldap3::LdapError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::servers::{Connection, FAILED, Servers, described};

/// How long a connection is kept that nobody uses.
const IDLE: Duration = Duration::from_mins(1);

/// One in so many connections, rounded up, is for whom strangers are not to hold up.
const KEPT_FROM_STRANGERS: usize = 3;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Whoever types a password in a browser that nobody knows.
    Stranger,
    /// A browser that has logged in before, and Latchkey itself.
    Known,
}

/// Connections kept for the next question.
#[derive(Debug)]
pub(super) struct Kept {
    servers: Arc<Servers>,
    bound: bool,
}

impl Manager for Kept {
    type Type = Connection;
    type Error = DirectoryError;

    async fn create(&self) -> Result<Connection, DirectoryError> {
        self.servers.open(self.bound).await
    }

    async fn recycle(
        &self,
        connection: &mut Connection,
        metrics: &Metrics,
    ) -> RecycleResult<DirectoryError> {
        // A firewall may have forgotten one that was idle, without a word to either side.
        let forgotten = metrics.last_used() > IDLE;
        if forgotten || connection.ldap.is_closed() {
            Err(RecycleError::message("closed"))
        } else {
            Ok(())
        }
    }
}

/// Some connections.
#[derive(Debug)]
pub(super) struct Connections {
    servers: Arc<Servers>,
    pool: Pool<Kept>,
    /// As many as strangers may have at a time.
    for_strangers: Arc<Semaphore>,
}

/// One of them, for as long as it is needed.
#[derive(Debug)]
pub(super) struct Taken {
    kept: Object<Kept>,
    _of_strangers: Option<OwnedSemaphorePermit>,
}

impl Taken {
    /// Whether it was there before.
    pub(super) fn was_kept(&self) -> bool {
        Object::metrics(&self.kept).recycle_count > 0
    }
}

impl Deref for Taken {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.kept
    }
}

impl DerefMut for Taken {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.kept
    }
}

impl Connections {
    /// For searches in the name of who searches (`bound`), or for trying passwords.
    pub(super) fn new(servers: Arc<Servers>, bound: bool) -> Self {
        let settings = servers.settings();
        let builder =
            Pool::builder(Kept { servers: servers.clone(), bound }).max_size(settings.connections);
        let builder =
            builder.wait_timeout(Some(settings.timeout)).runtime(deadpool::Runtime::Tokio1);
        // It fails only where timeouts are set without a runtime.
        let pool = builder.build().unwrap_or_else(|error| unreachable!("{error}"));
        let for_strangers = Arc::new(Semaphore::new(for_strangers(pool.status().max_size)));
        Self { servers, pool, for_strangers }
    }

    /// One of them, or a new one.
    pub(super) async fn get(&self, lane: Lane) -> Result<Taken, DirectoryError> {
        let in_use = || {
            let what = "it is slow, or ldap.connections are too few: all of them are in use";
            DirectoryError::Unavailable(what.to_owned())
        };
        let of_strangers = match lane {
            Lane::Known => None,
            Lane::Stranger => {
                let waiting = self.for_strangers.clone().acquire_owned();
                let waited = tokio::time::timeout(self.servers.settings().timeout, waiting).await;
                // Nobody closes it.
                Some(waited.map_err(|_| in_use())?.map_err(|_| in_use())?)
            }
        };
        let kept = self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(TimeoutType::Wait) => in_use(),
            PoolError::Backend(error) => error,
            other => DirectoryError::Unavailable(other.to_string()),
        })?;
        Ok(Taken { kept, _of_strangers: of_strangers })
    }

    /// This one failed: what state it is in is not known, and others to the same server have most
    /// likely ended with it.
    pub(super) fn lost(&self, connection: Taken, error: &LdapError) -> DirectoryError {
        let server = connection.server;
        drop(Object::take(connection.kept));
        self.pool.retain(|other, _| other.server != server);
        self.servers.shun(server);
        let error = described(&self.servers.settings().urls[server], error);
        if let Some(left_out) = FAILED.may_speak() {
            tracing::warn!(%error, left_out, "a question to the directory");
        }
        error
    }
}

/// How many of so many connections strangers may have: all of the only one there is.
fn for_strangers(connections: usize) -> usize {
    (connections - connections.div_ceil(KEPT_FROM_STRANGERS)).max(1)
}

/// Asks something on one of the connections, and where that one is lost once more on a new one: to
/// another server, if there is one. (Not a function: closures that borrow and wait cannot be sent
/// to other threads yet.)
macro_rules! ask {
    ($connections:expr, $lane:expr, |$connection:ident| $question:expr) => {{
        let connections: &$crate::directory::ldap::pool::Connections = &$connections;
        let mut again = true;
        loop {
            let mut kept = match connections.get($lane).await {
                Ok(kept) => kept,
                Err(error) => break Err(error),
            };
            let $connection: &mut $crate::directory::ldap::servers::Connection = &mut kept;
            match $question.await {
                Ok(answer) => break Ok(answer),
                Err(error) => {
                    let error = connections.lost(kept, &error);
                    if !std::mem::take(&mut again) {
                        break Err(error);
                    }
                }
            }
        }
    }};
}
pub(super) use ask;
