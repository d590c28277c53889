//! Whoever was found by the words of before is found by those of today, once these are made anew.

use std::time::Duration;

use desk::{Permit, right};

use super::{Old, names, old};
use crate::support::origin;

impl Old {
    async fn finder(&self) -> Permit<right::FindUsers> {
        let helen = self.person("helen").await;
        self.admit(&helen, None, &origin()).await.unwrap()
    }

    async fn finds(&self, permit: &Permit<right::FindUsers>, query: &str) -> Vec<String> {
        self.find_users(permit, query).await.unwrap().into_iter().map(|row| row.netid).collect()
    }
}

#[tokio::test]
async fn everybody_is_found_however_they_are_written() {
    // All at once: each mostly waits for what is done in the background, in its own time.
    let mut all = tokio::task::JoinSet::new();
    for name in names() {
        all.spawn(async move { is_found(&name).await });
    }
    while let Some(one) = all.join_next().await {
        one.unwrap();
    }
}

async fn is_found(name: &str) {
    let old = old(name).await;
    // In the background; whoever is still to come is found by the words of before.
    let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
    let permit = old.finder().await;
    // Whoever asked all the time would slow down what is waited for: eleven stores share a thread.
    let mut looks = tokio::time::interval(Duration::from_millis(250));
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while old.finds(&permit, "umauberall").await != ["uma"] {
        assert!(tokio::time::Instant::now() < deadline, "{name}");
        looks.tick().await;
    }
    let old = old.again().await;
    let permit = old.finder().await;
    let mut written = vec![("uma", &["Überall", "ueberall", "überall, uma", "U\u{308}berall"][..])];
    if old.was.schema >= 7 {
        written.extend([
            ("jorg", &["Jörg", "jorg", "joerg duesen", "Du\u{308}sen"][..]),
            ("lukasz", &["lazien", "Łazieński"]),
            ("siobhan", &["O'Brien", "obrien-smith", "Siobhán O’Brien-Smith", "Siobhan O Brien"]),
            ("wang", &["王小明", "小明"]),
        ]);
    }
    for (netid, queries) in written {
        for query in queries {
            assert_eq!(old.finds(&permit, query).await, [netid], "{name}: {query}");
        }
    }
}
