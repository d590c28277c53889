//! Reading the audit: everybody's by those who may, one's own by everybody. Tests:
//! `desk/tests/desk/audit.rs`.

use crate::engine::audit::entry::entry;
use crate::engine::audit::streaming::AuditStream;
use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::sessions::visitor::Visitor;
use crate::store::audit_page::{AuditFilter, AuditPart, Budget};
use crate::store::change::{AuditEntry, Change};
use crate::store::retention::ChainStart;
use crate::{
    Actor, AuditAction, AuditPage, AuditQuery, AuditRow, ChainLink, Moment, NetId, Outcome,
    RecordedAction, Refusal,
};

/// The most characters of what a file was asked with.
const DETAIL: usize = 200;

impl Desk {
    /// The audit for a target that is called so: it has what is new from the moment on at which it
    /// is first asked for, or with `from_start` all that there is.
    #[must_use]
    pub fn audit_stream(&self, target: &str, from_start: bool) -> AuditStream {
        AuditStream::new(self.inner.store.clone(), self.settings(), target, from_start)
    }

    /// A page of everybody's audit.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn audit(
        &self,
        permit: &Permit<right::ReadAudit>,
        query: &AuditQuery,
    ) -> Result<AuditPage, Refusal> {
        self.inner.looks.note(reading(permit, query), &self.inner.store, self.now()).await;
        self.audit_rows(query).await
    }

    /// A page of everybody's audit as it is shown: at the end of the last one it is said where
    /// older rows were removed.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn audit_shown(
        &self,
        permit: &Permit<right::ReadAudit>,
        query: &AuditQuery,
    ) -> Result<AuditPage, Refusal> {
        let page = self.audit(permit, query).await?;
        self.with_its_beginning(page, query).await
    }

    /// Writes down that the audit is taken away as a file, each time: what is read of it page by
    /// page follows ([`Desk::audit`]). Without its row there is no file.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn begin_audit_file(
        &self,
        permit: &Permit<right::ReadAudit>,
        query: &AuditQuery,
        format: &str,
    ) -> Result<(), Refusal> {
        let parts = [
            ("", format),
            ("subject", &query.subject),
            ("actor", &query.actor),
            ("action", &query.action),
        ];
        let parts = parts.into_iter().chain([
            ("outcome", &*query.outcome),
            ("from", &query.from),
            ("to", &query.to),
        ]);
        let filters = parts
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(name, text)| format!("{name} {}", text.trim()));
        let detail: String =
            filters.collect::<Vec<_>>().join(", ").trim().chars().take(DETAIL).collect();
        let row = reading(permit, query);
        self.inner.looks.is_first(&row, self.now());
        Ok(self
            .inner
            .store
            .commit(Change::default().audited(row.detailed(detail)), self.now())
            .await?)
    }

    /// What happened to the visitor's account.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn own_activity(
        &self,
        visitor: &Visitor,
        before: &str,
    ) -> Result<AuditPage, Refusal> {
        self.history_of(visitor.netid(), before).await
    }

    /// A page of what happened to somebody's account, to its very beginning.
    pub(crate) async fn history_of(
        &self,
        netid: &NetId,
        before: &str,
    ) -> Result<AuditPage, Refusal> {
        let query = AuditQuery {
            subject: netid.to_string(),
            before: before.to_owned(),
            ..AuditQuery::default()
        };
        let page = self.audit_rows(&query).await?;
        self.with_its_beginning(page, &query).await
    }

    /// On the last page of what is left, a line that older rows were removed, and when: where some
    /// of them may have been among what was asked for. It is no row of the audit.
    async fn with_its_beginning(
        &self,
        mut page: AuditPage,
        query: &AuditQuery,
    ) -> Result<AuditPage, Refusal> {
        let is_whole =
            |row: &AuditRow| row.action.is(AuditAction::UserCreate) && row.outcome == Outcome::Done;
        if page.next.is_some()
            || !query.subject.is_empty() && page.rows.last().is_some_and(is_whole)
        {
            return Ok(page);
        }
        let starts = self.inner.store.chain_starts().await?;
        let latest = |of: fn(&ChainStart) -> i64| starts.iter().map(of).max().map(Moment);
        let (Some(at), Some(up_to)) = (latest(|start| start.at), latest(|start| start.to_at))
        else {
            return Ok(page);
        };
        if day(&query.from).is_some_and(|from| from > up_to) {
            return Ok(page);
        }
        page.rows.push(AuditRow {
            id: String::new(),
            at,
            actor: Actor::Nobody,
            subject: String::new(),
            action: RecordedAction::Known(AuditAction::AuditPrune),
            outcome: Outcome::Done,
            address: String::new(),
            agent: String::new(),
            detail: format!("Up to {}", up_to.day()),
            link: ChainLink::default(),
        });
        Ok(page)
    }

    pub(crate) async fn audit_rows(&self, query: &AuditQuery) -> Result<AuditPage, Refusal> {
        let Some(filter) = filter(query) else { return Ok(AuditPage::default()) };
        self.inner.unwaited.settled().await;
        let AuditPart { rows, looked_down_to } =
            self.inner.store.audit_page(&filter, AuditPage::ROWS + 1, Budget::default()).await?;
        let more = rows.len() > AuditPage::ROWS;
        let rows: Vec<AuditRow> =
            rows.into_iter().take(AuditPage::ROWS).map(AuditRow::from).collect();
        let next = rows.last().filter(|_| more).map(|row| row.id.clone()).or(looked_down_to);
        Ok(AuditPage { rows, next })
    }
}

