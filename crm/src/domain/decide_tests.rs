//! The rules of a ticket, one by one: who may do what in which state, and what follows.

use chrono::{DateTime, TimeDelta};

use super::super::action::ActionState;
use super::*;
use crate::domain::action::{ActionSpec, Failure, Proof};
use crate::domain::event::{Opening, Origin};
use crate::domain::form::{Form, RebootMode};
use crate::domain::ids::{CustomerId, MessageId, TicketId, TicketNumber};
use crate::domain::kind::{Channel, Kind};
use crate::domain::lang::Lang;
use crate::domain::person::Role;
use crate::domain::plan::{Facts, Plan};
use crate::policy::PolicyBook;

fn at(second: i64) -> Moment {
    DateTime::from_timestamp(1_790_000_000 + second, 0).expect("in range")
}

fn policy() -> Policy {
    let book = PolicyBook::shipped().expect("the shipped terms are sound");
    Policy::clone(book.current(crate::domain::kind::Terms::Vm, at(0)).expect("in force"))
}

fn words(n: u128) -> MessageRef {
    MessageRef { id: MessageId(uuid::Uuid::from_u128(n)), digest: n.to_string() }
}

fn contact(id: &str, customer: &str) -> Actor {
    Actor::Contact { id: id.into(), customer: customer.into() }
}

fn staff(id: &str) -> Actor {
    Actor::Staff { id: id.into(), role: Role::Engineer }
}

fn opened(kind: Kind) -> Ticket {
    let opening = Opening {
        number: TicketNumber(42),
        kind,
        form: Form::Plain,
        requester: Some("aigerim".into()),
        customer: Some(CustomerId::from("acme")),
        requester_name: "Айгерім".to_owned(),
        language: Lang::Kk,
        origin: Origin { channel: Channel::Telegram, chat: Some(7) },
        policy: policy().name(),
        queue: Queue::Support,
        first_reply_ms: 600_000,
        resolution_ms: policy().kinds[&kind].resolution_ms,
        emergency: false,
        message: None,
    };
    Ticket::opened(TicketId(uuid::Uuid::from_u128(1)), at(0), opening)
}

fn spec() -> ActionSpec {
    ActionSpec::VmReboot {
        vm: "acme-web".into(),
        zone: "ala-1".into(),
        domain: "acme-web".to_owned(),
        mode: RebootMode::Graceful,
        graceful_wait_ms: 180_000,
    }
}

/// Runs a command that must be allowed, and returns the ticket and the words of the events.
fn run(ticket: &Ticket, command: Command, actor: &Actor, second: i64) -> (Ticket, Vec<&'static str>) {
    let decided = ticket.decide(command, actor, at(second), &policy()).expect("allowed");
    (decided.ticket, decided.events.iter().map(|e| e.2.word()).collect())
}

fn refused(ticket: &Ticket, command: Command, actor: &Actor, second: i64) -> Refusal {
    ticket.decide(command, actor, at(second), &policy()).expect_err("refused")
}

/// An action that was planned, and needs so many.
fn proposed(quorum: Quorum) -> (Ticket, ActionId, String) {
    let (wanted, id, plan) = wanted(quorum);
    let digest = spec().digest(&plan, id, wanted.id);
    let (ticket, _) = run(&wanted, Command::Planned { id, plan }, &Actor::Provisioner, 0);
    assert_eq!(ticket.action.as_ref().map(|a| (a.quorum, a.digest.clone())), Some((quorum, digest.clone())));
    (ticket, id, digest)
}

/// An action that is being planned, and a plan that will need so many.
fn wanted(quorum: Quorum) -> (Ticket, ActionId, Box<Plan>) {
    let id = ActionId(uuid::Uuid::from_u128(9));
    let (kind, lock_reason) = match quorum {
        Quorum::Auto => (Kind::VmReboot, None),
        Quorum::One => (Kind::VmUnlock, None),
        Quorum::Two => (Kind::VmUnlock, Some("abuse".to_owned())),
    };
    let ticket = opened(kind);
    let action = Some((id, spec(), quorum));
    let decided = ticket.decide_opening(&contact("aigerim", "acme"), at(0), &policy(), action);
    let plan = Plan { facts: Facts { lock_reason, ..Facts::default() }, ..Plan::default() };
    (decided.ticket, id, Box::new(plan))
}

fn proof() -> Proof {
    Proof {
        method: "hard".to_owned(),
        state: "running".to_owned(),
        boot_id: None,
        domain_id: Some((1, 2)),
        at: at(60),
        took_ms: 5,
        read_back: Vec::new(),
    }
}

