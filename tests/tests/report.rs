//! The report as a picture: on Monday once to everybody who answers for the promises, and to him who asks for it, through the real bot.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use crm::clock::{Clock, Moment};
use crm::domain::decide::Command;
use crm::domain::ids::StaffId;
use crm::domain::job::Job;
use crm::domain::kind::{Channel, Kind};
use crm::domain::lang::Lang;
use crm::domain::reactions::Outgoing;
use crm::reports::{Filter, GroupBy, Period, Reports, picture};
use crm::store::{NewJob, Payload};
use komek_tests::console::Console;
use komek_tests::desk::{Desk, engineer};
use komek_tests::engine::Engine;
use komek_tests::town::{Asker, STAFF, Town};
use rstest::rstest;

/// Takes out of the outbox what is to be sent to managers.
async fn reports(desk: &Desk) -> Result<Vec<(StaffId, i64, i64)>> {
    let mut tx = desk.test.db.begin().await?;
    let items = tx.outbox_claim(desk.clock.now(), 10_000).await?;
    tx.commit().await?;
    let told = items.into_iter().filter_map(|item| match item.payload {
        Payload::Tell(Outgoing::Report { staff, from, to }) => Some((staff, from, to)),
        _ => None,
    });
    Ok(told.collect())
}

#[rstest]
#[tokio::test]
async fn on_monday_morning_it_is_sent_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let (one, two) = (desk.worker("one"), desk.worker("two"));
    // Two processes, looking again and again, and one of them started anew.
    for worker in [&one, &two, &one, &desk.worker("three")] {
        worker.plan_report().await?;
    }
    let queued = "SELECT COUNT(*) FROM job WHERE dedup_key LIKE 'report/%'";
    assert_eq!(desk.test.number(queued).await?, 1);
    let monday: Moment = "2026-11-30T09:00:00+05:00".parse()?;
    desk.clock.advance(monday - desk.clock.now() - TimeDelta::seconds(1));
    one.run_jobs().await?;
    assert_eq!(reports(&desk).await?, []);
    // The machine was off until Tuesday: late, but sent, and only once.
    desk.clock.advance(TimeDelta::days(1));
    one.run_jobs().await?;
    two.run_jobs().await?;
    let (from, to) = (Period::last_week(monday).from, Period::last_week(monday).to);
    assert_eq!(
        reports(&desk).await?,
        [(StaffId::from("marat"), from, to)],
        "the engineers and the auditor get none"
    );
    let mut tx = desk.test.db.begin().await?;
    let again =
        NewJob { id: desk.clock.id(), payload: Job::Report { monday: to + 1 }, run_at: desk.clock.now() };
    tx.job_add(again);
    tx.commit().await?;
    one.run_jobs().await?;
    assert_eq!(reports(&desk).await?, [], "another process with a clock that was slow queued it again");
    // And the week after.
    one.plan_report().await?;
    desk.clock.advance(TimeDelta::days(6) + TimeDelta::hours(1));
    one.run_jobs().await?;
    assert_eq!(reports(&desk).await?, [(StaffId::from("marat"), from + 7, to + 7)]);
    Ok(())
}

/// Width and height of a PNG.
fn size(png: &[u8]) -> Result<(u32, u32)> {
    ensure!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "no PNG");
    let number = |at: usize| -> Result<u32> {
        Ok(u32::from_be_bytes(png.get(at..at + 4).context("short")?.try_into()?))
    };
    Ok((number(16)?, number(20)?))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_answers_for_the_promises_may_ask_for_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(town) = Town::new(engine, "test:///default").await? else { return Ok(()) };
    let mut bot = town.start_bot().await?;
    Asker::new(town.phone(200_001)).ask("How do I order a backup?").await?;
    let (nurlan, marat) = (town.phone(STAFF[0].0), town.phone(STAFF[2].0));
    nurlan.send("/report")?;
    let refused = nurlan.wait_for(|m| m.text.contains("менеджерлер")).await?;
    ensure!(refused.json.get("photo").is_none());
    marat.send("/report never")?;
    marat.wait_for_text("/report 30").await?;
    marat.send("/report 14")?;
    let seen = marat.wait_for(|m| m.file_id().is_some()).await?;
    let caption = seen.json["caption"].as_str().context("words")?;
    ensure!(caption.contains("Өтініштер: 1,"), "{caption}");
    let id = seen.file_id().context("a photo")?;
    let png = town.sandbox.with(|world| world.files.get(&id).and_then(|file| world.file_bytes(file)));
    let (width, height) = size(&png.context("its bytes")?)?;
    ensure!(width == 1_260 && height > 1_000, "{width} × {height}");
    // Settled like any other message: nothing waits, and nothing failed.
    let open = "SELECT COUNT(*) FROM outbox WHERE state NOT IN ('sent', 'dropped')";
    town.until(open, 0, Duration::from_secs(20)).await?;
    ensure!(bot.stop().await?.success());
    Ok(())
}

