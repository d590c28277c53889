//! What people are told of a change whose store goes away in the middle of it: true at every point,
//! and nothing lands after a refusal. Only where the tests run on SurrealDB servers
//! (`LATCHKEY_TEST_STORE=ws`); `--nocapture` shows the table.

use std::time::{Duration, Instant};

use desk::{Desk, LocalState, Permit, Refusal, Role, Settings, right};

use super::proxy::{Next, Proxy};
use super::support::{World, new_token, origin, role, secret, world_with};
use testkit::surreal_server::Server;

/// Where the store goes away, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    CutBeforeSending,
    CutBeforeSendingAndAway,
    CutAfterSending,
    AnswerLost,
    AnswerLostAndAway,
    StoppedBeforeForTwoSeconds,
    StoppedBeforeForTwelve,
    StoppedBeforeUntilAnswered,
    StoppedInTheMiddleForTwelve,
    StoppedInTheMiddleUntilAnswered,
    KilledBefore,
    KilledInTheMiddle,
}

/// The connection is lost, and the store goes on.
const LOST: [Point; 4] = [
    Point::CutBeforeSending,
    Point::CutBeforeSendingAndAway,
    Point::CutAfterSending,
    Point::AnswerLost,
];

/// The store itself goes away.
const AWAY: [Point; 8] = [
    Point::AnswerLostAndAway,
    Point::StoppedBeforeForTwoSeconds,
    Point::StoppedBeforeForTwelve,
    Point::StoppedBeforeUntilAnswered,
    Point::StoppedInTheMiddleForTwelve,
    Point::StoppedInTheMiddleUntilAnswered,
    Point::KilledBefore,
    Point::KilledInTheMiddle,
];

/// How many points are tried at once.
const AT_ONCE: usize = 3;

/// What somebody asks for, with the permit for it.
enum Deed {
    CreateToken(Permit<right::ManageOwnTokens>),
    SetRole(Permit<right::SetRole>),
    SetLocalPassword(Permit<right::SetLocalPassword>),
    Revoke(Permit<right::ManageOwnTokens>, String),
}

impl Deed {
    async fn all(world: &World) -> [Self; 4] {
        let tia = world.permit("tia", None).await.unwrap();
        let (_, token) = world.token("tia", "to be revoked").await;
        [
            Self::CreateToken(tia.clone()),
            Self::SetRole(world.permit("ada", Some("sam")).await.unwrap()),
            Self::SetLocalPassword(world.permit("ada", Some("rae")).await.unwrap()),
            Self::Revoke(tia, token.id.to_string()),
        ]
    }

    fn name(&self) -> &'static str {
        match self {
            Self::CreateToken(_) => "make a token",
            Self::SetRole(_) => "staff → admin",
            Self::SetLocalPassword(_) => "set a local password",
            Self::Revoke(..) => "revoke a token",
        }
    }

    async fn run(&self, desk: &Desk) -> Result<(), Refusal> {
        match self {
            Self::CreateToken(permit) => {
                desk.create_token(permit, new_token("made")).await.map(|_| ())
            }
            Self::SetRole(permit) => {
                desk.change_account(&role(permit, Role::Staff, Role::Admin)).await
            }
            Self::SetLocalPassword(permit) => {
                let new = secret("a new one for rae, for once");
                desk.set_local_password(permit, &new, &new).await
            }
            Self::Revoke(permit, id) => desk.revoke_token(permit, id).await,
        }
    }

    /// Whether the store has it; by a desk beside the one that did it.
    async fn is_done(&self, there: &Desk) -> Result<bool, Refusal> {
        // Only read: a log-in writes to the row that the commit under way looks at, and one of the
        // two would be tried again.
        let tokens = async || {
            there.tokens_of(&there.console().permit::<right::SeeTokensOf>("tia").await?).await
        };
        Ok(match self {
            Self::CreateToken(_) => {
                tokens().await?.iter().any(|token| token.description.as_str() == "made")
            }
            Self::SetRole(_) => {
                there.console().permit::<right::SetRole>("sam").await?.person().unwrap().role
                    == Role::Admin
            }
            Self::SetLocalPassword(_) => {
                there
                    .console()
                    .permit::<right::SetLocalPassword>("rae")
                    .await?
                    .person()
                    .unwrap()
                    .local
                    == LocalState::Initial
            }
            Self::Revoke(_, id) => !tokens()
                .await?
                .iter()
                .any(|token| token.id.as_str() == id && token.revoked.is_none()),
        })
    }
}

