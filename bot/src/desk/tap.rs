//! What the desk's buttons send back: `d:`, a letter, a ticket number and what else the button claims, within Telegram's 64 bytes.
//!
//! The data says what was meant, never what is allowed: a press is decided by the presser's role and the ticket's state of that moment.

use std::fmt;
use std::str::FromStr;

use crm::domain::event::Link;
use crm::domain::ids::TicketNumber;
use crm::domain::kind::Queue;
use crm::domain::lang::Lang;
use crm::store::About;
use uuid::Uuid;

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

/// The first digits of an id's hash: ids of the directory may be too long for a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag(u32);

impl Tag {
    /// The tag of an id, or of nobody.
    pub fn of(id: &str) -> Self {
        let hash = crm::domain::audit::sha256_hex(id.as_bytes());
        Self(u32::from_str_radix(&hash[..8], 16).unwrap_or_default())
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl FromStr for Tag {
    type Err = NotATap;

    fn from_str(text: &str) -> Result<Self, NotATap> {
        if text.len() != 8 {
            return Err(NotATap);
        }
        u32::from_str_radix(text, 16).map(Self).map_err(|_| NotATap)
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
    /// Show what is done less often.
    More(TicketNumber),
    /// Show who could hold it.
    Assign(TicketNumber),
    /// Let him hold it, instead of the one who held it when the button was made.
    AssignTo(TicketNumber, Tag, Tag),
    /// Call for help; the reason follows.
    Escalate(TicketNumber),
    /// A fault is worse or less bad than reported; the reason follows.
    Severity(TicketNumber),
    /// Show the tickets it could belong to.
    Attach(TicketNumber),
    /// Show how the two could belong together.
    AttachWith(TicketNumber, TicketNumber),
    /// Attach it to the other.
    AttachTo(TicketNumber, TicketNumber, Link),
    /// An internal note follows.
    Note(TicketNumber),
    /// Show the canned replies.
    Canned(TicketNumber),
    /// Show one as the customer would read it.
    CannedPick(TicketNumber, Tag),
    /// Send it, in this language.
    CannedSend(TicketNumber, Tag, Lang),
    /// Show the conversation, and what arrived.
    History(TicketNumber),
    /// Back to the card's own buttons.
    Back(TicketNumber),
    /// Answer a page.
    Acknowledge(TicketNumber),
    /// Answer every page.
    AcknowledgeAll,
    /// Show the ticket in private.
    Open(TicketNumber),
    /// Write nothing after all.
    Cancel(TicketNumber),
    /// Confirm that whoever asks is the contact whose number he has.
    Bind(TicketNumber),
    /// Take the list away whose button this is.
    Close(TicketNumber),
    /// Show the queue, anew.
    Queue,
    /// Show what the presser holds.
    Mine,
    /// Show what was late.
    Breaches,
    /// Something about the rota.
    Shift(ShiftTap),
    /// Something about a broadcast.
    Broadcast(BroadcastTap),
}

/// A press about who is on call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShiftTap {
    /// Show who is on call.
    Show,
    /// Be on call until the shift ends.
    TakeOver(Queue),
    /// Show with whom to swap.
    Choose(Queue),
    /// Ask him to swap.
    Swap(Queue, Tag),
    /// Show whom to put on call.
    Put(Queue),
    /// Put him on call until the shift ends.
    PutOn(Queue, Tag),
    /// Agree to a swap.
    Agree(Uuid),
    /// Refuse it.
    Refuse(Uuid),
    /// End what was arranged.
    End(Uuid),
}

/// A press about a broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BroadcastTap {
    /// Begin one.
    Begin(About),
    /// For everybody.
    Everybody,
    /// For those with a machine in this zone.
    Zone(Tag),
    /// For those with a place in this cluster.
    Cluster(Tag),
    /// Send it.
    Send,
    /// Do not.
    Cancel,
    /// Show how far it has got.
    Status(Uuid),
}

impl fmt::Display for ShiftTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Show => f.write_str("z"),
            Self::TakeOver(queue) => write!(f, "z:t:{queue}"),
            Self::Choose(queue) => write!(f, "z:c:{queue}"),
            Self::Swap(queue, who) => write!(f, "z:c:{queue}:{who}"),
            Self::Put(queue) => write!(f, "z:p:{queue}"),
            Self::PutOn(queue, who) => write!(f, "z:p:{queue}:{who}"),
            Self::Agree(pair) => write!(f, "z:y:{}", pair.simple()),
            Self::Refuse(pair) => write!(f, "z:n:{}", pair.simple()),
            Self::End(pair) => write!(f, "z:e:{}", pair.simple()),
        }
    }
}

