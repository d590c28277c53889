//! Cargo's two profiles of the server. `release` has packages of a lower level, for a quick build;
//! `dist`, for what is passed on, inherits these levels, and so names each of them again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The level of what is passed on.
const FOR_SPEED: &str = "3";

/// The packages that `dist` leaves at a lower level, and those that it names for nothing.
pub(crate) fn not_for_speed(project: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(project.join("Cargo.toml")).unwrap_or_default();
    let (release, dist) = (levels(&manifest, "release"), levels(&manifest, "dist"));
    // What is written in another way is not read here.
    let tables = ["[profile.release.package]", "[profile.dist.package]"];
    let mut found: Vec<String> = tables
        .into_iter()
        .filter(|table| manifest.contains(table))
        .map(|table| format!("Cargo.toml: {table}: each package has a table of its own"))
        .collect();
    let own = |profile: &str| values(&manifest, &format!("[profile.{profile}]"));
    for (profile, key) in ["release", "dist"].into_iter().flat_map(|profile| {
        own(profile)
            .into_keys()
            .filter(|key| key.starts_with("package"))
            .map(move |key| (profile, key))
    }) {
        found.push(format!("Cargo.toml: {key} in {profile}: each package has a table of its own"));
    }
    let level = own("dist").remove("opt-level").or_else(|| own("release").remove("opt-level"));
    if let Some(level) = level.filter(|level| *level != FOR_SPEED) {
        found.push(format!("Cargo.toml: dist itself is at {level}"));
    }
    let config = fs::read_to_string(project.join(".cargo/config.toml")).unwrap_or_default();
    if config.contains("[profile") {
        found.push(".cargo/config.toml: profiles stand in Cargo.toml".to_owned());
    }
    if release.is_empty() {
        found.push("Cargo.toml: no [profile.release.package.…]".to_owned());
    }
    for name in release.keys().filter(|name| !dist.contains_key(*name)) {
        found.push(format!("Cargo.toml: {name} is lowered, and not named in dist"));
    }
    for (name, level) in dist {
        if !release.contains_key(name) {
            found.push(format!("Cargo.toml: {name} is named in dist, and not lowered"));
        } else if level != FOR_SPEED {
            found.push(format!("Cargo.toml: {name} is at {level} in dist"));
        }
    }
    found
}

/// What a table has.
fn values<'a>(manifest: &'a str, table: &str) -> BTreeMap<&'a str, &'a str> {
    let lines = manifest.lines().skip_while(|line| *line != table).skip(1);
    let pairs =
        lines.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('='));
    pairs.map(|(key, value)| (key.trim(), value.trim())).collect()
}

/// The packages that have a level of their own in a profile.
fn levels<'a>(manifest: &'a str, profile: &str) -> BTreeMap<&'a str, &'a str> {
    let table = format!("[profile.{profile}.package.");
    let mut found = BTreeMap::new();
    let mut package = None;
    for line in manifest.lines() {
        if line.starts_with('[') {
            let name = line.strip_prefix(table.as_str());
            package = name.and_then(|name| name.split_once(']')).map(|(name, _)| name);
        } else if let (Some(package), Some((key, level))) = (package, line.split_once('='))
            && key.trim() == "opt-level"
        {
            found.insert(package, level.trim());
        }
    }
    found
}
