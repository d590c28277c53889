//! The server's part of **Notices**: the page's forms, and what they ask of the desk. They are
//! plain forms, so that the browser loads nothing for them. Tests: below, and
//! `server/tests/server/people/notices.rs`.

use desk::{AuditAction, FormKey, NoticeChoice, NoticeKind, OwnNotices, Refusal, Secret};
use server_fn::ServerFn as _;

use super::html::escape;
use super::request_context::{self, RequestContext};
use super::sender;
use crate::components::Notice;
use crate::forms::Done;
use crate::pages::Page as _;
use crate::settings::notices::{EndCalendar, NewCalendar, Notices, SetNotices};

/// The form that chooses mails.
pub(crate) const CHOOSE: &str = "choose-notices";
/// The form that makes an address of the calendar.
pub(crate) const NEW_CALENDAR: &str = "new-calendar";
/// The form that ends it.
pub(crate) const END_CALENDAR: &str = "end-calendar";

/// Of an address that is made and that nobody has.
const NOT_SHOWN: &str = "The address was made, but it cannot be shown. Replace it.";

/// The path of somebody's calendar.
#[must_use]
pub fn calendar_path(secret: &str) -> String {
    format!("/calendar/{secret}.ics")
}

/// The page, with the address that was just made: only to who will see it, and taken last of all,
/// so that where anything fails it is still there.
pub(crate) async fn first_view(context: &RequestContext) -> Result<Notices, Refusal> {
    let visitor = context.visitor().await?;
    let own = context.desk.notice_settings(&visitor).await?;
    let key = || FormKey::text(visitor.netid().as_str(), &format!("{:x}", rand::random::<u64>()));
    let html = forms(&own, key);
    let secret = match &context.cookie {
        Some(cookie) if context.may_reveal => context.desk.take_calendar_for_reveal(cookie).await?,
        _ => None,
    };
    Ok(Notices(html, secret.map(|secret| address(context, &secret))))
}

fn address(context: &RequestContext, secret: &Secret) -> String {
    format!("{}{}", context.base(), calendar_path(secret.expose()))
}

pub(crate) async fn choose(
    context: &RequestContext,
    form: &str,
    wanted: Vec<NoticeKind>,
) -> Result<Done, Refusal> {
    let sender = sender(context, form, AuditAction::NoticesSet).await?;
    let choice = NoticeChoice { wanted };
    context.desk.set_notice_settings(&sender, &choice, &context.origin).await?;
    Ok(Done::with_notice("Your choice of mails has been saved."))
}

pub(crate) async fn new_calendar(context: &RequestContext, form: &str) -> Result<Done, Refusal> {
    let sender = sender(context, form, AuditAction::CalendarSet).await?;
    let secret = context.desk.new_calendar_address(&sender, &context.origin).await?;
    if !request_context::is_plain_form() {
        return Ok(Done { secret: Some(address(context, &secret)), ..Done::default() });
    }
    let is_kept = match &context.cookie {
        // The address is made, whatever becomes of this.
        Some(cookie) => context.desk.keep_calendar_for_reveal(cookie, &secret).await.is_ok(),
        None => false,
    };
    Ok(if is_kept {
        Done::with_notice("Your calendar has a new address. Copy it now.")
    } else {
        Done::with(Notice::bad(NOT_SHOWN))
    })
}

pub(crate) async fn end_calendar(context: &RequestContext, form: &str) -> Result<Done, Refusal> {
    let sender = sender(context, form, AuditAction::CalendarEnd).await?;
    let was_there = context.desk.end_calendar_address(&sender, &context.origin).await?;
    Ok(Done::with_notice(if was_there {
        "The address has ended. Whatever reads it finds nothing there."
    } else {
        "There was no address."
    }))
}

/// The page's forms, each with a key of its own.
fn forms(own: &OwnNotices, key: impl Fn() -> String) -> String {
    format!("{}{}", mails(own, &key), calendar(own, &key))
}

