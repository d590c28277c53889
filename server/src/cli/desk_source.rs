//! Where a command has its desk from: it opens the store itself, or it runs within a server, which
//! has it open, for somebody who calls. Tests: `server/tests/server/command_line/`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use desk::{Desk, OlderStore, OpenError};

use super::exit::Failure;
use super::{control, packaged, show};
use crate::config::Configuration;

/// Where a command has its desk from.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeskSource<'a> {
    /// What is configured there.
    pub(super) configuration: &'a Configuration,
    /// The server's desk, where the command runs within one.
    running: Option<&'a Desk>,
}

impl<'a> DeskSource<'a> {
    /// The command opens the store.
    pub(super) fn store(configuration: &'a Configuration) -> Self {
        Self { configuration, running: None }
    }

    /// The command runs within the server whose desk this is.
    pub(super) fn server(configuration: &'a Configuration, desk: &'a Desk) -> Self {
        Self { configuration, running: Some(desk) }
    }

    /// Whether opening it would make a new store.
    pub(super) fn makes_store(&self) -> bool {
        self.running.is_none() && self.configuration.desk.makes_store()
    }

    /// Refuses a demo where somebody wants another store, and any other store where somebody wants
    /// a demo's. Where the command opens the store itself, that is seen then.
    pub(super) fn check_demo(&self, demo: bool) -> Result<(), Failure> {
        let desk = &self.configuration.desk;
        if self.running.is_none() || desk.demo == demo {
            return Ok(());
        }
        let store = desk.store.clone();
        Err(if demo { OpenError::NotDemo(store) } else { OpenError::Demo(store) }.into())
    }

    /// The desk, for a command that would find nothing in a new store.
    pub(super) async fn open(&self) -> Result<Desk, Failure> {
        match self.running {
            Some(desk) => Ok(desk.clone()),
            None => open(self.configuration).await,
        }
    }

    /// The desk; where there is no store yet, it is made.
    pub(super) async fn open_or_make(&self) -> Result<Desk, Failure> {
        match self.running {
            Some(desk) => Ok(desk.clone()),
            None => open_or_make(self.configuration).await,
        }
    }

    /// A desk with nobody, for a plan where there is no store yet: none is made.
    pub(super) async fn open_empty(&self) -> Result<Desk, Failure> {
        open_empty(self.configuration).await
    }

    /// Writes what the desk has noted, and lets go of the store; a server goes on with it.
    pub(super) async fn close(&self, desk: &Desk) {
        if self.running.is_none() {
            desk.close().await;
        }
    }
}

/// Opens the desk for a command that would find nothing in a new store: where there is none, its
/// name is a mistake.
async fn open(configuration: &Configuration) -> Result<Desk, Failure> {
    if configuration.desk.makes_store() {
        return Err(match packaged::missing_store(configuration) {
            Some(words) => Failure::Other(words),
            None => OpenError::NotThere(configuration.desk.store.clone()).into(),
        });
    }
    open_or_make(configuration).await
}

/// A desk with nobody, for a plan where there is no store yet: none is made.
async fn open_empty(configuration: &Configuration) -> Result<Desk, Failure> {
    show::complain(&format!(
        "there is no store at {} yet: this is the plan for an empty one.",
        configuration.desk.store
    ));
    let directory =
        crate::directory::of(configuration).map_err(|error| configuration.located(error))?;
    let empty = desk::Settings { store: "mem://".to_owned(), ..configuration.desk.clone() };
    Ok(Desk::open_with(empty, directory).await?)
}

/// Opens the desk; where there is no store yet, it is made. No command but `serve` brings a store
/// to a new schema: it may be in use by nodes of an older program, or a copy that is to stay one.
async fn open_or_make(configuration: &Configuration) -> Result<Desk, Failure> {
    may_make_store(configuration)?;
    let directory =
        crate::directory::of(configuration).map_err(|error| configuration.located(error))?;
    match open_as(configuration, OlderStore::Refuse, directory).await {
        Err(OpenError::InUse(store)) => {
            Err(Failure::Other(control::not_reached(&store, configuration.control.as_deref())))
        }
        opened => Ok(opened?),
    }
}

/// Opens the desk to serve, and brings its store to this program's schema; where there is none, it
/// is made.
pub(super) async fn open_to_serve(configuration: &Configuration) -> Result<Desk, Failure> {
    let directory =
        crate::directory::of(configuration).map_err(|error| configuration.located(error))?;
    let makes_store = may_make_store(configuration)?;
    let desk = open_as(configuration, OlderStore::Upgrade, directory).await?;
    if makes_store && !configuration.desk.demo {
        let store = &configuration.desk.store;
        tracing::warn!(%store, "there was no store: a new one is made, with nobody in it");
    }
    Ok(desk)
}

/// Whether opening makes a new store, which it does not beside one that was moved away or is being
/// restored: whoever meant that one would have a desk that looks well and knows nobody's tokens.
fn may_make_store(configuration: &Configuration) -> Result<bool, Failure> {
    if !configuration.desk.makes_store() {
        return Ok(false);
    }
    let Some(beside) = configuration.desk.folder().and_then(|folder| beside(&folder)) else {
        return Ok(true);
    };
    let (store, beside) = (&configuration.desk.store, beside.display());
    Err(Failure::Other(format!(
        "there is no store at {store}, and {beside} lies beside it: nothing was made. Restore a \
         backup (`restore FILE`), or move {beside} back to its place. To begin with nobody, move \
         it elsewhere first."
    )))
}

/// What a restore begins with, or is in the middle of (docs/operations/backup.md).
fn beside(folder: &Path) -> Option<PathBuf> {
    [".old", ".restoring"].into_iter().find_map(|ending| {
        let mut beside = folder.as_os_str().to_owned();
        beside.push(ending);
        Some(PathBuf::from(beside)).filter(|beside| beside.is_dir())
    })
}

/// Opens the desk, and does this with an older store.
pub(super) async fn open_as(
    configuration: &Configuration,
    older_store: OlderStore,
    directory: Option<Arc<dyn desk::Directory>>,
) -> Result<Desk, OpenError> {
    let settings = desk::Settings { older_store, ..configuration.desk.clone() };
    Desk::open_with(settings, directory).await
}
