//! `[request_tracker]`: what came from Request Tracker, and how long it goes on.

use confique::Config;
use desk::Moment;
use serde::Serialize;

use super::filled;
use crate::config::ConfigError;

/// Request Tracker's auth tokens, as `latchkey rt import` has brought them.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct RequestTracker {
    /// The last day, such as "2027-06-30", UTC, on which strings that Request Tracker has made
    /// (1-14-…) are taken as tokens, whatever their own end. What is made here goes on. 90 days
    /// after it these tokens are removed, as all that have ended. Left out: they are taken for as
    /// long as their tokens work.
    #[config(env = "LATCHKEY_RT_STRINGS_END")]
    pub strings_end: Option<String>,
}

impl RequestTracker {
    /// From when on they are refused; none: never.
    pub(in crate::config) fn end(&self) -> Result<Option<Moment>, ConfigError> {
        let Some(day) = filled(self.strings_end.clone()) else { return Ok(None) };
        let end = Moment::end_of_day(&day);
        end.map(Some).ok_or_else(|| {
            let what = "it is no day: write its year, month and day, for example 2027-06-30.";
            ConfigError::senseless("request_tracker.strings_end", what)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(day: Option<&str>) -> Result<Option<Moment>, String> {
        let section = RequestTracker { strings_end: day.map(str::to_owned) };
        section.end().map_err(|error| error.to_string())
    }

    #[test]
    fn old_strings_end_with_a_day_or_never() {
        assert_eq!((end(None), end(Some(" "))), (Ok(None), Ok(None)));
        let last = Moment::end_of_day("2027-06-30");
        assert!(last.is_some());
        assert_eq!(end(Some(" 2027-06-30 ")), Ok(last));
        for day in ["30.6.2027", "2027-6-30", "2027-02-29", "tomorrow", "2027-06-30T12:00"] {
            let error = end(Some(day)).expect_err(day);
            assert!(
                error.starts_with("request_tracker.strings_end: ")
                    && error.contains("for example 2027-06-30"),
                "{error}"
            );
        }
    }
}
