//! What is said of filters that name what there is not: what, and the nearest that there is, a
//! click away. Made on the server, so that no page loads the words. Tests: below, and
//! `server/tests/server/people/audit_page.rs`.

use desk::{AuditQuery, FilterField, Slip};

use crate::admin::audit::Audit;
use crate::admin::audit::filters::written;
use crate::components::{Notice, NoticeKind};
use crate::pages::Page as _;

/// The most characters of what was typed that are said again.
const MAX_SHOWN: usize = 60;

/// What is said; none: there is no slip.
pub(super) fn notice(query: &AuditQuery, slips: &[Slip]) -> Option<Notice> {
    let mut lines: Vec<String> = slips.iter().map(words).collect();
    let near: Vec<(FilterField, &str)> =
        slips.iter().filter_map(|slip| Some((slip.what, slip.nearest.as_deref()?))).collect();
    if let (Some(last), false) = (lines.last_mut(), near.is_empty()) {
        last.push_str(" Nearest:");
    }
    let notice = Notice { kind: NoticeKind::Warn, ..Notice::good(lines.join("\n")) };
    let with_links = near.into_iter().fold(notice, |notice, (what, nearest)| {
        notice.with_link(
            format!("{}{}", Audit::PATH, written(&asking(query, what, nearest))),
            nearest,
        )
    });
    (!slips.is_empty()).then_some(with_links)
}

fn words(slip: &Slip) -> String {
    let typed: String = slip.typed.chars().take(MAX_SHOWN).collect();
    match slip.what {
        FilterField::Actor => {
            format!("Nobody has the NetID “{typed}”, and no program is called so.")
        }
        FilterField::Subject => format!("Nobody has the NetID “{typed}”."),
        FilterField::Action if slip.nearest.is_none() => format!(
            "There is no action “{typed}”. Empty the field Action, and it offers those that there \
                are."
        ),
        FilterField::Action => format!("There is no action “{typed}”."),
        FilterField::Outcome => format!("There is no outcome “{typed}”."),
        FilterField::Day => format!("“{typed}” is no day. Write it as 2026-11-24."),
        FilterField::Days => "From is after To: there is no day in between.".to_owned(),
    }
}

/// The same question with what is near in the place of what there is not.
fn asking(query: &AuditQuery, what: FilterField, nearest: &str) -> AuditQuery {
    let mut corrected = query.clone();
    let place = match what {
        FilterField::Actor => &mut corrected.actor,
        FilterField::Subject => &mut corrected.subject,
        FilterField::Action => &mut corrected.action,
        FilterField::Outcome => &mut corrected.outcome,
        FilterField::Day | FilterField::Days => return corrected,
    };
    nearest.clone_into(place);
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slip(what: FilterField, typed: &str, nearest: Option<&str>) -> Slip {
        Slip { what, typed: typed.to_owned(), nearest: nearest.map(str::to_owned) }
    }

    #[test]
    fn each_slip_is_said_and_what_is_near_is_asked_by_a_link_with_the_other_filters() {
        let query = AuditQuery {
            actor: "helne".to_owned(),
            action: "tokn.create".to_owned(),
            ..AuditQuery::default()
        };
        let slips = [
            slip(FilterField::Action, "tokn.create", Some("token.create")),
            slip(FilterField::Actor, "helne", Some("helen")),
        ];
        let shown = notice(&query, &slips).expect("a notice");
        assert_eq!(
            shown.text,
            "There is no action “tokn.create”.\nNobody has the NetID “helne”, and no program is \
                called so. Nearest:"
        );
        let link = |path: &str, words: &str| (path.to_owned(), words.to_owned());
        assert_eq!(
            shown.links,
            [
                link("/admin/audit?actor=helne&action=token.create", "token.create"),
                link("/admin/audit?actor=helen&action=tokn.create", "helen"),
            ]
        );
    }

    #[test]
    fn where_nothing_is_near_no_link_is_promised() {
        let shown = |slip| notice(&AuditQuery::default(), &[slip]).expect("a notice");
        let action = shown(slip(FilterField::Action, "xyzzy", None));
        assert!(action.links.is_empty() && action.text.ends_with("those that there are."));
        let long = shown(slip(FilterField::Subject, &"x".repeat(5000), None));
        assert!(long.text.len() < 200, "{}", long.text);
        assert_eq!(notice(&AuditQuery::default(), &[]), None);
    }
}
