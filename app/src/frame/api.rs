use desk::{Me, Moment, Refusal};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::flash::Outcome;

/// What every page knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameView {
    /// Who is logged in; none: nobody.
    pub me: Option<Me>,
    /// Why it cannot be said who is logged in.
    pub trouble: Option<Refusal>,
    /// The server's clock as the page was made.
    pub now: Moment,
    /// How to reach the Help Desk.
    pub contact: String,
    /// The longest life of a token, in days.
    pub token_cap_days: Option<u32>,
    /// Scheme and host of this site.
    pub base: String,
    /// The demo accounts, on the log-in page in demo mode.
    pub demo: Vec<DemoRow>,
    /// What became of the forms posted last.
    pub outcomes: Vec<Outcome>,
}

/// One demo account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoRow {
    /// NetID.
    pub netid: String,
    /// What they are.
    pub role: String,
    /// NetID password.
    pub netid_password: String,
    /// Local password; empty: none.
    pub local_password: String,
}

/// What every page knows. On a page it also keeps out whoever is not logged in.
///
/// # Errors
/// Only where the server is not set up to answer.
#[server(prefix = "/fn", endpoint = "frame")]
pub async fn frame() -> Result<FrameView, Fault> {
    use crate::here::{self, Here};
    let here = Here::get()?;
    let uri = here::uri();
    let (me, trouble) = match here.visitor().await {
        Ok(visitor) => (Some(visitor.me()), None),
        Err(Refusal::SessionEnded) => (None, None),
        Err(refusal) => (None, Some(refusal)),
    };
    let asked_again = uri.path().starts_with("/fn/");
    let (demo, outcomes) = if asked_again { Default::default() } else { model::on_page(&here, &uri, me.is_some(), trouble.as_ref()) };
    let settings = &here.settings;
    Ok(FrameView {
        me,
        trouble,
        now: here.desk.now(),
        contact: settings.help_desk_contact.clone(),
        token_cap_days: settings.token_cap_days,
        base: here.base().to_owned(),
        demo,
        outcomes,
    })
}

#[cfg(feature = "ssr")]
mod model {
    use desk::Refusal;
    use http::Uri;

    use super::DemoRow;
    use crate::flash::Outcome;
    use crate::here::{self, Here};
    use crate::{login, paths};

    /// Leads to the log-in and away from it, and takes the outcomes that belong on this page.
    pub(super) fn on_page(here: &Here, uri: &Uri, known: bool, trouble: Option<&Refusal>) -> (Vec<DemoRow>, Vec<Outcome>) {
        let path = uri.path();
        let whole = uri.path_and_query().map_or(path, |whole| whole.as_str());
        let closed = path == "/" || path.starts_with("/settings") || path.starts_with("/admin");
        let at_login = path == "/login";
        let away = match trouble {
            Some(refusal) => {
                here::set_status(refusal.status());
                None
            }
            None if !known && closed => Some(paths::login_then(whole)),
            None if known && at_login => {
                Some(paths::after_login(paths::query_value(uri.query().unwrap_or_default(), "next").as_deref()).to_owned())
            }
            None => None,
        };
        if let Some(away) = away {
            here::set_status(303);
            here::set_location(&away);
            return Default::default();
        }
        // What was typed into another form before the session ended waits until after the log-in.
        let (mine, wait): (Vec<_>, Vec<_>) = here.outcomes().iter().cloned().partition(|outcome| (outcome.form == login::FORM) == at_login);
        if !mine.is_empty() {
            here.leave(if at_login { &wait } else { &[] });
        }
        (if at_login { demo(here) } else { Vec::new() }, mine)
    }

    fn demo(here: &Here) -> Vec<DemoRow> {
        let accounts = if here.settings.demo { desk::DEMO } else { &[] };
        let row = |account: &desk::DemoAccount| DemoRow {
            netid: account.netid.to_owned(),
            role: account.note.to_owned(),
            netid_password: account.netid_password.to_owned(),
            local_password: account.local_password.map(str::to_owned).unwrap_or_default(),
        };
        accounts.iter().map(row).collect()
    }
}
