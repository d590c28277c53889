//! Looks for a new certificate, and says when the one in use ends. What cannot be used is said once
//! and changes nothing: connections go on with the one before. Tests: here.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::time::{Duration, SystemTime};

use desk::Moment;
use tokio::time::MissedTickBehavior;

use super::Tls;
use super::pair::{self, Pair};
use crate::config::TlsFiles;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(30);

const DAY: Duration = Duration::from_hours(24);

/// From when on the end of the one in use is told, once a day.
const TELL_BEFORE: u32 = 14;

/// Looks for a new certificate for as long as the server runs.
pub(crate) async fn watch(tls: Tls, files: TlsFiles) {
    let mut renewal = Renewal::new(tls, files);
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let looking = tokio::task::spawn_blocking(move || {
            let now = SystemTime::now();
            (renewal.look(now), renewal.tell(now), renewal)
        });
        // It was broken off: the process ends.
        let Ok((looked, notice, back)) = looking.await else { return };
        renewal = back;
        say(&looked, notice.as_ref());
    }
}

fn say(looked: &Looked, notice: Option<&Notice>) {
    match looked {
        Looked::Nothing => {}
        Looked::Taken => tracing::info!("a new certificate is in use"),
        Looked::Early(begins) => tracing::info!(
            begins = shown(*begins),
            "a new certificate does not count yet: the one before stays in use until then"
        ),
        Looked::Refused(why) => tracing::error!(
            why,
            "a new certificate cannot be used: correct it; the one before stays in use"
        ),
    }
    match notice {
        Some(Notice::EndsIn(days)) => tracing::warn!(
            days,
            "the certificate ends soon: put a new one into its files (tls.certificate, tls.key)"
        ),
        Some(Notice::Ended) => tracing::error!(
            "the certificate has ended, and browsers and programs refuse Latchkey: put a new one \
                into its files (tls.certificate, tls.key)"
        ),
        None => {}
    }
}

fn shown(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)).rfc3339()
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
enum Looked {
    /// The same as before.
    Nothing,
    /// A new one, which is in use.
    Taken,
    /// A new one, which browsers refuse before this moment.
    Early(SystemTime),
    /// Something that cannot be used.
    Refused(String),
}

/// What is said of the one in use.
#[derive(Debug, PartialEq, Eq)]
enum Notice {
    EndsIn(u64),
    Ended,
}

#[derive(Debug)]
struct Renewal {
    tls: Tls,
    files: TlsFiles,
    /// Of what the files held when they were last looked at.
    seen: Option<u64>,
    /// From when on they count, where that is to be waited for.
    begins: Option<SystemTime>,
    notice: Option<SystemTime>,
}

impl Renewal {
    const fn new(tls: Tls, files: TlsFiles) -> Self {
        Self { tls, files, seen: None, begins: None, notice: None }
    }

    fn look(&mut self, now: SystemTime) -> Looked {
        let contents = pair::contents(&self.files).map_err(|error| error.to_string());
        let mut hasher = DefaultHasher::new();
        contents.hash(&mut hasher);
        let is_due = self.begins.is_some_and(|begins| begins <= now);
        if self.seen.replace(hasher.finish()) == Some(hasher.finish()) && !is_due {
            return Looked::Nothing;
        }
        self.begins = None;
        let read = contents.and_then(|(chain, key)| {
            Pair::of(&self.files, &chain, &key).map_err(|error| error.to_string())
        });
        match read {
            Ok(pair) if pair.certified.cert == self.tls.in_use.pair().certified.cert => {
                Looked::Nothing
            }
            Ok(pair) if pair.ends <= now => Looked::Refused(format!(
                "tls.certificate: {}: it has ended already: have it renewed.",
                self.files.certificate.display()
            )),
            // Where the one in use has ended, nobody is let down by the next.
            Ok(pair) if pair.begins > now && self.tls.ends() > now => {
                self.begins = Some(pair.begins);
                Looked::Early(pair.begins)
            }
            Ok(pair) => {
                self.tls.replace(pair);
                self.notice = None;
                Looked::Taken
            }
            Err(why) => Looked::Refused(why),
        }
    }

