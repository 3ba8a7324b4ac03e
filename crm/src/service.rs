//! The one way to change a ticket: load, decide, append the events, save, queue what follows; all in the caller's transaction.
//!
//! Bot, web, API and timers all come through [`Service::open`] and [`Service::execute`]. A caller commits, and on
//! [`StoreError::Conflict`] begins anew; [`Service::run`] does both for single commands.

mod record;

use std::sync::Arc;

use crate::clock::{Moment, SharedClock};
use crate::domain::action::ActionSpec;
use crate::domain::actor::Actor;
use crate::domain::decide::{Command, Lead};
use crate::domain::event::{Event, Link, Opening, Origin};
use crate::domain::form::Form;
use crate::domain::ids::{ActionId, ContactId, CustomerId, MessageId, StaffId, TicketId, TicketNumber};
use crate::domain::kind::{Channel, Kind, Terms};
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::domain::policy::{Policy, Quorum};
use crate::domain::refusal::Refusal;
use crate::domain::ticket::Ticket;
use crate::policy::PolicyBook;
use crate::store::{Attachment, Db, NewMessage, Rented, Side, StoreError, Trial, Tx};
use crate::wanted;

/// Why a command did not change anything.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The rules do not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody's words and files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The text; may be empty where there are files.
    pub text: String,
    /// The files.
    pub attachments: Vec<Attachment>,
}

impl Words {
    /// Text alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), attachments: Vec::new() }
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty() && self.attachments.is_empty()
    }
}

/// A ticket to be opened.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// What is asked.
    pub kind: Kind,
    /// The answers to the kind's questions.
    pub form: Form,
    /// Who asks and for whom; `None` for somebody bound to no customer.
    pub requester: Option<(ContactId, CustomerId)>,
    /// How the desk shows him.
    pub requester_name: String,
    /// The language to answer in.
    pub language: Lang,
    /// Where from.
    pub origin: Origin,
    /// The first words.
    pub words: Words,
}

/// Emergency mode (T8): a longer first-reply promise while it is on.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Emergency {
    /// Whether it is on.
    pub on: bool,
    /// What customers are told.
    pub reason: String,
}

/// Whether a staff member is who asked: he filed the ticket (a telephone call, say), or he speaks for the very customer whose ticket it
/// is. Then somebody else must approve (four eyes; DESIGN 2.4).
pub async fn asked_himself(tx: &mut Tx, staff: &StaffId, ticket: &Ticket) -> Result<bool, StoreError> {
    let opening = tx.event_fetch(ticket.id.0, 1).await?;
    if opening.is_some_and(|e| matches!(&e.actor, Actor::Staff { id, .. } if id == staff)) {
        return Ok(true);
    }
    let Some(telegram) = tx.staff_member(staff).await?.and_then(|s| s.telegram) else { return Ok(false) };
    let contacts = tx.person_fetch(telegram).await?.contacts;
    Ok(contacts
        .iter()
        .any(|c| Some(&c.id) == ticket.requester.as_ref() || Some(&c.customer) == ticket.customer.as_ref()))
}

/// Changes tickets.
#[derive(Clone)]
pub struct Service {
    clock: SharedClock,
    policies: Arc<PolicyBook>,
}

impl Service {
    /// A service by this clock, under these terms.
    pub fn new(clock: SharedClock, policies: Arc<PolicyBook>) -> Self {
        Self { clock, policies }
    }

    /// The clock everything is decided by.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// The present moment.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The terms.
    pub fn policies(&self) -> &PolicyBook {
        &self.policies
    }

    /// The terms a ticket is pinned to.
    pub fn policy_of(&self, ticket: &Ticket) -> Result<&Policy, ServiceError> {
        self.policies.pinned(&ticket.policy).map(AsRef::as_ref).ok_or_else(|| {
            ServiceError::Store(StoreError::Inconsistent {
                table: "policy",
                row: ticket.policy.clone(),
                problem: "these terms are not loaded; put their file back into KOMEK_POLICY_DIR".to_owned(),
            })
        })
    }

