//! Fetches from Telegram the files that somebody wants to download from the console, which has no token.

use std::time::Duration;

use crm::service::Service;
use crm::store::{Db, StoreError, Wanted};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::telegram::{Api, ApiError};

/// Files fetched in one go.
const BATCH: i64 = 8;
/// A look at least this often, should a wake-up be missed.
const AT_LEAST: Duration = Duration::from_secs(5);
/// The largest file that Telegram hands to bots, bytes.
pub const LARGEST: usize = 20 * 1024 * 1024;

/// Fetches until `stop`.
pub async fn run(api: Api, db: Db, service: Service, stop: CancellationToken) {
    let mut wakeups = db.wakeups();
    while !stop.is_cancelled() {
        let more = match step(&api, &db, &service).await {
            Ok(more) => more,
            Err(error) => {
                tracing::warn!(%error, "files could not be fetched; trying again");
                false
            }
        };
        if !more {
            tokio::select! {
                () = stop.cancelled() => {}
                () = wakeups.changed(AT_LEAST) => {}
            }
        }
    }
}

/// Fetches what is wanted now. Returns whether there may be more at once.
pub async fn step(api: &Api, db: &Db, service: &Service) -> Result<bool, StoreError> {
    let wanted = db.read().await?.files_wanted(BATCH).await?;
    let mut waits = false;
    for file in &wanted {
        let Some(fetched) = fetch(api, db, *file).await? else {
            waits = true;
            continue;
        };
        let mut tx = db.begin().await?;
        tx.file_settle(*file, fetched, service.now()).await?;
        tx.commit().await?;
    }
    Ok(!wanted.is_empty() && !waits)
}

/// What is in the file, or why it cannot be had; `None` to try again a little later.
async fn fetch(api: &Api, db: &Db, file: Wanted) -> Result<Option<Result<Vec<u8>, String>>, StoreError> {
    let messages = db.read().await?.messages(file.ticket, true).await?;
    let place = usize::try_from(file.place).unwrap_or(usize::MAX);
    let id = messages
        .into_iter()
        .find(|message| message.id == file.message)
        .and_then(|message| message.attachments.into_iter().nth(place)?.file_id);
    let Some(id) = id else { return Ok(Some(Err("this attachment is no file".to_owned()))) };
    let fetched = async {
        let found = api.ask("getFile", &json!({ "file_id": id })).await?;
        let path = found["file_path"].as_str().unwrap_or_default();
        api.download(path, LARGEST).await
    };
    Ok(match fetched.await {
        Ok(body) => Some(Ok(body)),
        Err(ApiError::Passing(_) | ApiError::RetryAfter(_)) => None,
        Err(error) => Some(Err(error.to_string())),
    })
}
