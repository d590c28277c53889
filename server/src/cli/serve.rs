//! `latchkey serve`: opens the store and serves until told to stop. Tests:
//! `server/tests/server/command_line/serving.rs`, `listening/`.

use std::io;

use desk::{DEMO, Desk};

use super::exit::{ExitCode, Failure};
use super::{control, open_to_serve, show, unheard};
use crate::config::Configuration;
use crate::listening::Inherited;
use crate::serve::{Prepared, StartError, StopSignals};
use crate::traces::{self, Exporter};

/// What sends traces, where the configuration wants them.
pub(super) fn traces(configuration: &Configuration) -> Result<Option<Exporter>, Failure> {
    let traces = traces::of(configuration).map_err(|error| configuration.located(error));
    traces.map_err(Failure::Config)
}

/// Serves until told to stop. The address goes to standard output once it may be used. With
/// `--demo` it makes the demo accounts in a new store, and lists them on the log-in page.
pub(super) async fn run(
    mut configuration: Configuration,
    traces: Option<Exporter>,
    inherited: io::Result<Inherited>,
) -> Result<ExitCode, Failure> {
    let sockets = inherited
        .and_then(|inherited| crate::serve::take_up(inherited, &mut configuration))
        .map_err(Failure::other)?;
    let configuration = &configuration;
    let demo = configuration.desk.demo;
    if demo {
        // Where it is listened is known by now.
        super::demo::check(configuration)?;
    }
    match &configuration.file {
        Some(file) => tracing::info!(file = %file.display(), "the configuration file is read"),
        None => tracing::info!("no configuration file is read"),
    }
    // A store is made, and commands are taken, only where all the rest is there.
    let prepared = Prepared::of(configuration, sockets).await;
    let prepared = prepared.map_err(|error| not_started(configuration, error))?;
    let desk = open_to_serve(configuration).await?;
    if demo {
        desk.console().load_demo().await.map_err(|error| Failure::Other(format!("{error}.")))?;
    }
    for hazard in configuration.hazards() {
        tracing::warn!("{hazard}");
    }
    tokio::spawn(tell_of_unheard_groups(desk.clone()));
    tokio::spawn(tell_of_audit_key(desk.clone()));
    let served = serve(configuration, desk, demo, prepared).await;
    if let Some(traces) = traces {
        traces.end().await;
    }
    served
}

/// Beside the start, which does not wait for it.
async fn tell_of_unheard_groups(desk: Desk) {
    match unheard::warning(&desk).await {
        Ok(Some(stated)) => tracing::warn!("{stated}"),
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(
                %error, "could not look up who has rights from groups that no longer count",
            );
        }
    }
}

/// Beside the start, too.
async fn tell_of_audit_key(desk: Desk) {
    match desk.console().audit_key_hazard().await {
        Ok(Some(stated)) => tracing::warn!("{stated}"),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "could not look by which audit.key rows are marked"),
    }
}

async fn serve(
    configuration: &Configuration,
    desk: Desk,
    demo: bool,
    prepared: Prepared,
) -> Result<ExitCode, Failure> {
    let signals = StopSignals::listen().map_err(Failure::other)?;
    crate::stuck::watch().map_err(Failure::other)?;
    let commands = control::listen(configuration, &desk).await?;
    let started = crate::serve::start_on(configuration, desk, demo, prepared);
    let mut running = started.map_err(|error| not_started(configuration, error))?;
    if let Some(commands) = commands {
        running.serve_beside(|stopped| commands.serve(stopped));
    }
    show::print(&format!("Latchkey listens on {}", running.shown()));
    if demo {
        show::print(&demo_accounts());
    }
    running.until_stopped(signals).await.map_err(Failure::other)?;
    Ok(ExitCode::SUCCESS)
}

fn not_started(configuration: &Configuration, error: StartError) -> Failure {
    match error {
        StartError::Config(error) => Failure::Config(configuration.located(error)),
        taken @ (StartError::Address { .. }
        | StartError::Socket { .. }
        | StartError::Metrics { .. }) => Failure::other(taken),
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
    let table = show::table(
        ["NetID", "role", "NetID password", "local password", ""],
        DEMO.iter().map(row),
    );
    format!(
        "Demo accounts. Their passwords are known to everybody: never use this store for anything \
            else.\n{}",
        table.trim_end()
    )
}
