//! Indexes are made faster from a full table than row by row.

use anyhow::Result;

use crate::database::{Engine, Fresh};

/// Tables that get many rows.
const TABLES: &str = "('ticket', 'event', 'message', 'report_fact')";

/// Drops the indexes of the large tables, but for those that keep rows apart; returns what makes them again.
pub async fn take_off(engine: Engine, fresh: &Fresh) -> Result<Vec<String>> {
    let known = match engine {
        Engine::Sqlite => format!("SELECT name || '|' || sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN {TABLES}"),
        Engine::Postgres => format!("SELECT indexname || '|' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename IN {TABLES}"),
    };
    let mut taken_off = Vec::new();
    for row in fresh.texts(&known).await? {
        if let Some((name, made)) = row.split_once('|')
            && !made.starts_with("CREATE UNIQUE")
        {
            fresh.run(&format!("DROP INDEX {name}")).await?;
            taken_off.push(made.to_owned());
        }
    }
    Ok(taken_off)
}

/// Makes them again, and lets PostgreSQL look at what there is, as it does by itself sooner or later.
pub async fn put_on(engine: Engine, fresh: &Fresh, taken_off: &[String]) -> Result<()> {
    for made in taken_off {
        fresh.run(made).await?;
    }
    if engine == Engine::Postgres {
        fresh.run("VACUUM ANALYZE").await?;
    }
    Ok(())
}
