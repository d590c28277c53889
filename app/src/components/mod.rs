//! What pages share: fields, notices, times, and the facts of a token.

mod browser;
mod copy;
mod dialog;
mod field;
mod happened;
mod password;
mod pause;
mod spark;
pub(crate) mod strength;
mod table;
mod time;
mod token_facts;
mod who;

pub use crate::notice::{Notice, NoticeBox, NoticeKind};
pub use browser::browser;
pub use copy::CopyField;
pub use dialog::Dialog;
pub(crate) use dialog::close;
pub use field::{Choice, SelectField, TextField};
pub(crate) use happened::{folded, happened_head, happened_line, whole_detail};
pub(crate) use password::whose;
pub use password::{OwnPassword, PasswordField, ShowPasswords};
pub(crate) use pause::Pause;
pub(crate) use spark::Spark;
pub use strength::StrengthMeter;
pub(crate) use table::head;
pub use time::{Ago, Ahead, Day};
pub use token_facts::TokenFacts;
pub(crate) use who::directory;
