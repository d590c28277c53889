//! People: whose entry it is, and what it says.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use data_encoding::HEXLOWER;
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{LdapError, ResultEntry, Scope, SearchEntry, SearchOptions, SearchStream};

use desk::{DirectoryError, ExternalIdentity};

use super::proof::visible;
use super::servers::Connection;
use crate::config::Ldap as Settings;
use crate::ldap_names as names;

/// Result codes (RFC 4511 §4.1.9).
const SUCCESS: u32 = 0;
const SIZE_LIMIT: u32 = 4;
const NO_SUCH_OBJECT: u32 = 32;
const NOT_ALLOWED: u32 = 50;
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
    /// What the directory calls it for good.
    pub(super) id: Option<String>,
    /// Groups that it names itself.
    pub(super) groups: Vec<String>,
}

impl Entry {
    fn of(settings: &Settings, group_attribute: Option<&str>, mut entry: SearchEntry) -> Self {
        Self {
            netids: names::of_several(
                take(&mut entry, &settings.netid_attribute),
                &settings.netid_attribute,
                &entry.dn,
            ),
            name: name(&mut entry, &settings.name_attribute),
            email: take(&mut entry, &settings.email_attribute).into_iter().next(),
            id: id(&mut entry),
            groups: group_attribute
                .map(|attribute| take(&mut entry, attribute))
                .unwrap_or_default(),
            dn: entry.dn,
        }
    }

    /// As the desk takes it, groups left open. Where an entry has several NetIDs, they are no
    /// NetID.
    pub(super) fn vouched(self) -> ExternalIdentity {
        ExternalIdentity {
            netid: self.netids.join(", "),
            name: self.name,
            email: self.email,
            groups: None,
            id: self.id,
        }
    }
}

/// What servers call an entry for good, whatever becomes of its name: as text (RFC 4530), and
/// Active Directory's, which is bytes.
const IDS: [&str; 2] = ["entryUUID", "objectGUID"];

/// The entry's, where it says one. Sixteen bytes that happen to be UTF-8 the library has taken for
/// text.
fn id(entry: &mut SearchEntry) -> Option<String> {
    let uuid =
        take(entry, IDS[0]).into_iter().next().filter(|uuid| uuid.len() == 36 && uuid.is_ascii());
    let named = |name: &String| name.eq_ignore_ascii_case(IDS[1]);
    let hex = |bytes: &[u8]| HEXLOWER.encode(bytes);
    let bytes = entry
        .bin_attrs
        .iter()
        .find(|(name, _)| named(name))
        .and_then(|(_, values)| values.first().map(|bytes| hex(bytes)));
    let text = entry
        .attrs
        .iter()
        .find(|(name, _)| named(name))
        .and_then(|(_, values)| values.first().map(|text| hex(text.as_bytes())));
    uuid.map(|uuid| uuid.to_ascii_lowercase())
        .or(bytes)
        .or(text)
        .filter(|id| !id.is_empty() && id.len() <= 64)
}

/// An attribute's values; its name in any case, as servers write it. One that is not UTF-8 spoils
/// itself only: the library keeps all of them as bytes then.
pub(super) fn take(entry: &mut SearchEntry, attribute: &str) -> Vec<String> {
    fn out<T>(values: &mut HashMap<String, Vec<T>>, attribute: &str) -> Vec<T> {
        let name = values.keys().find(|name| name.eq_ignore_ascii_case(attribute)).cloned();
        name.and_then(|name| values.remove(&name)).unwrap_or_default()
    }
    let bytes = out(&mut entry.bin_attrs, attribute);
    let texts = bytes.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    texts.chain(out(&mut entry.attrs, attribute)).filter(|value| !value.trim().is_empty()).collect()
}

/// Somebody's name. Where it is there in languages alone (`cn;lang-ja`, RFC 3866), in the first of
/// them.
fn name(entry: &mut SearchEntry, attribute: &str) -> Option<String> {
    if let Some(name) = take(entry, attribute).into_iter().next() {
        return Some(name);
    }
    let is_in_a_language = |name: &&String| {
        name.split_once(';').is_some_and(|(name, option)| {
            let language = option.get(..5).unwrap_or_default();
            name.eq_ignore_ascii_case(attribute) && language.eq_ignore_ascii_case("lang-")
        })
    };
    let all = entry.attrs.keys().chain(entry.bin_attrs.keys());
    let first = all.filter(is_in_a_language).min().cloned()?;
    take(entry, &first).into_iter().next()
}

/// Whether a server says by this result that another one may answer.
pub(super) fn is_busy(rc: u32) -> bool {
    matches!(rc, BUSY | UNAVAILABLE)
}

