//! Telephone numbers as people write them.

/// A number in E.164: `+7 (701) 000-00-01` and `8 701 000 00 01` are `+77010000001`. `None` for what is no number.
pub fn read(typed: &str) -> Option<String> {
    let sound = |c: char| {
        c.is_ascii_digit() || c.is_whitespace() || matches!(c, '+' | '-' | '(' | ')' | '.' | '\u{2011}')
    };
    let typed = typed.trim();
    if !typed.chars().all(sound) {
        return None;
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let international = typed.starts_with('+') || typed.starts_with("00");
    let digits = digits.trim_start_matches("00");
    match (digits.len(), digits.chars().next()) {
        // In Kazakhstan people dial 8 where abroad one dials +7, and leave both out among themselves.
        (11, Some('8')) if !international => Some(format!("+7{}", &digits[1..])),
        (10, Some('7')) if !international => Some(format!("+7{digits}")),
        (10..=15, Some('1'..='9')) => Some(format!("+{digits}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    #[rstest]
    #[case("+77010000001", Some("+77010000001"))]
    #[case("77010000001", Some("+77010000001"))]
    #[case("+7 (701) 000-00-01", Some("+77010000001"))]
    #[case("8 701 000 00 01", Some("+77010000001"))]
    #[case("701 000 00 01", Some("+77010000001"))]
    #[case("+1 202 555 0123", Some("+12025550123"))]
    #[case("12345", None)]
    #[case("my phone", None)]
    #[case("+7 701 000 00 01 доб. 5", None)]
    #[case("99999999999999999999", None)]
    #[case("", None)]
    fn numbers_as_people_write_them(#[case] typed: &str, #[case] read: Option<&str>) {
        assert_eq!(super::read(typed).as_deref(), read, "{typed}");
    }
}
