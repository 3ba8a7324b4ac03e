//! What a button of a customer's chat means, and how it fits into the 64 bytes of Telegram's callback data.
//!
//! Data comes back from the person's app and is only a claim: it may be old, or forged. A [`Tap`] names what is wanted; whoever carries
//! it out checks it against what this person may see. Data of the customers' chats begins with `c:` (`d:` is the desk's).

use std::fmt;
use std::str::FromStr;

use crm::domain::downtime::Month;
use crm::domain::form::{QuotaResource, RebootMode};
use crm::domain::ids::{ContactId, NetworkId, ServiceId, TicketNumber};
use crm::domain::kind::Terms;
use crm::domain::lang::Lang;

/// An enum whose variants are words in callback data and in stored dialogues.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every one, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = Foreign;
            fn from_str(s: &str) -> Result<Self, Foreign> {
                Self::ALL.iter().copied().find(|it| it.as_str() == s).ok_or(Foreign)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

words! {
    /// A conversation that the menu begins.
    pub enum Topic {
        /// Reboot a VM.
        Reboot = "reboot",
        /// Unlock a VM.
        Unlock = "unlock",
        /// Report a fault.
        Fault = "fault",
        /// Ask a question.
        Question = "question",
        /// More of what a quota limits.
        Quota = "quota",
        /// A new password.
        Password = "password",
        /// Connect networks of two zones.
        Link = "link",
        /// Order a service.
        Order = "order",
        /// Try a service.
        Trial = "trial",
        /// Ask for a Cabinet.
        Cabinet = "cabinet",
        /// Claim an SLA credit.
        Credit = "credit",
        /// Claim for lost data.
        Loss = "loss",
    }
}

words! {
    /// Something to read.
    pub enum Info {
        /// How to use this.
        Help = "help",
        /// Where else to turn to.
        Contacts = "contacts",
        /// Who answers for what (S5).
        Responsibility = "who",
    }
}

words! {
    /// What is done to a ticket.
    pub enum Act {
        /// Add a message.
        Write = "w",
        /// It is solved indeed.
        Confirm = "y",
        /// It is not solved.
        Reopen = "r",
        /// Take it back: asks first.
        Cancel = "x",
        /// Take it back, sure.
        CancelSure = "X",
        /// Add words to the rating.
        Comment = "c",
    }
}

/// Where the answer to a press goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In place of the message with the button.
    Here,
    /// Below, because the message with the button says something worth keeping.
    Below,
}

/// An answer to a question of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This service.
    Service(ServiceId),
    /// None of those offered; don't know.
    Other,
    /// Reboot in this way.
    Mode(RebootMode),
    /// Everything is down (`true`), or something is.
    Critical(bool),
    /// So many minutes ago.
    Ago(u32),
    /// Concerning this ticket.
    Ticket(TicketNumber),
    /// Make it one of these.
    Topic(Topic),
    /// The Cabinet itself.
    Cabinet,
    /// Of this, a quota.
    Resource(QuotaResource),
    /// So much: processors, MiB, machines, pods.
    Amount(i64),
    /// This kind of service.
    Terms(Terms),
    /// This network.
    Network(NetworkId),
    /// Send a code.
    Code,
    /// Yes, send, confirm.
    Yes,
    /// One question back.
    Back,
    /// Leave the conversation.
    Cancel,
}

/// What a button means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tap {
    /// Show the menu.
    Menu(Place),
    /// Show the languages.
    Languages,
    /// Speak this language.
    Language(Lang),
    /// Begin a conversation.
    Begin(Topic, Place),
    /// List the person's tickets, from the page with this number.
    Tickets(u16, Place),
    /// Show a ticket.
    Ticket(TicketNumber, Place),
    /// Do something to a ticket.
    Act(Act, TicketNumber),
    /// Rate the help with a ticket, from 1 to 5.
    Rate(u8, TicketNumber),
    /// Show what is asked for less often.
    More,
    /// Show something to read.
    Info(Info),
    /// Ask for the telephone number by which the person is known.
    Share,
    /// Show for whom the person may speak.
    Companies,
    /// Show the availability of a month, the last one unless one is named.
    Availability(Option<Month>),
    /// Show a page of the sheet of a service's month.
    Sheet(ServiceId, Month, u16),
    /// Speak for another customer, as this contact.
    Speak(ContactId),
    /// Answer the question that was asked as `turn`; one asked earlier is out of date.
    Answer {
        /// The number of the question.
        turn: i64,
        /// The answer.
        choice: Choice,
    },
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(id) => write!(f, "v{id}"),
            Self::Other => f.write_str("o"),
            Self::Mode(mode) => write!(f, "m{mode}"),
            Self::Critical(yes) => write!(f, "s{}", u8::from(*yes)),
            Self::Ago(minutes) => write!(f, "a{minutes}"),
            Self::Ticket(number) => write!(f, "t{}", number.0),
            Self::Topic(topic) => write!(f, "k{topic}"),
            Self::Cabinet => f.write_str("c"),
            Self::Resource(resource) => write!(f, "r{resource}"),
            Self::Amount(amount) => write!(f, "n{amount}"),
            Self::Terms(terms) => write!(f, "e{terms}"),
            Self::Network(id) => write!(f, "w{id}"),
            Self::Code => f.write_str("p"),
            Self::Yes => f.write_str("y"),
            Self::Back => f.write_str("b"),
            Self::Cancel => f.write_str("x"),
        }
    }
}

