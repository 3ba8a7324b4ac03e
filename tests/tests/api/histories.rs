//! Whatever happens at a desk: sums that follow each event equal a full recount, and what is counted in the plainest way from the tickets;
//! every figure opens its tickets.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::clock::Clock;
use crm::domain::action::{ActionState, Failure, Proof};
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::{Link, Origin};
use crm::domain::form::Form;
use crm::domain::ids::{StaffId, TicketId};
use crm::domain::kind::{Channel, Kind, Queue};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::domain::report::{Cell, Fact, Figure, Kept, Which};
use crm::domain::sla::{Outcome, Target};
use crm::domain::ticket::State;
use crm::reports::{AGES, Figures, Filter, GroupBy, Period, Reports, SlaReport, date};
use crm::service::{NewTicket, ServiceError, Words};
use komek_tests::desk::{Desk, contact, engineer, manager};
use komek_tests::engine::Engine;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rstest::rstest;

/// Prometheus, by its token.
fn monitoring() -> Actor {
    Actor::Staff { id: StaffId::from("token/prometheus"), role: Role::Engineer }
}

/// Opens a ticket: by a person, or by monitoring.
async fn opened(desk: &Desk, random: &mut StdRng) -> Result<TicketId, ServiceError> {
    let kinds = [
        Kind::Question,
        Kind::FaultMinor,
        Kind::FaultCritical,
        Kind::VmReboot,
        Kind::VmUnlock,
        Kind::CreditClaim,
    ];
    if random.random_bool(0.1) {
        let new = NewTicket {
            kind: Kind::FaultCritical,
            form: Form::Fault { service: Some("acme-web".into()), since: None },
            requester: None,
            requester_name: "Prometheus".to_owned(),
            language: Lang::Kk,
            origin: Origin { channel: Channel::Alert, chat: None },
            words: Words::text("InstanceDown"),
        };
        let mut tx = desk.test.db.begin().await?;
        let ticket = desk.service.open(&mut tx, new, &monitoring()).await?;
        tx.commit().await?;
        return Ok(ticket.id);
    }
    let channel = *[Channel::Telegram, Channel::Phone, Channel::Email].choose(random).expect("one");
    let asker = *["aigerim", "boris", "nora"].choose(random).expect("one");
    Ok(desk.open_by(asker, *kinds.choose(random).expect("a kind"), channel).await?.id)
}

/// What the provisioner, or whoever approves, does with a ticket's action.
async fn acted(desk: &Desk, random: &mut StdRng, id: TicketId) -> Result<(), ServiceError> {
    let Some(action) = desk.ticket(id).await.ok().and_then(|t| t.action) else { return Ok(()) };
    let executed = action.state == ActionState::Approved;
    let (command, actor) = match random.random_range(0..3) {
        0 if executed => {
            let failure = Failure { code: "hung".to_owned(), text: "no answer".to_owned() };
            (Command::ActionFailed { id: action.id, failure }, Actor::Provisioner)
        }
        _ if !executed => (
            Command::Approve { id: action.id, digest: action.digest },
            engineer(["dana", "nurlan"].choose(random).expect("somebody")),
        ),
        _ => {
            let proof = Proof {
                method: "hard".to_owned(),
                state: "running".to_owned(),
                boot_id: None,
                domain_id: Some((1, 2)),
                at: desk.clock.now(),
                took_ms: 900,
                read_back: Vec::new(),
            };
            (Command::ActionDone { id: action.id, proof }, Actor::Provisioner)
        }
    };
    desk.run(id, command, &actor).await.map(drop)
}

