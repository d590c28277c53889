//! Where the audit and traces go: what is taken for a target, and what is said of a bad one.

use super::super::sections::{Authorities, Facility, StreamFrom, StreamTarget};
use super::*;

fn stream(url: &str) -> Result<Configuration, ConfigError> {
    with(|keys| keys.audit_stream.url = some(url))
}

#[test]
fn a_target_of_the_audit_is_a_file_a_syslog_server_or_this_machine_s() {
    let syslog = |host: &str, port, is_by_tls: bool| StreamTarget::Syslog {
        host: host.to_owned(),
        port,
        tls: is_by_tls.then(Authorities::default),
    };
    for (url, target) in [
        (
            "file:///var/log/latchkey/audit.jsonl",
            StreamTarget::File("/var/log/latchkey/audit.jsonl".into()),
        ),
        ("unix:///dev/log", StreamTarget::Socket("/dev/log".into())),
        ("syslog://127.0.0.1", syslog("127.0.0.1", 601, false)),
        ("syslog://127.0.0.1:1601/", syslog("127.0.0.1", 1601, false)),
        ("syslog+tls://log.example.edu", syslog("log.example.edu", 6514, true)),
        (" syslog+tls://[2001:db8::1]:7000 ", syslog("2001:db8::1", 7000, true)),
    ] {
        let stream = stream(url).expect(url).audit_stream.expect(url);
        assert_eq!(stream.target, target, "{url}");
        assert_eq!((stream.from_start, stream.facility.number()), (false, 10));
    }
    assert_eq!(Configuration::from_sections(Sections::default()).expect("good").audit_stream, None);
    assert_eq!(stream("").expect("nowhere").audit_stream, None);
    let other = with(|keys| {
        keys.audit_stream.url = some("unix:///dev/log");
        keys.audit_stream.from = StreamFrom::Start;
        keys.audit_stream.facility = Facility::Local7;
    });
    let other = other.expect("good");
    // What the stream lacks is not removed.
    assert_eq!(other.desk.audit_stream.as_deref(), Some("unix:///dev/log"));
    let other = other.audit_stream.expect("a target");
    assert_eq!((other.from_start, other.facility.number()), (true, 23));
}

#[test]
fn of_a_target_that_is_none_it_is_said_what_to_write() {
    for (url, word) in [
        ("audit.jsonl", "begins with file://"),
        ("https://log.example.edu", "begins with file://"),
        ("file://audit.jsonl", "from / on"),
        ("file:///var/log/", "from / on"),
        ("unix://dev/log", "from / on"),
        ("syslog://", "syslog+tls://log.example.edu:6514"),
        ("syslog+tls://log.example.edu/x", "syslog+tls://log.example.edu:6514"),
        ("syslog+tls://log.example.edu?x", "syslog+tls://log.example.edu:6514"),
        ("syslog+tls://me:hunter2@log.example.edu", "leave them out"),
    ] {
        let error = stream(url).expect_err(url).to_string();
        assert!(error.starts_with("audit_stream.url: ") && error.contains(word), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    for url in [None, some("syslog://127.0.0.1"), some("file:///audit.jsonl")] {
        let error = senseless(|keys| {
            keys.audit_stream.url.clone_from(&url);
            keys.audit_stream.ca_file = Some("/etc/ssl/certs/campus-ca.pem".into());
        });
        assert!(error.starts_with("audit_stream.ca_file: "), "{url:?}: {error}");
    }
}

#[test]
fn what_others_could_read_on_the_way_is_said() {
    let warned = |url: &str| {
        let hazards = stream(url).expect(url).hazards();
        hazards.iter().any(|hazard| hazard.starts_with("audit_stream.url is syslog://"))
    };
    for url in ["syslog://log.example.edu", "syslog://192.0.2.7:601", "syslog://[2001:db8::1]"] {
        assert!(warned(url), "{url}");
    }
    for url in [
        "syslog://127.0.0.1",
        "syslog://localhost:601",
        "syslog://[::1]:601",
        "syslog+tls://log.example.edu",
        "unix:///dev/log",
    ] {
        assert!(!warned(url), "{url}");
    }
    let traced = |url: &str| {
        let traced = with(|keys| keys.traces.otlp = some(url)).expect(url);
        traced.hazards().iter().any(|hazard| hazard.starts_with("traces.otlp is http://"))
    };
    assert!(traced("http://collector.example.edu:4318"));
    assert!(!traced("http://127.0.0.1:4318") && !traced("https://collector.example.edu"));
}

#[test]
fn a_collector_is_a_site_and_a_ratio_a_share() {
    let traces = |otlp: &str, ratio: &str| {
        with(|keys| {
            keys.traces.otlp = some(otlp);
            ratio.clone_into(&mut keys.traces.ratio);
        })
    };
    for (otlp, endpoint) in [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://collector.example.edu/", "https://collector.example.edu/v1/traces"),
        ("https://example.edu/otlp", "https://example.edu/otlp/v1/traces"),
        ("https://example.edu/v1/traces", "https://example.edu/v1/traces"),
    ] {
        let found = traces(otlp, "100%").expect(otlp).traces.expect("a collector");
        assert_eq!((found.endpoint.as_str(), found.ratio.to_string().as_str()), (endpoint, "1"));
    }
    assert_eq!(traces("", "10%").expect("none").traces, None);
    for otlp in ["collector:4318", "grpc://collector", "http://me:hunter2@collector", "http://c/?x"]
    {
        let error = traces(otlp, "10%").expect_err(otlp).to_string();
        assert!(error.starts_with("traces.otlp: ") && !error.contains("hunter2"), "{error}");
    }
    for ratio in ["0.1", "101%", "-1%", "NaN%", "", "all"] {
        let error = traces("http://127.0.0.1:4318", ratio).expect_err(ratio).to_string();
        assert!(error.starts_with("traces.ratio: "), "{ratio}: {error}");
    }
    let error = senseless(|keys| keys.traces.ca_file = Some("/etc/ssl/certs/campus.pem".into()));
    assert!(error.starts_with("traces.ca_file: "), "{error}");
}
