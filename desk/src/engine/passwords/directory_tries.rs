//! How many wrong passwords of one person the campus directory hears from Latchkey: so few that it
//! never locks anybody for what strangers type here. Tests: `desk/tests/desk/directory/tries.rs`.
//!
//! A directory that locks counts wrong passwords, and begins anew once it was quiet for its time,
//! or heard the right one. This counts as it does, and stops sooner: `directory_tries` from
//! browsers that have logged in as that person before, and as many from all others. What comes
//! beyond that is answered without asking it, after the same work and in the same words. On a disk
//! that is nearly full they are counted in memory alone ([`super::unwritten`]).

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
        let new = DirectoryTry {
            key: &key,
            by_device,
            most: i64::from(settings.directory_tries),
            quiet_seconds: quiet,
            now,
            over: now.plus_seconds(quiet),
        };
        let (store, unwritten) = (&self.inner.store, &self.inner.unwritten_tries);
        // What was counted in memory is, until the directory has forgotten it.
        if self.is_nearly_full() || unwritten.has(&new) {
            let stored = store.directory_tries(&key).await?;
            return Ok(unwritten.take(&new, stored));
        }
        Ok(store.take_directory_try(new).await?)
    }

    /// It has heard the right one: the wrong ones before are forgotten.
    pub(crate) async fn directory_heard_right(&self, netid: &NetId) -> Result<(), Refusal> {
        let key = account_key(netid);
        self.inner.unwritten_tries.forget(&key);
        Ok(self.inner.store.forget_directory_tries(&key).await?)
    }

    /// It has heard nothing: it was away.
    pub(crate) async fn directory_heard_nothing(
        &self,
        netid: &NetId,
        by_device: bool,
    ) -> Result<(), Refusal> {
        let key = account_key(netid);
        if self.inner.unwritten_tries.give_back(&key, by_device) {
            return Ok(());
        }
        Ok(self.inner.store.give_directory_try_back(&key, by_device).await?)
    }
}
