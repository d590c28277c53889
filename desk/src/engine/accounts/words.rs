//! By which words a person is found, and which words a query asks for. Both are spelt in one way:
//! small letters of ASCII, whatever accents, apostrophes, hyphens, forms and scripts they were
//! written in, so that `muller` finds Müller, `obrien` O’Brien and `Natalia` Наталья. In languages
//! that have them, ö is also oe and ø oe. What people leave out counts for nothing: the dots of ё,
//! the vowel points of Arabic and Hebrew, the space in `Mac Donald` and عبد الله.
//! A title, or what stands in brackets beside a name, hides nobody.
//!
//! It only finds people, and tells nobody who they are: what opens something is compared by
//! [`crate::engine::identity::names::same_name`]. Whoever changes what [`terms`] makes counts
//! [`SPELLING`] up, by which they are made anew ([`crate::engine::background::terms`]). Tests:
//! `words/tests.rs`, and `desk/tests/desk/people.rs`.

use unicode_normalization::UnicodeNormalization;

use crate::NetId;
use crate::store::rows::User;

/// The number of this way of spelling: a store whose words another one has made has them made anew.
pub(crate) const SPELLING: i64 = 3;

/// The most characters of a term.
const MAX_TERM: usize = 64;

/// The most words of a query that are looked at.
const MAX_WORDS: usize = 8;

/// How many words of a name are also one word: `de la Cruz`.
const MAX_JOINED: usize = 3;

/// What a person is found by, apart from their NetID: the words of the name, those that others
/// write as one, the whole of it from either end, the e-mail address and its parts.
pub(crate) fn terms(name: &str, email: &str) -> Vec<String> {
    let (address, words) = (folded(email), parts(&folded(name)));
    let mut terms: Vec<String> = parts(&address);
    terms.push(address);
    for spelt in spellings(name) {
        terms.extend(spelt.split_whitespace().map(joined));
        let words = parts(&spelt);
        terms.extend((2..=MAX_JOINED).flat_map(|many| words.windows(many).map(whole_of)));
        terms.extend(words);
    }
    terms.extend(given_names(name).iter().map(|given| joined(&folded(given))));
    terms.extend(phrases(&words));
    terms.retain(|term| !term.is_empty());
    for term in &mut terms {
        *term = cut(term);
    }
    terms.sort();
    terms.dedup();
    terms
}

/// The term by which somebody of exactly this address is found.
pub(crate) fn address_term(email: &str) -> String {
    cut(folded(email).trim())
}

/// The term by which somebody of exactly this name is found; empty: there is none.
pub(crate) fn name_term(name: &str) -> String {
    cut(&parts(&folded(name)).join(" "))
}

/// How somebody is meant: these first, then those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meant {
    /// The whole of the name begins with the query, from either end.
    ByWholeName,
    /// Each word of the query is one of theirs.
    ByWords,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    words: Vec<QueryWord>,
}

/// A word as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct QueryWord {
    /// As a NetID may begin.
    typed: String,
    /// Each of these is one: of one of them every part begins one of somebody's terms.
    spellings: Vec<Vec<String>>,
    /// As terms were spelt by earlier versions: nobody is lost while they are made anew.
    of_before: Vec<String>,
    /// A title, or in brackets: whom the other words mean is meant without it too.
    is_beside: bool,
}

