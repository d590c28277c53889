//! An LDAP directory: who somebody is, by searching for their entry and trying their password on
//! it.

#[cfg(test)]
mod binds_tests;
mod explain;
mod groups;
mod people;
mod pool;
mod proof;
mod servers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use desk::{
    Asking, Directory, DirectoryError, Extent, ExternalIdentity, GroupRules, NetId, Secret,
    random_form_key,
};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use ldap3::LdapError;
use tokio::sync::mpsc;

pub(crate) use explain::Step;
use groups::{Members, Parents};
use people::{Entry, Found, Walk};
use pool::{Connections, Lane, ask};
use proof::Proof;
use servers::Servers;

use crate::config::{ConfigError, Ldap as Settings};
use crate::ldap_names as names;

/// People handed over at a time.
const BATCH: usize = 200;

/// The longest that a log-in waits for all answers together: before the request itself is given up,
/// with other words.
const CHECKED_WITHIN: Duration = Duration::from_secs(25);

/// A flood of log-ins cannot drown the log.
static REFUSED: desk::LogLimiter = desk::LogLimiter::new(20);

/// The directory.
#[derive(Debug)]
pub(crate) struct Ldap {
    servers: Arc<Servers>,
    searching: Connections,
    proving: Connections,
    rules: GroupRules,
}

impl Ldap {
    /// Reads the certificate authorities, and asks nothing yet. `rules` name the groups that must
    /// be there.
    pub(crate) fn new(settings: Settings, rules: GroupRules) -> Result<Self, ConfigError> {
        let servers = Arc::new(Servers::new(settings)?);
        let (searching, proving) =
            (Connections::new(servers.clone(), true), Connections::new(servers.clone(), false));
        Ok(Self { servers, searching, proving, rules })
    }

    fn settings(&self) -> &Settings {
        self.servers.settings()
    }

    /// The person's entry, if there is one and only one.
    async fn find(&self, netid: &NetId, lane: Lane) -> Result<Option<Entry>, DirectoryError> {
        let settings = self.settings();
        ask!(self.searching, lane, |connection| people::find(
            connection,
            settings,
            groups::attribute(settings),
            netid.as_str()
        ))?
    }

    /// Whether the password is that entry's. It is said once: a directory that counts wrong ones
    /// may count each time. Again only where a connection that was kept has ended meanwhile, and at
    /// another server where one says that it is too busy. `sent` is true from when it is said until
    /// it is answered: as long as the directory may have counted it, and nobody knows.
    async fn proof(
        &self,
        dn: &str,
        password: &Secret,
        lane: Lane,
        sent: &AtomicBool,
    ) -> Result<Proof, DirectoryError> {
        // With an empty one a server lets anybody in, as nobody in particular (RFC 4513 §5.1.2).
        if password.is_empty() || dn.is_empty() {
            return Ok(Proof::Wrong);
        }
        let timeout = self.settings().timeout;
        let mut busy = None;
        let mut again = true;
        loop {
            let taken = self.proving.get(lane).await;
            let mut kept = taken.map_err(|error| as_unanswered(error, sent))?;
            let (server, was_kept) = (kept.server, kept.was_kept());
            if let Some((_, error)) = busy.take_if(|(busy, _)| *busy == server) {
                return Err(error);
            }
            sent.store(true, Ordering::Relaxed);
            let answer = kept.ldap.with_timeout(timeout).simple_bind(dn, password.expose()).await;
            let answer = answer.and_then(Proof::of);
            let is_answered = matches!(answer, Ok(_) | Err(LdapError::LdapResult { .. }));
            sent.store(!is_answered, Ordering::Relaxed);
            let error = match answer {
                Ok(proof) => return Ok(proof),
                Err(error) => error,
            };
            let is_busy =
                matches!(&error, LdapError::LdapResult { result } if people::is_busy(result.rc));
            let has_ended = was_kept && !is_answered;
            let error = as_unanswered(self.proving.lost(kept, &error), sent);
            if !std::mem::take(&mut again) || !(is_busy || has_ended) {
                return Err(error);
            }
            busy = is_busy.then_some((server, error));
        }
    }

    /// What the person's groups may be called; none where groups are not looked at.
    async fn groups_of(
        &self,
        entry: &Entry,
        known: &Parents,
        lane: Lane,
    ) -> Result<Option<Vec<String>>, DirectoryError> {
        let settings = self.settings();
        let found = ask!(self.searching, lane, |connection| groups::of(
            connection, settings, entry, known
        ))??;
        Ok(found.map(|dns| dns.iter().flat_map(|dn| groups::called(settings, dn)).collect()))
    }

    /// The groups that the configuration names and the directory does not have.
    async fn missing_groups(&self) -> Result<Vec<String>, DirectoryError> {
        let settings = self.settings();
        let mut missing = Vec::new();
        for name in self.rules.names() {
            if !ask!(self.searching, Lane::Known, |connection| groups::exists(
                connection, settings, name
            ))?? {
                missing.push(name.to_owned());
            }
        }
        Ok(missing)
    }

