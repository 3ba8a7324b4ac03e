//! From the press at Telegram to the first bytes of the bot's calls there: the toast, and the message that answers.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use bench::database::{Engine, Fresh};
use bench::people::FIRST;
use bench::phones::Phones;
use bench::shipped;
use bench::stub::Stub;

/// Milliseconds from each press.
#[derive(Default)]
pub struct Times {
    /// To `answerCallbackQuery`.
    pub toast: Vec<f64>,
    /// To the message that answers.
    pub answer: Vec<f64>,
}

/// `count` presses, `at_once` people at a time, each in a chat of his own, on a bot as it is shipped.
pub async fn measure(
    engine: Engine,
    count: usize,
    at_once: usize,
    programs: &Path,
    work: &Path,
) -> Result<Times> {
    let (stub, seen) = Stub::start()?;
    let database = Fresh::new(engine, work, "press").await?;
    let running = shipped::start(&stub, (&database, true), programs, work, "press").await?;
    let phones = Phones::new(stub, seen);
    let mut people = tokio::task::JoinSet::new();
    for person in 0..at_once {
        let phones = phones.clone();
        let chats = (person..count).step_by(at_once);
        people.spawn(async move {
            let mut times = Times::default();
            for chat in chats {
                let thinking = Duration::from_millis(20 + u64::try_from(chat % 17)?);
                let waited = phones.talk(FIRST + i64::try_from(chat)?, thinking).await?;
                times.toast.push(waited.toast);
                times.answer.push(waited.answer);
            }
            anyhow::Ok(times)
        });
    }
    let mut all = Times::default();
    while let Some(times) = people.join_next().await {
        let Times { toast, answer } = times??;
        all.toast.extend(toast);
        all.answer.extend(answer);
    }
    phones.end();
    running.end().await?;
    Ok(all)
}
