//! A page that stands on its own, for answers made outside of the app: a request refused before it
//! came so far, or one that broke the server's code. Plain text put together: whatever broke, this
//! must not.

use super::html::escape;
use crate::errors::refused_title;

/// How whoever asks for help names a request, by what the log calls it; empty where that is.
pub(crate) fn help_words(request_id: &str) -> String {
    if request_id.is_empty() {
        String::new()
    } else {
        format!("If you ask for help, name this: {request_id}")
    }
}

/// The same as a paragraph.
fn help_line(request_id: &str) -> String {
    let words = escape(&help_words(request_id));
    if words.is_empty() { words } else { format!("<p>{words}</p>") }
}

/// A whole document in the look of the site, without script. `css` is the path of the style sheet,
/// empty where there is none; `request_id` what the log calls the request, empty where nothing is
/// broken.
#[must_use]
pub fn standalone_document(css: &str, title: &str, words: &str, request_id: &str) -> String {
    let (css, title, words) = (escape(css), escape(title), escape(words));
    let help = help_line(request_id);
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
            content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · Latchkey</title><link \
         rel=\"stylesheet\" href=\"{css}\"></head>\
         <body><header class=\"top\"><a class=\"brand\" href=\"/\">Latchkey</a></header>\
         <main id=\"main\"><section class=\"box\"><h1>{title}</h1><p role=\"alert\">{words}</p>\
         {help}<div class=\"actions\"><a class=\"button primary\" href=\"/\">Go to the start</a> \
         <a class=\"button\" href=\"/help\">Help</a></div>\
         </section></main></body></html>"
    )
}

/// A document that says why nobody was logged in, and offers another try: its label and where it
/// leads. Without script.
#[must_use]
pub fn again_document(
    css: &str,
    refusal: &desk::Refusal,
    contact: &str,
    request_id: &str,
    again: (&str, &str),
) -> String {
    let help = help_line(request_id);
    let (css, words, contact) = (escape(css), escape(&refusal.to_string()), escape(contact));
    let (title, label, to) = (refused_title(refusal), escape(again.0), escape(again.1));
    let contact =
        if contact.is_empty() { String::new() } else { format!("<p>Help Desk: {contact}</p>") };
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
            content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · Latchkey</title><link \
         rel=\"stylesheet\" href=\"{css}\"></head>\
         <body><header class=\"top\"><a class=\"brand\" href=\"/\">Latchkey</a></header>\
         <main id=\"main\"><section class=\"box\"><h1>{title}</h1><p \
         role=\"alert\">{words}</p>{contact}{help}\
         <div class=\"actions\"><a class=\"button primary\" href=\"{to}\">{label}</a> <a \
         class=\"button\" href=\"/help\">Help</a></div>\
         </section></main></body></html>"
    )
}

/// A document that says that somebody else's log-in has come back to a browser in which `netid` is
/// logged in, and offers to go on to `next`, or to log out. Without script.
#[must_use]
pub fn of_another_document(css: &str, netid: &str, next: &str) -> String {
    let (css, netid, next) = (escape(css), escape(netid), escape(next));
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
            content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Somebody else’s log-in · \
         Latchkey</title><link rel=\"stylesheet\" href=\"{css}\"></head>\
         <body><header class=\"top\"><a class=\"brand\" href=\"/\">Latchkey</a></header>\
         <main id=\"main\"><section class=\"box\"><h1>Somebody else’s log-in</h1>\
         <p role=\"alert\">You are logged in as {netid}, and somebody else’s log-in came back to \
         this browser. Nothing was changed. If both accounts are yours, log out and log in \
         again.</p>\
         <form method=\"post\" action=\"/fn/log_out\"><div class=\"actions\">\
         <a class=\"button primary\" href=\"{next}\">Go on as {netid}</a> \
         <button type=\"submit\">Log out</button></div></form>\
         </section></main></body></html>"
    )
}

/// A document that leads on to another site, called `name`, by itself; without script.
#[must_use]
pub fn onward_document(css: &str, name: &str, url: &str) -> String {
    let (css, name, url) = (escape(css), escape(name), escape(url));
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
            content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta http-equiv=\"refresh\" \
         content=\"0;url={url}\">\
         <title>Log in · Latchkey</title><link rel=\"stylesheet\" href=\"{css}\"></head>\
         <body><header class=\"top\"><a class=\"brand\" href=\"/\">Latchkey</a></header>\
         <main id=\"main\" class=\"narrow\"><section class=\"box\"><h1>Log in</h1><p>You are being \
         taken to {name}.</p>\
         <div class=\"actions\"><a class=\"button primary\" \
         href=\"{url}\">Continue</a></div></section></main></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leads_on_and_quotes_what_it_is_given() {
        let document =
            onward_document("/pkg/x.css", "Campus <Login>", "https://id.example.edu/?a=1&b=\"2\"");
        assert!(
            document.contains("content=\"0;url=https://id.example.edu/?a=1&amp;b=&quot;2&quot;\""),
            "{document}"
        );
        assert!(document.contains("Campus &lt;Login&gt;") && !document.contains("<script"));
    }

    #[test]
    fn it_offers_another_try_that_ends_where_the_first_was_going() {
        let again = ("Log in again", "/login?next=/help%3Fa&b");
        let document = again_document(
            "/pkg/x.css",
            &desk::Refusal::SignOnCancelled,
            "ext. <4711>",
            "a1b2",
            again,
        );
        assert!(
            document.contains("href=\"/login?next=/help%3Fa&amp;b\">Log in again</a>"),
            "{document}"
        );
        assert!(document.contains("Help Desk: ext. &lt;4711&gt;") && !document.contains("<script"));
        assert!(document.contains("<p>If you ask for help, name this: a1b2</p>"), "{document}");
    }

    #[test]
    fn whoever_is_logged_in_stays_or_logs_out() {
        let document = of_another_document("/pkg/x.css", "tia", "/help?a&b");
        for part in [
            "href=\"/help?a&amp;b\">Go on as tia</a>",
            "<form method=\"post\" action=\"/fn/log_out\">",
            "<button type=\"submit\">Log out</button>",
        ] {
            assert!(document.contains(part), "{part}: {document}");
        }
        assert!(!document.contains("<script"));
    }

    #[test]
    fn it_is_a_document_with_the_sites_style_and_no_script() {
        let document = standalone_document(
            "/pkg/latchkey.1a2b.css",
            "Forbidden",
            "Not <script>alert(1)</script>.",
            "",
        );
        assert!(!document.contains("If you ask for help"), "{document}");
        assert!(document.starts_with("<!DOCTYPE html>") && document.ends_with("</html>"));
        assert!(
            document.contains("href=\"/pkg/latchkey.1a2b.css\"") && !document.contains("<script")
        );
    }
}