/// Which mails one gets.
fn mails(own: &OwnNotices, key: impl Fn() -> String) -> String {
    let boxes: String =
        own.optional.iter().map(|(kind, wanted)| tick_box(*kind, *wanted)).collect();
    let to = match (own.mail, own.email.as_str()) {
        (false, _) => "This Latchkey sends no mails yet.".to_owned(),
        (true, "") => {
            "Your directory has no e-mail address for you, so you get no mails. Ask whoever \
            keeps it to add one."
                .to_owned()
        }
        (true, email) => format!("They go to {}, as your directory says.", escape(email)),
    };
    let gets_mail = own.mail && !own.email.is_empty();
    let always = always(own, gets_mail);
    if boxes.is_empty() {
        // Of mails that do not come nothing is said.
        let (to, every) = if always.is_empty() {
            (String::new(), "every")
        } else {
            (format!("<p>{to}</p>"), "every other")
        };
        let content = format!(
            "{to}<p>There is nothing for you to choose: whoever runs Latchkey has switched off \
             {every} mail.</p>{always}"
        );
        return section("mails", "Mails", &content);
    }
    let (later, still_sent) = if gets_mail {
        ("", still_sent(own))
    } else {
        (" Your choice counts once you get mails.", String::new())
    };
    let content = format!(
        "<p>{to}{later}</p><fieldset class=\"field\"><legend>Tell me by mail when</legend>{boxes}\
         </fieldset>{still_sent}{always}<div class=\"actions\"><button type=\"submit\" \
         class=\"primary\">Save</button></div>"
    );
    section("mails", "Mails", &form(CHOOSE, SetNotices::PATH, &key(), &content))
}

/// What becomes of what is switched off.
fn still_sent(own: &OwnNotices) -> String {
    let mut stated = String::new();
    if own.always.contains(&NoticeKind::NoticesChanged) {
        stated.push_str(
            "A mail tells you what was switched off here, so that nobody does it unseen in your \
             place. ",
        );
    }
    let later: Vec<&str> = own.optional.iter().filter_map(|(kind, _)| muted_later(*kind)).collect();
    if !later.is_empty() {
        stated.push_str(&format!(
            "Of {} you are still told for three days after you switch them off.",
            listed(&later, "and of")
        ));
    }
    paragraph(stated.trim_end())
}

/// What one is told for some days more after it was switched off.
fn muted_later(kind: NoticeKind) -> Option<&'static str> {
    kind.is_muted_later().then_some(match kind {
        NoticeKind::TokenMade => "tokens that are made",
        NoticeKind::TokenNewNetwork => "new networks",
        _ => "what may be somebody else’s doing",
    })
}

/// What is no choice: now, or once mails come. Where there is any, it is told that one was made.
fn always(own: &OwnNotices, gets_mail: bool) -> String {
    let begins = if gets_mail {
        "What you cannot switch off"
    } else {
        "What you cannot switch off once you get mails"
    };
    let is_sent = |kind: NoticeKind| own.always.contains(&kind);
    let mut all = Vec::new();
    if is_sent(NoticeKind::NoticesChanged) && !own.optional.is_empty() {
        all.push("that mails were switched off here".to_owned());
    }
    let of_password: Vec<&str> = [
        (NoticeKind::PasswordSet, "set"),
        (NoticeKind::PasswordChanged, "changed"),
        (NoticeKind::PasswordClosed, "closed after too many wrong ones"),
    ]
    .into_iter()
    .filter_map(|(kind, what)| is_sent(kind).then_some(what))
    .collect();
    if !of_password.is_empty() {
        all.push(format!("that your local password was {}", listed(&of_password, "or")));
    }
    for (kind, what) in [
        (NoticeKind::TokenLeaked, "that strangers found a token of yours"),
        (NoticeKind::AccountClosed, "that your account was closed"),
        (NoticeKind::OldStringsEnd, "when old strings from Request Tracker end"),
    ] {
        all.extend(is_sent(kind).then(|| what.to_owned()));
    }
    if all.is_empty() {
        return String::new();
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    paragraph(&format!("{begins}: {}.", listed(&all, "and")))
}

/// One, two and three; with a comma before the word only where the parts have some themselves.
fn listed(all: &[&str], word: &str) -> String {
    let Some((last, before)) = all.split_last() else { return String::new() };
    if before.is_empty() {
        return (*last).to_owned();
    }
    let comma = if word == "and" { "," } else { "" };
    format!("{}{comma} {word} {last}", before.join(", "))
}

fn paragraph(stated: &str) -> String {
    if stated.is_empty() { String::new() } else { format!("<p class=\"muted\">{stated}</p>") }
}

fn tick_box(kind: NoticeKind, wanted: bool) -> String {
    let Some(words) = words(kind) else { return String::new() };
    let (name, checked) = (kind.code().replace('-', "_"), if wanted { " checked" } else { "" });
    format!(
        "<label class=\"choice\"><input type=\"checkbox\" name=\"{name}\" value=\"true\" \
         autocomplete=\"off\"{checked}>{words}</label>"
    )
}

/// What a box says, after “Tell me by mail when”; none: it is no choice.
const fn words(kind: NoticeKind) -> Option<&'static str> {
    match kind {
        NoticeKind::TokenMade => Some("a token is made in my name"),
        NoticeKind::TokenNewNetwork => Some("a token of mine is used from a new network"),
        NoticeKind::TokenExpires => Some("a token of mine that is in use ends soon"),
        NoticeKind::TokenIdle => Some("a token of mine that nobody uses ends soon"),
        NoticeKind::PasswordSet
        | NoticeKind::PasswordChanged
        | NoticeKind::PasswordClosed
        | NoticeKind::AccountClosed
        | NoticeKind::TokenLeaked
        | NoticeKind::NoticesChanged
        | NoticeKind::OldStringsEnd
        | NoticeKind::ForAdministrators => None,
    }
}

