//! Names that once stood here for what the field calls otherwise: they do not come back.

use std::path::Path;

use crate::modules::SourceFile;
use crate::{files, shown};

/// Old names of types and constants, and what is written instead.
const OLD: [(&str, &str); 18] = [
    ("Here", "RequestContext"),
    ("Fault", "ApiError"),
    ("Told", "PageData"),
    ("Around", "Layout"),
    ("Visit", "PageContext"),
    ("FrameView", "LayoutData"),
    ("News", "Event or LiveEvent"),
    ("Shared", "AppState"),
    ("SignOnError", "OidcError"),
    ("Begun", "LoginState"),
    ("Published", "Discovery"),
    ("Arrival", "LoginContext"),
    ("Vouched", "ExternalIdentity"),
    ("Fate", "Outcome"),
    ("Pass", "Principal"),
    ("Turns", "KeyedLocks"),
    ("MOST", "what it is the most of: MAX_FORM_BYTES"),
    ("PATIENCE", "what it is the time of: STORE_TIMEOUT"),
];

/// Those of others: `tracing` calls so what a line of its log is told to.
const OF_OTHERS: [(&str, &str); 1] = [("server/src/logging/format.rs", "Visit")];

/// Old names of modules.
const OLD_MODULES: [&str; 12] = [
    "told",
    "here",
    "frame",
    "parts",
    "fault",
    "ask",
    "sign_on",
    "begun",
    "published",
    "snip",
    "plain_forms",
    "refuse",
];

pub(crate) fn old_names(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["desk/src", "app/src", "server/src", "frontend/src", "xtask/src"] {
        for SourceFile { tokens, path } in files(&project.join(folder)) {
            let file = shown(project, &path);
            for token in &tokens {
                let old = token.word().and_then(|word| OLD.iter().find(|(old, _)| *old == word));
                let old = old.filter(|(old, _)| !OF_OTHERS.contains(&(file.as_str(), *old)));
                found.extend(old.map(|(old, new)| format!("{file}:{}: {old}: {new}", token.line)));
            }
            for pair in tokens.windows(2) {
                let module = pair[1]
                    .word()
                    .filter(|name| pair[0].is_word("mod") && OLD_MODULES.contains(name));
                found.extend(module.map(|name| format!("{file}:{}: mod {name}", pair[1].line)));
            }
        }
    }
    found
}
