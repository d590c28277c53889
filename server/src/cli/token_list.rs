//! `latchkey token list` over everybody: which tokens expire, lie idle, never end or may do
//! everything, and why each is named. They are read and printed some people's after others',
//! whatever their number. With a format, one person's in the same columns. Tests: below, and
//! `server/tests/server/command_line/token_list.rs`.

use app::server::review;
use clap::{Args, ValueEnum};
use desk::{Desk, FoundToken, Moment, NetId, TokenView};
use serde_json::json;

use super::exit::{ExitCode, Failure};
use super::format::Format;
use super::token_filters::Filters;
use super::{show, token};

/// Below `token list --help`.
pub(super) const EVENINGS: &str = "\
Several of the filters name every token that fits any of them; the column why says which. \
--made-before, --role and --owner narrow that. Each look has a row in the audit.

  latchkey token list --expiring 14d --idle 90d
  latchkey token list --never-expires --full-but-only-read --format csv > tokens.csv
  latchkey token list --never-used --made-before 2026-01-01 --sort created
  latchkey token list sam --format csv > sam.csv

Each Monday:

  0 7 * * 1  latchkey token list --expiring 14d --format csv | mail -s Tokens desk@example.edu";

/// How many tokens are put in another order than that of their owners: they are all kept in memory
/// for that, a server's where one does this.
const MAX_SORTED: usize = 20_000;

/// `latchkey token list`.
#[derive(Args, Debug)]
pub(super) struct List {
    /// Whose, those that are over among them; left out: everybody's that work
    #[arg(conflicts_with_all = [
        "expiring", "expired", "idle", "never_used", "never_expires", "full",
        "full_but_only_read", "from_anywhere", "owner_disabled", "from_request_tracker",
        "made_before", "role", "owner", "sort",
    ])]
    netid: Option<String>,
    #[command(flatten)]
    filters: Filters,
    /// In which order; another than that of the owners is for 20000 tokens at most
    #[arg(long, value_enum, value_name = "BY")]
    sort: Option<Sort>,
    /// How they are printed, one person's in the same columns as everybody's. Left out: for people
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Print JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// An order of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// By NetID, which takes no memory; left out: this
    #[default]
    Owner,
    /// What ends first, first
    Expires,
    /// What was never used, then what was used longest ago
    Used,
    /// The oldest first
    Created,
}

impl Sort {
    fn put_in_order(self, tokens: &mut [Listed]) {
        match self {
            Self::Owner => {}
            Self::Expires => {
                tokens.sort_by_key(|found| found.token.expires.map_or(i64::MAX, |at| at.0));
            }
            Self::Used => {
                tokens.sort_by_key(|found| found.token.used.as_ref().map(|used| used.at));
            }
            Self::Created => tokens.sort_by_key(|found| found.token.created),
        }
    }
}

impl List {
    pub(super) async fn run(self, desk: &Desk) -> Result<ExitCode, Failure> {
        if let Some(netid) = &self.netid {
            return match self.format {
                None => token::list(desk, netid, self.json).await,
                Some(format) => of_one(desk, netid, format).await,
            };
        }
        let (query, sort) = (self.filters.query()?, self.sort.unwrap_or_default());
        let console = desk.console();
        console.begin_finding_tokens(&query).await?;
        let format = self.format.unwrap_or_default();
        let mut printed = Printed::new(if self.json { Format::Json } else { format });
        let (mut kept, mut after) = (Vec::new(), String::new());
        loop {
            let found = console.find_tokens(&query, &after).await?;
            let tokens = found.tokens.into_iter().map(Listed::from);
            if sort == Sort::Owner {
                if !show::write(&printed.part(&tokens.collect::<Vec<_>>()))? {
                    return Ok(ExitCode::SUCCESS);
                }
            } else {
                kept.extend(tokens);
                if kept.len() > MAX_SORTED {
                    return Err(too_many());
                }
            }
            let Some(next) = found.next else { break };
            after = next;
        }
        sort.put_in_order(&mut kept);
        if !show::write(&printed.part(&kept))? {
            return Ok(ExitCode::SUCCESS);
        }
        printed.finish()
    }
}

