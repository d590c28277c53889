//! People: whose entry it is, and what it says.

use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{LdapError, Scope, SearchEntry, SearchOptions, SearchStream};

use desk::{DirectoryError, Vouched};

use super::names;
use super::servers::Connection;
use crate::config::Ldap as Settings;

/// Result codes (RFC 4511 §4.1.9).
const SUCCESS: u32 = 0;
const SIZE_LIMIT: u32 = 4;
const NO_SUCH_OBJECT: u32 = 32;
const BUSY: u32 = 51;
const UNAVAILABLE: u32 = 52;
const BROKEN_OFF: u32 = 88;

/// Entries asked for at a time.
const PAGE: i32 = 500;

/// A person's entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) dn: String,
    pub(super) netids: Vec<String>,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// Groups that it names itself.
    pub(super) groups: Vec<String>,
}

impl Entry {
    fn of(settings: &Settings, group_attribute: Option<&str>, mut entry: SearchEntry) -> Self {
        Self {
            netids: take(&mut entry, &settings.netid_attribute),
            name: take(&mut entry, &settings.name_attribute).into_iter().next(),
            email: take(&mut entry, &settings.email_attribute).into_iter().next(),
            groups: group_attribute.map(|attribute| take(&mut entry, attribute)).unwrap_or_default(),
            dn: entry.dn,
        }
    }

    /// As the desk takes it, groups left open. Where an entry has several NetIDs, they are no NetID.
    pub(super) fn vouched(self) -> Vouched {
        Vouched { netid: self.netids.join(", "), name: self.name, email: self.email, groups: None }
    }
}

/// An attribute's values; its name in any case, as servers write it.
pub(super) fn take(entry: &mut SearchEntry, attribute: &str) -> Vec<String> {
    let name = entry.attrs.keys().find(|name| name.eq_ignore_ascii_case(attribute)).cloned();
    name.and_then(|name| entry.attrs.remove(&name)).unwrap_or_default().into_iter().filter(|value| !value.trim().is_empty()).collect()
}

/// What a search found, or why it cannot be right.
pub(super) type Found<T> = Result<T, DirectoryError>;

/// The entry of the person with this NetID.
pub(super) async fn find(
    connection: &mut Connection,
    settings: &Settings,
    group_attribute: Option<&str>,
    netid: &str,
) -> Result<Found<Option<Entry>>, LdapError> {
    let filter = names::filter(&settings.filter, netid);
    let mut attributes = vec![settings.netid_attribute.as_str(), &settings.name_attribute, &settings.email_attribute];
    attributes.extend(group_attribute);
    // Two are as many as are of interest.
    let options = SearchOptions::new().sizelimit(2);
    let search = connection.ldap.with_search_options(options).with_timeout(settings.timeout);
    let found = search.search(&settings.base, Scope::Subtree, &filter, attributes).await?;
    let entries = found.0.into_iter().filter(|entry| !entry.is_ref() && !entry.is_intermediate()).map(SearchEntry::construct);
    let mut entries: Vec<Entry> = entries.map(|entry| Entry::of(settings, group_attribute, entry)).collect();
    match found.1.rc {
        SUCCESS | SIZE_LIMIT => {}
        BUSY | UNAVAILABLE => return Err(LdapError::LdapResult { result: found.1 }),
        NO_SUCH_OBJECT => return Ok(Err(no_such_base("ldap_base", &settings.base))),
        rc => return Ok(Err(DirectoryError::Nonsense(format!("a search ends with result {rc} {}", found.1.text)))),
    }
    if entries.len() > 1 {
        return Ok(Err(DirectoryError::Unclear(format!("{} and {} have one NetID, {netid}", entries[0].dn, entries[1].dn))));
    }
    let Some(entry) = entries.pop() else { return Ok(Ok(None)) };
    match entry.netids.as_slice() {
        [only] if only.trim().eq_ignore_ascii_case(netid) => Ok(Ok(Some(entry))),
        said => {
            let what = format!("{} was found for {netid}, and its {} is “{}”", entry.dn, settings.netid_attribute, said.join("”, “"));
            Ok(Err(DirectoryError::Unclear(what)))
        }
    }
}

pub(super) fn no_such_base(key: &str, base: &str) -> DirectoryError {
    DirectoryError::Nonsense(format!("there is no {base}, which {key} names, or it may not be seen"))
}

/// Entries below a base, page by page.
pub(super) struct Walk<'a> {
    search: SearchStream<'a, String, Vec<String>>,
    key: &'static str,
    base: String,
    seen: u64,
}

impl Walk<'static> {
    /// Begins; `key` is the configuration's for `base`.
    pub(super) async fn start(
        connection: &mut Connection,
        settings: &Settings,
        (key, base): (&'static str, &str),
        filter: &str,
        attributes: Vec<String>,
    ) -> Result<Self, LdapError> {
        let adapters: Vec<Box<dyn Adapter<'static, String, Vec<String>>>> =
            vec![Box::new(EntriesOnly::new()), Box::new(PagedResults::new(PAGE))];
        let ldap = connection.ldap.with_timeout(settings.timeout);
        let search = ldap.streaming_search_with(adapters, base, Scope::Subtree, filter, attributes).await?;
        Ok(Self { search, key, base: base.to_owned(), seen: 0 })
    }

    /// The next entry.
    pub(super) async fn next(&mut self) -> Result<Option<SearchEntry>, LdapError> {
        let entry = self.search.next().await?;
        self.seen += u64::from(entry.is_some());
        Ok(entry.map(SearchEntry::construct))
    }

    /// How it ended, after the last one.
    pub(super) async fn end(mut self) -> Result<Found<()>, LdapError> {
        let result = self.search.finish().await;
        let seen = self.seen;
        match result.rc {
            // The second is the library's, of a search that was broken off.
            SUCCESS | BROKEN_OFF => Ok(Ok(())),
            BUSY | UNAVAILABLE => Err(LdapError::LdapResult { result }),
            NO_SUCH_OBJECT => Ok(Err(no_such_base(self.key, &self.base))),
            SIZE_LIMIT => Ok(Err(DirectoryError::Nonsense(format!(
                "the answer ends after {seen} entries, by the server’s size limit: raise it for who searches (ldap_bind_dn)"
            )))),
            rc => Ok(Err(DirectoryError::Nonsense(format!("a search ends with result {rc} {}", result.text)))),
        }
    }
}

/// What everybody's entry is asked for.
pub(super) fn attributes(settings: &Settings, group_attribute: Option<&str>, whole: bool) -> Vec<String> {
    let mut attributes = vec![settings.netid_attribute.clone()];
    if whole {
        attributes.extend([settings.name_attribute.clone(), settings.email_attribute.clone()]);
        attributes.extend(group_attribute.map(str::to_owned));
    }
    attributes
}

/// The entry of somebody among everybody.
pub(super) fn entry(settings: &Settings, group_attribute: Option<&str>, entry: SearchEntry) -> Entry {
    Entry::of(settings, group_attribute, entry)
}
