//! Takes comments and indentation out of the JavaScript that wasm-bindgen writes, line by line: it
//! is read by browsers alone.

/// The same program in fewer bytes. A text over several lines would lose the blanks at their
/// beginnings: where there may be one, the program stays as it is.
pub(crate) fn shorter(js: &str) -> String {
    let spans_lines = js.lines().any(|line| line.matches('`').count() % 2 == 1);
    if spans_lines {
        return js.to_owned();
    }
    let mut out = String::with_capacity(js.len());
    let mut in_comment = false;
    for line in js.lines().map(str::trim) {
        if in_comment || line.starts_with("/*") {
            // What follows a comment on its last line is kept with the comment: nothing is taken
            // out of the middle of a line.
            in_comment = !line.contains("*/");
            if !in_comment && !line.ends_with("*/") {
                return js.to_owned();
            }
        } else if !line.is_empty() && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::shorter;

    #[test]
    fn comments_and_indentation_go_and_code_stays() {
        let js = "/**\n * @returns {number}\n */\nexport function a() \
            {\n    // a word\n    return `x ${b} /* y */`; /* z */\n\n}\n/* one */\n";
        assert_eq!(shorter(js), "export function a() {\nreturn `x ${b} /* y */`; /* z */\n}\n");
    }

    #[test]
    fn what_is_not_understood_stays_as_it_is() {
        for js in ["const a = `one\n    two`;\n", "/* a */ const b = 1;\n"] {
            assert_eq!(shorter(js), js);
        }
    }
}
