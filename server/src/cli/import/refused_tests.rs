//! What no cell may be: a spreadsheet's errors and formulas, words that are only nearly right; and
//! how messages quote it.

use super::*;

#[test]
fn a_spreadsheet_s_error_is_nobody_s_name() {
    for error in [
        "#NAME?",
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#BEZUG!",
        "#¿NOMBRE?",
        "#ERROR!",
        "Err:502",
        "Fehler:502",
        "####",
    ] {
        for (column, row) in [
            ("netid (column A)", [error, "Sam", "s@x.edu", ""]),
            ("name (column B)", ["sam", error, "", ""]),
        ] {
            let rendered = lines(&format!("netid,name,email,role\njo,Jo,,\n{}\n", row.join(",")));
            let expected =
                format!("{column}: “{error}”: a spreadsheet writes that where a formula failed.");
            assert!(
                rendered[0].0 == 3 && rendered[0].1.starts_with(&expected),
                "{error}: {rendered:?}"
            );
        }
        for row in ["sam,Sam,{},", "sam,Sam,,{}"] {
            let rendered = lines(&format!("netid,name,email,role\n{}\n", row.replace("{}", error)));
            assert!(
                rendered[0].1.contains("where a formula failed")
                    && rendered[0].1.contains(&format!("“{error}”")),
                "{rendered:?}"
            );
        }
    }
    for (column, cell) in [
        ("name", "=SUM(A1)"),
        ("name", "+A1"),
        ("name", "-A1+3"),
        ("name", "@SUM(A1)"),
        ("email", "=A1&\"@x\""),
    ] {
        let rendered = lines(&format!("netid,{column}\nsam,\"{}\"\n", cell.replace('"', "\"\"")));
        assert!(
            rendered[0].0 == 2
                && rendered[0].1.contains("ormula")
                && rendered[0].1.contains(&format!("“{cell}”")),
            "{rendered:?}"
        );
    }
    let rendered = lines("netid,name,password\nsam,Sam,#NAME?\n");
    assert!(
        rendered[0].1.starts_with("password (column C): a spreadsheet writes that"),
        "{rendered:?}"
    );
    // Some begin so, and are what somebody chose.
    let people = parse(
        "netid,name,password\nsam,Sam,=brisk amber violin\njo,Jo,#brisk amber violin!\n".as_bytes(),
    )
    .expect("good");
    assert!(people.users.iter().all(|user| user.password.is_some()));
}

#[test]
fn an_address_is_one_and_nothing_else() {
    for address in ["y@x.edu;z@x.edu", "mailto:y@x.edu", "a@b@c", "d@", "@x.edu", "a..b@x.edu"] {
        let rendered = lines(&format!("netid,email\nsam,{address}\n"));
        assert!(
            rendered[0].1.contains("not one e-mail address, and nothing else."),
            "{rendered:?}"
        );
    }
}

#[test]
fn yes_and_no_are_what_spreadsheets_write_in_their_languages() {
    for yes in [
        "DOĞRU",
        "doğru",
        "EVET",
        "IGAZ",
        "Pravda",
        "ΝΑΙ",
        "ναι",
        "ΑΛΗΘΗΣ",
        "αληθής",
        "1.0",
        "1,0",
        "1",
        "SANN",
        "ПРАВДА",
        "ИСТИНА",
        "si",
        "SI\u{301}",
        "evet",
    ] {
        let known = yes != "ПРАВДА";
        assert_eq!(cells::yes_or_no(yes).ok().flatten(), known.then_some(true), "{yes}");
    }
    for no in [
        "YANLIŞ",
        "yanlış",
        "HAYIR",
        "HAMIS",
        "HAMİS",
        "NEPRAVDA",
        "ΟΧΙ",
        "Όχι",
        "ΨΕΥΔΗΣ",
        "0.0",
        "0,00",
        "-0",
        "FALS",
        "FAŁSZ",
        "NA\u{303}O",
    ] {
        assert_eq!(cells::yes_or_no(no), Ok(Some(false)), "{no}");
    }
    for neither in ["2", "0.5", "1.01", "inf", "nan", "ne", "maybe", "1 0"] {
        assert!(cells::yes_or_no(neither).is_err(), "{neither}");
    }
}

