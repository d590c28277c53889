//! The modules of a crate, and which of them uses which.
//!
//! A module is a file; inline modules belong to the file they stand in. An arrow leads from a file
//! to the file that *defines* what it names: re-exports, by glob too, are followed. Where nothing
//! in the crate defines it, or where the module itself is named, the arrow leads to the module.
//! Code for tests, and paths within attributes' strings, draw none.
//!
//! Of the desk each file is looked at, of the other crates each folder: what stands directly below
//! `src`, with all that is in it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::scan::{Module, ModulePath, Scan};
use crate::tokens::Token;

/// A file of a crate's sources.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) tokens: Vec<Token>,
}

/// Each circle of modules as text: one that is as short as any, then every arrow between modules
/// that reach each other.
pub(crate) fn circles(
    source_folder: &Path,
    files: &[SourceFile],
    shown: impl Fn(&Path) -> String,
) -> Vec<String> {
    let names: Vec<String> = files.iter().map(|file| shown(&file.path)).collect();
    circles_among(&names, &Modules::read(source_folder, files).arrows(&names))
}

/// The same of folders, and of files beside them. No arrow leads to the one that is `not_followed`.
pub(crate) fn circles_of_folders(
    source_folder: &Path,
    files: &[SourceFile],
    not_followed: Option<&str>,
    shown: impl Fn(&Path) -> String,
) -> Vec<String> {
    let folders: Vec<PathBuf> =
        files.iter().map(|file| folder_of(source_folder, &file.path)).collect();
    let all: Vec<&PathBuf> = folders.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let at = |file: usize| all.iter().position(|folder| **folder == folders[file]);
    let names: Vec<String> = files.iter().map(|file| shown(&file.path)).collect();
    let mut arrows = vec![BTreeMap::new(); all.len()];
    for (from, file) in Modules::read(source_folder, files).arrows(&names).iter().enumerate() {
        for (to, place) in file {
            let (Some(from), Some(to)) = (at(from), at(*to)) else { continue };
            if from != to && !not_followed.is_some_and(|folder| all[to].ends_with(folder)) {
                arrows[from].entry(to).or_insert_with(|| place.clone());
            }
        }
    }
    circles_among(&all.iter().map(|folder| shown(folder)).collect::<Vec<_>>(), &arrows)
}

/// What stands directly below the sources' folder: a folder, or a file.
fn folder_of(source_folder: &Path, file: &Path) -> PathBuf {
    let within = file.strip_prefix(source_folder).unwrap_or(file);
    within.iter().next().map_or_else(|| file.to_owned(), |first| source_folder.join(first))
}

fn circles_among(names: &[String], arrows: &Arrows) -> Vec<String> {
    let reach: Vec<BTreeSet<usize>> =
        (0..arrows.len()).map(|from| reachable(arrows, from)).collect();
    let mut reported = BTreeSet::new();
    let mut circles = Vec::new();
    for module in 0..arrows.len() {
        if !reach[module].contains(&module) || reported.contains(&module) {
            continue;
        }
        let members: BTreeSet<usize> =
            reach[module].iter().copied().filter(|other| reach[*other].contains(&module)).collect();
        circles.push(describe(names, arrows, &members));
        reported.extend(members);
    }
    circles
}

/// From a module to those it uses, with the place where it first does: file and line.
type Arrows = Vec<BTreeMap<usize, String>>;

/// All that a module leads to; itself only where there is a way back.
fn reachable(arrows: &Arrows, from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        open.extend(arrows[at].keys().filter(|next| found.insert(**next)));
    }
    found
}

fn describe(names: &[String], arrows: &Arrows, members: &BTreeSet<usize>) -> String {
    let shortest = members
        .iter()
        .map(|start| shortest_circle(arrows, members, *start))
        .min_by_key(Vec::len)
        .unwrap_or_default();
    let mut text = format!("a circle of {} modules:", members.len());
    for (at, from) in shortest.iter().enumerate() {
        let to = shortest[(at + 1) % shortest.len()];
        let _ = write!(text, "\n    {} → {}", arrows[*from][&to], names[to]);
    }
    let others: Vec<(usize, &String)> = members
        .iter()
        .flat_map(|from| arrows[*from].iter().map(|(to, place)| (*from, *to, place)))
        .filter(|(from, to, _)| {
            members.contains(to)
                && !(0..shortest.len())
                    .any(|at| (shortest[at], shortest[(at + 1) % shortest.len()]) == (*from, *to))
        })
        .map(|(_, to, place)| (to, place))
        .collect();
    if !others.is_empty() {
        text.push_str("\n  and between the same modules:");
    }
    for (to, place) in others {
        let _ = write!(text, "\n    {place} → {}", names[to]);
    }
    text
}

/// The modules of a shortest way from one back to it, that one first.
fn shortest_circle(arrows: &Arrows, members: &BTreeSet<usize>, start: usize) -> Vec<usize> {
    let mut from = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for next in arrows[at].keys().filter(|next| members.contains(next)) {
            if *next == start {
                let mut way = vec![at];
                while let Some(before) = from.get(&way[way.len() - 1]) {
                    way.push(*before);
                }
                way.reverse();
                return way;
            }
            if !from.contains_key(next) {
                from.insert(*next, at);
                open.push_back(*next);
            }
        }
    }
    vec![start]
}