    /// Opens a ticket for `actor`: checks that the service is his, starts the clocks, proposes the action.
    pub async fn open(&self, tx: &mut Tx, new: NewTicket, actor: &Actor) -> Result<Ticket, ServiceError> {
        let now = self.now();
        // S3: whoever is bound to nobody may ask a question or for a Cabinet; his calls wake nobody.
        if matches!(actor, Actor::Stranger { .. } | Actor::Correspondent { .. })
            && !matches!(new.kind, Kind::Question | Kind::NewCabinet)
        {
            return Err(Refusal::Forbidden.into());
        }
        let rented = match new.form.service() {
            None => None,
            Some(id) => {
                let customer = new.requester.as_ref().map(|r| &r.1);
                // Monitoring asks for nobody: its ticket is about whatever is broken, and belongs to that customer.
                let any = new.requester.is_none() && new.origin.channel == Channel::Alert;
                let rented = tx.rented_fetch(id).await?.filter(|r| any || Some(&r.customer) == customer);
                Some(rented.ok_or(Refusal::NoSuchService)?)
            }
        };
        let terms = rented.as_ref().map(|r| r.terms).or_else(|| new.form.terms()).unwrap_or(Terms::Vm);
        let policy = self.policies.current(terms, now).ok_or(Refusal::NoSuchKind)?;
        let kind = policy.kinds.get(&new.kind).ok_or(Refusal::NoSuchKind)?;
        if let (Some(r), Kind::VmReboot | Kind::VmUnlock) = (&rented, new.kind)
            && let Some(twin) = tx.ticket_active_for(&r.id, new.kind).await?
        {
            return Err(Refusal::AlreadyOpen(twin.number).into());
        }
        // What a customer asks for himself; the desk may grant another (S2: the provider decides).
        if new.kind == Kind::Trial && actor.is_customer() {
            self.trial_allowed(tx, new.requester.as_ref().map(|r| &r.1), terms).await?;
        }
        let emergency = tx.setting::<Emergency>("emergency").await?.unwrap_or_default().on;
        let customer = new.requester.as_ref().map(|r| &r.1);
        // Boxed: its queries would make every caller large.
        let wanted = self.action_for(tx, &new.form, customer, rented.as_ref(), policy, new.kind);
        let action = Box::pin(wanted).await?;

        let id = TicketId(self.clock.id());
        // What monitoring says has the words of the machine room: the desk reads it, the customer does not.
        let alert = new.origin.channel == Channel::Alert;
        let side = if alert { Side::Note } else { Side::Customer };
        let message = (!new.words.is_empty()).then(|| self.message(id, actor, side, new.words, now));
        let (requester, mut customer) = new.requester.unzip();
        if alert && customer.is_none() {
            customer = rented.as_ref().map(|r| r.customer.clone());
        }
        let opening = Opening {
            number: tx.ticket_number_next().await?,
            kind: new.kind,
            form: new.form,
            requester,
            customer,
            requester_name: new.requester_name,
            language: new.language,
            first_reply_ms: policy.first_reply_ms(new.origin.channel, emergency),
            origin: new.origin,
            policy: policy.name(),
            queue: kind.queue,
            resolution_ms: kind.resolution_ms,
            emergency,
            message: message.as_ref().map(NewMessage::reference),
        };
        let ticket = Ticket::opened(id, now, opening.clone());
        let mut decided = ticket.decide_opening(actor, now, policy, action);
        decided.events.insert(0, (now, actor.clone(), Event::Opened(Box::new(opening))));
        if let Some(message) = message {
            tx.message_add(message);
        }
        metrics::counter!("komek_tickets_opened_total", "kind" => decided.ticket.kind.as_str()).increment(1);
        Box::pin(self.record(tx, decided, policy, now)).await
    }

    /// S2: a trial is given once, and only to a customer who is new to the service.
    async fn trial_allowed(
        &self,
        tx: &mut Tx,
        customer: Option<&CustomerId>,
        terms: Terms,
    ) -> Result<(), ServiceError> {
        let customer = customer.ok_or(Refusal::Forbidden)?;
        match tx.trial_of(customer, terms).await? {
            Trial::Free => Ok(()),
            Trial::UnderWay(number) => Err(Refusal::AlreadyOpen(number).into()),
            Trial::Had => Err(Refusal::NoTrialLeft.into()),
        }
    }

    /// Carries out a command. The caller has established who `actor` is.
    pub async fn execute(
        &self,
        tx: &mut Tx,
        id: TicketId,
        command: Command,
        actor: &Actor,
    ) -> Result<Ticket, ServiceError> {
        let ticket = tx.ticket_fetch(id).await?.ok_or(Refusal::NotFound)?;
        self.execute_on(tx, ticket, command, actor).await
    }

    /// The same for a ticket that was loaded in this transaction.
    pub async fn execute_on(
        &self,
        tx: &mut Tx,
        ticket: Ticket,
        command: Command,
        actor: &Actor,
    ) -> Result<Ticket, ServiceError> {
        let now = self.now();
        let policy = self.policy_of(&ticket)?;
        if let Command::Assign { to, .. } = &command {
            let able = tx.staff_member(to).await?.is_some_and(|s| s.role.may(Right::Handle));
            if !able {
                return Err(Refusal::CannotHold(to.clone()).into());
            }
        }
        let (claimed, approves) = match &command {
            Command::Approve { id, .. } => (Some(*id), true),
            Command::DeclineAction { id, .. } => (Some(*id), false),
            _ => (None, false),
        };
        let decided = match actor {
            Actor::Staff { id, .. } if approves && asked_himself(tx, id, &ticket).await? => {
                Err(Refusal::AnotherPersonNeeded)
            }
            _ => ticket.decide(command, actor, now, policy),
        };
        let decided = match (decided, claimed) {
            (Ok(decided), _) => decided,
            (Err(refusal), Some(claimed)) => {
                let refused = self.record_refusal(tx, &ticket, claimed, &refusal, (actor, policy));
                Box::pin(refused).await?;
                return Err(refusal.into());
            }
            (Err(refusal), None) => return Err(refusal.into()),
        };
        if decided.events.is_empty() {
            // Nothing happened; but a clock that woke up for nothing must be told its next time.
            let wake = ticket.wake_at(&policy.percents(), policy.close_after_ms);
            return Ok(if wake.is_some_and(|w| w <= now) { tx.ticket_save(ticket, None) } else { ticket });
        }
        Box::pin(self.record(tx, decided, policy, now)).await
    }

