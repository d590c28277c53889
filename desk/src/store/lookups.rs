//! Look-ups that wait for a reader. Each question costs the store a transaction and the reading of
//! its text, and a server a trip: whoever asks for a token while others do is answered with them,
//! by one question for all. Tests: below, and what comes of it `desk/tests/desk/verify.rs`.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::sync::oneshot;

use crate::engine::lock::lock;
use crate::store::error::StoreError;
use crate::store::rows::{TokenRecord, User};

/// Tokens that are read by one question.
const AT_ONCE: usize = 128;

/// A token, and whose it is.
pub(crate) type TokenWithOwner = (TokenRecord, User);

/// What is told of one token.
pub(super) type Answer = Result<Option<TokenWithOwner>, StoreError>;

/// Those who wait.
#[derive(Debug)]
pub(super) struct Lookups {
    state: Mutex<State>,
    /// So many questions are asked at once, each by a reader: one for each processor.
    most_readers: usize,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<(String, oneshot::Sender<Answer>)>,
    readers: usize,
}

impl Default for Lookups {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { state: Mutex::default(), most_readers: processors }
    }
}

impl Lookups {
    /// Adds a look-up; answers where to hear of it, and whether a reader must be started.
    pub(super) fn push(&self, id: &str) -> (oneshot::Receiver<Answer>, bool) {
        let (tell, reply) = oneshot::channel();
        let mut state = lock(&self.state);
        state.waiting.push((id.to_owned(), tell));
        let start = state.readers < self.most_readers;
        state.readers += usize::from(start);
        (reply, start)
    }

    /// The next that are read together, by their ids: those who wait for the same token are told
    /// together. None: the reader's work is over.
    pub(super) fn next(&self) -> Option<HashMap<String, Vec<oneshot::Sender<Answer>>>> {
        let mut state = lock(&self.state);
        state.waiting.retain(|(_, tell)| !tell.is_closed());
        if state.waiting.is_empty() {
            state.readers -= 1;
            return None;
        }
        let many = state.waiting.len().min(AT_ONCE);
        let mut next: HashMap<String, Vec<_>> = HashMap::new();
        for (id, tell) in state.waiting.drain(..many) {
            next.entry(id).or_default().push(tell);
        }
        Some(next)
    }
}

/// Lets the next look-up start a reader where this one ended before its work was over.
pub(super) struct Reader<'a> {
    pub(super) lookups: &'a Lookups,
    pub(super) is_over: bool,
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            lock(&self.lookups.state).readers -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::future::join_all;
    use futures::poll;

    use super::*;
    use crate::PlainToken;
    use crate::engine::desk::Desk;
    use crate::engine::desk_for_tests::demo_desk;
    use crate::engine::secret::hex;
    use crate::engine::verify::cached_token::Id;
    use crate::store::handle::Store;
    use crate::store::vars::vars;

    fn id(n: u32) -> Id {
        PlainToken::hash_presented(PlainToken::of_campus(1, n.into(), 0).expose()).expect("a token")
    }

    /// A desk, and its store with this many tokens of tia's.
    async fn store_of(many: u32) -> (Desk, Store) {
        let (desk, _) = demo_desk().await;
        let store = desk.inner.store.clone();
        for n in 0..many {
            let sql = "CREATE type::record('token', $id) CONTENT { owner: 'tia', description: \
                'one', access: 'full', networks: '', created: 1 }";
            store.note(sql, vars! { "id" => hex(&id(n)) }).await.expect("a token");
        }
        (desk, store)
    }

    /// How often the store is asked for tokens while this goes on.
    async fn queries<T>(store: &Store, future: impl Future<Output = T>) -> (T, usize) {
        *lock(&store.queries) = Some(Vec::new());
        let answer = future.await;
        let queries = lock(&store.queries).take().expect("what was asked");
        (answer, queries.iter().filter(|(sql, _)| sql.contains("LET $tokens")).count())
    }

    #[tokio::test]
    async fn those_that_are_asked_for_at_once_are_read_together_each_with_its_owner() {
        let (_desk, store) = store_of(60).await;
        let ids: Vec<String> = (0..120).map(|n| hex(&id(n))).collect();
        let all = join_all(ids.iter().map(|id| store.token_with_owner(id)));
        let (reply, questions) = queries(&store, all).await;
        for (n, (id, reply)) in ids.iter().zip(reply).enumerate() {
            let found = reply.expect("read").map(|(token, owner)| {
                (crate::store::rows::key(&token.id), owner.person.netid.to_string())
            });
            assert_eq!(found, (n < 60).then(|| (id.clone(), "tia".to_owned())), "{n}");
        }
        assert_eq!(questions, 1);
    }

    #[tokio::test]
    async fn whoever_asks_for_the_same_one_is_told_the_same() {
        let (_desk, store) = store_of(1).await;
        let one = hex(&id(0));
        let (reply, questions) =
            queries(&store, join_all((0..50).map(|_| store.token_with_owner(&one)))).await;
        assert!(reply.into_iter().all(|reply| matches!(reply, Ok(Some(_)))));
        assert_eq!(questions, 1);
    }

    #[tokio::test]
    async fn more_than_are_read_at_once_are_read_in_turn() {
        let (_desk, store) = store_of(1).await;
        let ids: Vec<String> = (0..1000).map(|n| hex(&id(n))).collect();
        let all = join_all(ids.iter().map(|id| store.token_with_owner(id)));
        let (reply, questions) = queries(&store, all).await;
        assert_eq!(reply.iter().filter(|reply| matches!(reply, Ok(Some(_)))).count(), 1);
        assert_eq!(questions, 1000_usize.div_ceil(AT_ONCE));
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_read_is_in_nobody_elses_way() {
        let (_desk, store) = store_of(2).await;
        let broken = "DEFINE FIELD OVERWRITE networks ON token TYPE any;
            UPDATE type::record('token', $id) SET networks = 7";
        store.note(broken, vars! { "id" => hex(&id(0)) }).await.expect("a broken row");
        let (first, second) = (hex(&id(0)), hex(&id(1)));
        let (one, other) =
            tokio::join!(store.token_with_owner(&first), store.token_with_owner(&second));
        assert!(one.is_err(), "{one:?}");
        assert!(matches!(other, Ok(Some(_))), "{other:?}");
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_read_and_a_reader_that_fails_is_followed() {
        let (_desk, store) = store_of(1).await;
        let one = hex(&id(0));
        let ((), questions) = queries(&store, async {
            assert!(poll!(pin!(store.token_with_owner(&one))).is_pending(), "and waits no more");
            while lock(&store.lookups.state).readers > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(questions, 0);
        for _ in 0..store.lookups.most_readers {
            let (reply, start) = store.lookups.push(&one);
            assert!(start, "a reader is wanted");
            drop((reply, Reader { lookups: &store.lookups, is_over: false }));
        }
        let (_reply, start) = store.lookups.push(&one);
        assert!(start, "and again, since none is left");
    }
}
