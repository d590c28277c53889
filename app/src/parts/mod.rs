//! What pages share: fields, notices, times, and a page that loads.

mod field;
mod loaded;
mod notice;
mod password;
mod time;

pub use field::{Choice, SelectField, TextField};
pub use loaded::{failed, loaded};
pub use notice::{Kind, Notice, NoticeBox};
pub use password::{OwnPassword, PasswordField, ShowPasswords};
pub use time::{Ago, Ahead, Day};
