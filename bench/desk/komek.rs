//! `komek-crm` and `komek-bot` as they are shipped.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bench::database::{Engine, Fresh};
use bench::load::{Ask, Load};
use bench::process::Running;
use bench::seed::Town;
use bench::shipped;
use bench::stub::Stub;
use crm::clock::{Clock, SystemClock};
use crm::domain::ids::StaffId;
use crm::domain::person::Role;
use hyper::header;
use serde_json::json;

use crate::{Cli, Shape, Watched, measure, tell_memory};

/// Two hundred letters, as somebody writes who is in a hurry.
pub const WORDS: &str = "Good morning, the printer at the front desk does not print invoices since yesterday, error 0x61, we have tried \
    another cable and restarted it twice; customers are waiting, please help us soon, thank you.";

/// Everything, on one engine.
pub async fn measure_all(engine: Engine, database: &Fresh, cli: &Cli) -> Result<()> {
    let who = format!("Komek, {engine}, {} tickets", cli.size.tickets);
    let (token, session) = admitted(database).await?;
    let to = free_port()?;
    let crm = start(cli, database, to)?;
    let (stub, _seen) = Stub::start()?;
    let bot = shipped::start(&stub, (database, false), &cli.places.programs, &cli.places.work, "desk-bot").await?;
    let mut watched: Watched = vec![("crm", crm.pid()), ("bot", bot.pid())];
    if engine == Engine::Postgres {
        let server = std::env::var("BENCH_POSTGRES_PID").context("BENCH_POSTGRES_PID: bench/postgres.sh says it")?;
        watched.push(("PostgreSQL", server.parse()?));
    }
    up(to).await?;
    quiet(database).await?;

    let lasts = Duration::from_secs(cli.seconds);
    let reader = |name, value: &str| Load {
        to,
        headers: vec![(name, value.to_owned())],
        keep: true,
        at_once: 1,
        count: cli.count,
        lasts,
    };
    let api = reader(header::AUTHORIZATION, &format!("Bearer {token}"));
    let console = reader(header::COOKIE, &format!("komek_session={session}"));
    for shape in pages() {
        measure(&who, shape, &console, &watched, async || Ok(())).await?;
    }
    for shape in [
        Shape::page("queue by the API", "/api/v1/tickets?sort=due&limit=50"),
        Shape::page("SLA report by the API", "/api/v1/reports/sla"),
    ] {
        measure(&who, shape, &api, &watched, async || Ok(())).await?;
    }
    let town = Town::for_tickets(cli.size.tickets);
    let first = database.number("SELECT value FROM counter WHERE name = 'ticket'").await?;
    for at_once in [1, 8, 32] {
        let create = Shape::new("create by the API", at_once, move |n| {
            let contact = town.contact(n % town.customers.min(500)).to_string();
            Ask::post("/api/v1/tickets", &json!({ "kind": "question", "contact": contact, "text": WORDS }))
        });
        measure(&who, create, &api, &watched, async || quiet(database).await).await?;
    }
    let made = database.number("SELECT value FROM counter WHERE name = 'ticket'").await? - first;
    for at_once in [1, 8] {
        let reply = Shape::new("reply by the API", at_once, move |n| {
            let number = first + 1 + i64::try_from(n).unwrap_or_default() % made.max(1);
            Ask::post(format!("/api/v1/tickets/{number}/messages"), &json!({ "side": "desk", "text": WORDS }))
        });
        measure(&who, reply, &api, &watched, async || quiet(database).await).await?;
    }
    let while_written = Shape::page("queue page, after that", "/queue");
    measure(&who, while_written, &console, &watched, async || Ok(())).await?;
    tell_memory(&who, &watched);
    println!("{who}\tpeak memory\tcrm {:.1} MiB, bot {:.1} MiB", crm.used().peak_mib, bot.used().peak_mib);
    bot.end().await?;
    crm.end().await
}

