//! The site (JavaScript, WASM, CSS, icons): carried by the binary, or read from a folder during
//! development.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use app::server::request_context::{Script, SiteNames};
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use crate::content_type::content_type;
use crate::manifest::Manifest;

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Where the site's files are served.
pub(crate) const PREFIX: &str = "/pkg/";

/// A folder with a built site that is served in place of the embedded one (`make dev`).
static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    std::env::var_os("LATCHKEY_SITE_DIR").filter(|value| !value.is_empty()).map(PathBuf::from)
});

/// One file that the binary carries, with its compressed copies.
#[derive(Debug)]
pub(crate) struct SiteFile {
    /// The path below [`PREFIX`].
    pub(crate) path: &'static str,
    /// The media type.
    pub(crate) content_type: &'static str,
    /// The content as it is.
    pub(crate) raw: &'static [u8],
    /// The content in Brotli's format, where that is smaller.
    pub(crate) br: Option<&'static [u8]>,
    /// The content in gzip's format, where that is smaller.
    pub(crate) gz: Option<&'static [u8]>,
}

/// The paths that a page needs to load the site (`/pkg/…`); empty where the binary carries none:
/// pages still work, plain and unstyled.
#[must_use]
pub(crate) fn names() -> Cow<'static, SiteNames> {
    static EMBEDDED: LazyLock<SiteNames> = LazyLock::new(|| named(&NAMES));
    match &*FOLDER {
        // Read each time: during development it changes under a running server.
        Some(folder) => Cow::Owned(names_in(folder)),
        None => Cow::Borrowed(&EMBEDDED),
    }
}

/// The embedded file of this path (below [`PREFIX`]).
#[must_use]
pub(crate) fn lookup(path: &str) -> Option<&'static SiteFile> {
    FILES.iter().find(|file| file.path == path)
}

/// Answers a GET or HEAD of a file below [`PREFIX`], in the smallest encoding that the client
/// accepts.
pub(crate) async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let Some(path) = uri.path().strip_prefix(PREFIX) else { return not_found() };
    match &*FOLDER {
        Some(folder) => from_folder(folder, path).await,
        None => lookup(path).map_or_else(not_found, |file| embedded(file, &headers)),
    }
}

fn names_in(folder: &Path) -> SiteNames {
    named(&Manifest::read(&std::fs::read_to_string(folder.join("manifest")).unwrap_or_default()))
}

fn named(manifest: &Manifest<'_>) -> SiteNames {
    let path = |name: &str| {
        if name.is_empty() { String::new() } else { format!("{PREFIX}{name}") }
    };
    let script = |js, wasm| Script { js: path(js), wasm: path(wasm) };
    SiteNames {
        settings: script(manifest.settings_js, manifest.settings_wasm),
        admin: script(manifest.admin_js, manifest.admin_wasm),
        css: path(manifest.css),
    }
}

fn embedded(file: &SiteFile, headers: &HeaderMap) -> Response {
    let (content, encoding) = match (file.br, file.gz) {
        (Some(br), _) if accepts(headers, "br") => (br, Some("br")),
        (_, Some(gz)) if accepts(headers, "gzip") => (gz, Some("gzip")),
        _ => (file.raw, None),
    };
    let mut response = Response::new(Body::from(content));
    let head = response.headers_mut();
    head.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    head.insert(CACHE_CONTROL, HeaderValue::from_static(caching(file.path)));
    // Also on the plain answer: a cache must not give it to those who ask for another one, nor the
    // reverse.
    head.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        head.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

async fn from_folder(folder: &Path, path: &str) -> Response {
    if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
        return not_found();
    }
    match tokio::fs::read(folder.join(path)).await {
        Ok(content) => ([(CONTENT_TYPE, content_type(path)), (CACHE_CONTROL, "no-cache")], content)
            .into_response(),
        Err(_) => not_found(),
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not found\n").into_response()
}

/// A name that holds its content's hash never means another content.
fn caching(path: &str) -> &'static str {
    let hashed = path
        .split('.')
        .nth(1)
        .is_some_and(|part| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit()));
    if hashed { "public, max-age=31536000, immutable" } else { "public, max-age=3600" }
}

/// Whether the client takes this encoding (RFC 9110, 12.5.3); `*` is left out, for nobody sends it
/// alone.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let mut parts = item.split(';').map(str::trim);
            parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding))
                && !parts.any(|parameter| {
                    parameter
                        .strip_prefix("q=")
                        .is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0))
                })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    static FILE: SiteFile = SiteFile {
        path: "latchkey.0123456789abcdef.wasm",
        content_type: "application/wasm",
        raw: b"raw",
        br: Some(b"br"),
        gz: Some(b"gz"),
    };

    fn accept(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
        headers
    }

    async fn body(response: Response) -> Vec<u8> {
        axum::body::to_bytes(response.into_body(), 1000).await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn the_smallest_accepted_encoding_is_sent() {
        for (header, expected, encoding) in [
            ("gzip, deflate, br, zstd", "br", Some("br")),
            ("gzip", "gz", Some("gzip")),
            ("br;q=0, GZIP;q=0.5", "gz", Some("gzip")),
            ("br; q=0.000, gzip;q=0", "raw", None),
            ("br;q=0.1", "br", Some("br")),
            ("identity", "raw", None),
            ("", "raw", None),
        ] {
            let response = embedded(&FILE, &accept(header));
            assert_eq!(
                response.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap()),
                encoding
            );
            assert_eq!(response.headers()[CONTENT_TYPE], "application/wasm");
            assert_eq!(response.headers()[VARY], "accept-encoding");
            assert_eq!(body(response).await, expected.as_bytes(), "{header}");
        }
        assert_eq!(body(embedded(&FILE, &HeaderMap::new())).await, b"raw");
    }

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        assert!(caching("latchkey.0123456789abcdef.js").contains("immutable"));
        assert!(!caching("icon.svg").contains("immutable"));
        assert!(!caching("key.description.svg").contains("immutable"));
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        for path in ["/pkg/none.js", "/pkg/", "/other", "/pkg/../Cargo.toml"] {
            assert_eq!(
                serve(path.parse().unwrap(), HeaderMap::new()).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }

    #[test]
    fn every_embedded_file_has_its_own_type() {
        for file in FILES {
            assert_eq!(file.content_type, content_type(file.path));
            assert!(lookup(file.path).is_some());
        }
        assert_eq!(names().css.is_empty(), FILES.is_empty());
    }

    #[tokio::test]
    async fn a_folder_serves_its_files_and_nothing_outside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("site")).unwrap();
        std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        let site = folder.path().join("site");
        std::fs::write(
            site.join("manifest"),
            "source 1\nsettings-js a.js\nsettings-wasm b.wasm\ncss c.css\nfile a.js\n",
        )
        .unwrap();
        std::fs::write(site.join("a.js"), "export {}").unwrap();

        let settings = Script { js: "/pkg/a.js".into(), wasm: "/pkg/b.wasm".into() };
        assert_eq!(
            names_in(&site),
            SiteNames { settings, css: "/pkg/c.css".into(), ..SiteNames::default() }
        );
        assert_eq!(names_in(folder.path()), SiteNames::default());

        let response = from_folder(&site, "a.js").await;
        assert_eq!(response.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-cache");
        assert_eq!(body(response).await, b"export {}");
        for path in ["../secret.txt", "/etc/passwd", "a.js/../../secret.txt", "none.js", ""] {
            assert_eq!(from_folder(&site, path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
