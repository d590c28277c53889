//! Rows of the audit by what is looked for, newest first, page by page. Along one index, which is
//! walked in windows: what else is looked for is compared here, so that no page reads more than so
//! many rows. Tests: below, and `desk/tests/desk/audit.rs`.

use crate::store::chain::StoredAudit;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;
use crate::{Actor, Outcome, RecordedAction};

/// What is looked for among the rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditFilter {
    pub(crate) subject: Option<String>,
    pub(crate) actor: Option<Actor>,
    /// Any of these; none: whatever was done.
    pub(crate) actions: Vec<RecordedAction>,
    pub(crate) outcome: Option<Outcome>,
    /// Only rows whose id is below this text; none: from the newest.
    pub(crate) below: Option<String>,
    /// Only rows whose id is this text or above; none: to the oldest.
    pub(crate) from: Option<String>,
}

/// How many rows are read for one page where not each of them fits: a filter that few rows fit must
/// not keep the store with the whole audit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// At once.
    window: usize,
    /// In all.
    most: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { window: 1000, most: 5000 }
    }
}

/// The newest rows that fit, newest first.
#[derive(Debug, Default)]
pub(crate) struct AuditPart {
    pub(crate) rows: Vec<StoredAudit>,
    /// No row below this id was looked at: it was too many already. None: there is no end to what
    /// was looked at but the rows themselves.
    pub(crate) looked_down_to: Option<String>,
}

