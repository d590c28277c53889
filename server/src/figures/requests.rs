//! Requests by route, method and class of status, and how long their answers took to begin. A route
//! is counted as the table of routes has it, never as it was asked for; what is of none, or by a
//! method that nobody knows, has one place for all. Tests: here.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use desk::{Timings, TimingsFigures};
use http::{Method, StatusCode};

/// What is counted by its own name, and one for all others.
const METHODS: [&str; 8] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", OTHER_METHOD];

const OTHER_METHOD: &str = "other";

/// Classes of status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What stands for the route of requests that have none.
const NO_ROUTE: &str = "none";

/// Places of one route.
const EACH: usize = METHODS.len() * CLASSES.len();

/// How many requests there were by route, method and class of status, and how long they took.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    table: OnceLock<Table>,
    /// By a number that the caller gives: of what kind they are.
    times: OnceLock<Vec<Timings>>,
}

#[derive(Debug)]
struct Table {
    routes: Vec<String>,
    places: HashMap<String, usize>,
    counts: Vec<AtomicU64>,
}

/// How many there were.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestCount<'a> {
    pub(crate) route: &'a str,
    pub(crate) method: &'static str,
    pub(crate) status: &'static str,
    pub(crate) many: u64,
}

impl Requests {
    /// Takes the routes, and how many kinds of them there are. Before that nothing is counted.
    pub(crate) fn learn(&self, routes: impl IntoIterator<Item = String>, kinds: usize) {
        self.table.get_or_init(|| {
            let routes: Vec<String> = [NO_ROUTE.to_owned()].into_iter().chain(routes).collect();
            let places = routes.iter().cloned().enumerate().map(|(at, route)| (route, at));
            let counts = (0..routes.len() * EACH).map(|_| AtomicU64::new(0)).collect();
            Table { places: places.collect(), counts, routes }
        });
        self.times.get_or_init(|| (0..kinds).map(|_| Timings::default()).collect());
    }

    /// One was answered, after so long.
    pub(crate) fn count(
        &self,
        route: Option<&str>,
        method: &Method,
        status: StatusCode,
        kind: usize,
        took: Duration,
    ) {
        if let Some(times) = self.times.get().and_then(|times| times.get(kind)) {
            times.note(took);
        }
        let Some(table) = self.table.get() else { return };
        // A slash at the end is the same route.
        let place = |route: &str| {
            table.places.get(route).or_else(|| table.places.get(route.trim_end_matches('/')))
        };
        let place = route.and_then(place).copied().unwrap_or(0);
        let method = METHODS.iter().position(|known| *known == method.as_str());
        let method = method.unwrap_or(METHODS.len() - 1);
        let class = class(status);
        if let Some(count) = table.counts.get(place * EACH + method * CLASSES.len() + class) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// Those that have come.
    pub(crate) fn all(&self) -> impl Iterator<Item = RequestCount<'_>> {
        self.table.get().into_iter().flat_map(|table| {
            let counts = table.counts.iter().enumerate();
            let counted = counts.map(|(at, count)| (at, count.load(Relaxed)));
            counted.filter(|(_, many)| *many > 0).map(move |(at, many)| RequestCount {
                route: table.routes.get(at / EACH).map_or(NO_ROUTE, String::as_str),
                method: METHODS[at % EACH / CLASSES.len()],
                status: CLASSES[at % CLASSES.len()],
                many,
            })
        })
    }

    /// How long those of this kind took to begin.
    pub(crate) fn times(&self, kind: usize) -> TimingsFigures {
        let times = self.times.get().and_then(|times| times.get(kind));
        times.map(Timings::figures).unwrap_or_default()
    }
}

/// The place of a status's class.
fn class(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(requests: &Requests) -> Vec<(String, &'static str, &'static str, u64)> {
        let all = requests.all();
        all.map(|one| (one.route.to_owned(), one.method, one.status, one.many)).collect()
    }

    #[test]
    fn they_are_counted_as_the_table_has_them_and_whatever_else_comes_has_one_place() {
        let requests = Requests::default();
        let took = Duration::from_millis(3);
        requests.count(Some("/login"), &Method::GET, StatusCode::OK, 0, took);
        assert!(counted(&requests).is_empty(), "nothing is known yet");
        requests.learn(["/login".to_owned(), "/users/{netid}".to_owned()], 2);
        let count = |route: Option<&str>, method: &Method, status: u16| {
            let status = StatusCode::from_u16(status).expect("a status");
            requests.count(route, method, status, 1, took);
        };
        count(Some("/login"), &Method::GET, 200);
        count(Some("/login/"), &Method::GET, 204);
        count(Some("/users/{netid}"), &Method::POST, 503);
        for n in 0..10_000 {
            let odd = Method::from_bytes(format!("ODD{n}").as_bytes()).expect("a method");
            count(Some(&format!("/users/u{n}")), &odd, 404);
        }
        count(None, &Method::GET, 999);
        let none = |method, status, many| ("none".to_owned(), method, status, many);
        assert_eq!(
            counted(&requests),
            [
                none("GET", "5xx", 1),
                none("other", "4xx", 10_000),
                ("/login".to_owned(), "GET", "2xx", 2),
                ("/users/{netid}".to_owned(), "POST", "5xx", 1),
            ]
        );
        assert_eq!((requests.times(0).count(), requests.times(1).count()), (0, 10_004));
        assert_eq!(requests.times(2).count(), 0, "there is no such kind");
    }
}
