"""A bot of aiogram's: long polling, and everything that Komek's bot uses."""

import asyncio

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyParameters,
)

from person import AIGERIM, DESK, NURLAN, PNG, TOKEN, URL, act, ok, press, says, seen, toast

dispatcher = Dispatcher()
blocked = asyncio.Event()


@dispatcher.message(CommandStart())
async def start(message: Message, command: CommandObject):
    ask = KeyboardButton(text="Нөмірім", request_contact=True)
    keyboard = ReplyKeyboardMarkup(keyboard=[[ask]], resize_keyboard=True)
    await message.answer(f"<b>Сәлем</b>, {command.args}", parse_mode="HTML", reply_markup=keyboard)


@dispatcher.message(F.contact)
async def contact(message: Message):
    own = message.contact.user_id == message.from_user.id
    button = InlineKeyboardButton(text="Иә", callback_data="yes:1")
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[button]])
    await message.answer(f"{message.contact.phone_number} {own}", reply_markup=keyboard)


@dispatcher.callback_query(F.data == "yes:1")
async def pressed(query: CallbackQuery):
    await query.answer("Дайын", show_alert=True)
    await query.message.edit_text("Иә!", reply_markup=None)


@dispatcher.message(F.photo)
async def photo(message: Message, bot: Bot):
    content = await bot.download(message.photo[-1])
    sent = await message.answer_photo(BufferedInputFile(content.read(), "copy.png"), caption="қайта")
    assert sent.photo[-1].file_size == len(PNG)


@dispatcher.edited_message(F.text)
async def edited(message: Message):
    await message.answer(f"өңделді: {message.text}", reply_parameters=ReplyParameters(message_id=message.message_id))


@dispatcher.message(F.chat.id == DESK, F.text)
async def in_topic(message: Message):
    if message.is_topic_message:
        await message.answer(f"тақырып {message.message_thread_id}: {message.text}")


@dispatcher.my_chat_member()
async def status(update: ChatMemberUpdated):
    if update.new_chat_member.status == "kicked":
        blocked.set()


async def story(bot: Bot):
    me = await bot.get_me()
    assert me.username == "sandbox_bot" and me.can_read_all_group_messages
    await act("POST", f"/people/{AIGERIM}/chats/bot/start", {"code": "CODE"})
    greeting = await seen("Сәлем, CODE")
    assert greeting["entities"][0]["type"] == "bold"
    ok("polling and HTML")

    await act("POST", f"/people/{AIGERIM}/chats/bot/send", {"contact": True})
    await seen("+77010000001 True")
    answer = await toast(await press("Иә"))
    assert answer == {"text": "Дайын", "alert": True, "url": None}
    await seen("Иә!")
    ok("contact, button, edit")

    sent = await bot.send_photo(AIGERIM, BufferedInputFile(PNG, "a.png"), caption="сурет")
    back = await bot.download(sent.photo[-1])
    assert back.read() == PNG
    album = [InputMediaPhoto(media=BufferedInputFile(PNG, f"{n}.png"), caption="альбом") for n in range(3)]
    group = await bot.send_media_group(AIGERIM, album)
    assert len({message.media_group_id for message in group}) == 1
    copy = await bot.copy_message(DESK, AIGERIM, sent.message_id)
    assert copy.message_id > 0
    ok("files, album, copy")

    topic = await bot.create_forum_topic(DESK, "KM-000001")
    thread = topic.message_thread_id
    await bot.send_message(DESK, "жаңа", message_thread_id=thread)
    await says("алдым", NURLAN, DESK, thread=thread)
    echo = await seen(f"тақырып {thread}: алдым", NURLAN, DESK)
    assert echo["message_thread_id"] == thread
    await bot.edit_forum_topic(DESK, thread, name="KM-000001 ✅")
    await bot.close_forum_topic(DESK, thread)
    member = await bot.get_chat_member(DESK, NURLAN)
    assert member.status == "creator"
    admins = await bot.get_chat_administrators(DESK)
    assert {admin.user.id for admin in admins} >= {NURLAN, me.id}
    chat = await bot.get_chat(DESK)
    assert chat.is_forum
    try:
        await bot.send_message(DESK, "x", message_thread_id=999_999)
        raise AssertionError("a message went to a topic that is not there")
    except TelegramBadRequest as error:
        assert "message thread not found" in error.message
    ok("forum")

    for language in (None, "kk", "ru"):
        await bot.set_my_commands([BotCommand(command="new", description=f"new {language}")], language_code=language)
    assert (await bot.get_my_commands(language_code="kk"))[0].description == "new kk"
    ok("commands by language")

    original = await says("қате")
    path = f"/people/{AIGERIM}/chats/bot/messages/{original['message_id']}"
    await act("PATCH", path, {"text": "дұрыс"})
    await seen("өңделді: дұрыс")
    ok("edited messages and replies")

    await act("POST", "/faults", {"kind": "too_many_requests", "retry_after": 1, "method": "sendMessage", "count": 1})
    try:
        await bot.send_message(AIGERIM, "көп")
        raise AssertionError("no 429")
    except TelegramRetryAfter as error:
        assert error.retry_after == 1
    ok("429 with retry_after")

    await act("POST", f"/people/{AIGERIM}/block", {"blocked": True})
    await blocked.wait()
    try:
        await bot.send_message(AIGERIM, "бар ма?")
        raise AssertionError("a message went past a block")
    except TelegramForbiddenError as error:
        assert "bot was blocked by the user" in error.message
    await act("POST", f"/people/{AIGERIM}/block", {"blocked": False})
    ok("blocked")


async def main():
    session = AiohttpSession(api=TelegramAPIServer.from_base(URL))
    async with Bot(TOKEN, session=session) as bot:
        polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
        try:
            await asyncio.wait_for(story(bot), 60)
        finally:
            await dispatcher.stop_polling()
            await polling


asyncio.run(main())