#[test]
fn one_takes_it_and_the_other_is_told_who() {
    let (taken, events) = run(&opened(Kind::Question), Command::Take, &staff("nurlan"), 5);
    assert_eq!((taken.state, events), (State::Open, vec!["taken"]));
    assert_eq!(refused(&taken, Command::Take, &staff("olga"), 6), Refusal::TakenBy("nurlan".into()));
    assert_eq!(
        run(&taken, Command::Take, &staff("nurlan"), 7).1,
        Vec::<&str>::new(),
        "a second press changes nothing"
    );
}

#[test]
fn taking_is_no_reply_but_asking_answering_and_solving_are() {
    let ticket = opened(Kind::FaultMinor);
    assert_eq!(run(&ticket, Command::Take, &staff("n"), 5).0.first_reply.outcome, Outcome::Running);
    for command in [Command::Ask(words(1)), Command::Answer(words(1)), Command::Solve(None)] {
        let (after, events) = run(&ticket, command, &staff("n"), 5);
        assert!(events.contains(&"target_met"), "{events:?}");
        assert_eq!(after.first_reply.outcome, Outcome::Met { at: at(5) });
        assert_eq!(after.assignee, Some("n".into()), "whoever answers holds it");
    }
    let (noted, _) = run(&ticket, Command::Note(words(1)), &staff("n"), 5);
    assert_eq!(noted.first_reply.outcome, Outcome::Running, "a note is not seen by the customer");
}

#[test]
fn a_late_command_does_not_hide_the_breach() {
    let (solved, events) = run(&opened(Kind::VmReboot), Command::Solve(None), &staff("n"), 601);
    let position = |word| events.iter().position(|e| *e == word);
    assert!(position("target_breached") < position("solved"), "{events:?}");
    assert_eq!(solved.resolution.outcome, Outcome::Breached { answered_at: Some(at(601)) });
    assert_eq!(solved.first_reply.outcome, Outcome::Breached { answered_at: Some(at(601)) });
    let (kept, _) = run(&opened(Kind::VmReboot), Command::Solve(None), &staff("n"), 599);
    assert_eq!(kept.resolution.outcome, Outcome::Met { at: at(599) });
}

#[test]
fn everything_due_is_recorded_once_and_people_hear_of_the_latest() {
    let ticket = opened(Kind::VmReboot);
    let decided =
        ticket.decide(Command::Tick, &Actor::Clock, at(5_000), &policy()).expect("a tick is always allowed");
    let told: Vec<_> = decided
        .events
        .iter()
        .filter_map(|(moment, _, event)| match event {
            Event::MarkReached { percent, tell, .. } => Some((*moment, *percent, tell.len())),
            Event::TargetBreached { tell, .. } => Some((*moment, 100, tell.len())),
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), 8, "four marks of two promises: {told:?}");
    assert!(told.iter().all(|(moment, percent, _)| *moment == at(i64::from(*percent) * 6)));
    assert_eq!(told.iter().filter(|t| t.2 > 0).count(), 1, "one message, not eight: {told:?}");
    let (_, again) = run(&decided.ticket, Command::Tick, &Actor::Clock, 6_000);
    assert_eq!(again, Vec::<&str>::new());
}

#[test]
fn customers_touch_their_own_tickets_only() {
    let ticket = opened(Kind::Question);
    assert_eq!(refused(&ticket, Command::Write(words(1)), &contact("emma", "nomad"), 1), Refusal::NotFound);
    assert_eq!(refused(&ticket, Command::Cancel, &Actor::Stranger { telegram: 7 }, 1), Refusal::NotFound);
    assert_eq!(refused(&ticket, Command::Take, &contact("aigerim", "acme"), 1), Refusal::Forbidden);
    assert_eq!(refused(&ticket, Command::Solve(None), &contact("aigerim", "acme"), 1), Refusal::Forbidden);
    let colleague = contact("berik", "acme");
    assert_eq!(run(&ticket, Command::Write(words(1)), &colleague, 1).1, ["customer_wrote"]);
}

#[test]
fn auditors_and_managers_change_nothing() {
    let ticket = opened(Kind::Question);
    for role in [Role::Auditor, Role::Manager, Role::Administrator] {
        let actor = Actor::Staff { id: "x".into(), role };
        for command in [
            Command::Take,
            Command::Answer(words(1)),
            Command::Note(words(1)),
            Command::HandOver(Queue::Network),
        ] {
            assert_eq!(refused(&ticket, command, &actor, 1), Refusal::Forbidden, "{role}");
        }
    }
}

