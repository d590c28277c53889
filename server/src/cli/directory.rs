//! `latchkey directory …`: synchronising with the campus directory, and trying it out. Tests:
//! `server/tests/server/command_line/directory.rs`; with real directories
//! `integrations/directory/`.

use clap::Subcommand;
use desk::{Desk, LeaverLimit, NetId, Origin, Planned, SyncError, SyncReport, SyncStep};

use super::desk_source::DeskSource;
use super::exit::{ExitCode, Failure, NOT_GOOD};
use super::passwords::Asker;
use super::{show, unheard};
use crate::config::ConfigError;
use crate::directory::{self, Step};

/// `latchkey directory …`
#[derive(Debug, Subcommand)]
pub(super) enum Directory {
    /// Make people here as the directory has them; whoever is gone is disabled
    #[command(
        after_help = "Each line of the plan begins with + (made), ~ (changed), < (back again), ! \
            (may no longer have tokens, or has a lower role) or - (gone: \
        disabled, tokens revoked, sessions ended)."
    )]
    Sync {
        /// Print what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// The most people that may be disabled or lose their tokens: a share such as 5%, or a
        /// number [default: ldap.max_disable]
        #[arg(long, value_name = "SHARE", value_parser = LeaverLimit::parse)]
        max_disable: Option<LeaverLimit>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Take from people the rights that they have from groups of an identity system that no longer
    /// count
    #[command(
        after_help = "Where scim.groups is switched off, or a group is taken out of groups.*, \
            nobody speaks of its members any more, and they keep what they have by it: `latchkey \
            check` lists them. Tokens are refused, and not revoked; the last enabled administrator \
            stays one."
    )]
    EndGroups {
        /// Print whose rights would be taken away, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say step by step what the directory answers about somebody, and what becomes of it
    Test {
        /// About whom
        netid: String,
        /// Try their NetID password too, asked for at the keyboard
        #[arg(long)]
        log_in: bool,
        /// Read that password from standard input
        #[arg(long, requires = "log_in")]
        password_stdin: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Directory {
    pub(super) async fn run(self, source: &DeskSource<'_>) -> Result<ExitCode, Failure> {
        let configuration = source.configuration;
        match self {
            Self::Sync { dry_run, max_disable, json } => {
                let most = max_disable.unwrap_or(configuration.directories.max_disable);
                if configuration.directories.ldap.is_none() {
                    return Err(no_directory());
                }
                // A plan makes nothing, a store neither.
                let desk = match dry_run {
                    true if source.makes_store() => source.open_empty().await?,
                    true => source.open().await?,
                    false => source.open_or_make().await?,
                };
                let done = sync(&desk, dry_run, most, json).await;
                source.close(&desk).await;
                tell(&done?, dry_run, json)
            }
            Self::EndGroups { dry_run, json } => unheard::end(source, dry_run, json).await,
            Self::Test { netid, log_in, password_stdin, json } => {
                let netid = NetId::parse(&netid)?;
                let Some(ldap) = directory::ldap(configuration)? else {
                    return Err(no_directory());
                };
                let password = if log_in {
                    Some(Asker::new(password_stdin).ask(&format!("NetID password of {netid}"))?)
                } else {
                    None
                };
                print_steps(&ldap.explain(&netid, password.as_ref()).await, json)
            }
        }
    }
}

fn print_steps(steps: &[Step], json: bool) -> Result<ExitCode, Failure> {
    if json {
        show::json(&steps)?;
    } else {
        for step in steps {
            show::print(&show::visible(&format!(
                "{} {}: {}",
                if step.good { "✓" } else { "✗" },
                step.what,
                step.answer
            )));
        }
    }
    Ok(if steps.iter().all(|step| step.good) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_GOOD)
    })
}

fn no_directory() -> Failure {
    ConfigError::senseless("ldap.urls", format!("{}.", SyncError::NoDirectory)).into()
}

async fn sync(
    desk: &Desk,
    dry: bool,
    most: LeaverLimit,
    json: bool,
) -> Result<SyncReport, Failure> {
    // Where the plan is printed it would be in the way.
    let bar = show::people_bar(0, !dry)?;
    let mut tell = |step: SyncStep<'_>| match step {
        SyncStep::Total(total) => bar.set_length(total),
        SyncStep::Compared(compared) => bar.set_position(compared),
        SyncStep::Person(planned, netid) if dry && !json => {
            show::print(&format!("{} {netid}", sign(planned)));
        }
        SyncStep::Person(..) => {}
    };
    let done = desk
        .source(desk::source::Directory)
        .synchronise(dry, most, &Origin::console(), &mut tell)
        .await;
    bar.finish_and_clear();
    done.map_err(|error| Failure::Other(format!("{error}.")))
}

fn tell(report: &SyncReport, dry: bool, json: bool) -> Result<ExitCode, Failure> {
    if json {
        show::json(report)?;
    } else {
        show::print(&words(report, dry));
        let fault = |fault: &String| show::complain(&format!("in the directory: {fault}."));
        report.faults.iter().for_each(fault);
    }
    Ok(ExitCode::SUCCESS)
}

fn sign(planned: Planned) -> char {
    match planned {
        Planned::Create => '+',
        Planned::Update => '~',
        Planned::Return => '<',
        Planned::Deprive => '!',
        Planned::Leave => '-',
    }
}

fn words(report: &SyncReport, dry: bool) -> String {
    let SyncReport {
        read,
        created,
        updated,
        returned,
        deprived,
        demoted,
        departed,
        unchanged,
        own,
        own_people,
        ..
    } = report;
    let people = show::people(*read);
    let would = if dry { "Nothing was done. It would be: " } else { "" };
    let own = if *own > 0 {
        format!(", {own} left alone, whose accounts are kept here ({})", named(own_people, *own))
    } else {
        String::new()
    };
    format!(
        "{would}{people} in the directory: {created} made, {updated} changed ({returned} of \
         them back again), {unchanged} as they were{own}. {deprived} may no longer have tokens, \
         {demoted} have a lower role, {departed} are gone and disabled."
    )
}

/// The first of so many people.
fn named(netids: &[NetId], all: u64) -> String {
    let mut names: Vec<String> = netids.iter().take(MAX_NAMED).map(NetId::to_string).collect();
    let more = all.saturating_sub(u64::try_from(names.len()).unwrap_or(u64::MAX));
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}

/// How many people are named in one line.
const MAX_NAMED: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_left_alone_is_named() {
        let own_people: Vec<NetId> =
            (0..12).map(|n| NetId::parse(&format!("n{n}")).expect("a NetID")).collect();
        let report =
            SyncReport { own: 12, own_people: own_people.clone(), ..SyncReport::default() };
        let stated = words(&report, true);
        let of_many = "12 left alone, whose accounts are kept here (n0, n1, n2, n3, n4, n5, n6, \
            n7, n8, n9, and 2 more)";
        assert!(stated.contains(of_many), "{stated}");
        let one = SyncReport { own: 1, own_people: own_people[..1].to_vec(), ..report };
        assert!(words(&one, false).contains(" 1 left alone, whose accounts are kept here (n0)."));
        assert!(!words(&SyncReport::default(), false).contains("left alone"));
    }
}
