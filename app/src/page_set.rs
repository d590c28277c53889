//! A set of pages, as one type: the pages of a folder, a line each, which declares the folder of
//! the page too. Tests: `server/tests/server/people/pages.rs`, `end2end/tests/crowd.spec.ts`.

/// One set of pages: those in folders beside where this is written, those that are elsewhere, and
/// those that are shown instead of one.
///
/// `Variant(Type) in mod folder;` declares `mod folder`, whose `Type` implements
/// [`Page`](crate::page::Page) and `PageRoute`; the order of the lines is that of the tabs. cargo's
/// own fmt does not look into it: `make fmt` names those folders.
macro_rules! page_set {
    (
        $(#[$doc:meta])*
        $name:ident: $set:ident { $($page:ident($content:ident) in mod $module:ident;)+ }
        elsewhere { $($other:ident($other_content:ty);)* }
        instead { $($instead:ident($instead_content:ty);)* }
    ) => {
        $(pub(crate) mod $module;)+
        $crate::page_set::page_set! {
            @ $(#[$doc])* $name: $set
            { $($page($module::$content);)+ $($other($other_content);)* }
            { $($page($module::$content);)+ $($other($other_content);)*
                $($instead($instead_content);)* }
        }
    };
    (
        @ $(#[$doc:meta])* $name:ident: $set:ident
        { $($page:ident($content:ty);)+ }
        { $($any:ident($any_content:ty);)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[expect(missing_docs, reason = "each is the page of that name")]
        pub enum $name {
            $($any($any_content),)+
        }

        impl $crate::page::Page for $name {
            const TITLE: &'static str = "Latchkey";

            fn title(&self) -> String {
                match self {
                    $(Self::$any(page) => $crate::page::Page::title(page),)+
                }
            }

            fn status(&self) -> u16 {
                match self {
                    $(Self::$any(page) => $crate::page::Page::status(page),)+
                }
            }

            fn shows_once(&self) -> bool {
                match self {
                    $(Self::$any(page) => $crate::page::Page::shows_once(page),)+
                }
            }

            fn notice(&self) -> Option<$crate::notice::Notice> {
                match self {
                    $(Self::$any(page) => $crate::page::Page::notice(page),)+
                }
            }

            fn for_browser(&self) -> Self {
                match self {
                    $(Self::$any(page) => Self::$any($crate::page::Page::for_browser(page)),)+
                }
            }

            fn draw(self) -> leptos::prelude::AnyView {
                match self {
                    $(Self::$any(page) => $crate::page::Page::draw(page),)+
                }
            }
        }

        impl $crate::page::PageSet for $name {
            const TABS: $crate::page::Tabs = &[$((
                <$content as $crate::page::Page>::PATH,
                <$content as $crate::page::Page>::TAB,
            )),+];
            const SET: Option<$crate::page::Set> = Some($crate::page::Set::$set);
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

pub(crate) use page_set;
