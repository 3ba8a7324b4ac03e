//! The peer to beat: a bot as teloxide's own examples write it, with dialogues and tickets in SQLite, one transaction per update.
//!
//! For each update: read the dialogue, then either open one and offer a button, or file the ticket, end the dialogue and answer. It keeps
//! no raw updates, no audit, no outbox: a crash between receiving and handling loses what teloxide has fetched.

use std::env;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use teloxide::prelude::*;
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

type Db = Arc<Mutex<Connection>>;
type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// One step of the dialogue, in one transaction. `None`: words are kept, offer the button; `Some`: the number of the new ticket.
fn step(db: &Db, chat: ChatId, text: Option<&str>) -> rusqlite::Result<Option<i64>> {
    let mut db = db.lock().unwrap_or_else(PoisonError::into_inner);
    let tx = db.transaction()?;
    let words: Option<String> = tx
        .prepare_cached("SELECT words FROM dialogue WHERE chat = ?1")?
        .query_row([chat.0], |row| row.get(0))
        .optional()?;
    let ticket = match words {
        None => {
            tx.prepare_cached("INSERT INTO dialogue (chat, words) VALUES (?1, ?2)")?
                .execute(params![chat.0, text.unwrap_or_default()])?;
            None
        }
        Some(words) => {
            tx.prepare_cached("DELETE FROM dialogue WHERE chat = ?1")?.execute([chat.0])?;
            tx.prepare_cached("INSERT INTO ticket (chat, words) VALUES (?1, ?2)")?
                .execute(params![chat.0, words])?;
            Some(tx.last_insert_rowid())
        }
    };
    tx.commit()?;
    Ok(ticket)
}

async fn written(bot: Bot, db: Db, message: Message) -> Outcome {
    match step(&db, message.chat.id, message.text())? {
        None => {
            let button = InlineKeyboardButton::callback("Register as a question", "question");
            let offer = bot.send_message(message.chat.id, "What shall become of this?");
            offer.reply_markup(InlineKeyboardMarkup::new([[button]])).await?;
        }
        Some(ticket) => {
            bot.send_message(message.chat.id, format!("Registered as No. {ticket}")).await?;
        }
    }
    Ok(())
}

async fn pressed(bot: Bot, db: Db, press: CallbackQuery) -> Outcome {
    bot.answer_callback_query(press.id.clone()).await?;
    let Some(message) = press.regular_message() else { return Ok(()) };
    if let Some(ticket) = step(&db, message.chat.id, None)? {
        bot.edit_message_text(message.chat.id, message.id, format!("Registered as No. {ticket}")).await?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome {
    let db = Connection::open(env::var("DB")?)?;
    db.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {};
         CREATE TABLE dialogue (chat INTEGER PRIMARY KEY, words TEXT NOT NULL);
         CREATE TABLE ticket (id INTEGER PRIMARY KEY, chat INTEGER NOT NULL, words TEXT NOT NULL);",
        env::var("SYNC")?
    ))?;
    let db: Db = Arc::new(Mutex::new(db));
    let bot = Bot::new(bench::stub::TOKEN).set_api_url(env::var("API")?.parse()?);
    let tree = dptree::entry()
        .branch(Update::filter_message().endpoint(written))
        .branch(Update::filter_callback_query().endpoint(pressed));
    Dispatcher::builder(bot, tree).dependencies(dptree::deps![db]).build().dispatch().await;
    Ok(())
}
