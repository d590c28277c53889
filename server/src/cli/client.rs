//! `latchkey client …`: the applications that may ask about tokens. Tests:
//! `server/tests/server/command_line/clients.rs`.

use clap::Subcommand;
use desk::{ClientView, Desk};
use serde_json::json;

use super::exit::{ExitCode, Failure};
use super::show;

/// `latchkey client …`
#[derive(Debug, Subcommand)]
pub(super) enum Client {
    /// Register an application and print its secret, once
    Add {
        /// Its name: lower-case letters, digits and hyphens
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the registered applications
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take an application's right away
    Remove {
        /// Its name
        name: String,
    },
}

impl Client {
    pub(super) async fn run(self, desk: &Desk) -> Result<ExitCode, Failure> {
        match self {
            Self::Add { name, json } => {
                let secret = desk.console().add_client(&name).await?;
                if json {
                    show::json(&json!({ "client_id": name, "client_secret": secret.expose() }))?;
                } else {
                    show::print(&format!(
                        "client_id      {name}\nclient_secret  {}",
                        secret.expose()
                    ));
                    show::print("Save the secret now: it cannot be shown again.");
                }
            }
            Self::List { json: true } => show::json(&desk.console().clients().await?)?,
            Self::List { json: false } => {
                let row = |client: ClientView| [client.name.to_string(), client.created.exact()];
                show::print(
                    show::table(
                        ["name", "registered"],
                        desk.console().clients().await?.into_iter().map(row),
                    )
                    .trim_end(),
                );
            }
            Self::Remove { name } => {
                desk.console().remove_client(&name).await?;
                show::print(&format!("{name} removed."));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
