//! The guides of **Help**: an HTML file that stays on the server.

use super::RequestContext;
use super::html::escape;

/// The guides as HTML, with the Help Desk's contact filled in. Anyone may read them.
pub(crate) fn guides(context: &RequestContext) -> String {
    let contact = match context.settings.help_desk_contact.trim() {
        "" => String::new(),
        contact => format!("Contact: {}.", escape(contact)),
    };
    let first = if context.settings.self_service {
        "Log in anew, and choose one under <strong>About Me</strong> within five minutes. Where \
            that \
         is not offered, the Help Desk sets the first one."
    } else {
        "The Help Desk sets the first one. {{contact}} It is an initial password: good for \
            choosing \
         your own, and for nothing else, and it lapses after 7 days."
    };
    include_str!("guides.html").replace("{{first}}", first).replace("{{contact}}", &contact)
}
