//! The Bot API over HTTP: bodies, updates, messages, buttons, and Telegram's own error texts.

use crate::bench::{Bench, PNG, fails, text_of};
use sandbox::{GroupSpec, Person};
use serde_json::{Value, json};

#[tokio::test]
async fn who_am_i_in_every_way_of_calling() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    for method in ["getMe", "GetMe", "getme"] {
        let me = bench.call(method, json!({})).await;
        assert_eq!(me["result"]["username"], "komek_bot", "{me}");
    }
    let url = format!("{}/bot{}/getMe", bench.sandbox.url(), bench.bot.token);
    let (status, body) = bench.get(&url).await;
    assert_eq!((status, &body["ok"]), (200, &json!(true)));

    let wrong = format!("{}/bot1:nope/getMe", bench.sandbox.url());
    let unauthorized = json!({"ok": false, "error_code": 401, "description": "Unauthorized"});
    assert_eq!(bench.get(&wrong).await, (401, unauthorized));
    let unknown = bench.call("sendMessageDraft", json!({})).await;
    assert_eq!(unknown, json!({"ok": false, "error_code": 404, "description": "Not Found"}));
    Ok(())
}

#[tokio::test]
async fn a_text_goes_both_ways() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let aigerim = &bench.aigerim;
    aigerim.start("CODE")?;
    let updates = bench.updates(0, 5).await;
    assert_eq!(updates[0]["message"]["text"], "/start CODE");
    assert_eq!(updates[0]["message"]["entities"], json!([{"type": "bot_command", "offset": 0, "length": 6}]));
    assert_eq!(updates[0]["message"]["from"]["language_code"], "kk");

    for params in [
        json!({"chat_id": 200_001, "text": "<b>Сәлем</b>", "parse_mode": "HTML"}),
        json!({"chat_id": "200001", "text": "*Сәлем*", "parse_mode": "MarkdownV2"}),
    ] {
        let sent = bench.call("SendMessage", params).await;
        assert_eq!(sent["result"]["entities"], json!([{"type": "bold", "offset": 0, "length": 5}]), "{sent}");
    }
    let form = bench
        .form("sendMessage", &[("chat_id", "200001"), ("text", "пішін"), ("disable_notification", "true")]);
    assert_eq!(form.await["result"]["text"], "пішін");
    assert_eq!(aigerim.wait_for_text("пішін").await?.from, bench.bot.id);
    Ok(())
}

#[tokio::test]
async fn buttons_are_pressed_and_answered_once() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    bench.aigerim.start("")?;
    let markup = json!({"inline_keyboard": [[{"text": "Иә", "callback_data": "yes:1"}]]});
    let sent = bench.send(json!({"text": "Ма?", "reply_markup": markup})).await;
    let id = sent["result"]["message_id"].as_i64();
    let press = bench.aigerim.press("Иә")?;
    let updates = bench.updates(0, 5).await;
    let query = &updates[1]["callback_query"];
    assert_eq!((&query["data"], query["message"]["message_id"].as_i64()), (&json!("yes:1"), id));
    let answer = json!({"callback_query_id": query["id"], "text": "Дайын", "show_alert": true});
    assert_eq!(bench.call("answerCallbackQuery", answer.clone()).await["result"], true);
    let answered = press.answered().await?;
    assert_eq!((answered.text.as_deref(), answered.alert), (Some("Дайын"), true));
    let again = bench.call("answerCallbackQuery", answer).await;
    fails(&again, 400, "Bad Request: query is too old and response timeout expired or query ID is invalid");

    let edit = json!({"chat_id": 200_001, "message_id": id, "text": "Иә!"});
    assert!(bench.call("editMessageText", edit.clone()).await["result"]["edit_date"].is_i64());
    fails(
        &bench.call("editMessageText", edit).await,
        400,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same \
         as a current content and reply markup of the message",
    );
    Ok(())
}