fn too_many() -> Failure {
    Failure::Usage(format!(
        "More than {MAX_SORTED} tokens fit, too many to be sorted here. Leave --sort out, or ask \
         for fewer."
    ))
}

/// One person's tokens, those that are over among them.
async fn of_one(desk: &Desk, netid: &str, format: Format) -> Result<ExitCode, Failure> {
    let tokens = token::tokens_of(desk, netid).await?;
    // Who was found is whose name this is.
    let (owner, now) = (NetId::parse(netid)?, desk.now());
    let listed = |token: TokenView| Listed {
        owner: owner.clone(),
        why: token::why_not(&token, desk.ends_with_strings(&token), now).into_iter().collect(),
        token,
    };
    let tokens: Vec<Listed> = tokens.into_iter().map(listed).collect();
    let mut printed = Printed::new(format);
    if !show::write(&printed.part(&tokens))? {
        return Ok(ExitCode::SUCCESS);
    }
    printed.finish()
}

/// A token as it is listed.
struct Listed {
    owner: NetId,
    token: TokenView,
    /// Why it is named, or does not work.
    why: Vec<String>,
}

impl From<FoundToken> for Listed {
    fn from(found: FoundToken) -> Self {
        let why = found.reasons.iter().map(ToString::to_string).collect();
        Self { owner: found.owner, token: found.token, why }
    }
}

