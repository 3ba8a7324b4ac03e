//! teloxide, the library of Komek's own bot: its types read what the sandbox says, and its errors are recognised.

use crate::bench::{Bench, PNG};
use sandbox::{FaultKind, FaultSpec, GroupSpec};
use teloxide::net::Download;
use teloxide::payloads::{GetUpdatesSetters, SendMessageSetters, SendPhotoSetters};
use teloxide::requests::{Request, Requester};
use teloxide::types::{
    ChatId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMedia, InputMediaPhoto, ParseMode,
    ThreadId, UpdateKind, UserId,
};
use teloxide::{ApiError, Bot, RequestError};

fn bot(bench: &Bench) -> anyhow::Result<Bot> {
    Ok(Bot::with_client(&bench.bot.token, bench.http.clone()).set_api_url(bench.sandbox.url().parse()?))
}

const AIGERIM: ChatId = ChatId(200_001);

#[tokio::test]
async fn its_types_read_our_answers() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let bot = bot(&bench)?;
    assert_eq!(bot.get_me().await?.username(), "komek_bot");
    bench.aigerim.start("CODE")?;
    bench.aigerim.share_contact()?;
    bench.aigerim.voice()?;
    let updates = bot.get_updates().timeout(5).send().await?;
    assert!(updates.iter().all(|u| !matches!(u.kind, UpdateKind::Error(_))), "{updates:#?}");

    let keyboard = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Иә", "yes")]]);
    let sent =
        bot.send_message(AIGERIM, "<b>Ма?</b>").parse_mode(ParseMode::Html).reply_markup(keyboard).await?;
    assert_eq!(sent.text(), Some("Ма?"));
    let press = bench.aigerim.press("Иә")?;
    let last = updates.last().map_or(0, |u| u.id.as_offset());
    let pressed = bot.get_updates().offset(last).send().await?;
    let UpdateKind::CallbackQuery(query) = &pressed[0].kind else { anyhow::bail!("{pressed:#?}") };
    bot.answer_callback_query(query.id.clone()).await?;
    press.answered().await?;
    bot.edit_message_text(AIGERIM, sent.id, "Иә!").await?;

    let photo = bot.send_photo(AIGERIM, InputFile::memory(PNG).file_name("a.png")).caption("сурет").await?;
    let id = photo.photo().and_then(|sizes| sizes.last()).expect("a photo").file.id.clone();
    let file = bot.get_file(id.clone()).await?;
    let mut bytes = Vec::new();
    bot.download_file(&file.path, &mut bytes).await?;
    assert_eq!(bytes, PNG);
    let item = || InputMedia::Photo(InputMediaPhoto::new(InputFile::file_id(id.clone())));
    assert_eq!(bot.send_media_group(AIGERIM, [item(), item()]).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn it_manages_a_forum() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let bot = bot(&bench)?;
    let desk = ChatId(-1_001_000_000_001);
    bench.sandbox.add_group(&GroupSpec::forum(desk.0, "Desk", &[200_001]))?;
    let topic = bot.create_forum_topic(desk, "KM-000001").await?;
    let sent = bot.send_message(desk, "x").message_thread_id(topic.thread_id).await?;
    assert_eq!(sent.thread_id, Some(topic.thread_id));
    bot.close_forum_topic(desk, topic.thread_id).await?;
    assert!(bot.get_chat(desk).await?.is_supergroup());
    assert!(bot.get_chat_member(desk, UserId(200_001)).await?.is_owner());
    assert_eq!(bot.get_chat_administrators(desk).await?.len(), 2);
    let lost = bot.send_message(desk, "x").message_thread_id(ThreadId(teloxide::types::MessageId(999))).await;
    assert!(
        matches!(lost, Err(RequestError::Api(ApiError::Unknown(text))) if text.ends_with("message thread not found"))
    );
    Ok(())
}

#[tokio::test]
async fn it_recognises_our_refusals() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let bot = bot(&bench)?;
    let api = |error: RequestError| match error {
        RequestError::Api(error) => Some(error),
        _ => None,
    };
    assert_eq!(bot.send_message(ChatId(5), "x").await.err().and_then(api), Some(ApiError::ChatNotFound));
    bench.aigerim.start("")?;
    let sent = bot.send_message(AIGERIM, "x").await?;
    let same = bot.edit_message_text(AIGERIM, sent.id, "x").await.err().and_then(api);
    assert_eq!(same, Some(ApiError::MessageNotModified));
    bench.sandbox.fault(FaultSpec::times(FaultKind::TooManyRequests { retry_after: 9 }, 1));
    let many = bot.send_message(AIGERIM, "x").await;
    assert!(matches!(many, Err(RequestError::RetryAfter(after)) if after.seconds() == 9));
    bench.aigerim.block(true)?;
    assert_eq!(bot.send_message(AIGERIM, "x").await.err().and_then(api), Some(ApiError::BotBlocked));
    Ok(())
}
