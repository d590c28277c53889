//! What a spreadsheet or a program has made of what was typed, and files that are not one table
//! from their first line on.

use super::*;

/// What is said of the one cell that is wrong.
fn of_cell(heading: &str, row: &str) -> String {
    let errors = lines(&format!("{heading}\n{row}\n"));
    assert_eq!(errors.len(), 1, "{row}: {errors:?}");
    assert_eq!(errors[0].0, 2, "{row}: {errors:?}");
    errors[0].1.clone()
}

#[test]
fn what_a_spreadsheet_has_made_of_a_netid_is_nobody_s() {
    for (cell, made) in [
        ("1-Mar", "a date"),
        ("Mar-01", "a date"),
        ("Jan-1907", "a date"),
        ("1.Mai", "a date"),
        ("1-mrt", "a date"),
        ("1-mei", "a date"),
        ("1-mai", "a date"),
        ("1-okt", "a date"),
        ("01-avr", "a date"),
        ("1-ene", "a date"),
        ("avr.-01", "a date"),
        ("jan-07", "a date"),
        ("01. Mär", "a date"),
        ("1/mär", "a date"),
        ("12-Jan-26", "a date"),
        ("2026-03-01", "a date"),
        ("2026-03-01 00:00:00", "a date"),
        ("2026-03-01T00:00:00", "a date"),
        ("2026.03.01", "a date"),
        ("01.03.2026", "a date"),
        ("01-03-2026", "a date"),
        ("1.3.26", "a date"),
        ("03/01/2026", "a date"),
        ("123.0", "a number"),
        ("1.234.567", "a number"),
        ("\"1,234\"", "a number"),
        ("1.23457E+11", "a number"),
        ("1.23457E11", "a number"),
        ("1E+05", "a number"),
        ("1.5e-05", "a number"),
        ("\"1,23457E+11\"", "a number"),
        ("TRUE", "true or false"),
        ("false", "true or false"),
        ("WAHR", "true or false"),
        ("VRAI", "true or false"),
    ] {
        let errors = of_cell("netid,name", &format!("{cell},Sam"));
        let words = format!(": a spreadsheet has made {made} of it. Format the column as text");
        assert!(
            errors.starts_with("netid (column A): ") && errors.contains(&words),
            "{cell}: {errors}"
        );
        assert!(errors.contains("--any-netid"), "{cell}: {errors}");
    }
    for cell in ["nan", "NaN", "None", "none", "NULL", "null", "NA", "undefined"] {
        let errors = of_cell("netid,name", &format!("{cell},Sam"));
        assert!(
            errors.contains("a program writes that where there is nothing"),
            "{cell}: {errors}"
        );
    }
}

#[test]
fn a_netid_that_is_only_nearly_like_that_is_one() {
    for netid in [
        "mai1",
        "mar1",
        "ana-may",
        "jan",
        "Jan",
        "may",
        "k.1",
        "1-abc",
        "1-2",
        "12-345",
        "1_234",
        "1.5e3",
        "1e5",
        "e11",
        "Jan.Mar",
        "May.Day",
        "jan-2-a",
        "mar-123",
        "44256",
        "007",
        "2026-03-1a",
        "99-99-99",
        "1-2-3",
        "true1",
        "vero",
        "sand",
        "nana",
        "Nan",
        "Null",
        "na",
    ] {
        assert!(cells::netid(netid, false).is_ok(), "{netid}");
    }
    for netid in ["1-mar", "2026-03-01", "12.0", "true", "null"] {
        assert!(cells::netid(netid, false).is_err(), "{netid}");
        assert_eq!(
            cells::netid(netid, true).as_ref().map(NetId::as_str),
            Ok(netid),
            "where any may be"
        );
    }
    let long = cells::netid(&"n".repeat(80), false).expect_err("long");
    assert_eq!(long, "a NetID has at most 64 characters.");
    assert!(cells::netid(&"n".repeat(64), false).is_ok());
}

