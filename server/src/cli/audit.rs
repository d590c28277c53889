//! `latchkey audit …`: reading the audit, copying it, whether it is as it was written, and removing
//! what is old. Tests: `server/tests/server/command_line/audit.rs`.

use std::path::{Path, PathBuf};

use app::server::audit::{Format, in_words};
use clap::Subcommand;
use desk::{
    AuditAction, AuditQuery, AuditRow, ChainPoint, CopyCheck, Desk, KeepDays, PruneReport,
    PrunedChain,
};

use super::audit_copy::Copies;
use super::exit::{ExitCode, Failure, NOT_GOOD};
use super::show;

/// Rows of a copy that are compared at once.
const COMPARED_AT_ONCE: usize = 500;

/// `latchkey audit …`
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Print the newest rows, the newest last: each with the code of what was done, and in words
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
        /// Only this, for example token.create, or an area, for example token
        #[arg(long, default_value = "", hide_default_value = true)]
        action: String,
        /// Only done, or only refused
        #[arg(long, default_value = "", hide_default_value = true)]
        outcome: String,
        /// Print JSON, one row a line
        #[arg(long)]
        json: bool,
    },
    /// Print every row, the newest first, as CSV: a copy to be kept elsewhere
    Export {
        /// Put semicolons between cells: spreadsheets expect them where numbers have a comma
        #[arg(long, conflicts_with = "json")]
        semicolons: bool,
        /// Print JSON, one row a line
        #[arg(long)]
        json: bool,
    },
    /// Check that no row was changed, added or taken out
    Verify {
        /// Compare a copy of rows too: a file of `audit export`, or from the page, also as a
        /// spreadsheet has saved it
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
        /// Check too that a chain has this row, as a line of the log tells of it; may be given
        /// several times
        #[arg(long, value_name = "NODE:SEQ:HASH")]
        expect: Vec<ChainPoint>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove rows that are older than so many days. A checkpoint in the audit stands for them: the
    /// rest still verifies
    Prune {
        /// How many days are kept, at least 30 [default: audit.keep_days]
        #[arg(long, value_name = "DAYS")]
        keep_days: Option<u32>,
        /// Print what would be removed, and remove nothing
        #[arg(long)]
        dry_run: bool,
        /// Write a checkpoint again, with its mark, that was written before there was audit.key
        #[arg(long)]
        accept_unmarked: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Audit {
    /// The file that it reads by name.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::Verify { against, .. } => against.as_deref(),
            _ => None,
        }
    }

    pub(super) async fn run(self, desk: &Desk) -> Result<ExitCode, Failure> {
        match self {
            Self::Tail { lines, actor, subject, action, outcome, json } => {
                if !action.is_empty() && AuditAction::all_called(&action).is_empty() {
                    let known: Vec<&str> =
                        AuditAction::ALL.iter().map(|action| action.code()).collect();
                    let (known, action) = (known.join(", "), show::visible(&action));
                    return Err(Failure::Usage(format!(
                        "there is no action “{action}”. The actions are {known}; a word before a \
                            point means all that begin with it."
                    )));
                }
                let query = AuditQuery { actor, subject, action, outcome, ..AuditQuery::default() };
                tail(desk, query, lines, json).await
            }
            Self::Export { semicolons, json } => {
                let table = if semicolons { Format::SemicolonCsv } else { Format::Csv };
                export(desk, if json { Format::JsonLines } else { table }).await
            }
            Self::Verify { against, expect, json } => {
                verify(desk, against.as_deref(), &expect, json).await
            }
            Self::Prune { keep_days, dry_run, accept_unmarked, json } => {
                let given = keep_days
                    .map(KeepDays::new)
                    .transpose()
                    .map_err(|error| Failure::Usage(format!("{error}.")))?;
                let Some(keep) = given.or(desk.settings().audit_keep) else {
                    let why = "say for how many days the audit is kept: --keep-days, or \
                        audit.keep_days in the configuration.";
                    return Err(Failure::Usage(why.to_owned()));
                };
                let report = desk.console().prune_audit(keep, dry_run, accept_unmarked).await?;
                tell_pruned(&report, dry_run, json)
            }
        }
    }
}