/// One random thing that happens at the desk; what the rules refuse does not happen.
async fn something(desk: &Desk, random: &mut StdRng, tickets: &mut Vec<TicketId>) -> Result<()> {
    // Mostly one of the latest: much happens to each.
    let from = if random.random_bool(0.7) { tickets.len().saturating_sub(12) } else { 0 };
    let Some(ticket) = tickets[from..].choose(random).copied().filter(|_| random.random_bool(0.85)) else {
        tickets.extend(opened(desk, random).await.ok());
        return Ok(());
    };
    let asker =
        desk.ticket(ticket).await?.requester.map_or_else(|| "aigerim".to_owned(), |id| id.to_string());
    let who = engineer(["dana", "nurlan"].choose(random).expect("somebody"));
    let customer = contact(&asker);
    let other = StaffId::from(*["dana", "nurlan"].choose(random).expect("somebody"));
    let now = desk.ticket(ticket).await?;
    if now.state == State::Solved && random.random_bool(0.4) {
        let command = if random.random_bool(0.6) { Command::Reopen(None) } else { Command::Confirm };
        desk.run(ticket, command, &customer).await.map(drop).ok();
        return Ok(());
    }
    if matches!(now.state, State::WaitingApproval | State::Executing) && random.random_bool(0.5) {
        acted(desk, random, ticket).await.ok();
        return Ok(());
    }
    if now.origin.channel == Channel::Alert && random.random_bool(0.3) {
        desk.run(ticket, Command::Recover { alerts: 1 }, &monitoring()).await.map(drop).ok();
        return Ok(());
    }
    let _refused = match random.random_range(0..20) {
        0 | 1 => desk.run(ticket, Command::Take, &who).await.map(drop),
        2 => desk.write(ticket, Command::Ask, &who).await.map(drop),
        3 => desk.write(ticket, Command::Write, &customer).await.map(drop),
        4 => desk.write(ticket, Command::Answer, &manager()).await.map(drop),
        5 | 6 => desk.run(ticket, Command::Solve(None), &who).await.map(drop),
        7 | 8 => {
            let command = Command::Rate { score: random.random_range(1..=5), message: None };
            desk.run(ticket, command, &customer).await.map(drop)
        }
        9 => desk.run(ticket, Command::Confirm, &customer).await.map(drop),
        10 => desk
            .run(ticket, Command::HandOver(*Queue::ALL.choose(random).expect("one")), &who)
            .await
            .map(drop),
        11 if random.random_bool(0.4) => desk.run(ticket, Command::Cancel, &customer).await.map(drop),
        12 => {
            let from = now.assignee;
            desk.run(ticket, Command::Assign { to: other, from }, &manager()).await.map(drop)
        }
        13 => {
            let to = if random.random_bool(0.5) { Kind::FaultCritical } else { Kind::FaultMinor };
            desk.write(ticket, |reason| Command::Reclassify { to, reason }, &who).await.map(drop)
        }
        14 => {
            let lead = desk.ticket(*tickets[from..].choose(random).expect("one")).await?.number;
            let link = if random.random_bool(0.5) { Link::Duplicate } else { Link::Incident };
            let mut tx = desk.test.db.begin().await?;
            let attached = desk.service.attach(&mut tx, ticket, lead, link, &who).await.map(drop);
            if attached.is_ok() {
                tx.commit().await?;
            }
            attached
        }
        15 => desk.write(ticket, Command::Escalate, &who).await.map(drop),
        16 => desk.write(ticket, Command::Note, &who).await.map(drop),
        _ if random.random_bool(0.3) => desk.write(ticket, Command::Decline, &who).await.map(drop),
        _ => Ok(()),
    };
    Ok(())
}

