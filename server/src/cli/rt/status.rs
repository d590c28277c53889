//! `latchkey rt status`: how many of Request Tracker's tokens have moved, which have not, and when
//! old strings end. Tests: `server/tests/server/command_line/request_tracker/`.

use app::server::review;
use clap::Args;
use desk::{Desk, FoundToken, Moment, RtStanding, TokenQuery};
use serde_json::{Value, json};

use crate::cli::exit::{ExitCode, Failure};
use crate::cli::format::Format;
use crate::cli::show;

/// `latchkey rt status`
#[derive(Args, Debug)]
pub(in crate::cli) struct Status {
    /// List those that work and have not moved yet
    #[arg(long)]
    not_moved: bool,
    /// Print nothing but that list, and how; files have the columns of `token list`. Left out: for
    /// people, below how far it is
    #[arg(long, value_enum, value_name = "FORMAT", requires = "not_moved")]
    format: Option<Format>,
    /// Print JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl Status {
    pub(super) async fn run(self, desk: &Desk) -> Result<ExitCode, Failure> {
        if let Some(format) = self.format {
            return list(desk, format).await;
        }
        let standing = desk.console().rt_standing().await?;
        let mut json = json_of(&standing);
        if !self.json {
            show::print(&written(&standing));
        }
        if self.not_moved {
            let (mut tokens, mut columns) = (Vec::new(), show::Columns::new(HEADINGS));
            let is_read = each_part(desk, |found| {
                if self.json {
                    tokens.extend(found.iter().map(token_json));
                    return Ok(true);
                }
                show::write(&columns.lines(found.iter().map(cells)))
            })
            .await?;
            if !is_read {
                return Ok(ExitCode::SUCCESS);
            }
            json["tokens"] = Value::Array(tokens);
        }
        if self.json {
            show::json(&json)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Goes through those that have not moved, some people's after others'; false: `part` says that
/// nobody reads any more.
async fn each_part(
    desk: &Desk,
    mut part: impl FnMut(&[FoundToken]) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    let console = desk.console();
    // Whoever looks at everybody's tokens is written down.
    console.begin_finding_tokens(&TokenQuery::default()).await?;
    let mut after = String::new();
    loop {
        let found = console.rt_not_moved(&after).await?;
        if !found.tokens.is_empty() && !part(&found.tokens)? {
            return Ok(false);
        }
        let Some(next) = found.next else { return Ok(true) };
        after = next;
    }
}

/// Prints those that have not moved, and nothing else.
async fn list(desk: &Desk, format: Format) -> Result<ExitCode, Failure> {
    let between = format.between();
    let (mut columns, mut array) = (show::Columns::new(HEADINGS), show::Array::default());
    let mut head = review::head(between);
    let is_read = each_part(desk, |found| {
        let text = match format {
            Format::Table => columns.lines(found.iter().map(cells)),
            Format::Csv | Format::SemicolonCsv => {
                let lines = found.iter().map(|found| csv_line(found, between));
                std::mem::take(&mut head) + &lines.collect::<String>()
            }
            Format::Json => array.part(&found.iter().map(token_json).collect::<Vec<_>>())?,
        };
        show::write(&text)
    })
    .await?;
    if is_read {
        let end = match format {
            Format::Table => "",
            // Of none it has its heading all the same.
            Format::Csv | Format::SemicolonCsv => head.as_str(),
            Format::Json => array.end(),
        };
        show::write(end)?;
        show::flush()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn csv_line(found: &FoundToken, between: &str) -> String {
    review::line(&found.owner, &found.token, &["not moved".to_owned()], between)
}

/// How it stands, for people.
fn written(standing: &RtStanding) -> String {
    let Some(last) = standing.last_import else {
        return "Nothing was brought in from Request Tracker yet: latchkey rt import --dry-run"
            .to_owned();
    };
    let end = match standing.strings_end {
        Some(at) => format!("{}: from then on they are refused", at.exact()),
        None => "never (request_tracker.strings_end)".to_owned(),
    };
    format!(
        "Tokens brought in:  {}, the last {}\nMoved:              {}\nNot moved yet:      {}\n\
         Revoked:            {}\nOld strings end:    {end}",
        standing.imported,
        last.exact(),
        standing.moved,
        standing.not_moved,
        standing.revoked
    )
}

fn json_of(standing: &RtStanding) -> Value {
    json!({
        "imported": standing.imported, "moved": standing.moved, "not_moved": standing.not_moved,
        "revoked": standing.revoked,
        "last_import": standing.last_import.map(Moment::rfc3339),
        "strings_end": standing.strings_end.map(Moment::rfc3339),
    })
}

/// The description last: nothing is filled up to the longest of them.
const HEADINGS: [&str; 6] = ["owner", "id", "created", "last used", "ends", "description"];

fn cells(found: &FoundToken) -> [String; HEADINGS.len()] {
    let used = found.token.used.as_ref().map(|used| used.at.date());
    [
        found.owner.to_string(),
        found.token.id.short().to_owned(),
        found.token.created.date(),
        used.unwrap_or_else(|| "never".to_owned()),
        found.token.expires.map_or_else(|| "never".to_owned(), Moment::date),
        found.token.description.clone(),
    ]
}

fn token_json(found: &FoundToken) -> Value {
    let token = &found.token;
    json!({
        "owner": found.owner, "id": token.id, "description": token.description,
        "created": token.created.rfc3339(), "expires": token.expires.map(Moment::rfc3339),
        "last_used": token.used.as_ref().map(|used| used.at.rfc3339()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_far_it_is_and_when_old_strings_end() {
        let none = RtStanding::default();
        assert!(written(&none).starts_with("Nothing was brought in"), "{}", written(&none));
        let some = RtStanding {
            imported: 7,
            moved: 4,
            not_moved: 2,
            revoked: 1,
            last_import: Some(Moment(1_795_511_101_234)),
            strings_end: None,
        };
        let text = written(&some);
        for line in [
            "Tokens brought in:  7, the last 24 Nov 2026, 09:05 UTC\n",
            "Not moved yet:      2\n",
            "Old strings end:    never",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        let ends = RtStanding { strings_end: Moment::end_of_day("2027-06-30"), ..some };
        assert!(written(&ends).contains("30 Jun 2027, 23:59 UTC"), "{}", written(&ends));
        assert_eq!(json_of(&ends)["strings_end"], "2027-06-30T23:59:59Z");
        assert!(json_of(&some)["strings_end"].is_null());
    }
}
