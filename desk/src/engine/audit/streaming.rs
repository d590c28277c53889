//! The audit as it happens, for a target elsewhere: each row of each chain at least once and in its
//! chain's order, from a cursor that the store keeps. Of the nodes that share a store one sends at
//! a time. The target itself, a file or a syslog server, is the server's to speak to. Tests:
//! below, and `desk/tests/desk/streaming.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::clock::Clock;
use crate::engine::settings::Settings;
use crate::moment::MAX_CLOCK_SKEW;
use crate::store::error::{Condition, StoreError};
use crate::store::handle::Store;
use crate::store::stream::{StreamCursor, StreamState, take_turn};
use crate::{AuditRow, Refusal};

/// A node that has sent nothing for this long has lost its turn, in seconds: it may be gone. Much
/// longer than what is sent at once may take.
const TURN: i64 = 180;

/// A turn is kept once it is so old, in seconds.
const KEEP_AFTER: i64 = TURN / 3;

/// The audit on its way to one target: [`crate::Desk::audit_stream`].
#[derive(Clone, Debug)]
pub struct AuditStream {
    store: Store,
    node: String,
    clock: Clock,
    target: String,
    from_start: bool,
    /// This process has held the cursors against the rows.
    is_checked: Arc<AtomicBool>,
}

/// What is to be sent next.
#[derive(Clone, Debug, Default)]
pub struct StreamPart {
    /// The rows, those of each chain in its order; none: there is nothing to be sent, or it is
    /// another node's turn.
    pub rows: Vec<AuditRow>,
    /// How many rows the target lacks, these among them.
    pub behind: u64,
    /// How many rows it will never have: they were gone from the store before they were sent.
    pub missing: u64,
    /// Chains that are not those that were sent: the store is an older copy, say. Each is sent from
    /// its beginning.
    pub set_back: Vec<String>,
    /// Where the target is once it has the rows.
    cursors: Vec<StreamCursor>,
}

impl StreamPart {
    /// Whether there is anything to be noted, be it only that rows are gone.
    #[must_use]
    pub fn moves(&self) -> bool {
        !self.cursors.is_empty()
    }
}

impl AuditStream {
    /// The audit for a target that is called so.
    pub(crate) fn new(store: Store, settings: &Settings, target: &str, from_start: bool) -> Self {
        Self {
            store,
            node: settings.node.clone(),
            clock: settings.clock.clone(),
            target: target.to_owned(),
            from_start,
            is_checked: Arc::default(),
        }
    }

    /// The next rows, about so many, where it is this node's turn. They come again until they are
    /// noted as sent ([`AuditStream::sent`]).
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn next(&self, limit: usize) -> Result<StreamPart, Refusal> {
        let store = &self.store;
        let mut state = self.begin().await?;
        let Some(mut cursors) = state.cursors.take() else { return Ok(StreamPart::default()) };
        let set_back = self.set_back(&state, &mut cursors).await?;
        let waiting: Vec<(StreamCursor, &StreamCursor)> = state
            .heads
            .iter()
            .map(|head| (cursor_of(&cursors, &head.node), head))
            .filter(|(cursor, head)| head.seq > cursor.seq)
            .collect();
        let behind: u64 = waiting.iter().map(|(cursor, head)| head.seq.abs_diff(cursor.seq)).sum();
        let nothing = waiting.is_empty() && set_back.is_empty();
        let mut part = StreamPart { behind, set_back, ..StreamPart::default() };
        if nothing || !self.has_turn(&state).await? {
            return Ok(part);
        }
        let share = i64::try_from(limit / waiting.len().max(1)).unwrap_or(i64::MAX).max(1);
        for (cursor, head) in waiting {
            let moved = read(store, &cursor, head, share, &mut part).await?;
            set(&mut cursors, moved);
        }
        part.cursors = cursors;
        Ok(part)
    }

