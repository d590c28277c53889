//! By which words a person is found, and which words a query asks for. Both are spelt in one way:
//! small letters of ASCII, whatever accents, apostrophes, hyphens, forms and scripts they were
//! written in, so that `muller` finds Müller, `obrien` O’Brien and `Natalia` Наталья. In languages
//! that have them, ö is also oe and ø oe.
//!
//! It only finds people, and tells nobody who they are: what opens something is compared by
//! [`crate::engine::identity::names::same_name`]. Whoever changes what [`terms`] makes adds a
//! migration that has them made anew ([`crate::engine::background::terms`]). Tests: below, and
//! `desk/tests/desk/people.rs`.

use unicode_normalization::UnicodeNormalization;

use crate::store::rows::User;

/// The most characters of a term.
const MAX_TERM: usize = 64;

/// The most words of a query that are looked at.
const MAX_WORDS: usize = 8;

/// What a person is found by, apart from their NetID: the words of the name, the whole of it from
/// either end, the e-mail address and its parts.
pub(crate) fn terms(name: &str, email: &str) -> Vec<String> {
    let (address, words) = (folded(email), parts(&folded(name)));
    let mut terms: Vec<String> = parts(&address);
    terms.push(address);
    for spelt in spellings(name) {
        terms.extend(spelt.split_whitespace().map(joined));
        terms.extend(parts(&spelt));
    }
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
    /// As terms were spelt before they were folded: nobody is lost while they are made anew.
    of_before: Option<String>,
}

impl Query {
    /// Reads a query; none: there is nothing in it by which anybody is found.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words: Vec<QueryWord> =
            text.split_whitespace().filter_map(QueryWord::parse).take(MAX_WORDS).collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// What a NetID may begin with; none: several words are no NetID.
    pub(crate) fn netid(&self) -> Option<&str> {
        match self.words.as_slice() {
            [one] => Some(one.typed.as_str()).filter(|typed| !typed.is_empty()),
            _ => None,
        }
    }

    /// How the whole of a name may begin, where these are words of it from its beginning, or from
    /// its last one.
    pub(crate) fn phrases(&self) -> Vec<String> {
        let words: Vec<String> = self
            .words
            .iter()
            .filter_map(|word| word.spellings.first())
            .flatten()
            .cloned()
            .collect();
        let is_a_name = words.iter().all(|word| !word.contains('@'));
        if is_a_name { phrases(&words) } else { Vec::new() }
    }

    /// For each word the beginnings of terms that lead to everybody whom it may mean.
    pub(crate) fn leads(&self) -> Vec<Vec<String>> {
        let longest = |parts: &Vec<String>| parts.iter().max_by_key(|part| part.len()).cloned();
        let leads = |word: &QueryWord| {
            word.spellings.iter().filter_map(longest).chain(word.of_before.clone()).collect()
        };
        self.words.iter().map(leads).collect()
    }

    /// Whether somebody is meant.
    pub(crate) fn means(&self, user: &User) -> bool {
        self.fits(user.person.netid.as_str(), &terms(&user.name, &user.email))
    }

    /// Whether the whole of somebody's name begins with the query, from either end.
    pub(crate) fn begins_name_of(&self, user: &User) -> bool {
        let (phrases, terms) = (self.phrases(), terms(&user.name, &user.email));
        phrases.iter().any(|phrase| terms.iter().any(|term| term.starts_with(phrase.as_str())))
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
        self.words.iter().all(fits)
    }
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
                of_before: None,
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
        let of_before = (!text.is_ascii())
            .then(|| parts(&text.to_lowercase()).into_iter().max_by_key(String::len))
            .flatten();
        (!all.is_empty()).then_some(Self { typed, spellings: all, of_before })
    }
}

/// The one way of spelling, and where a language has two, the longer one before it.
fn spellings(text: &str) -> Vec<String> {
    let longer: String =
        text.nfc().map(|c| longer(c).map_or_else(|| c.to_string(), str::to_owned)).collect();
    let (longer, short) = (folded(&longer), folded(text));
    if longer == short { vec![short] } else { vec![longer, short] }
}

/// A letter as those write it who have no key for it, where that is not the letter beneath the
/// marks.
const fn longer(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'Ä' => "ae",
        'ö' | 'Ö' | 'ø' | 'Ø' => "oe",
        'ü' | 'Ü' => "ue",
        'å' | 'Å' => "aa",
        _ => return None,
    })
}

