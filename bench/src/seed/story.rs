//! What happened to one ticket: the desk's own rules decide each step, at moments that a desk of people and machines would come to.

use chrono::{FixedOffset, TimeDelta, Timelike};
use crm::clock::{Moment, id_at};
use crm::domain::action::{ActionSpec, Proof};
use crm::domain::actor::Actor;
use crm::domain::audit::EventRecord;
use crm::domain::decide::{Command, Decided};
use crm::domain::event::{Event, MessageRef, Opening, Origin};
use crm::domain::form::{Form, RebootMode};
use crm::domain::ids::{ActionId, MessageId, TicketId, TicketNumber, ZoneId};
use crm::domain::kind::{Channel, Kind, Queue, Terms};
use crm::domain::person::Role;
use crm::domain::plan::{Change, Phrase, Plan, Value};
use crm::domain::policy::{Policy, Quorum};
use crm::domain::report::Fact;
use crm::domain::ticket::Ticket;
use crm::policy::PolicyBook;
use crm::store::{NewMessage, Side};
use fastrand::Rng;

use super::town::Town;
use super::words;

/// A ticket with all that is stored of it.
pub struct Story {
    /// As it is now.
    pub ticket: Ticket,
    /// When its clock is due.
    pub wake_at: Option<Moment>,
    /// Its chain.
    pub events: Vec<EventRecord>,
    /// What was written.
    pub messages: Vec<NewMessage>,
    /// What it contributes to the reports.
    pub fact: Fact,
    /// Its customer in the town.
    pub customer: usize,
}

/// Tells stories up to a moment.
pub struct Teller<'a> {
    /// Whose.
    pub town: Town,
    /// Under these terms.
    pub policies: &'a PolicyBook,
    /// What would come later has not happened yet.
    pub now: Moment,
}

/// Kinds, of a thousand.
const KINDS: [(Kind, u32); 13] = [
    (Kind::Question, 300),
    (Kind::VmReboot, 220),
    (Kind::FaultMinor, 140),
    (Kind::QuotaIncrease, 80),
    (Kind::PasswordRecovery, 60),
    (Kind::VmUnlock, 60),
    (Kind::FaultCritical, 40),
    (Kind::Order, 30),
    (Kind::CreditClaim, 20),
    (Kind::Trial, 20),
    (Kind::ZoneLink, 15),
    (Kind::NewCabinet, 10),
    (Kind::DataLossClaim, 5),
];
/// Ways in, of a thousand.
const CHANNELS: [(Channel, u32); 5] = [
    (Channel::Telegram, 740),
    (Channel::Phone, 100),
    (Channel::Email, 80),
    (Channel::Web, 50),
    (Channel::Api, 30),
];

fn drawn<T: Copy>(random: &mut Rng, all: &[(T, u32)]) -> T {
    let mut ball = random.u32(0..all.iter().map(|x| x.1).sum());
    for (thing, weight) in all {
        match ball.checked_sub(*weight) {
            None => return *thing,
            Some(rest) => ball = rest,
        }
    }
    all[0].0
}

/// Around `middle`: mostly between a third and three times of it, seldom far beyond.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "lengths of days, to the millisecond")]
fn about(random: &mut Rng, middle_ms: i64) -> TimeDelta {
    let normal: f64 = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
    TimeDelta::milliseconds((middle_ms as f64 * (normal * 0.8).exp()) as i64 + 1)
}

/// A ticket in the making.
struct Desk<'a> {
    policy: &'a Policy,
    until: Moment,
    at: Moment,
    ticket: Ticket,
    events: Vec<EventRecord>,
    messages: Vec<NewMessage>,
}

impl Desk<'_> {
    fn write_down(&mut self, decided: Decided) {
        let Decided { mut ticket, events } = decided;
        for (at, actor, event) in events {
            let (stream, head) = (ticket.id.0, ticket.head.clone());
            let noticed = at + TimeDelta::milliseconds(2);
            let record = EventRecord::link(stream, ticket.seq + 1, at, noticed, actor, event, head);
            ticket.stamp(&record);
            self.events.push(record);
        }
        self.ticket = ticket;
    }

    /// After `pause` somebody does something, unless that is still to come. What the rules refuse does not happen.
    fn then(&mut self, pause: TimeDelta, command: Command, actor: &Actor) {
        self.at += pause;
        if self.at <= self.until
            && let Ok(decided) = self.ticket.decide(command, actor, self.at, self.policy)
        {
            self.write_down(decided);
        }
    }

    fn said(&mut self, side: Side, author: &Actor, body: String) -> MessageRef {
        let (id, ticket) = (MessageId(id_at(self.at)), self.ticket.id);
        let (author, written_at) = (author.clone(), self.at);
        let message = NewMessage { id, ticket, author, side, body, attachments: Vec::new(), written_at };
        let reference = message.reference();
        self.messages.push(message);
        reference
    }

    /// The same with words.
    fn says(
        &mut self,
        pause: TimeDelta,
        (side, body): (Side, String),
        command: fn(MessageRef) -> Command,
        actor: &Actor,
    ) {
        self.at += pause;
        if self.at <= self.until {
            let words = self.said(side, actor, body);
            self.then(TimeDelta::zero(), command(words), actor);
        }
    }
}