    /// Carries out a command that brings words: they are stored only if the rules allow it.
    pub async fn write(
        &self,
        tx: &mut Tx,
        id: TicketId,
        (side, words): (Side, Words),
        command: impl FnOnce(crate::domain::event::MessageRef) -> Command + Send,
        actor: &Actor,
    ) -> Result<Ticket, ServiceError> {
        let message = self.message(id, actor, side, words, self.now());
        let ticket = self.execute(tx, id, command(message.reference()), actor).await?;
        tx.message_add(message);
        Ok(ticket)
    }

    /// Attaches a ticket to another one, and writes it down on both sides. Returns the attached one.
    pub async fn attach(
        &self,
        tx: &mut Tx,
        id: TicketId,
        to: TicketNumber,
        link: Link,
        actor: &Actor,
    ) -> Result<Ticket, ServiceError> {
        let ticket = tx.ticket_fetch(id).await?.ok_or(Refusal::NotFound)?;
        let lead = tx.ticket_by_number(to).await?.ok_or(Refusal::NotFound)?;
        let attach = Command::Attach { lead: Box::new(Lead::of(&lead)), link };
        let ticket = self.execute_on(tx, ticket, attach, actor).await?;
        // Both are saved under their versions: of two people who attach them the other way round, one begins anew and is refused.
        let join = Command::Join { ticket: ticket.id, number: ticket.number, link };
        self.execute_on(tx, lead, join, actor).await?;
        Ok(ticket)
    }

    /// Carries out one command in a transaction of its own; tries again when somebody else was quicker.
    pub async fn run(
        &self,
        db: &Db,
        id: TicketId,
        command: Command,
        actor: &Actor,
    ) -> Result<Ticket, ServiceError> {
        for _ in 0..10 {
            let mut tx = db.begin().await?;
            let done = match self.execute(&mut tx, id, command.clone(), actor).await {
                Err(error @ ServiceError::Store(_)) => return Err(error),
                // A refused approval leaves its trace.
                done => done,
            };
            match tx.commit().await {
                Ok(_) => return done,
                Err(StoreError::Conflict) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Switches emergency mode; recorded in the desk's audit.
    pub async fn emergency(
        &self,
        tx: &mut Tx,
        on: bool,
        reason: String,
        actor: &Actor,
    ) -> Result<(), ServiceError> {
        if actor.staff_with(Right::Emergency).is_none() && *actor != Actor::Operator {
            return Err(Refusal::Forbidden.into());
        }
        let now = self.now();
        tx.setting_save("emergency", &Emergency { on, reason: reason.clone() }, now).await?;
        tx.desk_event(actor.clone(), Event::EmergencySwitched { on, reason }, now).await?;
        Ok(())
    }

    fn message(&self, ticket: TicketId, author: &Actor, side: Side, words: Words, now: Moment) -> NewMessage {
        NewMessage {
            id: MessageId(self.clock.id()),
            ticket,
            author: author.clone(),
            side,
            body: words.text,
            attachments: words.attachments,
            written_at: now,
        }
    }

    /// The action that would carry out `form`, and who must agree to it at first sight.
    async fn action_for(
        &self,
        tx: &mut Tx,
        form: &Form,
        customer: Option<&CustomerId>,
        rented: Option<&Rented>,
        policy: &Policy,
        kind: Kind,
    ) -> Result<Option<(ActionId, ActionSpec, Quorum)>, StoreError> {
        let Some(customer) = customer else { return Ok(None) };
        let Some(spec) = wanted::action(tx, form, customer, rented, policy).await? else { return Ok(None) };
        let rule = policy.kinds.get(&kind).and_then(|k| k.approval.as_ref());
        let quorum = match rule {
            _ if spec.only_looks() => Quorum::Auto,
            Some(rule) => rule.quorum(rented.and_then(|r| r.lock_reason.as_deref())),
            None => return Ok(None),
        };
        Ok(Some((ActionId(self.clock.id()), spec, quorum)))
    }
}
