//! What the desk's buttons send back: `d:`, a letter, a ticket number and what else the button claims, within Telegram's 64 bytes.
//!
//! The data says what was meant, never what is allowed: a press is decided by the presser's role and the ticket's state of that moment.

use std::fmt;
use std::str::FromStr;

use crm::domain::ids::TicketNumber;
use crm::domain::kind::Queue;

/// How every button of the desk begins.
pub const PREFIX: &str = "d:";

/// The first sixteen digits of an action's digest: enough to tell one proposal from another, short enough for a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim(u64);

impl Claim {
    /// The claim of an action with this digest; `None` if it is no digest.
    pub fn of(digest: &str) -> Option<Self> {
        u64::from_str_radix(digest.get(..16)?, 16).ok().map(Self)
    }

    /// Whether `digest` is the one that the button was made for.
    pub fn fits(self, digest: &str) -> bool {
        digest.starts_with(&format!("{:016x}", self.0))
    }
}

/// A press on one of the desk's buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskTap {
    /// Hold it.
    Take(TicketNumber),
    /// Ask the customer; the question follows.
    Ask(TicketNumber),
    /// Done; the closing words follow.
    Solve(TicketNumber),
    /// Done, without words.
    SolveSilently(TicketNumber),
    /// Agree to the proposal that the button showed.
    Approve(TicketNumber, Claim),
    /// Refuse the ticket, and with a claim the proposal that the button showed; the reason follows.
    Decline(TicketNumber, Option<Claim>),
    /// Show the departments it could go to.
    HandOver(TicketNumber),
    /// Give it to this department.
    HandTo(TicketNumber, Queue),
    /// Back to the card's own buttons.
    Back(TicketNumber),
    /// Answer a page.
    Acknowledge(TicketNumber),
    /// Show the ticket in private.
    Open(TicketNumber),
    /// Write nothing after all.
    Cancel(TicketNumber),
    /// Confirm that whoever asks is the contact whose number he has.
    Bind(TicketNumber),
    /// Show the queue, anew.
    Queue,
    /// Show what the presser holds.
    Mine,
}

impl fmt::Display for DeskTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        match self {
            Self::Take(n) => write!(f, "t:{}", n.0),
            Self::Ask(n) => write!(f, "a:{}", n.0),
            Self::Solve(n) => write!(f, "s:{}", n.0),
            Self::SolveSilently(n) => write!(f, "w:{}", n.0),
            Self::Approve(n, claim) => write!(f, "y:{}:{:016x}", n.0, claim.0),
            Self::Decline(n, None) => write!(f, "n:{}", n.0),
            Self::Decline(n, Some(claim)) => write!(f, "n:{}:{:016x}", n.0, claim.0),
            Self::HandOver(n) => write!(f, "h:{}", n.0),
            Self::HandTo(n, queue) => write!(f, "h:{}:{queue}", n.0),
            Self::Back(n) => write!(f, "b:{}", n.0),
            Self::Acknowledge(n) => write!(f, "k:{}", n.0),
            Self::Open(n) => write!(f, "o:{}", n.0),
            Self::Cancel(n) => write!(f, "c:{}", n.0),
            Self::Bind(n) => write!(f, "i:{}", n.0),
            Self::Queue => f.write_str("q"),
            Self::Mine => f.write_str("m"),
        }
    }
}

/// Data that no button of the desk has: an old version's, or somebody's invention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no button of the desk sends this")]
pub struct NotATap;

impl FromStr for DeskTap {
    type Err = NotATap;

    fn from_str(data: &str) -> Result<Self, NotATap> {
        let mut parts = data.strip_prefix(PREFIX).ok_or(NotATap)?.split(':');
        let letter = parts.next().unwrap_or_default();
        let number = parts.next().map(number).transpose()?;
        let claim = parts.next();
        if parts.next().is_some() {
            return Err(NotATap);
        }
        Ok(match (letter, number, claim) {
            ("t", Some(n), None) => Self::Take(n),
            ("a", Some(n), None) => Self::Ask(n),
            ("s", Some(n), None) => Self::Solve(n),
            ("w", Some(n), None) => Self::SolveSilently(n),
            ("y", Some(n), Some(c)) => Self::Approve(n, exactly(c)?),
            ("n", Some(n), None) => Self::Decline(n, None),
            ("n", Some(n), Some(c)) => Self::Decline(n, Some(exactly(c)?)),
            ("h", Some(n), None) => Self::HandOver(n),
            ("h", Some(n), Some(queue)) => Self::HandTo(n, queue.parse().map_err(|_| NotATap)?),
            ("b", Some(n), None) => Self::Back(n),
            ("k", Some(n), None) => Self::Acknowledge(n),
            ("o", Some(n), None) => Self::Open(n),
            ("c", Some(n), None) => Self::Cancel(n),
            ("i", Some(n), None) => Self::Bind(n),
            ("q", None, None) => Self::Queue,
            ("m", None, None) => Self::Mine,
            _ => return Err(NotATap),
        })
    }
}

fn number(text: &str) -> Result<TicketNumber, NotATap> {
    // Not `TicketNumber::from_str`, which reads what people type.
    match text.parse::<i64>() {
        Ok(n) if n > 0 => Ok(TicketNumber(n)),
        _ => Err(NotATap),
    }
}

fn exactly(text: &str) -> Result<Claim, NotATap> {
    if text.len() == 16 { Claim::of(text).ok_or(NotATap) } else { Err(NotATap) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_tap() -> impl Strategy<Value = DeskTap> {
        (0..16u8, 1..=i64::MAX, any::<u64>(), 0..Queue::ALL.len()).prop_map(|(which, n, claim, queue)| {
            let (n, claim) = (TicketNumber(n), Claim(claim));
            match which {
                0 => DeskTap::Take(n),
                1 => DeskTap::Ask(n),
                2 => DeskTap::Solve(n),
                3 => DeskTap::SolveSilently(n),
                4 => DeskTap::Approve(n, claim),
                5 => DeskTap::Decline(n, None),
                6 => DeskTap::Decline(n, Some(claim)),
                7 => DeskTap::HandOver(n),
                8 => DeskTap::HandTo(n, Queue::ALL[queue]),
                9 => DeskTap::Back(n),
                10 => DeskTap::Acknowledge(n),
                11 => DeskTap::Open(n),
                12 => DeskTap::Cancel(n),
                13 => DeskTap::Queue,
                14 => DeskTap::Bind(n),
                _ => DeskTap::Mine,
            }
        })
    }

    proptest! {
        #[test]
        fn every_tap_reads_back_and_fits_a_button(tap in any_tap()) {
            let data = tap.to_string();
            prop_assert!(data.len() <= 64, "{data}");
            prop_assert_eq!(data.parse(), Ok(tap));
        }

        #[test]
        fn inventions_are_refused_and_never_panic(data in "(d:)?[a-z]{0,2}(:[0-9a-zқ-]{0,20}){0,3}") {
            if let Ok(tap) = data.parse::<DeskTap>() {
                prop_assert_eq!(tap.to_string().parse(), Ok(tap));
            }
        }
    }

    #[test]
    fn a_claim_fits_its_digest_alone() {
        let digest = "00ab".repeat(16);
        let claim = Claim::of(&digest).expect("a digest");
        assert!(claim.fits(&digest));
        assert!(!claim.fits(&"00ac".repeat(16)));
        assert_eq!(Claim::of("жоқ"), None);
    }
}
