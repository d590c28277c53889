//! What a notice says beside whom it is for and when it was, taken apart from what is kept of it.
//! Tests: below, and `desk/tests/desk/notices/kinds.rs`.

use crate::NoticeKind;
use crate::engine::passwords::local::AT_THE_CONSOLE;
use crate::store::notices::ClaimedNotice;

/// What it says.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) initial: bool,
    pub(super) network: String,
    pub(super) note: String,
    pub(super) detail: String,
}

impl Contents {
    /// What a notice says whose detail is this by now.
    pub(super) fn of(kind: NoticeKind, row: &ClaimedNotice, detail: &str) -> Self {
        let (network, mut note) = network_and_note(&row.network);
        let (mut detail, mut initial) = (detail, false);
        match kind {
            // What the audit says of it is no sentence for its owner.
            NoticeKind::PasswordSet if !row.gathers => {
                initial = row.actor != row.netid && detail != AT_THE_CONSOLE;
                detail = "";
            }
            NoticeKind::ForAdministrators => {
                if let Some((happened, more)) = detail.split_once('\n') {
                    (detail, note) = (happened, more);
                }
            }
            _ => {}
        }
        let [network, note, detail] = [network, note, detail].map(str::to_owned);
        Self { initial, network, note, detail }
    }
}

/// The network that a row tells of, and what stands beside it: of many there is no network. Reads
/// `192.0.2.0/24 (first from there; 1 network before)`.
fn network_and_note(text: &str) -> (&str, &str) {
    let (network, note) = text.split_once(' ').unwrap_or((text, ""));
    if !network.is_empty() && !network.contains('/') {
        return ("", text);
    }
    let inner = note.strip_prefix('(').and_then(|note| note.strip_suffix(')'));
    (network, inner.unwrap_or(note))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_stands_apart_from_what_is_said_of_it() {
        for (text, network, note) in [
            ("", "", ""),
            ("192.0.2.0/24", "192.0.2.0/24", ""),
            (
                "2001:db8:7::/48 (first from there; 1 network before)",
                "2001:db8:7::/48",
                "first from there; 1 network before",
            ),
            ("from many new networks", "", "from many new networks"),
        ] {
            assert_eq!(network_and_note(text), (network, note), "{text}");
        }
    }
}
