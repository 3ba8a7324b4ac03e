// A bot of grammY's: long polling, and the second poller that Telegram turns away.

import { Bot, GrammyError, InlineKeyboard, InputFile, InputMediaBuilder } from "grammy";

const url = process.env.SANDBOX_URL;
const [AIGERIM, NURLAN, DESK] = [200001, 100001, -1001000000001];
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==", "base64");

const ok = (step) => console.log(`ok ${step}`);

function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}

async function act(method, path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/sandbox/api${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return answer.json();
}

/** Waits, woken by events, until `look` finds something. */
async function until(look) {
  for (;;) {
    const { seq } = await act("GET", "/world");
    const found = await look();
    if (found) return found;
    await act("GET", `/events?after=${seq}&timeout=10`);
  }
}

const seen = (part, person = AIGERIM, chat = "bot") => until(async () => {
  const messages = await act("GET", `/people/${person}/chats/${chat}/messages`);
  return messages.findLast((m) => (m.text ?? m.caption ?? "").includes(part));
});

async function refused(call, code, part) {
  const error = await call.then(() => undefined, (e) => e);
  check(error instanceof GrammyError && error.error_code === code && error.description.includes(part), `${code} ${part}: ${error}`);
  return error;
}

const bot = new Bot("100000:SANDBOX", { client: { apiRoot: url } });
let blocked;
const wasBlocked = new Promise((resolve) => { blocked = resolve; });

bot.command("start", (ctx) =>
  ctx.reply(`<b>Hello</b>, ${ctx.match}`, { parse_mode: "HTML", reply_markup: new InlineKeyboard().text("Yes", "yes") }));
bot.callbackQuery("yes", async (ctx) => {
  await ctx.answerCallbackQuery({ text: "Done" });
  await ctx.editMessageText("Yes!");
});
bot.on("message:photo", async (ctx) => {
  const file = await ctx.getFile();
  const content = Buffer.from(await (await fetch(`${url}/file/bot${bot.token}/${file.file_path}`)).arrayBuffer());
  await ctx.replyWithPhoto(new InputFile(content, "copy.png"), { caption: `again ${content.equals(PNG)}` });
});
bot.on("message:is_topic_message", (ctx) => ctx.message.text && ctx.reply(`topic: ${ctx.message.text}`, { message_thread_id: ctx.message.message_thread_id }));
bot.on("my_chat_member", (ctx) => { if (ctx.myChatMember.new_chat_member.status === "kicked") blocked(); });

async function story() {
  await act("POST", `/people/${AIGERIM}/chats/bot/start`, { code: "CODE" });
  check((await seen("Hello, CODE")).entities[0].type === "bold", "bold");
  ok("polling and HTML");

  const { callback } = await act("POST", `/people/${AIGERIM}/chats/bot/press`, { button: "Yes" });
  const { answer } = await until(async () => {
    const query = await act("GET", `/callbacks/${callback}`);
    return query.answer && query;
  });
  check(answer.text === "Done", "toast");
  await seen("Yes!");
  ok("button, edit");

  const form = new FormData();
  form.set("kind", "photo");
  form.set("file", new Blob([PNG], { type: "image/png" }), "a.png");
  await fetch(`${url}/sandbox/api/people/${AIGERIM}/chats/bot/send`, { method: "POST", body: form });
  const again = await seen("again true");
  const photo = (n) => InputMediaBuilder.photo(new InputFile(PNG, `${n}.png`));
  check((await bot.api.sendMediaGroup(AIGERIM, [photo(1), photo(2)])).length === 2, "album");
  await bot.api.copyMessage(DESK, AIGERIM, again.message_id);
  ok("photo down and up, album, copy");

  const topic = await bot.api.createForumTopic(DESK, "KM-000003");
  const thread = topic.message_thread_id;
  await act("POST", `/people/${NURLAN}/chats/${DESK}/send`, { text: "mine", thread });
  check((await seen("topic: mine", NURLAN, DESK)).message_thread_id === thread, "thread");
  await bot.api.editForumTopic(DESK, thread, { name: "KM-000003 done" });
  await bot.api.closeForumTopic(DESK, thread);
  check((await bot.api.getChatMember(DESK, NURLAN)).status === "creator", "creator");
  ok("forum");

  await bot.api.setMyCommands([{ command: "new", description: "New request" }], { language_code: "en" });
  check((await bot.api.getMyCommands({ language_code: "en" }))[0].command === "new", "commands");
  ok("commands by language");

  await act("POST", "/faults", { kind: "too_many_requests", retry_after: 3, method: "sendMessage", count: 1 });
  const many = await refused(bot.api.sendMessage(AIGERIM, "x"), 429, "Too Many Requests: retry after 3");
  check(many.parameters.retry_after === 3, "retry_after");
  ok("429 with retry_after");

  await refused(bot.api.sendMessage(4242, "x"), 400, "chat not found");
  await act("POST", `/people/${AIGERIM}/block`, { blocked: true });
  await wasBlocked;
  await refused(bot.api.sendMessage(AIGERIM, "x"), 403, "bot was blocked by the user");
  await act("POST", `/people/${AIGERIM}/block`, { blocked: false });
  ok("blocked");

  // A second poller takes over; the first one, if it is waiting just then, is told so and gives up.
  const second = new Bot("100000:SANDBOX", { client: { apiRoot: url } });
  let over = false;
  stopped.then(() => { over = true; });
  while (!over) await second.api.getUpdates({ timeout: 0 }).catch(() => {});
  const conflict = await stopped;
  check(conflict instanceof GrammyError && conflict.error_code === 409, `409: ${conflict}`);
  ok("409 for two pollers");
}

let gone;
const stopped = new Promise((resolve) => { gone = resolve; });
const limit = setTimeout(() => { console.error("too slow"); process.exit(1); }, 60000);
await bot.init();
bot.start({ drop_pending_updates: true, allowed_updates: ["message", "callback_query", "my_chat_member"] }).catch(gone);
await story();
clearTimeout(limit);
process.exit(0);
