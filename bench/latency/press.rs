//! From the press at Telegram to the first bytes of the bot's calls there: the toast, and the message that answers.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bench::database::{Engine, Fresh};
use bench::figures::millis;
use bench::people::{FIRST, press, write};
use bench::process::Running;
use bench::stub::{Seen, Stub, TOKEN};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Milliseconds from each press.
#[derive(Default)]
pub struct Times {
    /// To `answerCallbackQuery`.
    pub toast: Vec<f64>,
    /// To `editMessageText` with the ticket's number: the ticket is committed by then.
    pub answer: Vec<f64>,
}

/// Whose phone hears what.
type Phones = Arc<Mutex<HashMap<i64, UnboundedSender<Seen>>>>;

/// `count` presses, `at_once` people at a time, each in a chat of his own, on a bot as it is shipped.
pub async fn measure(engine: Engine, count: usize, at_once: usize, programs: &Path, work: &Path) -> Result<Times> {
    let (stub, seen) = Stub::start()?;
    let database = Fresh::new(engine, work, "press").await?;
    let env = BTreeMap::from(
        [
            ("KOMEK_DATABASE_URL", database.url),
            ("KOMEK_TELEGRAM_API_URL", format!("http://{}", stub.address)),
            ("KOMEK_TELEGRAM_TOKEN", TOKEN.to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    );
    let bot = [programs.join("komek-bot").display().to_string()];
    let mut running = Running::start(&bot, &env, &work.join("press.log"), work)?;
    let begun = Instant::now();
    while stub.counts().first_poll.is_none() {
        ensure!(running.runs() && begun.elapsed() < Duration::from_secs(30), "the bot does not poll: see press.log");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let phones = Phones::default();
    let forwarding = tokio::spawn(forward(seen, phones.clone()));
    let mut people = tokio::task::JoinSet::new();
    for person in 0..at_once {
        let (stub, phones) = (stub.clone(), phones.clone());
        let chats = (person..count).step_by(at_once);
        people.spawn(async move {
            let mut times = Times::default();
            for chat in chats {
                let (toast, answer) = one(&stub, &phones, FIRST + i64::try_from(chat)?).await?;
                times.toast.push(toast);
                times.answer.push(answer);
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
    forwarding.abort();
    running.end().await?;
    Ok(all)
}

async fn forward(mut seen: UnboundedReceiver<Seen>, phones: Phones) {
    while let Some(call) = seen.recv().await {
        let phones = phones.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(phone) = phones.get(&call.chat) {
            // Who has hung up does not want to hear.
            let _ = phone.send(call);
        }
    }
}

/// One person: words, the offer, a moment to read, the press. Milliseconds to the toast and to the answer.
async fn one(stub: &Stub, phones: &Phones, chat: i64) -> Result<(f64, f64)> {
    let (phone, mut calls) = unbounded_channel();
    phones.lock().unwrap_or_else(PoisonError::into_inner).insert(chat, phone);
    write(stub, chat, "How much is a second address?");
    let offer = next(&mut calls, "sendMessage").await?;
    tokio::time::sleep(Duration::from_millis(20 + u64::try_from(chat % 17)?)).await;
    let pressed = Instant::now();
    press(stub, chat, offer.message, &offer.button.context("an offer has a button")?);
    let (mut toast, mut answer) = (None, None);
    while toast.is_none() || answer.is_none() {
        let call = next(&mut calls, "").await?;
        let time = Some(millis(call.at - pressed));
        match call.method.as_str() {
            "answerCallbackQuery" => toast = time,
            "editMessageText" | "sendMessage" => answer = time,
            _ => {}
        }
    }
    phones.lock().unwrap_or_else(PoisonError::into_inner).remove(&chat);
    Ok((toast.unwrap_or_default(), answer.unwrap_or_default()))
}

async fn next(calls: &mut UnboundedReceiver<Seen>, method: &str) -> Result<Seen> {
    loop {
        let call = tokio::time::timeout(Duration::from_secs(20), calls.recv()).await.context("no answer in 20 s")?;
        let call = call.context("the stub has ended")?;
        if method.is_empty() || call.method == method {
            return Ok(call);
        }
    }
}
