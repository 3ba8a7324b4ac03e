//! How one process takes rows for itself: the rows are chosen once, then changed by their keys.

/// The statement that runs `update` on what `choice` selects, a query for ids with an order and a limit. `update` finds each id as
/// `chosen_id` of the table `chosen`.
///
/// With `id IN (SELECT … LIMIT n)` and a condition beside it, PostgreSQL may make the choice anew for every row that meets the
/// condition, if its statistics are of a time when there were few: seconds for a few thousand rows. So the choice is a step of its own.
/// What another process has in hand is passed over there; on SQLite there is one writer at a time.
pub(super) fn claiming(postgres: bool, choice: &str, update: &str) -> String {
    let lock = if postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    format!("WITH chosen (chosen_id) AS MATERIALIZED ({choice}{lock}) {update}")
}