/// A column whose index is walked, and what stands there; none: all rows by their ids.
type Way = Option<(&'static str, String)>;

impl AuditFilter {
    /// Along what the rows are read that may fit: along one index, or one part of it for each
    /// action.
    fn ways(&self) -> Vec<Way> {
        match (&self.subject, &self.actor) {
            (Some(subject), _) => vec![Some(("subject", subject.clone()))],
            (None, Some(actor)) => vec![Some(("actor", actor.code()))],
            // One after the other: by all of them at once the index would not be in order.
            (None, None) if !self.actions.is_empty() => self
                .actions
                .iter()
                .map(|action| Some(("action", action.code().to_owned())))
                .collect(),
            (None, None) => vec![None],
        }
    }

    /// Whether each row on its way fits, down to `from`.
    fn is_all_on_its_way(&self) -> bool {
        let (subject, actor) = (self.subject.is_some(), self.actor.is_some());
        self.outcome.is_none()
            && !(subject && actor)
            && (self.actions.is_empty() || !subject && !actor)
    }

    fn fits(&self, row: &StoredAudit) -> bool {
        self.subject.as_ref().is_none_or(|subject| row.subject == *subject)
            && self.actor.as_ref().is_none_or(|actor| row.actor == actor.code())
            && self.outcome.is_none_or(|outcome| row.outcome == outcome.code())
            && (self.actions.is_empty()
                || self.actions.iter().any(|action| row.action == action.code()))
            && !self.is_past(row)
    }

    fn is_past(&self, row: &StoredAudit) -> bool {
        self.from.as_ref().is_some_and(|from| row.uuid < *from)
    }
}

impl Store {
    /// The newest rows that fit, newest first, at most `limit`; fewer, although there are more,
    /// where the budget is spent.
    pub(crate) async fn audit_page(
        &self,
        filter: &AuditFilter,
        limit: usize,
        budget: Budget,
    ) -> Result<AuditPart, StoreError> {
        let ways = filter.ways();
        let most = (budget.most / ways.len().max(1)).max(1);
        let each = Budget { window: budget.window.min(most), most };
        let mut part = AuditPart::default();
        for way in &ways {
            let AuditPart { rows, looked_down_to } =
                self.audit_along(way, filter, limit, each).await?;
            part.rows.extend(rows);
            part.looked_down_to = part.looked_down_to.max(looked_down_to);
        }
        part.rows.sort_unstable_by(|one, other| other.uuid.cmp(&one.uuid));
        // Below that another way may have some that it did not come to.
        if let Some(down_to) = &part.looked_down_to {
            part.rows.retain(|row| row.uuid >= *down_to);
        }
        part.rows.truncate(limit);
        Ok(part)
    }

    async fn audit_along(
        &self,
        way: &Way,
        filter: &AuditFilter,
        limit: usize,
        budget: Budget,
    ) -> Result<AuditPart, StoreError> {
        let window = if filter.is_all_on_its_way() { limit } else { budget.window };
        // "g" is above every hex digit.
        let mut below = filter.below.clone().unwrap_or_else(|| "g".to_owned());
        let (mut part, mut read) = (AuditPart::default(), 0);
        loop {
            let rows = self.audit_window(way, &below, window).await?;
            read += rows.len();
            let last = rows.last().filter(|last| rows.len() == window && !filter.is_past(last));
            let last = last.map(|last| last.uuid.clone());
            part.rows.extend(rows.into_iter().filter(|row| filter.fits(row)));
            match last {
                Some(last) if part.rows.len() < limit => below = last,
                _ => return Ok(part),
            }
            if read >= budget.most {
                part.looked_down_to = Some(below);
                return Ok(part);
            }
        }
    }

    /// The next rows along an index, from below this id.
    async fn audit_window(
        &self,
        way: &Way,
        below: &str,
        window: usize,
    ) -> Result<Vec<StoredAudit>, StoreError> {
        // One bound, so that the index is walked from there.
        let mut sql = "SELECT * FROM audit WHERE uuid < $below".to_owned();
        let mut values = vars! {
            "below" => below.to_owned(), "window" => i64::try_from(window).unwrap_or(i64::MAX),
        };
        if let Some((column, value)) = way {
            sql.push_str(&format!(" AND {column} = ${column}"));
            values.insert(*column, value.clone());
        }
        sql.push_str(" ORDER BY uuid DESC LIMIT $window");
        self.rows(&sql, values).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::desk::Desk;
    use crate::engine::desk_for_tests::{demo_desk, secret};
    use crate::engine::origin::Origin;

    /// Page after page with a budget of so many rows; and how many of the pages were cut short.
    async fn read_within(
        desk: &Desk,
        filter: &AuditFilter,
        budget: Budget,
    ) -> (Vec<String>, usize) {
        let (mut filter, mut ids, mut cut) = (filter.clone(), Vec::new(), 0);
        for _ in 0..1000 {
            let part = desk.inner.store.audit_page(&filter, 3, budget).await.expect("a page");
            ids.extend(part.rows.iter().map(|row| row.uuid.clone()));
            let full = part.rows.last().filter(|_| part.rows.len() == 3);
            cut += usize::from(full.is_none() && part.looked_down_to.is_some());
            match full.map(|last| last.uuid.clone()).or(part.looked_down_to) {
                Some(below) => filter.below = Some(below),
                None => return (ids, cut),
            }
        }
        panic!("it goes on for ever");
    }

    #[tokio::test]
    async fn a_page_reads_no_more_than_its_budget_and_the_next_one_goes_on() {
        let (desk, _) = demo_desk().await;
        // Whoever is refused again within a minute has no row of its own.
        let mut guessed_at = ["sam", "tia", "rae", "helen", "ada"].into_iter();
        for n in 0..40 {
            let guessed = if n % 8 == 0 { guessed_at.next() } else { None };
            let (netid, password) =
                guessed.map_or(("sam", "sam-netid-password"), |netid| (netid, "wrong"));
            let _ = desk.log_in(netid, &secret(password), &Origin::console()).await;
            // Its row among the others, and not with those that follow.
            desk.inner.unwaited.settled().await;
        }
        let action = |code: &str| RecordedAction::from(code.to_owned());
        let all = AuditFilter::default();
        let refused = AuditFilter { outcome: Some(Outcome::Refused), ..all.clone() };
        let of_sam = AuditFilter {
            subject: Some("sam".to_owned()),
            actions: vec![action("log-in"), action("user.create")],
            ..all.clone()
        };
        let of_two = AuditFilter {
            actions: vec![action("user.create"), action("log-in")],
            outcome: Some(Outcome::Refused),
            ..all.clone()
        };
        let (whole, _) = read_within(&desk, &all, Budget::default()).await;
        let old = AuditFilter { from: whole.get(30).cloned(), ..refused.clone() };
        let never = AuditFilter { from: Some("f".to_owned()), ..refused.clone() };
        for (filter, many) in [(&refused, 5), (&of_sam, 1), (&of_two, 5), (&old, 1), (&never, 0)] {
            let (unbounded, cut) =
                read_within(&desk, filter, Budget { window: 500, most: 5000 }).await;
            assert!(unbounded.len() >= many && cut == 0, "{filter:?}: {unbounded:?}");
            let (bounded, cut) = read_within(&desk, filter, Budget { window: 4, most: 8 }).await;
            assert_eq!(bounded, unbounded, "{filter:?}");
            assert!(cut > 0 || many < 5, "{filter:?}");
        }
        let (bounded, cut) = read_within(&desk, &all, Budget { window: 1, most: 1 }).await;
        assert_eq!((bounded, cut), (whole, 0), "where each row fits no more are read anyway");
    }
}
