//! Logged in as … → Settings: its pages, and the set of all that are for everybody. A page is a
//! line here and the folder that it names: its [`Page`](crate::page::Page) says what it is called,
//! where it is, what its tab says and how it is drawn, its `PageRoute` for whom it is and what it
//! shows. Router, guards and tabs, in the order of the lines, follow from them.

mod tabs;

use crate::{errors, help, login};
pub(crate) use tabs::Tabs;

crate::page_set::page_set! {
    /// The pages for everybody: log-in, Settings, Help, and what is said instead of a page.
    SettingsPage: Settings {
        AboutMe(AboutMe) in mod about_me;
        AuthTokens(Tokens) in mod auth_tokens;
        Sessions(Sessions) in mod sessions;
        Notices(Notices) in mod notices;
        Activity(Activity) in mod activity;
    } elsewhere {
        LogIn(login::LogInPage);
        Help(help::Help);
    } instead {
        Refused(errors::Refused);
        NotFound(errors::NotFound);
    }
}