/// The private address of one's calendar.
fn calendar(own: &OwnNotices, key: impl Fn() -> String) -> String {
    let about = "<p>A calendar that reads this private address shows when your tokens end. Whoever \
        has the address can read that, and do nothing else.</p>";
    let button = |name: &str, to: &str, words: &str| {
        let button = format!("<button type=\"submit\">{words}</button>");
        form(name, to, &key(), &button)
    };
    let content = match own.calendar {
        None => button(NEW_CALENDAR, NewCalendar::PATH, "Make a calendar address"),
        // Replacing asks first, without script too: what reads the old one would find nothing.
        Some(made) => format!(
            "<p>You made it on {}.</p><details class=\"fold\"><summary>Replace the \
             address</summary><div class=\"form\"><p>Replace it? Your calendar finds nothing at \
             the old address from then on, until you put the new one there.</p>{}</div>\
             </details>{}",
            made.exact(),
            button(NEW_CALENDAR, NewCalendar::PATH, "Yes, replace it"),
            button(END_CALENDAR, EndCalendar::PATH, "End the address"),
        ),
    };
    section("calendar", "Calendar", &format!("{about}{content}"))
}

fn section(id: &str, title: &str, content: &str) -> String {
    format!(
        "<section class=\"box\" aria-labelledby=\"{id}\"><h2 id=\"{id}\">{title}</h2>{content}\
         </section>"
    )
}

/// A plain form, which the browser posts.
fn form(name: &str, to: &str, key: &str, content: &str) -> String {
    format!(
        "<form id=\"{name}\" class=\"form\" method=\"post\" action=\"{to}?from={}\"><input \
         type=\"hidden\" name=\"form\" value=\"{}\">{content}</form>",
        Notices::PATH,
        escape(key),
    )
}

#[cfg(test)]
mod tests {
    use desk::Moment;

    use super::*;

    fn own() -> OwnNotices {
        OwnNotices {
            mail: true,
            email: "tia@example.edu".to_owned(),
            optional: vec![(NoticeKind::TokenMade, true), (NoticeKind::TokenIdle, false)],
            always: NoticeKind::ALL.iter().copied().filter(|kind| !kind.is_optional()).collect(),
            calendar: None,
        }
    }

    fn drawn(own: &OwnNotices) -> String {
        forms(own, || "tia.\"7f".to_owned())
    }

    #[test]
    fn every_optional_kind_has_a_box_and_no_other_has() {
        for kind in NoticeKind::ALL {
            assert_eq!(words(*kind).is_some(), kind.is_optional(), "{kind:?}");
        }
        let html = drawn(&own());
        assert!(html.contains("name=\"token_made\" value=\"true\" autocomplete=\"off\" checked>"));
        assert!(html.contains("name=\"token_idle\" value=\"true\" autocomplete=\"off\">"));
        assert!(!html.contains("token_expires"), "the operator does not send it");
        assert!(html.contains("switch off: that mails were switched off here, that your local"));
        assert!(html.contains("that your local password was set, changed or closed"));
        assert!(html.contains("Of tokens that are made you are still told for three days after"));
    }