/// What people look at.
fn pages() -> Vec<Shape> {
    let year = || {
        let today = SystemClock.now().date_naive();
        let from = today.checked_sub_days(chrono::Days::new(364)).unwrap_or(today);
        format!("from={from}&to={today}")
    };
    vec![
        Shape::page("queue page", "/queue"),
        Shape::new("queue page", 8, |_| Ask::get("/queue")),
        Shape::page("queue page, late", "/queue?due=late"),
        Shape::page("queue page, one department", "/queue?queue=network"),
        Shape::page("queue page, one state", "/queue?state=waiting_customer"),
        Shape::page("queue page, one kind", "/queue?kind=data_loss_claim"),
        Shape::page("queue page, one person's", "/queue?holder=eng03"),
        Shape::page("queue page, by age", "/queue?age=168-720"),
        Shape::page("all tickets", "/queue?show=all"),
        Shape::page("all of one department", "/queue?show=all&queue=sales"),
        Shape::page("all of a rare kind", "/queue?show=all&kind=data_loss_claim"),
        Shape::page("all of one person", "/queue?show=all&holder=eng03"),
        Shape::page("all of a customer and a state", "/queue?show=all&customer=c00019&state=declined"),
        Shape::page("search, a word", "/search?q=PostgreSQL"),
        Shape::page("search, a rare and a common word", "/search?q=c00007-web+%D0%BE%D1%88%D0%B8%D0%B1%D0%BA%D0%B0"),
        Shape::page("search, the beginning of a word", "/search?q=%D1%82%D0%B5"),
        Shape::page("SLA report, 30 days", "/reports/sla"),
        Shape::page("SLA report, a year", format!("/reports/sla?{}", year())),
        Shape::page("SLA report, a year by day", format!("/reports/sla?{}&group_by=day", year())),
        Shape::page("SLA report, one kind by mail", "/reports/sla?kind=zone_link&channel=email"),
        Shape::page("tickets of a figure", "/reports/sla/tickets?figure=resolution_breached"),
        Shape::page("tickets of a rare figure", "/reports/sla/tickets?figure=inherited_by&staff=eng03"),
    ]
}

/// A token for the API, and a manager's session for the pages.
async fn admitted(database: &Fresh) -> Result<(String, String)> {
    let (db, now) = (database.open().await?, SystemClock.now());
    let mut tx = db.begin().await?;
    let token = tx.token_create(SystemClock.id(), &format!("bench {}", now.timestamp()), Role::Engineer, now).await?;
    let duty = tx.staff_member(&StaffId::from("duty")).await?.context("the seeded desk has a duty manager")?;
    let session = tx.session_create(SystemClock.id(), &duty, "bench", now).await?;
    tx.commit().await?;
    db.close().await;
    Ok((token, session))
}

fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn start(cli: &Cli, database: &Fresh, to: SocketAddr) -> Result<Running> {
    let program = [cli.places.programs.join("komek-crm").display().to_string(), "serve".to_owned()];
    let env = BTreeMap::from(
        [
            ("KOMEK_DATABASE_URL", database.url.clone()),
            ("KOMEK_WEB_LISTEN", to.to_string()),
            // One program asks for everybody here.
            ("KOMEK_API_REQUESTS_PER_SECOND", "1000000".to_owned()),
            ("KOMEK_API_BURST", "1000000".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    );
    Running::start(&program, &env, &cli.places.work.join("desk-crm.log"), &cli.places.work)
}

async fn up(to: SocketAddr) -> Result<()> {
    let begun = Instant::now();
    while tokio::net::TcpStream::connect(to).await.is_err() {
        ensure!(begun.elapsed() < Duration::from_mins(2), "komek-crm does not listen: see desk-crm.log");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Waits until the clocks have fired, everything is sent, and the reports have counted it.
async fn quiet(database: &Fresh) -> Result<()> {
    let (begun, mut eyes) = (Instant::now(), database.look().await?);
    loop {
        let left = database.number("SELECT COUNT(*) FROM report_dirty").await?
            + database.number("SELECT COUNT(*) FROM outbox WHERE state IN ('ready', 'claimed')").await?
            + eyes.waiting_until(SystemClock.now()).await?;
        if left == 0 {
            return Ok(());
        }
        ensure!(begun.elapsed() < Duration::from_mins(20), "{left} things are still to be done");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
