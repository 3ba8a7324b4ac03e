"""The same dialogue as plain_teloxide.rs with aiogram, uvloop and sqlite3: one transaction per update."""

import os
import sqlite3

import uvloop
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

db = sqlite3.connect(os.environ["DB"], isolation_level=None)
db.executescript(
    f"""PRAGMA journal_mode = WAL; PRAGMA synchronous = {os.environ["SYNC"]};
    CREATE TABLE dialogue (chat INTEGER PRIMARY KEY, words TEXT NOT NULL);
    CREATE TABLE ticket (id INTEGER PRIMARY KEY, chat INTEGER NOT NULL, words TEXT NOT NULL);"""
)
dispatcher = Dispatcher()
keyboard = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Register as a question", callback_data="question")]]
)


def step(chat: int, text: str | None) -> int | None:
    """One step of the dialogue. Returns the number of the new ticket, if there is one."""
    db.execute("BEGIN IMMEDIATE")
    found = db.execute("SELECT words FROM dialogue WHERE chat = ?", (chat,)).fetchone()
    ticket = None
    if found is None:
        db.execute("INSERT INTO dialogue (chat, words) VALUES (?, ?)", (chat, text or ""))
    else:
        db.execute("DELETE FROM dialogue WHERE chat = ?", (chat,))
        ticket = db.execute("INSERT INTO ticket (chat, words) VALUES (?, ?)", (chat, found[0])).lastrowid
    db.execute("COMMIT")
    return ticket


@dispatcher.message(F.text)
async def written(message: Message) -> None:
    ticket = step(message.chat.id, message.text)
    if ticket is None:
        await message.answer("What shall become of this?", reply_markup=keyboard)
    else:
        await message.answer(f"Registered as No. {ticket}")


@dispatcher.callback_query(F.data)
async def pressed(press: CallbackQuery) -> None:
    await press.answer()
    ticket = step(press.message.chat.id, None)
    if ticket is not None:
        await press.message.edit_text(f"Registered as No. {ticket}")


async def main() -> None:
    server = TelegramAPIServer.from_base(os.environ["API"])
    bot = Bot("42:BENCH", session=AiohttpSession(api=server))
    # Without a limit aiogram starts a task for every update at once and needs twice the memory.
    await dispatcher.start_polling(bot, handle_signals=False, tasks_concurrency_limit=32)


uvloop.run(main())
