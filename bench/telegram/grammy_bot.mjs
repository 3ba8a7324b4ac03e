// The same dialogue as plain_teloxide.rs with grammY, its runner and better-sqlite3: one transaction per update.
import { Bot, InlineKeyboard } from "grammy";
import { run, sequentialize } from "@grammyjs/runner";
import Database from "better-sqlite3";

const { API, DB, SYNC } = process.env;
const db = new Database(DB);
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${SYNC};
  CREATE TABLE dialogue (chat INTEGER PRIMARY KEY, words TEXT NOT NULL);
  CREATE TABLE ticket (id INTEGER PRIMARY KEY, chat INTEGER NOT NULL, words TEXT NOT NULL);`);
const find = db.prepare("SELECT words FROM dialogue WHERE chat = ?");
const begin = db.prepare("INSERT INTO dialogue (chat, words) VALUES (?, ?)");
const end = db.prepare("DELETE FROM dialogue WHERE chat = ?");
const file = db.prepare("INSERT INTO ticket (chat, words) VALUES (?, ?)");

// One step of the dialogue. Returns the number of the new ticket, if there is one.
const step = db.transaction((chat, text) => {
  const found = find.get(chat);
  if (!found) {
    begin.run(chat, text ?? "");
    return null;
  }
  end.run(chat);
  return file.run(chat, found.words).lastInsertRowid;
});

const bot = new Bot("42:BENCH", { client: { apiRoot: API } });
bot.use(sequentialize((ctx) => String(ctx.chat?.id)));
bot.on("message:text", async (ctx) => {
  const ticket = step.immediate(ctx.chat.id, ctx.message.text);
  if (ticket === null) {
    const keyboard = new InlineKeyboard().text("Register as a question", "question");
    await ctx.reply("What shall become of this?", { reply_markup: keyboard });
  } else {
    await ctx.reply(`Registered as No. ${ticket}`);
  }
});
bot.on("callback_query:data", async (ctx) => {
  await ctx.answerCallbackQuery();
  const ticket = step.immediate(ctx.chat.id, null);
  if (ticket !== null) await ctx.editMessageText(`Registered as No. ${ticket}`);
});
run(bot);