/// Data that no button of ours carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no button of ours carries this data")]
pub struct Foreign;

impl FromStr for Choice {
    type Err = Foreign;

    fn from_str(s: &str) -> Result<Self, Foreign> {
        let mut chars = s.chars();
        let (word, rest) = (chars.next().ok_or(Foreign)?, chars.as_str());
        let exactly = |choice| if rest.is_empty() { Ok(choice) } else { Err(Foreign) };
        match word {
            'v' if !rest.is_empty() => Ok(Self::Service(ServiceId::from(rest))),
            'o' => exactly(Self::Other),
            'm' => rest.parse().map(Self::Mode).map_err(|_| Foreign),
            's' => match rest {
                "1" => Ok(Self::Critical(true)),
                "0" => Ok(Self::Critical(false)),
                _ => Err(Foreign),
            },
            'a' => plain(rest).map(Self::Ago),
            't' => number(rest).map(Self::Ticket),
            'k' => rest.parse().map(Self::Topic),
            'c' => exactly(Self::Cabinet),
            'r' => rest.parse().map(Self::Resource).map_err(|_| Foreign),
            'n' => plain(rest).map(Self::Amount),
            'e' => rest.parse().map(Self::Terms).map_err(|_| Foreign),
            'w' if !rest.is_empty() => Ok(Self::Network(NetworkId::from(rest))),
            'p' => exactly(Self::Code),
            'y' => exactly(Self::Yes),
            'b' => exactly(Self::Back),
            'x' => exactly(Self::Cancel),
            _ => Err(Foreign),
        }
    }
}

impl fmt::Display for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The word is in small letters for an answer in place, in capitals for one below.
        let placed = |small: char, place: Place| match place {
            Place::Here => small,
            Place::Below => small.to_ascii_uppercase(),
        };
        match self {
            Self::Menu(place) => write!(f, "c:{}", placed('m', *place)),
            Self::Languages => f.write_str("c:g"),
            Self::Language(lang) => write!(f, "c:l:{lang}"),
            Self::Begin(topic, place) => write!(f, "c:{}:{topic}", placed('b', *place)),
            Self::Tickets(page, place) => write!(f, "c:{}:{page}", placed('p', *place)),
            Self::Ticket(number, place) => write!(f, "c:{}:{}", placed('t', *place), number.0),
            Self::Act(act, number) => write!(f, "c:d:{act}:{}", number.0),
            Self::Rate(score, number) => write!(f, "c:r:{score}:{}", number.0),
            Self::More => f.write_str("c:o"),
            Self::Info(info) => write!(f, "c:i:{info}"),
            Self::Share => f.write_str("c:s"),
            Self::Companies => f.write_str("c:k"),
            Self::Speak(contact) => write!(f, "c:w:{contact}"),
            Self::Availability(None) => f.write_str("c:u"),
            Self::Availability(Some(month)) => write!(f, "c:u:{month}"),
            Self::Sheet(service, month, page) => write!(f, "c:h:{month}:{page}:{service}"),
            Self::Answer { turn, choice } => write!(f, "c:a:{turn}:{choice}"),
        }
    }
}

impl FromStr for Tap {
    type Err = Foreign;

    fn from_str(s: &str) -> Result<Self, Foreign> {
        let rest = s.strip_prefix("c:").ok_or(Foreign)?;
        let (word, rest) = rest.split_once(':').unwrap_or((rest, ""));
        let place =
            if word.starts_with(|c: char| c.is_ascii_uppercase()) { Place::Below } else { Place::Here };
        let exactly = |tap| if rest.is_empty() { Ok(tap) } else { Err(Foreign) };
        match word {
            "m" | "M" => exactly(Self::Menu(place)),
            "g" => exactly(Self::Languages),
            "l" => rest.parse().map(Self::Language).map_err(|_| Foreign),
            "b" | "B" => rest.parse().map(|topic| Self::Begin(topic, place)),
            "p" | "P" => plain(rest).map(|page| Self::Tickets(page, place)),
            "t" | "T" => number(rest).map(|number| Self::Ticket(number, place)),
            "d" => {
                let (act, of) = rest.split_once(':').ok_or(Foreign)?;
                Ok(Self::Act(act.parse()?, number(of)?))
            }
            "r" => {
                let (score, of) = rest.split_once(':').ok_or(Foreign)?;
                match plain(score)? {
                    score @ 1..=5 => Ok(Self::Rate(score, number(of)?)),
                    _ => Err(Foreign),
                }
            }
            "o" => exactly(Self::More),
            "i" => rest.parse().map(Self::Info),
            "s" => exactly(Self::Share),
            "k" => exactly(Self::Companies),
            "w" if !rest.is_empty() => Ok(Self::Speak(ContactId::from(rest))),
            "u" if rest.is_empty() => Ok(Self::Availability(None)),
            "u" => rest.parse().map(|month| Self::Availability(Some(month))).map_err(|_| Foreign),
            "h" => {
                let (month, rest) = rest.split_once(':').ok_or(Foreign)?;
                let (page, service) = rest.split_once(':').filter(|p| !p.1.is_empty()).ok_or(Foreign)?;
                Ok(Self::Sheet(ServiceId::from(service), month.parse().map_err(|_| Foreign)?, plain(page)?))
            }
            "a" => {
                let (turn, choice) = rest.split_once(':').ok_or(Foreign)?;
                Ok(Self::Answer { turn: plain(turn)?, choice: choice.parse()? })
            }
            _ => Err(Foreign),
        }
    }
}

