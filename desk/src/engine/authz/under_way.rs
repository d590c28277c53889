//! Forms that are being done at this moment, on this node: the same one sent again meanwhile waits
//! until it is known what became of the first, instead of being judged beside it. Who clicks twice
//! without script reads the answer to the second.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

use tokio::sync::OwnedMutexGuard;

use crate::engine::lock::lock;
use crate::store::forms::SentForm;

type Forms = Mutex<HashMap<SentForm, Arc<tokio::sync::Mutex<()>>>>;

/// One entry a form for as long as anybody does it or waits for it: no more than there are requests
/// under way.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Arc<Forms>);

/// Whose turn it is with a form; it ends with the last copy.
#[derive(Debug)]
pub(crate) struct FormTurn {
    form: SentForm,
    forms: Arc<Forms>,
    turn: Option<OwnedMutexGuard<()>>,
}

impl UnderWay {
    /// Waits until nobody does this form.
    pub(crate) async fn take(&self, form: SentForm) -> FormTurn {
        let place = lock(&self.0).entry(form.clone()).or_default().clone();
        // Who goes away while they wait leaves no entry either.
        let mut turn = FormTurn { form, forms: Arc::clone(&self.0), turn: None };
        turn.turn = Some(place.lock_owned().await);
        turn
    }
}

impl FormTurn {
    pub(crate) fn form(&self) -> &SentForm {
        &self.form
    }
}

impl Drop for FormTurn {
    fn drop(&mut self) {
        let mut forms = lock(&self.forms);
        self.turn = None;
        // Who waits holds it too.
        if forms.get(&self.form).is_some_and(|place| Arc::strong_count(place) == 1) {
            forms.remove(&self.form);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;

    use super::*;
    use crate::NetId;

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_nothing_is_left() {
        let under_way = UnderWay::default();
        let netid = NetId::parse("rae").expect("a NetID");
        let form = |key: &str| SentForm::of(&netid, key);
        let first = under_way.take(form("1")).await;
        let mut second = Box::pin(under_way.take(form("1")));
        let mut gone = Box::pin(under_way.take(form("1")));
        assert!(poll!(second.as_mut()).is_pending() && poll!(gone.as_mut()).is_pending());
        let other = under_way.take(form("2")).await;
        drop(gone);
        drop(first);
        let second = second.await;
        assert_eq!((second.form(), lock(&under_way.0).len()), (&form("1"), 2));
        drop((second, other));
        assert_eq!(lock(&under_way.0).len(), 0);
    }
}
