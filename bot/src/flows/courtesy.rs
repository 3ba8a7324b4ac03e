//! "Thank you": words that ask for nothing. They never reopen a ticket and never start a clock.

use super::wizard::Draft;
use crm::domain::lang::Lang;

/// Thanks longer than this say something more.
const MOST_WORDS: usize = 7;

/// Whether all of it is courtesy: thanks in any of the languages, emoji, a sticker.
pub fn is_courtesy(draft: &Draft) -> bool {
    if draft.files.iter().any(|file| !matches!(file.kind.as_str(), "sticker" | "animation")) {
        return false;
    }
    let lower = draft.text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if words.is_empty() {
        // Emoji alone, or a sticker; a question mark alone asks.
        return !draft.is_empty() && !lower.contains('?');
    }
    words.len() <= MOST_WORDS && !lower.contains('?') && words.iter().all(|word| is_polite(word))
}

fn is_polite(word: &str) -> bool {
    Lang::ALL.iter().any(|lang| crm::t!(*lang, "typed-courtesy").split(',').any(|w| w.trim() == word))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Рахмет!", true)]
    #[case("Көп рахмет сізге 🙏", true)]
    #[case("рақмет, бәрі жақсы", true)]
    #[case("Спасибо большое!!!", true)]
    #[case("Спасибо, всё работает", true)]
    #[case("Thanks a lot :)", true)]
    #[case("👍", true)]
    #[case("ок", true)]
    #[case("Спасибо, но не работает", false)]
    #[case("Рахмет, бірақ әлі істемейді", false)]
    #[case("Thanks, when will it be ready?", false)]
    #[case("спасибо?", false)]
    #[case("?", false)]
    #[case("сайт ашылмайды", false)]
    #[case("", false)]
    fn thanks_are_told_from_requests(#[case] text: &str, #[case] polite: bool) {
        let draft = Draft { text: text.to_owned(), ..Draft::default() };
        assert_eq!(is_courtesy(&draft), polite, "{text}");
    }
}
