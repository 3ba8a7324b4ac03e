//! Moments: both engines keep microseconds and order them alike. SQLite stores them as text, so the text must sort as time does.

use anyhow::Result;
use chrono::{SubsecRound, TimeDelta};
use crm::clock::Moment;
use crm::store::DialogueKey;
use komek_tests::engine::{Engine, TestDb};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rstest::rstest;
use serde_json::json;

use crate::sample::{at, ticket};

/// Moments whose text forms differ in length and zone of change: whole seconds, tenths, milliseconds, microseconds, ends of years.
fn awkward() -> impl Strategy<Value = Moment> {
    let borders = ["1999-12-31T23:59:59Z", "2026-11-23T12:00:00Z", "2027-01-01T00:00:00Z"];
    let border = prop::sample::select(borders.map(|b| b.parse::<Moment>().expect("a moment")).to_vec());
    let unit = prop::sample::select(vec![1i64, 10, 100, 1_000, 10_000, 100_000, 1_000_000]);
    (border, -30i64..30, unit).prop_map(|(border, n, unit)| border + TimeDelta::microseconds(n * unit))
}

#[rstest]
#[tokio::test]
async fn the_order_of_stored_moments_is_the_order_of_time(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut runner = TestRunner::deterministic();
    let mut moments: Vec<Moment> =
        (0..600).map(|_| awkward().new_tree(&mut runner).expect("a moment").current()).collect();
    moments.sort_unstable();
    moments.dedup();
    let mut tx = test.db.begin().await?;
    // Saved in another order than theirs.
    for (number, moment) in (1..).zip(moments.iter().rev()) {
        tx.ticket_save(ticket(number), Some(*moment));
    }
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    let count = i64::try_from(moments.len())?;
    let due: Vec<i64> =
        tx.tickets_due(at(0) + TimeDelta::days(10_000), count).await?.iter().map(|t| t.number.0).collect();
    assert_eq!(due, (1..=count).rev().collect::<Vec<_>>());
    // Borders: what is due at a moment is exactly what is not after it.
    for (index, moment) in moments.iter().enumerate() {
        assert_eq!(tx.tickets_due(*moment, count).await?.len(), index + 1, "{moment}");
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_moment_comes_back_to_the_microsecond(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    for micros in [0, 1, 10, 999_999, 500_000, 123_456] {
        let moment = at(micros);
        assert_eq!(moment, moment.trunc_subsecs(6));
        let mut tx = test.db.begin().await?;
        let key = DialogueKey { chat: micros, thread: 0, user: 1 };
        tx.dialogue_save(key, json!(null), moment);
        tx.commit().await?;
        let back = test.db.read().await?.dialogue_fetch(key).await?;
        assert_eq!(back, Some((json!(null), moment)));
    }
    Ok(())
}
