//! `latchkey token restore`: of one person, or of all whom a source took away by mistake.
//! Tests: `server/tests/server/command_line/restoring.rs`.

use clap::Args;
use desk::{BroughtBack, Desk, Moment, Source, right};

use super::acting::Acting;
use super::exit::{ExitCode, Failure};
use super::show;

/// Whose tokens work again.
#[derive(Args, Debug)]
pub(super) struct Restore {
    /// Whose
    #[arg(required_unless_present = "departed_since", conflicts_with = "departed_since")]
    netid: Option<String>,
    /// It is the same person, though name, e-mail address or identity are others than when the
    /// tokens were revoked
    #[arg(long, conflicts_with_all = ["as_netid", "departed_since"])]
    same_person: bool,
    /// Bring back everybody who was taken away since then, tokens and all: 90m, 2h, 3d, 2027-01-31
    /// or 2027-01-31T10:00:00Z
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["as_netid", "password_stdin"])]
    departed_since: Option<String>,
    /// By whose word: scim or ldap
    #[arg(long, value_name = "SOURCE", default_value = "scim", conflicts_with = "netid")]
    by: String,
    /// Print who would be brought back, and do nothing
    #[arg(long, conflicts_with = "netid")]
    dry_run: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "netid")]
    json: bool,
    #[command(flatten)]
    acting: Acting,
}

impl Restore {
    pub(super) async fn run(self, desk: &Desk) -> Result<ExitCode, Failure> {
        match (&self.netid, &self.departed_since) {
            (Some(netid), _) => self.one(desk, netid).await?,
            (None, Some(when)) => self.all(desk, when).await?,
            // Refused where the line is read.
            (None, None) => {}
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn one(&self, desk: &Desk, netid: &str) -> Result<(), Failure> {
        let permit = self.acting.permit::<right::SetDisabled>(desk, netid).await?;
        let found = desk.console().permit::<right::FindUsers>(netid).await?;
        let page = desk.user_page(&found).await?;
        if let (Some(former), Some(now)) = (&page.former, &page.holder) {
            show::print(&show::visible(&format!("Before: {former}. Now: {now}.")));
        }
        let many = if self.same_person {
            desk.console().restore_tokens_of_same_person(&permit).await?
        } else {
            desk.restore_tokens(&permit).await?
        };
        show::print(&if many == 0 {
            format!("No token of {netid} was revoked because a directory no longer had them.")
        } else {
            format!("{many} of {netid}’s tokens {} again.", work(many))
        });
        Ok(())
    }

    async fn all(&self, desk: &Desk, when: &str) -> Result<(), Failure> {
        let since = moment(when, desk.now()).ok_or_else(|| {
            Failure::Usage(format!(
                "“{when}” is no time: write 90m, 2h, 3d, 2027-01-31 or 2027-01-31T10:00:00Z."
            ))
        })?;
        let source =
            Source::parse(&self.by).filter(|source| matches!(source, Source::Scim | Source::Ldap));
        let source = source.ok_or_else(|| Failure::Usage("--by takes scim or ldap.".to_owned()))?;
        let back = desk.console().bring_back(source, since, self.dry_run).await?;
        if self.json {
            return show::json(&back);
        }
        let row = |one: &BroughtBack| {
            [one.netid.to_string(), one.departed_at.exact(), one.tokens.to_string()]
        };
        if !back.is_empty() {
            show::print(
                show::table(["NetID", "taken away", "tokens"], back.iter().map(row)).trim_end(),
            );
        }
        let (people, tokens) = (back.len(), back.iter().map(|one| one.tokens).sum::<u32>());
        let done = if self.dry_run { "Nothing was done. It would be: " } else { "" };
        show::print(&format!(
            "{done}{} enabled again, {tokens} of their tokens {} again. Roles above staff and \
                local passwords do not come back by this.",
            show::people(people),
            work(tokens)
        ));
        Ok(())
    }
}

fn work(tokens: u32) -> &'static str {
    if tokens == 1 { "works" } else { "work" }
}

/// Reads a moment: so long before `now`, or a date or time in UTC.
fn moment(text: &str, now: Moment) -> Option<Moment> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'Z' => {
            return Moment::parse_exact(text)
                .or_else(|| Moment::parse_exact(&format!("{}.000Z", text.trim_end_matches('Z'))));
        }
        _ => return Moment::parse_exact(&format!("{text}T00:00:00.000Z")),
    };
    let many: i64 =
        text.strip_suffix(unit)?.parse().ok().filter(|many| (0..=100_000).contains(many))?;
    Some(now.plus_seconds(-many * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_each_form_and_nothing_else_is() {
        let now = Moment::parse_exact("2027-01-31T10:00:00.000Z").expect("a moment");
        for (text, seconds) in [
            ("90m", -5400),
            ("2h", -7200),
            ("3d", -259_200),
            ("2027-01-31", -36_000),
            ("2027-01-31T10:00:00Z", 0),
        ] {
            assert_eq!(moment(text, now), Some(now.plus_seconds(seconds)), "{text}");
        }
        for text in [
            "",
            "2",
            "h",
            "-2h",
            "2w",
            "yesterday",
            "2027-02-30",
            "2027-01-31T10:00Z",
            "9999999999999h",
        ] {
            assert_eq!(moment(text, now), None, "{text}");
        }
    }
}