#[test]
fn the_policy_approves_what_is_inside_its_limits() {
    let (ticket, id, _) = proposed(Quorum::Auto);
    assert_eq!(ticket.state, State::Executing);
    let (done, events) = run(&ticket, Command::ActionDone { id, proof: proof() }, &Actor::Provisioner, 60);
    assert_eq!(done.state, State::Solved);
    assert_eq!(events, ["action_done", "target_met", "solved", "target_met"]);
    assert_eq!(
        refused(&done, Command::ActionDone { id, proof: proof() }, &Actor::Provisioner, 61),
        Refusal::StaleAction
    );
    assert_eq!(
        refused(&ticket, Command::ActionDone { id, proof: proof() }, &staff("n"), 61),
        Refusal::StaleAction
    );
}

#[test]
fn nothing_is_asked_for_before_it_is_planned_and_only_the_provisioner_plans() {
    let (ticket, id, plan) = wanted(Quorum::One);
    assert_eq!(ticket.state, State::WaitingApproval);
    assert_eq!(ticket.action.as_ref().map(|a| a.state), Some(ActionState::Planning));
    let blind = Command::Approve { id, digest: String::new() };
    assert_eq!(refused(&ticket, blind, &staff("n"), 1), Refusal::StaleAction);
    let planned = Command::Planned { id, plan };
    assert_eq!(refused(&ticket, planned.clone(), &staff("n"), 1), Refusal::StaleAction);
    let (proposed, events) = run(&ticket, planned.clone(), &Actor::Provisioner, 1);
    assert_eq!(events, ["action_proposed"]);
    assert_eq!(refused(&proposed, planned, &Actor::Provisioner, 2), Refusal::StaleAction);

    let failure = Failure { code: "refused".to_owned(), text: "there is no such domain".to_owned() };
    let (failed, events) = run(&ticket, Command::ActionFailed { id, failure }, &Actor::Provisioner, 1);
    assert_eq!((failed.state, events), (State::New, vec!["action_failed", "page_requested"]));
}

#[test]
fn a_changed_world_voids_what_was_approved_and_asks_anew() {
    let (ticket, id, digest) = proposed(Quorum::One);
    let (approved, _) = run(&ticket, Command::Approve { id, digest: digest.clone() }, &staff("n"), 1);
    let next = ActionId(uuid::Uuid::from_u128(10));
    let facts = Facts { lock_reason: Some("abuse".to_owned()), ..Facts::default() };
    let plan = Box::new(Plan { facts, ..Plan::default() });
    let changed = Command::PlanChanged { id, next, plan };
    assert_eq!(
        refused(&ticket, changed.clone(), &Actor::Provisioner, 2),
        Refusal::StaleAction,
        "not approved"
    );
    let (asked, events) = run(&approved, changed, &Actor::Provisioner, 2);
    assert_eq!(events, ["action_stale", "action_proposed"]);
    assert_eq!(asked.state, State::WaitingApproval);
    let action = asked.action.clone().expect("the new one");
    assert_eq!((action.id, action.quorum, action.approved_by.len()), (next, Quorum::Two, 0));
    assert_eq!(refused(&asked, Command::Approve { id, digest }, &staff("n"), 3), Refusal::StaleAction);
    // Where the terms approve by themselves, nobody is asked again.
    let (auto, id, _) = proposed(Quorum::Auto);
    let changed = Command::PlanChanged { id, next, plan: Box::default() };
    let (again, events) = run(&auto, changed, &Actor::Provisioner, 2);
    assert_eq!(events, ["action_stale", "action_proposed", "action_approved"]);
    assert_eq!(again.state, State::Executing);
}

#[test]
fn the_plan_decides_how_many_must_agree() {
    let facts = |current: i64, wanted: i64, capacity: Option<i64>| Facts {
        current: Some(current),
        wanted: Some(wanted),
        capacity,
        ..Facts::default()
    };
    for (facts, quorum) in [
        (facts(16, 20, Some(64)), Quorum::Auto),
        (facts(16, 20, None), Quorum::One),
        (facts(16, 20, Some(19)), Quorum::One),
        (facts(16, 21, Some(64)), Quorum::One),
        (facts(16, 32, Some(64)), Quorum::One),
        (facts(16, 33, Some(64)), Quorum::Two),
        (facts(0, 1, Some(64)), Quorum::Two),
        (facts(-1, 1, None), Quorum::Two),
        (facts(16, 16, Some(64)), Quorum::One),
        (facts(16, 8, Some(64)), Quorum::One),
        (facts(1, i64::MAX, None), Quorum::Two),
    ] {
        let plan = Plan { facts: facts.clone(), ..Plan::default() };
        assert_eq!(policy().quorum(Kind::QuotaIncrease, &spec(), &plan), quorum, "{facts:?}");
    }
}

