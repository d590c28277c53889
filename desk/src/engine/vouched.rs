use super::people::{find_user, terms};
use super::store::rows::User;
use super::store::{Change, vars};
use super::{Cookie, Desk, Origin};
use crate::{Denied, NetId, Refusal, Role};

/// A person whom somebody trusted vouches for: a proxy that has logged them in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// Their NetID, as it was said.
    pub netid: String,
    /// Full name; none: not said, and the known one stays.
    pub name: Option<String>,
    /// E-mail address; none: not said, and the known one stays.
    pub email: Option<String>,
    /// Groups; none: not said, and they decide nothing.
    pub groups: Option<Vec<String>>,
}

/// The most characters kept of what is said of a person.
const MOST: usize = 256;

impl Desk {
    /// Logs in a person whom `source` (`proxy`) vouches for, and takes over what it says of them: somebody new is made, of
    /// somebody known only what differs is changed. All of it in one transaction, each change with its audit row.
    ///
    /// Whoever is vouched for has no NetID password here: one from the built-in directory is forgotten.
    ///
    /// # Errors
    /// [`Refusal::NetIdUnreadable`], [`Denied::ActorDisabled`], [`Refusal::Unavailable`].
    pub async fn log_in_vouched(&self, who: &Vouched, source: &'static str, origin: &Origin) -> Result<(Cookie, NetId), Refusal> {
        let netid = NetId::parse(&who.netid)?;
        let known = find_user(&self.inner.store, &netid).await?;
        if known.as_ref().is_some_and(|user| user.person.disabled) {
            let mut entry = Self::entry(netid.as_str(), netid.as_str(), "log-in", origin);
            (entry.outcome, entry.detail) = ("refused", Denied::ActorDisabled.code().to_owned());
            let nothing = Change::new("LET $refused = true", vars! {});
            self.inner.store.commit(nothing.audited(entry), self.now()).await?;
            return Err(Denied::ActorDisabled.into());
        }
        let cookie = Cookie::random();
        let now = self.now();
        let mut entry = Self::entry(netid.as_str(), netid.as_str(), "log-in", origin);
        entry.detail = source.to_owned();
        let session = Change::new(
            "CREATE type::record('session', $id) CONTENT { user: $netid, created: $now, last_seen: $now, address: $address, agent: $agent }",
            vars! {
                "id" => cookie.id(), "netid" => netid.as_str().to_owned(), "now" => now.0,
                "address" => entry.address.clone(), "agent" => entry.agent.clone(),
            },
        );
        let change = match self.taken_over(&netid, known.as_ref(), who, source, origin) {
            Some(person) => person.with(session),
            None => session,
        };
        self.inner.store.commit(change.audited(entry), now).await?;
        Ok((cookie, netid))
    }

    /// What has to be changed so that the person is as they are said to be; none: nothing.
    fn taken_over(&self, netid: &NetId, known: Option<&User>, who: &Vouched, source: &'static str, origin: &Origin) -> Option<Change> {
        let rules = &self.settings().groups;
        let said =
            |said: &Option<String>, known: Option<&String>| said.as_deref().map(cut).unwrap_or_else(|| known.cloned().unwrap_or_default());
        let name = said(&who.name, known.map(|user| &user.name));
        let email = said(&who.email, known.map(|user| &user.email));
        // None: not the directory's to say. What is known stays, as it is when this is committed.
        let given_role = who.groups.as_deref().and_then(|groups| rules.role(groups));
        let role = given_role.unwrap_or_else(|| known.map_or(Role::Staff, |user| user.person.role));
        let given_privileged = who.groups.as_deref().and_then(|groups| rules.privileged(groups));
        let privileged = given_privileged.unwrap_or_else(|| known.is_none_or(|user| user.person.privileged));

        let mut entries = Vec::new();
        let mut note = |action: &'static str, detail: String| {
            let mut entry = Self::entry(&format!("({source})"), netid.as_str(), action, origin);
            entry.detail = detail;
            entries.push(entry);
        };
        match known {
            None => note("user.create", format!("{role}{}", if privileged { "" } else { ", not privileged" })),
            Some(user) => {
                if user.person.role != role {
                    note("user.role", format!("{} → {role}", user.person.role));
                }
                if user.person.privileged != privileged {
                    note("user.privileged", if privileged { "yes" } else { "no" }.to_owned());
                }
                if user.name != name || user.email != email || user.source != source {
                    note("user.update", "name, e-mail address or directory".to_owned());
                }
            }
        }
        let change = Change::new(
            "LET $person = type::record('user', $netid);
             LET $old = (SELECT * FROM ONLY $person);
             FOR $term IN $old.terms ?? [] { DELETE type::record('term', [$term, $netid]) };
             FOR $term IN $terms { UPSERT type::record('term', [$term, $netid]) };
             UPSERT $person SET name = $name, email = $email, role = $role ?? $old.role ?? 'staff', privileged = $privileged ?? $old.privileged ?? true,
                disabled = $old.disabled ?? false,
                source = $source, created = $old.created ?? $now, terms = $terms, netid_hash = NONE",
            vars! {
                "netid" => netid.as_str().to_owned(), "terms" => terms(&name, &email), "name" => name, "email" => email,
                "role" => given_role.map(|role| role.word().to_owned()), "privileged" => given_privileged, "source" => source.to_owned(), "now" => self.now().0,
            },
        );
        (!entries.is_empty()).then(|| entries.into_iter().fold(change, Change::audited))
    }
}

/// One line of bounded length: control characters would break a list's rows.
fn cut(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(MOST).collect()
}
