//! Who calls: a contact by telephone number, however it is written, and while it is still being typed.

use crate::directory::Contact;
use crate::store::{Result, Tx};

/// Fewest digits that are looked for: with fewer, too many people would fit.
const FEWEST: usize = 4;

/// A telephone number as the directory has it (E.164), from any notation: `8 (747) 507-30-22`, `+7 747 507 3022`, `7475073022`,
/// `007 747…`. `None` if it cannot be a number.
pub fn e164(typed: &str) -> Option<String> {
    let plus = typed.trim_start().starts_with('+');
    if typed.chars().any(char::is_alphabetic) {
        return None;
    }
    let digits: String = typed
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|d| char::from(b'0' + u8::try_from(d).unwrap_or(0)))
        .collect();
    let national = match digits.len() {
        _ if plus => digits,
        // From a telephone in Kazakhstan: 8 before the code of the town or operator, or nothing at all.
        11 if digits.starts_with('8') => format!("7{}", &digits[1..]),
        10 => format!("7{digits}"),
        _ if digits.starts_with("00") => digits[2..].to_owned(),
        // An international call dialled from Kazakhstan.
        _ if digits.starts_with("810") => digits[3..].to_owned(),
        _ => digits,
    };
    (8..=15).contains(&national.len()).then(|| format!("+{national}"))
}

/// The digits of a number that is being typed, without what stands for the country or the long distance.
fn tail(typed: &str) -> String {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let international = typed.trim_start().starts_with('+');
    match digits.as_bytes() {
        [b'8', rest @ ..] if !international && rest.first() == Some(&b'7') => digits[1..].to_owned(),
        [b'0', b'0', ..] => digits[2..].to_owned(),
        _ => digits,
    }
}

/// The contacts who may be calling, for a list beside the field: the one with exactly this number, else those whose number has these
/// digits in it, at most `limit`. Fewer than four digits find nobody.
pub async fn callers(tx: &mut Tx, typed: &str, limit: i64) -> Result<Vec<Contact>> {
    if let Some(number) = e164(typed)
        && let Some(contact) = tx.contact_by_phone(&number).await?
    {
        return Ok(vec![contact]);
    }
    let digits = tail(typed);
    if digits.len() < FEWEST {
        return Ok(Vec::new());
    }
    tx.contacts_by_digits(&digits, limit).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_the_same_in_any_notation() {
        for typed in [
            "+7 747 507 3022",
            "+77475073022",
            "8 (747) 507-30-22",
            "87475073022",
            "747 507 30 22",
            "7 747 507 30 22",
            "00 7 747 507 3022",
            "+7(747)5073022",
            " +7 747 507‑30‑22 ",
        ] {
            assert_eq!(e164(typed).as_deref(), Some("+77475073022"), "{typed}");
        }
        assert_eq!(e164("+44 20 7946 0018").as_deref(), Some("+442079460018"));
        assert_eq!(e164("8 10 44 20 7946 0018").as_deref(), Some("+442079460018"));
        for typed in ["", "112", "call me", "+", "12345678901234567890", "+7 747 CALL NOW"] {
            assert_eq!(e164(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_number_in_the_making_is_searched_by_what_is_certain() {
        assert_eq!(tail("8 747 50"), "74750");
        assert_eq!(tail("+7 747"), "7747");
        assert_eq!(tail("507 30"), "50730");
    }
}
