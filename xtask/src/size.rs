//! What the browser has to load for a page.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::site::{Manifest, SETS};
use crate::{files, target};

/// Everything together, brotli, in bytes, for a page of each of [`SETS`]: people's own pages are
/// opened by everybody, those of Admin by the few who have them open all day. A bare Leptos page
/// with a router weighs 151 000. A page holds keys drawn at random, so that the same page weighs
/// some bytes more or less at each run: a budget is not to the byte.
const BUDGETS: [usize; SETS.len()] = [203_500, 211_500];

/// Prints a table of what a page of each set loads; an error over the budget. `document` is the
/// HTML of the Auth Tokens page, if at hand; it counts for both.
pub(crate) fn report(document: Option<&Path>) -> Result<()> {
    let site = target().join("site");
    let manifest = Manifest::read(&site);
    let mut over = Vec::new();
    for (set, budget) in SETS.into_iter().zip(BUDGETS) {
        ensure!(
            !manifest.get(&format!("{set}-wasm")).is_empty(),
            "there is no site yet: build it first"
        );
        let mut parts = Vec::new();
        for (what, key) in [
            ("wasm", format!("{set}-wasm")),
            ("js", format!("{set}-js")),
            ("css", "css".to_owned()),
        ] {
            parts.push((what, files::read(&site.join(manifest.get(&key)))?));
        }
        if let Some(path) = document {
            parts.push(("html", files::read(path)?));
        }
        println!("{set:<10} {:>10} {:>10} {:>10}", "raw", "gzip", "brotli");
        let mut total = [0; 3];
        for (name, content) in &parts {
            let sizes = [content.len(), files::gzip(content)?.len(), files::brotli(content)?.len()];
            println!("{name:<10} {:>10} {:>10} {:>10}", sizes[0], sizes[1], sizes[2]);
            for (sum, size) in total.iter_mut().zip(sizes) {
                *sum += size;
            }
        }
        println!("{:<10} {:>10} {:>10} {:>10}\n", "total", total[0], total[1], total[2]);
        if total[2] > budget {
            over.push(format!(
                "{set}: {} bytes are over the budget of {budget} (brotli)",
                total[2]
            ));
        }
    }
    ensure!(over.is_empty(), "{}", over.join("; "));
    println!("within the budgets of {BUDGETS:?} (brotli)");
    Ok(())
}
