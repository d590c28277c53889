//! `[people]`, `[groups]` and `[scim]`: who people are here, and whose word says so.

use clap::ValueEnum;
use confique::Config;
use desk::{GroupRules, LeaverLimit, ReservedNames, Secret};
use serde::{Deserialize, Serialize};

use super::hidden::{HiddenText, secret};
use super::lenient::{commas, semicolons, word};
use super::listed;
use crate::config::ConfigError;

/// The shortest SCIM token: what guards everybody's account must not be guessed.
const SCIM_TOKEN_LEAST: usize = 32;

/// Stands for everybody in `groups.privileged`.
pub(in crate::config) const ANYBODY: &str = "*";

/// Who sets a first local password: the values of `people.first_password`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FirstPassword {
    /// The Help Desk, or whoever may
    #[default]
    HelpDesk,
    /// The person, within five minutes of logging in
    SelfService,
}

/// The keys of `[people]`, as they are written.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct People {
    /// How people reach the Help Desk, as shown to them. Left out: nothing is shown.
    #[config(env = "LATCHKEY_HELP_DESK_CONTACT")]
    pub help_desk_contact: Option<String>,

    /// Who sets a first local password: "help-desk" (or whoever else may), or "self-service" (the
    /// person, within five minutes of logging in).
    #[config(env = "LATCHKEY_FIRST_PASSWORD", default = "help-desk", deserialize_with = word)]
    pub first_password: FirstPassword,

    /// Names by which nobody is made, by any door: behind Latchkey they are somebody's already.
    #[config(
        env = "LATCHKEY_RESERVED_NETIDS",
        default = [
            "root", "nobody", "rt_system", "admin", "administrator", "daemon", "www-data",
            "latchkey",
        ],
        deserialize_with = commas
    )]
    pub reserved_netids: Vec<String>,
}

impl People {
    /// Names by which nobody is made.
    pub(in crate::config) fn reserved(&self) -> Result<ReservedNames, ConfigError> {
        let wrong = |_| {
            ConfigError::senseless(
                "people.reserved_netids",
                "one of them is no NetID, and so nobody's name anyway.",
            )
        };
        ReservedNames::parse(&listed(self.reserved_netids.clone())).map_err(wrong)
    }
}

/// What groups mean here.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Groups {
    /// Groups whose members are Campus Services reps.
    #[config(env = "LATCHKEY_REP_GROUPS", default = [], deserialize_with = semicolons)]
    pub rep: Vec<String>,

    /// Groups whose members are Help Desk staff.
    #[config(env = "LATCHKEY_HELP_DESK_GROUPS", default = [], deserialize_with = semicolons)]
    pub help_desk: Vec<String>,

    /// Groups whose members are administrators.
    #[config(env = "LATCHKEY_ADMIN_GROUPS", default = [], deserialize_with = semicolons)]
    pub admin: Vec<String>,

    /// Groups whose members may have a local password and tokens. ["*"]: no group decides it, and
    /// everybody whom a directory, an OpenID provider, a proxy or an identity system (SCIM) brings
    /// may, until an administrator says otherwise. [], or left out: the same where SCIM alone
    /// brings people; with any of the others Latchkey does not start so, since it is to be said.
    /// With groups named, one of these says who is in them, and whom another one brings may not
    /// until that one says so, or an administrator. Whoever is imported from a file may where the
    /// file says so.
    #[config(env = "LATCHKEY_PRIVILEGED_GROUPS", default = [], deserialize_with = semicolons)]
    pub privileged: Vec<String>,
}

/// SCIM 2.0.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Scim {
    /// The bearer token by which an identity system pushes people. At least 32 characters, such as
    /// `openssl rand -hex 32` prints. Left out: nobody does.
    #[config(env = "LATCHKEY_SCIM_TOKEN")]
    pub token: Option<HiddenText>,

    /// An identity system may also put people into the groups that groups.* names, which give roles
    /// and privilege (PUBLIC_URL/scim/v2/Groups): whoever has its token can make administrators
    /// then. Let no directory or log-in say groups beside it: each would undo what the other says.
    #[config(env = "LATCHKEY_SCIM_GROUPS", default = false)]
    pub groups: bool,

    /// The most people whom an identity system may take away in an hour: a share of all who have
    /// been here for a day, ten at least, or a number. Beyond it it is refused, and the log has an
    /// error: it may have a fault, or its token be in wrong hands.
    #[config(env = "LATCHKEY_SCIM_MAX_LEAVERS_PER_HOUR", default = "5%")]
    pub max_leavers_per_hour: String,
}

impl Groups {
    /// The groups named; with a directory, DNs as it compares them.
    pub(in crate::config) fn rules(&self, of_directory: bool) -> GroupRules {
        let named = |groups: &[String]| {
            let groups = listed(groups.to_vec()).into_iter().filter(|group| group != ANYBODY);
            let compared = |group: String| {
                if of_directory && group.contains('=') {
                    crate::ldap_names::normal(&group)
                } else {
                    group
                }
            };
            groups.map(compared).collect::<Vec<_>>()
        };
        GroupRules {
            rep: named(&self.rep),
            help_desk: named(&self.help_desk),
            admin: named(&self.admin),
            privileged: named(&self.privileged),
        }
    }

    /// Refuses what would give a role to everybody.
    pub(in crate::config) fn check(&self) -> Result<(), ConfigError> {
        for (key, groups) in [
            ("groups.rep", &self.rep),
            ("groups.help_desk", &self.help_desk),
            ("groups.admin", &self.admin),
        ] {
            if groups.iter().any(|group| group.trim() == ANYBODY) {
                return Err(ConfigError::senseless(
                    key,
                    "“*” would give everybody this role: name groups.",
                ));
            }
        }
        let privileged = listed(self.privileged.clone());
        if privileged.len() > 1 && privileged.iter().any(|group| group == ANYBODY) {
            return Err(ConfigError::senseless(
                "groups.privileged",
                "“*” means everybody: write [\"*\"] alone, or name groups.",
            ));
        }
        Ok(())
    }

    /// Whether something was said of who is privileged.
    pub(in crate::config) fn says_who_is_privileged(&self) -> bool {
        !listed(self.privileged.clone()).is_empty()
    }
}

impl Scim {
    /// The most people whom an identity system may take away in an hour.
    pub(in crate::config) fn leaver_limit(&self) -> Result<LeaverLimit, ConfigError> {
        LeaverLimit::parse(self.max_leavers_per_hour.trim())
            .map_err(|what| ConfigError::senseless("scim.max_leavers_per_hour", format!("{what}.")))
    }

    /// The token by which people are pushed; none: nobody does.
    pub(in crate::config) fn token(&self) -> Result<Option<Secret>, ConfigError> {
        let token = secret(self.token.clone());
        if token.as_ref().is_some_and(|token| token.expose().len() < SCIM_TOKEN_LEAST) {
            let what = "use at least 32 characters that nobody can guess, such as `openssl rand \
                -hex 32` prints.";
            return Err(ConfigError::senseless("scim.token", what));
        }
        Ok(token)
    }
}