#[test]
fn a_missing_approval_that_endangers_the_promise_pages_an_approver() {
    let (ticket, id, digest) = proposed(Quorum::One);
    let (held, _) = run(&ticket, Command::Take, &staff("n"), 1);
    let (warned, events) = run(&held, Command::Tick, &Actor::Clock, 450);
    assert!(events.ends_with(&["approver_needed", "page_requested"]), "{events:?}");
    let (_, events) = run(&warned, Command::Approve { id, digest }, &staff("o"), 460);
    assert_eq!(events, ["action_approved", "acknowledged"], "whoever approves has answered the page");
}

#[test]
fn four_eyes_are_two_people_who_saw_the_same() {
    let (ticket, id, digest) = proposed(Quorum::Two);
    assert_eq!(ticket.state, State::WaitingApproval);
    let approve = |digest: &str| Command::Approve { id, digest: digest.to_owned() };
    assert_eq!(refused(&ticket, approve("another plan"), &staff("n"), 1), Refusal::StaleAction);
    let (first, _) = run(&ticket, approve(&digest), &staff("n"), 1);
    assert_eq!(first.state, State::WaitingApproval);
    assert_eq!(refused(&first, approve(&digest), &staff("n"), 2), Refusal::AnotherPersonNeeded);
    let (second, _) = run(&first, approve(&digest), &staff("o"), 2);
    assert_eq!(second.state, State::Executing);
    assert_eq!(second.action.map(|a| a.approved_by.len()), Some(2));
}

#[test]
fn a_proposal_lapses_and_a_failure_goes_to_a_human() {
    let (ticket, id, digest) = proposed(Quorum::One);
    let hour = policy().approval_valid_ms / 1000;
    assert_eq!(
        refused(&ticket, Command::Approve { id, digest: digest.clone() }, &staff("n"), hour),
        Refusal::ExpiredAction
    );
    let (expired, events) = run(&ticket, Command::Tick, &Actor::Clock, hour);
    assert!(events.contains(&"action_expired") && expired.state == State::New);

    let (approved, _) = run(&ticket, Command::Approve { id, digest }, &staff("n"), 10);
    let failure = Failure { code: "hung".to_owned(), text: "the hypervisor hangs".to_owned() };
    let (failed, events) = run(&approved, Command::ActionFailed { id, failure }, &Actor::Provisioner, 60);
    assert_eq!(events, ["action_failed", "page_requested"]);
    assert_eq!(failed.state, State::New);
    assert_eq!(failed.resolution.outcome, Outcome::Running, "the promise still holds");
}

#[test]
fn pages_go_up_the_chain_until_somebody_answers() {
    let decided =
        opened(Kind::FaultCritical).decide_opening(&contact("aigerim", "acme"), at(0), &policy(), None);
    let ticket = decided.ticket;
    assert_eq!(decided.events.len(), 1, "a critical fault pages at once");
    let page = |step, who: &str, second| Command::RecordPage {
        step,
        paged: Some((step, who.into(), at(second))),
        skipped: Vec::new(),
        grouped: false,
    };
    let (ringing, _) = run(&ticket, page(0, "n", 300), &Actor::Clock, 0);
    assert_eq!(run(&ringing, Command::Tick, &Actor::Clock, 299).1, Vec::<&str>::new());
    let (next, events) = run(&ringing, Command::Tick, &Actor::Clock, 300);
    assert!(events.contains(&"page_requested"), "{events:?}");
    let (ringing, _) = run(&next, page(1, "o", 600), &Actor::Clock, 300);
    let (lost, events) = run(&ringing, Command::PageUndelivered("o".into()), &Actor::Clock, 301);
    assert_eq!(events, ["page_undelivered", "page_requested"], "a page that never arrived is not waited for");
    assert_eq!(lost.paging.map(|p| p.step), Some(2));
    assert_eq!(run(&ringing, Command::PageUndelivered("n".into()), &Actor::Clock, 301).1, Vec::<&str>::new());
    let (acked, _) = run(&ringing, Command::Acknowledge, &staff("o"), 320);
    assert_eq!(refused(&acked, Command::Acknowledge, &staff("n"), 321), Refusal::TakenBy("o".into()));
    assert!(
        !run(&acked, Command::Tick, &Actor::Clock, 700).1.contains(&"page_requested"),
        "answered is answered"
    );
    let (taken, events) = run(&ringing, Command::Take, &staff("n"), 320);
    assert_eq!(events, ["taken", "acknowledged"]);
    assert!(!run(&taken, Command::Tick, &Actor::Clock, 2_000).1.contains(&"page_requested"));
}

