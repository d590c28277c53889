//! The browser from which somebody logs in, and what counts as the source of their log-in. Tests:
//! `desk/tests/desk/devices.rs`.

use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::engine::passwords::device::Devices;
use crate::engine::passwords::source::TriedFrom;
use crate::engine::sessions::visitor::Visitor;
use crate::{NetId, Refusal};

/// The browser from which somebody logs in.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// The accounts that it has logged in to before.
    pub devices: Devices,
    /// Who is logged in there now: that session ends with the log-in.
    pub visitor: Option<Visitor>,
}

impl Desk {
    /// What counts as the source of a log-in: the browser, where it has logged in as that person
    /// before; else its network.
    ///
    /// A browser that has to wait is looked at as any other: whoever has copied its mark holds up
    /// nobody by that.
    pub(super) async fn tried_from(
        &self,
        browser: &Browser,
        netid: &NetId,
        epoch: i64,
        origin: &Origin,
    ) -> Result<TriedFrom, Refusal> {
        let known = browser.devices.of(self.sources_key().await?, netid, epoch, self.now());
        let device = known.map(|name| TriedFrom::Device(name.to_owned()));
        match device {
            Some(device) if self.held(netid, &device).await?.is_none() => Ok(device),
            _ => Ok(TriedFrom::Address(origin.address)),
        }
    }

    /// As whom a browser wants to log in that has logged in so before; none: it has not, or may not
    /// any more.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn known_browser(
        &self,
        devices: &Devices,
        netid: &str,
    ) -> Result<Option<NetId>, Refusal> {
        let Some(netid) = NetId::parse(netid).ok().filter(|_| !devices.is_empty()) else {
            return Ok(None);
        };
        let epoch = self.inner.store.user(&netid).await?.map_or(0, |user| user.device_epoch);
        let is_known = devices.of(self.sources_key().await?, &netid, epoch, self.now()).is_some();
        Ok(is_known.then_some(netid))
    }

    /// Whom an OpenID provider has logged in before in this browser, by a name that is one for each
    /// person and says nothing of them; none: nobody, or too long ago.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn browser_of_sign_on(&self, mark: &Devices) -> Result<Option<String>, Refusal> {
        if mark.is_empty() {
            return Ok(None);
        }
        Ok(mark.of_sign_on(self.sources_key().await?, self.now()).map(str::to_owned))
    }

    /// The mark of a browser in which an OpenID provider has just logged this person in.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn signed_on(&self, netid: &NetId) -> Result<Devices, Refusal> {
        Ok(Devices::signed_on(self.sources_key().await?, netid, self.now()))
    }

    /// The marks of a browser whose person has just had all others forgotten: this one stays known,
    /// if it was.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn still_known(
        &self,
        visitor: &Visitor,
        devices: &Devices,
    ) -> Result<Devices, Refusal> {
        let (key, netid, now) = (self.sources_key().await?, visitor.netid(), self.now());
        if devices.of(key, netid, visitor.user.device_epoch, now).is_none() {
            return Ok(devices.clone());
        }
        let user = self.inner.store.user(netid).await?.ok_or(Refusal::SessionEnded)?;
        Ok(devices.with(key, netid, user.device_epoch, now))
    }
}
