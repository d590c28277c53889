//! Which local passwords will do. They are judged in their one spelling ([`super::normal`]). Tests:
//! here, and `desk/tests/desk/passwords.rs`.

use std::sync::LazyLock;

use crate::engine::passwords::guesses::{guesses, read_as_letters};
use crate::engine::passwords::normal::{has_blank_at_an_end, is_too_long, normalised};
use crate::engine::secret::{Secret, fill_random};
use crate::{Refusal, Strength};

/// The fewest characters of a local password (ASVS 5.0 6.2.1 asks for 8 at least, better 15).
pub const PASSWORD_MIN: usize = 12;

/// So many characters are searched for what says who one is.
const SEARCHED: usize = 100;

/// zxcvbn's score from which a password will do: 3 is 10^8 to 10^10 guesses.
const GOOD: u8 = 3;

/// 2048 distinct short words, no two with the same first four letters: the English list of BIP 39
/// (MIT licence).
static WORDS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("passphrase_words.txt").lines().collect());

/// Judges a new local password. `about` is what an attacker would try first: NetID, name, e-mail.
///
/// Slow (up to some milliseconds, whatever the text): run it on the pool for that
/// ([`super::judging`]).
pub(crate) fn judge(new: &Secret, about: &[&str]) -> Strength {
    if is_too_long(new) {
        return Strength { score: 0, refused: Some(Refusal::PasswordTooLong) };
    }
    let new = normalised(new);
    let text = new.expose();
    let length = text.chars().count();
    // zxcvbn compares in lower case, and takes these as they are.
    let about: Vec<String> = about.iter().map(|text| text.to_lowercase()).collect();
    let words = about
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .chain(about.iter().map(String::as_str));
    let about: Vec<&str> = words.filter(|word| word.len() > 2).collect();
    let entropy = guesses(text, &about);
    let score = u8::from(entropy.score());
    let refused = if length < PASSWORD_MIN {
        Some(Refusal::PasswordTooShort)
    } else if has_blank_at_an_end(&new) {
        Some(Refusal::PasswordSpace)
    } else if says_who(&text.chars().take(SEARCHED).collect::<String>(), &about) {
        Some(Refusal::PasswordTooEasy {
            why: "it is little more than the NetID, name or e-mail address".to_owned(),
        })
    } else if score < GOOD {
        Some(Refusal::PasswordTooEasy { why: why(&entropy) })
    } else {
        None
    };
    Strength { score, refused }
}

/// Whether fewer than 8 letters and digits are left without the words that an attacker would try
/// first, written so or with `@` for `a` and the like. zxcvbn alone lets three such words in a row
/// pass.
fn says_who(password: &str, about: &[&str]) -> bool {
    let mut about = about.to_vec();
    about.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let password = password.to_lowercase();
    let readings = [read_as_letters(&password, false), read_as_letters(&password, true), password];
    readings.into_iter().any(|reading| {
        let left = about.iter().fold(reading.clone(), |left, word| left.replace(word, " "));
        left.len() < reading.len() && left.chars().filter(|c| c.is_alphanumeric()).count() < 8
    })
}

