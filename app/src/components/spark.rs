//! How often a token was used lately, as small bars.

use desk::{USE_DAYS, UseDays};
use leptos::prelude::*;

/// Height of the highest bar, and the width of each with the gap behind it, in the drawing's units.
const HEIGHT: u32 = 16;
const STEP: usize = 3;

/// One bar a day; nothing where there was no use.
#[component]
pub(crate) fn Spark(
    /// The counts.
    days: Memo<UseDays>,
) -> impl IntoView {
    move || {
        let days = days.get();
        let sum = days.sum();
        (sum > 0).then(|| {
            let words = format!(
                "Used {sum} {} in {USE_DAYS} days",
                if sum == 1 { "time" } else { "times" }
            );
            view! {
                <span class="spark" role="img" aria-label=words.clone() title=words>
                    <svg viewBox="0 0 90 16" width="90" height="16" aria-hidden="true">
                        <path d=bars(days.counts()) />
                    </svg>
                </span>
            }
            .into_any()
        })
    }
}

/// The bars as a path. The highest is as high as the drawing; a day with any use at all is seen.
fn bars(counts: &[u32]) -> String {
    let most = counts.iter().copied().max().unwrap_or_default().max(1);
    let height = |count: u32| {
        u32::try_from((u64::from(count) * u64::from(HEIGHT)).div_ceil(u64::from(most)))
            .unwrap_or(HEIGHT)
    };
    let bar = |(day, count): (usize, &u32)| {
        format!("M{} {HEIGHT}v-{}h2V{HEIGHT}", day * STEP, height(*count))
    };
    // On a line, so that days without use are seen too.
    [format!("M0 {HEIGHT}v-1h{}v1z", (counts.len() * STEP).saturating_sub(1))]
        .into_iter()
        .chain(counts.iter().enumerate().filter(|(_, count)| **count > 0).map(bar))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_day_is_the_highest_bar_and_the_least_is_seen() {
        assert_eq!(bars(&[0, 0]), "M0 16v-1h5v1z");
        assert_eq!(bars(&[1, 0, 1000]), "M0 16v-1h8v1zM0 16v-1h2V16M6 16v-16h2V16");
        assert_eq!(bars(&[u32::MAX]), "M0 16v-1h2v1zM0 16v-16h2V16");
    }
}
