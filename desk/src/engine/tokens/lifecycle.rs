//! Tokens from their making to their end: who has which, and what is changed of them.

use crate::engine::audit::entry::entry;
use crate::engine::authz::permit::{MayRevoke, Permit, Right, right};
use crate::engine::counted::counted;
use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::engine::secret::PlainToken;
use crate::engine::sessions::visitor::Visitor;
use crate::store::change::{AuditEntry, Change};
use crate::store::error::StoreError;
use crate::store::forms::once;
use crate::store::rows::{TokenRecord, User};
use crate::store::vars::vars;
use crate::{Access, Actor, AuditAction, Description, Expires, GracePeriod, Moment, NetId, Networks, Refusal, TokenId, TokenView, UseDays};

/// Tokens that are over stay in lists for this many days (SCREENS.md).
const SHOWN_DAYS: i64 = 90;

/// What a person says of a token they make.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub description: Description,
    /// Full or read only.
    pub access: Access,
    /// Allowed networks.
    pub networks: Networks,
    /// When it expires.
    pub expires: Expires,
}

/// What may be changed of a token that exists. Its access is not among it: what an application was trusted with stays.
#[derive(Clone, Debug)]
pub struct TokenEdit {
    /// What it is for.
    pub description: Description,
    /// Allowed networks.
    pub networks: Networks,
    /// When it expires.
    pub expires: Expires,
}

