//! Whose tokens wait for their owner to log in. Where people come by single sign-on alone, nobody
//! ever says that somebody has left: with `token_needs_log_in_days` their tokens are refused once
//! they have not logged in for so long, and work again when they have. Tests:
//! `desk/tests/desk/directory/presence.rs`, for two nodes `desk/tests/desk/nodes.rs`.

use crate::engine::desk::Desk;
use crate::store::rows::User;
use crate::{Moment, Source, TokenView};

impl Desk {
    /// From when on somebody's tokens wait for them to log in; none: they never do, since somebody
    /// else would say that they left.
    pub(crate) fn tokens_wait_from(&self, user: &User) -> Option<Moment> {
        let days = self.settings().token_needs_log_in_days;
        if days == 0 || !self.has_no_leavers(user.source) {
            return None;
        }
        // Whoever is new, or has not come since log-ins are written down, has as long from then.
        // What cannot have been yet was written by a clock that was wrong, and lets nothing wait
        // for longer: who came then comes again.
        let now = self.now();
        let been = |at: &Moment| at.can_have_been(now);
        let since = [Moment(user.created), self.inner.log_ins_since].into_iter().filter(been).max();
        let last = user.last_log_in.filter(been).or(since).unwrap_or_default();
        Some(last.plus_days(i64::from(days)))
    }

    /// Whether nobody says of this source's people that they have left.
    fn has_no_leavers(&self, source: Source) -> bool {
        match source {
            Source::Oidc | Source::Proxy => true,
            Source::Ldap | Source::Scim => !self.provision_rules().hears(source),
            // The desk's own: an administrator does.
            Source::BuiltIn | Source::Desk | Source::None => false,
        }
    }

    /// Marks which of somebody's tokens wait for them.
    pub(crate) fn mark_waiting(&self, tokens: &mut [TokenView], owner: &User) {
        let now = self.now();
        let waits = self.tokens_wait_from(owner).is_some_and(|from| from <= now);
        for token in tokens {
            token.waits = waits && token.is_live(now);
        }
    }
}
