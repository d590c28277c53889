//! `latchkey directory test`: what the directory answers about somebody, step by step.

use std::sync::atomic::AtomicBool;

use desk::{NetId, Secret};

use super::groups::Parents;
use super::pool::{Lane, ask};
use super::proof::Proof;
use super::{Ldap, groups, people};

/// One step, and how it went.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Step {
    /// What was asked.
    pub(crate) what: String,
    /// Whether it went well.
    pub(crate) good: bool,
    /// What the directory answered, or what is wrong.
    pub(crate) answer: String,
}

impl Step {
    pub(crate) fn good(what: impl Into<String>, answer: impl Into<String>) -> Self {
        Self { what: what.into(), good: true, answer: answer.into() }
    }

    pub(crate) fn bad(what: impl Into<String>, answer: impl std::fmt::Display) -> Self {
        Self { what: what.into(), good: false, answer: format!("{answer}") }
    }
}

impl Ldap {
    /// Asks each server, looks for the person, follows their groups, and tries their password where
    /// it is given. Stops where nothing more can be asked. No secret is in the steps.
    pub(crate) async fn explain(&self, netid: &NetId, password: Option<&Secret>) -> Vec<Step> {
        let settings = self.settings();
        let mut steps = Vec::new();
        let who = settings.bind.as_ref().map_or("nobody in particular", |(dn, _)| dn.as_str());
        let mut answers = false;
        for (server, url) in settings.urls.iter().enumerate() {
            let encrypted = match url.scheme() {
                "ldaps" => "encrypted",
                _ if settings.starttls => "encrypted by StartTLS",
                _ => "not encrypted, on this machine",
            };
            match self.servers.open_one(server, true).await {
                Ok(_) => {
                    answers = true;
                    steps.push(Step::good(
                        format!("Server {url}"),
                        format!("answers, {encrypted}, to {who}"),
                    ));
                }
                Err(error) => steps.push(Step::bad(format!("Server {url}"), error)),
            }
        }
        if !answers {
            return steps;
        }
        let filter = crate::ldap_names::filter(&settings.filter, netid.as_str());
        let search = format!("Entry below {} with {filter}", settings.base);
        let entry = match self.find(netid, Lane::Known).await {
            Ok(Some(entry)) => entry,
            Ok(None) => {
                steps.push(Step::bad(
                    search,
                    "nobody: this NetID cannot log in, and whoever had it has left",
                ));
                return steps;
            }
            Err(error) => {
                steps.push(Step::bad(search, error));
                return steps;
            }
        };
        steps.push(Step::good(search, entry.dn.clone()));
        for (attribute, value) in
            [(&settings.name_attribute, &entry.name), (&settings.email_attribute, &entry.email)]
        {
            let what = format!("Attribute {attribute}");
            steps.push(match value {
                Some(value) => Step::good(what, value.clone()),
                // Nobody needs to have one.
                None => Step::good(what, "is not there, or may not be seen"),
            });
        }
        if let Some(password) = password {
            let sent = AtomicBool::new(false);
            steps.push(match self.proof(&entry.dn, password, Lane::Known, &sent).await {
                Ok(Proof::Right) => Step::good("NetID password", "right"),
                Ok(Proof::Wrong) => {
                    Step::bad("NetID password", "wrong, or the account may not log in")
                }
                Ok(Proof::Refused(why)) => Step::bad("NetID password", format!("refused: {why}")),
                Err(error) => Step::bad("NetID password", error),
            });
        }
        self.explain_groups(&entry, &mut steps).await;
        steps
    }

    async fn explain_groups(&self, entry: &people::Entry, steps: &mut Vec<Step>) {
        let settings = self.settings();
        if settings.groups.is_none() {
            steps.push(Step::good(
                "Groups",
                "not looked at: neither ldap.group_attribute nor ldap.group_base is set",
            ));
            return;
        }
        let known = Parents::default();
        let found = ask!(self.searching, Lane::Known, |connection| groups::of(
            connection, settings, entry, &known
        ));
        let called = match found.and_then(|found| found) {
            Ok(dns) => {
                let dns = dns.unwrap_or_default();
                if dns.is_empty() {
                    steps.push(Step::good("Groups", "none"));
                }
                steps.extend(
                    dns.iter()
                        .map(|dn| Step::good("Group", groups::called(settings, dn).join(" = "))),
                );
                dns.iter().flat_map(|dn| groups::called(settings, dn)).collect::<Vec<_>>()
            }
            Err(error) => {
                steps.push(Step::bad("Groups", error));
                return;
            }
        };
        match self.missing_groups().await {
            Ok(missing) => steps.extend(missing.into_iter().map(|name| {
                Step::bad(
                    format!("Group “{name}” of the configuration"),
                    "is not in the directory: was it renamed? Nobody is in it",
                )
            })),
            Err(error) => steps.push(Step::bad("Groups of the configuration", error)),
        }
        steps.push(match self.rules.role(&called) {
            Some(role) => Step::good("Role", role.to_string()),
            None => Step::good(
                "Role",
                "an administrator’s to give: no group of the configuration gives one",
            ),
        });
        steps.push(match self.rules.privileged(&called) {
            Some(true) => Step::good("Local password and tokens", "yes"),
            Some(false) => {
                Step::bad("Local password and tokens", "no: in none of groups.privileged")
            }
            None => Step::good(
                "Local password and tokens",
                "yes, unless an administrator says otherwise",
            ),
        });
    }
}
