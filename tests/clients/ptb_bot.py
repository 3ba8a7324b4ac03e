"""A bot of python-telegram-bot's: the same things by webhook instead of polling."""

import asyncio
import os

from telegram import BotCommand, BotCommandScopeAllPrivateChats, InlineKeyboardButton, InlineKeyboardMarkup
from telegram import InputMediaDocument, InputMediaPhoto, ReplyParameters, Update
from telegram.error import BadRequest, Conflict, Forbidden, RetryAfter
from telegram.ext import Application, CallbackQueryHandler, ChatMemberHandler, CommandHandler, MessageHandler, filters

from person import AIGERIM, DESK, NURLAN, PNG, TOKEN, URL, act, ok, press, says, seen, toast

PORT = int(os.environ["WEBHOOK_PORT"])
blocked = asyncio.Event()


async def start(update, context):
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Да", callback_data="yes"), InlineKeyboardButton("Шарт", url="https://a.kz/")]])
    await update.message.reply_html(f"<i>Здравствуйте</i>, {context.args[0]}", reply_markup=keyboard)


async def pressed(update, context):
    await update.callback_query.answer("Готово")
    await update.callback_query.edit_message_text("*Да*\\!", parse_mode="MarkdownV2")


async def document(update, context):
    file = await update.message.document.get_file()
    content = bytes(await file.download_as_bytearray())
    await update.message.reply_document(content, filename="copy.txt", caption=content.decode())


async def in_group(update, context):
    message = update.effective_message
    if message.is_topic_message and message.text:
        await message.reply_text(f"тема: {message.text}")


async def status(update, context):
    if update.my_chat_member.new_chat_member.status == "kicked":
        blocked.set()


async def story(bot):
    info = await bot.get_webhook_info()
    assert info.url and info.max_connections == 40, info
    try:
        await bot.get_updates()
        raise AssertionError("getUpdates went past a webhook")
    except Conflict as error:
        assert "can't use getUpdates method while webhook is active" in error.message
    await act("POST", f"/people/{AIGERIM}/chats/bot/start", {"code": "CODE"})
    await seen("Здравствуйте, CODE")
    ok("webhook with a secret, HTML")

    answer = await toast(await press("Да"))
    assert answer["text"] == "Готово"
    edited = await seen("Да!")
    assert edited["entities"][0]["type"] == "bold" and edited.get("edit_date")
    ok("button, MarkdownV2 edit")

    photo = await bot.send_photo(AIGERIM, PNG, caption="фото")
    file = await bot.get_file(photo.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == PNG
    group = await bot.send_media_group(AIGERIM, [InputMediaPhoto(PNG), InputMediaPhoto(photo.photo[-1].file_id)])
    assert len(group) == 2
    documents = [InputMediaDocument(b"one", filename="1.txt"), InputMediaDocument(b"two", filename="2.txt")]
    assert (await bot.send_media_group(AIGERIM, documents))[1].document.file_name == "2.txt"
    assert (await bot.send_voice(AIGERIM, b"OggS")).voice.duration == 2
    assert (await bot.send_contact(AIGERIM, "+77010000101", "Нұрлан")).contact.first_name == "Нұрлан"
    assert (await bot.send_location(AIGERIM, 43.2, 76.9)).location.latitude == 43.2
    await bot.copy_message(DESK, AIGERIM, photo.message_id)
    forwarded = await bot.forward_message(DESK, AIGERIM, photo.message_id)
    assert forwarded.forward_origin is not None
    ok("files, albums, copy, forward")

    topic = await bot.create_forum_topic(DESK, "KM-000002")
    await says("вижу", NURLAN, DESK, thread=topic.message_thread_id)
    await seen("тема: вижу", NURLAN, DESK)
    await bot.close_forum_topic(DESK, topic.message_thread_id)
    await bot.reopen_forum_topic(DESK, topic.message_thread_id)
    await bot.delete_forum_topic(DESK, topic.message_thread_id)
    chat = await bot.get_chat(DESK)
    assert chat.is_forum and (await bot.get_chat_member(DESK, NURLAN)).status == "creator"
    ok("forum")

    await bot.set_my_commands([BotCommand("new", "Новая заявка")], BotCommandScopeAllPrivateChats(), language_code="ru")
    assert (await bot.get_my_commands(BotCommandScopeAllPrivateChats(), language_code="ru"))[0].command == "new"
    await bot.set_my_description("Поддержка", language_code="ru")
    assert (await bot.get_my_description(language_code="ru")).description == "Поддержка"
    await bot.send_chat_action(AIGERIM, "typing")
    ok("commands by language")

    sent = await bot.send_message(AIGERIM, "раз")
    answered = await bot.send_message(AIGERIM, "два", reply_parameters=ReplyParameters(sent.message_id, quote="раз"))
    assert answered.quote.text == "раз" and answered.reply_to_message.message_id == sent.message_id
    await bot.pin_chat_message(AIGERIM, sent.message_id)
    await bot.set_message_reaction(AIGERIM, sent.message_id, "👍")
    try:
        await bot.edit_message_text("раз", AIGERIM, sent.message_id)
        raise AssertionError("an edit without a change went through")
    except BadRequest as error:
        assert error.message.startswith("Message is not modified")
    assert await bot.delete_message(AIGERIM, sent.message_id)
    ok("replies, reactions, deleting")

    await act("POST", "/faults", {"kind": "too_many_requests", "retry_after": 2, "method": "sendMessage", "count": 1})
    try:
        await bot.send_message(AIGERIM, "много")
        raise AssertionError("no 429")
    except RetryAfter as error:
        seconds = error.retry_after
        assert 2 == (seconds if isinstance(seconds, int) else seconds.total_seconds())
    ok("429 with retry_after")

    await act("POST", f"/people/{AIGERIM}/block", {"blocked": True})
    await blocked.wait()
    try:
        await bot.send_message(AIGERIM, "есть кто?")
        raise AssertionError("a message went past a block")
    except Forbidden as error:
        assert "bot was blocked by the user" in error.message
    await act("POST", f"/people/{AIGERIM}/block", {"blocked": False})
    ok("blocked")


async def main():
    builder = Application.builder().token(TOKEN).base_url(f"{URL}/bot").base_file_url(f"{URL}/file/bot")
    application = builder.build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CallbackQueryHandler(pressed))
    application.add_handler(ChatMemberHandler(status))
    application.add_handler(MessageHandler(filters.Document.ALL, document))
    application.add_handler(MessageHandler(filters.ChatType.GROUPS, in_group))
    async with application:
        await application.start()
        await application.updater.start_webhook(
            "127.0.0.1", PORT, "hook", webhook_url=f"http://127.0.0.1:{PORT}/hook", secret_token="s3cret-Token_1",
            drop_pending_updates=True, allowed_updates=Update.ALL_TYPES,
        )
        try:
            await asyncio.wait_for(story(application.bot), 60)
        finally:
            await application.updater.stop()
            await application.stop()
            await application.bot.delete_webhook()


asyncio.run(main())