    async fn send_everybody(
        &self,
        extent: Extent,
        to: mpsc::Sender<Vec<ExternalIdentity>>,
    ) -> Result<(), DirectoryError> {
        let settings = self.settings();
        let whole = extent == Extent::Whole;
        let mut members = None;
        if whole && settings.groups.is_some() {
            // Renamed, its members would lose what it gave them.
            let missing = self.missing_groups().await?;
            if !missing.is_empty() {
                let what = format!(
                    "there is no group “{}”: was it renamed? Correct the configuration",
                    missing.join("”, “")
                );
                return Err(DirectoryError::Nonsense(what));
            }
            members = ask!(self.searching, Lane::Known, |connection| Members::read(
                connection, settings
            ))??;
        }
        let by_attribute = groups::attribute(settings);
        let parents = Parents::default();
        let filter = names::filter_of_everybody(&settings.filter);
        // Not asked again where the connection is lost: everybody would come twice.
        let mut connection = self.searching.get(Lane::Known).await?;
        let walked = async {
            let attributes = people::attributes(settings, by_attribute, whole);
            let mut walk = Walk::start(
                &mut connection,
                settings,
                ("ldap.base", &settings.base),
                &filter,
                attributes,
            )
            .await?;
            let mut batch = Vec::with_capacity(BATCH);
            while let Some(entry) = walk.next().await? {
                let entry = people::entry(settings, by_attribute, entry);
                let groups = match &members {
                    _ if !whole => None,
                    Some(members) => Some(
                        members
                            .groups_of(&entry)
                            .into_iter()
                            .flat_map(|dn| groups::called(settings, dn))
                            .collect(),
                    ),
                    // On another connection; about each group once.
                    None => match self.groups_of(&entry, &parents, Lane::Known).await {
                        Ok(groups) => groups,
                        // One person's trouble is theirs alone: they keep what they have.
                        Err(error @ DirectoryError::Unclear(_)) => {
                            tracing::warn!(%error, "in the directory");
                            None
                        }
                        Err(error) => return Ok(Err(error)),
                    },
                };
                batch.push(ExternalIdentity { groups, ..entry.vouched() });
                if batch.len() == BATCH
                    && to
                        .send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))
                        .await
                        .is_err()
                {
                    return Ok(Ok(()));
                }
            }
            let ended = walk.end().await?;
            if ended.is_ok() && !batch.is_empty() {
                let _ = to.send(batch).await;
            }
            Ok(ended)
        };
        let walked: Result<Found<()>, LdapError> = walked.await;
        walked.map_err(|error| self.searching.lost(connection, &error))?
    }
}

/// Of a directory that was told a password and has not answered: it has counted it, or not.
fn as_unanswered(error: DirectoryError, sent: &AtomicBool) -> DirectoryError {
    if sent.load(Ordering::Relaxed) { error.unanswered() } else { error }
}

impl Directory for Ldap {
    fn source(&self) -> desk::Source {
        desk::Source::Ldap
    }

    fn check<'a>(
        &'a self,
        netid: &'a NetId,
        password: &'a Secret,
        requested: Asking,
    ) -> BoxFuture<'a, Result<Option<ExternalIdentity>, DirectoryError>> {
        let lane = if requested.known { Lane::Known } else { Lane::Stranger };
        let sent = Arc::new(AtomicBool::new(false));
        let proving_sent = sent.clone();
        let asking = async move {
            // Refused before the network: a server would take it for a wish to be nobody in
            // particular, and say yes.
            if password.is_empty() {
                return Ok(None);
            }
            let found = self.find(netid, lane).await?;
            // Of somebody unknown the same is asked: nobody's entry, never one that the filter has
            // left out.
            let nobody = || format!("cn=nobody-{},{}", random_form_key(), self.settings().base);
            let dn = found.as_ref().map_or_else(nobody, |entry| entry.dn.clone());
            let proof = self.proof(&dn, password, lane, &proving_sent).await?;
            if let (Proof::Refused(why), true) = (&proof, found.is_some())
                && let Some(left_out) = REFUSED.may_speak()
            {
                tracing::warn!(%netid, %why, left_out, "the directory refuses a log-in");
            }
            let Some(entry) = found.filter(|_| proof == Proof::Right && requested.wanted) else {
                return Ok(None);
            };
            let groups = self.groups_of(&entry, &Parents::default(), lane).await?;
            Ok(Some(ExternalIdentity { groups, ..entry.vouched() }))
        };
        // Each question has its limit; many slow ones in a row have this one.
        let most = (self.settings().timeout * 4).min(CHECKED_WITHIN);
        let silent = move |_| {
            let error = DirectoryError::Unavailable("its answers take too long".to_owned());
            Err(as_unanswered(error, &sent))
        };
        tokio::time::timeout(most, asking)
            .map(move |answered| answered.unwrap_or_else(silent))
            .boxed()
    }

    fn everybody(
        &self,
        extent: Extent,
        to: mpsc::Sender<Vec<ExternalIdentity>>,
    ) -> BoxFuture<'_, Result<(), DirectoryError>> {
        self.send_everybody(extent, to).boxed()
    }
}