/// A column: what stands above it, and in it.
type Column = (&'static str, fn(&Listed) -> String);

/// The columns for people.
const TABLE: [Column; 9] = [
    ("owner", |found| found.owner.to_string()),
    ("id", |found| found.token.id.short().to_owned()),
    ("description", |found| found.token.description.clone()),
    ("access", |found| found.token.access.word().to_owned()),
    ("networks", |found| found.token.networks.clone()),
    ("created", |found| found.token.created.date()),
    ("expires", |found| found.token.expires.map_or_else(never, Moment::date)),
    ("last used", |found| found.token.used.as_ref().map_or_else(never, |used| used.at.date())),
    ("why", |found| found.why.join(", ")),
];

fn never() -> String {
    "never".to_owned()
}

/// The first line for spreadsheets.
fn csv_head(between: &str) -> String {
    review::head(between)
}

/// What was printed so far.
struct Printed {
    format: Format,
    columns: show::Columns<{ TABLE.len() }>,
    is_first: bool,
}

impl Printed {
    fn new(format: Format) -> Self {
        Self {
            format,
            columns: show::Columns::new(TABLE.map(|(heading, _)| heading)),
            is_first: true,
        }
    }

    /// The next tokens.
    fn part(&mut self, tokens: &[Listed]) -> String {
        if tokens.is_empty() {
            return String::new();
        }
        let text = match self.format {
            Format::Table => self.columns.lines(tokens.iter().map(cells)),
            Format::Csv | Format::SemicolonCsv => {
                let between = self.format.between();
                let lines = tokens.iter().map(|found| csv_line(found, between));
                self.head(&csv_head(between)) + &lines.collect::<String>()
            }
            Format::Json => {
                self.head("[\n")
                    + if self.is_first { "" } else { ",\n" }
                    + &tokens.iter().map(json_of).collect::<Vec<_>>().join(",\n")
            }
        };
        self.is_first = false;
        text
    }

    /// What comes after the last one.
    fn end(&mut self) -> String {
        match self.format {
            Format::Table if self.is_first => self.columns.lines([]),
            Format::Table => String::new(),
            Format::Csv | Format::SemicolonCsv => self.head(&csv_head(self.format.between())),
            Format::Json => self.head("[") + if self.is_first { "]\n" } else { "\n]\n" },
        }
    }

    /// Prints what comes after the last one, and all that was held back.
    fn finish(&mut self) -> Result<ExitCode, Failure> {
        show::write(&self.end())?;
        show::flush()?;
        Ok(ExitCode::SUCCESS)
    }

    fn head(&self, text: &str) -> String {
        if self.is_first { text.to_owned() } else { String::new() }
    }
}

fn cells(found: &Listed) -> [String; TABLE.len()] {
    TABLE.map(|(_, cell)| cell(found))
}

fn csv_line(found: &Listed, between: &str) -> String {
    review::line(&found.owner, &found.token, &found.why, between)
}

fn json_of(found: &Listed) -> String {
    let token = &found.token;
    let used =
        token.used.as_ref().map(|used| json!({ "at": used.at.rfc3339(), "address": used.address }));
    json!({
        "owner": found.owner, "id": token.id, "description": token.description,
        "access": token.access.word(), "networks": token.networks,
        "created": token.created.rfc3339(), "expires": token.expires.map(Moment::rfc3339),
        "used": used, "why": found.why,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use desk::{Access, TokenId, TokenReason, Used};

    use super::*;

    fn found(owner: &str, description: &str) -> Listed {
        let id = TokenId::parse(&"0a".repeat(32)).expect("an id");
        let token = TokenView {
            networks: "192.0.2.0/24, 2001:db8::/32".to_owned(),
            used: Some(Used { at: Moment(1_795_511_101_234), address: "192.0.2.7".to_owned() }),
            ..TokenView::made(id, description.to_owned(), Access::Full, Moment(0))
        };
        let reasons = vec![TokenReason::NeverExpires, TokenReason::Full];
        Listed::from(FoundToken { owner: NetId::parse(owner).expect("a NetID"), token, reasons })
    }

    #[test]
    fn each_order_begins_with_what_needs_somebody_first() {
        let listed = |what: &str, expires: Option<i64>, used: Option<i64>, created: i64| {
            let mut listed = found("ada", what);
            listed.token.expires = expires.map(Moment);
            listed.token.used = used.map(|at| Used { at: Moment(at), address: String::new() });
            listed.token.created = Moment(created);
            listed
        };
        let order = |sort: Sort| {
            let mut all = [
                listed("a", None, Some(5), 3),
                listed("b", Some(20), None, 2),
                listed("c", Some(10), Some(4), 1),
            ];
            sort.put_in_order(&mut all);
            all.map(|found| found.token.description).concat()
        };
        let all = [Sort::Owner, Sort::Expires, Sort::Used, Sort::Created].map(order);
        assert_eq!(all, ["abc", "cba", "bca", "cba"]);
    }

    #[test]
    fn parts_make_one_array_one_file_and_one_table() {
        let two = [found("ada", "backup"), found("sam", "=1+1")];
        let all = |format: Format, parts: &[&[Listed]]| {
            let mut printed = Printed::new(format);
            let text: String = parts.iter().map(|part| printed.part(part)).collect();
            text + &printed.end()
        };
        for parts in [&[&two[..]][..], &[&two[..1], &two[..0], &two[1..]], &[&two[..0], &two[..]]] {
            let read: serde_json::Value =
                serde_json::from_str(&all(Format::Json, parts)).expect("JSON");
            assert_eq!(
                (read[0]["owner"].as_str(), read[1]["owner"].as_str(), read[2].as_str()),
                (Some("ada"), Some("sam"), None)
            );
            assert_eq!(read[1]["why"], json!(["never expires", "full access"]));
            let csv = all(Format::Csv, parts);
            assert!(csv.starts_with(&csv_head(",")) && csv.lines().count() == 3, "{csv}");
            assert!(
                csv.contains(
                    ",\"'=1+1\",full,\"192.0.2.0/24, \
                    2001:db8::/32\",1970-01-01T00:00:00Z,,2026-11-24T09:05:01Z,192.0.2.7,"
                ),
                "{csv}"
            );
            let semicolons = all(Format::SemicolonCsv, parts);
            assert!(
                semicolons.starts_with(&csv_head(";"))
                    && semicolons.contains(";\"'=1+1\";full;\"192.0.2.0/24, 2001:db8::/32\";"),
                "{semicolons}"
            );
            let table = all(Format::Table, parts);
            assert!(table.starts_with("owner  id ") && table.lines().count() == 3, "{table}");
            assert!(
                table.lines().all(|line| line.find("why").or(line.find("never expires, full"))
                    == table.find("why")),
                "{table}"
            );
        }
        assert_eq!(
            (all(Format::Json, &[]).as_str(), all(Format::Csv, &[]).as_str()),
            ("[]\n", csv_head(",").as_str())
        );
        assert_eq!(all(Format::Table, &[&[]]).lines().count(), 1);
    }
}
