//! The card in each state, in three languages, with its buttons: what engineers see, as files to read.

use std::fmt::Write as _;

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::domain::action::{ActionSpec, Failure, Proof};
use crm::domain::actor::Actor;
use crm::domain::event::{Event, MessageRef, Opening, Origin};
use crm::domain::form::{Form, RebootMode};
use crm::domain::ids::{
    ActionId, ContactId, CustomerId, MessageId, ServiceId, StaffId, TicketId, TicketNumber, ZoneId,
};
use crm::domain::kind::{Channel, Kind, Queue, Terms};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::domain::plan::{Change, Phrase, Plan, Value};
use crm::domain::policy::Quorum;
use crm::domain::sla::Target;
use crm::domain::ticket::Ticket;
use crm::store::Rented;
use uuid::Uuid;

use super::*;

fn start() -> Moment {
    "2026-11-23T10:00:00+05:00".parse().expect("a moment")
}

fn at(minutes: i64) -> Moment {
    start() + TimeDelta::minutes(minutes)
}

fn message() -> MessageRef {
    MessageRef { id: MessageId(Uuid::nil()), digest: String::new() }
}

fn engineer() -> Actor {
    Actor::Staff { id: StaffId::from("nurlan"), role: Role::Engineer }
}

fn ticket(kind: Kind, form: Form) -> Ticket {
    let opening = Opening {
        number: TicketNumber(42),
        kind,
        form,
        requester: Some(ContactId::from("aigerim")),
        customer: Some(CustomerId::from("acme")),
        requester_name: "Айгерім <Серікқызы>".to_owned(),
        language: Lang::Kk,
        origin: Origin { channel: Channel::Telegram, chat: Some(1001) },
        policy: "vm@2025-09-10".to_owned(),
        queue: Queue::Support,
        first_reply_ms: 600_000,
        resolution_ms: if kind == Kind::FaultCritical { 3_600_000 } else { 600_000 },
        emergency: false,
        message: None,
    };
    Ticket::opened(TicketId(Uuid::nil()), start(), opening)
}

fn unlock(quorum: Quorum) -> Ticket {
    let vm = ServiceId::from("acme-db");
    let lock_reason = Some("abuse".to_owned());
    let ticket = ticket(Kind::VmUnlock, Form::VmUnlock { vm: vm.clone(), lock_reason: lock_reason.clone() });
    let lock_ticket = Some("SEC-7".to_owned());
    let (zone, domain) = (ZoneId::from("ala-1"), "acme-db".to_owned());
    let spec = ActionSpec::VmUnlock { vm, zone, domain, lock_reason, lock_ticket };
    propose(ticket, spec, quorum)
}

fn reboot() -> Ticket {
    let vm = ServiceId::from("acme-web");
    let mode = RebootMode::Graceful;
    let spec = ActionSpec::VmReboot {
        vm: vm.clone(),
        zone: ZoneId::from("ala-1"),
        domain: "acme-web".to_owned(),
        mode,
        graceful_wait_ms: 180_000,
    };
    propose(ticket(Kind::VmReboot, Form::VmReboot { vm, mode }), spec, Quorum::Auto)
}

fn propose(ticket: Ticket, spec: ActionSpec, quorum: Quorum) -> Ticket {
    let id = ActionId(Uuid::nil());
    let plan = Box::new(plan(&spec));
    let digest = spec.digest(&plan, id, ticket.id);
    let expires_at = at(60);
    after(ticket, 0, [Event::ActionProposed { id, spec, plan, digest, quorum, expires_at }])
}

/// As the provisioner would read it.
fn plan(spec: &ActionSpec) -> Plan {
    let mut plan = Plan::default();
    if let ActionSpec::VmUnlock { domain, zone, .. } = spec {
        let what = |key: &str| Phrase::new(key).with("domain", domain).with("zone", zone.as_str());
        let lock = Value::Name("abuse · SEC-7".to_owned());
        let (paused, running) = (Value::word("plan-state-paused"), Value::word("plan-state-running"));
        plan.changes = vec![
            Change { what: what("plan-what-lock"), before: lock, after: Value::word("plan-none") },
            Change { what: what("plan-what-machine"), before: paused, after: running },
        ];
    }
    plan
}

