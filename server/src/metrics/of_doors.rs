//! What the doors count, as metrics: requests, verdicts, what is held up, connections. Tests:
//! `server/tests/server/metrics.rs`.

use std::fmt;
use std::time::UNIX_EPOCH;

use desk::Channel;

use super::writer::Writer;
use crate::connections::ConnectionFigures;
use crate::figures::{Door, VerdictCount};
use crate::web::{AppState, Kind};

/// Verify's own route: its requests pass no middleware, and are counted by their verdicts.
const VERIFY: &str = "/auth/verify";

/// How verify answers a verdict, by the class of its status.
const ANSWERED_AS: [(&str, &[&str]); 3] =
    [("2xx", &["good"]), ("4xx", &["refused", "forbidden", "too_many"]), ("5xx", &["unavailable"])];

pub(super) fn write(
    writer: &mut Writer<'_>,
    state: &AppState,
    connections: &ConnectionFigures,
) -> fmt::Result {
    writer.info("latchkey_build", "The program", &vec![("version", env!("CARGO_PKG_VERSION"))])?;
    of_requests(writer, state)?;
    of_verdicts(writer, state)?;
    writer.counters_by(
        "latchkey_sign_on",
        "How returns from the OpenID provider have ended",
        "outcome",
        state.figures.sign_on(),
    )?;
    writer.counters_by(
        "latchkey_rate_limited",
        "What was told to wait, by what holds it up",
        "limiter",
        limited(state),
    )?;
    of_connections(writer, state, connections)?;
    of_certificate(writer, state)?;
    of_audit_stream(writer, state)?;
    of_notices(writer, state)
}

fn of_notices(writer: &mut Writer<'_>, state: &AppState) -> fmt::Result {
    let (waiting, given_up, oldest) = state.notices.queue();
    writer.gauge(
        "latchkey_notices_waiting",
        "Notices to people that wait to be sent, by any node",
        waiting,
    )?;
    writer.gauge(
        "latchkey_notices_oldest_timestamp_seconds",
        "When the oldest of them was made; 0: none waits",
        oldest,
    )?;
    writer.gauge(
        "latchkey_notices_given_up",
        "Notices of the last thirty days that could not be sent and were given up",
        given_up,
    )?;
    let ways = Channel::ALL.map(|channel| (channel.code(), state.notices.of(channel)));
    writer.counters_by(
        "latchkey_notices_sent",
        "Notices that this node has sent, by mail or webhook",
        "channel",
        ways.iter().map(|(channel, way)| (*channel, way.sent)),
    )?;
    writer.counters_by(
        "latchkey_notices_failed",
        "How often a notice was not taken when this node tried to send it",
        "channel",
        ways.iter().map(|(channel, way)| (*channel, way.failed)),
    )?;
    writer.gauges(
        "latchkey_notices_away",
        "Whether the mail server, or the webhook’s receiver, took none when it was tried last: 1 \
         or 0",
        ways.iter().map(|(channel, way)| (vec![("channel", *channel)], u64::from(way.is_away))),
    )
}

fn of_certificate(writer: &mut Writer<'_>, state: &AppState) -> fmt::Result {
    let ends = state.certificate_ends().and_then(|ends| ends.duration_since(UNIX_EPOCH).ok());
    writer.gauge(
        "latchkey_certificate_ends_timestamp_seconds",
        "When the certificate in use ends; 0: https is not Latchkey's own",
        ends.map_or(0, |ends| ends.as_secs()),
    )
}

fn of_audit_stream(writer: &mut Writer<'_>, state: &AppState) -> fmt::Result {
    let stream = state.audit_stream.as_ref().map(|status| status.snapshot());
    let stream = stream.unwrap_or_default();
    writer.gauge(
        "latchkey_audit_stream_behind_rows",
        "Rows of the audit that its target elsewhere lacks, on the node that sends them",
        stream.behind,
    )?;
    writer.gauge(
        "latchkey_audit_stream_away",
        "Whether that target did not take rows when it was tried last: 1 or 0",
        u64::from(stream.is_away),
    )?;
    writer.counter(
        "latchkey_audit_stream_rows_sent",
        "Rows of the audit that this node has sent there",
        stream.sent,
    )?;
    writer.counter(
        "latchkey_audit_stream_rows_missing",
        "Rows that were gone from the store before they could be sent there",
        stream.missing,
    )
}

fn of_requests(writer: &mut Writer<'_>, state: &AppState) -> fmt::Result {
    let verdicts: Vec<VerdictCount> = state.figures.verdicts.all().collect();
    let verify = ANSWERED_AS.iter().map(|(status, outcomes)| {
        let of_verify = verdicts
            .iter()
            .filter(|one| one.door == Door::Verify && outcomes.contains(&one.reason.outcome));
        let labels = vec![("route", VERIFY), ("method", "any"), ("status", *status)];
        (labels, of_verify.map(|one| one.many).sum::<u64>())
    });
    let others = state.figures.requests.all().map(|one| {
        (vec![("route", one.route), ("method", one.method), ("status", one.status)], one.many)
    });
    writer.counters(
        "latchkey_http_requests",
        "Requests that were answered, by the route's pattern",
        verify.chain(others),
    )?;
    let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Verify);
    let words: Vec<(Kind, String)> =
        kinds.map(|kind| (kind, kind.words().to_lowercase().replace(' ', "_"))).collect();
    let times = words.iter().map(|(kind, word)| {
        (vec![("kind", word.as_str())], state.figures.requests.times(*kind as usize))
    });
    writer.histograms(
        "latchkey_http_request_duration_seconds",
        "How long answers took to begin, by the kind of route; verify has its own",
        times,
    )
}

fn of_verdicts(writer: &mut Writer<'_>, state: &AppState) -> fmt::Result {
    let samples = state.figures.verdicts.all().map(|one| {
        let labels = vec![
            ("door", one.door.word()),
            ("outcome", one.reason.outcome),
            ("reason", one.reason.why),
        ];
        (labels, one.many)
    });
    writer.counters(
        "latchkey_verify_verdicts",
        "What was said of tokens at which door, and why, in the log's words",
        samples,
    )
}

/// What is held up by what, and how often.
fn limited(state: &AppState) -> [(&'static str, u64); 12] {
    let returns = if let Some(returns) = &state.returns { returns.refused() } else { 0 };
    [
        ("log_ins", state.log_ins.refused()),
        ("known_browsers", state.known_browsers.refused()),
        ("sign_on_returns", returns),
        ("vouched", state.vouched.refused()),
        ("scim_tokens", state.wrong_clients.refused()),
        ("session_pace", state.session_pace.refused()),
        ("unknown_tokens", state.unknown_tokens.refused()),
        ("unknown_clients", state.unknown_clients.refused()),
        ("leak_reports", state.leak_calls.refused()),
        ("leaked_strings", state.leaked_strings.refused()),
        ("unsigned_reports", state.unsigned_reports.refused()),
        ("unknown_calendars", state.unknown_calendars.refused()),
    ]
}

fn of_connections(
    writer: &mut Writer<'_>,
    state: &AppState,
    connections: &ConnectionFigures,
) -> fmt::Result {
    writer.gauge("latchkey_live_streams", "Pages that listen for events", state.streams.count())?;
    writer.gauge("latchkey_connections", "Connections", connections.open)?;
    writer.gauge(
        "latchkey_connections_limit",
        "As many as may be (limits.connections, and the system's open files)",
        connections.limit,
    )?;
    writer.counters_by(
        "latchkey_connections_not_served",
        "Connections, or what came on them, that were not served, and why",
        "reason",
        connections.not_served.iter().copied(),
    )
}
