//! What the operator decides about notices.

use crate::{Channel, NoticeKind};

/// What the operator decides about notices. Every node that shares a store has the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeSettings {
    /// Mails are sent.
    pub mail: bool,
    /// The webhook is called.
    pub webhook: bool,
    /// The kinds that people are told of.
    pub kinds: Vec<NoticeKind>,
    /// How many days before a token ends its owner is told, each once.
    pub expiry_days: Vec<i64>,
    /// What administrators are told too, by mail, when it happens to anybody: some of
    /// [`NoticeKind::OF_THE_AUDIT`].
    pub administrators: Vec<NoticeKind>,
}

impl Default for NoticeSettings {
    fn default() -> Self {
        Self {
            mail: false,
            webhook: false,
            kinds: NoticeKind::ALL.to_vec(),
            expiry_days: vec![14, 7, 1],
            administrators: Vec::new(),
        }
    }
}

impl NoticeSettings {
    /// Whether anybody is told anything.
    pub(crate) fn is_on(&self) -> bool {
        self.mail || self.webhook
    }

    /// Whether notices go by this.
    pub(crate) const fn sends_by(&self, channel: Channel) -> bool {
        match channel {
            Channel::Mail => self.mail,
            Channel::Webhook => self.webhook,
        }
    }

    /// Whether people are told of this.
    pub(crate) fn tells_of(&self, kind: NoticeKind) -> bool {
        match kind {
            NoticeKind::ForAdministrators => !self.administrators.is_empty(),
            kind => self.kinds.contains(&kind),
        }
    }

    /// So many days before it ends nobody is told of a token any more.
    pub(crate) fn longest_days(&self) -> i64 {
        self.expiry_days.iter().copied().max().unwrap_or_default()
    }
}