async fn tail(
    desk: &Desk,
    mut query: AuditQuery,
    lines: usize,
    json: bool,
) -> Result<ExitCode, Failure> {
    let mut rows: Vec<AuditRow> = Vec::new();
    while rows.len() < lines {
        let page = desk.console().audit(&query).await?;
        rows.extend(page.rows);
        let Some(next) = page.next else { break };
        query.before = next;
    }
    rows.truncate(lines);
    rows.reverse();
    if json {
        for row in &rows {
            show::print(&flat(row).map_err(Failure::other)?.to_string());
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
                in_words(row),
            ]
        };
        let headings = ["time", "actor", "action", "subject", "outcome", "address", "in words"];
        show::print(show::table(headings, rows.iter().map(line)).trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

/// A row with its place in the chain beside its other fields, as files have it.
fn flat(row: &AuditRow) -> serde_json::Result<serde_json::Value> {
    let mut value = serde_json::to_value(row)?;
    if let Some(object) = value.as_object_mut()
        && let Some(serde_json::Value::Object(link)) = object.remove("link")
    {
        object.extend(link);
    }
    Ok(value)
}

/// Row by row as they are read, whatever the length of the audit. A reader that has gone away
/// (`| head`) is no failure.
async fn export(desk: &Desk, format: Format) -> Result<ExitCode, Failure> {
    let mut query = AuditQuery::default();
    let mut text = format.head();
    loop {
        let page = desk.console().audit(&query).await?;
        text.push_str(&format.lines(&page.rows));
        if !show::write(&text)? {
            return Ok(ExitCode::SUCCESS);
        }
        text.clear();
        let Some(next) = page.next else { break };
        query.before = next;
    }
    show::flush()?;
    Ok(ExitCode::SUCCESS)
}

async fn verify(
    desk: &Desk,
    against: Option<&Path>,
    expect: &[ChainPoint],
    json: bool,
) -> Result<ExitCode, Failure> {
    let mut report = desk.console().verify_audit().await?;
    for point in expect {
        let checked = desk.console().expect_audit(point).await?;
        report.faults.extend(checked.fault);
        report.notes.extend(checked.note);
    }
    if let Some(path) = against {
        let mut so_far = CopyCheck::default();
        let compared = compare(desk, path, &mut so_far, &mut report.faults).await?;
        let were = if compared == 1 { "was" } else { "were" };
        report.notes.push(format!(
            "{} of {} {were} compared with the store",
            show::counted(compared, "row"),
            path.display()
        ));
        report.notes.extend(so_far.notes());
    }
    if json {
        show::json(&report)?;
    } else {
        report
            .faults
            .iter()
            .chain(&report.notes)
            .for_each(|line| show::print(&show::visible(line)));
        if report.faults.is_empty() {
            show::print(&format!("{}: every chain holds.", show::counted(report.rows, "row")));
        }
    }
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NOT_GOOD) })
}

fn tell_pruned(report: &PruneReport, dry_run: bool, json: bool) -> Result<ExitCode, Failure> {
    if json {
        show::json(report)?;
    } else {
        let removed = if dry_run { "would be removed" } else { "removed" };
        for PrunedChain { node, rows, from, to } in &report.chains {
            let line = format!(
                "node {node}: {} {removed}, written {} to {}.",
                show::counted(*rows, "row"),
                from.exact(),
                to.exact()
            );
            show::print(&show::visible(&line));
        }
        report.faults.iter().for_each(|fault| show::print(&show::visible(fault)));
        for node in &report.waiting {
            let line = format!("node {node}: older rows wait until the stream has sent them.");
            show::print(&show::visible(&line));
        }
        if !report.faults.is_empty() {
            show::print(
                "Of a chain that does not hold nothing is removed: `latchkey audit verify` says \
                    more.",
            );
        } else if report.chains.is_empty() && report.waiting.is_empty() {
            show::print("Nothing is older.");
        }
    }
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NOT_GOOD) })
}

/// Holds each row of a copy against the store; answers how many there were.
async fn compare(
    desk: &Desk,
    path: &Path,
    so_far: &mut CopyCheck,
    faults: &mut Vec<String>,
) -> Result<usize, Failure> {
    let wrong = |why: String| Failure::Other(format!("{}: {why}", path.display()));
    let mut copies = Copies::open(path).map_err(wrong)?;
    let mut count = 0;
    loop {
        let rows = copies.next_rows(COMPARED_AT_ONCE).map_err(wrong)?;
        if rows.is_empty() {
            return Ok(count);
        }
        count += rows.len();
        faults.extend(desk.console().compare_audit(&rows, so_far).await?);
    }
}
