//! Prints the configuration that results, secrets masked, in the form in which it can be written down again.

use serde_json::{Map, Value, json};

use super::{Configuration, FirstPassword, LogFormat};

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
        vec![
            ("listen", json!(self.listen)),
            ("public_url", json!(self.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/')))),
            ("trusted_proxies", json!(self.trusted_proxies)),
            ("remote_user_header", json!(header(self.remote.as_ref().map(|remote| &remote.user)))),
            ("remote_name_header", json!(header(self.remote.as_ref().and_then(|remote| remote.name.as_ref())))),
            ("remote_email_header", json!(header(self.remote.as_ref().and_then(|remote| remote.email.as_ref())))),
            ("remote_groups_header", json!(header(self.remote.as_ref().and_then(|remote| remote.groups.as_ref())))),
            ("log_out_url", json!(self.log_out_url)),
            ("rep_groups", json!(desk.groups.rep)),
            ("help_desk_groups", json!(desk.groups.help_desk)),
            ("admin_groups", json!(desk.groups.admin)),
            ("privileged_groups", json!(desk.groups.privileged)),
            ("store", json!(desk.store)),
            ("store_user", json!(desk.store_login.as_ref().map(|(user, _)| user))),
            ("store_password", json!(desk.store_login.as_ref().map(|_| MASK))),
            ("node", json!(desk.node)),
            ("help_desk_contact", json!(self.help_desk_contact)),
            ("first_password", json!(first_password)),
            ("token_max_days", json!(desk.token_cap_days.unwrap_or(0))),
            ("tokens_per_user", json!(desk.tokens_per_user)),
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
