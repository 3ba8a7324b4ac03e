//! How much, as people type it: `16`, `16 ядер`, `64 ГБ`, `1,5 ТБ`, `1 000`, `он алты`, `+8`.

use crm::domain::lang::Lang;

/// MiB in a GiB.
const GIB: i64 = 1024;

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So much: a plain number, MiB for memory.
    Value(i64),
    /// So much more than now.
    More(i64),
    /// Less than nothing.
    Negative,
    /// More than a computer counts.
    Huge,
    /// No single number that we understand.
    Unclear,
}

/// Reads an amount; of `memory` a number without a unit is GiB, and the answer is MiB. The review shows what was understood, so words
/// around the number do no harm; two numbers, percentages and "twice as much" are asked again instead of guessed.
pub fn read(typed: &str, memory: bool) -> Amount {
    let text = plain(typed);
    if text.contains('%') || words(&text).any(|w| listed(w, "typed-times")) {
        return Amount::Unclear;
    }
    let number = match digits(&text) {
        Digits::One(number) => number,
        Digits::None => match in_words(&text) {
            Some(number) => Number { thousandths: number * 1000, sign: None },
            None => return Amount::Unclear,
        },
        Digits::Several => return Amount::Unclear,
        Digits::Long => return Amount::Huge,
    };
    let scale = if memory { unit(&text) } else { 1 };
    let scaled = number.thousandths * i128::from(scale);
    if scaled % 1000 != 0 {
        return Amount::Unclear;
    }
    match (i64::try_from(scaled / 1000), number.sign) {
        (Err(_), _) => Amount::Huge,
        (Ok(_), Some('-')) => Amount::Negative,
        (Ok(value), Some(_)) => Amount::More(value),
        (Ok(value), None) => Amount::Value(value),
    }
}

struct Number {
    thousandths: i128,
    sign: Option<char>,
}

enum Digits {
    None,
    One(Number),
    Several,
    Long,
}

/// Small letters, no invisible characters, one kind of space, minus and comma.
fn plain(typed: &str) -> String {
    typed
        .to_lowercase()
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'))
        .map(|c| match c {
            c if c.is_whitespace() => ' ',
            '−' | '–' | '—' => '-',
            ',' => '.',
            c => c,
        })
        .collect()
}

/// The number that is written in digits. `1 000` and `1.000` are a thousand, `1.5` is one and a half.
fn digits(text: &str) -> Digits {
    let chars: Vec<char> = text.trim().chars().collect();
    let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    let mut found = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        if !digit(i) {
            i += 1;
            continue;
        }
        // A sign belongs to the number only at the beginning: `8-16` is a range.
        let sign = (0..i).rev().map(|j| chars[j]).find(|c| *c != ' ');
        let sign = sign.filter(|c| matches!(c, '-' | '+') && found.is_empty());
        let (mut whole, mut part) = (String::new(), String::new());
        while digit(i) {
            whole.push(chars[i]);
            i += 1;
        }
        while matches!(chars.get(i), Some(' ' | '.')) && (1..=3).all(|k| digit(i + k)) && !digit(i + 4) {
            whole.extend(&chars[i + 1..i + 4]);
            i += 4;
        }
        if chars.get(i) == Some(&'.') && digit(i + 1) {
            i += 1;
            while digit(i) {
                part.push(chars[i]);
                i += 1;
            }
        }
        found.push((sign, whole, part));
    }
    let [(sign, whole, part)] = &found[..] else {
        return if found.is_empty() { Digits::None } else { Digits::Several };
    };
    if whole.trim_start_matches('0').len() > 15 || part.len() > 3 {
        return if part.len() > 3 { Digits::Several } else { Digits::Long };
    }
    let thousandths = format!("{whole}{part:0<3}").parse();
    thousandths.map_or(Digits::Long, |thousandths| Digits::One(Number { thousandths, sign: *sign }))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty())
}

