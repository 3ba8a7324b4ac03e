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
        // What is done uses no more of its time, and of what nobody owes any more nothing is worth showing.
        let used = match clock.outcome {
            Outcome::Void => 0,
            _ if clock.budget_ms <= 0 => 100,
            _ => clock.used_ms(clock.done_at().unwrap_or(now)).saturating_mul(100) / clock.budget_ms,
        };
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::domain::lang::Lang;
    use crate::domain::sla::Target;

    /// A page for nobody, in `lang` at `now`.
    pub fn page(lang: Lang, now: Moment) -> Page {
        Page {
            lang,
            who: None,
            csrf: String::new(),
            here: String::new(),
            done: None,
            now,
            provider: String::new(),
            part: false,
        }
    }

    #[test]
    fn the_bar_stops_where_the_promise_was_kept() {
        let begun: Moment = "2026-11-23T07:27:00+05:00".parse().expect("a moment");
        let after = |minutes| begun + TimeDelta::minutes(minutes);
        let fresh = TargetClock::start(Target::FirstReply, begun, 600_000);
        let shown = |clock: &TargetClock, minutes| {
            let standing = Standing::of(&page(Lang::En, after(minutes)), clock);
            (standing.class, standing.percent)
        };
        assert_eq!(shown(&fresh, 6), ("fine", 60));
        let mut kept = fresh.clone();
        kept.fulfil(after(6));
        for minutes in [6, 9, 18, 600] {
            assert_eq!(shown(&kept, minutes), ("met", 60), "{minutes}");
        }
        // Reopened, it goes on where it stopped (T11).
        kept.reopen(after(6), after(600));
        assert_eq!(shown(&kept, 601), ("fine", 70));
        let mut late = fresh.clone();
        late.fire(100);
        late.fulfil(after(12));
        assert_eq!(shown(&late, 600), ("late", 100));
        let mut void = fresh;
        void.void(after(3));
        assert_eq!(shown(&void, 600), ("over", 0));
    }
}
