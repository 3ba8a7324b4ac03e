//! "Thank you": words that ask for nothing. They never reopen a ticket and never start a clock.

use super::wizard::Draft;

/// Whether all of it is courtesy: thanks in any of the languages, emoji, a sticker.
pub fn is_courtesy(draft: &Draft) -> bool {
    let sticker = |kind: &str| matches!(kind, "sticker" | "animation");
    if draft.text.is_empty() {
        return !draft.files.is_empty() && draft.files.iter().all(|file| sticker(&file.kind));
    }
    draft.files.iter().all(|file| sticker(&file.kind)) && crm::courtesy::is_courtesy(&draft.text)
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