#[test]
fn what_stands_for_nothing_is_nobody_s_name() {
    for cell in ["nan", "NaN", "None", "NULL", "null", "N/A", "n/a", "NA", "NaT", "\\N"] {
        for (column, row) in [("name (column B)", "sam,{},"), ("email (column C)", "sam,Sam,{}")] {
            let errors = of_cell("netid,name,email", &row.replace("{}", cell));
            assert!(
                errors.starts_with(&format!("{column}: “"))
                    && errors.contains("where there is nothing. Empty the cell."),
                "{errors}"
            );
        }
    }
    for cell in ["44256", "1.0", "2026-03-01", "?"] {
        let errors = of_cell("netid,name", &format!("sam,{cell}"));
        assert!(errors.contains("there is no letter in it"), "{errors}");
    }
    for (heading, row) in [
        ("netid,name", "sam,Zo\u{FFFD}"),
        ("netid,email", "sam,zo\u{FFFD}@x.edu"),
        ("netid,password", "sam,brisk amber vi\u{FFFD}lin"),
    ] {
        assert!(of_cell(heading, row).contains("a letter of it was lost"), "{row}");
    }
    for name in ["Nan", "Null", "Na", "王小明", "N. A. Meier"] {
        let people = parse(format!("netid,name\nsam,{name}\n").as_bytes()).expect(name);
        assert_eq!(people.users[0].name.as_deref(), Some(name));
    }
}

#[test]
fn a_formula_or_what_a_number_became_is_no_password() {
    for (cell, why) in [
        ("=SUM(A1:A20)+B12", "a formula and no password"),
        ("=SUMME(A1:A20)+B12", "a formula and no password"),
        ("=$A$1+B12*C13-D14", "a formula and no password"),
        ("1.23456789012346E+19", "a spreadsheet has made a number of it"),
        ("################", "where a formula failed"),
    ] {
        let errors = of_cell("netid,name,password", &format!("sam,Sam,{cell}"));
        assert!(errors.starts_with("password (column C): ") && errors.contains(why), "{errors}");
        assert!(!errors.contains(cell), "{errors}");
    }
    for cell in
        ["=horse battery staple 9", "=brisk-amber(violin", "=Ab1-cdefg-hij", "1.5 amber violins"]
    {
        let people =
            parse(format!("netid,name,password\nsam,Sam,{cell}\n").as_bytes()).expect(cell);
        assert!(people.users[0].password.is_some(), "{cell}");
    }
}

#[test]
fn of_two_files_put_together_the_second_heading_is_nobody() {
    for again in ["netid,name", "NetID,Name", "name,netid", "\u{FEFF}netid,name", "netid;name"] {
        let errors = lines(&format!("netid,name\nsam,Sam\n{again}\njo,Jo\n"));
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].0 == 3 && errors[0].1.starts_with("This is a heading line again."),
            "{errors:?}"
        );
    }
}

#[test]
fn a_heading_that_is_not_the_first_line_is_pointed_at() {
    for text in [
        "Staff list 2026\n\nnetid,name\nsam,Sam\n",
        "Staff list 2026,,\n\nnetid,name,\nsam,Sam,\n",
        "Staff list 2026\n# made by hand\nnetid;name\nsam;Sam\n",
    ] {
        let errors = lines(text);
        assert_eq!(
            errors,
            [(1, "The heading line is line 3: take out what stands above it.".to_owned())],
            "{text}"
        );
    }
    // Nothing is to be taken out where a column is only misspelt.
    let errors = lines("netid,pasword\nsam,x\nnetid,password\njo,y\n");
    assert!(errors[0].1.starts_with("The heading “pasword” (column B) is not one"), "{errors:?}");
}

#[test]
fn a_line_that_is_one_cell_says_what_to_do() {
    let all = lines("\"netid,name\"\n\"sam,\"\"Sam\"\"\"\n");
    assert!(all[0].0 == 1 && all[0].1.starts_with("The whole line is one cell."), "{all:?}");
    let some = lines("netid,name\n\"sam,\"\"Sam Sample\"\"\"\n");
    assert!(some[0].0 == 2 && some[0].1.starts_with("The whole line is one cell."), "{some:?}");
}

#[test]
fn a_quotation_mark_after_a_blank_is_told() {
    for row in ["sam, \"Roux, Sam\"", "sam, \"Sam\"", "sam,\u{a0}\"Sam\""] {
        let errors = of_cell("netid,name", row);
        assert!(errors.starts_with("A quotation mark has a blank before it"), "{errors}");
    }
    let people = parse("netid,name\nsam,Sam \"No\" Sample\n".as_bytes()).expect("good");
    assert_eq!(people.users[0].name.as_deref(), Some("Sam \"No\" Sample"));
}

#[test]
fn words_of_a_role_have_any_blank_between_them() {
    for raw in ["Help\u{a0}Desk", "Help\u{202f}Desk", "Help\nDesk", "help_desk"] {
        assert_eq!(cells::role(raw), Ok(Some(desk::Role::HelpDesk)), "{raw:?}");
    }
}
