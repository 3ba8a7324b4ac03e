//! An urgent message while five hundred lower ones wait for the same group, and while Telegram has closed that group for a while (429).

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use bench::database::{Engine, Fresh};
use bench::figures::millis;
use bench::people::FIRST;
use bench::phones::{Phones, next};
use bench::shipped;
use bench::stub::Stub;
use crm::clock::{Clock, SystemClock};
use crm::store::{Call, Db, OutboxItem};
use serde_json::json;

const GROUP: i64 = -1_001_000_000_001;
/// Whoever is on call, in private.
const ENGINEER: i64 = FIRST;

/// What was measured and how long it took, milliseconds.
pub async fn measure(engine: Engine, programs: &Path, work: &Path) -> Result<Vec<(&'static str, f64)>> {
    let (stub, seen) = Stub::start()?;
    let database = Fresh::new(engine, work, "urgent").await?;
    let running = shipped::start(&stub, (&database, true), programs, work, "urgent").await?;
    let phones = Phones::new(stub.clone(), seen);
    let db = database.open().await?;
    let (mut group, mut engineer) = (phones.listen(GROUP), phones.listen(ENGINEER));
    queue(&db, GROUP, 5, 500).await?;
    // The group has had its share of cards by then.
    for _ in 0..14 {
        next(&mut group, "sendMessage").await?;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut took = Vec::new();
    let begun = Instant::now();
    queue(&db, GROUP, 0, 1).await?;
    let call = next(&mut group, "sendMessage").await?;
    took.push(("a page to the group where 500 cards wait", millis(call.at - begun)));

    stub.refuse(GROUP, 30);
    queue(&db, GROUP, 0, 1).await?;
    next(&mut group, "sendMessage").await?;
    let begun = Instant::now();
    queue(&db, ENGINEER, 0, 1).await?;
    let call = next(&mut engineer, "sendMessage").await?;
    took.push(("a page in private while the group is closed by 429", millis(call.at - begun)));
    db.close().await;
    phones.end();
    running.end().await?;
    Ok(took)
}

async fn queue(db: &Db, chat: i64, priority: i64, count: usize) -> Result<()> {
    let mut tx = db.begin().await?;
    for _ in 0..count {
        let params = json!({ "chat_id": chat, "text": "KM-000001" });
        let call = Call { method: "sendMessage".to_owned(), params, ticket: None, remember: None };
        let item = OutboxItem::call(SystemClock.id(), chat, call, SystemClock.now());
        tx.outbox_add(OutboxItem { priority, ..item });
    }
    tx.commit().await?;
    Ok(())
}
