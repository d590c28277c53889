//! `latchkey serve`: opens the store and serves until told to stop. Tests: `server/tests/server/command_line/serving.rs`.

use std::process::ExitCode;

use clap::Args;
use desk::{DEMO, Desk};

use super::exit::Failure;
use super::{open_or_make, show};
use crate::config::Configuration;
use crate::serve::StartError;

/// `latchkey serve`.
#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Fill an empty store with demo accounts, and list them on the log-in page
    #[arg(long)]
    demo: bool,
}

impl Serve {
    /// Whether the store is filled with accounts whose passwords everybody knows.
    pub(super) fn is_demo(&self) -> bool {
        self.demo
    }

    /// Serves until told to stop. The address goes to standard output once it may be used.
    pub(super) async fn run(&self, configuration: &Configuration) -> Result<ExitCode, Failure> {
        let desk = open_or_make(configuration).await?;
        if self.demo {
            desk.console().load_demo().await.map_err(|error| Failure::Other(format!("{error}.")))?;
        }
        for hazard in configuration.hazards() {
            tracing::warn!("{hazard}");
        }
        self.serve(configuration, desk).await
    }

    async fn serve(&self, configuration: &Configuration, desk: Desk) -> Result<ExitCode, Failure> {
        let running = crate::serve::start(configuration, desk, self.demo).await.map_err(|error| match error {
            StartError::Config(error) => Failure::Config(configuration.located(error)),
            other => Failure::other(other),
        })?;
        show::print(&format!("Latchkey listens on http://{}", running.address()));
        if self.demo {
            show::print(&demo_accounts());
        }
        running.until_told().await.map_err(Failure::other)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn demo_accounts() -> String {
    let row = |account: &desk::DemoAccount| {
        [
            account.netid.to_owned(),
            account.role.word().to_owned(),
            account.netid_password.to_owned(),
            account.local_password.unwrap_or("–").to_owned(),
            account.note.to_owned(),
        ]
    };
    let table = show::table(["NetID", "role", "NetID password", "local password", ""], DEMO.iter().map(row));
    format!("Demo accounts. Their passwords are known to everybody: never use this store for anything else.\n{}", table.trim_end())
}
