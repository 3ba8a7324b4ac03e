//! People with telephones at the stub: each writes, is offered a button, presses it and waits for the answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::figures::millis;
use crate::people::{press, write};
use crate::stub::{Seen, Stub};

/// The longest anybody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long somebody waited, milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Waited {
    /// From his words to the first byte of the offer.
    pub offer: f64,
    /// From his press to the toast.
    pub toast: f64,
    /// From his press to the answer with the ticket's number: the ticket is committed by then.
    pub answer: f64,
}

type Ears = Arc<Mutex<HashMap<i64, UnboundedSender<Seen>>>>;

/// Everybody's telephones.
#[derive(Clone)]
pub struct Phones {
    stub: Stub,
    ears: Ears,
    forwarding: Arc<JoinHandle<()>>,
}

fn lock(ears: &Ears) -> MutexGuard<'_, HashMap<i64, UnboundedSender<Seen>>> {
    ears.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Phones {
    /// Telephones at `stub`, whose calls come out of `seen`.
    pub fn new(stub: Stub, mut seen: UnboundedReceiver<Seen>) -> Self {
        let ears = Ears::default();
        let theirs = ears.clone();
        let forwarding = tokio::spawn(async move {
            while let Some(call) = seen.recv().await {
                if let Some(phone) = lock(&theirs).get(&call.chat) {
                    // Who has hung up does not want to hear.
                    let _ = phone.send(call);
                }
            }
        });
        Self { stub, ears, forwarding: Arc::new(forwarding) }
    }

    /// What `chat` is sent from now on.
    pub fn listen(&self, chat: i64) -> UnboundedReceiver<Seen> {
        let (phone, calls) = unbounded_channel();
        lock(&self.ears).insert(chat, phone);
        calls
    }

    /// `chat` has hung up.
    pub fn hang_up(&self, chat: i64) {
        lock(&self.ears).remove(&chat);
    }

    /// One person: words, the offer, `thinking`, the press.
    pub async fn talk(&self, chat: i64, thinking: Duration) -> Result<Waited> {
        let mut calls = self.listen(chat);
        let wrote = Instant::now();
        write(&self.stub, chat, "How much is a second address?");
        let offer = next(&mut calls, "sendMessage").await?;
        tokio::time::sleep(thinking).await;
        let pressed = Instant::now();
        press(&self.stub, chat, offer.message, &offer.button.context("an offer has a button")?);
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
        self.hang_up(chat);
        Ok(Waited {
            offer: millis(offer.at - wrote),
            toast: toast.unwrap_or_default(),
            answer: answer.unwrap_or_default(),
        })
    }

    /// No more calls are heard.
    pub fn end(self) {
        self.forwarding.abort();
    }
}

/// The next call of `method`, of any where it is empty.
pub async fn next(calls: &mut UnboundedReceiver<Seen>, method: &str) -> Result<Seen> {
    loop {
        let call = tokio::time::timeout(PATIENCE, calls.recv()).await.context("no answer in 20 s")?;
        let call = call.context("the stub has ended")?;
        if method.is_empty() || call.method == method {
            return Ok(call);
        }
    }
}
