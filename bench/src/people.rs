//! What the people write and press, as Telegram tells a bot.

use crate::stub::Stub;

/// The id of the first person; the others follow.
pub const FIRST: i64 = 1_000_001;

fn person(chat: i64) -> String {
    format!(r#""id":{chat},"first_name":"User{chat}","username":"user{chat}""#)
}

/// Somebody writes `text`, which needs no escaping.
pub fn write(stub: &Stub, chat: i64, text: &str) {
    let person = person(chat);
    stub.push(
        "message",
        &format!(
            r#"{{"message_id":7,"from":{{{person},"is_bot":false,"language_code":"ru"}},"chat":{{{person},"type":"private"}},"date":1790000000,"text":"{text}"}}"#
        ),
    );
}

/// Somebody presses the button with `data` under message `message`.
pub fn press(stub: &Stub, chat: i64, message: i64, data: &str) {
    let person = person(chat);
    stub.push(
        "callback_query",
        &format!(
            r#"{{"id":"{chat}-{message}","from":{{{person},"is_bot":false,"language_code":"ru"}},"message":{{"message_id":{message},"from":{{"id":42,"is_bot":true,"first_name":"Komek","username":"komek_bot"}},"chat":{{{person},"type":"private"}},"date":1790000000,"text":"?"}},"chat_instance":"1","data":"{data}"}}"#
        ),
    );
}
