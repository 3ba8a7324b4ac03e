//! How sending ended: written down in one transaction, and what follows from it for cards, topics, pages and chats.

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::ids::TicketId;
use crm::domain::reactions::Outgoing;
use crm::service::ServiceError;
use crm::store::{Delivery, OutboxItem, Payload, Remember, Result, StoreError};
use uuid::Uuid;

use super::{PAGE, Sender};
use crate::limits::BULK_PRIORITY;
use crate::outcome::{Next, Sending, judge};
use crate::{desk, trouble};

/// How long an ending may wait for others, so that many share one transaction. A crash in this time repeats the messages.
const WITHIN: TimeDelta = TimeDelta::milliseconds(20);

/// So many endings wait for no more.
const TOGETHER: usize = 200;

impl Sender {
    /// Frees the chats of everything that has ended by now, and has it written down: at once where the next message builds on it (the
    /// desk's cards and topics) or where something went wrong, together with what ends in the next moments otherwise.
    pub(super) async fn settle(&mut self, first: Sending) {
        let mut done = vec![first];
        while let Some(Ok(more)) = self.under_way.try_join_next() {
            done.push(more);
        }
        self.say_trouble(&done).await;
        let now = self.service.now();
        for sending in &done {
            self.in_flight.remove(&sending.item.id);
            let chat = sending.chat;
            match judge(sending, now) {
                Next::Over(_) => {}
                Next::Again { item, until, close } => {
                    if close {
                        self.queue.close(chat, until, now);
                    }
                    self.queue.push(chat, *item, now);
                }
                Next::Elsewhere { item, chat } => {
                    self.queue.push(chat, *item, now);
                }
            }
            self.queue.settle(chat, now);
        }
        let matters = |s: &Sending| s.told.is_some() || s.topic.is_some() || s.result.is_err();
        let at_once = done.iter().any(matters);
        self.unwritten.append(&mut done);
        if at_once || self.unwritten.len() >= TOGETHER {
            // What could not be written is tried again soon.
            let _ = self.write_unwritten(now).await;
        } else {
            self.write_by.get_or_insert(now + WITHIN);
        }
    }

    /// Writes down what has ended and is not written down yet.
    pub(super) async fn write_unwritten(&mut self, now: Moment) -> Result<()> {
        let unwritten = std::mem::take(&mut self.unwritten);
        self.write_by = None;
        let written = self.write_down(&unwritten).await;
        if let Err(error) = &written {
            tracing::error!(%error, "how sending ended could not be written down; trying again");
            self.unwritten = unwritten;
            self.write_by = Some(now + TimeDelta::seconds(1));
        }
        written
    }

    /// Says that messages cannot go out, or can again.
    async fn say_trouble(&mut self, done: &[Sending]) {
        let now = self.service.now();
        let Some(delivery) = self.trouble.seen(done, now) else { return };
        let said = async {
            let mut tx = self.db.begin().await?;
            trouble::say(&mut tx, &delivery, || self.service.clock().id(), now).await?;
            tx.commit().await
        };
        if let Err(error) = said.await {
            tracing::warn!(%error, "what is wrong with sending could not be written down");
        }
    }