impl fmt::Display for BroadcastTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin(about) => write!(f, "u:b:{about}"),
            Self::Everybody => f.write_str("u:a"),
            Self::Zone(zone) => write!(f, "u:z:{zone}"),
            Self::Cluster(cluster) => write!(f, "u:k:{cluster}"),
            Self::Send => f.write_str("u:y"),
            Self::Cancel => f.write_str("u:n"),
            Self::Status(id) => write!(f, "u:s:{}", id.simple()),
        }
    }
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
            Self::More(n) => write!(f, "e:{}", n.0),
            Self::Assign(n) => write!(f, "g:{}", n.0),
            Self::AssignTo(n, who, from) => write!(f, "g:{}:{who}:{from}", n.0),
            Self::Escalate(n) => write!(f, "x:{}", n.0),
            Self::Severity(n) => write!(f, "v:{}", n.0),
            Self::Attach(n) => write!(f, "l:{}", n.0),
            Self::AttachWith(n, to) => write!(f, "l:{}:{}", n.0, to.0),
            Self::AttachTo(n, to, link) => write!(f, "l:{}:{}:{link}", n.0, to.0),
            Self::Note(n) => write!(f, "p:{}", n.0),
            Self::Canned(n) => write!(f, "r:{}", n.0),
            Self::CannedPick(n, name) => write!(f, "r:{}:{name}", n.0),
            Self::CannedSend(n, name, lang) => write!(f, "r:{}:{name}:{lang}", n.0),
            Self::History(n) => write!(f, "f:{}", n.0),
            Self::Back(n) => write!(f, "b:{}", n.0),
            Self::Acknowledge(n) => write!(f, "k:{}", n.0),
            Self::AcknowledgeAll => f.write_str("k"),
            Self::Open(n) => write!(f, "o:{}", n.0),
            Self::Cancel(n) => write!(f, "c:{}", n.0),
            Self::Bind(n) => write!(f, "i:{}", n.0),
            Self::Close(n) => write!(f, "j:{}", n.0),
            Self::Queue => f.write_str("q"),
            Self::Mine => f.write_str("m"),
            Self::Breaches => f.write_str("l"),
            Self::Shift(tap) => tap.fmt(f),
            Self::Broadcast(tap) => tap.fmt(f),
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
        let parts: Vec<&str> = data.strip_prefix(PREFIX).ok_or(NotATap)?.split(':').collect();
        Ok(match *parts.as_slice() {
            ["t", n] => Self::Take(number(n)?),
            ["a", n] => Self::Ask(number(n)?),
            ["s", n] => Self::Solve(number(n)?),
            ["w", n] => Self::SolveSilently(number(n)?),
            ["y", n, c] => Self::Approve(number(n)?, exactly(c)?),
            ["n", n] => Self::Decline(number(n)?, None),
            ["n", n, c] => Self::Decline(number(n)?, Some(exactly(c)?)),
            ["h", n] => Self::HandOver(number(n)?),
            ["h", n, queue] => Self::HandTo(number(n)?, word(queue)?),
            ["e", n] => Self::More(number(n)?),
            ["g", n] => Self::Assign(number(n)?),
            ["g", n, who, from] => Self::AssignTo(number(n)?, who.parse()?, from.parse()?),
            ["x", n] => Self::Escalate(number(n)?),
            ["v", n] => Self::Severity(number(n)?),
            ["l", n] => Self::Attach(number(n)?),
            ["l", n, to] => Self::AttachWith(number(n)?, number(to)?),
            ["l", n, to, link] => Self::AttachTo(number(n)?, number(to)?, word(link)?),
            ["i", n] => Self::Bind(number(n)?),
            ["p", n] => Self::Note(number(n)?),
            ["r", n] => Self::Canned(number(n)?),
            ["r", n, name] => Self::CannedPick(number(n)?, name.parse()?),
            ["r", n, name, lang] => Self::CannedSend(number(n)?, name.parse()?, word(lang)?),
            ["f", n] => Self::History(number(n)?),
            ["b", n] => Self::Back(number(n)?),
            ["k", n] => Self::Acknowledge(number(n)?),
            ["k"] => Self::AcknowledgeAll,
            ["o", n] => Self::Open(number(n)?),
            ["c", n] => Self::Cancel(number(n)?),
            ["j", n] => Self::Close(number(n)?),
            ["q"] => Self::Queue,
            ["m"] => Self::Mine,
            ["l"] => Self::Breaches,
            ["z", ref rest @ ..] => Self::Shift(shift(rest)?),
            ["u", ref rest @ ..] => Self::Broadcast(broadcast(rest)?),
            _ => return Err(NotATap),
        })
    }
}

fn shift(parts: &[&str]) -> Result<ShiftTap, NotATap> {
    Ok(match *parts {
        [] => ShiftTap::Show,
        ["t", queue] => ShiftTap::TakeOver(word(queue)?),
        ["c", queue] => ShiftTap::Choose(word(queue)?),
        ["c", queue, who] => ShiftTap::Swap(word(queue)?, who.parse()?),
        ["p", queue] => ShiftTap::Put(word(queue)?),
        ["p", queue, who] => ShiftTap::PutOn(word(queue)?, who.parse()?),
        ["y", pair] => ShiftTap::Agree(uuid(pair)?),
        ["n", pair] => ShiftTap::Refuse(uuid(pair)?),
        ["e", pair] => ShiftTap::End(uuid(pair)?),
        _ => return Err(NotATap),
    })
}

