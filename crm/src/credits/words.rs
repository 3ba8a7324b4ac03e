//! A sheet in words, for the bot, the web and the printed note: amounts, per cents, lengths and causes as people of each language read them.

use rust_decimal::Decimal;

use crate::clock::Moment;
use crate::domain::credit::{Cause, Effect, Line, Row, Sheet, clause};
use crate::domain::downtime::{Month, Span};
use crate::domain::lang::Lang;
use crate::t;
use crate::text::{ZONE, date};

/// `October 2026`.
pub fn month(month: Month, lang: Lang) -> String {
    let name = t!(lang, &format!("month-name-{}", month.month()));
    // As text: a number would get a mark between its thousands.
    t!(lang, "month-of-year", month = name, year = month.year().to_string())
}

/// A number with the mark of the language before its fraction.
fn pointed(text: &str, lang: Lang) -> String {
    if lang == Lang::En { text.to_owned() } else { text.replace('.', ",") }
}

/// `99.843 %`, with all the digits it has.
pub fn percent(value: Decimal, lang: Lang) -> String {
    t!(lang, "per-cent", value = pointed(&value.to_string(), lang))
}

/// `2 250.00 ₸`, rounded half to even.
pub fn amount(value: Decimal, lang: Lang) -> String {
    let text = super::view::kzt(value);
    let (whole, rest) = text.split_once('.').unwrap_or((&text, "00"));
    let digits = whole.trim_start_matches('-');
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    let sign = if whole.starts_with('-') { "−" } else { "" };
    format!("{sign}{}\u{a0}₸", pointed(&format!("{grouped}.{rest}"), lang))
}

/// A length of time to the millisecond, `1 hour 10 minutes`, `44 minutes 38.4 s`: nothing is left out.
pub fn length(ms: i64, lang: Lang) -> String {
    let sign = if ms < 0 { "−" } else { "" };
    let ms = ms.abs();
    let (days, hours, minutes) = (ms / 86_400_000, ms / 3_600_000 % 24, ms / 60_000 % 60);
    let seconds = Decimal::new(ms % 60_000, 3).normalize();
    let mut parts = Vec::new();
    for (key, n) in [("length-days", days), ("length-hours", hours), ("length-minutes", minutes)] {
        if n > 0 {
            parts.push(t!(lang, key, n = n));
        }
    }
    if !seconds.is_zero() || parts.is_empty() {
        parts.push(t!(lang, "length-seconds-exact", n = pointed(&seconds.to_string(), lang)));
    }
    format!("{sign}{}", parts.join(" "))
}

fn clock(moment: Moment) -> String {
    let local = moment.with_timezone(&ZONE);
    let text = local.format("%H:%M:%S%.3f").to_string();
    text.trim_end_matches(".000").to_owned()
}

/// `3 October, 02:10:00 – 03:20:00`; with both dates where it goes over midnight.
pub fn stretch(span: Span, lang: Lang) -> String {
    let moment = |ms: i64| Moment::from_timestamp_millis(ms).unwrap_or_default();
    let (from, to) = (moment(span.from()), moment(span.to()));
    let (first, last) = (date(from, lang), date(to, lang));
    if first == last {
        format!("{first}, {} – {}", clock(from), clock(to))
    } else {
        format!("{first}, {} – {last}, {}", clock(from), clock(to))
    }
}

/// Why a service did not work, as a customer reads it.
pub fn cause(cause: Cause, lang: Lang) -> String {
    t!(lang, &format!("cause-{cause}"))
}

/// What an interval does, with its rule.
pub fn effect(row: &Row, lang: Lang) -> String {
    let key = match row.effect {
        Effect::Counts => "sheet-counts",
        Effect::AddsNothing => "sheet-adds-nothing",
        Effect::TakesAway => "sheet-takes-away",
    };
    t!(lang, key, rule = row.cause.rule())
}

/// `(31 days − 1 hour 10 minutes) ÷ 31 days = 99.843 %`.
pub fn formula(sheet: &Sheet, lang: Lang) -> String {
    let all = length(sheet.period_ms, lang);
    format!("({all} − {}) ÷ {all} = {}", length(sheet.downtime_ms(), lang), percent(sheet.percent(), lang))
}

/// One reason for a discount: `5 % of 45 000.00 ₸ (C2)`.
pub fn line(line: &Line, lang: Lang) -> String {
    let key = match line.rule {
        "C10" => "sheet-line-loss",
        "C11" => "sheet-line-liability",
        _ => "sheet-line-tier",
    };
    t!(
        lang,
        key,
        percent = percent(line.percent.normalize(), lang),
        of = amount(line.of, lang),
        rule = line.rule
    )
}

/// The rules a sheet follows from, with their clauses of the terms, and the terms' version.
pub fn sources(sheet: &Sheet, lang: Lang) -> String {
    let terms = sheet.policy.split('@').next().and_then(|word| word.parse().ok());
    let one = |rule: &&str| match terms.and_then(|terms| clause(rule, terms)) {
        Some(clause) => format!("{rule} ({clause})"),
        None => (*rule).to_owned(),
    };
    let rules: Vec<_> = sheet.rules.iter().map(one).collect();
    let (rules, policy) = (rules.join(", "), sheet.policy.as_str());
    format!("{} · {}", t!(lang, "note-rules", rules = rules), t!(lang, "sheet-terms", policy = policy))
}

/// The tier a sheet is in.
pub fn tier(sheet: &Sheet, promised: Decimal, lang: Lang) -> String {
    let (promised, credit) =
        (percent(promised.normalize(), lang), percent(sheet.tier_percent.normalize(), lang));
    if sheet.tier_percent.is_zero() {
        t!(lang, "sheet-tier-kept", promised = promised)
    } else {
        t!(lang, "sheet-tier-broken", promised = promised, credit = credit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_lengths_are_whole_and_of_the_language() {
        let value = Decimal::new(123_456_789, 2);
        assert_eq!(amount(value, Lang::En), "1\u{a0}234\u{a0}567.89\u{a0}₸");
        assert_eq!(amount(value, Lang::Kk), "1\u{a0}234\u{a0}567,89\u{a0}₸");
        assert_eq!(amount(Decimal::new(12_345_600, 2), Lang::En), "123\u{a0}456.00\u{a0}₸");
        assert_eq!(amount(Decimal::new(50, 2), Lang::Ru), "0,50\u{a0}₸");
        assert_eq!(length(2_678_400, Lang::En), "44 minutes 38.4 s");
        assert_eq!(length(4_200_000, Lang::Ru), "1 час 10 минут");
        assert_eq!(length(0, Lang::En), "0 s");
        assert_eq!(length(-1_001, Lang::Kk), "−1,001 с");
        assert_eq!(percent(Decimal::new(99_896, 3), Lang::Kk), "99,896\u{a0}%");
        let month_of = |text: &str| text.parse().expect("a month");
        assert_eq!(month(month_of("2026-10"), Lang::Ru), "октябрь 2026");
    }

    #[test]
    fn a_stretch_over_midnight_has_both_dates() {
        let span = |from: &str, to: &str| {
            let ms = |text: &str| text.parse::<Moment>().expect("a moment").timestamp_millis();
            Span::of(ms(from), ms(to))
        };
        let within = span("2026-10-02T21:10:00Z", "2026-10-02T22:20:00.500Z");
        assert_eq!(stretch(within, Lang::En), "3 October, 02:10:00 – 03:20:00.500");
        let over = span("2026-10-31T18:30:00Z", "2026-10-31T19:45:00Z");
        assert_eq!(stretch(over, Lang::Ru), "31 октября, 23:30:00 – 1 ноября, 00:45:00");
    }
}