fn refusals() -> Vec<(&'static str, Value, i64, &'static str)> {
    let to = |chat: i64, text: &str| json!({"chat_id": chat, "text": text});
    let button = |data: String| json!({"inline_keyboard": [[{"text": "x", "callback_data": data}]]});
    vec![
        ("sendMessage", to(777, "x"), 400, "Bad Request: chat not found"),
        ("sendMessage", to(-777, "x"), 400, "Bad Request: chat not found"),
        ("sendMessage", json!({"text": "x"}), 400, "Bad Request: chat_id is empty"),
        ("sendMessage", to(200_002, "x"), 403, "Forbidden: bot can't initiate conversation with a user"),
        ("sendMessage", to(200_001, "  \n"), 400, "Bad Request: message text is empty"),
        ("sendMessage", to(200_001, &"ы".repeat(4097)), 400, "Bad Request: message is too long"),
        (
            "sendMessage",
            json!({"chat_id": 200_001, "text": "<b>x", "parse_mode": "HTML"}),
            400,
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "sendMessage",
            json!({"chat_id": 200_001, "text": "x", "reply_parameters": {"message_id": 999}}),
            400,
            "Bad Request: message to be replied not found",
        ),
        (
            "sendMessage",
            json!({"chat_id": -1001, "text": "x", "message_thread_id": 999}),
            400,
            "Bad Request: message thread not found",
        ),
        (
            "sendMessage",
            json!({"chat_id": 200_001, "text": "x", "reply_markup": button("x".repeat(65))}),
            400,
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            json!({"chat_id": 200_001, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "url": "http://localhost:1/"}]]}}),
            400,
            "Bad Request: inline keyboard button URL 'http://localhost:1/' is invalid: Wrong HTTP URL",
        ),
        (
            "editMessageText",
            json!({"chat_id": 200_001, "message_id": 999, "text": "x"}),
            400,
            "Bad Request: message to edit not found",
        ),
        (
            "editMessageText",
            json!({"chat_id": 200_001, "message_id": 1, "text": "x"}),
            400,
            "Bad Request: message can't be edited",
        ),
        (
            "deleteMessage",
            json!({"chat_id": 200_001, "message_id": 999}),
            400,
            "Bad Request: message to delete not found",
        ),
        (
            "copyMessage",
            json!({"chat_id": 200_001, "from_chat_id": 200_001, "message_id": 999}),
            400,
            "Bad Request: message to copy not found",
        ),
        (
            "sendPhoto",
            json!({"chat_id": 200_001, "photo": "nope"}),
            400,
            "Bad Request: wrong file identifier/HTTP URL specified",
        ),
        (
            "createForumTopic",
            json!({"chat_id": 200_001, "name": "x"}),
            400,
            "Bad Request: the chat is not a forum",
        ),
        (
            "setWebhook",
            json!({"url": "https://example.com/hook"}),
            400,
            "Bad Request: bad webhook: the sandbox delivers to loopback addresses alone",
        ),
    ]
}

#[tokio::test]
async fn refusals_have_telegrams_words() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    bench.sandbox.add_person(Person::new(200_002, "Ерлан"))?;
    bench.sandbox.add_group(&GroupSpec::forum(-1001, "Desk", &[200_002]))?;
    bench.aigerim.start("")?;
    for (method, params, code, description) in refusals() {
        let answer = bench.call(method, params.clone()).await;
        assert_eq!(
            (&answer["error_code"], &answer["description"]),
            (&json!(code), &json!(description)),
            "{method} {params}"
        );
    }
    bench.aigerim.block(true)?;
    fails(&bench.send(json!({"text": "x"})).await, 403, "Forbidden: bot was blocked by the user");
    let updates = bench.updates(0, 5).await;
    assert_eq!(
        updates.last().map(|u| &u["my_chat_member"]["new_chat_member"]["status"]),
        Some(&json!("kicked"))
    );
    Ok(())
}

#[tokio::test]
async fn files_go_up_and_down() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    bench.aigerim.start("")?;
    let sent = bench
        .upload("sendPhoto", "photo", "a.png", PNG, &[("chat_id", "200001"), ("caption", "сурет")])
        .await;
    let photo = &sent["result"]["photo"][0];
    assert_eq!((&photo["width"], &photo["height"]), (&json!(1), &json!(1)), "{sent}");
    let file = bench.call("getFile", json!({"file_id": photo["file_id"]})).await;
    let path = text_of(&file["result"]["file_path"]);
    assert_eq!(bench.download(&path).await, PNG);
    let again = bench.call("sendPhoto", json!({"chat_id": 200_001, "photo": photo["file_id"]})).await;
    assert_eq!(again["result"]["photo"][0]["file_id"], photo["file_id"]);
    let text = bench.upload("sendPhoto", "photo", "a.txt", b"not a picture", &[("chat_id", "200001")]).await;
    fails(&text, 400, "Bad Request: IMAGE_PROCESS_FAILED");

    bench.aigerim.photo(PNG.to_vec(), Some("менен"))?;
    let updates = bench.updates(0, 5).await;
    let received = updates.last().expect("an update")["message"].clone();
    assert_eq!(received["caption"], "менен");
    assert!(received["photo"][0]["file_id"].is_string());
    Ok(())
}