fn broadcast(parts: &[&str]) -> Result<BroadcastTap, NotATap> {
    Ok(match *parts {
        ["b", about] => BroadcastTap::Begin(word(about)?),
        ["a"] => BroadcastTap::Everybody,
        ["z", zone] => BroadcastTap::Zone(zone.parse()?),
        ["k", cluster] => BroadcastTap::Cluster(cluster.parse()?),
        ["y"] => BroadcastTap::Send,
        ["n"] => BroadcastTap::Cancel,
        ["s", id] => BroadcastTap::Status(uuid(id)?),
        _ => return Err(NotATap),
    })
}

fn word<T: FromStr>(text: &str) -> Result<T, NotATap> {
    text.parse().map_err(|_| NotATap)
}

fn uuid(text: &str) -> Result<Uuid, NotATap> {
    if text.len() == 32 { Uuid::try_parse(text).map_err(|_| NotATap) } else { Err(NotATap) }
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
        let number = (1..=i64::MAX).prop_map(TicketNumber);
        let queue = || prop::sample::select(Queue::ALL.to_vec());
        let tag = || any::<u32>().prop_map(Tag);
        let pair = || any::<u128>().prop_map(Uuid::from_u128);
        let simple: Vec<fn(TicketNumber) -> DeskTap> = vec![
            DeskTap::Take,
            DeskTap::Ask,
            DeskTap::Solve,
            DeskTap::SolveSilently,
            DeskTap::HandOver,
            DeskTap::More,
            DeskTap::Assign,
            DeskTap::Escalate,
            DeskTap::Severity,
            DeskTap::Attach,
            DeskTap::Note,
            DeskTap::Canned,
            DeskTap::History,
            DeskTap::Back,
            DeskTap::Acknowledge,
            DeskTap::Open,
            DeskTap::Cancel,
            DeskTap::Bind,
            DeskTap::Close,
        ];
        let alone = vec![
            DeskTap::Queue,
            DeskTap::Mine,
            DeskTap::Breaches,
            DeskTap::AcknowledgeAll,
            DeskTap::Shift(ShiftTap::Show),
            DeskTap::Broadcast(BroadcastTap::Everybody),
            DeskTap::Broadcast(BroadcastTap::Send),
            DeskTap::Broadcast(BroadcastTap::Cancel),
        ];
        let about_ticket = (number.clone(), prop::sample::select(simple)).prop_map(|(n, make)| make(n));
        let claimed = (number.clone(), any::<u64>(), 0..3u8).prop_map(|(n, claim, which)| match which {
            0 => DeskTap::Approve(n, Claim(claim)),
            1 => DeskTap::Decline(n, Some(Claim(claim))),
            _ => DeskTap::Decline(n, None),
        });
        let named = (number.clone(), number.clone(), tag(), tag(), queue(), 0..6u8).prop_map(
            |(n, other, one, two, queue, which)| match which {
                0 => DeskTap::HandTo(n, queue),
                1 => DeskTap::AssignTo(n, one, two),
                2 => DeskTap::AttachWith(n, other),
                3 => DeskTap::AttachTo(n, other, Link::Incident),
                4 => DeskTap::CannedPick(n, one),
                _ => DeskTap::CannedSend(n, two, Lang::Ru),
            },
        );
        let rest = (queue(), tag(), pair(), 0..13u8).prop_map(|(queue, tag, id, which)| match which {
            0 => DeskTap::Shift(ShiftTap::TakeOver(queue)),
            1 => DeskTap::Shift(ShiftTap::Choose(queue)),
            2 => DeskTap::Shift(ShiftTap::Swap(queue, tag)),
            3 => DeskTap::Shift(ShiftTap::Put(queue)),
            4 => DeskTap::Shift(ShiftTap::PutOn(queue, tag)),
            5 => DeskTap::Shift(ShiftTap::Agree(id)),
            6 => DeskTap::Shift(ShiftTap::Refuse(id)),
            7 => DeskTap::Shift(ShiftTap::End(id)),
            8 => DeskTap::Broadcast(BroadcastTap::Begin(About::PlannedWorks)),
            9 => DeskTap::Broadcast(BroadcastTap::Zone(tag)),
            10 => DeskTap::Broadcast(BroadcastTap::Cluster(tag)),
            11 => DeskTap::Broadcast(BroadcastTap::Status(id)),
            _ => DeskTap::Broadcast(BroadcastTap::Begin(About::Outage)),
        });
        prop_oneof![about_ticket, prop::sample::select(alone), claimed, named, rest]
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
