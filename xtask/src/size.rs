//! What the browser has to load for the Auth Tokens page.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::site::Manifest;
use crate::{files, target};

/// Everything together, brotli, in bytes: what the page weighs today, which it must not outgrow.
const BUDGET: usize = 365_000;

/// What it is to come down to. A bare Leptos page with a router weighs 151 000.
const AIM: usize = 260_000;

/// Prints a table of what the page loads; an error over the budget. `document` is the page's HTML, if at hand.
pub(crate) fn report(document: Option<&Path>) -> Result<()> {
    let site = target().join("site");
    let manifest = Manifest::read(&site);
    ensure!(!manifest.wasm.is_empty(), "there is no site yet: build it first");
    let mut parts = vec![
        ("wasm", files::read(&site.join(&manifest.wasm))?),
        ("js", files::read(&site.join(&manifest.js))?),
        ("css", files::read(&site.join(&manifest.css))?),
    ];
    if let Some(path) = document {
        parts.push(("html", files::read(path)?));
    }

    println!("{:<6} {:>10} {:>10} {:>10}", "bytes", "raw", "gzip", "brotli");
    let mut total = [0; 3];
    for (name, content) in &parts {
        let sizes = [content.len(), files::gzip(content)?.len(), files::brotli(content)?.len()];
        println!("{name:<6} {:>10} {:>10} {:>10}", sizes[0], sizes[1], sizes[2]);
        for (sum, size) in total.iter_mut().zip(sizes) {
            *sum += size;
        }
    }
    println!("{:<6} {:>10} {:>10} {:>10}", "total", total[0], total[1], total[2]);
    ensure!(total[2] <= BUDGET, "{} bytes are over the budget of {BUDGET} (brotli)", total[2]);
    println!("within the budget of {BUDGET} (brotli); the aim is {AIM}");
    Ok(())
}
