//! Admin: finding people and looking after their accounts, everybody's tokens, and the audit. A
//! page is a line here and a folder, as in [`crate::settings`].

pub(crate) mod tabs;
pub(crate) mod words;

crate::page_set::page_set! {
    /// The pages of Admin.
    AdminPage: Admin {
        SelectUser(FoundUsers) in mod users;
        User(Seen) in mod user;
        Tokens(Review) in mod tokens;
        Audit(Audit) in mod audit;
    } elsewhere {} instead {}
}