impl Query {
    /// Reads a query; none: there is nothing in it by which anybody is found.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words: Vec<QueryWord> = Vec::new();
        let mut before: Vec<&str> = Vec::new();
        let mut is_in_brackets = false;
        for text in text.split_whitespace() {
            is_in_brackets |= text.starts_with('(');
            let is_beside = (is_in_brackets || is_title(text)) && !text.contains('@');
            is_in_brackets &= !text.contains(')');
            let Some(mut word) = QueryWord::parse(text) else { continue };
            word.is_beside = is_beside;
            word.may_end(&before, text);
            words.push(word);
            before.push(text);
            if words.len() == MAX_WORDS {
                break;
            }
        }
        if words.iter().all(|word| word.is_beside) {
            for word in &mut words {
                word.is_beside = false;
            }
        }
        (!words.is_empty()).then_some(Self { words })
    }

    /// The words that say who is meant.
    fn searched(&self) -> impl Iterator<Item = &QueryWord> {
        self.words.iter().filter(|word| !word.is_beside)
    }

    /// What a NetID may begin with; none: several words are no NetID.
    pub(crate) fn netid(&self) -> Option<&str> {
        match self.words.as_slice() {
            [one] => Some(one.typed.as_str()).filter(|typed| !typed.is_empty()),
            _ => None,
        }
    }

    /// The NetID in an address that may be nobody's: `sam@campus.edu`, as log-ins elsewhere are
    /// written.
    pub(crate) fn netid_at_campus(&self) -> Option<NetId> {
        let [one] = self.words.as_slice() else { return None };
        let (netid, campus) = one.typed.split_once('@')?;
        NetId::parse(netid).ok().filter(|_| !campus.is_empty())
    }

    /// How the whole of a name may begin, where these are words of it from its beginning, or from
    /// its last one.
    pub(crate) fn phrases(&self) -> Vec<String> {
        let all = spelt(self.words.iter());
        if all.iter().any(|word| word.contains('@')) {
            return Vec::new();
        }
        let searched = spelt(self.searched());
        let mut begin = phrases(&all);
        if searched.len() < all.len() {
            begin.extend(phrases(&searched));
        }
        begin
    }

    /// For each word the beginnings of terms that lead to everybody whom it may mean.
    pub(crate) fn leads(&self) -> Vec<Vec<String>> {
        let longest = |parts: &Vec<String>| parts.iter().max_by_key(|part| part.len()).cloned();
        let leads = |word: &QueryWord| {
            word.spellings.iter().filter_map(longest).chain(word.of_before.clone()).collect()
        };
        self.searched().map(leads).collect()
    }

    /// How somebody is meant, if at all; `phrases` are this query's.
    pub(crate) fn means(&self, user: &User, phrases: &[String]) -> Option<Meant> {
        let terms = terms(&user.name, &user.email);
        let begins = |phrase: &String| terms.iter().any(|term| term.starts_with(phrase.as_str()));
        self.fits(user.person.netid.as_str(), &terms)
            .then(|| if phrases.iter().any(begins) { Meant::ByWholeName } else { Meant::ByWords })
    }

    fn fits(&self, netid: &str, terms: &[String]) -> bool {
        let begins = |part: &String| {
            netid.starts_with(part.as_str())
                || terms.iter().any(|term| term.starts_with(part.as_str()))
        };
        let fits = |word: &QueryWord| {
            (!word.typed.is_empty() && netid.starts_with(&word.typed))
                || word.spellings.iter().any(|parts| parts.iter().all(begins))
        };
        self.searched().all(fits)
    }
}

/// Words as they are spelt first.
fn spelt<'w>(words: impl Iterator<Item = &'w QueryWord>) -> Vec<String> {
    words.filter_map(|word| word.spellings.first()).flatten().cloned().collect()
}

/// Titles, as they are copied along with a name. Whoever has one of these for a name comes first
/// all the same where the whole of it is asked for.
const TITLES: &str = "\
    dr prof professor mr mrs ms miss mx herr frau mme mlle rev phd ph.d jr sr esq msc m.sc bsc \
    b.sc mba ing dipl.-ing dr.-ing h.c";

fn is_title(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    TITLES.split_ascii_whitespace().any(|title| title == word)
}

impl QueryWord {
    fn parse(text: &str) -> Option<Self> {
        // As it stands in a list of addresses: `<sj@x.edu>,`.
        let plain = text.trim_matches(|c: char| !c.is_alphanumeric());
        let plain = plain.strip_prefix("mailto:").unwrap_or(plain);
        let typed = plain.to_ascii_lowercase();
        if plain.contains('@') {
            return Some(Self {
                typed,
                spellings: vec![vec![address_term(plain)]],
                of_before: Vec::new(),
                is_beside: false,
            });
        }
        let mut all: Vec<Vec<String>> = Vec::new();
        for spelt in spellings(text) {
            let (parts, joined) = (parts(&spelt), joined(&spelt));
            if parts.len() > 1 && !spelt.contains(' ') {
                all.push(vec![cut(&joined)]);
            }
            all.insert(0, parts.iter().map(|part| cut(part)).collect());
        }
        // What has neither letters nor digits in it is nobody's.
        all.retain(|parts| !parts.is_empty());
        if all.is_empty() {
            return None;
        }
        let of_before = if text.is_ascii() {
            Vec::new()
        } else {
            let spelt = [text.to_lowercase(), with_all_marks(text)];
            let longest = |spelt: &String| parts(spelt).into_iter().max_by_key(String::len);
            spelt.iter().filter_map(longest).collect()
        };
        // Several words of somebody's name, written as one.
        all.extend(spellings(text).iter().map(|spelt| vec![whole_of(&parts(spelt))]));
        Some(Self { typed, spellings: all, of_before, is_beside: false })
    }

    /// Takes it for the end of one word too, of which those before it are the beginning: they find
    /// whoever has it in their name already.
    fn may_end(&mut self, before: &[&str], text: &str) {
        for many in 1..MAX_JOINED {
            let Some(start) = before.len().checked_sub(many) else { break };
            let word: String = before[start..].iter().copied().chain([text]).collect();
            if word.contains('@') {
                break;
            }
            self.spellings.extend(spellings(&word).iter().map(|spelt| vec![cut(&joined(spelt))]));
        }
    }
}

