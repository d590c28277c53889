//! Log-in by the word of a proxy or an OpenID provider. Tests:
//! `desk/tests/desk/directory/log_in.rs`, `binding.rs`.

use super::{LoginContext, MAX_TRIES};
use crate::engine::desk::Desk;
use crate::engine::identity::binding::may_open;
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::log_limiter::LogLimiter;
use crate::engine::origin::Origin;
use crate::engine::secret::Cookie;
use crate::store::change::Change;
use crate::store::rows::User;
use crate::{Denied, NetId, Refusal, Source};

/// A few lines a second of those who are vouched for and not let in.
static NOT_LET_IN: LogLimiter = LogLimiter::new(5);

/// As above, of groups.
static NEARLY: LogLimiter = LogLimiter::new(5);

/// As above, of what is no NetID.
static NO_NETID: LogLimiter = LogLimiter::new(5);

/// How much of what is no NetID is told in the log.
const MAX_NETID_SHOWN: usize = 64;

impl Desk {
    /// Logs in a person whom `source` (`proxy`, `oidc`) vouches for, and takes over what it says of
    /// them: somebody new is made, of somebody known only what differs is changed. All of it in one
    /// transaction, each change with its audit row.
    ///
    /// Whoever is vouched for has no NetID password here: one from the built-in directory is
    /// forgotten. What an OpenID provider calls them is bound to them at the first time.
    ///
    /// # Errors
    /// [`Refusal::SignOnRefused`] where it vouches for what is no NetID, [`Denied::ActorDisabled`],
    /// [`Refusal::NetIdReserved`], [`Refusal::AnotherPerson`], [`Refusal::AccountNotLinked`],
    /// [`Refusal::Unavailable`].
    pub async fn log_in_vouched(
        &self,
        who: &ExternalIdentity,
        source: Source,
        login_context: &LoginContext,
        origin: &Origin,
    ) -> Result<(Cookie, NetId), Refusal> {
        let netid = NetId::parse(&who.netid).map_err(|_| {
            if let Some(left_out) = NO_NETID.may_speak() {
                let claimed: String = who.netid.chars().take(MAX_NETID_SHOWN).collect();
                tracing::warn!(%source, ?claimed, left_out, "vouches for what is no NetID");
            }
            Refusal::SignOnRefused
        })?;
        self.tell_of_near_misses(&netid, who, source);
        for _ in 0..MAX_TRIES {
            match self.log_in_vouched_once(&netid, who, source, login_context, origin).await {
                // Somebody else came by that NetID, or something of it was changed, at this moment:
                // looked at once more.
                Err(Refusal::ChangedMeanwhile) => {}
                other => return other.map(|cookie| (cookie, netid)),
            }
        }
        Err(Refusal::ChangedMeanwhile)
    }

    /// Says in the log which groups give nothing, and nearly would.
    fn tell_of_near_misses(&self, netid: &NetId, who: &ExternalIdentity, source: Source) {
        let groups = who.groups.as_deref().unwrap_or_default();
        for (group, configured) in self.settings().groups.nearly(groups) {
            let Some(left_out) = NEARLY.may_speak() else { return };
            let group: String = group.chars().take(MAX_NETID_SHOWN).collect();
            tracing::warn!(
                %netid, %source, ?group, ?configured, left_out,
                "a group gives nothing: write it in [groups] just as it is sent",
            );
        }
    }

    async fn log_in_vouched_once(
        &self,
        netid: &NetId,
        who: &ExternalIdentity,
        source: Source,
        login_context: &LoginContext,
        origin: &Origin,
    ) -> Result<Cookie, Refusal> {
        let known = self.inner.store.user(netid).await?;
        if known.as_ref().is_some_and(|user| !user.may_log_in(Some(source))) {
            return self.refuse_log_in(netid, Denied::ActorDisabled.into(), origin);
        }
        self.may_come_in(netid, known.as_ref(), source, login_context, origin)?;
        self.let_in(
            netid,
            Change::default(),
            Some((known.as_ref(), who, source)),
            login_context,
            None,
            origin,
        )
        .await
    }

    /// Whether somebody may come in by this NetID by the word of `source`, who is not disabled.
    pub(super) fn may_come_in(
        &self,
        netid: &NetId,
        known: Option<&User>,
        source: Source,
        login_context: &LoginContext,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        let reserved = self.settings().reserved_netids.check(netid, known, source);
        let may = reserved.and_then(|()| {
            known.map_or(Ok(()), |user| may_open(user, source, login_context.called().as_ref()))
        });
        let Err(refusal) = may else { return Ok(()) };
        if let Some(left_out) = NOT_LET_IN.may_speak() {
            let what_to_do = match &refusal {
                Refusal::AnotherPerson => format!(
                    "it is another identity (sub) than the account is bound to: if it is the same \
                        person, `latchkey user unlink {netid}`"
                ),
                Refusal::AccountNotLinked => format!(
                    "it is an account of the desk’s own with a role: if the campus log-in is to \
                        have it, `latchkey user link {netid}`"
                ),
                _ => "it is a reserved name (people.reserved_netids)".to_owned(),
            };
            tracing::warn!(%netid, %source, left_out, what_to_do, "vouched for, and not let in");
        }
        self.refuse_log_in(netid, refusal, origin)
    }
}
