use std::process::ExitCode;

use clap::Subcommand;
use desk::{AuditQuery, AuditRow, Desk};

use super::exit::{Failure, NOT_GOOD};
use super::show;

/// `latchkey audit …`
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Print the newest rows, the newest last
    Tail {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: usize,
        /// Only what this person did
        #[arg(long, default_value = "", hide_default_value = true, value_name = "NETID")]
        actor: String,
        /// Only what was done to this person
        #[arg(long, default_value = "", hide_default_value = true, value_name = "NETID")]
        subject: String,
        /// Only this, for example token.create
        #[arg(long, default_value = "", hide_default_value = true)]
        action: String,
        /// Only done, or only refused
        #[arg(long, default_value = "", hide_default_value = true)]
        outcome: String,
        /// Print JSON, one row a line
        #[arg(long)]
        json: bool,
    },
    /// Check that no row was changed, added or taken out
    Verify {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Audit {
    pub(super) async fn run(self, desk: &Desk) -> Result<ExitCode, Failure> {
        match self {
            Self::Tail { lines, actor, subject, action, outcome, json } => {
                let query = AuditQuery { actor, subject, action, outcome, ..AuditQuery::default() };
                tail(desk, query, lines, json).await
            }
            Self::Verify { json } => verify(desk, json).await,
        }
    }
}

async fn tail(desk: &Desk, mut query: AuditQuery, lines: usize, json: bool) -> Result<ExitCode, Failure> {
    let mut rows: Vec<AuditRow> = Vec::new();
    while rows.len() < lines {
        let page = desk.console_audit(&query).await?;
        rows.extend(page.rows);
        let Some(next) = page.next else { break };
        query.before = next;
    }
    rows.truncate(lines);
    rows.reverse();
    if json {
        for row in &rows {
            show::print(&serde_json::to_string(row).map_err(Failure::other)?);
        }
    } else {
        let line = |row: &AuditRow| {
            [
                row.at.rfc3339(),
                row.actor.to_string(),
                row.action.to_string(),
                row.subject.clone(),
                row.outcome.to_string(),
                row.address.clone(),
                row.detail.clone(),
            ]
        };
        show::print(show::table(["time", "actor", "action", "subject", "outcome", "address", "detail"], rows.iter().map(line)).trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(desk: &Desk, json: bool) -> Result<ExitCode, Failure> {
    let report = desk.console_verify_audit().await?;
    if json {
        show::json(&report)?;
    } else if report.faults.is_empty() {
        show::print(&format!("{} rows: every chain holds.", report.rows));
    } else {
        report.faults.iter().for_each(|fault| show::print(fault));
    }
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NOT_GOOD) })
}
