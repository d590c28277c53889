//! Filters as identity systems write them, and as nobody should.

use desk::{Moment, NameParts, NetId};
use proptest::prelude::*;

use super::*;

fn nora() -> PushedUser {
    PushedUser {
        netid: NetId::parse("nora").expect("a NetID"),
        name: "Nora Nöhl".to_owned(),
        name_parts: NameParts::default(),
        email: "nora@example.edu".to_owned(),
        external_id: Some("7d3f-AB".to_owned()),
        groups: Vec::new(),
        active: true,
        created: Moment::default(),
    }
}

fn means(filter: &str) -> bool {
    Filter::parse(filter).unwrap_or_else(|wrong| panic!("{filter}: {wrong:?}")).means(&nora())
}

#[test]
fn whoever_is_meant_is_found_in_each_way_of_writing() {
    for filter in [
        // Entra ID
        // (learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups)
        // and Okta (developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20).
        r#"userName eq "nora""#,
        r#"externalId eq "7d3f-AB""#,
        r#"userName Eq "NORA""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "nora""#,
        // Entra ID, where an address is what people are matched by.
        r#"emails[type eq "work"].value eq "Nora@example.edu""#,
        r#"emails[type eq "work" and value eq "nora@example.edu"]"#,
        r#"emails.value eq "nora@example.edu""#,
        r#"emails eq "nora@example.edu""#,
        r#"emails[primary eq true].value sw "nora@""#,
        r#"id eq "nora""#,
        r#"displayName eq "nora nöhl""#,
        r#"name.formatted co "Nöhl""#,
        r#"userName sw "no" and active eq true"#,
        r#"active eq "True""#,
        "userName eq nora",
        "userName eq 'nora'",
        r#"(userName eq "nora")"#,
        r#"( userName eq "x" or(externalId eq "7d3f-AB" ) ) and not (active eq false)"#,
        r#"userName eq "x" and active eq false or userName ew "ra""#,
        r#"not (userName eq "x")"#,
        "externalId pr",
        r#"userName ne "x""#,
        r#"userName eq "no\u0072a""#,
    ] {
        assert!(means(filter), "{filter}");
    }
    for filter in [
        r#"userName eq "norah""#,
        r#"externalId eq "7d3f-ab""#,
        r#"emails[type eq "home"].value eq "nora@example.edu""#,
        r#"emails[value eq "other@example.edu"]"#,
        "active eq false",
        r#"userName eq "nora" and active eq false"#,
        r#"userName eq "nora" and (userName eq "x" or userName eq "y")"#,
        r#"not (userName eq "nora")"#,
        r#"userName eq "no body of that name""#,
    ] {
        assert!(!means(filter), "{filter}");
    }
}

#[test]
fn what_cannot_be_answered_is_refused_with_what_can() {
    let deep = format!("{}userName pr{}", "(".repeat(17), ")".repeat(17));
    let long = format!("userName eq \"{}\"", "x".repeat(LONGEST));
    for filter in [
        "",
        "userName",
        "userName eq",
        r#"userName gt "n""#,
        r#"title eq "Dr.""#,
        r#"name.familyName eq "Nöhl""#,
        r#"userName eq "nora"#,
        r#"userName eq "nora" and"#,
        r#"userName eq "nora" userName eq "nora""#,
        r#"(userName eq "nora""#,
        r#"userName eq "nora")"#,
        "displayName eq Nora Nöhl",
        r#"emails[type eq "work".value eq "x""#,
        r#"emails[emails eq "x"]"#,
        "active eq perhaps",
        "active co true",
        r#"meta.created gt "2020-01-01T00:00:00Z""#,
        r#"userName eq "\x""#,
        &deep,
        &long,
    ] {
        let wrong = format!("{:?}", Filter::parse(filter).expect_err(filter));
        assert!(
            wrong.contains("invalidFilter")
                && wrong.contains("What works: userName, id, externalId"),
            "{filter}: {wrong}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        text in "\\PC{0,60}", words in "[a-zA-Z ()\\[\\].\"'\\\\]{0,60}",
    ) {
        for filter in [
            text.clone(), words.clone(), format!("userName eq {text}"), format!("emails[{words}"),
        ] {
            if let Ok(read) = Filter::parse(&filter) {
                read.means(&nora());
            }
        }
    }
}