    /// The target has these rows: the next ones are those that follow.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: they come again.
    pub async fn sent(&self, part: &StreamPart) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.store.note_streamed(&self.target, &self.node, &part.cursors, now).await?;
        self.is_checked.store(true, Ordering::Release);
        Ok(())
    }

    /// Has the target begin where a new one does, unless it has begun; answers where it is.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(crate) async fn begin(&self) -> Result<StreamState, Refusal> {
        let state = self.store.stream_state(&self.target).await?;
        if state.cursors.is_some() {
            return Ok(state);
        }
        self.store.begin_stream(&self.target, &self.beginning(&state)).await?;
        Ok(self.store.stream_state(&self.target).await?)
    }

    /// Has the target begin with what comes from now on, whatever it lacks.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(crate) async fn begin_now(&self) -> Result<(), Refusal> {
        let state = self.store.stream_state(&self.target).await?;
        self.store.begin_stream(&self.target, &state.heads).await?;
        if state.cursors.is_some() {
            self.store.move_stream(&self.target, &state.heads).await?;
        }
        Ok(())
    }

    /// Where a target begins that is new.
    fn beginning(&self, state: &StreamState) -> Vec<StreamCursor> {
        if self.from_start { state.starts.clone() } else { state.heads.clone() }
    }

    /// Begins anew with each chain that is not the one that was sent: the store was set back to an
    /// older copy of itself, and what is written since has the numbers of what was sent then.
    async fn set_back(
        &self,
        state: &StreamState,
        cursors: &mut Vec<StreamCursor>,
    ) -> Result<Vec<String>, Refusal> {
        let is_first = !self.is_checked.load(Ordering::Acquire);
        let mut changed = Vec::new();
        for cursor in cursors.clone() {
            let end = cursor_of(&state.heads, &cursor.node).seq;
            let start = cursor_of(&state.starts, &cursor.node);
            let is_another = if end < cursor.seq {
                true
            } else if is_first && cursor.seq > start.seq {
                let row = self.store.chain_row(&cursor.node, cursor.seq).await?;
                row.is_some_and(|row| row.hash != cursor.hash)
            } else {
                false
            };
            if is_another {
                changed.push(cursor.node.clone());
                set(cursors, start);
            }
        }
        // What was found has to be found again until it is noted.
        if changed.is_empty() {
            self.is_checked.store(true, Ordering::Release);
        }
        Ok(changed)
    }

    /// Whether it is this node's turn, taken or kept where it has to be.
    async fn has_turn(&self, state: &StreamState) -> Result<bool, Refusal> {
        let (now, node) = (self.clock.now(), &self.node);
        let is_fresh = |at: i64| at <= now.0 && at > now.plus_seconds(-KEEP_AFTER).0;
        if state.node.as_ref() == Some(node) && state.at.is_some_and(is_fresh) {
            return Ok(true);
        }
        // A turn from further ahead was taken by a clock that was wrong.
        let (due, ahead) = (now.plus_seconds(-TURN), now.plus_seconds(MAX_CLOCK_SKEW));
        let turn = take_turn(&self.target, node, now, due, ahead);
        match self.store.commit(turn, now).await {
            Ok(()) => Ok(true),
            Err(StoreError::Condition(Condition::NotDue)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Reads the next rows of a chain, and answers where the target is once it has them.
async fn read(
    store: &Store,
    cursor: &StreamCursor,
    head: &StreamCursor,
    share: i64,
    part: &mut StreamPart,
) -> Result<StreamCursor, Refusal> {
    let mut rows = store.chain_rows(&cursor.node, cursor.seq, share).await?;
    // What was written since is for the next time.
    rows.retain(|row| row.seq <= head.seq);
    let Some(last) = rows.last() else {
        // The chain says that there are some, and there are none.
        part.missing += head.seq.abs_diff(cursor.seq);
        return Ok(head.clone());
    };
    let moved = StreamCursor { node: last.node.clone(), seq: last.seq, hash: last.hash.clone() };
    let there = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    part.missing += moved.seq.abs_diff(cursor.seq).saturating_sub(there);
    part.rows.extend(rows.into_iter().map(AuditRow::from));
    Ok(moved)
}

/// How far a chain is; one that is not among them is at its beginning.
fn cursor_of(cursors: &[StreamCursor], node: &str) -> StreamCursor {
    let known = cursors.iter().find(|cursor| cursor.node == node).cloned();
    known.unwrap_or_else(|| StreamCursor { node: node.to_owned(), seq: 0, hash: String::new() })
}

fn set(cursors: &mut Vec<StreamCursor>, moved: StreamCursor) {
    match cursors.iter_mut().find(|cursor| cursor.node == moved.node) {
        Some(cursor) => *cursor = moved,
        None => cursors.push(moved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::desk_for_tests::{demo_desk, log_in_sam};

    /// What is sent first to a target that had this row of this store, or of another.
    async fn sent_after(seq: i64, hash: &str) -> (StreamPart, StreamPart) {
        let (desk, _) = demo_desk().await;
        log_in_sam(&desk, 3).await;
        let cursor = StreamCursor { node: "main".to_owned(), seq, hash: hash.to_owned() };
        desk.inner.store.begin_stream("it", &[cursor]).await.expect("begun");
        let stream = desk.audit_stream("it", false);
        // Whoever could not send it finds the same again.
        stream.next(1000).await.expect("rows");
        let part = stream.next(1000).await.expect("rows");
        stream.sent(&part).await.expect("noted");
        let next = stream.next(1000).await.expect("rows");
        (part, next)
    }

    #[tokio::test]
    async fn a_store_that_is_an_older_copy_of_itself_is_sent_from_its_beginning() {
        for (seq, hash) in [(9999, "a hash"), (3, "another's")] {
            let (part, next) = sent_after(seq, hash).await;
            assert_eq!(part.set_back, ["main"], "{seq}");
            assert_eq!(part.rows.first().map(|row| row.link.seq), Some(1), "{seq}");
            assert_eq!(part.behind, part.rows.len() as u64, "{seq}");
            assert!(next.rows.is_empty() && next.set_back.is_empty(), "{next:?}");
        }
    }
}
