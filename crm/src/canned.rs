//! Canned replies: what may stand in braces, and how a ticket fills it in. Bot and console send the same words.

use crate::clock::Moment;
use crate::domain::lang::Lang;
use crate::domain::ticket::Ticket;
use crate::text::{length, when};

/// What may stand in braces.
pub const PLACES: [&str; 7] = ["name", "number", "service", "left", "due", "engineer", "phone"];

/// Whose words they become.
#[derive(Debug, Clone, Copy)]
pub struct Filler<'a> {
    /// The ticket that is answered.
    pub ticket: &'a Ticket,
    /// The name of whoever answers.
    pub engineer: &'a str,
    /// The support telephone.
    pub phone: &'a str,
    /// The present moment.
    pub now: Moment,
}

impl Filler<'_> {
    /// `body` with its places filled in, in `lang`; an error is the place, with its braces, for which this ticket has nothing.
    pub fn fill(self, body: &str, lang: Lang) -> Result<String, String> {
        let (ticket, now) = (self.ticket, self.now);
        // What customers wait for is the solution; this reply is the first reply.
        let due = ticket.state.is_active().then_some(ticket.resolution.due_at);
        let mut text = body.to_owned();
        for place in PLACES {
            let mark = format!("{{{place}}}");
            if !text.contains(&mark) {
                continue;
            }
            let value = match place {
                "name" => Some(ticket.requester_name.clone()),
                "number" => Some(ticket.number.to_string()),
                "service" => ticket.form.service().map(ToString::to_string),
                "left" => due.filter(|due| *due > now).map(|due| length(due - now, lang)),
                "due" => due.map(|due| when(due, now, lang)),
                "engineer" => Some(self.engineer.to_owned()),
                _ => Some(self.phone.to_owned()),
            };
            let Some(value) = value.filter(|v| !v.is_empty()) else { return Err(mark) };
            text = text.replace(&mark, &value);
        }
        Ok(text)
    }
}
