//! `[notices]`: what people are told. Tests: `config/tests/notices.rs`.

use confique::Config;
use desk::{NoticeKind, NoticeSettings};
use serde::Serialize;

use super::lenient::words;
use super::listed;
use crate::config::{ConfigError, hint};
use crate::quoted::quoted;

/// As many days before its end a token may be spoken of, at the most.
const MAX_DAYS: i64 = 365;

/// As many times.
const MAX_TIMES: usize = 8;

/// What people are told.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Notices {
    /// What nobody is told, by mail or webhook: token-made, token-new-network, token-expires,
    /// token-idle, password-set, password-changed, password-closed, account-closed, token-leaked,
    /// notices-changed, old-strings-end, for-administrators. Left out: everything is told.
    #[config(env = "LATCHKEY_NOTICES_OFF", default = [], deserialize_with = words)]
    pub off: Vec<String>,

    /// Of what administrators are told as well, whomever it concerns: token-made,
    /// token-new-network, password-set, password-changed, password-closed, account-closed,
    /// token-leaked.
    #[config(env = "LATCHKEY_NOTICES_TO_ADMINISTRATORS", default = [], deserialize_with = words)]
    pub to_administrators: Vec<String>,

    /// How many days before a token ends its owner is told, each time once.
    #[config(
        env = "LATCHKEY_NOTICES_EXPIRY_DAYS",
        default = ["14", "7", "1"],
        deserialize_with = words
    )]
    pub expiry_days: Vec<String>,
}

impl Notices {
    /// What the desk needs of it; `mail`, `webhook`: by what there is to tell.
    pub(in crate::config) fn settings(
        &self,
        mail: bool,
        webhook: bool,
    ) -> Result<NoticeSettings, ConfigError> {
        let off = kinds("notices.off", &self.off, NoticeKind::ALL)?;
        let administrators =
            kinds("notices.to_administrators", &self.to_administrators, &NoticeKind::OF_THE_AUDIT)?;
        if let Some(kind) = administrators.iter().find(|kind| off.contains(*kind)) {
            let what = format!("{} is in notices.off: take it out of one.", quoted(kind.code()));
            return Err(ConfigError::senseless("notices.to_administrators", what));
        }
        let kinds = NoticeKind::ALL.iter().copied().filter(|kind| !off.contains(kind)).collect();
        let expiry_days = self.days()?;
        Ok(NoticeSettings { mail, webhook, kinds, expiry_days, administrators })
    }

    /// The days before an end, the most first.
    fn days(&self) -> Result<Vec<i64>, ConfigError> {
        let wrong = || {
            let what = format!(
                "write up to {MAX_TIMES} numbers of days from 1 to {MAX_DAYS}, such as [\"14\", \
                 \"7\", \"1\"]."
            );
            ConfigError::senseless("notices.expiry_days", what)
        };
        let read =
            |text: String| text.parse::<i64>().ok().filter(|day| (1..=MAX_DAYS).contains(day));
        let days: Option<Vec<i64>> =
            listed(self.expiry_days.clone()).into_iter().map(read).collect();
        let mut days = days.ok_or_else(wrong)?;
        days.sort_unstable_by(|one, other| other.cmp(one));
        days.dedup();
        if days.is_empty() || days.len() > MAX_TIMES { Err(wrong()) } else { Ok(days) }
    }
}

/// Kinds of notices by their words, each one of these.
fn kinds(
    key: &'static str,
    texts: &[String],
    known: &[NoticeKind],
) -> Result<Vec<NoticeKind>, ConfigError> {
    let codes = || known.iter().map(|kind| kind.code().to_owned());
    let read = |text: String| {
        let kind = NoticeKind::parse(&text).filter(|kind| known.contains(kind));
        kind.ok_or_else(|| {
            let all: Vec<String> = codes().collect();
            let (text, hint) = (quoted(&text), hint(&text, codes()));
            let what = format!("{text} is none.{hint} There are: {}.", all.join(", "));
            ConfigError::senseless(key, what)
        })
    };
    listed(texts.to_vec()).into_iter().map(read).collect()
}