impl Console {
    /// A page of the audit for the operator on the command line.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn audit(&self, query: &AuditQuery) -> Result<AuditPage, Refusal> {
        self.audit_rows(query).await
    }
}

/// The row of somebody who reads: of one person's, where the query asks for one.
fn reading(permit: &Permit<right::ReadAudit>, query: &AuditQuery) -> AuditEntry {
    let of = [&query.subject, &query.actor].into_iter().find_map(|text| NetId::parse(text).ok());
    entry(
        permit.actor(),
        of.as_ref().map_or("", NetId::as_str),
        AuditAction::AuditRead,
        permit.origin(),
    )
}

/// What was typed, in the types that rows have; none where no row can fit it.
fn filter(query: &AuditQuery) -> Option<AuditFilter> {
    let typed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let outcome = match typed(&query.outcome) {
        None => None,
        Some(code) => Some(Outcome::ALL.into_iter().find(|outcome| outcome.code() == code)?),
    };
    let before = typed(&query.before);
    // Up to the last moment of that day.
    let to = day(&query.to).map(|day| uuid_from(day.plus_days(1)));
    Some(AuditFilter {
        subject: typed(&query.subject)
            .map(|text| NetId::parse(&text).map_or(text, |netid| netid.to_string())),
        actor: typed(&query.actor)
            .map(|text| NetId::parse(&text).map_or_else(|_| Actor::from(text), Actor::Person)),
        actions: typed(&query.action).map(actions).unwrap_or_default(),
        outcome,
        below: before.into_iter().chain(to).min(),
        from: day(&query.from).map(uuid_from),
    })
}

/// The actions that are meant. A code that this program does not know may be another version's.
fn actions(text: String) -> Vec<RecordedAction> {
    let known = AuditAction::all_called(&text);
    if known.is_empty() {
        vec![RecordedAction::from(text)]
    } else {
        known.into_iter().map(RecordedAction::Known).collect()
    }
}

/// The beginning of a day written `YYYY-MM-DD`, UTC.
pub(super) fn day(text: &str) -> Option<Moment> {
    Moment::end_of_day(text.trim()).map(|end| Moment(end.0 + 1).plus_days(-1))
}

/// The smallest UUIDv7 of a moment: its first 48 bits are the milliseconds (RFC 9562 §5.7).
fn uuid_from(moment: Moment) -> String {
    let ms = moment.0.max(0);
    format!("{:08x}-{:04x}", (ms >> 16) & 0xffff_ffff, ms & 0xffff)
}