impl Desk {
    /// The visitor's tokens, newest first, with their latest use.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn own_tokens(&self, visitor: &Visitor) -> Result<Vec<TokenView>, Refusal> {
        self.tokens_by(visitor.netid()).await
    }

    /// The subject's tokens, newest first. Never a secret.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn tokens_of(&self, permit: &Permit<right::SeeTokensOf>) -> Result<Vec<TokenView>, Refusal> {
        self.tokens_by(&subject(permit)?.person.netid).await
    }

    pub(crate) async fn tokens_by(&self, owner: &NetId) -> Result<Vec<TokenView>, Refusal> {
        let sql = "SELECT * FROM token WHERE owner = $owner ORDER BY created DESC";
        let rows: Vec<TokenRecord> = self.inner.store.rows(sql, vars! { "owner" => owner.as_str().to_owned() }).await?;
        let since = self.now().plus_days(-SHOWN_DAYS);
        let mut tokens: Vec<TokenView> = rows.into_iter().map(|row| row.view(self.now())).collect();
        tokens.retain(|token| {
            let over = [token.revoked.as_ref().map(|revoked| revoked.at), token.expires].into_iter().flatten().min();
            over.is_none_or(|at| since < at)
        });
        self.inner.usage.fill_in(&mut tokens);
        Ok(tokens)
    }

    /// Makes a token for the actor themselves. The secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Refusal::TooManyTokens`], [`Refusal::SentAlready`], [`Refusal::Unavailable`].
    pub async fn create_token(
        &self,
        permit: &Permit<right::ManageOwnTokens>,
        new: NewToken,
        form: &str,
    ) -> Result<(PlainToken, TokenView), Refusal> {
        let owner = subject(permit)?.person.netid.clone();
        let now = self.now();
        self.room_for_another(&owner).await?;
        let token = PlainToken::random();
        let view = TokenView {
            id: token.id(),
            description: new.description.to_string(),
            access: new.access,
            networks: new.networks.to_string(),
            created: now,
            expires: new.expires.moment(),
            used: None,
            days: UseDays::default(),
            revoked: None,
        };
        let entry = permit.entry(AuditAction::TokenCreate).detailed(named(&view.id, &view.description));
        let change = once(permit.premised(creation(&owner, &view)), owner.as_str(), form, now).audited(entry);
        self.commit_once_sent(change, now).await?;
        Ok((token, view))
    }

    /// Makes a new secret in the place of one of the actor's own tokens that still works: the same description, access,
    /// networks and length of life. The old one works for the overlap, so that the application can be given the new one
    /// meanwhile, and then no more.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`], [`Refusal::TooManyTokens`], [`Refusal::SentAlready`],
    /// [`Refusal::Unavailable`].
    pub async fn renew_token(
        &self,
        permit: &Permit<right::ManageOwnTokens>,
        id: &str,
        overlap: GracePeriod,
        form: &str,
    ) -> Result<(PlainToken, TokenView), Refusal> {
        let owner = subject(permit)?.person.netid.clone();
        let (now, settings) = (self.now(), self.settings());
        let id = &TokenId::parse(id)?;
        let old = self.owned(&owner, id).await?;
        if !old.is_live(now) {
            return Err(Refusal::TokenOver);
        }
        // Where the old one ends at once there is no more of them than before.
        if overlap != GracePeriod::NONE {
            self.room_for_another(&owner).await?;
        }
        let token = PlainToken::random();
        // As long as the old one, or as long as the operator allows by now.
        let longest = settings.token_cap_days.map(|days| now.plus_days(days.into()));
        let expires = [old.expires.map(|at| Moment(now.0 + (at.0 - old.created.0))), longest].into_iter().flatten().min();
        let view = TokenView { id: token.id(), created: now, expires, used: None, days: UseDays::default(), ..old.clone() };
        let detail = format!("{} in place of {}, which works for {overlap}", named(&view.id, &view.description), id.short());
        let entry = permit.entry(AuditAction::TokenRenew).detailed(detail);
        let ends = old.expires.into_iter().chain([Moment(now.0 + overlap.milliseconds())]).min();
        let change = if overlap == GracePeriod::NONE { revocation(&owner, &permit.actor(), id, now) } else { ending(&owner, id, ends) };
        let created = creation(&owner, &view);
        let change = permit.premised(change.with(created));
        self.commit_once_sent(once(change, owner.as_str(), form, now).audited(entry), now).await?;
        Ok((token, view))
    }

    /// Changes the description, networks and expiry of one of the actor's own tokens that still works.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`], [`Refusal::Unavailable`].
    pub async fn edit_token(&self, permit: &Permit<right::ManageOwnTokens>, id: &str, edit: TokenEdit) -> Result<TokenView, Refusal> {
        let owner = &subject(permit)?.person.netid;
        let id = &TokenId::parse(id)?;
        let mut token = self.owned(owner, id).await?;
        if !token.is_live(self.now()) {
            return Err(Refusal::TokenOver);
        }
        token.description = edit.description.to_string();
        token.networks = edit.networks.to_string();
        token.expires = edit.expires.moment();
        let entry = permit.entry(AuditAction::TokenEdit).detailed(named(id, &token.description));
        let change = Change::new(
            "LET $edited = (UPDATE type::record('token', $id) SET description = $description, networks = $networks, expires = $expires
                WHERE owner = $owner AND revoked_at IS NONE AND (expires IS NONE OR expires > $now));
             IF array::len($edited) = 0 { THROW 'token-over' }",
            vars! {
                "id" => id.to_string(), "owner" => owner.as_str().to_owned(), "description" => token.description.clone(), "now" => self.now().0,
                "networks" => token.networks.clone(), "expires" => token.expires.map(|at| at.0),
            },
        );
        self.inner.store.commit(permit.premised(change).audited(entry), self.now()).await?;
        Ok(token)
    }

    /// Revokes one token of the subject's (or the actor's own). It is refused from the next request on.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`] where it is revoked already, [`Refusal::Unavailable`].
    pub async fn revoke_token<R: MayRevoke>(&self, permit: &Permit<R>, id: &str) -> Result<(), Refusal> {
        let owner = &subject(permit)?.person.netid;
        let id = TokenId::parse(id)?;
        let entry = permit.entry(AuditAction::TokenRevoke);
        self.revoke(owner, permit.premised(Change::default()), entry, &id).await
    }

    /// A token revokes itself: the one thing it may do at the desk.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`], [`Refusal::Unavailable`].
    pub async fn revoke_itself(&self, token: &PlainToken, origin: &Origin) -> Result<(), Refusal> {
        self.revoke_presented(token, Actor::Token, origin).await
    }

    /// Revokes a token that somebody holds in the hand, which is right enough to end it.
    pub(crate) async fn revoke_presented(&self, token: &PlainToken, actor: Actor, origin: &Origin) -> Result<(), Refusal> {
        let id = token.id();
        let row: Option<TokenRecord> =
            self.inner.store.row("SELECT * FROM type::record('token', $id)", vars! { "id" => id.to_string() }).await?;
        let owner = NetId::parse(&row.ok_or(Refusal::TokenUnknown)?.owner).map_err(|_| Refusal::TokenUnknown)?;
        let entry = entry(actor, owner.as_str(), AuditAction::TokenRevoke, origin);
        self.revoke(&owner, Change::default(), entry, &id).await
    }

    async fn revoke(&self, owner: &NetId, premised: Change, entry: AuditEntry, id: &TokenId) -> Result<(), Refusal> {
        let token = self.owned(owner, id).await?;
        if token.revoked.is_some() {
            return Err(Refusal::TokenOver);
        }
        let revocation = revocation(owner, &entry.actor, id, self.now());
        let entry = entry.detailed(named(id, &token.description));
        Ok(self.inner.store.commit(premised.with(revocation).audited(entry), self.now()).await?)
    }

    /// Revokes every token of the subject's (or the actor's own) that is not revoked yet; answers how many worked until now.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn revoke_all_tokens<R: MayRevoke>(&self, permit: &Permit<R>) -> Result<u32, Refusal> {
        let owner = &subject(permit)?.person.netid;
        let now = self.now();
        let live = self.tokens_by(owner).await?.iter().filter(|token| token.is_live(now)).count();
        let entry = permit.entry(AuditAction::TokenRevoke).detailed(format!("all {}", counted(live, "token")));
        let (sql, vars) = revoke_all(owner, &permit.actor(), now);
        self.inner.store.commit(permit.premised(Change::new(sql, vars)).audited(entry), now).await?;
        Ok(u32::try_from(live).unwrap_or(u32::MAX))
    }

    /// Revokes those of the actor's own tokens that nobody has used for [`crate::IDLE_DAYS`]; answers how many.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn revoke_idle_tokens(&self, permit: &Permit<right::ManageOwnTokens>) -> Result<u32, Refusal> {
        let owner = &subject(permit)?.person.netid;
        let now = self.now();
        let idle: Vec<String> =
            self.tokens_by(owner).await?.into_iter().filter(|token| token.is_idle(now)).map(|token| token.id.to_string()).collect();
        let many = idle.len();
        if many > 0 {
            let detail = format!("all unused for {} days: {}", crate::IDLE_DAYS, counted(many, "token"));
            let entry = permit.entry(AuditAction::TokenRevoke).detailed(detail);
            let change = Change::new(
                "FOR $id IN $idle {
                    UPDATE type::record('token', $id) SET revoked_at = $now, revoked_by = $by WHERE owner = $owner AND revoked_at IS NONE
                 }",
                vars! { "idle" => idle, "owner" => owner.as_str().to_owned(), "now" => now.0, "by" => permit.actor().code() },
            );
            self.inner.store.commit(permit.premised(change).audited(entry), now).await?;
        }
        Ok(u32::try_from(many).unwrap_or(u32::MAX))
    }

    /// Whether `owner` may have one more token that works.
    async fn room_for_another(&self, owner: &NetId) -> Result<(), Refusal> {
        let (now, most) = (self.now(), self.settings().tokens_per_user);
        let live = self.tokens_by(owner).await?.iter().filter(|token| token.is_live(now)).count();
        if live < most as usize { Ok(()) } else { Err(Refusal::TooManyTokens { most }) }
    }

    /// One token of `owner`, over or not. Somebody else's is as unknown as none.
    async fn owned(&self, owner: &NetId, id: &TokenId) -> Result<TokenView, Refusal> {
        let row: Option<TokenRecord> =
            self.inner.store.row("SELECT * FROM type::record('token', $id)", vars! { "id" => id.to_string() }).await?;
        row.filter(|row| row.owner == owner.as_str()).map(|row| row.view(self.now())).ok_or(Refusal::TokenUnknown)
    }

    async fn commit_once_sent(&self, change: Change, now: Moment) -> Result<(), Refusal> {
        self.inner.store.commit(change, now).await.map_err(|error| match error {
            StoreError::Exists => Refusal::SentAlready,
            other => other.into(),
        })
    }

    /// The token's view for the one who just made it, after a page without script was loaded anew.
    pub(crate) async fn own_token(&self, visitor: &Visitor, id: &TokenId) -> Result<TokenView, Refusal> {
        self.owned(visitor.netid(), id).await
    }
}

