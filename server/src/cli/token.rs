//! `latchkey token …`: listing, revoking and restoring tokens, whether one works, and whose a
//! string is. None makes a token. Tests: `server/tests/server/command_line/{tokens,serving}.rs`.

use std::net::IpAddr;

use clap::Subcommand;
use desk::{
    Denied, Desk, MayRevoke, Moment, Permit, Refusal, TokenView, Verdict, VerifyRequest, right,
};
use serde_json::{Value, json};

use super::acting::Acting;
use super::desk_source::DeskSource;
use super::exit::{ExitCode, Failure, NOT_GOOD};
use super::passwords::Asker;
use super::{identify, restore, show, token_list};

/// How much of a token's id is said at least.
const SHORTEST_ID: usize = 8;

/// `latchkey token …`
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// List someone's tokens, newest first; without a NetID everybody's that work, or those of them
    /// that are asked for
    #[command(after_help = token_list::EVENINGS)]
    List(token_list::List),
    /// Revoke one of someone's tokens, or all of them
    Revoke {
        /// Whose
        netid: String,
        /// The token's id, or its beginning, as `token list` shows it: eight characters at least
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        /// All of them
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// Let tokens work again that were revoked because a directory no longer had their owner
    Restore(restore::Restore),
    /// Say whether a token works, and for whom. It is asked for, or read from standard input
    Verify {
        /// The user name it would be presented with
        #[arg(long, value_name = "NETID")]
        user: Option<String>,
        /// The method of the request it would be presented with
        #[arg(long, default_value = "GET")]
        method: String,
        /// The address it would be presented from
        #[arg(long, default_value = "127.0.0.1")]
        address: IpAddr,
        /// Read the token from standard input
        #[arg(long)]
        token_stdin: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what a string is that was found, and whose: it is asked for, or read from standard input
    Identify(identify::Identify),
    /// Nobody makes a token for somebody else
    #[command(hide = true)]
    Create {
        /// Whatever is asked for
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        anything: Vec<String>,
    },
}

impl Token {
    pub(super) async fn run(self, source: &DeskSource<'_>) -> Result<ExitCode, Failure> {
        match self {
            // Before anything is opened: the answer does not depend on it.
            Self::Create { .. } => Err(Refusal::from(Denied::NobodyEver).into()),
            Self::List(list) => list.run(&source.open().await?).await,
            Self::Revoke { netid, id, acting, .. } => {
                revoke(&source.open().await?, &netid, id.as_deref(), &acting).await
            }
            Self::Restore(restore) => restore.run(&source.open().await?).await,
            Self::Identify(identify) => identify.run(source).await,
            Self::Verify { user, method, address, token_stdin, json } => {
                let token = Asker::new(token_stdin).ask("Token")?;
                let verdict = source
                    .open()
                    .await?
                    .would_verify(
                        token.expose(),
                        user.as_deref(),
                        &VerifyRequest { method: &method, address: Some(address) },
                    )
                    .await;
                tell(&verdict, json)
            }
        }
    }
}

/// A token with the networks that it was used from, in place of what a page shows of them.
fn json_of(token: &TokenView) -> serde_json::Result<Value> {
    let used_from = token.networks_used.iter().map(|network| {
        json!({
            "network": network.network, "first": network.first, "last": network.last,
            "answered": network.answered,
        })
    });
    let used_from: Value = used_from.collect();
    let mut listed = serde_json::to_value(token)?;
    if let Some(fields) = listed.as_object_mut() {
        fields.insert("used_from".to_owned(), used_from);
    }
    Ok(listed)
}

pub(super) async fn list(desk: &Desk, netid: &str, json: bool) -> Result<ExitCode, Failure> {
    let tokens = tokens_of(desk, netid).await?;
    if json {
        let listed: Result<Vec<Value>, _> = tokens.iter().map(json_of).collect();
        show::json(&listed.map_err(Failure::other)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let now = desk.now();
    let row = |token: &TokenView| {
        let with_strings = desk.ends_with_strings(token);
        let state = why_not(token, with_strings, now).unwrap_or_else(|| match token.expires {
            Some(at) => format!("expires {}", at.exact()),
            None => "never expires".to_owned(),
        });
        let used = token.used.as_ref().map_or_else(
            || "never used".to_owned(),
            |used| {
                format!(
                    "used {} from {}",
                    used.at.exact(),
                    if used.address.is_empty() { "–" } else { &used.address }
                )
            },
        );
        [
            token.id.short().to_owned(),
            token.description.clone(),
            token.access.word().to_owned(),
            token.networks.clone(),
            token.created.exact(),
            state,
            used,
        ]
    };
    show::print(
        show::table(
            ["id", "description", "access", "networks", "created", "state", "use"],
            tokens.iter().map(row),
        )
        .trim_end(),
    );
    Ok(ExitCode::SUCCESS)
}

/// Why a token does not work; none: it does. `with_strings`: its end is that of Request Tracker's
/// strings.
pub(super) fn why_not(token: &TokenView, with_strings: bool, now: Moment) -> Option<String> {
    match (&token.revoked, token.expires) {
        (Some(revoked), _) => Some(format!("revoked {} by {}", revoked.at.exact(), revoked.by)),
        (None, Some(at)) if at <= now && with_strings => {
            Some(format!("ended with Request Tracker’s strings {}", at.exact()))
        }
        (None, Some(at)) if at <= now => Some(format!("expired {}", at.exact())),
        (None, _) if token.is_ahead(now) => {
            Some("refused: made by a clock that was ahead".to_owned())
        }
        (None, _) => token.waits.then(|| "waits for its owner to log in".to_owned()),
    }
}

pub(super) async fn tokens_of(desk: &Desk, netid: &str) -> Result<Vec<TokenView>, Failure> {
    let permit = desk.console().permit::<right::SeeTokensOf>(netid).await?;
    Ok(desk.tokens_of(&permit).await?)
}

async fn revoke(
    desk: &Desk,
    netid: &str,
    id: Option<&str>,
    acting: &Acting,
) -> Result<ExitCode, Failure> {
    // Of others by right, one's own as on one's own page.
    if acting.is_oneself(netid) {
        revoke_by(desk, netid, id, acting.permit::<right::ManageOwnTokens>(desk, netid).await?)
            .await
    } else {
        revoke_by(desk, netid, id, acting.permit::<right::RevokeTokensOf>(desk, netid).await?).await
    }
}

async fn revoke_by<R: MayRevoke>(
    desk: &Desk,
    netid: &str,
    id: Option<&str>,
    permit: Permit<R>,
) -> Result<ExitCode, Failure> {
    let Some(id) = id else {
        let count = desk.revoke_all_tokens(&permit).await?;
        show::print(&format!("{} of {netid} revoked.", show::counted(count, "token")));
        return Ok(ExitCode::SUCCESS);
    };
    // A slip would soon be the beginning of another one.
    if id.len() < SHORTEST_ID {
        return Err(Failure::Usage(format!(
            "{id} is too short for a token's id, and nothing was revoked. Write the first \
             {SHORTEST_ID} characters at least, as `latchkey token list {netid}` shows them."
        )));
    }
    let tokens = tokens_of(desk, netid).await?;
    let mut meant = tokens.iter().filter(|token| token.id.as_str().starts_with(id));
    let (Some(token), None) = (meant.next(), meant.next()) else {
        return Err(Refusal::TokenUnknown.into());
    };
    desk.revoke_token(&permit, token.id.as_str()).await?;
    show::print(&format!("“{}” of {netid} revoked.", token.description));
    Ok(ExitCode::SUCCESS)
}

fn tell(verdict: &Verdict, json: bool) -> Result<ExitCode, Failure> {
    let (words, value, code) = match verdict {
        Verdict::Good(holder) => {
            let value = json!({
                "good": true, "netid": holder.netid, "role": holder.role, "token": holder.token,
                "description": holder.description, "access": holder.access,
            });
            (
                format!("Good, for {} ({}): “{}”.", holder.netid, holder.role, holder.description),
                value,
                ExitCode::SUCCESS,
            )
        }
        Verdict::Refused(reason) => (
            format!("Not good: {reason}."),
            json!({ "good": false, "reason": reason }),
            ExitCode::from(NOT_GOOD),
        ),
        Verdict::Forbidden(reason) => (
            format!("Good, but not for this request: {reason}."),
            json!({ "good": false, "reason": reason }),
            ExitCode::from(NOT_GOOD),
        ),
        Verdict::Unavailable | Verdict::TooMany { .. } => return Err(Refusal::Unavailable.into()),
    };
    if json {
        show::json(&value)?;
    } else {
        show::print(&words);
    }
    Ok(code)
}