impl Teller<'_> {
    /// The story of ticket `number`, opened at `at`.
    pub fn tell(&self, number: i64, at: Moment) -> Option<Story> {
        let mut random = Rng::with_seed(u64::try_from(number).unwrap_or_default().wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let random = &mut random;
        let kind = drawn(random, &KINDS);
        // A few customers ask a lot.
        let draw = random.f64();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "below the number of customers")]
        let customer = ((draw * draw * draw) * self.town.customers as f64) as usize % self.town.customers;
        let by_alert = kind.is_fault() && random.u32(0..100) < 25;
        let channel = if by_alert { Channel::Alert } else { drawn(random, &CHANNELS) };
        let policy = self.policies.current(Terms::Vm, at)?;
        let terms = policy.kinds.get(&kind)?;
        let asker = Actor::Contact { id: self.town.contact(customer), customer: self.town.customer(customer) };
        let id = TicketId(id_at(at));
        let opening = Opening {
            number: TicketNumber(number),
            kind,
            form: self.form(kind, customer, random),
            requester: (!by_alert).then(|| self.town.contact(customer)),
            customer: Some(self.town.customer(customer)),
            requester_name: if by_alert { "Prometheus".to_owned() } else { self.town.contact_name(customer) },
            language: self.town.language(customer),
            origin: Origin {
                channel,
                chat: self.town.telegram(customer).filter(|_| channel == Channel::Telegram),
            },
            policy: policy.name(),
            queue: terms.queue,
            first_reply_ms: policy.first_reply_ms(channel, false),
            resolution_ms: terms.resolution_ms,
            emergency: false,
            message: None,
        };
        let resolution_ms = terms.resolution_ms;
        let ticket = Ticket::opened(id, at, opening.clone());
        let (events, messages) = (Vec::new(), Vec::new());
        let mut desk = Desk { policy, until: self.now, at, ticket, events, messages };
        let opener = if by_alert { Actor::Operator } else { asker.clone() };
        let side = if by_alert { Side::Note } else { Side::Customer };
        let first = desk.said(side, &opener, words::asked(self.town.language(customer), kind, random));
        let opening = Opening { message: Some(first), ..opening };
        desk.ticket = Ticket::opened(id, at, opening.clone());
        let machine = kind == Kind::VmReboot && random.u32(0..100) < 85;
        let action = machine.then(|| (ActionId(id_at(at)), self.reboot(customer), Quorum::Auto));
        let mut decided = desk.ticket.decide_opening(&opener, at, policy, action);
        decided.events.insert(0, (at, opener, Event::Opened(Box::new(opening))));
        desk.write_down(decided);
        if machine {
            self.by_machine(&mut desk, random);
        } else {
            self.by_hand(&mut desk, &asker, resolution_ms, customer, random);
        }
        self.afterwards(&mut desk, &asker, resolution_ms, random);
        // What fell due until now has been noticed.
        desk.at = self.now;
        desk.then(TimeDelta::zero(), Command::Tick, &Actor::Clock);
        let Desk { ticket, events, messages, .. } = desk;
        let wake_at = ticket.wake_at(&policy.percents(), policy.close_after_ms);
        let fact = Fact::of(&ticket, &events);
        Some(Story { ticket, wake_at, events, messages, fact, customer })
    }

    fn form(&self, kind: Kind, customer: usize, random: &mut Rng) -> Form {
        let vm = self.town.service(customer, random.bool());
        match kind {
            Kind::VmReboot => Form::VmReboot { vm: self.town.service(customer, false), mode: RebootMode::Graceful },
            Kind::VmUnlock => Form::VmUnlock { vm, lock_reason: None },
            Kind::FaultCritical | Kind::FaultMinor => Form::Fault { service: Some(vm), since: None },
            _ => Form::Plain,
        }
    }

    fn reboot(&self, customer: usize) -> ActionSpec {
        let vm = self.town.service(customer, false);
        let (domain, zone) = (vm.to_string(), ZoneId::from("ala-1"));
        ActionSpec::VmReboot { vm, zone, domain, mode: RebootMode::Graceful, graceful_wait_ms: 60_000 }
    }

    fn engineer(&self, at: Moment, random: &mut Rng) -> Actor {
        let almaty = FixedOffset::east_opt(5 * 3600).map_or(0, |zone| at.with_timezone(&zone).hour());
        Actor::Staff { id: self.town.engineer(almaty, random.usize(0..8)), role: Role::Engineer }
    }

    /// Planned, approved, executed and proved.
    fn by_machine(&self, desk: &mut Desk<'_>, random: &mut Rng) {
        let Some(id) = desk.ticket.action.as_ref().map(|action| action.id) else { return };
        let what = Phrase::new("plan-what-machine").with("domain", "vm").with("zone", "ala-1");
        let before = Value::word("plan-state-running");
        let change = Change { what, before, after: Value::word("plan-state-rebooted") };
        let plan = Box::new(Plan { changes: vec![change], ..Plan::default() });
        desk.then(about(random, 900), Command::Planned { id, plan }, &Actor::Provisioner);
        if let Some(action) = desk.ticket.action.clone().filter(|_| desk.ticket.state.is_active()) {
            let approve = Command::Approve { id: action.id, digest: action.digest };
            let engineer = self.engineer(desk.at, random);
            desk.then(about(random, 100_000), approve, &engineer);
        }
        let boot_id = (random.u64(..), random.u64(..));
        let proof = Proof {
            method: "graceful".to_owned(),
            state: "running".to_owned(),
            boot_id: Some((format!("{:016x}", boot_id.0), format!("{:016x}", boot_id.1))),
            domain_id: None,
            at: desk.at,
            took_ms: 20_000,
            read_back: Vec::new(),
        };
        desk.then(about(random, 20_000), Command::ActionDone { id, proof }, &Actor::Provisioner);
    }

    /// Taken, answered, perhaps handed over or waiting for the customer, solved.
    fn by_hand(&self, desk: &mut Desk<'_>, asker: &Actor, promised_ms: i64, customer: usize, random: &mut Rng) {
        let language = self.town.language(customer);
        if random.u32(0..100) < 2 {
            return desk.then(about(random, 300_000), Command::Cancel, asker);
        }
        if random.u32(0..1_000) == 0 {
            // Forgotten: it waits to this day.
            return;
        }
        let mut engineer = self.engineer(desk.at, random);
        desk.then(about(random, 150_000), Command::Take, &engineer);
        desk.says(about(random, 60_000), (Side::Desk, words::answered(language, random)), Command::Answer, &engineer);
        if random.u32(0..100) < 8 {
            let to = if random.bool() { Queue::Infrastructure } else { Queue::Network };
            desk.then(about(random, promised_ms / 10), Command::HandOver(to), &engineer);
            engineer = self.engineer(desk.at, random);
            desk.then(about(random, promised_ms / 20), Command::Take, &engineer);
        }
        if random.u32(0..100) < 10 {
            desk.says(about(random, promised_ms / 10), (Side::Desk, words::answered(language, random)), Command::Ask, &engineer);
            desk.says(about(random, promised_ms / 8), (Side::Customer, words::thanked(language)), Command::Write, asker);
        }
        if random.u32(0..100) < 2 {
            return desk.says(
                about(random, promised_ms / 4),
                (Side::Desk, words::answered(language, random)),
                Command::Decline,
                &engineer,
            );
        }
        desk.then(about(random, promised_ms / 4), Command::Solve(None), &engineer);
    }

    /// Rated, reopened and solved again, confirmed or closed by time.
    fn afterwards(&self, desk: &mut Desk<'_>, asker: &Actor, promised_ms: i64, random: &mut Rng) {
        if random.u32(0..100) < 4 {
            desk.then(about(random, 7_200_000), Command::Reopen(None), asker);
            let engineer = self.engineer(desk.at, random);
            desk.then(about(random, 400_000), Command::Take, &engineer);
            desk.then(about(random, promised_ms / 4), Command::Solve(None), &engineer);
        }
        if random.u32(0..100) < 20 {
            let score = [5, 5, 5, 4, 4, 3, 2, 1][random.usize(0..8)];
            desk.then(about(random, 600_000), Command::Rate { score, message: None }, asker);
        }
        if random.u32(0..100) < 30 {
            desk.then(about(random, 3_600_000), Command::Confirm, asker);
        }
    }
}