/// Whom a permit is upon.
fn subject<R: Right>(permit: &Permit<R>) -> Result<&User, Refusal> {
    permit.subject().ok_or(Refusal::UserUnknown)
}

/// The statement that makes a token.
fn creation(owner: &NetId, token: &TokenView) -> Change {
    Change::new(
        "CREATE type::record('token', $new_id) CONTENT {
            owner: $owner, description: $description, access: $reach, networks: $networks, created: $created, expires: $expires }",
        vars! {
            "new_id" => token.id.to_string(), "owner" => owner.as_str().to_owned(), "description" => token.description.clone(),
            "reach" => token.access.word().to_owned(), "networks" => token.networks.clone(), "created" => token.created.0,
            "expires" => token.expires.map(|at| at.0),
        },
    )
}

/// The statement that revokes one token.
fn revocation(owner: &NetId, by: &Actor, id: &TokenId, now: Moment) -> Change {
    Change::new(
        "LET $revoked = (UPDATE type::record('token', $id) SET revoked_at = $now, revoked_by = $by WHERE owner = $owner AND revoked_at IS NONE);
         IF array::len($revoked) = 0 { THROW 'token-over' }",
        vars! { "id" => id.to_string(), "owner" => owner.as_str().to_owned(), "now" => now.0, "by" => by.code() },
    )
}

/// The statement by which one token ends then and not later.
fn ending(owner: &NetId, id: &TokenId, ends: Option<Moment>) -> Change {
    Change::new(
        "LET $ending = (UPDATE type::record('token', $id) SET expires = $ends WHERE owner = $owner AND revoked_at IS NONE);
         IF array::len($ending) = 0 { THROW 'token-over' }",
        vars! { "id" => id.to_string(), "owner" => owner.as_str().to_owned(), "ends" => ends.map(|at| at.0) },
    )
}

/// The statement that revokes every token of a person.
fn revoke_all(owner: &NetId, by: &Actor, now: Moment) -> (&'static str, surrealdb::types::Variables) {
    (
        "UPDATE token SET revoked_at = $now, revoked_by = $by WHERE owner = $owner AND revoked_at IS NONE",
        vars! { "owner" => owner.as_str().to_owned(), "now" => now.0, "by" => by.code() },
    )
}

/// A token in the audit: the start of its id, as `Latchkey-Token` gives it, and its description.
fn named(id: &TokenId, description: &str) -> String {
    format!("{} {description}", id.short())
}
