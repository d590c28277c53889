//! `latchkey seed`, which `--help` does not list: fills a new store with a campus that nobody lives
//! on, to see what Latchkey is like in a large one (`tools/bench-scale`). Tests:
//! `server/tests/server/command_line/seed.rs`.

use clap::Args;
use desk::{Campus, Moment, OlderStore, OpenError};

use super::exit::{ExitCode, Failure};
use super::{open_as, show};
use crate::config::Configuration;

/// What the store's engine takes at least while so much is written.
const LOADING_MEMORY: usize = 1 << 30;

/// `latchkey seed`
#[derive(Args, Debug)]
pub(super) struct Seed {
    /// How many people; of tokens there are some five times as many
    #[arg(long, default_value_t = 10_000)]
    people: u32,
    /// How many rows the audit has [default: as many as people]
    #[arg(long)]
    audit_rows: Option<u32>,
    /// Which campus of this size
    #[arg(long = "seed", default_value_t = 1)]
    which: u64,
    /// When it is as it is, in milliseconds since 1970 UTC [default: now]
    #[arg(long)]
    at: Option<i64>,
    /// Print so many of its tokens that work, one a line
    #[arg(long, default_value_t = 0)]
    print_tokens: u32,
}

impl Seed {
    /// Makes it.
    pub(super) async fn run(&self, configuration: &Configuration) -> Result<ExitCode, Failure> {
        if self.people == 0 {
            return Err(Failure::Usage("A campus has people: --people 1 or more.".to_owned()));
        }
        let mut configuration = configuration.clone();
        configuration.desk.demo = true;
        configuration.desk.store_memory = configuration.desk.store_memory.max(LOADING_MEMORY);
        let desk = open_as(&configuration, OlderStore::Refuse, None).await.map_err(|error| {
            let store = &configuration.desk.store;
            match error {
                OpenError::NotDemo(_) => Failure::Other(format!(
                    "The store {store} is there already: a campus is made in a new one, which is a \
                     demo's from then on. Name another by --store."
                )),
                other => other.into(),
            }
        })?;
        let campus = Campus {
            people: self.people,
            audit_rows: self.audit_rows.unwrap_or(self.people),
            seed: self.which,
            now: self.at.map_or_else(|| desk.now(), Moment),
        };
        let bar = show::people_bar(u64::from(self.people), true)?;
        let loaded = desk.console().load_campus(&campus, |people| bar.set_position(people)).await;
        bar.finish_and_clear();
        let loaded = loaded.map_err(|error| Failure::Other(format!("{error}.")))?;
        desk.close().await;
        show::complain(&format!(
            "{} people, {} tokens and {} rows of the audit, beside the demo’s accounts. \
             Open it with --demo.",
            loaded.people, loaded.tokens, loaded.audit_rows
        ));
        for token in campus.working_tokens(self.print_tokens) {
            show::print(token.expose());
        }
        Ok(ExitCode::SUCCESS)
    }
}
