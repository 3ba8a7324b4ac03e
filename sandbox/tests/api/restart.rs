//! A second start goes on where the first stopped, also after a crash in the middle of a write.

use crate::bench::{Bench, PNG, text_of};
use sandbox::{Config, GroupSpec};
use serde_json::json;
use std::io::Write;
use std::path::Path;

fn at(folder: &Path) -> Config {
    Config { state: Some(folder.to_owned()), ..Config::default() }
}

#[tokio::test]
async fn chats_files_updates_and_buttons_survive() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let first = Bench::with(at(folder.path())).await?;
    first.sandbox.add_group(&GroupSpec::forum(-1001, "Desk", &[200_001]))?;
    first.aigerim.start("CODE")?;
    let start = first.updates(0, 0).await;
    let confirmed = start.last().and_then(|u| u["update_id"].as_i64()).expect("an update") + 1;
    assert!(first.updates(confirmed, 0).await.is_empty());

    let photo = first.upload("sendPhoto", "photo", "a.png", PNG, &[("chat_id", "200001")]).await;
    let file = photo["result"]["photo"][0]["file_id"].clone();
    first.call("createForumTopic", json!({"chat_id": -1001, "name": "T"})).await;
    first.call("setMyCommands", json!({"commands": [{"command": "new", "description": "x"}]})).await;
    let markup = json!({"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]});
    let sent = first.send(json!({"text": "?", "reply_markup": markup})).await["result"]["message_id"].clone();
    let gone = first.send(json!({"text": "жойылады"})).await["result"]["message_id"].clone();
    first.call("deleteMessage", json!({"chat_id": 200_001, "message_id": gone})).await;
    first.aigerim.press("A")?;
    let texts: Vec<String> = first.aigerim.messages().into_iter().map(|m| m.text).collect();
    let waiting = first.updates(0, 0).await;
    first.sandbox.stop().await;

    // The last write was cut off: nobody was told of it.
    let journal = folder.path().join("journal.jsonl");
    std::fs::OpenOptions::new().append(true).open(&journal)?.write_all(b"{\"message\":[{\"priv")?;

    let second = Bench::with(at(folder.path())).await?;
    assert_eq!(second.aigerim.messages().into_iter().map(|m| m.text).collect::<Vec<_>>(), texts);
    let again = second.updates(0, 0).await;
    assert_eq!(again, waiting, "what was not confirmed comes again, what was does not");
    let query = again.iter().find_map(|u| u["callback_query"]["id"].as_str()).expect("the press");
    assert_eq!(second.call("answerCallbackQuery", json!({"callback_query_id": query})).await["result"], true);
    let info = second.call("getFile", json!({"file_id": file})).await;
    assert_eq!(second.download(&text_of(&info["result"]["file_path"])).await, PNG);
    assert_eq!(second.call("getMyCommands", json!({})).await["result"][0]["command"], "new");
    assert!(second.aigerim.at(-1001).wait_for_topic("T").await.is_ok());
    let next = second.send(json!({"text": "келесі"})).await["result"]["message_id"].as_i64();
    assert!(next > gone.as_i64() && next > sent.as_i64(), "numbers are never given twice");
    let id = second.aigerim.send("жаңа")?;
    assert!(Some(id) > next);
    let newest = second.updates(0, 0).await;
    assert!(
        newest.last().and_then(|u| u["update_id"].as_i64())
            > again.last().and_then(|u| u["update_id"].as_i64())
    );
    Ok(())
}