/// zxcvbn's warning as the end of a sentence.
fn why(entropy: &zxcvbn::Entropy) -> String {
    let warning = entropy
        .feedback()
        .and_then(zxcvbn::feedback::Feedback::warning)
        .map(|warning| warning.to_string());
    let warning =
        warning.unwrap_or_else(|| "add another word or two that nobody would expect".to_owned());
    let mut letters = warning.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Five random words parted by hyphens: 55 bits, readable over the phone, for an initial local
/// password.
#[must_use]
pub fn generate_passphrase() -> String {
    let mut words = Vec::with_capacity(5);
    for _ in 0..5 {
        let mut bytes = [0_u8; 2];
        fill_random(&mut bytes);
        // 2048 divides 65536: every word is as likely as any other.
        words.push(WORDS[usize::from(u16::from_le_bytes(bytes)) % WORDS.len()]);
    }
    words.join("-")
}

/// Whether [`generate_passphrase`] may have made it.
pub(crate) fn may_be_generated(password: &Secret) -> bool {
    let words: Vec<&str> = password.expose().split('-').collect();
    words.len() == 5 && words.iter().all(|word| WORDS.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> Option<Refusal> {
        judge(&Secret::new(password.to_owned()), &["sam", "Sam Sample", "sam@example.edu"]).refused
    }

    #[test]
    fn length_is_counted_in_characters() {
        // Eleven, however they are typed.
        assert_eq!(refused("e\u{301}lf chars u\u{308}"), Some(Refusal::PasswordTooShort));
        assert_eq!(refused("elf chars ü"), Some(Refusal::PasswordTooShort));
        assert_eq!(refused(&"Жук-ёж!".repeat(37)), Some(Refusal::PasswordTooLong));
    }

    #[test]
    fn a_blank_at_an_end_is_refused_and_one_within_is_not() {
        for password in [
            " wandering otter parade",
            "wandering otter parade ",
            "wandering otter parade\u{a0}",
            "\twandering otter parade",
        ] {
            assert_eq!(refused(password), Some(Refusal::PasswordSpace), "{password:?}");
        }
        assert_eq!(refused("wandering  otter\u{3000}parade"), None);
    }

    #[test]
    fn what_everybody_uses_is_refused() {
        for password in [
            "passwordpassword",
            "123456789012345",
            "qwertyuiopasdf",
            "aaaaaaaaaaaaaaaa",
            "iloveyou1234",
            "abcabcabcabcabc",
        ] {
            assert!(
                matches!(refused(password), Some(Refusal::PasswordTooEasy { .. })),
                "{password}: {:?}",
                refused(password)
            );
        }
    }

    #[test]
    fn what_everybody_writes_otherwise_is_refused() {
        for password in [
            "P@ssw0rd1234",
            "P@$$w0rd2019",
            "P@ssw0rdP@ssw0rd",
            "P@$$w0rd12345",
            "p@$$w0rdqwerty",
            "dr4g0ndr4g0n",
            "b4s3b4ll2001",
            "f00tb4llf00tb4ll",
            "1l0v3y0u!l0v3you",
            "1l0v3y0u1l0v3y0u",
            "1l0v3y0u1234",
            "tru5tn0112345",
            "s@mple$am999",
            "sam_sample_s4m",
            "samsamples@mple",
            "$4m_s4mpl3_2026",
            "5@m-5amp|e-$am",
        ] {
            assert!(
                matches!(refused(password), Some(Refusal::PasswordTooEasy { .. })),
                "{password}: {:?}",
                refused(password)
            );
        }
    }

    #[test]
    fn what_says_who_one_is_is_refused() {
        for password in ["samsample2026", "sam@example.edu", "sam.sample.sam"] {
            assert!(
                matches!(refused(password), Some(Refusal::PasswordTooEasy { .. })),
                "{password}: {:?}",
                refused(password)
            );
        }
    }

    #[test]
    fn the_reason_ends_a_sentence() {
        let Some(Refusal::PasswordTooEasy { why }) = refused("passwordpassword") else {
            panic!("refused")
        };
        assert!(why.chars().next().is_some_and(char::is_lowercase) && !why.ends_with('.'), "{why}");
    }

    #[test]
    fn any_unicode_and_any_composition_will_do() {
        for password in
            ["wandering otter parade", "пожалуйста-двенадцать-лосей", "ΑΒΓ δέκα τρία χρόνια"]
        {
            assert_eq!(refused(password), None, "{password}");
        }
    }

    #[test]
    fn a_generated_passphrase_is_always_good_enough() {
        assert_eq!(WORDS.len(), 2048);
        for _ in 0..100 {
            let phrase = generate_passphrase();
            assert_eq!(phrase.split('-').count(), 5);
            assert_eq!(refused(&phrase), None, "{phrase}");
            assert!(may_be_generated(&Secret::new(phrase)));
        }
        for typed in ["abandon-ability-able-about", "abandon-ability-able-about-x", ""] {
            assert!(!may_be_generated(&Secret::new(typed.to_owned())), "{typed}");
        }
    }
}
