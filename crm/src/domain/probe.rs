//! What the provisioner sees of control planes (S6, C3), pure: looks become stretches of time, and time without looks stays unmeasured.

use chrono::TimeDelta;
use uuid::Uuid;

use super::ids::ClusterId;
use crate::clock::Moment;

word_enum! {
    /// How a control plane is.
    pub enum Health {
        /// All masters serve.
        Healthy = "healthy",
        /// A highly available control plane lost a master and goes on: the customer's services work.
        Degraded = "degraded",
        /// A basic control plane's only master fails, or a highly available one lost its quorum.
        Critical = "critical",
    }
}

word_enum! {
    /// What the crm has made of a stretch.
    pub enum Handled {
        /// Nothing yet.
        No = "no",
        /// A fault.
        Raised = "raised",
        /// Everything that follows from it.
        Done = "done",
    }
}

/// One look at a control plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Of which cluster.
    pub cluster: ClusterId,
    /// When its masters were asked: what failed then failed from this moment.
    pub begun: Moment,
    /// When they had answered: what served then serves from this moment.
    pub done: Moment,
    /// How it is.
    pub health: Health,
    /// What the masters said, for people.
    pub findings: String,
}

/// Time in which a control plane was always seen to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Its row.
    pub id: Uuid,
    /// Of which cluster.
    pub cluster: ClusterId,
    /// How it was.
    pub health: Health,
    /// From the first look on.
    pub starts: Moment,
    /// When it was last seen to be so.
    pub seen_at: Moment,
    /// When it was over; `None` while it goes on.
    pub ends: Option<Moment>,
    /// What its first look found.
    pub findings: String,
    /// What was made of it.
    pub handled: Handled,
}

/// What a look changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The first look at all: a stretch begins.
    Begins(Moment),
    /// All as before, until this moment.
    Continues(Moment),
    /// The stretch ends and another begins; time in between was not measured.
    Turns {
        /// The end of the one.
        ends: Moment,
        /// The beginning of the other.
        begins: Moment,
    },
}

/// What `look` changes after what was seen before (`open`), of which nothing may be older than `patience`: a longer silence of the prober
/// is neither up nor down.
pub fn follow(open: Option<&Stretch>, look: &Look, patience: TimeDelta) -> Change {
    let Some(open) = open else { return Change::Begins(look.begun) };
    if look.begun - open.seen_at > patience {
        return Change::Turns { ends: open.seen_at, begins: look.begun };
    }
    if look.health == open.health {
        return Change::Continues(look.done.max(open.seen_at));
    }
    let worse = look.health > open.health;
    let at = if worse { look.begun } else { look.done }.max(open.seen_at);
    Change::Turns { ends: at, begins: at }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_timestamp(1_800_000_000 + seconds, 0).unwrap_or_default()
    }

    fn stretch(health: Health) -> Stretch {
        Stretch {
            id: Uuid::nil(),
            cluster: ClusterId::from("k"),
            health,
            starts: at(0),
            seen_at: at(100),
            ends: None,
            findings: String::new(),
            handled: Handled::No,
        }
    }

    fn turns(ends: i64, begins: i64) -> Change {
        Change::Turns { ends: at(ends), begins: at(begins) }
    }

    #[rstest]
    #[case::all_as_before(Health::Healthy, (110, 111), Health::Healthy, Change::Continues(at(111)))]
    #[case::it_fails_from_when_it_was_asked(Health::Healthy, (110, 121), Health::Critical, turns(110, 110))]
    #[case::it_serves_from_when_it_answered(Health::Critical, (110, 111), Health::Healthy, turns(111, 111))]
    #[case::better_but_not_well(Health::Critical, (110, 111), Health::Degraded, turns(111, 111))]
    #[case::as_late_as_may_be(Health::Healthy, (130, 131), Health::Healthy, Change::Continues(at(131)))]
    #[case::nobody_looked_for_too_long(Health::Healthy, (131, 132), Health::Healthy, turns(100, 131))]
    #[case::down_before_and_after_the_silence(Health::Critical, (500, 501), Health::Critical, turns(100, 500))]
    #[case::another_prober_was_quicker(Health::Healthy, (99, 100), Health::Critical, turns(100, 100))]
    fn looks_become_stretches(
        #[case] before: Health,
        #[case] (begun, done): (i64, i64),
        #[case] health: Health,
        #[case] change: Change,
    ) {
        let look = Look {
            cluster: ClusterId::from("k"),
            begun: at(begun),
            done: at(done),
            health,
            findings: String::new(),
        };
        assert_eq!(follow(Some(&stretch(before)), &look, TimeDelta::seconds(30)), change);
        assert_eq!(follow(None, &look, TimeDelta::seconds(30)), Change::Begins(at(begun)));
    }
}
