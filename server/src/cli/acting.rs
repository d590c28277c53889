//! On whose authority a command acts: the operator's, or with `--as NETID` that of a person who
//! gives their local password. Tests: `server/tests/server/command_line/users.rs`.

use clap::Args;
use desk::{Desk, NetId, Origin, Permit, Right};

use super::exit::Failure;
use super::passwords::Asker;

/// On whose authority a command acts: whoever has the store in hand, or a person who gives their
/// local password.
#[derive(Args, Debug)]
pub(super) struct Acting {
    /// Act as this person, with their rights and their local password
    #[arg(long = "as", value_name = "NETID")]
    pub(super) as_netid: Option<String>,
    /// Read passwords from standard input, one a line: with --as first that person's local password
    #[arg(long)]
    pub(super) password_stdin: bool,
}

impl Acting {
    /// Where passwords come from.
    pub(super) fn asker(&self) -> Asker {
        Asker::new(self.password_stdin)
    }

    /// Leave to do it, or the desk's refusal.
    pub(super) async fn permit<R: Right>(
        &self,
        desk: &Desk,
        subject: &str,
    ) -> Result<Permit<R>, Failure> {
        let Some(netid) = &self.as_netid else { return Ok(desk.console().permit(subject).await?) };
        let own = self.asker().ask(&format!("Local password of {netid}"))?;
        Ok(desk.console().permit_as(netid, &own, Some(subject), &Origin::console()).await?)
    }

    /// Whether `subject` is the person who acts.
    pub(super) fn is_oneself(&self, subject: &str) -> bool {
        self.as_netid.as_deref().is_some_and(|netid| {
            NetId::parse(netid).is_ok_and(|netid| NetId::parse(subject) == Ok(netid))
        })
    }
}
