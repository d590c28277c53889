//! How many guesses a password would take, by zxcvbn, at a bounded cost whatever the text. Tests:
//! here, and `desk/benches/judging.rs`, which looks for the dearest text.
//!
//! zxcvbn reads `@` for `a` and the like, in every way that there is: with eight letters in two or
//! more spellings each these are hundreds of readings, and for each of them every part of the text
//! is looked up in every list. So the work is known before it is done, and where it would be too
//! much the text is judged twice, each time at a bounded cost, and the lower counts: as much of its
//! beginning as can be afforded, since whoever guesses all of it guesses that first; and the whole
//! of it with one spelling for each letter.

use zxcvbn::Entropy;

/// At most so many characters are looked at: what the first of them are worth, the whole is worth
/// at least.
const JUDGED: usize = 50;

/// At most so many parts of a text are looked up, over all of its readings: eight readings of the
/// longest.
const MAX_PARTS: usize = 8 * parts(JUDGED);

/// What zxcvbn takes for letters: each letter, and how it may be written. (Its `L33T_TABLE`.)
const SPELLINGS: [(char, &str); 12] = [
    ('a', "4@"),
    ('b', "8"),
    ('c', "({[<"),
    ('e', "3"),
    ('g', "69"),
    ('i', "1!|"),
    ('l', "1|7"),
    ('o', "0"),
    ('s', "$5"),
    ('t', "+7"),
    ('x', "%"),
    ('z', "2"),
];

/// The guesses that the text takes; `about` is what an attacker tries first, in lower case.
pub(crate) fn guesses(text: &str, about: &[&str]) -> Entropy {
    let text: String = text.chars().take(JUDGED).collect();
    let affordable = affordable(&text);
    let beginning = zxcvbn::zxcvbn(affordable, about);
    if affordable.len() == text.len() {
        return beginning;
    }
    let plain: String = text.chars().map(plain_spelling).collect();
    let whole = zxcvbn::zxcvbn(self::affordable(&plain), about);
    if whole.guesses() < beginning.guesses() { whole } else { beginning }
}

/// The text as somebody reads it who takes all of that for letters, and `1` for `i` or, the other
/// way, for `l`.
pub(crate) fn read_as_letters(text: &str, one_is_l: bool) -> String {
    let read = |c: char| {
        let mut letters = SPELLINGS
            .iter()
            .filter(|(_, spellings)| spellings.contains(c))
            .map(|(letter, _)| *letter);
        if one_is_l && matches!(c, '1' | '|' | '7') { 'l' } else { letters.next().unwrap_or(c) }
    };
    text.chars().map(read).collect()
}

/// As much of the beginning as costs no more than [`MAX_PARTS`].
fn affordable(text: &str) -> &str {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let mut beginnings = ends.map(|end| &text[..end]).zip(1..);
    let dear =
        beginnings.find(|(beginning, length)| readings(beginning) * parts(*length) > MAX_PARTS);
    dear.map_or(text, |(beginning, _)| {
        beginning.char_indices().next_back().map_or("", |(last, _)| &beginning[..last])
    })
}

/// How many parts a text of this length has.
const fn parts(length: usize) -> usize {
    length * (length + 1) / 2
}

/// At most so many readings has the text: one spelling for each letter at a time, and for what is
/// written for two letters either.
fn readings(text: &str) -> usize {
    let of = |(letter, spellings): (char, &str)| {
        let there = spellings.chars().filter(|spelling| text.contains(*spelling)).count();
        let shared = match letter {
            'l' => text.contains(['1', '|']),
            't' => text.contains('7'),
            _ => false,
        };
        there.max(1) * if shared { 2 } else { 1 }
    };
    SPELLINGS.into_iter().map(of).product()
}