#[test]
fn messages_quote_the_cell_and_never_a_password() {
    let long = "x".repeat(60);
    let text = format!("netid,name,email,role,privileged\nbad id,a\u{1b}b,x,boss,{long}\n");
    let rendered = lines(&text);
    let quoted = ["“bad id”", "“a\\u{1b}b”", "“x”", "“boss”", &format!("“{}…”", "x".repeat(40))];
    assert_eq!(rendered.len(), quoted.len(), "{rendered:?}");
    for ((_, what), quoted) in rendered.iter().zip(quoted) {
        assert!(what.contains(&format!("): {quoted}: ")) && !what.contains('\u{1b}'), "{what}");
    }
    // A cell is missing, or one too many: the password stands in the wrong place.
    for text in [
        "netid,name,disabled,password\nsam,Sam,hunter2hunter2\n",
        "netid,name,disabled,password\nsam,Sam,no,hunter2,hunter2\n",
        "netid,name,role,password\nsam,Sam,hunter2hunter2,\n",
        "netid,name,password\nsam,Sam,hunter2\u{7}\n",
        "netid,local password\nsam,hunter2hunter2\n",
    ] {
        let rendered = lines(text);
        assert!(
            !rendered.is_empty() && rendered.iter().all(|(_, what)| !what.contains("hunter2")),
            "{rendered:?}"
        );
    }
    let stray = lines("netid,name\nsam,Sam,stray\n");
    assert!(stray[0].1.contains("there is “stray” in it"), "{stray:?}");
}

#[test]
fn a_word_is_taken_as_it_is_written_and_not_letter_by_letter() {
    for raw in [
        "a d m i n",
        "a.d.m.i.n",
        "admin!",
        "ad-min",
        "(admin)",
        "help__desk",
        "help  desk",
        "st\u{200b}aff",
        "Help Des\u{212a}",
    ] {
        assert!(cells::role(raw).is_err(), "{raw}");
    }
    for raw in ["y e s", "yes!", "n.o", "(no)", "ye\u{200b}s"] {
        assert!(cells::yes_or_no(raw).is_err(), "{raw}");
    }
    for heading in ["n e t i d", "r.o.l.e", "name*", "pass word", "\u{200b}name", "roles"] {
        assert_eq!(columns::known(heading), None, "{heading}");
    }
    for (heading, column) in [
        (" NetID ", "netid"),
        ("Net-ID", "netid"),
        ("Full name", "name"),
        ("NetID_password", "password"),
    ] {
        assert_eq!(columns::known(heading), Some(column), "{heading}");
    }
}

#[test]
fn what_nobody_sees_in_a_name_is_dropped_and_what_a_script_spells_by_stays() {
    let text = "netid,name,email\nsam,\u{202a}Sam\u{200b} \
        Sample\u{202c},\u{feff}sam@example.edu\u{200e}\nali,علی\u{200c}رضا,\n";
    let users = parse(text.as_bytes()).expect("good").users;
    assert_eq!(
        (users[0].name.as_deref(), users[0].email.as_deref()),
        (Some("Sam Sample"), Some("sam@example.edu"))
    );
    assert_eq!(users[1].name.as_deref(), Some("علی\u{200c}رضا"));
    let nothing = parse("netid,name\nsam,\u{200b}\u{feff}\n".as_bytes()).expect("good").users;
    assert_eq!(nothing[0].name, None, "it says nothing");
    let netid = lines("netid,name\nsa\u{200b}m,Sam\n");
    assert!(netid[0].1.contains("“sa\\u{200b}m”: That is not a NetID."), "{netid:?}");
}

