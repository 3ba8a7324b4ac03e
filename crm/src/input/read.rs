//! How single values are read: each function turns a TOML value into what is meant, or says what to write instead.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use rust_decimal::Decimal;
use toml::de::DeValue;

use super::suggest;
use crate::clock::Moment;

/// The longest length of time that makes sense anywhere: ten years.
const LONGEST: Duration = Duration::from_hours(10 * 366 * 24);

fn string<'v>(value: &'v DeValue<'_>, example: &str) -> Result<&'v str, String> {
    value
        .as_str()
        .ok_or_else(|| format!("{} where a text is needed; write {example}, with the quotes", kind(value)))
}

/// What a TOML value is, for messages.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A text that is not empty, without spaces around it.
pub fn text(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value, "\"…\"")?;
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err("the text is empty; write it between the quotes".to_owned());
    }
    if trimmed != text || text.contains(char::is_control) {
        return Err(format!(
            "the text has spaces around it or control characters in it; write \"{}\"",
            trimmed.escape_debug()
        ));
    }
    Ok(text.to_owned())
}

/// One word of a vocabulary ([`crate::domain`]'s `word_enum!`).
pub fn word<T: FromStr<Err = String>>(value: &DeValue<'_>) -> Result<T, String> {
    let typed = string(value, "one of the known words")?;
    typed.parse().map_err(|problem: String| {
        let known = problem.split_once(": ").map_or("", |(_, list)| list);
        let hint = suggest(typed, known.split(", ").filter(|w| !w.is_empty()));
        format!("{problem}{hint}")
    })
}

/// A list; each item as `item` reads it.
pub fn list<T>(
    value: &DeValue<'_>,
    item: impl Fn(&DeValue<'_>) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let DeValue::Array(items) = value else {
        return Err(format!("{} where a list is needed; write [\"…\", \"…\"]", kind(value)));
    };
    items.iter().map(|i| item(i.get_ref())).collect()
}

/// A list of different words.
pub fn words<T: FromStr<Err = String> + PartialEq + ToString>(value: &DeValue<'_>) -> Result<Vec<T>, String> {
    let words = list(value, word::<T>)?;
    for (index, word) in words.iter().enumerate() {
        if words[..index].contains(word) {
            return Err(format!("«{}» stands twice; leave one", word.to_string()));
        }
    }
    Ok(words)
}

/// `true` or `false`.
pub fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("{} where true or false is needed, without quotes", kind(value)))
}

/// A whole number from `least` to `most`.
pub fn integer(least: i64, most: i64) -> impl Fn(&DeValue<'_>) -> Result<i64, String> {
    move |value| {
        let wrong = || format!("write a whole number from {least} to {most}, without quotes");
        let number =
            value.as_integer().ok_or_else(|| format!("{} is not a number; {}", kind(value), wrong()))?;
        let number = i64::from_str_radix(number.as_str(), number.radix()).map_err(|_| wrong())?;
        if (least..=most).contains(&number) {
            Ok(number)
        } else {
            Err(format!("{number} is out of range; {}", wrong()))
        }
    }
}

/// A length of time above zero, in milliseconds.
pub fn duration_ms(value: &DeValue<'_>) -> Result<i64, String> {
    const EXAMPLE: &str = "a length of time such as \"10m\", \"4h\", \"24h\" or \"3d\"";
    let typed = string(value, EXAMPLE)?;
    let length = humantime::parse_duration(typed)
        .map_err(|e| format!("«{typed}» is no length of time ({e}); write {EXAMPLE}"))?;
    if length.is_zero() || length > LONGEST {
        return Err(format!("«{typed}» is zero or longer than ten years; write {EXAMPLE}"));
    }
    i64::try_from(length.as_millis()).map_err(|_| format!("«{typed}» is too long; write {EXAMPLE}"))
}

/// A moment with its offset from UTC, cut to microseconds; as a TOML date or as text.
pub fn moment(value: &DeValue<'_>) -> Result<Moment, String> {
    const EXAMPLE: &str = "2026-01-15T09:00:00+05:00, with the offset from UTC";
    let typed = match value {
        DeValue::Datetime(date) => date.to_string(),
        DeValue::String(text) => text.to_string(),
        other => return Err(format!("{} where a moment is needed; write {EXAMPLE}", kind(other))),
    };
    let moment = DateTime::parse_from_rfc3339(&typed)
        .map_err(|_| format!("«{typed}» is no moment; write {EXAMPLE}"))?;
    Ok(moment.with_timezone(&Utc).trunc_subsecs(6))
}

/// An exact decimal number, written as text so that nothing is rounded.
pub fn decimal(value: &DeValue<'_>) -> Result<Decimal, String> {
    const EXAMPLE: &str = "a decimal number in quotes, such as \"99.9\"";
    let typed = string(value, EXAMPLE)?;
    Decimal::from_str_exact(typed).map_err(|_| format!("«{typed}» is no decimal number; write {EXAMPLE}"))
}

/// A decimal number from 0 to 100.
pub fn percent(value: &DeValue<'_>) -> Result<Decimal, String> {
    let number = decimal(value)?;
    if number < Decimal::ZERO || number > Decimal::ONE_HUNDRED {
        return Err(format!("{number} is no percentage; write a number from \"0\" to \"100\""));
    }
    Ok(number)
}

/// An amount of tenge with two decimals, as whole tiyn.
pub fn tiyn(value: &DeValue<'_>) -> Result<i64, String> {
    const EXAMPLE: &str = "an amount in KZT with two digits after the point, in quotes, such as \"45000.00\"";
    let typed = string(value, EXAMPLE)?;
    let wrong = || format!("«{typed}» is no amount; write {EXAMPLE}");
    let (tenge, rest) = typed.split_once('.').ok_or_else(wrong)?;
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(tenge) || rest.len() != 2 || !digits(rest) {
        return Err(wrong());
    }
    format!("{tenge}{rest}").parse().map_err(|_| wrong())
}

/// An absolute URI; kept as it was written.
pub fn uri(value: &DeValue<'_>) -> Result<String, String> {
    let typed = text(value)?;
    match url::Url::parse(&typed) {
        Ok(_) => Ok(typed),
        Err(e) => {
            Err(format!("«{typed}» is no address ({e}); write it whole, such as \"https://10.0.0.1:6443\""))
        }
    }
}
