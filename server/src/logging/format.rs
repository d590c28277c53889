//! What a line of the log says, as text and as JSON: whatever a value holds, it is one line, steers
//! no terminal, hides nothing, and is never long. What comes from outside (paths, what a directory
//! answers) is written through here like everything else. Tests: `server/src/logging.rs`.

use std::fmt::{self, Debug, Write};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// The most bytes of one value.
const LONGEST: usize = 2048;

/// The field that says what happened.
const MESSAGE: &str = "message";

/// Where lines of libraries that use another log keep what they are about.
const OF_ANOTHER_LOG: &str = "log.";

/// A value as it is written: what nobody sees as its code, and what is too long cut.
#[derive(Default)]
struct Shown {
    text: String,
    is_cut: bool,
}

impl Shown {
    /// What is written into it.
    fn of(value: fmt::Arguments<'_>) -> String {
        let mut shown = Self::default();
        let _ = shown.write_fmt(value);
        if shown.is_cut { shown.text + "…" } else { shown.text }
    }
}

impl Write for Shown {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.text.len() >= LONGEST {
                self.is_cut = true;
                // Whoever writes goes no further.
                return Err(fmt::Error);
            }
            if desk::is_invisible(c) {
                self.text.extend(c.escape_default());
            } else {
                self.text.push(c);
            }
        }
        Ok(())
    }
}

/// The values of a line, in their order.
#[derive(Default)]
struct RecordedFields {
    /// Texts stand in quotes, so that where they end can be seen.
    has_quotes: bool,
    /// What the line is about, where its library says so.
    target: Option<String>,
    values: Vec<(&'static str, Value)>,
}

impl RecordedFields {
    fn by(fields: &impl RecordFields, has_quotes: bool) -> Self {
        let mut recorded = Self { has_quotes, ..Self::default() };
        fields.record(&mut recorded);
        recorded
    }

    fn note(&mut self, field: &Field, value: Value) {
        let name = field.name();
        match name.strip_prefix(OF_ANOTHER_LOG) {
            None => self.values.push((name.trim_start_matches("r#"), value)),
            Some("target") => self.target = value.as_str().map(str::to_owned),
            Some(_) => {}
        }
    }
}

impl Visit for RecordedFields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.note(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.note(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.note(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.note(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let shown = if self.has_quotes && field.name() != MESSAGE {
            Shown::of(format_args!("{value:?}"))
        } else {
            Shown::of(format_args!("{value}"))
        };
        self.note(field, shown.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.note(field, Shown::of(format_args!("{value:?}")).into());
    }
}

/// A text, or what a value is written as.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `what happened name=value name="a text"`.
#[derive(Debug)]
pub(super) struct AsText;

impl<'w> FormatFields<'w> for AsText {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let (slanted, dim, usual) = if writer.has_ansi_escapes() {
            ("\u{1b}[3m", "\u{1b}[2m", "\u{1b}[0m")
        } else {
            ("", "", "")
        };
        for (at, (name, value)) in RecordedFields::by(&fields, true).values.iter().enumerate() {
            writer.write_str(if at == 0 { "" } else { " " })?;
            if *name != MESSAGE {
                write!(writer, "{slanted}{name}{usual}{dim}={usual}")?;
            }
            writer.write_str(&plain(value))?;
        }
        Ok(())
    }
}

/// One object a line.
#[derive(Debug)]
pub(super) struct AsJson;

impl<S, N> FormatEvent<S, N> for AsJson
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let recorded = RecordedFields::by(&event, false);
        let level = event.metadata().level().as_str();
        write!(writer, "{{\"timestamp\":{},\"level\":\"{level}\"", Value::from(time))?;
        for (name, value) in recorded.values {
            write!(writer, ",{}:{value}", Value::from(name))?;
        }
        let target = recorded.target.as_deref().unwrap_or_else(|| event.metadata().target());
        write!(writer, ",\"target\":{}", Value::from(target))?;
        let spans = context
            .event_scope()
            .into_iter()
            .flat_map(tracing_subscriber::registry::Scope::from_root);
        let within: Vec<Value> = spans
            .map(|span| {
                let extensions = span.extensions();
                let fields = extensions.get::<FormattedFields<N>>();
                let fields = fields.map_or("", |fields| fields.fields.as_str());
                Value::from(format!("{}{{{fields}}}", span.name()))
            })
            .collect();
        if !within.is_empty() {
            write!(writer, ",\"spans\":{}", Value::Array(within))?;
        }
        writeln!(writer, "}}")
    }
}