impl Point {
    /// The store's server is stopped before anything is asked of it.
    fn stops_before(self) -> bool {
        matches!(
            self,
            Self::StoppedBeforeForTwoSeconds
                | Self::StoppedBeforeForTwelve
                | Self::StoppedBeforeUntilAnswered
        )
    }

    /// It was stopped for so long, and goes on before its asker is told.
    fn goes_on(self) -> bool {
        matches!(
            self,
            Self::StoppedBeforeForTwoSeconds
                | Self::StoppedBeforeForTwelve
                | Self::StoppedInTheMiddleForTwelve
        )
    }

    /// What the proxy does with the next request.
    fn next(self) -> Next {
        match self {
            Self::CutBeforeSending | Self::CutBeforeSendingAndAway | Self::KilledBefore => {
                Next::Cut
            }
            Self::CutAfterSending => Next::CutAfter,
            Self::AnswerLost
            | Self::AnswerLostAndAway
            | Self::StoppedInTheMiddleForTwelve
            | Self::StoppedInTheMiddleUntilAnswered
            | Self::KilledInTheMiddle => Next::Hold,
            Self::StoppedBeforeForTwoSeconds
            | Self::StoppedBeforeForTwelve
            | Self::StoppedBeforeUntilAnswered => Next::Pass,
        }
    }
}

/// A desk behind a proxy of a server whose store outlives its end, and another desk beside the
/// proxy.
struct Stage {
    server: Option<Server>,
    store: String,
    proxy: Proxy,
    world: World,
    there: Desk,
}

impl Stage {
    async fn new() -> Option<(Self, tempfile::TempDir)> {
        let folder = tempfile::tempdir().unwrap();
        let store = format!("mem://{}?aol=sync", folder.path().display());
        let server = Server::start_on(&store).await?;
        let proxy = Proxy::to(&server.url).await;
        let world = world_with(|settings| settings.store.clone_from(&proxy.url)).await;
        let beside = Settings {
            store: server.url.clone(),
            node: "beside".to_owned(),
            ..world.settings.clone()
        };
        let there = Desk::open(beside).await.unwrap();
        Some((Self { server: Some(server), store, proxy, world, there }, folder))
    }

    fn signal(&self, signal: &str) {
        self.server.as_ref().unwrap().signal(signal);
    }

    async fn restart(&mut self) {
        let url = self.server.take().unwrap().url.clone();
        self.server = Some(Server::start_at(url.strip_prefix("ws://").unwrap(), &self.store).await);
    }

    /// Lets the store go away at this point while `deed` is done, and come back; answers what its
    /// asker was told.
    async fn play(&mut self, point: Point, deed: &Deed) -> Result<(), Refusal> {
        if point.stops_before() {
            self.signal("-STOP");
        }
        self.proxy.next(point.next());
        let (desk, started) = (self.world.desk.clone(), Instant::now());
        let run = deed.run(&desk);
        tokio::pin!(run);
        let mut answered = None;
        let meddled = self.meddle(point, deed, started);
        tokio::pin!(meddled);
        let mut meddling = true;
        while meddling || answered.is_none() {
            tokio::select! {
                result = &mut run, if answered.is_none() => answered = Some(result),
                () = &mut meddled, if meddling => meddling = false,
            }
        }
        assert!(
            started.elapsed() < Duration::from_secs(29),
            "{point:?}: told after {:?}",
            started.elapsed()
        );
        answered.unwrap()
    }

    /// What happens to the store while the deed is under way.
    async fn meddle(&mut self, point: Point, deed: &Deed, started: Instant) {
        use Point as P;
        match point {
            P::CutBeforeSending | P::CutAfterSending => self.proxy.reached().await,
            P::CutBeforeSendingAndAway => {
                self.proxy.open(false);
                self.proxy.reached().await;
            }
            P::AnswerLost | P::AnswerLostAndAway => {
                self.proxy.reached().await;
                while !deed.is_done(&self.there).await.unwrap() {
                    assert!(
                        started.elapsed() < Duration::from_mins(1),
                        "{point:?}: it never reached the store"
                    );
                }
                self.proxy.open(point == P::AnswerLost);
                self.proxy.cut();
            }
            P::StoppedBeforeForTwoSeconds => tokio::time::sleep(Duration::from_secs(2)).await,
            P::StoppedBeforeForTwelve => tokio::time::sleep(Duration::from_secs(12)).await,
            P::StoppedBeforeUntilAnswered => {}
            P::StoppedInTheMiddleForTwelve | P::StoppedInTheMiddleUntilAnswered => {
                self.proxy.reached().await;
                self.signal("-STOP");
                self.proxy.cut();
                if point == P::StoppedInTheMiddleForTwelve {
                    tokio::time::sleep(Duration::from_secs(12)).await;
                }
            }
            P::KilledBefore | P::KilledInTheMiddle => {
                self.proxy.reached().await;
                self.signal("-KILL");
                self.restart().await;
                self.proxy.cut();
            }
        }
        if point.goes_on() {
            self.signal("-CONT");
        }
    }