#[test]
fn reopening_keeps_the_result_and_goes_on_with_the_clock() {
    let (solved, _) = run(&opened(Kind::VmReboot), Command::Solve(None), &staff("n"), 480);
    let customer = contact("aigerim", "acme");
    let (open, _) = run(&solved, Command::Reopen(Some(words(5))), &customer, 10_000);
    assert_eq!((open.cycle, open.past_cycles[0].resolution), (2, Outcome::Met { at: at(480) }));
    assert_eq!(open.resolution.due_at, at(10_120));
    assert_eq!(
        open.first_reply.outcome,
        Outcome::Met { at: at(480) },
        "the first reply was given once for all"
    );
    let (closed, _) = run(&solved, Command::Tick, &Actor::Clock, 480 + policy().close_after_ms / 1000);
    assert_eq!(closed.state, State::Closed);
    assert_eq!(
        refused(&closed, Command::Reopen(None), &customer, 999_999),
        Refusal::WrongState(State::Closed)
    );
}

#[test]
fn clocks_stand_still_only_where_the_policy_says_so() {
    let ticket = opened(Kind::FaultMinor);
    let (asked, _) = run(&ticket, Command::Ask(words(1)), &staff("n"), 100);
    assert_eq!(asked.resolution.paused_at, None, "the shipped terms pause nothing (T11)");
    let lenient = Policy { pauses_while: vec![State::WaitingCustomer], ..policy() };
    let asked =
        ticket.decide(Command::Ask(words(1)), &staff("n"), at(100), &lenient).expect("allowed").ticket;
    assert_eq!(asked.resolution.paused_at, Some(at(100)));
    let customer = contact("aigerim", "acme");
    let back = asked.decide(Command::Write(words(2)), &customer, at(400), &lenient).expect("allowed").ticket;
    assert_eq!(back.resolution.due_at, ticket.resolution.due_at + TimeDelta::seconds(300));
    let handed = ticket
        .decide(Command::HandOver(Queue::Network), &staff("n"), at(5), &lenient)
        .expect("allowed")
        .ticket;
    assert_eq!((handed.resolution.paused_at, handed.queue), (None, Queue::Network));
}

#[test]
fn what_monitoring_reported_recovers_without_anybodys_reply() {
    let mut ticket = opened(Kind::FaultCritical);
    let decide =
        |t: &Ticket, actor: &Actor| t.decide(Command::Recover { alerts: 3 }, actor, at(60), &policy());
    assert_eq!(
        decide(&ticket, &staff("token/am")),
        Err(Refusal::WrongState(State::New)),
        "a person asked for this one"
    );
    ticket.origin.channel = Channel::Alert;
    assert_eq!(decide(&ticket, &contact("aigerim", "acme")), Err(Refusal::Forbidden));
    let after = decide(&ticket, &staff("token/am")).expect("allowed").ticket;
    assert_eq!((after.state, after.assignee.clone()), (State::Solved, None));
    assert_eq!(after.first_reply.outcome, Outcome::Void);
    assert_eq!(after.resolution.outcome, Outcome::Met { at: at(60) });
    assert!(decide(&after, &staff("token/am")).is_err(), "once");
}

#[test]
fn monitoring_is_answered_when_a_human_takes_what_it_reported() {
    let takes = |ticket: &Ticket| {
        ticket.decide(Command::Take, &staff("dana"), at(60), &policy()).expect("allowed").ticket
    };
    let mut ticket = opened(Kind::FaultCritical);
    ticket.origin.channel = Channel::Alert;
    assert_eq!(takes(&ticket).first_reply.outcome, Outcome::Running, "a person waits for words");
    ticket.requester = None;
    assert_eq!(takes(&ticket).first_reply.outcome, Outcome::Met { at: at(60) });
}
