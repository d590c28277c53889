//! How many wrong passwords of one person the campus directory hears from Latchkey: so few that it
//! never locks anybody for what strangers type here. Tests: `desk/tests/desk/directory/tries.rs`.
//!
//! A directory that locks counts wrong passwords, and begins anew once it was quiet for its time,
//! or heard the right one. This counts as it does, and stops sooner: `directory_tries` from
//! browsers that have logged in as that person before, and as many from all others. What comes
//! beyond that is answered without asking it, after the same work and in the same words.

use crate::NetId;
use crate::Refusal;
use crate::engine::desk::Desk;
use crate::engine::passwords::source::account_key;
use crate::store::throttle::DirectoryTry;

impl Desk {
    /// Takes one of the tries that the directory may hear, before it does; answers whether there
    /// was one left.
    pub(crate) async fn take_directory_try(
        &self,
        netid: &NetId,
        by_device: bool,
    ) -> Result<bool, Refusal> {
        let settings = self.settings();
        if settings.directory_tries == 0 {
            return Ok(true);
        }
        let (now, quiet) = (self.now(), i64::from(settings.directory_quiet_minutes) * 60);
        let key = account_key(netid);
        let taken = self.inner.store.take_directory_try(DirectoryTry {
            key: &key,
            by_device,
            most: i64::from(settings.directory_tries),
            quiet_seconds: quiet,
            now,
            over: now.plus_seconds(quiet),
        });
        Ok(taken.await?)
    }

    /// It has heard the right one.
    pub(crate) async fn directory_heard_right(&self, netid: &NetId) -> Result<(), Refusal> {
        Ok(self.inner.store.forget_directory_tries(&account_key(netid)).await?)
    }

    /// It has heard nothing: it was away.
    pub(crate) async fn directory_heard_nothing(
        &self,
        netid: &NetId,
        by_device: bool,
    ) -> Result<(), Refusal> {
        Ok(self.inner.store.give_directory_try_back(&account_key(netid), by_device).await?)
    }
}