/// What stands between `from` and `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Result<&'a str> {
    let rest = text.split_once(from).with_context(|| format!("no {from} in {text}"))?.1;
    Ok(rest.split_once(to).with_context(|| format!("no {to} in {rest}"))?.0)
}

/// The words of a piece of a page, without its elements.
fn plain(html: &str) -> String {
    html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, words)| words)).collect()
}

/// A first reply that came too late is late in the parts as it is in the tiles: each late number has the name of its promise.
#[tokio::test]
async fn the_parts_say_what_the_tiles_say() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let late = console.desk.open("aigerim", Kind::Question).await?;
    console.desk.open("boris", Kind::Question).await?;
    console.desk.pass(TimeDelta::minutes(12)).await?;
    console.desk.write(late.id, Command::Answer, &engineer("nurlan")).await?;
    let browser = console.browser("gulnar").await?;
    let page = browser.get("/reports/sla?from=2026-11-23&to=2026-11-23&kind=question").await?.body;
    let table = between(&page, "<h2>By kind</h2>", "</table>")?;
    let heads: Vec<String> = table
        .split("<th scope=\"col\" class=\"n\">")
        .skip(1)
        .map(|h| plain(h.split("</th>").next().unwrap_or(h)))
        .collect();
    let cells: Vec<String> = table
        .split("<td class=\"n\">")
        .skip(1)
        .map(|c| plain(c.split("</td>").next().unwrap_or(c)))
        .collect();
    ensure!(heads.len() == cells.len(), "one row: {heads:?} {cells:?}");
    for (name, number) in
        [("First replies late", "2"), ("Solutions late", "0"), ("First reply in time", "0.00\u{a0}%")]
    {
        let tile = plain(between(&page, &format!("<span>{name}</span><b>"), "</b>")?);
        let column =
            heads.iter().position(|head| head == name).with_context(|| format!("{name}: {heads:?}"))?;
        ensure!(tile == number && cells[column] == number, "{name}: {tile} and {}", cells[column]);
    }
    ensure!(!heads.iter().any(|head| head == "Late"), "late with what? {heads:?}");
    Ok(())
}

/// `KOMEK_SCREENSHOTS=folder` keeps the pictures, to be looked at.
#[tokio::test]
async fn a_busy_week_in_three_languages() -> Result<()> {
    let Some(desk) = Desk::new(Engine::Sqlite).await? else { return Ok(()) };
    let kinds = [
        Kind::Question,
        Kind::FaultCritical,
        Kind::FaultMinor,
        Kind::VmReboot,
        Kind::QuotaIncrease,
        Kind::PasswordRecovery,
        Kind::ZoneLink,
        Kind::CreditClaim,
    ];
    let period = Period::last(7, desk.clock.now() + TimeDelta::days(6));
    let mut opened = 0;
    for day in 0..7i64 {
        for n in 0..(day * 5 % 7 + 3) {
            let kind = kinds[usize::try_from(n + day).unwrap_or(0) % kinds.len()];
            let who = ["aigerim", "boris", "nora"][usize::try_from(n % 3).unwrap_or(0)];
            let Ok(ticket) = desk.open_by(who, kind, Channel::Phone).await else { continue };
            opened += 1;
            // Some are answered at once, some late, some never.
            desk.pass(TimeDelta::minutes([4, 12, 70][usize::try_from((n + day) % 3).unwrap_or(0)])).await?;
            if n % 5 != 4 {
                desk.write(ticket.id, |m| Command::Solve(Some(m)), &engineer("nurlan")).await.ok();
            }
        }
        let morning = "2026-11-23T10:00:00+05:00".parse::<Moment>()? + TimeDelta::days(day + 1);
        desk.clock.advance(morning - desk.clock.now());
    }
    let reports = Reports::new(desk.service.clone(), desk.test.db.clone());
    let by_kind = reports.sla(period, GroupBy::Kind, Filter::default()).await?;
    let by_day = reports.sla(period, GroupBy::Day, Filter::default()).await?;
    ensure!(by_kind.total.opened == opened && opened > 20, "{opened}");
    for lang in Lang::ALL {
        let svg = picture::draw(&by_kind, &by_day, "PRO DATA", *lang);
        let png = bot::picture::png(&svg).map_err(anyhow::Error::msg)?;
        let (width, height) = size(&png)?;
        ensure!(width + height < 10_000 && png.len() < 1 << 20, "Telegram takes it: {width} × {height}");
        if let Some(folder) = std::env::var_os("KOMEK_SCREENSHOTS") {
            std::fs::write(std::path::Path::new(&folder).join(format!("report-{lang}.png")), png)?;
        }
    }
    Ok(())
}