    fn tell(&mut self, now: SystemTime) -> Option<Notice> {
        let left = self.tls.ends().duration_since(now).unwrap_or_default();
        let since = self.notice.and_then(|notice| now.duration_since(notice).ok());
        if left > DAY * TELL_BEFORE || since.is_some_and(|since| since < DAY) {
            return None;
        }
        self.notice = Some(now);
        Some(if left.is_zero() { Notice::Ended } else { Notice::EndsIn(left.as_secs() / 86_400) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::pair::tests::Folder;
    use super::*;

    fn begin(files: &TlsFiles) -> Renewal {
        let tls = Tls::with(Pair::read(files).expect("it fits")).expect("it can be used");
        Renewal::new(tls, files.clone())
    }

    fn copy(from: &TlsFiles, to: &TlsFiles) {
        std::fs::copy(&from.certificate, &to.certificate).expect("copied");
        std::fs::copy(&from.key, &to.key).expect("copied");
    }

    #[test]
    fn a_new_pair_is_taken_up_and_one_that_does_not_fit_changes_nothing() {
        let folder = Folder::new();
        let (files, new) = (folder.make("used", "30"), folder.make("new", "60"));
        let now = SystemTime::now();
        let mut renewal = begin(&files);
        let in_use = |renewal: &Renewal| renewal.tls.in_use.pair().certified.cert.clone();
        let first = in_use(&renewal);
        assert_eq!(renewal.look(now), Looked::Nothing, "it is the same");
        // Only half of it is there.
        std::fs::copy(&new.certificate, &files.certificate).expect("copied");
        let Looked::Refused(why) = renewal.look(now) else { panic!("it does not fit") };
        assert!(why.contains("the key of another certificate"), "{why}");
        assert_eq!(in_use(&renewal), first, "the one before stays");
        assert_eq!(renewal.look(now), Looked::Nothing, "that was said");
        std::fs::remove_file(&files.certificate).expect("removed");
        let Looked::Refused(why) = renewal.look(now) else { panic!("there is none") };
        assert!(why.contains("No such file") && why.contains("Check its name"), "{why}");
        copy(&new, &files);
        assert_eq!(renewal.look(now), Looked::Taken);
        assert!(in_use(&renewal) != first);
        assert_eq!(renewal.tls.ends(), Pair::read(&new).expect("it fits").ends);
        // As if the next one had been forgotten for months.
        let again = folder.make("again", "30");
        copy(&again, &files);
        let Looked::Refused(why) = renewal.look(now + DAY * 31) else { panic!("it has ended") };
        assert!(why.contains("it has ended already"), "{why}");
    }

    #[test]
    fn a_new_one_that_does_not_count_yet_is_taken_up_once_it_does() {
        let folder = Folder::new();
        let (files, new) = (folder.make("used", "30"), folder.make("new", "60"));
        let begins = Pair::read(&new).expect("it fits").begins;
        let mut renewal = begin(&files);
        let in_use = |renewal: &Renewal| renewal.tls.in_use.pair().certified.cert.clone();
        let first = in_use(&renewal);
        copy(&new, &files);
        assert_eq!(renewal.look(begins - DAY), Looked::Early(begins));
        let moment = Duration::from_secs(1);
        assert_eq!(renewal.look(begins - moment), Looked::Nothing, "that was said");
        assert!(in_use(&renewal) == first, "the one before stays");
        assert_eq!(renewal.look(begins), Looked::Taken);
        assert!(in_use(&renewal) != first);
        assert_eq!(renewal.look(begins + moment), Looked::Nothing);
        // Nobody has anything of one that has ended.
        let ended = Pair::read(&folder.make("ended", "30")).expect("it fits");
        renewal.tls.replace(Pair { ends: begins - DAY * 2, ..ended });
        renewal.seen = None;
        assert_eq!(renewal.look(begins - DAY), Looked::Taken);
    }

    #[test]
    fn the_end_of_the_one_in_use_is_told_two_weeks_before_and_once_a_day() {
        let (folder, now) = (Folder::new(), SystemTime::now());
        let mut renewal = begin(&folder.make("used", "30"));
        let mut notice = |days, hours| renewal.tell(now + DAY * days + Duration::from_hours(hours));
        assert_eq!(notice(0, 0), None);
        assert_eq!(notice(15, 0), None);
        assert_eq!(notice(16, 1), Some(Notice::EndsIn(13)));
        assert_eq!(notice(16, 2), None);
        assert_eq!(notice(17, 1), Some(Notice::EndsIn(12)));
        assert_eq!(notice(31, 0), Some(Notice::Ended));
        assert_eq!(notice(31, 23), None);
        assert_eq!(notice(32, 0), Some(Notice::Ended));
    }
}
