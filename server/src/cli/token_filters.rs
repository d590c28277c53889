//! What may be asked of `latchkey token list` about everybody's tokens. Tests: below, and
//! `server/tests/server/command_line/token_list.rs`.

use clap::Args;
use desk::{Moment, NetId, Refusal, Role, TokenFilter, TokenQuery};

/// Filters, which add to one another, and what narrows them.
#[derive(Args, Debug)]
pub(super) struct Filters {
    /// Those that expire within so many days: 14d, 2w
    #[arg(long, value_name = "DAYS", value_parser = days)]
    expiring: Option<u32>,
    /// Those that have expired, for as long as they are kept
    #[arg(long)]
    expired: bool,
    /// Those that nobody has used for so many days, and that are older: 90d
    #[arg(long, value_name = "DAYS", value_parser = days)]
    idle: Option<u32>,
    /// Those that nobody has ever used
    #[arg(long)]
    never_used: bool,
    /// Those that never expire
    #[arg(long)]
    never_expires: bool,
    /// Those that may do everything their owner may
    #[arg(long)]
    full: bool,
    /// Of those the ones that were only ever used to read, since that is noted
    #[arg(long)]
    full_but_only_read: bool,
    /// Those that work from anywhere
    #[arg(long)]
    from_anywhere: bool,
    /// Those of people whose account is disabled
    #[arg(long)]
    owner_disabled: bool,
    /// Those that were made in Request Tracker
    #[arg(long)]
    from_request_tracker: bool,
    /// Of all these only those that were made before this day (UTC)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    made_before: Option<Moment>,
    /// Only those of people with this role
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Option<Role>,
    /// Of this person alone
    #[arg(long, value_name = "NETID")]
    owner: Option<String>,
}

impl Filters {
    /// What is asked for.
    pub(super) fn query(&self) -> Result<TokenQuery, Refusal> {
        let flags = [
            (self.expired, TokenFilter::Expired),
            (self.never_used, TokenFilter::NeverUsed),
            (self.never_expires, TokenFilter::NeverExpires),
            (self.full, TokenFilter::Full),
            (self.full_but_only_read, TokenFilter::FullButOnlyRead),
            (self.from_anywhere, TokenFilter::FromAnywhere),
            (self.owner_disabled, TokenFilter::OwnerDisabled),
            (self.from_request_tracker, TokenFilter::FromRequestTracker),
        ];
        let days = [self.expiring.map(TokenFilter::Expiring), self.idle.map(TokenFilter::Idle)];
        let flags = flags.into_iter().filter_map(|(is_set, filter)| is_set.then_some(filter));
        let owner = self.owner.as_deref().map(NetId::parse).transpose();
        Ok(TokenQuery {
            filters: days.into_iter().flatten().chain(flags).collect(),
            made_before: self.made_before,
            role: self.role,
            owner: owner.map_err(|_| Refusal::UserUnknown)?,
        })
    }
}

/// `14d`, `2w`, or a number of days.
fn days(text: &str) -> Result<u32, String> {
    let text = text.trim();
    let (number, times) = match text.strip_suffix('w') {
        Some(weeks) => (weeks, 7),
        None => (text.strip_suffix('d').unwrap_or(text), 1),
    };
    let days = number.parse::<u32>().ok().and_then(|number| number.checked_mul(times));
    days.filter(|days| (1..=MAX_DAYS).contains(days))
        .ok_or_else(|| format!("write days or weeks: 14d, 2w, at most {MAX_DAYS}d"))
}

/// A hundred years.
const MAX_DAYS: u32 = 36_500;

/// The beginning of a day.
fn day(text: &str) -> Result<Moment, String> {
    Moment::end_of_day(text.trim())
        .map(|end| Moment(end.0 + 1).plus_days(-1))
        .ok_or_else(|| "write a day as 2026-11-24".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).map_err(|_| format!("write one of: {}", Role::ALL.map(Role::word).join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_weeks_are_read() {
        assert_eq!(["14d", " 14 ", "2w", "36500"].map(days), [Ok(14), Ok(14), Ok(14), Ok(36_500)]);
        for wrong in ["", "d", "0", "-1d", "1h", "1.5d", "36501", "99999999999w"] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
        assert_eq!(day("1970-01-02"), Ok(Moment(86_400_000)));
        assert!(day("2026-13-01").is_err() && role("boss").is_err() && role("admin").is_ok());
    }
}
