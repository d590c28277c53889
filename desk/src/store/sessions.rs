//! Sessions as the store has them. A session whose id is replaced stays of one family with what
//! replaces it, by the id under which it began: they end together.

use surrealdb::types::SurrealValue;

use crate::moment::MAX_CLOCK_SKEW;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::rows::SessionRecord;
use crate::store::vars::vars;
use crate::{Moment, NetId, SessionId};

/// A session to be stored.
#[derive(Debug)]
pub(crate) struct NewSession<'a> {
    pub(crate) id: SessionId,
    pub(crate) netid: &'a NetId,
    pub(crate) now: Moment,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) proved_at: Option<Moment>,
    pub(crate) issuer_subject: Option<String>,
    pub(crate) issuer_session: Option<String>,
}

/// What waits, sealed, for the next page view: new tokens, and the session's id of before.
#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
pub(crate) struct Sealed {
    pub(crate) sealed: Option<String>,
    pub(crate) sealed_until: Option<i64>,
}

/// The most characters of what waits sealed under one id of a session, give or take one token's.
pub(crate) const MAX_SEALED: i64 = 2000;

impl Store {
    /// The session with this id.
    pub(crate) async fn session(
        &self,
        id: &SessionId,
    ) -> Result<Option<SessionRecord>, StoreError> {
        self.row("SELECT * FROM type::record('session', $id)", vars! { "id" => id.to_string() })
            .await
    }

    /// A person's sessions, the latest log-in first.
    pub(crate) async fn sessions_of(
        &self,
        netid: &NetId,
    ) -> Result<Vec<SessionRecord>, StoreError> {
        let sql = "SELECT * FROM session WHERE user = $user ORDER BY created DESC";
        self.rows(sql, vars! { "user" => netid.as_str().to_owned() }).await
    }

    /// The sessions by what an OpenID provider calls the person.
    pub(crate) async fn sessions_of_issuer_subject(
        &self,
        subject: &str,
    ) -> Result<Vec<SessionRecord>, StoreError> {
        let sql = "SELECT * FROM session WHERE issuer_subject = $subject";
        self.rows(sql, vars! { "subject" => subject.to_owned() }).await
    }

    /// The sessions by what an OpenID provider calls its own.
    pub(crate) async fn sessions_of_issuer_session(
        &self,
        session: &str,
    ) -> Result<Vec<SessionRecord>, StoreError> {
        // Not `$session`: that name is SurrealDB's own.
        let sql = "SELECT * FROM session WHERE issuer_session = $theirs";
        self.rows(sql, vars! { "theirs" => session.to_owned() }).await
    }

    /// Writes down when the session was last seen.
    pub(crate) async fn note_seen(&self, id: &SessionId, now: Moment) -> Result<(), StoreError> {
        let sql = "UPDATE type::record('session', $id) SET last_seen = $now";
        self.note(sql, vars! { "id" => id.to_string(), "now" => now.0 }).await
    }

    /// Keeps what is sealed for its next page view, behind what waits already: two tabs may make a
    /// token at once. Answers whether there was room.
    pub(crate) async fn keep_sealed(
        &self,
        id: &SessionId,
        sealed: String,
        now: Moment,
        until: Moment,
    ) -> Result<bool, StoreError> {
        // What waits until later than a clock can have said is over.
        let sql = "UPDATE type::record('session', $id) SET sealed_until = $until,
             sealed = IF sealed != NONE AND sealed_until > $now AND sealed_until <= $ahead
                 { string::concat(sealed, ' ', $sealed) } ELSE { $sealed }
             WHERE sealed_until <= $now OR sealed_until > $ahead OR string::len(sealed ?? '') < \
             $most RETURN BEFORE";
        let vars = vars! {
            "id" => id.to_string(), "sealed" => sealed, "now" => now.0, "until" => until.0,
            "ahead" => until.plus_seconds(MAX_CLOCK_SKEW).0, "most" => MAX_SEALED,
        };
        Ok(self.note_and_read::<Sealed>(sql, vars).await?.is_some())
    }

    /// What is kept for it.
    pub(crate) async fn sealed(&self, id: &SessionId) -> Result<Option<Sealed>, StoreError> {
        self.row(
            "SELECT sealed, sealed_until FROM type::record('session', $id)",
            vars! { "id" => id.to_string() },
        )
        .await
    }