/// The list behind each figure is as long as the figure says.
async fn every_figure_opens_its_tickets(reports: &Reports, period: Period, report: &SlaReport) -> Result<()> {
    let total = &report.total;
    let mut expected = vec![
        (Which::all(Figure::Opened), total.opened),
        (Which::all(Figure::Solved), total.solved),
        (Which::all(Figure::Ended), total.ended),
        (Which::all(Figure::Automated), total.automated),
        (Which::all(Figure::Reopened), total.reopened),
        (Which::all(Figure::Rated), total.rated),
    ];
    for (target, promise, done) in [
        (Target::FirstReply, &total.first_reply, Figure::FirstReplyDone),
        (Target::Resolution, &total.resolution, Figure::ResolutionDone),
    ] {
        for (kept, count) in [
            (Kept::Met, promise.met),
            (Kept::Breached, promise.breached),
            (Kept::Running, promise.running),
            (Kept::Void, promise.void),
        ] {
            expected.push((Which::all(Figure::of(target, kept)), count));
        }
        for (class, count) in promise.distribution.iter().enumerate() {
            expected.push((Which { class: Some(class), ..Which::all(done) }, *count));
        }
        expected.push((Which::all(done), promise.distribution.iter().sum()));
    }
    for person in &report.staff {
        for (figure, count) in [
            (Figure::Held, person.held),
            (Figure::SolvedBy, person.solved),
            (Figure::BreachedBy, person.breached),
            (Figure::InheritedBy, person.inherited),
        ] {
            expected.push((Which { staff: Some(person.staff.clone()), ..Which::all(figure) }, count));
        }
    }
    for (day, hours) in (0..).zip(&report.heat) {
        for (hour, count) in (0..).zip(hours) {
            expected.push((Which { hour: Some((day, hour)), ..Which::all(Figure::Opened) }, *count));
        }
    }
    for (at, open) in &report.backlog.points {
        expected.push((Which::owed_at(*at), *open));
    }
    let filter = Filter::default();
    for (which, count) in expected {
        let found = reports.listed(period, filter, &which, None, 10_000).await?;
        assert_eq!((i64::try_from(found.numbers.len())?, found.next), (count, None), "{which:?}");
    }
    let minutes = &total.minutes;
    for (figure, ms) in [
        (Figure::AtQueue, minutes.queue_ms),
        (Figure::AtEngineer, minutes.engineer_ms),
        (Figure::AtApproval, minutes.approval_ms),
        (Figure::AtProvisioner, minutes.provisioner_ms),
        (Figure::AtCustomer, minutes.customer_ms),
    ] {
        let found = reports.listed(period, filter, &Which::all(figure), None, 10_000).await?;
        assert_eq!(found.numbers.is_empty(), ms == 0, "{figure}");
    }
    let most = report.backlog.points.iter().max_by_key(|point| point.1).context("points")?;
    for (which, count) in [(Which::all(Figure::Opened), total.opened), (Which::owed_at(most.0), most.1)] {
        let (mut numbers, mut after) = (Vec::new(), None);
        loop {
            let page = reports.listed(period, filter, &which, after, 7).await?;
            numbers.extend(page.numbers);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let unique = numbers.iter().collect::<BTreeSet<_>>().len();
        assert_eq!(
            (i64::try_from(numbers.len())?, unique),
            (count, numbers.len()),
            "{which:?}: each ticket once"
        );
    }
    Ok(())
}

/// All sums and contributions, as they are stored.
async fn stored(desk: &Desk) -> Result<Vec<String>> {
    let mut all = Vec::new();
    // Every third byte string of PostgreSQL would look otherwise than SQLite's; compared is one engine with itself.
    let bytes = if desk.test.engine == Engine::Sqlite { "hex(sums)" } else { "encode(sums, 'hex')" };
    for sql in [
        &format!(
            "SELECT CAST(days AS TEXT) || ' ' || CAST(first AS TEXT) || ' ' || {bytes} FROM report_sum ORDER BY 1"
        ),
        "SELECT CAST(hour AS TEXT) || ':' || CAST(change AS TEXT) FROM report_flow WHERE change <> 0 ORDER BY 1",
        "SELECT CAST(hour AS TEXT) || ':' || CAST(count AS TEXT) FROM report_owed ORDER BY 1",
        "SELECT kind || queue || channel || CAST(breached AS TEXT) || CAST(owed AS TEXT) || CAST(doc AS TEXT)
         FROM report_fact ORDER BY number",
    ] {
        all.extend(desk.test.texts(sql).await?);
    }
    Ok(all)
}

/// Every ticket with what it contributes, from its events.
async fn facts(desk: &Desk, tickets: &[TicketId]) -> Result<Vec<Fact>> {
    let mut facts = Vec::new();
    for id in tickets {
        facts.push(Fact::of(&desk.ticket(*id).await?, &desk.events(*id).await?));
    }
    Ok(facts)
}

/// The report's numbers of a period against the tickets themselves, one by one.
fn agrees(report: &SlaReport, facts: &[Fact], period: Period, by: GroupBy, filter: Filter) {
    let sum = |period: Period| {
        let (mut all, mut parts) = (Cell::default(), BTreeMap::<String, Cell>::new());
        let within = |f: &&Fact| (period.from..=period.to).contains(&f.day()) && filter.fits(f.place());
        for fact in facts.iter().filter(within) {
            all.count(fact, 1);
            let key = match by {
                GroupBy::Kind => fact.kind.to_string(),
                GroupBy::Queue => fact.queue.to_string(),
                GroupBy::Channel => fact.channel.to_string(),
                GroupBy::Day => date(fact.day()).to_string(),
            };
            parts.entry(key).or_default().count(fact, 1);
        }
        (all, parts)
    };
    let ((now, parts), (before, _)) = (sum(period), sum(period.before()));
    let asked = format!("{period:?} {by} {filter:?}");
    assert_eq!(report.total, Figures::from(&now), "{asked}");
    assert_eq!(report.before, Figures::from(&before), "{asked}");
    for (key, cell) in &parts {
        let group = report.groups.iter().find(|group| group.key == *key).map(|group| &group.figures);
        assert_eq!(group, Some(&Figures::from(cell)), "{asked} {key}");
    }
    assert_eq!(report.groups.iter().map(|g| g.figures.opened).sum::<i64>(), now.opened, "{asked}");
    let heat: Vec<i64> = report.heat.iter().flatten().copied().collect();
    for (hour, count) in now.hours.iter() {
        assert_eq!(heat[usize::from(hour)], count, "{asked}");
    }
    assert_eq!(heat.iter().sum::<i64>(), now.opened, "the hours are the whole: {asked}");
    let people: Vec<_> =
        report.staff.iter().map(|s| (s.staff.as_str(), s.held, s.solved, s.breached, s.inherited)).collect();
    let loads: Vec<_> =
        now.staff.iter().map(|(id, l)| (id.as_str(), l.held, l.solved, l.breached, l.inherited)).collect();
    assert_eq!(people, loads, "{asked}");
    let late =
        |f: &&Fact| (period.from..=period.to).contains(&f.day()) && filter.fits(f.place()) && f.is_breached();
    assert_eq!(report.breaches.len(), facts.iter().filter(late).count().min(50), "{asked}");
    let mut ages = vec![0; AGES.len() + 1];
    for fact in facts.iter().filter(|fact| fact.is_owed()) {
        let hours = (report.at - fact.opened_at).num_hours();
        ages[AGES.partition_point(|age| *age <= hours)] += 1;
    }
    assert_eq!((report.backlog.now, &report.backlog.ages), (ages.iter().sum(), &ages));
    for (at, open) in &report.backlog.points {
        let flow = facts.iter().flat_map(|f| &f.flow).filter(|(moment, _)| moment < at);
        assert_eq!(*open, flow.map(|(_, change)| change).sum::<i64>(), "{at}");
    }
}

/// What has not happened to any ticket yet.
async fn missing(desk: &Desk) -> Result<Vec<&'static str>> {
    let words = desk.test.texts("SELECT DISTINCT word FROM event").await?;
    let wanted = [
        "action_approved",
        "action_done",
        "action_failed",
        "answered",
        "asked",
        "assigned",
        "cancelled",
        "closed_by_time",
        "confirmed",
        "customer_wrote",
        "declined",
        "escalated",
        "handed_over",
        "joined",
        "linked",
        "merged",
        "noted",
        "rated",
        "reclassified",
        "recovered",
        "reopened",
        "solved",
        "taken",
        "target_breached",
        "target_done_late",
        "target_met",
    ];
    Ok(wanted.into_iter().filter(|word| !words.iter().any(|known| known == word)).collect())
}

