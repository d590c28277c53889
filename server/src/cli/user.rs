//! `latchkey user …`: people, their roles, accounts and local passwords. Tests:
//! `server/tests/server/command_line/users.rs`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use desk::{
    AccountChange, Changed, Desk, Hurdle, LocalState, Permit, Refusal, Role, UserRow, right,
};

use super::acting::Acting;
use super::desk_source::DeskSource;
use super::exit::{ExitCode, Failure};
use super::format::{Format, csv_head, csv_line};
use super::{import, link, show};

/// How many users are asked of the store at a time.
const PAGE: u32 = 500;

/// `latchkey user …`
#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// List everybody
    List {
        /// How they are printed. Left out: for people; what csv prints can be imported
        #[arg(long, value_enum, value_name = "FORMAT")]
        format: Option<Format>,
        /// Print JSON
        #[arg(long, conflicts_with = "format")]
        json: bool,
    },
    /// Show one person
    Show {
        /// Whom
        netid: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make and update people from a CSV file: all of them, or nobody
    #[command(after_help = import::FORMAT)]
    Import {
        /// The file; - for standard input
        file: PathBuf,
        /// Print what would be done with each person, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Print every row that cannot be read, not the first twenty alone
        #[arg(long)]
        all_errors: bool,
        /// Take also NetIDs that look like what a spreadsheet makes of others: 1-mar, 12.0, TRUE
        #[arg(long)]
        any_netid: bool,
    },
    /// Set someone's local password
    SetPassword {
        /// Whose
        netid: String,
        /// One that is good for choosing their own (the default)
        #[arg(long, conflicts_with = "own")]
        initial: bool,
        /// One that counts as their own, for whoever sets the first of all: the person must be at
        /// the keyboard
        #[arg(long, conflicts_with = "as_netid")]
        own: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// Set someone's role: staff, rep, help_desk or admin
    SetRole {
        /// Whose
        netid: String,
        /// The role
        role: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Disable an account: sessions end, tokens stop working
    Disable {
        /// Whose
        netid: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Let the campus log-in take over an account of the desk's own with its role, or bind an
    /// account to one identity of it
    #[command(after_help = link::HANDING_OVER)]
    Link {
        /// Whose
        netid: String,
        /// What the OpenID provider calls the person (`sub`): this identity alone. An LDAP
        /// directory and a proxy go by the NetID
        #[arg(long, value_name = "SUB")]
        subject: Option<String>,
        /// The provider, as it calls itself (`iss`), where it is not the configured one
        #[arg(long, value_name = "URL", requires = "subject")]
        issuer: Option<String>,
        /// Whoever comes first by this NetID, where there is an OpenID provider
        #[arg(long, conflicts_with = "subject")]
        first_comer: bool,
        /// End a NetID password of the desk's own at once: the campus's counts from then on. To
        /// give somebody back to the directory who was imported
        #[arg(long)]
        end_password: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// Let go of the identity that an account is bound to: whoever comes next by this NetID is the
    /// person
    Unlink {
        /// Whose
        netid: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// Enable an account again
    Enable {
        /// Whose
        netid: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Open a local password that was closed after 100 wrong ones
    Open {
        /// Whose
        netid: String,
        #[command(flatten)]
        acting: Acting,
    },
}

impl User {
    /// The file that it reads by name.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::Import { file, .. } => Some(file),
            _ => None,
        }
    }

    pub(super) async fn run(self, source: &DeskSource<'_>) -> Result<ExitCode, Failure> {
        let desk = &match &self {
            // A plan makes nothing, a store neither.
            Self::Import { dry_run: true, .. } if source.makes_store() => {
                source.open_empty().await?
            }
            Self::Import { .. } => source.open_or_make().await?,
            _ => source.open().await?,
        };
        match self {
            Self::List { json: true, .. } => list(desk, Format::Json).await?,
            Self::List { format, .. } => list(desk, format.unwrap_or_default()).await?,
            Self::Show { netid, json } => one(desk, &netid, json).await?,
            Self::Import { file, dry_run, all_errors, any_netid } => {
                import::run(desk, &file, dry_run, all_errors, any_netid).await?;
            }
            Self::SetPassword { netid, own, acting, .. } => {
                set_password(desk, &netid, own, &acting).await?;
            }
            Self::SetRole { netid, role, acting } => {
                let role = Role::parse(&role)
                    .map_err(|error| Failure::Usage(Refusal::from(error).to_string()))?;
                let permit: Permit<right::SetRole> = acting.permit(desk, &netid).await?;
                let from = permit.person().ok_or(Refusal::UserUnknown)?.role;
                if from == role {
                    show::print(&format!("{netid} has the role {role} already."));
                    return Ok(ExitCode::SUCCESS);
                }
                let role_changed = Some(Changed { permit, from, to: role });
                desk.change_account(&AccountChange {
                    role: role_changed,
                    ..AccountChange::default()
                })
                .await?;
                show::print(&format!("{netid} now has the role {role}."));
            }
            Self::Link { netid, subject, issuer, first_comer, end_password, json, acting } => {
                // The OpenID provider that is configured, as it calls itself.
                let provider = source.configuration.issuer();
                let called = link::identity(provider, issuer, subject, first_comer)?;
                let hand_over = end_password
                    .then(|| link::hand_over(source.configuration, called.as_ref()))
                    .transpose()?;
                link::link(desk, &netid, called, hand_over, &acting, json).await?;
            }
            Self::Unlink { netid, json, acting } => {
                link::unlink(desk, &netid, &acting, json).await?;
            }
            Self::Disable { netid, acting } => set_disabled(desk, &netid, true, &acting).await?,
            Self::Enable { netid, acting } => set_disabled(desk, &netid, false, &acting).await?,
            Self::Open { netid, acting } => open(desk, &netid, &acting).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Some people after others as they are read, whatever their number.
async fn list(desk: &Desk, format: Format) -> Result<(), Failure> {
    let (mut columns, mut array) = (show::Columns::new(HEADINGS), show::Array::default());
    let mut after = String::new();
    loop {
        let page = desk.console().list_users(&after, PAGE).await?;
        let text = match format {
            Format::Table => columns.lines(page.iter().map(cells)),
            Format::Csv | Format::SemicolonCsv => {
                let between = format.between();
                let lines = page.iter().map(|user| csv_line(cells(user), between));
                let head = after.is_empty().then(|| csv_head(HEADINGS, between));
                head.into_iter().chain(lines).collect()
            }
            Format::Json => array.part(&page)?,
        };
        if !show::write(&text)? {
            return Ok(());
        }
        let Some(last) = page.last().filter(|_| page.len() == PAGE as usize) else { break };
        after.clone_from(&last.netid);
    }
    if format == Format::Json {
        show::write(array.end())?;
    }
    Ok(())
}

async fn one(desk: &Desk, netid: &str, json: bool) -> Result<(), Failure> {
    let permit = desk.console().permit::<right::FindUsers>(netid).await?;
    let page = desk.user_page(&permit).await?;
    if json {
        return show::json(&page);
    }
    show::print(show::table(HEADINGS, [cells(&page.user)]).trim_end());
    let gone = match page.departed_at {
        Some(at) => format!(", gone since {}", at.exact()),
        None if page.departed => ", no longer there".to_owned(),
        None => String::new(),
    };
    show::print(&format!("Directory: {}{gone}", page.source));
    match &page.subject {
        Some(subject) => show::print(&show::visible(&format!("Campus log-in: bound to {subject}"))),
        None if page.linked => {
            show::print("Campus log-in: linked, to whoever comes first by this NetID");
        }
        None => {}
    }
    if let Some(former) = page.former.as_ref().filter(|_| !page.departed) {
        show::print(&show::visible(&format!("The NetID was before that of {former}")));
    }
    if let Some(at) = page.local.set_at {
        show::print(&format!("Local password set {} by {}", at.exact(), page.local.set_by));
    }
    if let Some(at) = page.local.lapses_at {
        let lapses = if at <= desk.now() { "lapsed" } else { "lapses" };
        show::print(&format!("Initial local password {lapses} {}", at.exact()));
    }
    if page.closed {
        show::print(&format!(
            "The local password is closed after too many wrong ones: `latchkey user open {}` opens \
                it.",
            page.user.netid
        ));
    }
    Ok(())
}

const HEADINGS: [&str; 8] =
    ["NetID", "name", "e-mail", "role", "privileged", "disabled", "local password", "tokens"];

fn cells(user: &UserRow) -> [String; HEADINGS.len()] {
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let local = match user.local {
        LocalState::None => "none",
        LocalState::Initial => "initial",
        LocalState::Own => "set",
    };
    [
        user.netid.clone(),
        user.name.clone(),
        user.email.clone(),
        user.role.word().to_owned(),
        yes(user.privileged),
        yes(user.disabled),
        format!("{local}{}", if user.closed { ", closed" } else { "" }),
        user.tokens.map(|tokens| tokens.to_string()).unwrap_or_default(),
    ]
}

async fn set_password(desk: &Desk, netid: &str, own: bool, acting: &Acting) -> Result<(), Failure> {
    let permit = acting.permit::<right::SetLocalPassword>(desk, netid).await?;
    let (new, retype) = acting.asker().ask_new(&format!("New local password of {netid}"))?;
    let is_closed = desk.hurdle(&permit).await? != Hurdle::None;
    if acting.as_netid.is_some() {
        desk.set_local_password(&permit, &new, &retype).await?;
    } else {
        desk.console().set_local_password(&permit, &new, &retype, own).await?;
    }
    let mut message = if own {
        format!("Local password set for {netid}.")
    } else {
        format!("Initial local password set for {netid}.")
    };
    if is_closed {
        message.push_str(&format!(
            "\nIt stays closed after too many wrong ones until somebody opens it: latchkey user \
             open {netid}"
        ));
    }
    if !own && !is_closed {
        message.push_str(" It takes effect immediately.");
    }
    show::print(&message);
    Ok(())
}

async fn open(desk: &Desk, netid: &str, acting: &Acting) -> Result<(), Failure> {
    let permit = acting.permit::<right::OpenAccount>(desk, netid).await?;
    show::print(&if desk.open_account(&permit).await? {
        format!("The local password of {netid} is open again. It is the same as before.")
    } else {
        format!("The local password of {netid} is not closed.")
    });
    Ok(())
}

async fn set_disabled(
    desk: &Desk,
    netid: &str,
    disabled: bool,
    acting: &Acting,
) -> Result<(), Failure> {
    let permit = acting.permit::<right::SetDisabled>(desk, netid).await?;
    let from = permit.person().ok_or(Refusal::UserUnknown)?.disabled;
    let word = if disabled { "disabled" } else { "enabled" };
    if from == disabled {
        show::print(&format!("{netid} is {word} already."));
        return Ok(());
    }
    let disabled = Some(Changed { permit, from, to: disabled });
    desk.change_account(&AccountChange { disabled, ..AccountChange::default() }).await?;
    show::print(&format!("{netid} is now {word}."));
    Ok(())
}
