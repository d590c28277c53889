//! Prints the configuration that results, secrets masked, in the form in which it can be written down again.

use serde_json::{Map, Value, json};

use super::{Configuration, FirstPassword, LdapGroups, LogFormat};

/// Stands for a secret that is set.
const MASK: &str = "********";

fn header(name: Option<&http::HeaderName>) -> &str {
    name.map_or("", http::HeaderName::as_str)
}

impl Configuration {
    /// As TOML. Keys that are not set are left out.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // A JSON string, number or list of strings is TOML too.
        self.pairs().iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| format!("{key} = {value}\n")).collect()
    }

    /// As one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}", Value::Object(self.pairs().into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>()))
    }

    fn pairs(&self) -> Vec<(&'static str, Value)> {
        let desk = &self.desk;
        let first_password = match self.first_password {
            FirstPassword::HelpDesk => "help-desk",
            FirstPassword::SelfService => "self-service",
        };
        let log_format = match self.log_format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        };
        let (ldap, oidc) = (self.directories.ldap.as_ref(), self.directories.oidc.as_ref());
        let (group_attribute, group_base, group_member) = match ldap.and_then(|ldap| ldap.groups.as_ref()) {
            Some(LdapGroups::ByAttribute { attribute, base }) => (attribute.as_str(), base.as_str(), "member"),
            Some(LdapGroups::ByMember { base, member }) => ("", base.as_str(), member.as_str()),
            None => ("", "", "member"),
        };
        vec![
            ("listen", json!(self.listen)),
            ("public_url", json!(self.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/')))),
            ("trusted_proxies", json!(self.trusted_proxies)),
            ("remote_user_header", json!(header(self.remote.as_ref().map(|remote| &remote.user)))),
            ("remote_name_header", json!(header(self.remote.as_ref().and_then(|remote| remote.name.as_ref())))),
            ("remote_email_header", json!(header(self.remote.as_ref().and_then(|remote| remote.email.as_ref())))),
            ("remote_groups_header", json!(header(self.remote.as_ref().and_then(|remote| remote.groups.as_ref())))),
            ("log_out_url", json!(self.log_out_url)),
            ("ldap_urls", json!(ldap.map(|ldap| ldap.urls.iter().map(|url| url.as_str()).collect::<Vec<_>>()).unwrap_or_default())),
            ("ldap_starttls", json!(ldap.is_none_or(|ldap| ldap.starttls))),
            ("ldap_ca_file", json!(ldap.and_then(|ldap| ldap.ca_file.as_ref()))),
            ("ldap_bind_dn", json!(ldap.and_then(|ldap| ldap.bind.as_ref()).map(|(dn, _)| dn))),
            ("ldap_bind_password", json!(ldap.and_then(|ldap| ldap.bind.as_ref()).map(|_| MASK))),
            ("ldap_base", json!(ldap.map(|ldap| &ldap.base))),
            ("ldap_filter", json!(ldap.map(|ldap| &ldap.filter))),
            ("ldap_netid_attribute", json!(ldap.map_or("uid", |ldap| &ldap.netid_attribute))),
            ("ldap_name_attribute", json!(ldap.map_or("cn", |ldap| &ldap.name_attribute))),
            ("ldap_email_attribute", json!(ldap.map_or("mail", |ldap| &ldap.email_attribute))),
            ("ldap_group_attribute", json!(group_attribute)),
            ("ldap_group_base", json!(group_base)),
            ("ldap_group_member", json!(group_member)),
            ("ldap_timeout_seconds", json!(ldap.map_or(5, |ldap| ldap.timeout.as_secs()))),
            ("ldap_connections", json!(ldap.map_or(8, |ldap| ldap.connections))),
            ("directory_sync_minutes", json!(ldap.map(|_| self.directories.sync_every.map_or(0, |every| every.as_secs() / 60)))),
            ("directory_max_disable", json!(self.directories.max_disable.to_string())),
            ("oidc_issuer", json!(oidc.map(|oidc| &oidc.issuer))),
            ("oidc_client_id", json!(oidc.map(|oidc| &oidc.client_id))),
            ("oidc_client_secret", json!(oidc.and_then(|oidc| oidc.client_secret.as_ref()).map(|_| MASK))),
            ("oidc_name", json!(oidc.map(|oidc| &oidc.name))),
            ("oidc_scopes", json!(oidc.map(|oidc| &oidc.scopes))),
            ("oidc_netid_claim", json!(oidc.map(|oidc| &oidc.netid_claim))),
            ("oidc_groups_claim", json!(oidc.map(|oidc| &oidc.groups_claim))),
            ("oidc_ca_file", json!(oidc.and_then(|oidc| oidc.ca_file.as_ref()))),
            ("scim_token", json!(self.directories.scim_token.as_ref().map(|_| MASK))),
            ("rep_groups", json!(desk.groups.rep)),
            ("help_desk_groups", json!(desk.groups.help_desk)),
            ("admin_groups", json!(desk.groups.admin)),
            ("privileged_groups", json!(desk.groups.privileged)),
            ("store", json!(desk.store)),
            ("store_user", json!(desk.store_login.as_ref().map(|(user, _)| user))),
            ("store_password", json!(desk.store_login.as_ref().map(|_| MASK))),
            ("node", json!(desk.node)),
            ("audit_key", json!(desk.audit_key.as_ref().map(|_| MASK))),
            ("help_desk_contact", json!(self.help_desk_contact)),
            ("first_password", json!(first_password)),
            ("token_max_days", json!(desk.token_cap_days.unwrap_or(0))),
            ("tokens_per_user", json!(desk.tokens_per_user)),
            ("tokens_per_minute", json!(desk.tokens_per_minute)),
            ("confirm_seconds", json!(desk.confirm_seconds)),
            ("session_idle_minutes", json!(desk.session_idle_minutes)),
            ("session_hours", json!(desk.session_hours)),
            ("log_ins_per_minute", json!(self.log_ins_per_minute)),
            ("hash_memory_kib", json!(desk.hash_memory_kib)),
            ("hash_passes", json!(desk.hash_passes)),
            ("hash_lanes", json!(desk.hash_lanes)),
            ("hash_threads", json!(desk.hash_threads)),
            ("cached_tokens", json!(desk.cached_tokens)),
            ("log", json!(self.log)),
            ("log_format", json!(log_format)),
        ]
    }
}
