//! Typed ids. Rows have UUID v7 keys; people see the ticket number; the directory's ids are its own words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
    )+};
}

uuid_id! {
    /// A ticket's row and the stream of its events.
    TicketId,
    /// One proposed change to a real system.
    ActionId,
    /// One message of a ticket's conversation.
    MessageId,
}

text_id! {
    /// A customer: the organisation that rents.
    CustomerId,
    /// A person who may speak for a customer.
    ContactId,
    /// A rented service: a virtual machine or a place in a cluster.
    ServiceId,
    /// A person who works at the desk.
    StaffId,
    /// An availability zone.
    ZoneId,
    /// A Kubernetes cluster.
    ClusterId,
    /// A customer's network in a zone.
    NetworkId,
}

/// The stream of desk-wide events (emergency mode, directory changes): not a ticket's.
pub const DESK_STREAM: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_006b_6f6d_656b);

/// The number people use, `KM-000042`. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketNumber(pub i64);

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KM-{:06}", self.0)
    }
}

impl FromStr for TicketNumber {
    type Err = String;

    /// Reads what people type: `KM-000042`, `km-42`, `КМ 42` (Cyrillic), `#42`, `42`.
    fn from_str(s: &str) -> Result<Self, String> {
        typed_number(s, "KM")
            .map(Self)
            .ok_or_else(|| format!("«{s}» is not a ticket number; it looks like KM-000042"))
    }
}

/// The number that somebody typed, with or without its letters `prefix` in whatever case, Cyrillic ones that look the same included. Other
/// letters are another number's: `IN-7` is no ticket.
pub(super) fn typed_number(text: &str, prefix: &str) -> Option<i64> {
    let latin = |c: char| match c {
        'К' | 'к' => 'K',
        'М' | 'м' => 'M',
        c => c.to_ascii_uppercase(),
    };
    let signs = ['-', '#', '№', ' '];
    let text: String = text.trim().trim_start_matches(signs).chars().map(latin).collect();
    let digits = text.strip_prefix(prefix).unwrap_or(&text).trim_start_matches(signs);
    let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
    number.filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_however_people_type_them() {
        for typed in ["KM-000042", "km-42", "КМ-42", "#42", "№ 42", "42", "#KM-42", " KM 42 "] {
            assert_eq!(typed.parse(), Ok(TicketNumber(42)), "{typed}");
        }
        for typed in ["", "KM-", "0", "-7x", "forty-two", "E1", "IN-000007", "KM-+7", "KMKM-7"] {
            assert!(typed.parse::<TicketNumber>().is_err(), "{typed}");
        }
        assert_eq!(TicketNumber(42).to_string(), "KM-000042");
    }
}
