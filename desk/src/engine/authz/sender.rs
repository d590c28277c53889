//! Who sends a form. The one place that its key passes, before a password is looked at or anything
//! else is judged: a page that was made for somebody else does nothing, and a form that was done
//! already is told so, with no try counted and no row written. That it is done once is then
//! written in the transaction of what it does ([`Visitor::premised`], [`Permit::premised`]).
//!
//! A key proves nothing: what is told of it is told to the person who sent it, in a session of
//! theirs, for one look at one record. Tests: `desk/tests/desk/sent_forms.rs`, and by HTTP
//! `server/tests/server/people/{sent_twice,two_tabs}.rs`.
//!
//! [`Permit::premised`]: crate::engine::authz::permit::Permit

use crate::engine::desk::Desk;
use crate::engine::secret::Cookie;
use crate::engine::sessions::visitor::Visitor;
use crate::store::forms::SentForm;
use crate::{AuditAction, FormKey, NetId, Refusal, rules};

impl Desk {
    /// The visitor as who sends the form with this key (empty: none), which asks for `action`. What
    /// they then do by it is done once; the same form sent meanwhile waits until the last copy of
    /// this visitor is gone.
    ///
    /// # Errors
    /// [`Refusal::PageOfAnother`], [`Refusal::SentAlready`], [`Refusal::Unreadable`],
    /// [`Refusal::Unavailable`].
    pub async fn sender(
        &self,
        visitor: Visitor,
        form: &str,
        action: AuditAction,
    ) -> Result<Visitor, Refusal> {
        let Some(key) = FormKey::read(form)? else { return Ok(visitor) };
        if let Some(made_for) = key.made_for() {
            rules::check_page(made_for, visitor.netid())?;
        }
        let form = SentForm::of(visitor.netid(), key.as_str());
        let turn = self.inner.forms.take(form).await;
        if self.inner.store.was_sent(turn.form()).await? {
            return Err(Refusal::sent_already(action));
        }
        Ok(visitor.sending(turn))
    }

    /// Whether the form with this key was done in the session of this cookie, which has ended. It
    /// may be that the form has given it the new id of which its browser never heard: who tries
    /// again is not to be told that nothing was done.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`], [`Refusal::Unavailable`].
    pub async fn was_sent_before_it_ended(
        &self,
        cookie: &Cookie,
        form: &str,
    ) -> Result<bool, Refusal> {
        let Some(key) = FormKey::read(form)? else { return Ok(false) };
        let Some(session) = self.inner.store.session(&cookie.id()).await? else {
            return Ok(false);
        };
        let netid = NetId::parse(&session.user)?;
        Ok(self.inner.store.was_sent(&SentForm::of(&netid, key.as_str())).await?)
    }
}