fn after(mut ticket: Ticket, minutes: i64, events: impl IntoIterator<Item = Event>) -> Ticket {
    for event in events {
        ticket.apply(&event, &engineer(), at(minutes));
    }
    ticket
}

fn approved(ticket: &Ticket, complete: bool) -> Event {
    let action = ticket.action.as_ref().expect("an action");
    Event::ActionApproved { id: action.id, digest: action.digest.clone(), complete }
}

fn facts() -> Facts {
    Facts {
        customer: Some("Acme ЖШС".to_owned()),
        phone: Some("+77010000001".to_owned()),
        request: "Сайт ашылмайды & <b>тез</b> керек".to_owned(),
        messages: 1,
        ..Facts::default()
    }
}

fn vm(id: &str, lock: Option<&str>) -> Rented {
    Rented {
        id: ServiceId::from(id),
        customer: CustomerId::from("acme"),
        terms: Terms::Vm,
        domain: Some((ZoneId::from("ala-1"), id.to_owned())),
        state: Some("running".to_owned()),
        lock_reason: lock.map(str::to_owned),
        lock_ticket: lock.map(|_| "SEC-7".to_owned()),
    }
}

/// The card in all languages, buttons below, data at the end of the first.
fn shown(ticket: &Ticket, facts: &Facts, now: Moment) -> String {
    let mut text = String::new();
    for lang in Lang::ALL {
        let card = say(ticket, facts, now, *lang);
        let _ = writeln!(text, "--- {lang}\n{}", card.html);
        for row in &card.buttons {
            let labels: Vec<_> = row.iter().map(|b| format!("[{}]", b.label)).collect();
            let _ = writeln!(text, "{}", labels.join(" "));
        }
    }
    text
}

fn critical() -> Ticket {
    let form = Form::Fault { service: Some(ServiceId::from("acme-web")), since: None };
    after(ticket(Kind::FaultCritical, form), 0, [Event::PageRequested { step: 0 }])
}

#[test]
fn new_and_nobody_has_it() {
    insta::assert_snapshot!(shown(&ticket(Kind::Question, Form::Plain), &facts(), at(3)));
}

#[test]
fn critical_and_paged() {
    let paged = Event::Paged { step: 0, staff: StaffId::from("nurlan"), until: at(5), grouped: false };
    let ticket = after(critical(), 0, [paged]);
    let facts =
        Facts {
            paged: Some("Нұрлан".to_owned()), rented: Some(vm("acme-web", None)), files: 2, ..facts()
        };
    insta::assert_snapshot!(shown(&ticket, &facts, at(1)));
}

#[test]
fn critical_and_nobody_answered() {
    let ticket = after(critical(), 20, [Event::PageExhausted { steps: 3 }]);
    insta::assert_snapshot!(shown(&ticket, &facts(), at(20)));
}

#[test]
fn taken_replied_and_waiting_for_the_customer() {
    let met = Event::TargetMet { target: Target::FirstReply, used_ms: 240_000 };
    let taken = Event::Taken { by: StaffId::from("nurlan") };
    let ticket = after(ticket(Kind::Question, Form::Plain), 4, [taken, Event::Asked(message()), met]);
    let facts = Facts { holder: Some("Нұрлан".to_owned()), messages: 2, notes: 1, ..facts() };
    insta::assert_snapshot!(shown(&ticket, &facts, at(6)));
}

#[test]
fn breached_and_not_delivered() {
    let breached = Event::TargetBreached { target: Target::FirstReply, tell: Vec::new() };
    let ticket = after(ticket(Kind::Question, Form::Plain), 10, [breached]);
    let undelivered = Some("Forbidden: bot was blocked by the user".to_owned());
    insta::assert_snapshot!(shown(&ticket, &Facts { undelivered, ..facts() }, at(13)));
}

#[test]
fn approved_by_one_of_two() {
    let ticket = unlock(Quorum::Two);
    let first = approved(&ticket, false);
    let ticket = after(ticket, 2, [first]);
    let facts = Facts {
        approvers: vec!["Нұрлан".to_owned()],
        rented: Some(vm("acme-db", Some("abuse"))),
        request: String::new(),
        ..facts()
    };
    insta::assert_snapshot!(shown(&ticket, &facts, at(2)));
}

