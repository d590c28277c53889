//! How long judging a password takes at most, whatever the text: of so many made texts (`TEXTS`,
//! 20000 where it is not said) the slowest are printed, each as the fastest of several, which
//! nothing else on the machine has made longer.

#[path = "../src/engine/passwords/guesses.rs"]
#[cfg_attr(test, expect(dead_code, reason = "its tests do not run here"))]
mod guesses;

use std::time::{Duration, Instant};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use proptest::{collection, prop_oneof, sample, string};

/// What may be written for a letter.
const SPELLINGS: &str = "4@8({[<3691!|70$5+%2";

/// What zxcvbn knows, or takes for something: words and how they are misspelt, dates, walks over
/// the keyboard, sequences, repeats, letters that become two in lower case.
const PIECES: &[&str] = &[
    "password",
    "dragon",
    "love",
    "qwerty",
    "a",
    "in",
    "the",
    "1990",
    "12/12/1990",
    "19.03.2001",
    "311299",
    "asdfgh",
    "1qaz2wsx",
    "!QAZ@WSX",
    "abcdef",
    "zyxw",
    "123456",
    "P@$$w0rd",
    "13371337",
    "1l1l",
    "0o0o",
    "$5$5",
    "iloveyou",
    "ss",
    "aaaa",
    "th3",
    "h4x0r",
    "l33t",
    "\u{e9}",
    "\u{416}",
    "\u{130}",
    "\u{1e9e}",
    "\u{65e5}\u{672c}",
    "\u{301}",
    "\u{1f9a4}",
    " ",
    "-",
];

const ABOUT: [&str; 4] = ["sam", "sample", "sam@example.edu", "sam sample"];

/// How often each slow one is measured again.
const AGAIN: usize = 4;

fn once(text: &str) -> Duration {
    let began = Instant::now();
    std::hint::black_box(guesses::guesses(text, &ABOUT));
    began.elapsed()
}

fn main() {
    let texts: usize =
        std::env::var("TEXTS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let spellings: Vec<char> = SPELLINGS.chars().collect();
    let pieces = || sample::select(PIECES);
    let any = prop_oneof![
        collection::vec(sample::select(spellings.clone()), 1..110).prop_map(String::from_iter),
        collection::vec(pieces(), 1..40).prop_map(|pieces| pieces.concat()),
        collection::vec(
            prop_oneof![sample::select(spellings), proptest::char::range('a', 'z')],
            1..110
        )
        .prop_map(String::from_iter),
        // One part again and again.
        (collection::vec(pieces(), 1..8), 2..9_usize)
            .prop_map(|(pieces, times)| pieces.concat().repeat(times)),
        (string::string_regex("[a-e4@$5]{1,40}").expect("an expression"), 2..9_usize)
            .prop_map(|(part, times)| part.repeat(times)),
        string::string_regex(".{1,110}").expect("an expression"),
    ];
    let mut runner = TestRunner::default();
    // Its lists are made when it is first asked.
    once("warm");
    let (mut slowest, mut all): (Vec<(Duration, String)>, Duration) = (Vec::new(), Duration::ZERO);
    for _ in 0..texts {
        let text = any.new_tree(&mut runner).expect("a text").current();
        let took = once(&text);
        all += took;
        if slowest.len() < 10 || took > slowest[9].0 {
            let least = (0..AGAIN).map(|_| once(&text)).fold(took, Duration::min);
            slowest.push((least, text));
            slowest.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
            slowest.truncate(10);
        }
    }
    println!(
        "judging {texts} texts: {:?} in the mean, the slowest",
        all / u32::try_from(texts).unwrap_or(u32::MAX)
    );
    for (took, text) in slowest {
        println!("{took:?} {text:?}");
    }
}
