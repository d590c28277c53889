//! The audit as a file: `/admin/audit.csv` and `/admin/audit.jsonl`, with the filters of the page
//! in the query. Spreadsheets open a CSV by a double click only where their own separator is in it,
//! which is that of the machine's language: `?separator=` says which, or else the language in which
//! the browser asks for pages. Tests: below, and `server/tests/server/people/audit_file.rs`.

use app::server::audit::{Format, download, log_in_first};
use app::server::request_context::RequestContext;
use axum::Extension;
use axum::response::Response;
use desk::AuditQuery;
use http::{HeaderMap, header};
use serde::Deserialize;

use super::QueryParams;
use super::error_response::wants_page;

/// What stands between cells.
#[derive(Debug, Deserialize)]
pub(crate) struct Between {
    separator: Option<Separator>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Separator {
    Comma,
    Semicolon,
}

impl Between {
    /// Whether it is a semicolon: as the query says, or else the language.
    pub(super) fn has_semicolons(&self, headers: &HeaderMap) -> bool {
        match self.separator {
            Some(Separator::Semicolon) => true,
            Some(Separator::Comma) => false,
            None => has_decimal_comma(language(headers)),
        }
    }
}

/// Comma-separated values.
pub(crate) async fn csv(
    context: Extension<RequestContext>,
    query: QueryParams<AuditQuery>,
    QueryParams(between): QueryParams<Between>,
    headers: HeaderMap,
) -> Response {
    let format = if between.has_semicolons(&headers) { Format::SemicolonCsv } else { Format::Csv };
    answer(context, query, &headers, format).await
}

/// The language that a browser asks for first.
fn language(headers: &HeaderMap) -> &str {
    let all = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    all.unwrap_or_default().split([',', ';']).next().unwrap_or_default().trim()
}

/// Whether numbers have a comma in this language, so that spreadsheets put semicolons between cells
/// (`dLocale` and `sList` of Windows' locales).
fn has_decimal_comma(language: &str) -> bool {
    let mut parts = language.split('-');
    let (language, region) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or(""));
    // Of Spanish those of North and Central America.
    let is_american = AMERICAN.iter().any(|american| region.eq_ignore_ascii_case(american));
    !(language.eq_ignore_ascii_case("es") && is_american)
        && WITH_COMMA.iter().any(|with_comma| language.eq_ignore_ascii_case(with_comma))
}

const WITH_COMMA: [&str; 39] = [
    "af", "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl",
    "hr", "hu", "id", "is", "it", "kk", "lt", "lv", "mk", "nb", "nl", "nn", "no", "pl", "pt", "ro",
    "ru", "sk", "sl", "sr", "sv", "tr", "uk",
];

const AMERICAN: [&str; 11] = ["419", "MX", "US", "GT", "HN", "NI", "PA", "PE", "SV", "DO", "PR"];

/// One JSON object a line.
pub(crate) async fn json_lines(
    context: Extension<RequestContext>,
    query: QueryParams<AuditQuery>,
    headers: HeaderMap,
) -> Response {
    answer(context, query, &headers, Format::JsonLines).await
}

async fn answer(
    Extension(context): Extension<RequestContext>,
    QueryParams(query): QueryParams<AuditQuery>,
    headers: &HeaderMap,
    format: Format,
) -> Response {
    // A program reads its refusal, a person is led on.
    if wants_page(headers)
        && let Some(log_in) = log_in_first(&context).await
    {
        return log_in;
    }
    download(context, query, format).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreadsheets_put_semicolons_between_cells_where_numbers_have_a_comma() {
        let is_so = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, text.parse().expect("a header"));
            has_decimal_comma(language(&headers))
        };
        for text in ["de", "de-DE,de;q=0.9,en;q=0.8", "fr-CA", "DE-at", "es-ES", "es", "pt-BR"] {
            assert!(is_so(text), "{text}");
        }
        for text in ["en-US,en;q=0.9,de;q=0.5", "en", "es-MX", "es-419", "ja", "*", "", ";q=1"] {
            assert!(!is_so(text), "{text}");
        }
        assert!(!has_decimal_comma(language(&HeaderMap::new())), "a program");
    }
}