/// Digits alone: neither a sign nor spaces, so that every meaning has one spelling.
fn plain<T: FromStr>(digits: &str) -> Result<T, Foreign> {
    let sound = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if sound { digits.parse().map_err(|_| Foreign) } else { Err(Foreign) }
}

fn number(digits: &str) -> Result<TicketNumber, Foreign> {
    plain(digits).map(TicketNumber)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn service() -> impl Strategy<Value = ServiceId> {
        "[A-Za-z0-9._-]{1,40}".prop_map(ServiceId)
    }

    fn a_number() -> impl Strategy<Value = TicketNumber> {
        (0i64..).prop_map(TicketNumber)
    }

    fn month() -> impl Strategy<Value = Month> {
        (1970..9999, 1..=12).prop_map(|(year, month)| format!("{year}-{month:02}").parse().expect("a month"))
    }

    fn place() -> impl Strategy<Value = Place> {
        prop_oneof![Just(Place::Here), Just(Place::Below)]
    }

    fn topic() -> impl Strategy<Value = Topic> {
        proptest::sample::select(Topic::ALL)
    }

    fn choice() -> impl Strategy<Value = Choice> {
        prop_oneof![
            service().prop_map(Choice::Service),
            proptest::sample::select(RebootMode::ALL).prop_map(Choice::Mode),
            any::<bool>().prop_map(Choice::Critical),
            any::<u32>().prop_map(Choice::Ago),
            a_number().prop_map(Choice::Ticket),
            topic().prop_map(Choice::Topic),
            proptest::sample::select(QuotaResource::ALL).prop_map(Choice::Resource),
            (0i64..).prop_map(Choice::Amount),
            proptest::sample::select(Terms::ALL).prop_map(Choice::Terms),
            service().prop_map(|id| Choice::Network(NetworkId(id.0))),
            Just(Choice::Cabinet),
            proptest::sample::select(vec![
                Choice::Other,
                Choice::Code,
                Choice::Yes,
                Choice::Back,
                Choice::Cancel
            ]),
        ]
    }

    fn tap() -> impl Strategy<Value = Tap> {
        prop_oneof![
            place().prop_map(Tap::Menu),
            Just(Tap::Languages),
            proptest::sample::select(Lang::ALL).prop_map(Tap::Language),
            (topic(), place()).prop_map(|(t, p)| Tap::Begin(t, p)),
            (any::<u16>(), place()).prop_map(|(n, p)| Tap::Tickets(n, p)),
            (a_number(), place()).prop_map(|(n, p)| Tap::Ticket(n, p)),
            (proptest::sample::select(Act::ALL), a_number()).prop_map(|(a, n)| Tap::Act(a, n)),
            (1u8..=5, a_number()).prop_map(|(s, n)| Tap::Rate(s, n)),
            proptest::sample::select(vec![Tap::More, Tap::Share, Tap::Companies]),
            proptest::sample::select(Info::ALL).prop_map(Tap::Info),
            service().prop_map(|id| Tap::Speak(ContactId(id.0))),
            proptest::option::of(month()).prop_map(Tap::Availability),
            (service(), month(), any::<u16>()).prop_map(|(s, m, page)| Tap::Sheet(s, m, page)),
            // A turn is a moment in seconds: eleven digits last until the year 5138.
            (0i64..100_000_000_000, choice()).prop_map(|(turn, choice)| Tap::Answer { turn, choice }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_fits(tap in tap()) {
            let data = tap.to_string();
            prop_assert!(data.len() <= 64, "{data}");
            prop_assert!(data.starts_with("c:"));
            prop_assert_eq!(data.parse(), Ok(tap));
        }

        #[test]
        fn whatever_is_forged_is_refused_or_reads_as_something_of_ours(data in "\\PC{0,70}") {
            if let Ok(tap) = data.parse::<Tap>() {
                prop_assert_eq!(tap.to_string().parse(), Ok(tap));
            }
            if let Ok(tap) = format!("c:{data}").parse::<Tap>() {
                prop_assert_eq!(tap.to_string().parse(), Ok(tap));
            }
        }
    }
}