    async fn write_down(&self, done: &[Sending]) -> Result<(), StoreError> {
        if done.is_empty() {
            return Ok(());
        }
        let now = self.service.now();
        let mut tx = self.db.begin().await?;
        let mut forget: Vec<Uuid> = Vec::new();
        let mut ended: Vec<(Uuid, Delivery)> = Vec::new();
        for sending in done {
            let item = &sending.item;
            match judge(sending, now) {
                Next::Over(Delivery::Sent(Some(thread))) if sending.topic.is_some() => {
                    if let Some(queue) = sending.topic {
                        let chat = call_chat(sending);
                        tx.topic_save(chat, queue, thread).await?;
                        tracing::info!(%queue, thread, "a topic was made in the desk group");
                    }
                }
                Next::Over(Delivery::Failed(why)) if sending.topic.is_some() => {
                    desk::place::topics_refused(&mut tx, call_chat(sending), &why, now).await?;
                }
                Next::Over(Delivery::Sent(_))
                    if item.ticket_id.is_none() && item.priority < BULK_PRIORITY =>
                {
                    forget.push(item.id);
                }
                Next::Over(delivery) => {
                    if let Delivery::Sent(Some(message)) = delivery {
                        remember(&mut tx, sending, message).await?;
                        self.page_sent(&mut tx, sending, now).await?;
                    }
                    if let (Delivery::Failed(_), Some(ticket)) = (&delivery, item.ticket_id) {
                        self.undelivered(&mut tx, TicketId(ticket), sending, now);
                    }
                    if matches!(delivery, Delivery::Failed(_)) && item.priority == PAGE {
                        self.page_lost(&mut tx, sending).await?;
                    }
                    if sending.is_blocked() {
                        tx.account_blocked(sending.chat, Some(now)).await?;
                    }
                    ended.push((item.id, delivery));
                }
                Next::Again { until, .. } => {
                    if sending.lost_card() {
                        tx.card_forget(item.ticket_id).await?;
                    }
                    if let Some(thread) = sending.lost_topic() {
                        self.topic_lost(&mut tx, call_chat(sending), thread, now).await?;
                    }
                    let error = sending.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
                    tx.outbox_postpone(item.id, until, &error).await?;
                }
                Next::Elsewhere { chat, .. } => {
                    desk::place::moved(&mut tx, sending.chat, chat, now).await?;
                }
            }
        }
        tx.outbox_settle_all(&ended, now).await?;
        tx.outbox_forget(&forget).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The engineers must see that something did not arrive: on the card, and under it where it was news for the customer.
    fn undelivered(&self, tx: &mut crm::store::Tx, ticket: TicketId, sending: &Sending, now: Moment) {
        if sending.told.is_some() {
            return;
        }
        let tell = |what| OutboxItem::tell(self.service.clock().id(), what, now);
        tx.outbox_add(tell(Outgoing::Card { ticket }));
        if let Some(seq) = sending.item.event_seq {
            tx.outbox_add(tell(Outgoing::Undelivered { ticket, seq }));
        }
    }

    /// A topic is gone: what is still owed gets new cards in a new one.
    async fn topic_lost(&self, tx: &mut crm::store::Tx, chat: i64, thread: i64, now: Moment) -> Result<()> {
        let tickets = tx.topic_forget(chat, thread).await?;
        tracing::warn!(
            chat,
            thread,
            cards = tickets.len(),
            "a topic of the desk group is gone; making it anew"
        );
        for ticket in tickets {
            let card = Outgoing::Card { ticket };
            tx.outbox_add(OutboxItem::tell(self.service.clock().id(), card, now));
        }
        Ok(())
    }

    /// Answered while the page was on its way, nobody could have found it to say so: it is said now.
    async fn page_sent(&self, tx: &mut crm::store::Tx, sending: &Sending, now: Moment) -> Result<()> {
        let (Payload::Call { remember: Some(Remember::Words(words)), .. }, Some(ticket)) =
            (&sending.item.payload, sending.item.ticket_id.map(TicketId))
        else {
            return Ok(());
        };
        if *words == desk::page::remembered(ticket)
            && tx.ticket_fetch(ticket).await?.is_some_and(|t| !desk::page::is_wanted(&t))
        {
            let over = Outgoing::PageOver { ticket };
            tx.outbox_add(OutboxItem::tell(self.service.clock().id(), over, now));
        }
        Ok(())
    }

    /// A page that did not arrive goes on to the next person at once.
    async fn page_lost(&self, tx: &mut crm::store::Tx, sending: &Sending) -> Result<()> {
        let staff = tx.person_fetch(sending.chat).await?.staff;
        let Some(staff) = staff else { return Ok(()) };
        tracing::error!(staff = %staff.id, "a page cannot be delivered: has this person started the bot?");
        let tickets = match sending.item.ticket_id {
            Some(ticket) => vec![TicketId(ticket)],
            // A storm in one message: every page that it stood for.
            None => tx.page_log_since(&staff.id, None, self.service.now() - TimeDelta::minutes(10)).await?,
        };
        for ticket in tickets {
            let lost = Command::PageUndelivered(staff.id.clone());
            match self.service.execute(tx, ticket, lost, &Actor::Clock).await {
                Ok(_) | Err(ServiceError::Refused(_)) => {}
                Err(ServiceError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The chat a call went to: the desk's queue goes by the configured id, the message to the supergroup it became.
fn call_chat(sending: &Sending) -> i64 {
    match &sending.item.payload {
        Payload::Call { params, .. } => params["chat_id"].as_i64().unwrap_or(sending.chat),
        Payload::Tell(_) => sending.chat,
    }
}

/// Remembers which message a ticket's words or card became.
async fn remember(tx: &mut crm::store::Tx, sending: &Sending, message: i64) -> Result<()> {
    let (Payload::Call { remember, params, .. }, Some(ticket)) =
        (&sending.item.payload, sending.item.ticket_id)
    else {
        return Ok(());
    };
    let chat = call_chat(sending);
    let ticket = TicketId(ticket);
    match remember {
        Some(Remember::Card) => {
            tx.card_save(ticket, chat, message).await?;
            let thread = params["message_thread_id"].as_i64().unwrap_or(0);
            tx.card_thread_save(ticket, thread).await
        }
        Some(Remember::Link) => {
            tx.message_link(chat, message, ticket);
            Ok(())
        }
        Some(Remember::Words(words)) => {
            tx.message_link_words(chat, message, ticket, *words);
            Ok(())
        }
        Some(Remember::Topic) | None => Ok(()),
    }
}