/// A random question to the report.
fn asked(desk: &Desk, random: &mut StdRng) -> (Period, GroupBy, Filter) {
    let last = Period::last(random.random_range(1..=400), desk.clock.now());
    let back = random.random_range(0..5);
    let period = Period { from: last.from - back, to: last.to - back };
    let filter = Filter {
        kind: random.random_bool(0.2).then_some(Kind::VmReboot),
        queue: random.random_bool(0.2).then_some(Queue::Support),
        channel: random.random_bool(0.2).then_some(Channel::Telegram),
    };
    (period, *GroupBy::ALL.choose(random).expect("one"), filter)
}

#[rstest]
#[tokio::test]
async fn sums_that_follow_equal_a_full_recount_and_the_tickets_themselves(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(1, 2, 3)] seed: u64,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let mut random = StdRng::seed_from_u64(seed);
    let reports = Reports::new(desk.service.clone(), desk.test.db.clone());
    let mut tickets = Vec::new();
    for step in 0..2_000 {
        // Until there was something of everything.
        if step >= 400 && step % 50 == 0 && missing(&desk).await?.is_empty() {
            break;
        }
        something(&desk, &mut random, &mut tickets).await?;
        if random.random_bool(0.5) {
            desk.clock.advance(TimeDelta::seconds(random.random_range(1..5_000)));
        }
        if random.random_bool(0.01) {
            // Long enough for what is solved to close, and for another week to begin.
            desk.clock.advance(TimeDelta::days(random.random_range(1..9)));
        }
        if random.random_bool(0.1) {
            desk.look().await?;
        }
        if random.random_bool(0.2) {
            reports.fold().await?;
        }
        if step % 50 == 49 {
            let (period, by, filter) = asked(&desk, &mut random);
            let report = reports.sla(period, by, filter).await?;
            agrees(&report, &facts(&desk, &tickets).await?, period, by, filter);
        }
    }
    let period = Period::last(300, desk.service.now());
    let report = reports.sla(period, GroupBy::Queue, Filter::default()).await?;
    let facts = facts(&desk, &tickets).await?;
    agrees(&report, &facts, period, GroupBy::Queue, Filter::default());
    let followed = stored(&desk).await?;
    reports.recount().await?;
    let recounted = stored(&desk).await?;
    let differing = followed.iter().zip(&recounted).find(|(a, b)| a != b);
    assert!(differing.is_none() && followed.len() == recounted.len(), "{differing:#?}");
    assert_eq!(report, reports.sla(period, GroupBy::Queue, Filter::default()).await?);

    // What is broken is broken, and counted from the tickets' clocks alone.
    let now = desk.service.now();
    let (mut met, mut broken, mut late) = (0, 0, 0);
    for id in &tickets {
        let ticket = desk.ticket(*id).await?;
        met += i64::from(matches!(ticket.resolution.outcome, Outcome::Met { .. }));
        broken += i64::from(ticket.resolution.is_breached(now));
        late += i64::from(ticket.first_reply.is_breached(now));
    }
    let total = &report.total;
    assert_eq!(
        (total.resolution.met, total.resolution.breached, total.first_reply.breached),
        (met, broken, late)
    );
    assert_eq!(missing(&desk).await?, [] as [&str; 0], "the history has something of everything");
    every_figure_opens_its_tickets(&reports, period, &report).await
}
