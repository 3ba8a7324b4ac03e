//! Places, suggestions and single values.

use rstest::rstest;
use rust_decimal::Decimal;

use super::*;

/// Reads `v` from a file with one line.
fn one<T>(line: &str, read: impl Fn(&toml::de::DeValue<'_>) -> Result<T, String>) -> Result<T, String> {
    let report = Report::new("f.toml", line);
    let root = report.parse();
    let mut table = Table::root(&root, &report, "file");
    let value = table.required("v", read);
    table.finish();
    drop(root);
    report.finish(value.map(|v| v.value)).map_err(|p| p.to_string())
}

#[test]
fn places_count_characters_from_one() {
    let report = Report::new("f", "a\nәі x\n");
    assert_eq!(report.place(0), (1, 1));
    assert_eq!(report.place("a\nәі ".len()), (2, 4));
    assert_eq!(report.place(10_000), (3, 1));
    // In the middle of «ә»: the character itself.
    assert_eq!(report.place(3), (2, 1));
}

#[rstest]
#[case("nurlna", " (did you mean «nurlan»?)")]
#[case("QUEUES", " (did you mean «queues»?)")]
#[case("completely-else", "")]
#[case("x", "")]
fn near_words_are_suggested(#[case] typed: &str, #[case] said: &str) {
    assert_eq!(suggest(typed, ["nurlan", "queues", "id"]), said);
}

#[rstest]
#[case(r#"v = "10m""#, 600_000)]
#[case(r#"v = "4h""#, 14_400_000)]
#[case(r#"v = "3d""#, 259_200_000)]
#[case(r#"v = "1h 30m""#, 5_400_000)]
fn lengths_of_time(#[case] line: &str, #[case] ms: i64) {
    assert_eq!(one(line, duration_ms), Ok(ms));
}

#[rstest]
#[case("v = 10", "f.toml:1:5: file: `v`: a number where a text is needed; write a length of time such as")]
#[case(r#"v = "10""#, "f.toml:1:5: file: `v`: «10» is no length of time")]
#[case(r#"v = "0m""#, "«0m» is zero")]
#[case(r#"v = "900y""#, "longer than ten years")]
#[case(r#"w = "1m""#, "f.toml:1:1: file: `v` is missing; add a line `v = …` here")]
#[case(r#"w = "1m""#, "f.toml:1:1: file: there is no key `w` (the keys are: v)")]
#[case("v = \"1m\"\nv = \"2m\"", "f.toml:2:1: this is not TOML: duplicate key")]
fn wrong_lengths_say_what_to_write(#[case] line: &str, #[case] said: &str) {
    let problems = one(line, duration_ms).expect_err(line);
    assert!(problems.contains(said), "{problems}");
}

#[test]
fn money_is_exact_and_has_two_digits() {
    assert_eq!(one(r#"v = "45000.00""#, tiyn), Ok(4_500_000));
    assert_eq!(one(r#"v = "0.05""#, tiyn), Ok(5));
    for wrong in
        ["45000", "45000.0", "45000.000", "-1.00", "1,00", ".50", "1e3.00", "99999999999999999999.00"]
    {
        let problem = one(&format!("v = \"{wrong}\""), tiyn).expect_err(wrong);
        assert!(problem.contains("two digits after the point"), "{problem}");
    }
    assert!(one("v = 45000.00", tiyn).expect_err("a float").contains("a fraction where a text is needed"));
}

#[test]
fn moments_need_their_offset() {
    let expected = "2026-01-15T04:00:00Z".parse().expect("valid");
    assert_eq!(one("v = 2026-01-15T09:00:00+05:00", moment), Ok(expected));
    assert_eq!(one("v = \"2026-01-15T09:00:00+05:00\"", moment), Ok(expected));
    for wrong in ["2026-01-15T09:00:00", "2026-01-15", "\"tomorrow\"", "12"] {
        assert!(
            one(&format!("v = {wrong}"), moment).expect_err(wrong).contains("with the offset from UTC"),
            "{wrong}"
        );
    }
}

#[test]
fn percentages_stay_decimal() {
    assert_eq!(one(r#"v = "99.9""#, percent), Ok(Decimal::new(999, 1)));
    assert!(one(r#"v = "100.1""#, percent).expect_err("too much").contains("from \"0\" to \"100\""));
    assert!(one("v = 99.9", percent).expect_err("a float").contains("with the quotes"));
}

proptest::proptest! {
    /// Whatever stands in a file, reading it ends with a value or with problems, never with a panic.
    #[test]
    fn nothing_panics(text in "\\PC{0,60}") {
        let _ = one(&text, duration_ms);
        let _ = one(&format!("v = \"{text}\""), moment);
        let _ = one(&format!("v = \"{text}\""), tiyn);
        let _ = suggest(&text, ["id", "queues"]);
    }
}
