use std::net::IpAddr;

use super::people::find_user;
use super::store::rows::{TokenRecord, User};
use super::store::{StoreError, vars};
use super::tokens::short_id;
use super::{Change, Desk, PlainToken};
use crate::{Access, Moment, NetId, Networks, Refusal, Role, TokenView};

/// The request that an application asks about.
#[derive(Clone, Debug)]
pub struct VerifyRequest {
    /// Its method (of the original request, where a proxy asks).
    pub method: String,
    /// The client's address.
    pub address: IpAddr,
}

/// Who a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The owner.
    pub netid: NetId,
    /// Their full name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// The first 16 hex digits of the token's id.
    pub token: String,
    /// The token's id.
    pub id: String,
    /// What the token is for.
    pub description: String,
    /// Full or read only.
    pub access: Access,
    /// When it was made.
    pub created: Moment,
    /// When it expires; none: never.
    pub expires: Option<Moment>,
}

/// Whether a presented token is good now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Good, for this person.
    Good(Box<Pass>),
    /// Not good. The reason is for the log and the metrics only: from outside all look the same.
    Refused(&'static str),
    /// Good, but its access or its networks forbid this request.
    Forbidden(&'static str),
    /// The store cannot say.
    Unavailable,
}

impl Desk {
    /// Whether `token`, as presented, is good for `request`, and for whom (DESIGN.md 5). `user` is the name it was
    /// presented with, if any: it must be the owner's.
    pub async fn verify(&self, token: &str, user: Option<&str>, request: &VerifyRequest) -> Verdict {
        let Some(token) = PlainToken::parse(token) else { return Verdict::Refused("malformed") };
        let id = token.id();
        let (row, owner) = match self.look_up(&id).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "verify");
                return Verdict::Unavailable;
            }
        };
        let now = self.now();
        let verdict = judge(row, owner, user, request, now);
        if let Verdict::Good(pass) = &verdict
            && self.inner.uses.note(&id, now, request.address)
        {
            // Nobody listening is no fault.
            let _ = self.inner.changes.send(Change::Tokens(pass.netid.to_string()));
        }
        verdict
    }

    /// The token's row and its owner's. An unknown token costs the second look-up too.
    async fn look_up(&self, id: &str) -> Result<(Option<TokenRecord>, Option<User>), StoreError> {
        let store = &self.inner.store;
        let row: Option<TokenRecord> = store.row("SELECT * FROM type::record('token', $id)", vars! { "id" => id.to_owned() }).await?;
        let owner = row.as_ref().map_or("0", |row| row.owner.as_str());
        let Ok(owner) = NetId::parse(owner) else { return Ok((row, None)) };
        match find_user(store, &owner).await {
            Ok(user) => Ok((row, user)),
            Err(UserError::Store(error)) => Err(error),
            Err(UserError::Broken) => Ok((row, None)),
        }
    }
}

use super::people::UserError;

/// The rules of verify, in the order of DESIGN.md 5.
fn judge(row: Option<TokenRecord>, owner: Option<User>, user: Option<&str>, request: &VerifyRequest, now: Moment) -> Verdict {
    let Some(row) = row else { return Verdict::Refused("unknown") };
    let Some(owner) = owner else { return Verdict::Refused("no owner") };
    let networks = Networks::parse(&row.networks);
    let token = TokenView::from(row);
    if user.is_some_and(|user| NetId::parse(user).as_ref() != Ok(&owner.person.netid)) {
        return Verdict::Refused("not the owner's name");
    }
    if owner.person.disabled {
        return Verdict::Refused("owner disabled");
    }
    if !owner.person.privileged {
        return Verdict::Refused("owner not privileged");
    }
    if token.revoked.is_some() {
        return Verdict::Refused("revoked");
    }
    if !token.is_live(now) {
        return Verdict::Refused("expired");
    }
    match networks {
        Ok(networks) if networks.allow(request.address) => {}
        Ok(_) => return Verdict::Forbidden("network"),
        // The store holds what Networks wrote; anything else must not open a door.
        Err(_) => return Verdict::Forbidden("networks unreadable"),
    }
    if !token.access.allows(&request.method) {
        return Verdict::Forbidden("read only");
    }
    Verdict::Good(Box::new(Pass {
        netid: owner.person.netid,
        name: owner.name,
        email: owner.email,
        role: owner.person.role,
        token: short_id(&token.id).to_owned(),
        id: token.id,
        description: token.description,
        access: token.access,
        created: token.created,
        expires: token.expires,
    }))
}

impl From<UserError> for Refusal {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(error) => error.into(),
            UserError::Broken => Self::Unavailable,
        }
    }
}
