//! `latchkey mail …`: whether mail arrives, and what it says. Tests:
//! `server/tests/server/command_line/mail.rs`, `tools/test-mail`.

use clap::Subcommand;
use desk::{NoticeKind, is_email_address};
use lettre::address::Address;
use url::Url;

use super::exit::{ExitCode, Failure, NOT_GOOD};
use super::show;
use crate::config::{Configuration, hint};
use crate::notices;
use crate::quoted::quoted;

/// Where pages are said to be where the configuration does not say it: a name for examples.
const SOMEWHERE: &str = "https://latchkey.example.edu";

/// `latchkey mail …`
#[derive(Debug, Subcommand)]
pub(super) enum Mail {
    /// Send one mail to see whether it arrives
    Test {
        /// Whom to send it to
        #[arg(value_name = "ADDRESS")]
        address: String,
    },
    /// Print the mail of a kind with made-up contents, to look at it
    Show {
        /// The kind, as in notices.off
        kind: String,
        /// As HTML
        #[arg(long)]
        html: bool,
    },
}

impl Mail {
    pub(super) async fn run(self, configuration: &Configuration) -> Result<ExitCode, Failure> {
        match self {
            Self::Test { address } => test(configuration, &address).await,
            Self::Show { kind, html } => show_one(configuration, &kind, html),
        }
    }
}

async fn test(configuration: &Configuration, address: &str) -> Result<ExitCode, Failure> {
    let to = address.parse::<Address>().ok().filter(|_| is_email_address(address));
    let to = to.ok_or_else(|| Failure::Usage(format!("{} is no address.", quoted(address))))?;
    let mailer = notices::mailer(configuration).map_err(|error| configuration.located(error))?;
    let Some(mailer) = mailer else {
        let why = "No mail is sent: name the server in mail.server.";
        return Err(Failure::Usage(why.to_owned()));
    };
    match mailer.send_test(&to).await {
        Ok(()) => {
            show::print(&format!(
                "{} has taken the mail. See whether it arrives.",
                mailer.server()
            ));
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            show::print(&show::visible(&format!("{}: {}.", mailer.server(), why.message)));
            Ok(ExitCode::from(NOT_GOOD))
        }
    }
}

fn show_one(configuration: &Configuration, kind: &str, html: bool) -> Result<ExitCode, Failure> {
    let Some(kind) = NoticeKind::parse(kind) else {
        let codes: Vec<String> =
            NoticeKind::ALL.iter().map(|kind| kind.code().to_owned()).collect();
        let (kind, hint) = (quoted(kind), hint(kind, codes.clone()));
        let why = format!("{kind} is no kind of mail.{hint} There are: {}.", codes.join(", "));
        return Err(Failure::Usage(why));
    };
    let site = match &configuration.public_url {
        Some(url) => url.clone(),
        None => Url::parse(SOMEWHERE).map_err(Failure::other)?,
    };
    show::print(notices::shown(kind, &site, html).trim_end());
    Ok(ExitCode::SUCCESS)
}