    #[test]
    fn nothing_is_promised_that_the_operator_does_not_send() {
        let of = |always: &[NoticeKind], optional: &[NoticeKind]| {
            drawn(&OwnNotices {
                always: always.to_vec(),
                optional: optional.iter().map(|kind| (*kind, true)).collect(),
                ..own()
            })
        };
        let all = of(
            &[NoticeKind::NoticesChanged, NoticeKind::PasswordSet],
            &[NoticeKind::TokenMade, NoticeKind::TokenNewNetwork],
        );
        assert!(all.contains("in your place. Of tokens that are made and of new networks you are"));
        assert!(all.contains("off here, and that your local password was set.</p>"), "{all}");
        let html = of(&[NoticeKind::PasswordClosed], &[NoticeKind::TokenIdle]);
        assert!(html.contains("switch off: that your local password was closed after"), "{html}");
        for not_sent in ["A mail tells you", "three days", "strangers", "account was", "switched"] {
            assert!(!html.contains(not_sent), "{not_sent}: {html}");
        }
        assert!(!of(&[], &[NoticeKind::TokenIdle]).contains("cannot switch off"));
        let nothing = of(&[], &[]);
        assert!(nothing.contains("has switched off every mail.</p>"), "{nothing}");
        assert!(!nothing.contains("They go to"), "{nothing}");
    }

    #[test]
    fn where_the_operator_leaves_nothing_to_choose_it_is_said_and_there_is_nothing_to_save() {
        let html = drawn(&OwnNotices { optional: Vec::new(), ..own() });
        assert!(html.contains("nothing for you to choose") && !html.contains("Save"), "{html}");
        assert!(html.contains("What you cannot switch off: that your local password was set"));
        assert!(!html.contains("switched off here"), "there is nothing to switch off: {html}");
        assert!(html.contains("set, changed or closed") && html.contains("Make a calendar"));
        let html = drawn(&own());
        assert!(!html.contains("nothing for you to choose") && html.contains("Save"), "{html}");
    }

    #[test]
    fn where_no_mail_comes_it_is_said() {
        assert!(drawn(&own()).contains("They go to tia@example.edu"));
        let none = OwnNotices { email: String::new(), ..own() };
        assert!(drawn(&none).contains("has no e-mail address for you"));
        assert!(!drawn(&none).contains("A mail tells you"));
        assert!(drawn(&OwnNotices { mail: false, ..own() }).contains("sends no mails yet"));
        let odd = OwnNotices { email: "<b>@example.edu".to_owned(), ..own() };
        assert!(drawn(&odd).contains("&lt;b&gt;@example.edu"), "text stays text");
    }

    #[test]
    fn nothing_is_promised_to_whom_no_mail_comes() {
        let none = OwnNotices { email: String::new(), ..own() };
        let off = OwnNotices { mail: false, ..own() };
        let off_and_none = OwnNotices { mail: false, ..none.clone() };
        for (own, gets) in [(own(), true), (none, false), (off, false), (off_and_none, false)] {
            let html = drawn(&own);
            assert_eq!(html.contains("What you cannot switch off: that mails were"), gets);
            assert_eq!(html.contains("cannot switch off once you get mails: that mails"), !gets);
            assert_eq!(html.contains("Your choice counts once you get mails."), !gets);
            for named in ["closed after too many wrong ones", "old strings from Request Tracker"] {
                assert!(html.contains(named), "{named}: {html}");
            }
            let nothing_to_choose = drawn(&OwnNotices { optional: Vec::new(), ..own });
            assert!(!nothing_to_choose.contains("Your choice counts"), "{nothing_to_choose}");
        }
    }

    #[test]
    fn an_address_that_is_there_is_replaced_or_ended() {
        let html = drawn(&own());
        assert!(html.contains("Make a calendar address") && !html.contains("Replace"));
        let html = drawn(&OwnNotices { calendar: Some(Moment(0)), ..own() });
        assert!(!html.contains("Make a") && html.contains("You made it on 1 Jan 1970, 00:00 UTC."));
        assert!(html.contains("Replace the address") && html.contains("End the address"));
        let (_, folded) =
            html.split_once("<details class=\"fold\"><summary>Replace").expect("it asks");
        let (folded, after) = folded.split_once("</details>").expect("an end");
        let question = folded.find("Replace it? Your calendar").expect("a question");
        assert!(folded.find("id=\"new-calendar\"").is_some_and(|form| form > question), "{folded}");
        assert!(!after.contains("id=\"new-calendar\"") && after.contains("End the address"));
        assert!(html.contains("value=\"tia.&quot;7f\""), "a key is no HTML");
    }
}
