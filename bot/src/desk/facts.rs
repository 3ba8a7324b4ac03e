//! What a card shows beside the ticket itself: names instead of ids, the request's words, the proof, what could not be delivered.

use crm::domain::action::{ActionState, Failure, Proof};
use crm::domain::event::Event;
use crm::domain::ids::{MessageId, StaffId, TicketId};
use crm::domain::ticket::Ticket;
use crm::store::{Message, Rented, Side, StoreError, Tx};

/// Gathered for one card; everything else is in the ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The customer's name.
    pub customer: Option<String>,
    /// The requester's telephone number, for when Telegram does not reach him.
    pub phone: Option<String>,
    /// Who holds the ticket.
    pub holder: Option<String>,
    /// Who has approved, in order.
    pub approvers: Vec<String>,
    /// Who was paged last.
    pub paged: Option<String>,
    /// Who acknowledged.
    pub acknowledged: Option<String>,
    /// The service it is about.
    pub rented: Option<Rented>,
    /// The contact that somebody wants to be bound to, for HTML.
    pub binding: Option<String>,
    /// The first words of the customer.
    pub request: String,
    /// Messages of both sides, without notes.
    pub messages: usize,
    /// The desk's own notes.
    pub notes: usize,
    /// Files.
    pub files: usize,
    /// Why the last message did not arrive, in Telegram's words.
    pub undelivered: Option<String>,
    /// Why the action failed, if it did.
    pub failure: Option<Failure>,
    /// What proves it, if it is done.
    pub proof: Option<Proof>,
}

impl Facts {
    /// Looks everything up.
    pub async fn gather(tx: &mut Tx, ticket: &Ticket) -> Result<Self, StoreError> {
        let mut facts = Self::default();
        if let Some(customer) = &ticket.customer {
            facts.customer = tx.customer_fetch(customer).await?.map(|c| c.name);
        }
        if let Some(contact) = &ticket.requester {
            facts.phone = tx.contact_fetch(contact).await?.and_then(|c| c.phone);
        }
        if let Some(holder) = &ticket.assignee {
            facts.holder = Some(staff_name(tx, holder).await?);
        }
        for approver in ticket.action.iter().flat_map(|a| &a.approved_by) {
            let name = staff_name(tx, approver).await?;
            facts.approvers.push(name);
        }
        if let Some(paging) = &ticket.paging {
            if let Some(staff) = &paging.staff {
                facts.paged = Some(staff_name(tx, staff).await?);
            }
            if let Some(staff) = &paging.acknowledged_by {
                facts.acknowledged = Some(staff_name(tx, staff).await?);
            }
        }
        if let Some(service) = ticket.form.service() {
            facts.rented = tx.rented_fetch(service).await?;
        }
        facts.binding = super::form::contact(tx, &ticket.form).await?;
        let opening = opening(tx, ticket.id).await?;
        facts.count(&tx.messages(ticket.id, true).await?, opening);
        facts.undelivered = tx.outbox_failure(ticket.id).await?;
        facts.outcome(tx, ticket).await?;
        Ok(facts)
    }

    fn count(&mut self, messages: &[Message], opening: Option<MessageId>) {
        self.notes = messages.iter().filter(|m| m.side == Side::Note).count();
        self.messages = messages.len() - self.notes;
        self.files = messages.iter().map(|m| m.attachments.len()).sum();
        let words = |m: &&Message| m.side == Side::Customer && !m.body.is_empty();
        let first = messages.iter().filter(words).find(|m| Some(m.id) == opening);
        let first = first.or_else(|| messages.iter().find(words));
        self.request = first.map(|m| m.body.clone()).unwrap_or_default();
    }

    /// How the latest action ended: the words are in the event alone.
    async fn outcome(&mut self, tx: &mut Tx, ticket: &Ticket) -> Result<(), StoreError> {
        let Some(action) = &ticket.action else { return Ok(()) };
        if !matches!(action.state, ActionState::Done | ActionState::Failed) {
            return Ok(());
        }
        for record in tx.events(ticket.id.0).await? {
            match record.event {
                Event::ActionDone { id, proof } if id == action.id => self.proof = Some(proof),
                Event::ActionFailed { id, failure } if id == action.id => self.failure = Some(failure),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The message that opened the ticket, if it was opened with words.
pub async fn opening(tx: &mut Tx, ticket: TicketId) -> Result<Option<MessageId>, StoreError> {
    let opened = tx.event_fetch(ticket.0, 1).await?;
    Ok(opened.and_then(|record| record.event.message().map(|m| m.id)))
}

/// A staff member's name; the id of one who is gone.
pub async fn staff_name(tx: &mut Tx, id: &StaffId) -> Result<String, StoreError> {
    Ok(tx.staff_member(id).await?.map_or_else(|| id.to_string(), |s| s.name))
}
