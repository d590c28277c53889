//! What others say of a person in one line, a name or an e-mail address: without what nobody sees
//! in it. Files, directories, identity systems and log-ins of the campus all pass here. Tests:
//! below.

use super::invisible::is_invisible;

/// The joiners: between letters of some scripts they are spelling (`علی‌رضا`), anywhere else nobody
/// sees them.
const JOINERS: [char; 2] = ['\u{200C}', '\u{200D}'];

/// What shows nothing, or a blank, in any font: soft hyphen, grapheme joiner, fillers.
const BLANKS: [char; 8] =
    ['\u{AD}', '\u{34F}', '\u{115F}', '\u{1160}', '\u{180E}', '\u{2800}', '\u{3164}', '\u{FFA0}'];

/// The text without blanks around it, and without characters that nobody sees or that turn the text
/// around them. Where a line ends, or a tab stands, there is a blank. Joiners stay where a script
/// spells by them: after a letter or mark of Arabic's, of India's or of a neighbour's.
#[must_use]
pub fn plain_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut breaks = false;
    for c in text.chars() {
        if is_break(c) {
            breaks = true;
            continue;
        }
        let kept = if JOINERS.contains(&c) {
            line.chars()
                .next_back()
                .is_some_and(|before| spells_by_joiners(before) || JOINERS.contains(&before))
        } else {
            !is_invisible(c) && !BLANKS.contains(&c)
        };
        if kept {
            if breaks && !c.is_whitespace() && !line.ends_with(char::is_whitespace) {
                line.push(' ');
            }
            breaks = false;
            line.push(c);
        }
    }
    line.trim().to_owned()
}

/// Tabs and whatever ends a line or a paragraph.
const fn is_break(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Arabic, Syriac and their neighbours; the scripts of India, Tibet and Burma; those of the
/// Philippines, Cambodia and Mongolia; Balinese to Vedic marks; Phags-pa to Meetei Mayek; and what
/// lies beyond the first plane, Brahmi to Adlam.
const fn spells_by_joiners(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{109F}' | '\u{1700}'..='\u{18AF}' | '\u{1900}'..='\u{1CFF}'
        | '\u{A800}'..='\u{ABFF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}'
        | '\u{10A00}'..='\u{11FFF}' | '\u{1E900}'..='\u{1E95F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_as_their_scripts_spell_them() {
        for name in [
            "Zoë Ångström",
            "O’Brien-Smith",
            "علی\u{200C}رضا حسینی",
            "محمد\u{200C}رضا",
            "ශ\u{DCA}\u{200D}රී ලංකා",
            "ക\u{D4D}\u{200D}",
            "রাম\u{9CD}\u{200C}",
            "क\u{94D}\u{200D}ष",
            "王小明",
            "葛\u{E0100}城",
            "김철수",
            "שָׁלוֹם",
        ] {
            assert_eq!(plain_line(name), name, "{name:?}");
        }
    }

    #[test]
    fn what_stood_on_two_lines_stays_apart() {
        for raw in [
            "Sam\nSmith",
            "Sam\r\nSmith",
            "Sam\tSmith",
            "Sam \t\n Smith",
            "Sam\n\u{200B}\nSmith",
            "Sam\u{B}Smith",
            "Sam\u{85}Smith",
            "Sam\u{2028}Smith",
            "Sam\u{2029}Smith",
            "\n\tSam Smith\u{2028}\r\n",
        ] {
            assert_eq!(plain_line(raw).split_whitespace().collect::<Vec<_>>(), ["Sam", "Smith"]);
            assert!(!plain_line(raw).contains(is_break), "{raw:?}");
        }
        assert_eq!(plain_line("Sam\r\nSmith"), "Sam Smith");
    }

    #[test]
    fn what_nobody_sees_is_dropped() {
        for (raw, name) in [
            ("\u{200B}Sam\u{200B} Sample\u{FEFF}", "Sam Sample"),
            ("\u{202A}Sam Sample\u{202C}", "Sam Sample"),
            ("\u{2066}Sam\u{2069}\u{200E}\u{200F}", "Sam"),
            ("a\u{202E}nimda", "animda"),
            ("Sam\u{200D}ple\u{200C}", "Sample"),
            ("\u{200C}\u{200D}Sam", "Sam"),
            ("\u{200B} Sam ", "Sam"),
            ("Sam\u{AD}ple \u{3164}", "Sample"),
            ("\u{200F}علی\u{200C}رضا\u{200F}", "علی\u{200C}رضا"),
            ("\u{200B}\u{2060}\u{FEFF}", ""),
            ("a\u{1b}[31mb\u{7}c", "a[31mbc"),
        ] {
            assert_eq!(plain_line(raw), name, "{raw:?}");
        }
    }
}
