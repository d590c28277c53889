//! Which of the readers reads a script: by what its name ends with or, where that says nothing, by
//! the program that its first line names.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::tokens::Token;
use crate::{python, scripts, shell};

/// A script's tokens. Of what is none, or is in another language, there are none.
pub(crate) fn tokens_of_script(path: &Path) -> Option<Vec<Token>> {
    let read = match path.extension().and_then(|end| end.to_str()) {
        Some("rs") => return None,
        Some("ts" | "mts" | "cts" | "tsx" | "js" | "mjs" | "cjs" | "jsx") => scripts::tokens,
        Some("py") => python::tokens,
        Some("sh") => shell::tokens,
        _ => by_first_line(path)?,
    };
    Some(read(&fs::read_to_string(path).ok()?))
}

fn by_first_line(path: &Path) -> Option<fn(&str) -> Vec<Token>> {
    let mut begin = [0; 64];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin)).ok()?;
    let begin = String::from_utf8_lossy(&begin[..read]);
    let line = begin.strip_prefix("#!")?.lines().next()?;
    line.split(['/', ' ']).find_map(|program| match program {
        "sh" | "bash" | "dash" => Some(shell::tokens as fn(&str) -> Vec<Token>),
        "python3" | "python" => Some(python::tokens),
        "node" => Some(scripts::tokens),
        _ => None,
    })
}
