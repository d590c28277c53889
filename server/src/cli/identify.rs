//! `latchkey token identify`: what a string is that somebody has found, and whose. Tests: below,
//! `server/tests/server/command_line/leaks.rs`, `request_tracker/moving.rs` beside that.

use clap::Args;
use desk::{Identified, Moment, NetId, TokenView};
use serde_json::{Value, json};

use super::desk_source::DeskSource;
use super::exit::{ExitCode, Failure, NOT_GOOD};
use super::passwords::Asker;
use super::show;
use super::token::why_not;

/// `latchkey token identify`
#[derive(Args, Debug)]
pub(super) struct Identify {
    /// Read the string from standard input
    #[arg(long)]
    token_stdin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Identify {
    pub(super) async fn run(self, source: &DeskSource<'_>) -> Result<ExitCode, Failure> {
        let text = Asker::new(self.token_stdin).ask("Token")?;
        let desk = source.open().await?;
        let identified = desk.console().identify(text.expose().trim()).await?;
        let now = desk.now();
        if self.json {
            show::json(&as_json(&identified, now))?;
        } else {
            show::print(&in_words(&identified, now));
        }
        let is_ours = matches!(identified, Identified::Token { .. });
        Ok(if is_ours { ExitCode::SUCCESS } else { ExitCode::from(NOT_GOOD) })
    }
}

fn in_words(identified: &Identified, now: Moment) -> String {
    match identified {
        Identified::Malformed => {
            "No token of any Latchkey or Request Tracker: its form or its checksum is wrong."
                .to_owned()
        }
        Identified::Unknown => "A token of Latchkey’s by its form and checksum, and none that is \
            known here: another desk’s, or one that ended long ago."
            .to_owned(),
        Identified::UnknownOfRt => "A token of Request Tracker’s by its form, and none that is \
            known here: another Request Tracker’s, one that was not brought over, or one that \
            ended long ago."
            .to_owned(),
        Identified::Token { owner, name, token, strings_end } => {
            of_token(owner, name, token, *strings_end, now)
        }
    }
}

fn of_token(
    owner: &NetId,
    name: &str,
    token: &TokenView,
    strings_end: Option<Moment>,
    now: Moment,
) -> String {
    let used = token.used.as_ref().map_or_else(
        || "never".to_owned(),
        |used| {
            let from = if used.address.is_empty() { "–" } else { &used.address };
            format!("{} from {from}", used.at.exact())
        },
    );
    let with_strings = strings_end.is_some() && token.expires == strings_end;
    let lines = [
        ("owner", format!("{owner} ({name})")),
        ("id", token.id.short().to_owned()),
        ("description", token.description.clone()),
        ("access", token.access.word().to_owned()),
        ("created", token.created.exact()),
        ("state", why_not(token, with_strings, now).unwrap_or_else(|| "works".to_owned())),
        ("last used", used),
    ];
    let from_rt = token.from_rt.then(|| ("made in", made_in_rt(strings_end, now)));
    let lines = lines.into_iter().chain(from_rt);
    let lines = lines.map(|(what, text)| format!("{what:<12} {}", show::visible(&text)));
    lines.collect::<Vec<_>>().join("\n")
}

/// That it is from Request Tracker, and how long strings like its own are taken.
fn made_in_rt(strings_end: Option<Moment>, now: Moment) -> String {
    let Some(end) = strings_end else { return "Request Tracker".to_owned() };
    let end_or_ended = if end <= now { "ended" } else { "end" };
    format!("Request Tracker, whose strings {end_or_ended} {}", end.exact())
}

fn as_json(identified: &Identified, now: Moment) -> Value {
    match identified {
        Identified::Malformed => json!({ "is_token": false }),
        Identified::Unknown => json!({ "is_token": true, "known": false }),
        Identified::UnknownOfRt => json!({ "is_token": true, "known": false, "from_rt": true }),
        Identified::Token { owner, name, token, strings_end } => json!({
            "is_token": true, "known": true, "owner": owner, "name": name,
            "works": why_not(token, false, now).is_none(), "token": token,
            "strings_end": strings_end.map(Moment::rfc3339),
        }),
    }
}

#[cfg(test)]
mod tests {
    use desk::{Access, TokenId};

    use super::*;

    const NOW: Moment = Moment(1_795_511_101_234);

    fn of_rt(strings_end: Option<Moment>) -> Identified {
        let id = TokenId::parse(&"0a".repeat(32)).expect("an id");
        let token = TokenView {
            from_rt: true,
            expires: strings_end,
            ..TokenView::made(id, "nightly".to_owned(), Access::Full, NOW.plus_days(-100))
        };
        Identified::Token {
            owner: NetId::parse("tia").expect("a NetID"),
            name: "Tia".to_owned(),
            token: Box::new(token),
            strings_end,
        }
    }

    #[test]
    fn of_one_of_request_trackers_it_says_so_and_when_its_strings_end() {
        let made_in = |end: Option<Moment>| {
            let words = in_words(&of_rt(end), NOW);
            words.lines().last().unwrap_or_default().to_owned()
        };
        assert_eq!(made_in(None), "made in      Request Tracker");
        let (to_come, past) = (NOW.plus_days(1), NOW.plus_days(-1));
        assert_eq!(
            made_in(Some(to_come)),
            format!("made in      Request Tracker, whose strings end {}", to_come.exact())
        );
        assert!(made_in(Some(past)).contains("whose strings ended "));
        let state = "state        ended with Request Tracker’s strings ";
        assert!(in_words(&of_rt(Some(past)), NOW).contains(state));
        let json = as_json(&of_rt(Some(past)), NOW);
        assert_eq!((&json["works"], &json["token"]["from_rt"]), (&json!(false), &json!(true)));
        assert_eq!(json["strings_end"], past.rfc3339());
        let unknown = as_json(&Identified::UnknownOfRt, NOW);
        assert_eq!((&unknown["known"], &unknown["from_rt"]), (&json!(false), &json!(true)));
    }
}
