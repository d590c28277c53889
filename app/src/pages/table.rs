//! The table of pages. A page is a line here and a folder of its own below `settings/` or `admin/`
//! (and its `mod` line there), whose [`Page`] says what it is called and how it is drawn, and whose
//! `PageRoute` where it is, for whom, and what it shows. Router, guards and tabs follow from them.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::page::{Page, PageSet, Set, Tabs};
use crate::{admin, errors, help, login, settings};

/// One set of pages: those that are asked for by their paths, and those that are shown instead of
/// one.
macro_rules! pages {
    (
        $(#[$doc:meta])*
        $name:ident: $set:ident { $($page:ident($content:ty);)+ }
        instead { $($other:ident($other_content:ty);)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "each is the page of that name")]
        pub enum $name {
            $($page($content),)+
            $($other($other_content),)*
        }

        impl Page for $name {
            const TITLE: &'static str = "Latchkey";

            fn title(&self) -> String {
                match self {
                    $(Self::$page(page) => page.title(),)+
                    $(Self::$other(page) => page.title(),)*
                }
            }

            fn status(&self) -> u16 {
                match self {
                    $(Self::$page(page) => page.status(),)+
                    $(Self::$other(page) => page.status(),)*
                }
            }

            fn shows_once(&self) -> bool {
                match self {
                    $(Self::$page(page) => page.shows_once(),)+
                    $(Self::$other(page) => page.shows_once(),)*
                }
            }

            fn notice(&self) -> Option<$crate::notice::Notice> {
                match self {
                    $(Self::$page(page) => page.notice(),)+
                    $(Self::$other(page) => page.notice(),)*
                }
            }

            fn for_browser(&self) -> Self {
                match self {
                    $(Self::$page(page) => Self::$page(page.for_browser()),)+
                    $(Self::$other(page) => Self::$other(page.for_browser()),)*
                }
            }

            fn draw(self) -> AnyView {
                match self {
                    $(Self::$page(page) => page.draw(),)+
                    $(Self::$other(page) => page.draw(),)*
                }
            }
        }

        impl PageSet for $name {
            const TABS: Tabs = &[$((<$content as Page>::PATH, <$content as Page>::TAB)),+];
            const SET: Option<Set> = Some(Set::$set);
        }

        #[cfg(feature = "ssr")]
        impl $name {
            /// Those that are asked for by their paths.
            pub(crate) const ENTRIES: &[$crate::server::pages::Entry] = &[$(
                $crate::server::pages::Entry::of::<$content>(|context| {
                    Box::pin(async move {
                        let page = $crate::server::pages::found::<$content>(context).await?;
                        Ok(page.map(|page| $crate::server::pages::Answer::from(Self::$page(page))))
                    })
                })
            ),+];
        }
    };
}

pages! {
    /// The pages for everybody: log-in, Settings, Help, and what is said instead of a page.
    SettingsPage: Settings {
        LogIn(login::LogInPage);
        AboutMe(settings::about_me::AboutMe);
        AuthTokens(settings::auth_tokens::Tokens);
        Sessions(settings::sessions::Sessions);
        Notices(settings::notices::Notices);
        Activity(settings::activity::Activity);
        Help(help::Help);
    } instead {
        Refused(errors::Refused);
        NotFound(errors::NotFound);
    }
}

pages! {
    /// The pages of Admin.
    AdminPage: Admin {
        SelectUser(admin::users::FoundUsers);
        User(admin::user::Seen);
        Tokens(admin::tokens::Review);
        Audit(admin::audit::Audit);
    } instead {}
}