struct Modules {
    all: Vec<Module>,
    by_path: BTreeMap<ModulePath, usize>,
}

impl Modules {
    fn read(source_folder: &Path, files: &[SourceFile]) -> Self {
        let paths: Vec<ModulePath> =
            files.iter().map(|file| module_path(source_folder, &file.path)).collect();
        let scans: Vec<Scan> = (0..files.len())
            .map(|file| Scan::of(file, &files[file].tokens, &paths[file]))
            .collect();
        let for_tests: Vec<ModulePath> =
            scans.iter().flat_map(|scan| scan.for_tests.clone()).collect();
        let is_for_tests =
            |module: &Module| for_tests.iter().any(|path| module.path.starts_with(path));
        let all: Vec<Module> = scans
            .into_iter()
            .flat_map(|scan| scan.modules)
            .filter(|module| !is_for_tests(module))
            .collect();
        let by_path =
            all.iter().enumerate().map(|(at, module)| (module.path.clone(), at)).collect();
        Self { all, by_path }
    }

    fn arrows(&self, names: &[String]) -> Arrows {
        let mut arrows = vec![BTreeMap::new(); names.len()];
        for (at, module) in self.all.iter().enumerate() {
            let imports = module.imports.iter().map(|import| (&import.path, import.line));
            let mut named: Vec<(&Vec<String>, usize)> =
                imports.chain(module.paths.iter().map(|(path, line)| (path, *line))).collect();
            named.sort_by_key(|(_, line)| *line);
            for (path, line) in named {
                let to = self.find(at, path, &mut BTreeSet::new()).map(|to| self.all[to].file);
                if let Some(to) = to.filter(|to| *to != module.file) {
                    let place = || format!("{}:{line}", names[module.file]);
                    arrows[module.file].entry(to).or_insert_with(place);
                }
            }
        }
        arrows
    }

    /// The module that defines what a path, as written in module `from`, names; None where that is
    /// outside the crate.
    fn find(
        &self,
        from: usize,
        path: &[String],
        seen: &mut BTreeSet<(usize, String)>,
    ) -> Option<usize> {
        let mut base = self.all[from].path.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => (base, rest) = (Vec::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
            }
            _ => return self.descend(from, path, true, seen),
        }
        self.descend(*self.by_path.get(&base)?, rest, false, seen)
    }

    /// Follows a path from a module downwards and through re-exports. A `bare` path may begin with
    /// another crate's name.
    fn descend(
        &self,
        at: usize,
        path: &[String],
        bare: bool,
        seen: &mut BTreeSet<(usize, String)>,
    ) -> Option<usize> {
        let Some((name, rest)) = path.split_first() else { return Some(at) };
        let module = &self.all[at];
        if let Some(child) = self.child(at, name) {
            return self.descend(child, rest, false, seen);
        }
        if module.defines.contains(name) {
            return Some(at);
        }
        let here = (!bare).then_some(at);
        if !seen.insert((at, name.clone())) {
            return here;
        }
        for import in module.imports.iter().filter(|import| import.name.as_ref() == Some(name)) {
            let target: Vec<String> = import.path.iter().chain(rest).cloned().collect();
            if let Some(found) = self.find(at, &target, seen) {
                return Some(found);
            }
        }
        for import in module.imports.iter().filter(|import| import.name.is_none()) {
            let within = self.find(at, &import.path, &mut seen.clone());
            if let Some(within) =
                within.filter(|within| self.provides(*within, name, &mut BTreeSet::new(), seen))
            {
                return self.descend(within, path, false, seen);
            }
        }
        here
    }

    fn child(&self, at: usize, name: &str) -> Option<usize> {
        let mut path = self.all[at].path.clone();
        path.push(name.to_owned());
        self.by_path.get(&path).copied()
    }

    /// Whether a glob of this module brings that name. What is `looked_for` already is not looked
    /// for again: a glob of another crate, `use leptos::prelude::*`, might bring its own beginning.
    fn provides(
        &self,
        at: usize,
        name: &String,
        seen: &mut BTreeSet<usize>,
        looked_for: &BTreeSet<(usize, String)>,
    ) -> bool {
        let module = &self.all[at];
        let by_itself = self.child(at, name).is_some()
            || module.defines.contains(name)
            || module.imports.iter().any(|import| import.name.as_ref() == Some(name));
        by_itself
            || seen.insert(at)
                && module.imports.iter().filter(|import| import.name.is_none()).any(|import| {
                    self.find(at, &import.path, &mut looked_for.clone())
                        .is_some_and(|within| self.provides(within, name, seen, looked_for))
                })
    }
}

/// `engine/verify/mod.rs` and `engine/verify.rs` are both `engine::verify`.
fn module_path(source_folder: &Path, file: &Path) -> ModulePath {
    let within = file.strip_prefix(source_folder).unwrap_or(file).with_extension("");
    let mut path: ModulePath =
        within.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if path.last().is_some_and(|last| last == "mod") || path == ["lib"] {
        path.pop();
    }
    path
}