/// An entry as it was answered. One that is malformed, or whose DN is not UTF-8 (RFC 4511 §4.1.3),
/// the library takes by panicking.
pub(super) fn constructed(entry: ResultEntry) -> Found<SearchEntry> {
    let broken =
        |_| DirectoryError::Nonsense("an entry cannot be read, or its DN is not UTF-8".to_owned());
    catch_unwind(AssertUnwindSafe(|| SearchEntry::construct(entry))).map_err(broken)
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
    let mut attributes = vec![
        settings.netid_attribute.as_str(),
        &settings.name_attribute,
        &settings.email_attribute,
    ];
    attributes.extend(IDS);
    attributes.extend(group_attribute);
    // Two are as many as are of interest.
    let options = SearchOptions::new().sizelimit(2);
    let search = connection.ldap.with_search_options(options).with_timeout(settings.timeout);
    let found = search.search(&settings.base, Scope::Subtree, &filter, attributes).await?;
    let entries = found
        .0
        .into_iter()
        .filter(|entry| !entry.is_ref() && !entry.is_intermediate())
        .map(constructed);
    let entries =
        entries.map(|entry| entry.map(|entry| Entry::of(settings, group_attribute, entry)));
    let mut entries = match entries.collect::<Result<Vec<_>, _>>() {
        Ok(entries) => entries,
        Err(error) => return Ok(Err(error)),
    };
    match found.1.rc {
        SUCCESS | SIZE_LIMIT => {}
        BUSY | UNAVAILABLE => return Err(LdapError::LdapResult { result: found.1 }),
        NO_SUCH_OBJECT => return Ok(Err(no_such_base("ldap.base", &settings.base))),
        NOT_ALLOWED => return Ok(Err(not_allowed(&settings.base))),
        rc => {
            return Ok(Err(DirectoryError::Nonsense(format!(
                "a search ends with result {rc} {}",
                visible(&found.1.text)
            ))));
        }
    }
    if entries.len() > 1 {
        return Ok(Err(DirectoryError::Unclear(format!(
            "{} and {} have one NetID, {netid}",
            visible(&entries[0].dn),
            visible(&entries[1].dn)
        ))));
    }
    let Some(entry) = entries.pop() else { return Ok(Ok(None)) };
    match entry.netids.as_slice() {
        [only] if only.trim().eq_ignore_ascii_case(netid) => Ok(Ok(Some(entry))),
        several => {
            let attribute = &settings.netid_attribute;
            let remedy = match several {
                [other] => format!("log in as {}", visible(other)),
                _ => format!(
                    "let the entry have one {attribute}, or name another attribute in \
                        ldap.netid_attribute"
                ),
            };
            let what = format!(
                "{} was found for {netid}, and its {attribute} is “{}”: {remedy}",
                visible(&entry.dn),
                visible(&several.join("”, “"))
            );
            Ok(Err(DirectoryError::Unclear(what)))
        }
    }
}

pub(super) fn no_such_base(key: &str, base: &str) -> DirectoryError {
    DirectoryError::Nonsense(format!(
        "there is no {base}, which {key} names, or it may not be seen"
    ))
}

fn not_allowed(base: &str) -> DirectoryError {
    DirectoryError::Refuses(format!(
        "it may not search below {base}: give ldap.bind_dn the right to, or set it"
    ))
}

/// Entries below a base, page by page.
pub(super) struct Walk<'a> {
    search: SearchStream<'a, String, Vec<String>>,
    key: &'static str,
    base: String,
    seen: u64,
    broken: Option<DirectoryError>,
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
        let search =
            ldap.streaming_search_with(adapters, base, Scope::Subtree, filter, attributes).await?;
        Ok(Self { search, key, base: base.to_owned(), seen: 0, broken: None })
    }

    /// The next entry; none after the last one, or where one cannot be read, which [`Walk::end`]
    /// says.
    pub(super) async fn next(&mut self) -> Result<Option<SearchEntry>, LdapError> {
        let Some(entry) = self.search.next().await? else { return Ok(None) };
        self.seen += 1;
        match constructed(entry) {
            Ok(entry) => Ok(Some(entry)),
            Err(error) => {
                self.broken = Some(error);
                Ok(None)
            }
        }
    }

    /// How it ended, after the last one.
    pub(super) async fn end(mut self) -> Result<Found<()>, LdapError> {
        let result = self.search.finish().await;
        let seen = self.seen;
        if let Some(error) = self.broken {
            return Ok(Err(error));
        }
        match result.rc {
            // The second is the library's, of a search that was broken off.
            SUCCESS | BROKEN_OFF => Ok(Ok(())),
            BUSY | UNAVAILABLE => Err(LdapError::LdapResult { result }),
            NO_SUCH_OBJECT => Ok(Err(no_such_base(self.key, &self.base))),
            NOT_ALLOWED => Ok(Err(not_allowed(&self.base))),
            SIZE_LIMIT => Ok(Err(DirectoryError::Nonsense(format!(
                "the answer ends after {seen} entries, by the server’s size limit: raise it for \
                    who searches (ldap.bind_dn)"
            )))),
            rc => Ok(Err(DirectoryError::Nonsense(format!(
                "a search ends with result {rc} {}",
                visible(&result.text)
            )))),
        }
    }
}

