//! What spreadsheets and programs make of what was typed: dates, numbers, their words for true and
//! for nothing, formulas. Tests: `spoilt_tests.rs`.

/// What a NetID became that looked like it to a spreadsheet; none: it may be one.
pub(super) fn netid_became(text: &str) -> Option<&'static str> {
    if is_date(text) {
        Some("a spreadsheet has made a date of it")
    } else if is_number(text) {
        Some("a spreadsheet has made a number of it")
    } else if is_true_or_false(text) {
        Some("a spreadsheet has made true or false of it")
    } else if is_nothing(text) {
        Some(WRITTEN_FOR_NOTHING)
    } else {
        None
    }
}

/// What is said of [`is_nothing`].
pub(super) const WRITTEN_FOR_NOTHING: &str = "a program writes that where there is nothing";

/// A day: the word of a month in a language of Latin letters and one number or two (`1-mar`,
/// `mrt-01`, `01. Mär`, `12-Jan-26`), or three numbers of which the first or the last is the year
/// (`2026-03-01`, `01.03.26`), with a time of day after it or none. The numbers have one digit, two
/// or four.
fn is_date(text: &str) -> bool {
    let with_time = text.split_once([' ', 'T']).filter(|(_, time)| time.contains(':'));
    let day = with_time.map_or(text, |(day, _)| day);
    let is_between = |c: char| matches!(c, '-' | '.' | '/') || c.is_whitespace();
    let parts: Vec<&str> = day.split(is_between).filter(|part| !part.is_empty()).collect();
    let months = parts.iter().filter(|part| is_month(part)).count();
    let numbers =
        parts.iter().filter(|part| is_digits(part) && matches!(part.len(), 1 | 2 | 4)).count();
    if parts.len() != months + numbers {
        return false;
    }
    let is_day = |part: &str| part.parse::<u8>().is_ok_and(|number| (1..=31).contains(&number));
    match parts.as_slice() {
        [_, _] => months == 1,
        [_, _, _] if months == 1 => true,
        [first, middle, last] if months == 0 => {
            is_day(middle)
                && ((first.len() == 4 && is_day(last)) || (is_day(first) && last.len() > 1))
        }
        _ => false,
    }
}

/// Months as spreadsheets shorten and write them, in the languages of Latin letters. In other
/// scripts they are no NetID in any case.
const MONTHS: &str = "\
    jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july \
    august september october november december \
    jän mär märz mrz mai okt dez januar jänner februar juni juli oktober dezember \
    janv févr fév fev mars avr juin juil août aout déc janvier février avril juillet septembre \
    octobre novembre décembre mrt mei maart januari februari augustus \
    ene abr ago set dic enero febrero marzo abril mayo junio julio agosto septiembre octubre \
    noviembre diciembre gen mag giu lug ott gennaio febbraio aprile maggio giugno luglio settembre \
    ottobre dicembre out janeiro fevereiro março maio junho julho setembro outubro novembro \
    dezembro març abril maig juny jul ag des gener febrer \
    sty lut kwi maj cze lip sie wrz paź lis gru led úno bře dub kvě čvn čvc srp zář říj pro \
    máj jún júl avg velj ožu tra svi kol ruj stu febr márc ápr szept ian iun iul noi \
    oca şub nis haz tem ağu eyl eki kas ara \
    tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu \
    jaan veebr märts juuni juuli dets marts maijs jūn jūl saus vas kov bal geg birž liep rugp rugs \
    spal lapkr gruod agu agt nop ogo dis";

fn is_month(part: &str) -> bool {
    let word = desk::folded(&part.to_lowercase());
    MONTHS.split_ascii_whitespace().any(|month| month == word)
}

/// Digits with points or commas between them (`123.0`, `1.234.567`), or with a power
/// ([`is_power`]). Of digits alone, nobody can tell.
fn is_number(text: &str) -> bool {
    (text.contains(['.', ',']) && is_digits(&text.replace(['.', ','], ""))) || is_power(text)
}

/// A number of many digits (`1.23457E+11`, `1e-05`): its power has a sign, or after a fraction a
/// capital E. `1e5` is none.
pub(super) fn is_power(text: &str) -> bool {
    let Some((digits, power)) = text.split_once(['E', 'e']) else { return false };
    let signed = power.strip_prefix(['+', '-']);
    let is_fraction = digits.contains(['.', ',']) && text.contains('E');
    is_digits(&digits.replace(['.', ','], ""))
        && is_digits(signed.unwrap_or(power))
        && (signed.is_some() || is_fraction)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// True and false in the languages of spreadsheets, which write them in capitals: in small letters
/// some are names.
const TRUE_OR_FALSE: &str = "\
    wahr falsch vrai faux verdadero falso verdadeiro vero waar onwaar prawda fałsz sant falskt \
    sand falsk sann usann tosi igaz hamis pravda nepravda fals istina doğru yanliş";

fn is_true_or_false(text: &str) -> bool {
    let small = text.to_lowercase();
    let is_one_of = |words: &str| words.split_ascii_whitespace().any(|word| word == small);
    is_one_of("true false") || (text.to_uppercase() == text && is_one_of(TRUE_OR_FALSE))
}

/// What programs write where there is nothing. `Nan`, `Null` and `na` are names.
const NOTHING: &str = "\
    nan NaN none None NONE null NULL (null) nil NA N/A n/a N.A. N.A n.a. <NA> NaT undefined \\N";

/// Whether it is what a program writes where there is nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    NOTHING.split_ascii_whitespace().any(|word| word == text)
}

/// Whether it is a formula, whatever passwords may begin like one: a function of something
/// (`=SUM(A1:A20)+B12`), or cells that are reckoned with (`=A1+B12`).
pub(super) fn is_formula(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['=', '＝']) else { return false };
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '$' | ':');
    let word = rest.split(|c: char| !is_of_word(c)).next().unwrap_or_default();
    let after = rest.strip_prefix(word).unwrap_or_default();
    let is_function =
        word.starts_with(char::is_alphabetic) && after.starts_with('(') && after.contains(')');
    let letters = word.trim_start_matches('$').trim_start_matches(|c: char| c.is_ascii_uppercase());
    let is_cell = letters != word && letters.starts_with(|c: char| c.is_ascii_digit() || c == '$');
    let is_reckoned =
        |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "$:+-*/^&().,;!".contains(c);
    is_function || (is_cell && !after.is_empty() && rest.chars().all(is_reckoned))
}