    /// Takes it out again, but for what is to be `left`, if it still is `sealed`.
    pub(crate) async fn take_sealed(
        &self,
        id: &SessionId,
        sealed: &str,
        left: Option<String>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE type::record('session', $id) SET sealed = $left WHERE sealed = $sealed \
            RETURN BEFORE";
        let vars = vars! { "id" => id.to_string(), "sealed" => sealed.to_owned(), "left" => left };
        Ok(self.note_and_read::<Sealed>(sql, vars).await?.is_some())
    }
}

/// Begins a session, unless the person is disabled.
pub(crate) fn begin(new: NewSession<'_>) -> Change {
    Change::new(
        "IF (SELECT VALUE disabled FROM ONLY type::record('user', $netid)) != false { THROW \
            'disabled' };
         CREATE type::record('session', $id) CONTENT { user: $netid, family: $id, created: $now, \
         last_seen: $now, address: $address,
            agent: $agent, proved_at: $proved, issuer_subject: $issuer_subject, issuer_session: \
            $issuer_session }",
        vars! {
            "id" => new.id.to_string(), "netid" => new.netid.as_str().to_owned(),
            "now" => new.now.0, "address" => new.address,
            "agent" => new.agent, "proved" => new.proved_at.map(|at| at.0),
            "issuer_subject" => new.issuer_subject,
            "issuer_session" => new.issuer_session,
        },
    )
}

/// A new id for a session.
#[derive(Debug)]
pub(crate) struct Renewal {
    pub(crate) old: SessionId,
    pub(crate) new: SessionId,
    pub(crate) now: Moment,
    /// Until then it is confirmed, by the person's local password as it is in the transaction.
    pub(crate) confirmed: Moment,
    /// Until then the old id goes on.
    pub(crate) replaced: Moment,
    /// What the new one has sealed at first, and until when.
    pub(crate) sealed: String,
    pub(crate) sealed_until: Moment,
}

/// Gives a session a new id. The old one is replaced once.
pub(crate) fn renew(renewal: Renewal) -> Change {
    Change::new(
        "LET $old = (SELECT * FROM ONLY type::record('session', $old_id));
         IF !$old { THROW 'session-ended' };
         IF $old.replaced_until IS NOT NONE { THROW 'session-replaced' };
         CREATE type::record('session', $new_id) CONTENT {
            user: $old.user, family: $old.family ?? $old_id, created: $old.created, last_seen: \
            $now, address: $old.address,
            agent: $old.agent, confirmed_until: $confirmed,
            confirmed_rev: (SELECT VALUE rev ?? 0 FROM ONLY type::record('user', $old.user)),
            proved_at: $old.proved_at, issuer_subject: $old.issuer_subject, issuer_session: \
            $old.issuer_session,
            sealed: $sealed, sealed_until: $sealed_until };
         UPDATE type::record('session', $old_id) SET replaced_until = $replaced, confirmed_until = \
         NONE",
        vars! {
            "old_id" => renewal.old.to_string(), "new_id" => renewal.new.to_string(),
            "now" => renewal.now.0,
            "confirmed" => renewal.confirmed.0, "replaced" => renewal.replaced.0,
            "sealed" => renewal.sealed,
            "sealed_until" => renewal.sealed_until.0,
        },
    )
}

/// Ends a person's session under every id that it has had.
pub(crate) fn end(netid: &NetId, family: &SessionId) -> Change {
    Change::new(
        "DELETE session WHERE user = $user AND family = $family",
        vars! { "user" => netid.as_str().to_owned(), "family" => family.to_string() },
    )
}

/// Ends every session of a person, but for this family's. Browsers that have logged in as them are
/// not known any more.
pub(crate) fn end_all(netid: &NetId, but: Option<&SessionId>) -> Change {
    // No function of the row in the condition: it would keep SurrealDB from using the index.
    let but = but.map_or("none", SessionId::as_str).to_owned();
    Change::new(
        "DELETE session WHERE user = $user AND family != $but;
         UPDATE type::record('user', $user) SET device_epoch = (device_epoch ?? 0) + 1 RETURN NONE",
        vars! { "user" => netid.as_str().to_owned(), "but" => but },
    )
}
