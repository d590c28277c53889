//! The manifest of the built site, as `xtask` writes it: one `key value` a line. Read by the build
//! script, and by the program where it serves a folder during development. Tests:
//! `server/src/site.rs`.

/// The files that pages load; empty: there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest<'a> {
    /// What loads the WASM of the pages for everybody.
    pub(crate) settings_js: &'a str,
    /// The WASM of the pages for everybody.
    pub(crate) settings_wasm: &'a str,
    /// What loads the WASM of Admin's pages.
    pub(crate) admin_js: &'a str,
    /// The WASM of Admin's pages.
    pub(crate) admin_wasm: &'a str,
    /// The style sheet.
    pub(crate) css: &'a str,
}

impl<'a> Manifest<'a> {
    /// What the text says.
    pub(crate) fn read(text: &'a str) -> Self {
        let mut manifest = Self::default();
        for (key, name) in text.lines().filter_map(|line| line.split_once(' ')) {
            match key {
                "settings-js" => manifest.settings_js = name,
                "settings-wasm" => manifest.settings_wasm = name,
                "admin-js" => manifest.admin_js = name,
                "admin-wasm" => manifest.admin_wasm = name,
                "css" => manifest.css = name,
                // What they are made from, and each file once more.
                _ => {}
            }
        }
        manifest
    }
}