    /// The store is there again, and whatever was on its way has come: a later change of both desks
    /// has gone through.
    async fn settled(&self) {
        self.proxy.next(Next::Pass);
        self.proxy.open(true);
        self.signal("-CONT");
        let began = Instant::now();
        for desk in [&self.there, &self.world.desk] {
            while desk.log_in("helen", &secret("helen-netid-password"), &origin()).await.is_err() {
                assert!(began.elapsed() < Duration::from_secs(90), "it does not come back");
            }
        }
    }
}

/// One row of the table: a point, with each deed.
async fn row(point: Point) -> Vec<String> {
    let (mut stage, _folder) = Stage::new().await.unwrap();
    let mut cells = Vec::new();
    for deed in Deed::all(&stage.world).await {
        assert!(!deed.is_done(&stage.there).await.unwrap());
        let started = Instant::now();
        let answered = stage.play(point, &deed).await;
        let after = started.elapsed().as_secs_f32();
        stage.settled().await;
        let done = deed.is_done(&stage.there).await.unwrap();
        let (word, is_true) = match &answered {
            Ok(()) => ("done", done),
            Err(Refusal::OutcomeNotKnown { .. }) => ("not known", true),
            Err(Refusal::Unavailable) => ("not done", !done),
            Err(other) => panic!("{point:?}, {}: {other:?}", deed.name()),
        };
        let in_the_store = if done { "done" } else { "not done" };
        assert!(is_true, "{point:?}, {}: told {word}, in the store {in_the_store}", deed.name());
        cells.push(format!(
            "{point:?} | {} | {word} after {after:.1} s | {in_the_store}",
            deed.name()
        ));
        let report = stage.there.console().verify_audit().await.unwrap();
        assert!(report.faults.is_empty(), "{point:?}: {report:?}");
    }
    cells
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_true_wherever_the_connection_is_lost() {
    outcomes_are_true(&LOST).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_true_wherever_the_store_goes_away() {
    outcomes_are_true(&AWAY).await;
}

async fn outcomes_are_true(points: &[Point]) {
    if std::env::var("LATCHKEY_TEST_STORE").as_deref() != Ok("ws") {
        return;
    }
    println!("| point | change | told | in the store |\n|---|---|---|---|");
    // Some at once: most of them wait. More would keep each other from answering in time.
    for points in points.chunks(AT_ONCE) {
        let rows: Vec<_> = points.iter().map(|point| tokio::spawn(row(*point))).collect();
        for row in rows {
            row.await.unwrap().iter().for_each(|cell| println!("| {cell} |"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_behind_a_commit_that_hangs_is_told_that_nothing_was_done() {
    let Some(server) = Server::start().await else { return };
    let proxy = Proxy::to(&server.url).await;
    let world = world_with(|settings| settings.store.clone_from(&proxy.url)).await;
    let permit = world.permit::<right::SetRole>("ada", Some("sam")).await.unwrap();
    let promote = || {
        let (desk, permit) = (world.desk.clone(), permit.clone());
        tokio::spawn(
            async move { desk.change_account(&role(&permit, Role::Staff, Role::Admin)).await },
        )
    };
    proxy.next(Next::Hold);
    let started = Instant::now();
    let mut waiting = vec![promote()];
    // What comes before it has been sent is written with it, in one transaction.
    proxy.reached().await;
    server.signal("-STOP");
    waiting.extend(std::iter::repeat_with(promote).take(7));
    let mut answered = Vec::new();
    for promoted in waiting {
        answered.push(promoted.await.unwrap());
    }
    assert!(started.elapsed() < Duration::from_secs(28), "{:?}", started.elapsed());
    server.signal("-CONT");
    assert!(matches!(answered[0], Err(Refusal::OutcomeNotKnown { .. })), "{:?}", answered[0]);
    let not_done = answered[1..].iter().all(|answered| *answered == Err(Refusal::Unavailable));
    assert!(not_done, "only the first had been sent: {answered:?}");
}