/// One spelling for all that are read as the same letter: the digit, which may be read as each
/// letter that they may.
const fn plain_spelling(c: char) -> char {
    match c {
        '@' => '4',
        '{' | '[' | '<' => '(',
        '9' => '6',
        '!' | '|' => '1',
        '$' => '5',
        '+' => '7',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const ABOUT: [&str; 3] = ["sam", "sample", "sam@example.edu"];

    /// Every spelling that there is, once.
    const ALL_SPELLINGS: &str = "4@8({[<3691!|70$5+%2";

    /// Weak passwords, in every way of writing them that people think of.
    fn weak() -> Vec<String> {
        let words = [
            "password",
            "dragon",
            "iloveyou",
            "trustno1",
            "football",
            "basketball",
            "sample",
            "letmein",
            "superman",
        ];
        let write = |word: &str, nth: usize| -> String {
            let spelt = |(at, c): (usize, char)| {
                let spellings = SPELLINGS
                    .iter()
                    .find(|(letter, _)| *letter == c)
                    .map_or("", |(_, spellings)| spellings);
                // Each letter in its own way, and some left as they are.
                let choices: Vec<char> = std::iter::once(c).chain(spellings.chars()).collect();
                choices[(at * nth + nth) % choices.len()]
            };
            word.chars().enumerate().map(spelt).collect()
        };
        let mut weak = Vec::new();
        for word in words {
            for (nth, tail) in ["", "1", "!", "123", "2019", "12/12/1990", "qwerty", "$$$", "@home"]
                .into_iter()
                .enumerate()
            {
                let spelt = write(word, nth + 1);
                weak.push(format!("{spelt}{tail}"));
                weak.push(format!("{}{spelt}{tail}", write(word, nth)));
                weak.push(format!("{}-{tail}", spelt.to_uppercase()));
            }
        }
        weak
    }

    #[test]
    fn what_zxcvbn_alone_calls_weak_is_weak() {
        let (mut weakened, all) = (0, weak());
        for password in &all {
            let (alone, ours) =
                (zxcvbn::zxcvbn(password, &ABOUT).score(), guesses(password, &ABOUT).score());
            weakened += usize::from(u8::from(alone) < 3);
            assert!(ours <= alone, "{password}: {ours} and alone {alone}");
        }
        assert!(weakened * 2 > all.len(), "most of them are weak: {weakened} of {}", all.len());
    }

    #[test]
    fn what_people_choose_is_judged_whole() {
        for password in [
            "P@$$w0rd!P4ssw0rd1",
            "1l0v3y0u!l0v3you|1990",
            "seven quiet lanterns drift [2026] <4 us!>",
            "!QAZ@WSX#EDC$RFV%TGB",
        ] {
            assert_eq!(affordable(password), password);
        }
    }

    #[test]
    fn no_text_costs_more_than_is_affordable() {
        let all_at_once = format!("{ALL_SPELLINGS}{}", "a".repeat(80));
        for text in [
            all_at_once.as_str(),
            &ALL_SPELLINGS.repeat(5),
            &"x".repeat(256),
            "1|7+t!il".repeat(9).as_str(),
            "\u{130}@4",
        ] {
            let text: String = text.chars().take(JUDGED).collect();
            let plain: String = text.chars().map(plain_spelling).collect();
            for text in [&text, &plain] {
                let judged = affordable(text);
                assert!(
                    text.starts_with(judged)
                        && readings(judged) * parts(judged.chars().count()) <= MAX_PARTS,
                    "{text}"
                );
                // Not less than could be.
                let more: String = text.chars().take(judged.chars().count() + 1).collect();
                assert!(
                    more == judged || readings(&more) * parts(more.chars().count()) > MAX_PARTS,
                    "{text}"
                );
            }
        }
    }

    /// The least of several, which nothing else on the machine has made longer.
    fn took(text: &str) -> Duration {
        let once = |_| {
            let began = Instant::now();
            std::hint::black_box(guesses(text, &ABOUT));
            began.elapsed()
        };
        (0..5).map(once).min().unwrap_or_default()
    }

    #[test]
    fn the_dearest_text_takes_no_more_than_some_times_what_an_ordinary_one_takes() {
        let ordinary = took("the seven quiet lanterns drift over the harbour at");
        for text in [
            format!("{ALL_SPELLINGS}{}", "a".repeat(80)),
            format!("{ALL_SPELLINGS}abcdefghijklmnopqrstuvwxyzabcd").repeat(2),
            ALL_SPELLINGS.repeat(5),
        ] {
            // Alone, zxcvbn takes hundreds of times as long.
            assert!(
                took(&text) < ordinary * 60,
                "{text}: {:?}, an ordinary one {ordinary:?}",
                took(&text)
            );
        }
    }
}
