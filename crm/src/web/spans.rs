//! Intervals as pages show them: on an incident, in the list of what waits, in a service's month.

use uuid::Uuid;

use super::guard::Me;
use super::page::Page;
use super::words::{Names, cause};
use crate::credits::words;
use crate::domain::credit::Cause;
use crate::domain::incident::{Downtime, DowntimeState};
use crate::domain::person::Right;
use crate::incidents::monitoring::MONITORING;

/// How a state looks: what is wrong, what waits for somebody, what is well.
pub fn tone(state: &str) -> &'static str {
    match state {
        "open" | "critical" | "unmeasured" | "declined" => "late",
        "restored" | "proposed" | "degraded" | "waiting" => "risk",
        "confirmed" | "healthy" | "closed" | "approved" => "met",
        _ => "",
    }
}

/// An interval on a page.
pub struct Span {
    pub id: Uuid,
    pub service: String,
    pub cause: String,
    pub when: String,
    pub long: String,
    pub evidence: String,
    pub tone: &'static str,
    pub standing: String,
    /// Who proposed it, who confirmed it, who says that it is wrong.
    pub people: Vec<String>,
    /// What the one who looks may do.
    pub may_second: bool,
    pub may_dispute: bool,
    pub gap: bool,
    /// How many services of the same silence wait beside this one, in words.
    pub beside: String,
}

/// Where the buttons beside an interval lead: managers have a door of their own, for the shift's is closed to them.
pub fn door(me: &Me) -> &'static str {
    if me.may(Right::Handle) { "/incidents" } else { "/credits/intervals" }
}

/// The causes to choose from.
pub fn causes(p: &Page) -> Vec<(&'static str, String)> {
    Cause::ALL.iter().map(|c| (c.as_str(), cause(p, *c))).collect()
}

fn people(p: &Page, d: &Downtime, name: Names<'_>) -> Vec<String> {
    let said = |key: &str, id: &str| p.a(key, "name", name(id));
    let first = if d.proposed_by == MONITORING {
        p.t("web-monitoring")
    } else {
        said("web-interval-said-by", &d.proposed_by)
    };
    let against = d.disputed_by.as_deref().map(|id| said("web-interval-disputed-by", id));
    let agreed = if d.state == DowntimeState::Withdrawn {
        "web-interval-withdrawn-by"
    } else {
        "web-interval-confirmed-by"
    };
    let second = d.seconded_by.as_deref().map(|id| said(agreed, id));
    // Who agreed that it is wrong did so after it was said.
    let (one, other) =
        if d.state == DowntimeState::Withdrawn { (against, second) } else { (second, against) };
    std::iter::once(first).chain(one).chain(other).collect()
}

impl Span {
    /// An interval as `me` sees it.
    pub fn of(p: &Page, me: &Me, d: &Downtime, name: Names<'_>) -> Self {
        let said_by = d.disputed_by.as_ref().unwrap_or(&d.proposed_by);
        let waits = d.state == DowntimeState::Proposed
            || (d.state == DowntimeState::Confirmed && d.disputed_by.is_some());
        let disputed = d.disputed_by.is_some() && d.state != DowntimeState::Withdrawn;
        let measured = d.state == DowntimeState::Proposed && d.proposed_by == MONITORING && !disputed;
        let standing = if measured {
            "measured"
        } else if disputed {
            "disputed"
        } else {
            d.state.as_str()
        };
        let may = me.may(Right::Handle) || me.may(Right::Credit);
        Self {
            id: d.id,
            service: d.service.to_string(),
            cause: d.cause.map_or_else(|| p.t("web-interval-gap"), |c| cause(p, c)),
            when: words::stretch(d.span(), p.lang),
            long: words::length(d.span().ms(), p.lang),
            evidence: d.evidence.clone(),
            tone: if disputed { "risk" } else { tone(d.state.as_str()) },
            standing: p.t(&format!("web-interval-{standing}")),
            people: people(p, d, name),
            may_second: may && waits && *said_by != me.staff.id.0,
            may_dispute: may
                && d.disputed_by.is_none()
                && d.state != DowntimeState::Withdrawn
                && d.state != DowntimeState::Unmeasured,
            gap: d.state == DowntimeState::Unmeasured && may,
            beside: String::new(),
        }
    }
}