/// The one way of spelling, and where a language has more, the longer ones before it.
fn spellings(text: &str) -> Vec<String> {
    let by = |longer: fn(char) -> Option<&'static str>| -> String {
        text.nfc().map(|c| longer(c).map_or_else(|| c.to_string(), str::to_owned)).collect()
    };
    let mut all = vec![folded(&by(longer)), folded(&by(another)), folded(text)];
    all.dedup();
    all
}

/// A letter as those write it who have no key for it, where that is not the letter beneath the
/// marks.
const fn longer(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'Ä' => "ae",
        'ö' | 'Ö' | 'ø' | 'Ø' => "oe",
        'ü' | 'Ü' => "ue",
        'å' | 'Å' => "aa",
        'ё' | 'Ё' => "io",
        _ => return None,
    })
}

/// The same where there is a third way.
const fn another(c: char) -> Option<&'static str> {
    match c {
        'ё' | 'Ё' => Some("yo"),
        _ => None,
    }
}

/// Small letters of ASCII, with whatever stands between them. What has no spelling in those stays
/// as it is.
fn folded(text: &str) -> String {
    let plain: String = text.nfc().filter(|c| !is_left_out(*c)).map(without_mark).collect();
    with_all_marks(&plain)
}

/// Marks that most people do not write: the vowel points of Arabic and Hebrew, and what makes a
/// word longer.
const fn is_left_out(c: char) -> bool {
    matches!(
        c,
        '\u{591}'..='\u{5BD}'
            | '\u{5BF}'
            | '\u{5C1}'..='\u{5C2}'
            | '\u{5C4}'..='\u{5C5}'
            | '\u{5C7}'
            | '\u{610}'..='\u{61A}'
            | '\u{640}'
            | '\u{64B}'..='\u{65F}'
            | '\u{670}'
            | '\u{6D6}'..='\u{6DC}'
            | '\u{6DF}'..='\u{6E4}'
            | '\u{6E7}'..='\u{6E8}'
            | '\u{6EA}'..='\u{6ED}'
    )
}

/// A letter as it is written where its mark is left out.
const fn without_mark(c: char) -> char {
    match c {
        'ё' => 'е',
        'Ё' => 'Е',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ؤ' => 'و',
        'ئ' | 'ى' => 'ي',
        'ة' => 'ه',
        c => c,
    }
}

/// The same with every mark, as it was before [`SPELLING`] was 2.
fn with_all_marks(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfc() {
        match c {
            // It is an a to whoever writes it in English.
            'ə' | 'Ə' => folded.push('a'),
            c => match deunicode::deunicode_char(c) {
                Some(spelt) => folded.push_str(spelt),
                None => folded.extend(c.to_lowercase()),
            },
        }
    }
    folded.make_ascii_lowercase();
    folded
}

/// The words of a folded text.
fn parts(folded: &str) -> Vec<String> {
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A word without what stands between its letters: `obrien`.
fn joined(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Words that somebody has written as one, whole: nobody who types `jane` looks for Jan Evers. The
/// points at both ends are in no word, so that it neither begins nor ends otherwise.
fn whole_of(words: &[String]) -> String {
    let joined: String = words.concat().chars().take(MAX_TERM - 2).collect();
    format!(".{joined}.")
}

/// What people are called whose name is written in Hangul as one word: what follows a family name
/// of one syllable, and of two.
fn given_names(name: &str) -> Vec<String> {
    let name: String = name.nfc().collect();
    let mut given = Vec::new();
    for word in name.split_whitespace() {
        let syllables: Vec<char> = word.chars().collect();
        let is_hangul = syllables.iter().all(|c| ('가'..='힣').contains(c));
        if is_hangul && (2..=5).contains(&syllables.len()) {
            let families = if syllables.len() > 3 { 2 } else { 1 };
            given.extend(
                (1..=families).map(|family| syllables[family..].iter().collect::<String>()),
            );
        }
    }
    given
}

/// A name's words in their order, and from the last one on.
fn phrases(words: &[String]) -> Vec<String> {
    let Some((last, others)) = words.split_last().filter(|(_, others)| !others.is_empty()) else {
        return Vec::new();
    };
    let from_the_last =
        std::iter::once(last).chain(others).map(String::as_str).collect::<Vec<_>>().join(" ");
    vec![cut(&words.join(" ")), cut(&from_the_last)]
}

fn cut(term: &str) -> String {
    term.chars().take(MAX_TERM).collect()
}

#[cfg(test)]
mod tests;