#[test]
fn a_lapsed_proposal_has_no_button_to_approve() {
    let ticket = unlock(Quorum::One);
    let card = say(&ticket, &facts(), at(61), Lang::En);
    assert!(card.buttons.iter().flatten().all(|b| !b.label.contains("Approve")), "{card:?}");
    insta::assert_snapshot!(shown(&ticket, &facts(), at(61)));
}

#[test]
fn executing_by_the_terms() {
    let ticket = reboot();
    let by_policy = approved(&ticket, true);
    let mut ticket = ticket;
    ticket.apply(&by_policy, &Actor::Policy, start());
    insta::assert_snapshot!(shown(&ticket, &Facts { rented: Some(vm("acme-web", None)), ..facts() }, at(1)));
}

#[test]
fn solved_with_proof_and_failed_with_a_reason() {
    let ticket = reboot();
    let all = approved(&ticket, true);
    let executing = after(ticket, 0, [all]);
    let id = executing.action.as_ref().expect("an action").id;
    let proof = Proof {
        method: "graceful".to_owned(),
        state: "running".to_owned(),
        boot_id: Some(("3f2504e0-4f89".to_owned(), "9b2c11aa-77d0".to_owned())),
        domain_id: None,
        at: at(2),
        took_ms: 48_000,
        read_back: Vec::new(),
    };
    let done = [
        Event::ActionDone { id, proof: proof.clone() },
        Event::TargetMet { target: Target::FirstReply, used_ms: 120_000 },
        Event::Solved { message: None },
    ];
    let solved = after(executing.clone(), 2, done);
    insta::assert_snapshot!("solved", shown(&solved, &Facts { proof: Some(proof), ..facts() }, at(2)));

    let failure = Failure { code: "hung".to_owned(), text: "guest <acme-web> does not answer".to_owned() };
    let failed = after(executing, 4, [Event::ActionFailed { id, failure: failure.clone() }]);
    insta::assert_snapshot!("failed", shown(&failed, &Facts { failure: Some(failure), ..facts() }, at(4)));
}

#[test]
fn what_is_over_has_no_buttons() {
    for event in
        [Event::Confirmed, Event::ClosedByTime, Event::Cancelled, Event::Declined { message: message() }]
    {
        let ticket = after(ticket(Kind::Question, Form::Plain), 5, [event]);
        assert!(say(&ticket, &facts(), at(5), Lang::Kk).buttons.is_empty(), "{}", ticket.state);
    }
    let ticket = after(ticket(Kind::Question, Form::Plain), 5, [Event::Cancelled]);
    insta::assert_snapshot!(shown(&ticket, &facts(), at(5)));
}

#[test]
fn reopened_counts_its_cycle() {
    let events = [Event::Solved { message: None }, Event::Reopened { cycle: 2 }];
    let ticket = after(ticket(Kind::Question, Form::Plain), 5, events);
    let card = html(&ticket, &facts(), at(5), Lang::En);
    assert!(card.contains("cycle 2") && card.contains("🔁") && card.contains("<b>reopened</b>"), "{card}");
    assert!(!card.contains("new") && !card.contains("🆕"), "{card}");
    for (lang, word) in [(Lang::Kk, "қайта ашылды"), (Lang::Ru, "открыто снова"), (Lang::En, "reopened")]
    {
        assert!(crate::view_ticket::state(lang, &ticket).starts_with(word), "{lang}");
    }
}

/// Fluent would show a missing word as its key.
#[test]
fn every_small_word_exists_in_every_language() {
    use crm::domain::ticket::State;
    for lang in Lang::ALL {
        let all = Kind::ALL.iter().map(|k| words::kind(*k, *lang));
        let all = all.chain(State::ALL.iter().map(|s| words::state(*s, *lang)));
        let all = all.chain(Queue::ALL.iter().map(|q| words::queue(*q, *lang)));
        let all = all.chain(Target::ALL.iter().map(|t| words::target(*t, *lang)));
        for word in all {
            assert!(!word.starts_with("desk-"), "{lang}: {word}");
        }
    }
}