#[test]
fn the_heading_says_what_stands_between_cells_where_a_sep_line_is_of_another_file() {
    for (separator, between) in [(",", ";"), (";", ","), ("\t", ","), ("x", "\t"), ("", ";")] {
        let text = format!("sep={separator}\r\nnetid,name\r\nsam,Sam\r\n").replace(',', between);
        let text = text.replacen(&format!("sep={between}"), &format!("sep={separator}"), 1);
        let users =
            parse(text.as_bytes()).unwrap_or_else(|errors| panic!("{text:?}: {errors:?}")).users;
        assert_eq!(
            (users[0].netid.as_str(), users[0].name.as_deref()),
            ("sam", Some("Sam")),
            "{text:?}"
        );
    }
}

#[test]
fn of_many_errors_the_first_are_told_and_how_to_read_all() {
    let errors: Vec<LineError> =
        (0..200).rev().map(|at| LineError::new(at + 2, "wrong.")).collect();
    let words = rendered("people.csv", &errors, SHOWN);
    assert_eq!(words.lines().count(), 20 + 3, "{words}");
    assert!(
        words.contains("people.csv:2: wrong.")
            && words.contains("people.csv:21: wrong.")
            && !words.contains(":22:"),
        "{words}"
    );
    assert!(
        words.contains("… and 180 more.")
            && words.contains("the same command and --all-errors 2> errors.txt"),
        "{words}"
    );
    let all = rendered("people.csv", &errors, usize::MAX);
    assert!(all.lines().count() == 202 && !all.contains("more"), "{all}");
}

#[test]
fn every_heading_that_is_not_read_is_told_at_once_with_the_nearest_that_is() {
    let rendered = lines("Staff ID,netid,pasword,name,Name,nmae,xyzzy\n1,sam,x,Sam,Sam,Sam,?\n");
    let all = "netid, name, email, role, privileged, disabled, password";
    let separator = [
        "The column “name” is there twice (the second is E): take one out.".to_owned(),
        format!(
            "The heading “Staff ID” (column A) is not one that is read. Take the column out, or \
             call it one of {all}."
        ),
        "The heading “pasword” (column C) is not one that is read. Did you mean “password”? Call \
         it so, or take the column out."
            .to_owned(),
        "The heading “nmae” (column F) is not one that is read. Did you mean “name”? Call it so, \
         or take the column out."
            .to_owned(),
        format!(
            "The heading “xyzzy” (column G) is not one that is read. Take the column out, or call \
             it one of {all}."
        ),
    ];
    assert_eq!(rendered, separator.map(|what| (1, what)));
    // After a `sep=` line as well.
    let rendered = lines("sep=;\r\nnetid;Mial\r\nsam;x\r\n");
    assert!(rendered[0].0 == 2 && rendered[0].1.contains("“Mial” (column B)"), "{rendered:?}");
}

#[test]
fn what_may_be_a_person_in_the_place_of_a_heading_is_not_quoted() {
    for text in ["sam,Sam Sample,hunter2hunter2\njo,Jo,x\n", "email,hunter2hunter2\nx@y.edu,x\n"] {
        let rendered = lines(text);
        assert!(
            rendered.iter().all(|(line, what)| *line == 1 && !what.contains("hunter2")),
            "{rendered:?}"
        );
    }
    let rendered = lines("sam,Sam\njo,Jo\n");
    assert!(
        rendered.len() == 1 && rendered[0].1.starts_with("This is no heading line"),
        "{rendered:?}"
    );
}