fn listed(word: &str, key: &str) -> bool {
    Lang::ALL.iter().any(|lang| crm::t!(*lang, key).split(',').any(|known| known.trim() == word))
}

/// How many MiB the unit is that stands there; GiB where none does.
fn unit(text: &str) -> i64 {
    words(text)
        .find_map(|word| {
            [("typed-mib", 1), ("typed-gib", GIB), ("typed-tib", GIB * GIB)]
                .into_iter()
                .find_map(|(key, scale)| listed(word, key).then_some(scale))
        })
        .unwrap_or(GIB)
}

/// A number in words: «он алты», «сто двадцать восемь», "sixty-four".
fn in_words(text: &str) -> Option<i128> {
    let value = |word: &str| {
        Lang::ALL.iter().find_map(|lang| {
            crm::t!(*lang, "typed-numbers").split(',').find_map(|pair| {
                let (known, value) = pair.trim().split_once(' ')?;
                (known == word).then(|| value.trim().parse::<i128>().ok()).flatten()
            })
        })
    };
    let mut found = None;
    for word in words(text) {
        let Some(value) = value(word) else { continue };
        let so_far: i128 = found.unwrap_or(0);
        found = Some(match value {
            100 | 1000 if so_far > 0 => so_far.checked_mul(value)?,
            _ => so_far.checked_add(value)?,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("16", Amount::Value(16))]
    #[case(" 16 ядер ", Amount::Value(16))]
    #[case("16ядро", Amount::Value(16))]
    #[case("нужно 16, пожалуйста", Amount::Value(16))]
    #[case("1 000", Amount::Value(1000))]
    #[case("1,000", Amount::Value(1000))]
    #[case("он алты", Amount::Value(16))]
    #[case("Шестнадцать ядер", Amount::Value(16))]
    #[case("сто двадцать восемь", Amount::Value(128))]
    #[case("sixty-four", Amount::Value(64))]
    #[case("two hundred", Amount::Value(200))]
    #[case("екі жүз елу", Amount::Value(250))]
    #[case("+8", Amount::More(8))]
    #[case("-5", Amount::Negative)]
    #[case("−5", Amount::Negative)]
    #[case("0", Amount::Value(0))]
    #[case("1000000000000000000", Amount::Huge)]
    #[case("99999999999999999999999999999999999999999999", Amount::Huge)]
    #[case("1\u{200b}6", Amount::Value(16))]
    #[case("8-16", Amount::Unclear)]
    #[case("с 8 до 16", Amount::Unclear)]
    #[case("50%", Amount::Unclear)]
    #[case("в 2 раза", Amount::Unclear)]
    #[case("екі есе", Amount::Unclear)]
    #[case("1.5", Amount::Unclear)]
    #[case("көбірек", Amount::Unclear)]
    #[case("", Amount::Unclear)]
    fn counts(#[case] typed: &str, #[case] expected: Amount) {
        assert_eq!(read(typed, false), expected, "{typed}");
    }

    #[rstest]
    #[case("64", Amount::Value(65_536))]
    #[case("64 ГБ", Amount::Value(65_536))]
    #[case("64gb", Amount::Value(65_536))]
    #[case("512 МБ", Amount::Value(512))]
    #[case("1,5 ТБ", Amount::Value(1_572_864))]
    #[case("0.5", Amount::Value(512))]
    #[case("+16 гигов", Amount::More(16_384))]
    #[case("отыз екі", Amount::Value(32_768))]
    fn memory(#[case] typed: &str, #[case] expected: Amount) {
        assert_eq!(read(typed, true), expected, "{typed}");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_understood_or_not(typed in "\\PC{0,40}|[0-9 .,+-]{0,40}", memory: bool) {
            match read(&typed, memory) {
                Amount::Value(n) | Amount::More(n) => prop_assert!(n >= 0),
                _ => {}
            }
        }
    }
}
