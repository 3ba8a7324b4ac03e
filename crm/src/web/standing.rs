//! How a promise stands, as pages show it: a word, a colour class, and how far the clock has come.

use chrono::TimeDelta;

use super::page::Page;
use crate::domain::sla::{Outcome, TargetClock};
use crate::text::length;

/// A promise on a page.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The class that colours it: `met`, `fine`, `risk`, `late`, `over`.
    pub class: &'static str,
    /// The word that says the same without colour.
    pub word: String,
    /// The promise's name.
    pub target: String,
    /// The deadline.
    pub due: String,
    /// The deadline for programs.
    pub due_iso: String,
    /// Part of the budget used, per cent, at most 100.
    pub percent: i64,
}

impl Standing {
    /// How `clock` stands at the page's moment.
    pub fn of(page: &Page, clock: &TargetClock) -> Self {
        let now = page.now;
        let left = clock.left_ms(now);
        let used =
            if clock.budget_ms > 0 { clock.used_ms(now).saturating_mul(100) / clock.budget_ms } else { 100 };
        let span = || length(TimeDelta::milliseconds(left), page.lang);
        let (class, word) = match clock.outcome {
            Outcome::Met { at } => ("met", page.a("web-standing-met", "at", page.when(&at))),
            Outcome::Breached { answered_at: Some(at) } => {
                ("late", page.a("web-standing-done-late", "at", page.when(&at)))
            }
            Outcome::Void => ("over", page.t("web-standing-void")),
            Outcome::Running if clock.paused_at.is_some() => {
                ("over", page.a("web-standing-paused", "left", span()))
            }
            Outcome::Running | Outcome::Breached { answered_at: None } if clock.is_breached(now) => {
                ("late", page.a("web-standing-late", "late", span()))
            }
            _ if used >= 75 => ("risk", page.a("web-standing-risk", "left", span())),
            _ => ("fine", page.a("web-standing-left", "left", span())),
        };
        Self {
            class,
            word,
            target: page.t(&format!("desk-target-{}", clock.target)),
            due: page.when(&clock.due_at),
            due_iso: page.iso(&clock.due_at),
            percent: used.clamp(0, 100),
        }
    }
}
