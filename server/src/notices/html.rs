//! The same words as HTML: one column that fits a telephone, no image and nothing that is loaded
//! from anywhere, light or dark as the reader has it. Tests: `compose_tests.rs`.

use std::fmt::Write as _;

use app::server::escape;

use super::compose::Words;

/// Of programs that look at no style sheet the colours are those that each element has itself; a
/// dark reader's are here.
const STYLE: &str = "\
:root{color-scheme:light dark;supported-color-schemes:light dark}\
@media (prefers-color-scheme:dark){\
body,.page{background:#15181c!important}\
.card{background:#1e2227!important;border-color:#3a414a!important}\
.card,.card p,.card td,.card h1{color:#e6e9ec!important}\
.card th,.why{color:#a9b2bb!important}\
.link{background:#9cc4ff!important;color:#10151b!important}\
.why a{color:#9cc4ff!important}}";

const FONT: &str = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;";

/// The mail as HTML.
pub(super) fn page(words: &Words) -> String {
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body style=\"margin:0;background:#f3f5f7\">\n\
         <div class=\"page\" style=\"background:#f3f5f7;padding:16px 12px;{FONT}\
         font-size:16px;line-height:1.5\">\n\
         <div class=\"card\" style=\"max-width:36em;margin:0 auto;padding:16px;background:#ffffff;\
         color:#1b1f24;border:1px solid #d5dae0;border-radius:6px;overflow-wrap:anywhere\">\n\
         <h1 style=\"margin:0 0 12px;font-size:20px;line-height:1.3;color:#1b1f24\">{}</h1>\n",
        escape(&words.subject),
        escape(&words.subject),
    );
    paragraph(&mut html, &words.greeting());
    words.what.iter().for_each(|text| paragraph(&mut html, text));
    facts(&mut html, words);
    words.then.iter().for_each(|text| paragraph(&mut html, text));
    for (label, address) in &words.links {
        let _ = writeln!(
            html,
            "<p style=\"margin:0 0 12px\"><a class=\"link\" href=\"{}\" style=\"display:\
             inline-block;padding:8px 14px;background:#0b57d0;color:#ffffff;border-radius:4px;\
             text-decoration:none\">{}</a></p>",
            escape(address),
            escape(label),
        );
    }
    // As wide as the card, whose frame and padding these are.
    html.push_str(
        "</div>\n<div class=\"below\" style=\"max-width:36em;margin:0 auto;padding:0 17px\">\n",
    );
    for text in &words.why {
        let _ = writeln!(
            html,
            "<p class=\"why\" style=\"margin:8px 0 0;font-size:13px;color:#57606a;\
             overflow-wrap:anywhere\">{}</p>",
            linked(text),
        );
    }
    html.push_str("</div>\n</div>\n</body>\n</html>\n");
    html
}

/// A sentence of ours, in which each address is a link.
fn linked(text: &str) -> String {
    let mut html = String::new();
    for word in text.split_inclusive(' ') {
        let address = word.trim_end_matches([' ', '.', ',']);
        if address.starts_with("https://") || address.starts_with("http://") {
            let (shown, after) = (escape(address), escape(&word[address.len()..]));
            let link = "style=\"color:#0b57d0\"";
            let _ = write!(html, "<a href=\"{shown}\" {link}>{shown}</a>{after}");
        } else {
            html.push_str(&escape(word));
        }
    }
    html
}

fn paragraph(html: &mut String, text: &str) {
    let text = escape(text);
    let _ = writeln!(html, "<p style=\"margin:0 0 12px;color:#1b1f24\">{text}</p>");
}

/// A word and what is known, in two columns.
fn facts(html: &mut String, words: &Words) {
    if words.facts.is_empty() {
        return;
    }
    html.push_str(
        "<table style=\"margin:0 0 12px;border-collapse:collapse;font-size:15px;width:100%\">\n",
    );
    for (word, value) in &words.facts {
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\" style=\"padding:3px 12px 3px 0;text-align:left;font-weight:\
             normal;vertical-align:top;width:5em;color:#57606a\">{}</th><td style=\"padding:3px 0;\
             vertical-align:top;color:#1b1f24\"><bdi>{}</bdi></td></tr>",
            escape(word),
            escape(value),
        );
    }
    html.push_str("</table>\n");
}
