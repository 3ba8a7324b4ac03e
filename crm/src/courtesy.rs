//! "Thank you": words that ask for nothing. They never reopen a ticket and never start a clock.

use crate::domain::lang::Lang;
use crate::t;

/// Thanks longer than this say something more.
const MOST_WORDS: usize = 7;

/// Whether all of a text is courtesy: thanks in any of the languages, or emoji. Nothing at all is none.
pub fn is_courtesy(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if words.is_empty() {
        // Emoji alone; a question mark alone asks.
        return !lower.is_empty() && !lower.contains('?');
    }
    words.len() <= MOST_WORDS && !lower.contains('?') && words.iter().all(|word| is_polite(word))
}

fn is_polite(word: &str) -> bool {
    Lang::ALL.iter().any(|lang| t!(*lang, "typed-courtesy").split(',').any(|w| w.trim() == word))
}