#[test]
fn an_empty_netid_is_called_so_whatever_it_is_empty_of() {
    for empty in ["", " ", "\t", "\u{a0}", "\u{202f} \u{2003}", "\u{200b}", "\u{feff}\u{a0}"] {
        let rendered = lines(&format!("name,netid\nSam,sam\nJo,\"{empty}\"\n"));
        let [(3, what)] = rendered.as_slice() else { panic!("{empty:?}: {rendered:?}") };
        assert!(what.starts_with("netid (column B): "), "{what}");
        assert!(what.ends_with("the NetID is empty. Write it, or take the line out."), "{what}");
    }
    let short = lines("name,netid\nJo\n");
    assert!(short[0].1.ends_with("the NetID is empty. Write it, or take the line out."));
    // Where only blanks stand in a name, there is none, and the desk is asked whether one must be.
    for empty in [" ", "\u{a0}", "\u{200b}\u{a0}"] {
        let people = parse(format!("netid,name\nzoe,\"{empty}\"\n").as_bytes()).expect("good");
        let zoe = people.users[0].netid.clone();
        let nameless = ImportError::OfPeople { nameless: vec![zoe], refused: Vec::new() };
        let rendered = people.refused(&nameless);
        let separator = "name (column B): the name is empty, and “zoe” is new: write it.";
        assert_eq!(rendered, [LineError::new(2, separator)]);
    }
}

#[test]
fn a_heading_as_others_write_it_is_quoted_with_the_one_that_was_meant() {
    for (heading, meant) in [
        ("Username", "netid"),
        ("User ID", "netid"),
        ("uid", "netid"),
        ("Login", "netid"),
        ("Display Name", "name"),
        ("Work Email", "email"),
        ("E-post", "email"),
    ] {
        // With another that is read, and by itself: it may be no heading line then.
        for text in [format!("{heading},role\nsam,staff\n"), format!("{heading}\nsam\n")] {
            let rendered = lines(&text);
            let expected = format!(
                "The heading “{heading}” (column A) is not one that is read. Did you mean \
                 “{meant}”? Call it so, or take the column out."
            );
            assert_eq!(rendered[0], (1, expected), "{text}");
        }
        assert_eq!(columns::known(heading), None, "nothing is read by it: {heading}");
    }
}

#[test]
fn what_user_list_prints_for_people_is_called_so_and_its_file_is_read() {
    let table = crate::cli::show::table(
        ["NetID", "name", "e-mail", "role", "privileged", "disabled", "local password", "tokens"],
        [["sam", "Sample, Sam", "", "staff", "yes", "no", "initial", "3"].map(str::to_owned)],
    );
    let rendered = lines(&table);
    assert!(
        rendered.len() == 1 && rendered[0].1.contains("`latchkey user list --format csv`"),
        "{rendered:?}"
    );
    let listed = "netid,local password\nsam,\"initial, closed\"\njo,\"set, closed\"\n";
    assert_eq!(parse(listed.as_bytes()).expect("good").users.len(), 2);
}

#[test]
fn what_stands_between_cells_in_another_way_than_in_the_heading_is_told() {
    for (text, between) in [
        ("netid,name\nsam;Sam\n", "is a “;”, and in the heading a “,”"),
        ("netid,name,email\nsam;Sample, Sam;s@x.edu\n", "is a “;”, and in the heading a “,”"),
        ("name;netid\nSam,sam\n", "is a “,”, and in the heading a “;”"),
        ("netid,name\nsam\tSam\n", "is a tab, and in the heading a “,”"),
    ] {
        let rendered = lines(text);
        assert!(
            rendered.len() == 1 && rendered[0].0 == 2 && rendered[0].1.contains(between),
            "{text}: {rendered:?}"
        );
    }
    let wrong = lines("netid,name\nsa;m,Sam\n");
    assert!(wrong[0].1.contains("“sa;m”: That is not a NetID."), "{wrong:?}");
}

#[test]
fn what_is_of_the_file_as_a_whole_has_no_line() {
    let words = rendered("people.csv", &[LineError::new(0, "It cannot be read.")], SHOWN);
    assert!(words.contains("people.csv: It cannot be read.\n"), "{words}");
}
