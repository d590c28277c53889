//! Changing what a token is for, from where it works and until when. One that is over stays over,
//! however close to its end the change comes: the transaction looks again, and writes only over
//! what was read. Tests: `desk/tests/desk/tokens.rs`, `races.rs`.

use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::tokens::named::named;
use crate::engine::tokens::shared::subject;
use crate::store::tokens;
use crate::{AuditAction, Description, Expires, Moment, Networks, Refusal, TokenId, TokenView};

/// What may be changed of a token that exists. Its access is not among it: what an application was
/// trusted with stays.
#[derive(Clone, Debug)]
pub struct TokenEdit {
    /// What it is for.
    pub description: Description,
    /// Allowed networks.
    pub networks: Networks,
    /// When it expires.
    pub expires: Expires,
    /// What the form was drawn from. Where any of it is something else by now, nothing is changed.
    /// None: whoever asks has seen none.
    pub seen: Option<SeenToken>,
}

/// What somebody who edits a token saw of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenToken {
    /// What it was for.
    pub description: String,
    /// Its networks parted by `, `; empty: from anywhere.
    pub networks: String,
    /// When it was to expire; none: never.
    pub expires: Option<Moment>,
}

impl Desk {
    /// Changes the description, networks and expiry of one of the actor's own tokens that still
    /// works. Where it is so already nothing is done and nothing written down.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`], [`Refusal::TokenChanged`] where it is not
    /// what was seen, [`Refusal::ChangedMeanwhile`] where it was changed or renewed at the same
    /// moment, [`Refusal::Unavailable`].
    pub async fn edit_token(
        &self,
        permit: &Permit<right::ManageOwnTokens>,
        id: &str,
        edit: TokenEdit,
    ) -> Result<TokenView, Refusal> {
        let owner = &subject(permit)?.person.netid;
        let (now, id) = (self.now(), TokenId::parse(id)?);
        let read = self.owned(owner, &id).await?;
        if !self.still_works(&read, now) {
            return Err(Refusal::TokenOver);
        }
        let end_shown = self.end_shown(&read);
        let is_seen = |seen: &SeenToken| {
            (&seen.description, &seen.networks, seen.expires)
                == (&read.description, &read.networks, end_shown)
        };
        if !edit.seen.as_ref().is_none_or(is_seen) {
            return Err(Refusal::TokenChanged);
        }
        let mut token = read.clone();
        token.description = edit.description.to_string();
        token.networks = edit.networks.to_string();
        // The day on which its kind of strings ends is not its own.
        let wanted = edit.expires.moment();
        token.expires = if wanted == end_shown { read.expires } else { wanted };
        if token == read {
            // But who has lost the right, or whose token has ended meanwhile, is told so.
            self.commit_tokens(permit.premised(tokens::still_as(owner, &read, now)), now).await?;
            return Ok(token);
        }
        let entry = permit.entry(AuditAction::TokenEdit).detailed(named(&id, &token.description));
        let change = permit.premised(tokens::edit(owner, &read, &token, now));
        self.commit_tokens(change.audited(entry), now).await?;
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NewToken;
    use crate::engine::desk_for_tests::{demo_desk, new_token, permit_of_tia};

    /// An edit that read the token while it worked, and is written when it has expired or was
    /// revoked.
    #[tokio::test]
    async fn what_was_read_before_a_token_ended_does_not_bring_it_back() {
        let (desk, clock) = demo_desk().await;
        let permit = permit_of_tia(&desk).await;
        let owner = subject(&permit).expect("hers").person.netid.clone();
        for is_revoked in [false, true] {
            let expires = Expires::At(Moment(desk.now().0 + 60_000));
            let new = NewToken { expires, ..new_token("ends") };
            let (token, made) = desk.create_token(&permit, new).await.expect("made");
            let read = desk.owned(&owner, &made.id).await.expect("read while it works");
            if is_revoked {
                desk.revoke_token(&permit, made.id.as_str()).await.expect("revoked");
            } else {
                clock.advance(61);
            }
            let edited = TokenView { expires: None, ..read.clone() };
            let entry = permit.entry(AuditAction::TokenEdit);
            let change = permit.premised(tokens::edit(&owner, &read, &edited, desk.now()));
            assert_eq!(
                desk.commit_tokens(change.audited(entry), desk.now()).await,
                Err(Refusal::TokenOver)
            );
            assert_eq!(
                desk.owned(&owner, &made.id).await.expect("still there").expires,
                read.expires
            );
            let verdict = desk
                .verify(
                    token.expose(),
                    None,
                    &crate::VerifyRequest { method: "GET", address: None },
                )
                .await;
            assert!(matches!(verdict, crate::Verdict::Refused(_)), "{verdict:?}");
        }
    }
}
