//! The page of a request that broke the server's own code. Plain text put together: whatever broke, this must not.

use crate::here::SiteNames;

/// A whole document for status 500, in the look of the site and without script.
#[must_use]
pub fn broken_document(site: &SiteNames) -> String {
    let css = site.css.replace(['"', '<', '>', '&'], "");
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Something went wrong · Latchkey</title><link rel=\"stylesheet\" href=\"{css}\"></head>\
         <body><header class=\"top\"><a class=\"brand\" href=\"/\">Latchkey</a></header>\
         <main id=\"main\"><section class=\"box\"><h1>Something went wrong</h1>\
         <p>The desk could not answer this request. What you had saved before is unharmed. Go back, reload the page and look whether \
         your last change is there before you repeat it.</p>\
         <p>If it happens again, tell your Help Desk what you did and when.</p>\
         <div class=\"actions\"><a class=\"button primary\" href=\"/\">Go to the start</a></div></section></main></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_document_with_the_sites_style_and_no_script() {
        let site = SiteNames { css: "/pkg/latchkey.1a2b.css".to_owned(), ..SiteNames::default() };
        let document = broken_document(&site);
        assert!(document.starts_with("<!DOCTYPE html>") && document.ends_with("</html>"));
        assert!(document.contains("href=\"/pkg/latchkey.1a2b.css\"") && !document.contains("<script"));
    }
}
