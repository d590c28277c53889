//! What whoever brings people in would write by hand: a map of the names that need a NetID, to be
//! filled in, and Request Tracker's settings for those who have another name there than here.
//! Tests: below, and `server/tests/server/command_line/request_tracker/by_hand.rs`.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::path::Path;

use desk::{LeftOutWhy, RtImport, RtPlan};

use crate::cli::exit::Failure;
use crate::cli::format::{csv_head, csv_line};
use crate::cli::{show, terminal};

/// Writes the map: what is said already, and a line for each name that needs a NetID.
pub(super) fn write_map(file: &Path, import: &RtImport, plan: &RtPlan) -> Result<(), Failure> {
    let (text, open) = map(import, plan);
    if open == 0 {
        tell(&format!("No name needs a NetID: {} was not written.", file.display()));
        return Ok(());
    }
    write(file, &text)?;
    tell(&format!(
        "{} names {}. Write a NetID behind each, and give it by --map; whoever has none there is \
         left out.",
        file.display(),
        show::people(open)
    ));
    Ok(())
}

/// Writes the settings.
pub(super) fn write_names(file: &Path, plan: &RtPlan) -> Result<(), Failure> {
    let (text, many) = names(plan);
    if many == 0 {
        tell(&format!("Everybody’s name is their NetID: {} was not written.", file.display()));
        return Ok(());
    }
    write(file, &text)?;
    tell(&format!("{} names {}, for RT_SiteConfig.d.", file.display(), show::people(many)));
    Ok(())
}

fn map(import: &RtImport, plan: &RtPlan) -> (String, usize) {
    let needs_one =
        |why| matches!(why, LeftOutWhy::NoNetId | LeftOutWhy::SameNetId | LeftOutWhy::Reserved);
    let left = plan.left_out.iter().filter(|left| left.token.is_none() && needs_one(left.why));
    let open: HashSet<&str> = left.map(|left| left.rt_name.as_str()).collect();
    let mut text = csv_head(["rt name", "netid", "real name", "e-mail"], ",");
    for person in &import.people {
        let known = import.map.get(&person.name);
        if known.is_none() && !open.contains(person.name.as_str()) {
            continue;
        }
        let netid = known.and_then(Option::as_ref).map(ToString::to_string).unwrap_or_default();
        let cells = [person.name.clone(), netid, person.real_name.clone(), person.email.clone()];
        text.push_str(&csv_line(cells, ","));
    }
    (text, open.len())
}

fn names(plan: &RtPlan) -> (String, usize) {
    let differs = plan.people.iter().filter(|person| person.netid.as_str() != person.rt_name);
    let lines: Vec<String> = differs
        .map(|person| {
            format!("    {} => {},\n", perl(person.netid.as_str()), perl(&person.rt_name))
        })
        .collect();
    let text = format!(
        "# Goes to /etc/request-tracker5/RT_SiteConfig.d/81-latchkey-names.pm. People whose name \
         in RT is not\n# their NetID, as `latchkey rt import` knows them.\n\n\
         use utf8;\n\nSet( %LatchkeyNames,\n{});\n\n1;\n",
        lines.concat()
    );
    (text, lines.len())
}

/// A text as Perl reads it to the letter.
fn perl(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// On standard error: standard output is the plan's.
fn tell(text: &str) {
    let _ = terminal::current().write_error(format!("{text}\n").as_bytes());
}

/// Makes a file of whoever typed the command. One that is there may have been filled in.
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::Usage(format!(
            "{} is there already: name another, or remove it first.",
            file.display()
        )),
        _ => Failure::Other(format!("{} cannot be written: {error}.", file.display())),
    };
    let mut new = terminal::current().create(file, false).map_err(failed)?;
    let mut writer = new.writer().map_err(failed)?;
    writer.write_all(text.as_bytes()).and_then(|()| writer.flush()).map_err(failed)?;
    drop(writer);
    new.keep().map_err(failed)
}

#[cfg(test)]
mod tests {
    use desk::{LeftOut, NetId, PlannedPerson, PlannedWhat, RtPerson};

    use super::*;

    fn planned(netid: &str, rt_name: &str) -> PlannedPerson {
        PlannedPerson {
            netid: NetId::parse(netid).expect("a NetID"),
            rt_name: rt_name.to_owned(),
            role: None,
            what: PlannedWhat::Already,
            brings_password: false,
            disabled: false,
            tokens: 0,
        }
    }

    fn person(name: &str, real_name: &str) -> RtPerson {
        RtPerson {
            id: 1,
            name: name.to_owned(),
            real_name: real_name.to_owned(),
            email: "x@example.org".to_owned(),
            password: None,
            disabled: false,
            privileged: true,
            created: None,
        }
    }

    #[test]
    fn names_are_perl_s_to_the_letter() {
        let people = vec![
            planned("kim", "kim"),
            planned("zoe", "Zoé.O'Hara@example.edu"),
            planned("bob", "b\\ob"),
        ];
        let (text, many) = names(&RtPlan { people, ..RtPlan::default() });
        assert_eq!(many, 2);
        let expected = "\nuse utf8;\n\nSet( %LatchkeyNames,\n    'zoe' => \
            'Zoé.O\\'Hara@example.edu',\n    'bob' => 'b\\\\ob',\n);\n\n1;\n";
        assert!(text.ends_with(expected), "{text}");
        assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    }

    #[test]
    fn a_map_has_what_is_said_and_what_is_open() {
        let left = |name: &str, token, why| LeftOut { rt_name: name.to_owned(), token, why };
        let import = RtImport {
            people: vec![
                person("ada", "Ada"),
                person("=Old@example.org", "Old, \"Robot\""),
                person("gone@example.org", ""),
                person("Uma@example.edu", "Uma"),
            ],
            map: [
                ("gone@example.org".to_owned(), None),
                ("Uma@example.edu".to_owned(), NetId::parse("uma").ok()),
            ]
            .into(),
            ..RtImport::default()
        };
        let plan = RtPlan {
            left_out: vec![
                left("=Old@example.org", None, LeftOutWhy::NoNetId),
                left("=Old@example.org", Some(7), LeftOutWhy::OwnerLeftOut),
                left("gone@example.org", None, LeftOutWhy::ByMap),
            ],
            ..RtPlan::default()
        };
        let (text, open) = map(&import, &plan);
        let expected = "\u{FEFF}rt name,netid,real name,e-mail\r\n\
            \"'=Old@example.org\",,\"Old, \"\"Robot\"\"\",x@example.org\r\n\
            gone@example.org,,,x@example.org\r\nUma@example.edu,uma,Uma,x@example.org\r\n";
        assert_eq!((text.as_str(), open), (expected, 1));
        // And back: a name is who it was, whatever a spreadsheet was kept from.
        let read = super::super::map::read("names.csv", text.as_bytes(), false).expect("read");
        let (found, unknown) = super::super::map::by_people(read, &import.people);
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found["=Old@example.org"], None);
        assert_eq!(found["Uma@example.edu"], NetId::parse("uma").ok());
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
