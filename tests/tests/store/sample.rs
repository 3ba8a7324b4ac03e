//! What the contract's tests store.

use chrono::TimeDelta;
use crm::clock::{Moment, id_at};
use crm::domain::actor::Actor;
use crm::domain::audit::EventRecord;
use crm::domain::event::{Event, Opening, Origin};
use crm::domain::form::{Form, RebootMode};
use crm::domain::ids::{ContactId, CustomerId, MessageId, ServiceId, TicketId, TicketNumber};
use crm::domain::kind::{Channel, Kind, Queue};
use crm::domain::lang::Lang;
use crm::domain::ticket::Ticket;
use crm::store::{Attachment, NewMessage, Side};
use uuid::Uuid;

/// Everything that JSON, quoting, collations and encodings like to spoil.
pub const HARD: &str = "Сәлем! ҚҰЖАТ «ә» 'quote' \"double\" \\back\\ \u{1F525}\u{200D}\u{1F692} \t tab\nline; DROP TABLE ticket;-- %_$1 e\u{301}";

/// Numbers of rows around the borders of what one statement writes.
pub const COUNTS: [i64; 6] = [1, 2, 127, 128, 129, 300];

/// A moment with microseconds, so many of them after noon.
pub fn at(micros: i64) -> Moment {
    let noon: Moment = "2026-11-23T12:00:00Z".parse().expect("a moment");
    noon + TimeDelta::microseconds(micros)
}

/// A new id.
pub fn id() -> Uuid {
    id_at(at(0))
}

/// A ticket of Acme's Aigerim, number `number`, as its opening makes it.
pub fn ticket(number: i64) -> Ticket {
    Ticket::opened(TicketId(id()), at(number), opening(number))
}

/// What opened it.
pub fn opening(number: i64) -> Opening {
    Opening {
        number: TicketNumber(number),
        kind: Kind::VmReboot,
        form: Form::VmReboot { vm: ServiceId::from("acme-web"), mode: RebootMode::Hard },
        requester: Some(ContactId::from("aigerim")),
        customer: Some(CustomerId::from("acme")),
        requester_name: HARD.to_owned(),
        language: Lang::Kk,
        origin: Origin { channel: Channel::Telegram, chat: Some(i64::MAX) },
        policy: "vm@2025-09-10".to_owned(),
        queue: Queue::Support,
        first_reply_ms: 600_000,
        resolution_ms: 600_000,
        emergency: false,
        message: None,
    }
}

/// A ticket of nobody known: every column that may be NULL is.
pub fn strangers(number: i64, chat: i64) -> Ticket {
    let opening = Opening {
        kind: Kind::Question,
        form: Form::Plain,
        requester: None,
        customer: None,
        origin: Origin { channel: Channel::Telegram, chat: Some(chat) },
        ..opening(number)
    };
    Ticket::opened(TicketId(id()), at(number), opening)
}

/// The next event of `ticket`'s chain; the ticket remembers it.
pub fn link(ticket: &mut Ticket, event: Event) -> EventRecord {
    let now = at(ticket.seq);
    let head = ticket.head.clone();
    let record =
        EventRecord::link(ticket.id.0, ticket.seq + 1, now, at(ticket.seq + 1), Actor::Clock, event, head);
    ticket.stamp(&record);
    record
}

/// A message of a ticket.
pub fn message(ticket: TicketId, side: Side, body: &str, written: i64) -> NewMessage {
    NewMessage {
        id: MessageId(id()),
        ticket,
        author: Actor::Stranger { telegram: -7 },
        side,
        body: body.to_owned(),
        attachments: vec![Attachment {
            kind: "photo".to_owned(),
            file_id: Some(HARD.to_owned()),
            name: None,
            size: Some(i64::MAX),
            source: Some((-1_001_000_000_001, 5)),
        }],
        written_at: at(written),
    }
}
