//! By which words people are found, and by which not.

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
        ("김철수", &["김철수", "\u{1100}\u{1175}\u{11b7}철수", "철수", "김 철수"]),
        ("\u{1100}\u{1175}\u{11b7}민수", &["민수", "김민수", "민수 김"]),
        ("남궁민수", &["민수", "남궁", "남궁 민수"]),
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
fn what_people_leave_out_or_write_as_one_counts_for_nothing() {
    for (name, queries) in [
        ("محمد", &["محمد", "مُحَمَّد", "مـحمد"][..]),
        ("مُحَمَّد", &["محمد", "مُحَمَّد"]),
        ("שָׁלוֹם", &["שלום", "שָׁלוֹם"]),
        ("שלום", &["שָׁלוֹם"]),
        ("عبد الله أحمد", &["عبدالله", "عبد الله", "احمد", "أحمد عبدالله", "عبدالله احمد"]),
        ("عبدالله", &["عبد الله"]),
        ("فاطمة موسى", &["فاطمه موسي", "مُوسَى"]),
        (
            "Семён Фёдоров",
            &["Федоров", "Фёдоров", "Fedorov", "Fyodorov", "fiodorov semen", "Семен Федоров"],
        ),
        ("Алена", &["Алёна", "alena"]),
        ("Angus MacDonald", &["Mac Donald", "macdonald", "angus mac donald", "Mac Donald, Angus"]),
        ("Angus Mac Donald", &["MacDonald", "macdonald angus", "Mac Donald"]),
        ("Ana de la Cruz", &["delacruz", "de la cruz", "la cruz", "Ana DeLaCruz"]),
        ("Ana Delacruz", &["de la cruz", "ana de la cr"]),
        ("Wang Xiao Ming", &["Wang Xiaoming", "xiaoming wang", "wangxiaoming"]),
        ("Pieter van ’t Hoff", &["vant hoff", "van't Hoff", "Hoff, van 't", "vanthoff"]),
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
        ("김민수", &["수", "철수"]),
        ("Mesut Özil", &["Dr. Maier", "Dr.", "Mesut Maier (Physics)", "(Physics)"]),
        ("Jan Evers", &["jane", "janever", "an evers"]),
        ("Angus MacDonald", &["Donald", "Donald Mac", "angus donald"]),
        ("Anna Smith", &["Smith-Jones", "%", "*", "\u{10FFFF}", "", " ", "-"]),
    ] {
        for query in queries {
            assert!(!finds(query, name), "{query} does not find {name}");
        }
    }
}

#[test]
fn a_title_or_what_stands_in_brackets_hides_nobody() {
    for query in [
        "Dr. Mesut Özil",
        "Prof. Dr.-Ing. Özil, Mesut",
        "Mesut Özil, Ph.D.",
        "Herr Özil",
        "Mesut Özil (Physics)",
        "Mesut Özil (he / him), M.Sc.",
        "(Özil)",
    ] {
        assert!(finds(query, "Mesut Özil"), "{query}: {:?}", Query::parse(query));
    }
    // Whoever is called so is found by it alone, and comes first by the whole of the name.
    assert!(finds("Herr", "Anna Herr") && finds("Sr", "Sr Li"));
    let query = Query::parse("Anna Herr").expect("a query");
    assert!(query.phrases().contains(&"anna herr".to_owned()), "{:?}", query.phrases());
}

#[test]
fn the_netid_of_an_address_is_what_stands_before_the_campus() {
    let netid = |query: &str| Query::parse(query)?.netid_at_campus().map(|id| id.to_string());
    assert_eq!(netid("<SAM@campus.edu>").as_deref(), Some("sam"));
    for query in ["sam", "sam@", "@campus.edu", "Sam sam@campus.edu", "s+m@campus.edu"] {
        assert_eq!(netid(query), None, "{query}");
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
