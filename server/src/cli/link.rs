//! `latchkey user link` and `unlink`: which identity of the campus log-in an account is opened by.
//! Tests: `server/tests/server/command_line/linking.rs`.

use desk::{Desk, Permit, ProviderSubject, Refusal, right};
use serde_json::json;

use super::acting::Acting;
use super::exit::Failure;
use super::show;
use crate::config::Configuration;

/// Below `user link --help`.
pub(super) const HANDING_OVER: &str = "\
An account with a NetID password of the desk's own, or with a role that was given to it there, is \
no directory's and no identity system's to change (SCIM answers 403). Linked, one with a role \
alone is theirs at once; one with a NetID password once its owner has logged in by single sign-on \
(an OpenID provider or a proxy), which ends that password, or at once with --end-password: a \
directory, which is not asked about whoever has one, takes over by that alone.

  latchkey user link alex
  latchkey user link alex --end-password
  latchkey user link alex --subject 4711";

/// Who an account is to be bound to, as the command says; none: whoever comes first. Where there is
/// a provider, which can name people, that is to be meant.
pub(super) fn identity(
    provider: Option<&str>,
    issuer: Option<String>,
    subject: Option<String>,
    first_comer: bool,
) -> Result<Option<ProviderSubject>, Failure> {
    if subject.is_none() && provider.is_some() && !first_comer {
        let what = "Say who it is at the provider: `--subject SUB` is what it calls the person \
            (sub; its own pages show it), `--first-comer` is whoever logs in first by this NetID.";
        return Err(Failure::Usage(what.to_owned()));
    }
    let issuer = issuer.or_else(|| provider.map(str::to_owned));
    if subject.is_some() && issuer.is_none() {
        return Err(Failure::Usage(
            "No OpenID provider is configured (oidc.issuer): name it with `--issuer URL`."
                .to_owned(),
        ));
    }
    Ok(ProviderSubject::of(issuer, subject))
}

/// That a NetID password of the desk's own ends at once.
pub(super) struct HandOver(());

/// Leave to do so: somebody else is there who lets people in, and as whom they are called.
pub(super) fn hand_over(
    configuration: &Configuration,
    called: Option<&ProviderSubject>,
) -> Result<HandOver, Failure> {
    if configuration.has_campus_log_in() {
        let provider = configuration.issuer();
        let called_elsewhere =
            called.is_some_and(|called| Some(called.issuer.as_str()) != provider);
        return if called_elsewhere {
            Err(Failure::Usage(
                "With --end-password an identity is one of the configured OpenID provider \
                    (oidc.issuer): leave out --issuer, and without a provider --subject too."
                    .to_owned(),
            ))
        } else {
            Ok(HandOver(()))
        };
    }
    Err(Failure::Usage(
        "Nobody could log in by this NetID then: no directory, no OpenID provider and no proxy \
            that vouches for people is configured. Configure one, or leave out --end-password."
            .to_owned(),
    ))
}

/// Lets the campus log-in take over somebody's account; with `called`: by that identity alone.
pub(super) async fn link(
    desk: &Desk,
    netid: &str,
    called: Option<ProviderSubject>,
    hand_over: Option<HandOver>,
    acting: &Acting,
    json: bool,
) -> Result<(), Failure> {
    let permit: Permit<right::SetRole> = acting.permit(desk, netid).await?;
    let password_ended = match hand_over {
        Some(HandOver(())) => Some(desk.hand_over_account(&permit, called.as_ref()).await?),
        None => {
            desk.link_account(&permit, called.as_ref()).await?;
            None
        }
    };
    let person = permit.person().ok_or(Refusal::UserUnknown)?;
    if json {
        return show::json(&json!({
            "netid": person.netid, "role": person.role, "linked": true, "identity": called,
            "password_ended": password_ended.unwrap_or_default(),
        }));
    }
    let by = called.map_or_else(
        || "whoever comes first by this NetID".to_owned(),
        |called| called.to_string(),
    );
    let password = match password_ended {
        Some(true) => "Its NetID password of the desk’s own has ended.",
        Some(false) => "It has no NetID password of the desk’s own.",
        None => {
            "Where it has a NetID password at the desk, that ends with the first log-in by single \
                sign-on, and until then no directory and no identity system changes the account; \
                with --end-password it ends now."
        }
    };
    show::print(&show::visible(&format!(
        "The campus log-in may take over {} as it is (role {}): bound to {by}. {password}",
        person.netid, person.role
    )));
    Ok(())
}

/// Lets go of whom somebody's account is bound to.
pub(super) async fn unlink(
    desk: &Desk,
    netid: &str,
    acting: &Acting,
    json: bool,
) -> Result<(), Failure> {
    let permit: Permit<right::SetRole> = acting.permit(desk, netid).await?;
    let was_bound = desk.unlink_account(&permit).await?;
    let person = permit.person().ok_or(Refusal::UserUnknown)?;
    let netid = &person.netid;
    if json {
        return show::json(
            &json!({ "netid": netid, "linked": false, "identity": null, "was_bound": was_bound }),
        );
    }
    let after: Permit<right::SetRole> = desk.console().permit(netid.as_str()).await?;
    show::print(&if !desk.can_log_in(&after, true) {
        format!(
            "{netid} is no longer bound to an identity of the campus log-in. It has a role ({}), \
                and no NetID password of the desk’s own: nobody logs in by it now. `latchkey user \
                link {netid}` lets the campus log-in have it.",
            person.role
        )
    } else if was_bound {
        format!(
            "{netid} is no longer bound to an identity of the campus log-in. The next one that \
                logs in by this NetID will be."
        )
    } else {
        format!("{netid} was bound to no identity of the campus log-in. Nothing was changed.")
    });
    Ok(())
}
