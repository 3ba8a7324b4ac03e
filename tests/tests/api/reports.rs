//! The SLA report: figures that agree with the tickets, in every form, however often tickets change.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::decide::Command;
use crm::domain::ids::TicketId;
use crm::domain::kind::{Channel, Kind, Queue};
use crm::domain::person::Role;
use crm::domain::report::{Figure, Kept, Which};
use crm::domain::sla::{Outcome, Target};
use crm::reports::{Filter, GroupBy, Period, Reports, SlaReport};
use komek_tests::desk::{Desk, contact, engineer, manager};
use komek_tests::engine::Engine;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rstest::rstest;
use serde_json::json;

use crate::calls::Calls;

/// One random thing that happens at the desk; what the rules refuse does not happen.
async fn something(desk: &Desk, random: &mut StdRng, tickets: &mut Vec<TicketId>) -> Result<()> {
    let kinds = [
        Kind::Question,
        Kind::FaultMinor,
        Kind::FaultCritical,
        Kind::VmReboot,
        Kind::VmUnlock,
        Kind::CreditClaim,
    ];
    let who = *["dana", "nurlan"].choose(random).expect("somebody");
    let Some(ticket) = tickets.choose(random).copied().filter(|_| random.random_bool(0.8)) else {
        let channel = *[Channel::Telegram, Channel::Phone, Channel::Email].choose(random).expect("one");
        let asker = *["aigerim", "boris", "nora"].choose(random).expect("one");
        if let Ok(ticket) = desk.open_by(asker, *kinds.choose(random).expect("a kind"), channel).await {
            tickets.push(ticket.id);
        }
        return Ok(());
    };
    let asker =
        desk.ticket(ticket).await?.requester.map_or_else(|| "aigerim".to_owned(), |id| id.to_string());
    let _refused = match random.random_range(0..12) {
        0 | 1 => desk.run(ticket, Command::Take, &engineer(who)).await,
        2 => desk.write(ticket, Command::Ask, &engineer(who)).await,
        3 => desk.write(ticket, Command::Write, &contact(&asker)).await,
        4 => desk.write(ticket, Command::Answer, &manager()).await,
        5 | 6 => desk.run(ticket, Command::Solve(None), &engineer(who)).await,
        7 => desk.run(ticket, Command::Reopen(None), &contact(&asker)).await,
        8 if random.random_bool(0.5) => {
            let command = Command::Rate { score: random.random_range(1..=5), message: None };
            desk.run(ticket, command, &contact(&asker)).await
        }
        8 => desk.run(ticket, Command::Confirm, &contact(&asker)).await,
        9 => {
            desk.run(ticket, Command::HandOver(*Queue::ALL.choose(random).expect("one")), &engineer(who))
                .await
        }
        10 if random.random_bool(0.3) => desk.run(ticket, Command::Cancel, &contact(&asker)).await,
        _ => desk.write(ticket, Command::Decline, &engineer(who)).await,
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
    let all = Which::all(Figure::Opened);
    let (mut numbers, mut after) = (Vec::new(), None);
    loop {
        let page = reports.listed(period, filter, &all, after, 7).await?;
        numbers.extend(page.numbers);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let (count, unique) = (numbers.len(), numbers.iter().collect::<std::collections::BTreeSet<_>>().len());
    assert_eq!((i64::try_from(count)?, unique), (total.opened, count), "page by page each ticket once");
    Ok(())
}

/// All sums and contributions, as they are stored.
async fn stored(desk: &Desk) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for sql in [
        "SELECT CAST(day AS TEXT) || kind || queue || channel || CAST(doc AS TEXT) FROM report_cell ORDER BY 1",
        "SELECT CAST(hour AS TEXT) || ':' || CAST(change AS TEXT) FROM report_flow WHERE change <> 0 ORDER BY 1",
        "SELECT CAST(doc AS TEXT) FROM report_fact ORDER BY number",
    ] {
        all.extend(desk.test.texts(sql).await?);
    }
    Ok(all)
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
    for _ in 0..260 {
        something(&desk, &mut random, &mut tickets).await?;
        if random.random_bool(0.5) {
            desk.clock.advance(TimeDelta::seconds(random.random_range(1..5_000)));
        }
        if random.random_bool(0.1) {
            desk.look().await?;
        }
        if random.random_bool(0.2) {
            reports.fold().await?;
        }
    }
    let period = Period::last(60, desk.service.now());
    let report = reports.sla(period, GroupBy::Queue, Filter::default()).await?;
    let followed = stored(&desk).await?;
    reports.recount().await?;
    let recounted = stored(&desk).await?;
    let differing = followed.iter().zip(&recounted).find(|(a, b)| a != b);
    assert!(differing.is_none() && followed.len() == recounted.len(), "{differing:#?}");
    assert_eq!(report, reports.sla(period, GroupBy::Queue, Filter::default()).await?);

    // The same from the tickets, counted in the plainest way.
    let now = desk.service.now();
    let (mut opened, mut met, mut breached, mut replied, mut late, mut open, mut reopened) =
        (0, 0, 0, 0, 0, 0, 0);
    for id in &tickets {
        let ticket = desk.ticket(*id).await?;
        opened += 1;
        open += i64::from(ticket.state.is_active());
        reopened += i64::from(ticket.cycle > 1);
        met += i64::from(matches!(ticket.resolution.outcome, Outcome::Met { .. }));
        breached += i64::from(ticket.resolution.is_breached(now));
        replied += i64::from(matches!(ticket.first_reply.outcome, Outcome::Met { .. }));
        late += i64::from(ticket.first_reply.is_breached(now));
    }
    let total = &report.total;
    assert_eq!((total.opened, total.reopened, report.backlog.now), (opened, reopened, open));
    assert_eq!((total.resolution.met, total.resolution.breached), (met, breached));
    assert_eq!((total.first_reply.met, total.first_reply.breached), (replied, late));
    assert!(breached > 0 && met > 0 && reopened > 0, "the history has something of everything: {total:?}");
    let sum = |f: fn(&crm::reports::Group) -> i64| report.groups.iter().map(f).sum::<i64>();
    assert_eq!(sum(|g| g.figures.opened), opened, "the parts are the whole");
    let mut ratings = Vec::new();
    for id in &tickets {
        ratings.extend(desk.ticket(*id).await?.rating.map(i64::from));
    }
    assert_eq!(total.rated, i64::try_from(ratings.len())?);
    let mean = (ratings.iter().sum::<i64>() * 100).checked_div(total.rated);
    assert_eq!(total.rating, mean.map(|m| format!("{}.{:02}", m / 100, m % 100)));
    assert_eq!(report.heat.iter().flatten().sum::<i64>(), opened, "the hours are the whole");
    assert_eq!(report.backlog.ages.iter().sum::<i64>(), open);
    every_figure_opens_its_tickets(&reports, period, &report).await?;
    assert!(report.backlog.points.iter().all(|point| (0..=opened).contains(&point.1)));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_breach_stays_one_is_seen_at_its_deadline_and_is_nobody_elses(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let reports = Reports::new(desk.service.clone(), desk.test.db.clone());
    let today = || Period::last(1, desk.service.now());
    let ticket = desk.open("aigerim", Kind::FaultCritical).await?.id;
    desk.clock.advance(TimeDelta::minutes(5));
    desk.run(ticket, Command::Take, &engineer("dana")).await?;
    desk.write(ticket, Command::Answer, &engineer("dana")).await?;
    desk.clock.advance(TimeDelta::minutes(54));
    let report = reports.sla(today(), GroupBy::Kind, Filter::default()).await?;
    assert_eq!((report.total.resolution.running, report.total.resolution.compliance), (1, None));
    assert_eq!(report.total.first_reply.compliance.as_deref(), Some("100.00"));
    // Nobody has looked at the clock; the report does.
    desk.run(ticket, Command::HandOver(Queue::Infrastructure), &engineer("dana")).await?;
    desk.run(ticket, Command::Take, &engineer("nurlan")).await?;
    desk.clock.advance(TimeDelta::minutes(1));
    let report = reports.sla(today(), GroupBy::Kind, Filter::default()).await?;
    assert_eq!(
        (report.total.resolution.breached, report.total.resolution.compliance.as_deref()),
        (1, Some("0.00"))
    );
    let minutes = report.breaches[0].minutes;
    assert_eq!((minutes.queue_ms, minutes.engineer_ms), (5 * 60_000, 55 * 60_000));
    let who: Vec<_> =
        report.staff.iter().map(|s| (s.staff.as_str(), s.held, s.breached, s.inherited)).collect();
    assert_eq!(who, [("dana", 1, 0, 0), ("nurlan", 1, 0, 1)], "he took it in the last minute");
    for _ in 0..2 {
        desk.run(ticket, Command::Solve(None), &engineer("nurlan")).await?;
        desk.clock.advance(TimeDelta::minutes(1));
        desk.run(ticket, Command::Reopen(None), &contact("aigerim")).await?;
    }
    let report = reports.sla(today(), GroupBy::Kind, Filter::default()).await?;
    assert_eq!((report.total.resolution.breached, report.total.reopened, report.backlog.now), (1, 1, 1));
    // Tomorrow, today is the period before.
    desk.clock.advance(TimeDelta::days(1));
    let report = reports.sla(today(), GroupBy::Kind, Filter::default()).await?;
    assert_eq!((report.total.opened, report.before.opened, report.before.resolution.breached), (0, 1, 1));
    assert_eq!(report.groups[0].before.as_ref().map(|f| f.opened), Some(1));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn every_form_has_the_same_numbers(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::Manager).await?;
    for _ in 0..3 {
        api.desk.open("aigerim", Kind::Question).await?;
    }
    let mut tx = api.desk.test.db.begin().await?;
    api.desk.service.emergency(&mut tx, true, "өрт".to_owned(), &manager()).await?;
    tx.commit().await?;
    api.desk.clock.advance(TimeDelta::minutes(11));
    let path = "reports/sla?from=2026-11-20&to=2026-11-23&group_by=channel";
    let report = api.get(&token, path).await?;
    assert_eq!(report.code(), 200, "{report:?}");
    assert_eq!(
        (&report.body["total"]["opened"], &report.body["total"]["first_reply"]["breached"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(report.body["groups"][0]["key"], "telegram");
    assert_eq!(report.body["before_to"], "2026-11-19");
    assert_eq!(report.body["emergencies"][0]["reason"], "өрт");
    assert_eq!(report.body["heat"][0][10], 3, "Monday, ten o'clock");
    let request =
        api.request(reqwest::Method::GET, &format!("/api/v1/{path}&format=csv")).bearer_auth(&token);
    let text = request.send().await?.error_for_status()?.text().await?;
    let total =
        text.lines().find(|line| line.starts_with("2026-11-20/2026-11-23,total,")).expect("the total");
    assert!(total.starts_with("2026-11-20/2026-11-23,total,3,0,0,0,0,0,,0,3,0,0.00,"), "{total}");
    let request =
        api.request(reqwest::Method::GET, &format!("/api/v1/{path}&format=xlsx")).bearer_auth(&token);
    let answer = request.send().await?.error_for_status()?;
    assert!(answer.headers()["content-disposition"].to_str()?.contains("sla-2026-11-20-2026-11-23.xlsx"));
    assert!(answer.bytes().await?.starts_with(b"PK"));
    for query in ["from=2026-11-23&to=2026-11-20", "from=2000-01-01&to=2026-01-01"] {
        api.get(&token, &format!("reports/sla?{query}")).await?.problem(409);
    }
    for query in ["from=yesterday", "group_by=moon", "format=pdf", "from=2026-13-01"] {
        api.get(&token, &format!("reports/sla?{query}")).await?.problem(422);
    }
    Ok(())
}
