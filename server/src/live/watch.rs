//! One open stream of `/live`: when it tells something, when it looks at its session again, and
//! when it ends. Tests: `server/tests/server/people/live.rs`.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::Event;
use desk::{Cookie, Moment, Origin, Refusal, SessionId, right};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until};

use crate::web::{AppState, OpenStream};

/// The least time between two events: a script that uses a token a hundred times a second is one
/// change to look at.
const PAUSE: Duration = Duration::from_millis(300);

/// How often the session is looked at when nothing happens. The comment sent then keeps proxies
/// from closing the stream.
const CHECK: Duration = Duration::from_secs(15);

/// How soon a browser comes back after the stream has closed, in milliseconds.
const RETRY: Duration = Duration::from_millis(500);

/// The same where newer streams of the visitor's have taken its place: its page is not looked at,
/// and would push out another.
const RETRY_REPLACED: Duration = Duration::from_mins(10);

/// One open stream.
pub(super) struct Watch {
    state: AppState,
    cookie: Cookie,
    origin: Origin,
    /// The NetID asked for; none: the visitor's own.
    of: Option<String>,
    /// Whose changes count.
    subject: String,
    /// Who watches; empty until it is known that they may.
    visitor: String,
    changes: Receiver<desk::Event>,
    stage: Stage,
    /// The visitor may see their tokens and history, as the rules are now: otherwise nothing is
    /// told of these, and nothing wakes.
    sees_tokens: bool,
    tokens: bool,
    account: bool,
    last_event: Instant,
    /// Its place among the visitor's.
    place: Option<OpenStream>,
}

/// Who may hear what.
struct Admitted {
    subject: String,
    visitor: String,
    /// Changes of tokens and history too.
    sees_tokens: bool,
    session: SessionId,
}

/// What a stream waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// A change that counts.
    Change,
    /// Nothing: it is time to look at the session.
    Quiet,
    /// Newer streams have taken its place.
    Replaced,
}

/// Where the stream is.
#[derive(PartialEq, Eq)]
enum Stage {
    /// Nothing was sent yet.
    New,
    /// It goes on.
    Open,
    /// `ended` was sent.
    Over,
}

impl Watch {
    /// Begins to watch, if the visitor may. What has changed `since` then comes first.
    pub(super) async fn begin(
        state: AppState,
        cookie: Cookie,
        origin: Origin,
        of: String,
        since: Option<Moment>,
    ) -> Result<Self, Refusal> {
        let of = Some(of).filter(|of| !of.is_empty());
        let changes = state.desk.changes();
        let mut watch = Self {
            state,
            cookie,
            origin,
            of,
            subject: String::new(),
            visitor: String::new(),
            changes,
            stage: Stage::New,
            sees_tokens: false,
            tokens: false,
            account: false,
            last_event: Instant::now(),
            place: None,
        };
        let admitted = watch.admitted().await?;
        watch.subject = admitted.subject;
        watch.visitor = admitted.visitor;
        watch.sees_tokens = admitted.sees_tokens;
        watch.place = Some(watch.state.streams.open(admitted.session, &watch.visitor));
        let missed = since.map(|since| watch.state.desk.changed_since(&watch.subject, since));
        missed.into_iter().flatten().for_each(|change| watch.note(&change));
        Ok(watch)
    }

    /// Whose changes the visitor sees, which of them, and in which session, as the rules are now.
    async fn admitted(&self) -> Result<Admitted, Refusal> {
        let visitor = self.state.desk.glance(&self.cookie).await?;
        let (session, watching) = (visitor.family(), visitor.netid().to_string());
        let Some(of) = &self.of else {
            return Ok(Admitted {
                subject: watching.clone(),
                visitor: watching,
                sees_tokens: true,
                session,
            });
        };
        let permit =
            self.state.desk.admit::<right::FindUsers>(&visitor, Some(of), &self.origin).await?;
        let subject = desk::NetId::parse(of)?.to_string();
        let sees_tokens = permit.also_allows::<right::SeeTokensOf>();
        Ok(Admitted { subject, visitor: watching, sees_tokens, session })
    }

    /// The next event; none closes the stream.
    pub(super) async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        let event = match self.stage {
            Stage::Over => return None,
            Stage::New => Event::default().retry(RETRY).comment("open"),
            Stage::Open => loop {
                let heard = self.heard().await?;
                if heard == Heard::Replaced {
                    self.stage = Stage::Over;
                    return Some((
                        Ok(Event::default().retry(RETRY_REPLACED).comment("replaced")),
                        self,
                    ));
                }
                let quiet = heard == Heard::Quiet;
                match self.admitted().await {
                    Ok(admitted) => {
                        self.only_what_is_seen(admitted.sees_tokens);
                        if quiet {
                            break Event::default().comment("still here");
                        }
                        if self.tokens || self.account {
                            break self.changed();
                        }
                    }
                    // The browser comes back in a moment: with the session's new id, if it was
                    // given one since, or to be told that it has ended; with a store that answers.
                    Err(Refusal::SessionEnded | Refusal::Unavailable) => return None,
                    Err(_) => {
                        self.stage = Stage::Over;
                        return Some((Ok(Event::default().event("ended").data("ended")), self));
                    }
                }
            },
        };
        self.stage = Stage::Open;
        Some((Ok(event), self))
    }

    /// Waits for a change that counts, or until it is time to look at the session; none: it is
    /// over.
    async fn heard(&mut self) -> Option<Heard> {
        let check = Instant::now() + CHECK;
        let mut stopping = self.state.stopping.clone();
        while !self.tokens && !self.account {
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => return None,
                () = replaced(self.place.as_ref()) => return Some(Heard::Replaced),
                () = sleep_until(check) => return Some(Heard::Quiet),
                change = self.changes.recv() => match change {
                    Ok(change) => self.note(&change),
                    Err(RecvError::Lagged(_)) => self.note(&desk::Event::Everything),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return None,
            () = sleep_until(self.last_event + PAUSE) => {}
        }
        loop {
            match self.changes.try_recv() {
                Ok(change) => self.note(&change),
                Err(TryRecvError::Lagged(_)) => self.note(&desk::Event::Everything),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(Heard::Change),
            }
        }
    }

    /// Whoever has lost the right meanwhile is not told what was noted of tokens before, and their
    /// page is to be drawn anew.
    fn only_what_is_seen(&mut self, sees_tokens: bool) {
        if self.sees_tokens && !sees_tokens {
            (self.tokens, self.account) = (false, true);
        }
        self.sees_tokens = sees_tokens;
    }

    fn note(&mut self, change: &desk::Event) {
        match change {
            desk::Event::Tokens(netid) => self.tokens |= self.sees_tokens && *netid == self.subject,
            desk::Event::Account(netid) => self.account |= *netid == self.subject,
            desk::Event::History(netid) => {
                self.account |= self.sees_tokens && *netid == self.subject;
            }
            desk::Event::Look { of, by } => {
                self.account |= self.sees_tokens && *of == self.subject && *by != self.visitor;
            }
            desk::Event::Everything => (self.tokens, self.account) = (self.sees_tokens, true),
        }
    }

    /// The event for one kind of change; the other, if noted too, follows.
    fn changed(&mut self) -> Event {
        let name = if std::mem::take(&mut self.tokens) {
            "tokens"
        } else {
            std::mem::take(&mut self.account);
            "account"
        };
        if !self.tokens && !self.account {
            self.last_event = Instant::now();
        }
        Event::default().event(name).data(name)
    }
}

async fn replaced(place: Option<&OpenStream>) {
    match place {
        Some(place) => place.replaced().await,
        None => std::future::pending().await,
    }
}
