//! A campus into an empty store, which is a demo's from then on: in large transactions, past the
//! services, and as if they had written it. What it is found by, what is counted and the chain of
//! its audit are whole at the end; until then the store is marked as one that was not finished.

use std::collections::VecDeque;

use tokio::task::JoinSet;

use crate::engine::accounts::demo::DemoError;
use crate::engine::campus::history::NODE;
use crate::engine::campus::people::Inhabitant;
use crate::engine::campus::plan::Campus;
use crate::engine::doors::Console;
use crate::engine::notices::beginning::begin_anew;
use crate::engine::secret::PlainToken;
use crate::store::campus::{CampusMark, Part};
use crate::store::chain::Chain;
use crate::store::error::StoreError;
use crate::{Access, Refusal};

/// People in one transaction, with all that is theirs.
const PEOPLE: u64 = 200;

/// How many transactions are under way at once: while one is on its way to the disk another is made
/// ready.
const AT_ONCE: usize = 3;

/// How much of a campus was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// People, the demo's not among them.
    pub people: u64,
    /// Their tokens, the ended ones too.
    pub tokens: u64,
    /// Rows of the audit that were written with them.
    pub audit_rows: u64,
}

/// Why a campus is not loaded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// Somebody is in the store.
    #[error(
        "there are people in this store: a campus is made in an empty one. Name another by --store"
    )]
    NotEmpty,
    /// The demo's accounts, by which one logs in there, could not be made.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The store.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<StoreError> for SeedError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl Console {
    /// Fills an empty store with a campus, and tells how many of its people are there so far. What
    /// runs by itself at this desk ends: open it anew afterwards.
    ///
    /// # Errors
    /// [`SeedError`]. A store in which it was broken off is no more use than to be deleted.
    pub async fn load_campus(
        &self,
        campus: &Campus,
        mut report: impl FnMut(u64),
    ) -> Result<Loaded, SeedError> {
        let store = &self.inner.store;
        if !self.list_users("", 1).await?.is_empty() {
            return Err(SeedError::NotEmpty);
        }
        self.load_demo().await?;
        self.end_background();
        let (people, seed) = (i64::from(campus.people), campus.seed.to_string());
        store.mark_campus(CampusMark { people, seed: seed.clone(), is_whole: false }).await?;
        let mut end = Chain { node: NODE.to_owned(), ..Chain::default() };
        let (mut loaded, mut under_way) = (Loaded::default(), JoinSet::new());
        let mut sizes = VecDeque::new();
        while loaded.people < u64::from(campus.people) {
            let part = campus.part(&mut loaded, &mut end);
            if under_way.len() == AT_ONCE {
                finished(&mut under_way).await?;
                report(sizes.pop_front().unwrap_or_default());
            }
            sizes.push_back(loaded.people);
            let store = store.clone();
            under_way.spawn(async move { store.load_part(part).await });
        }
        while !under_way.is_empty() {
            finished(&mut under_way).await?;
        }
        store.end_chain(&end, campus.now).await?;
        // What it had before it was there is no news.
        begin_anew(store, self.settings()).await?;
        store.mark_campus(CampusMark { people, seed, is_whole: true }).await?;
        report(loaded.people);
        Ok(loaded)
    }
}

async fn finished(under_way: &mut JoinSet<Result<(), StoreError>>) -> Result<(), SeedError> {
    match under_way.join_next().await {
        Some(Ok(loaded)) => Ok(loaded?),
        // A panic, and there is nothing to be gone on with.
        Some(Err(_)) => Err(Refusal::Unavailable.into()),
        None => Ok(()),
    }
}

impl Campus {
    /// The next people, and their share of the audit.
    fn part(&self, loaded: &mut Loaded, end: &mut Chain) -> Part {
        let mut part = Part::default();
        let (from, all) = (loaded.people, u64::from(self.people));
        let to = (from + PEOPLE).min(all);
        for n in from..to {
            let Inhabitant { row, terms, tokens } = self.inhabitant(n);
            part.people.push(row);
            part.terms.extend(terms);
            part.tokens.extend(tokens);
        }
        let rows = u64::from(self.audit_rows) * to / all;
        while loaded.audit_rows < rows {
            let (next, row) = self.next_row(end);
            part.audit.push(row);
            *end = next;
            loaded.audit_rows += 1;
        }
        loaded.people = to;
        loaded.tokens += part.tokens.len() as u64;
        part
    }

    /// Some of its tokens that work, from anywhere and for anything, of people from all over it:
    /// for measuring with. Whoever has the seed has all of them.
    #[must_use]
    pub fn working_tokens(&self, most: u32) -> Vec<PlainToken> {
        let people = u64::from(self.people);
        // Some three of each person's.
        let wanted = u64::from(most.div_ceil(2)).clamp(1, people.max(1));
        let stride = usize::try_from((people / wanted).max(1)).unwrap_or(1);
        let from_all_over =
            (0..people.min(stride as u64)).flat_map(|from| (from..people).step_by(stride));
        let mut found = Vec::new();
        for n in from_all_over {
            let Inhabitant { row, tokens, .. } = self.inhabitant(n);
            for (k, token) in (0..).zip(&tokens).filter(|_| !row.disabled && row.privileged) {
                let works = token.revoked_at.is_none()
                    && token.expires.is_none_or(|at| at > self.now.0)
                    && token.networks.is_empty()
                    && token.access == Access::Full.word();
                if works {
                    found.push(self.token(n, k));
                }
                if found.len() == most as usize {
                    return found;
                }
            }
        }
        found
    }
}