/// Small letters of ASCII, with whatever stands between them. What has no spelling in those stays
/// as it is.
fn folded(text: &str) -> String {
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(query: &str, name: &str) -> bool {
        Query::parse(query).is_some_and(|query| query.fits("q1", &terms(name, "sj@x.edu")))
    }

    #[test]
    fn a_person_is_found_by_each_word_of_name_and_address_and_by_the_whole() {
        let all = terms("Zoë O’Neil-Smith", "zoe@Example.edu");
        for term in [
            "edu",
            "example",
            "neil",
            "o",
            "oneilsmith",
            "smith",
            "zoe",
            "zoe@example.edu",
            "zoe o neil smith",
            "smith zoe o neil",
        ] {
            assert!(all.iter().any(|known| known == term), "{term}: {all:?}");
        }
        assert_eq!(terms("", ""), Vec::<String>::new());
        assert!(terms("王小明", "").contains(&"wang xiao ming".to_owned()));
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        for (name, queries) in [
            (
                "Jürgen Müller",
                &[
                    "muller",
                    "Müller",
                    "mueller",
                    "MÜLLER",
                    "mu\u{308}ller",
                    "juergen muller",
                    "Müller, Jürgen",
                ][..],
            ),
            ("Mueller", &["Müller", "mueller"]),
            (
                "Jo\u{308}rg Du\u{308}sen",
                &["Jörg", "jorg", "Jo\u{308}rg Düsen", "joerg duesen", "Dusen", "düsen jörg"],
            ),
            ("Łukasz Łazieński", &["lazien", "Łazieński", "lukasz lazienski"]),
            ("İpek Işık", &["İpek", "ipek", "IPEK", "isik", "ışık"]),
            ("Nguyễn Văn Đạt", &["Nguyen", "nguyễn văn", "dat", "NGUYỄN"]),
            ("Groß Straße", &["gross", "strasse", "Straße", "STRASSE"]),
            ("Øystein Åse", &["oystein", "Oeystein", "Øystein", "ase", "aase"]),
            ("Þóra Æsa", &["thora", "aesa", "Þóra"]),
            (
                "Siobhán O’Brien",
                &[
                    "O'Brien",
                    "O’Brien",
                    "OʼBrien",
                    "obrien",
                    "o brien",
                    "Brien",
                    "O‘Brien",
                    "siobhan o'br",
                ],
            ),
            (
                "Anna Smith-Jones",
                &[
                    "Smith-Jones",
                    "smith jones",
                    "Smith–Jones",
                    "smithjones",
                    "jones, anna",
                    "Jones-Smith",
                ],
            ),
            ("Jean-Luc Roux", &["Jean-Luc", "jeanluc", "jean luc", "Roux, Jean", "roux jean-luc"]),
            ("Jeanluc Roux", &["Jean-Luc", "jeanluc"]),
            ("王小明", &["王小明", "王", "小明", "wang", "xiao ming"]),
            ("Наталья Чайковская", &["Наталья", "natalia", "ЧАЙКОВ", "чайковская наталья"]),
            ("Ελένη", &["Ελένη", "ελενη", "ΕΛΈΝΗ"]),
            ("김철수", &["김철수", "\u{1100}\u{1175}\u{11b7}철수"]),
            ("محمد", &["محمد"]),
            ("Əliyev", &["Əliyev", "aliyev"]),
            (
                "Sam",
                &[
                    "<sj@x.edu>",
                    "sj@x.edu,",
                    "mailto:sj@x.edu",
                    "\"Sam\" <SJ@X.EDU>",
                    "Sam (sj@x.edu)",
                    "sj@",
                ],
            ),
        ] {
            for query in queries {
                assert!(finds(query, name), "{query} finds {name}: {:?}", Query::parse(query));
            }
        }
    }

    #[test]
    fn whoever_is_not_meant_is_not_found() {
        for (name, queries) in [
            ("Jürgen Müller", &["Muller, Anna", "uller", "ürgen", "jm@x.edu", "gmüller"][..]),
            ("Brien", &["O'Brien"]),
            ("Anna Smith", &["Smith-Jones", "%", "*", "\u{10FFFF}", "", " ", "-"]),
        ] {
            for query in queries {
                assert!(!finds(query, name), "{query} does not find {name}");
            }
        }
    }

    #[test]
    fn a_netid_may_begin_with_one_word_alone() {
        assert_eq!(Query::parse(" Jean-Luc. ").as_ref().and_then(Query::netid), Some("jean-luc"));
        assert_eq!(Query::parse("jean luc").as_ref().and_then(Query::netid), None);
    }

    proptest! {
        #[test]
        fn whoever_types_a_name_as_it_is_written_finds_it(
            name in "[\\p{Latin}\\p{Cyrillic}\\p{Greek}\\p{Han}'’ .-]{1,24}",
        ) {
            let has_words = !parts(&folded(&name)).is_empty();
            let few = name.split_whitespace().count() <= MAX_WORDS;
            let short = name.split_whitespace().all(|word| word.len() < MAX_TERM / 4);
            prop_assume!(has_words && few && short);
            prop_assert!(
                finds(&name, &name), "{} {:?} {:?}", name, terms(&name, ""), Query::parse(&name),
            );
        }

        #[test]
        fn any_text_is_folded(text in "\\PC*") {
            let _ = (terms(&text, &text), Query::parse(&text).map(|query| query.leads()));
        }
    }
}
