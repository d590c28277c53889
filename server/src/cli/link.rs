//! `latchkey user link` and `unlink`: which identity of the campus log-in an account is opened by.
//! Tests: `server/tests/server/command_line/linking.rs`.

use desk::{Desk, Permit, ProviderSubject, Refusal, right};
use serde_json::json;

use super::acting::Acting;
use super::exit::Failure;
use super::show;

/// Lets the campus log-in take over somebody's account; with `called`: by that identity alone.
pub(super) async fn link(desk: &Desk, netid: &str, called: Option<ProviderSubject>, acting: &Acting, json: bool) -> Result<(), Failure> {
    let permit: Permit<right::SetRole> = acting.permit(desk, netid).await?;
    desk.link_account(&permit, called.as_ref()).await?;
    let person = permit.person().ok_or(Refusal::UserUnknown)?;
    if json {
        return show::json(&json!({ "netid": person.netid, "role": person.role, "linked": true, "identity": called }));
    }
    let by = called.map_or_else(|| "whoever comes first by this NetID".to_owned(), |called| called.to_string());
    show::print(&show::visible(&format!(
        "The campus log-in may take over {} as it is (role {}): bound to {by}. Its NetID password at the desk ends with the first such log-in.",
        person.netid, person.role
    )));
    Ok(())
}

/// Lets go of whom somebody's account is bound to.
pub(super) async fn unlink(desk: &Desk, netid: &str, acting: &Acting, json: bool) -> Result<(), Failure> {
    let permit: Permit<right::SetRole> = acting.permit(desk, netid).await?;
    desk.unlink_account(&permit).await?;
    let netid = &permit.person().ok_or(Refusal::UserUnknown)?.netid;
    if json {
        return show::json(&json!({ "netid": netid, "linked": false, "identity": null }));
    }
    show::print(&format!("{netid} is bound to no identity of the campus log-in any more: the next one that comes by this NetID is."));
    Ok(())
}