/// What everybody's entry is asked for.
pub(super) fn attributes(
    settings: &Settings,
    group_attribute: Option<&str>,
    whole: bool,
) -> Vec<String> {
    let mut attributes = vec![settings.netid_attribute.clone()];
    if whole {
        attributes.extend([settings.name_attribute.clone(), settings.email_attribute.clone()]);
        attributes.extend(IDS.map(str::to_owned));
        attributes.extend(group_attribute.map(str::to_owned));
    }
    attributes
}

/// The entry of somebody among everybody.
pub(super) fn entry(
    settings: &Settings,
    group_attribute: Option<&str>,
    entry: SearchEntry,
) -> Entry {
    Entry::of(settings, group_attribute, entry)
}

#[cfg(test)]
mod tests {
    use ldap3::asn1::{PL, StructureTag, TagClass};

    use super::*;

    fn tag(id: u64, payload: PL) -> StructureTag {
        StructureTag {
            class: if id == 4 && matches!(payload, PL::C(_)) {
                TagClass::Application
            } else {
                TagClass::Universal
            },
            id,
            payload,
        }
    }

    fn text(bytes: &[u8]) -> StructureTag {
        tag(4, PL::P(bytes.to_vec()))
    }

    /// As a server sends it (RFC 4511 §4.5.2).
    fn entry(dn: &[u8], attribute: &str, values: &[&[u8]]) -> ResultEntry {
        let values = tag(17, PL::C(values.iter().map(|value| text(value)).collect()));
        let attribute = tag(16, PL::C(vec![text(attribute.as_bytes()), values]));
        ResultEntry::new(tag(4, PL::C(vec![text(dn), tag(16, PL::C(vec![attribute]))])))
    }

    #[test]
    fn one_value_that_is_not_utf8_spoils_no_other() {
        let mut entry = constructed(entry(b"uid=nora", "memberOf", &[b"cn=staff", b"cn=caf\xe9"]))
            .expect("an entry");
        let mut groups = take(&mut entry, "memberof");
        groups.sort();
        assert_eq!(groups, ["cn=caf\u{fffd}", "cn=staff"], "whoever is in a group stays in it");
        assert_eq!(take(&mut entry, "memberOf"), [""; 0]);
    }

    #[test]
    fn a_name_in_one_language_alone_is_the_name() {
        let of = |attribute, value: &[u8]| {
            name(&mut constructed(entry(b"uid=nora", attribute, &[value])).expect("an entry"), "cn")
        };
        assert_eq!(of("cn", b"Nora").as_deref(), Some("Nora"));
        assert_eq!(of("CN;Lang-ja", "\u{30ce}\u{30e9}".as_bytes()).as_deref(), Some("ノラ"));
        assert_eq!(of("cn;lang-de", b"caf\xe9").as_deref(), Some("caf\u{fffd}"));
        assert_eq!(of("cn;binary", b"Nora"), None);
        assert_eq!(of("cnx;lang-de", b"Nora"), None);
    }

    #[test]
    fn what_an_entry_is_called_for_good_is_text_or_bytes() {
        let of = |attribute, value: &[u8]| {
            id(&mut constructed(entry(b"uid=nora", attribute, &[value])).expect("an entry"))
        };
        assert_eq!(
            of("entryuuid", b"3F2504E0-4F89-11D3-9A0C-0305E82C3301").as_deref(),
            Some("3f2504e0-4f89-11d3-9a0c-0305e82c3301")
        );
        assert_eq!(of("objectGUID", &[0xff; 16]).as_deref(), Some("ff".repeat(16).as_str()));
        assert_eq!(
            of("objectGUID", b"sixteen letters!").as_deref(),
            Some("7369787465656e206c65747465727321")
        );
        assert_eq!((of("entryUUID", b"nonsense"), of("uid", b"nora")), (None, None));
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_an_error_and_no_panic() {
        assert!(matches!(
            constructed(entry(b"uid=n\xf6ra", "uid", &[b"nora"])),
            Err(DirectoryError::Nonsense(_))
        ));
        assert!(matches!(
            constructed(ResultEntry::new(text(b"nonsense"))),
            Err(DirectoryError::Nonsense(_))
        ));
    }
}
