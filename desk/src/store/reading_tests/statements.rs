//! The statements within what is asked of the store.

/// The questions within a text, those within others too.
pub(super) fn selects(sql: &str) -> Vec<String> {
    let begins = sql.match_indices("SELECT ").map(|(at, _)| at);
    begins.map(|at| sql[at..at + length(&sql[at..])].to_owned()).collect()
}

/// What is gone through, and what each of it is called there: a question is asked of the first.
pub(super) fn closures(sql: &str) -> Vec<(String, String)> {
    let calls = sql.match_indices(".map(|$").filter_map(|(at, call)| {
        let (_, all) = sql[..at].rsplit_once('$')?;
        let (each, _) = sql[at + call.len()..].split_once('|')?;
        Some((all.to_owned(), each.to_owned()))
    });
    let loops = sql.match_indices("FOR $").filter_map(|(at, begin)| {
        let (each, rest) = sql[at + begin.len()..].split_once(" IN $")?;
        let (all, _) = rest.split_once(' ')?;
        Some((all.to_owned(), each.to_owned()))
    });
    calls.chain(loops).collect()
}

/// Up to where a question goes: to the bracket that is not its own, or the end of the statement.
fn length(text: &str) -> usize {
    let mut open = 0_i32;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' | ';' if open == 0 => return at,
            ')' | ']' | '}' => open -= 1,
            _ => {}
        }
    }
    text.len()
}

/// What changes or deletes rows of a table by a condition, without what it answers.
pub(super) fn writes(sql: &str) -> Vec<String> {
    let begins = ["UPDATE ", "DELETE "].iter().flat_map(|word| sql.match_indices(word));
    let statements = begins.map(|(at, _)| {
        let statement = &sql[at..at + length(&sql[at..])];
        statement.split(" RETURN ").next().unwrap_or(statement).to_owned()
    });
    let of_a_table = |statement: &String| {
        let of = statement.split_whitespace().nth(1).unwrap_or_default();
        of.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
            && statement.contains(" WHERE ")
    };
    statements.filter(of_a_table).collect()
}

/// The names of a text's variables, without those of its closures.
pub(super) fn variables(text: &str) -> impl Iterator<Item = &str> {
    let names = text.split('$').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    });
    names.filter(move |name| !text.contains(&format!("|${name}|")))
}

#[test]
fn questions_and_writes_are_found_in_their_text() {
    let sql = "LET $a = (SELECT id FROM x WHERE b = $b); DELETE session WHERE user = $u RETURN \
        NONE; UPDATE type::record('user', $n) SET a = 1; SELECT VALUE n FROM (SELECT * FROM y)";
    assert_eq!(
        selects(sql),
        [
            "SELECT id FROM x WHERE b = $b",
            "SELECT VALUE n FROM (SELECT * FROM y)",
            "SELECT * FROM y"
        ]
    );
    assert_eq!(writes(sql), ["DELETE session WHERE user = $u"]);
    assert_eq!(variables(sql).collect::<Vec<_>>(), ["a", "b", "u", "n"]);
    let each = "RETURN $owners.map(|$owner| { n: (SELECT id FROM token WHERE owner = $owner) })";
    assert_eq!(closures(each), [("owners".to_owned(), "owner".to_owned())]);
    assert_eq!(selects(each), ["SELECT id FROM token WHERE owner = $owner"]);
    let each = "FOR $id IN $ids { UPDATE token SET a = 1 WHERE owner = $id }";
    assert_eq!(closures(each), [("ids".to_owned(), "id".to_owned())]);
    assert_eq!(writes(each), ["UPDATE token SET a = 1 WHERE owner = $id "]);
}
