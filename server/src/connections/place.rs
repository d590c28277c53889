//! One connection's place in the house: what it does, and since when. Changed by the connection
//! itself, with a store to one number for each step, and looked at by whoever makes room. Tests:
//! with [`super::house`].

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::Limits;

/// What a connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// It has begun, or a head has: it is to come whole.
    Head,
    /// Nothing, between two requests.
    Idle,
    /// A request is answered.
    Busy,
    /// The rest of a request is to come, or an answer to be taken.
    Theirs,
    /// A page is told of events, and there are none: one that is sent away comes again by itself.
    Listening,
}

impl Doing {
    /// Whether it waits for nothing of ours: it may go when there is no room.
    pub(super) fn is_waiting(self) -> bool {
        self != Self::Busy
    }

    /// Whether there is a request that is not answered whole.
    pub(super) fn has_request(self) -> bool {
        matches!(self, Self::Busy | Self::Theirs | Self::Listening)
    }
}

/// A connection's place.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) peer: IpAddr,
    /// A proxy that is trusted: its connections are everybody's.
    pub(super) is_proxy: bool,
    /// It came when the general share was taken.
    pub(super) is_beyond: bool,
    began: Instant,
    /// What it does (three bits), and since which millisecond from its beginning; of a busy one,
    /// since when nothing has moved; of one whose turn is theirs, since when it is.
    state: AtomicU64,
    /// It was told to go, and nothing was asked on it since.
    is_going: AtomicBool,
    /// Its requests come beside each other (HTTP/2), and have places of their own.
    has_streams: AtomicBool,
    pub(super) closing: Notify,
}

impl Place {
    pub(super) fn new(peer: IpAddr, is_proxy: bool, is_beyond: bool) -> Self {
        Self {
            peer,
            is_proxy,
            is_beyond,
            began: Instant::now(),
            state: AtomicU64::new(0),
            is_going: AtomicBool::new(false),
            has_streams: AtomicBool::new(false),
            closing: Notify::new(),
        }
    }

    /// From now on what comes while nothing is asked need not be a head's beginning.
    pub(super) fn has_streams(&self) {
        self.has_streams.store(true, Relaxed);
    }

    /// Tells it to go.
    pub(super) fn go(&self) {
        self.is_going.store(true, Relaxed);
        self.closing.notify_one();
    }

    /// It stays after all: something was asked before it heard of it.
    pub(super) fn stays(&self) {
        self.is_going.store(false, Relaxed);
    }

    /// Whether it was told to, and is to go by itself.
    pub(super) fn is_going(&self) -> bool {
        self.is_going.load(Relaxed)
    }

    pub(super) fn set(&self, doing: Doing) {
        if doing == Doing::Busy {
            self.is_going.store(false, Relaxed);
        }
        self.state.store(self.since_began() << 3 | doing as u64, Relaxed);
    }

    /// What it does, and for how long by now.
    pub(super) fn doing(&self) -> (Doing, Duration) {
        let state = self.state.load(Relaxed);
        let doing = match state & 7 {
            0 => Doing::Head,
            1 => Doing::Idle,
            2 => Doing::Busy,
            3 => Doing::Theirs,
            _ => Doing::Listening,
        };
        (doing, Duration::from_millis(self.since_began().saturating_sub(state >> 3)))
    }

    /// A request's next bytes do not come, or an answer's are not taken.
    pub(super) fn stalls(&self) {
        if self.doing().0 == Doing::Busy {
            self.set(Doing::Theirs);
        }
    }

    /// There is nothing to tell to a page that listens.
    pub(super) fn listens(&self) {
        if self.doing().0 == Doing::Busy {
            self.set(Doing::Listening);
        }
    }

    /// Bytes came, or went.
    pub(super) fn moved(&self, in_: bool) {
        match self.doing().0 {
            Doing::Busy | Doing::Theirs | Doing::Listening => self.set(Doing::Busy),
            Doing::Idle if in_ && !self.has_streams.load(Relaxed) => self.set(Doing::Head),
            // A head does not come in time by coming slowly.
            Doing::Idle | Doing::Head => {}
        }
    }

    /// Whether it has taken longer than it may.
    pub(super) fn is_over(&self, limits: &Limits) -> bool {
        let (doing, time) = self.doing();
        // Its streams are looked at, each for itself; who answers no ping is gone.
        if doing.has_request() && self.has_streams.load(Relaxed) {
            return false;
        }
        time >= match doing {
            Doing::Head => limits.head,
            Doing::Idle => limits.idle,
            Doing::Busy | Doing::Theirs | Doing::Listening => limits.stalled,
        }
    }

    fn since_began(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX >> 3)
    }
}
