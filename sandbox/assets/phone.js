// One phone: a person, the chat that is open, and everything the person does.

import { api } from "./api.js";
import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { MessageList } from "./list.js";
import { service } from "./message.js";
import { alertBox, confirmBox, messageMenu, toast } from "./sheets.js";
import { keyOf, loadMessages, store } from "./store.js";
import { chatList, chatHeader, plate, topicTabs, welcome } from "./views.js";
import { t } from "./words.js";

/** The bot's answer to a button is awaited this long. */
const PATIENCE_MS = 15000;

export class Phone {
  /** `onRead` hears when the number of unread messages falls. */
  constructor(id, onRead) {
    this.id = id;
    this.onRead = onRead;
    this.unread = new Map();
    this.pressed = new Map();
    this.list = new MessageList(this.acts());
    this.composer = new Composer(this);
    this.plate = h("div.plate-box");
    this.head = h("div.head");
    this.body = h("div.body");
    this.overlay = h("div.overlay", { "aria-live": "assertive" });
    this.screen = h("div.screen", {}, this.head, this.body, this.composer.element, this.overlay);
    this.element = h("section.phone", { id: `phone-${id}` }, this.plate, h("div.case", {}, this.screen));
    const chats = [...this.person.chats.values()];
    // Whoever works at a desk looks at the desk first.
    const first = chats.find((chat) => chat.id < 0) ?? chats[0];
    if (first) this.open(first.id);
  }

  get person() {
    return store.people.get(this.id);
  }

  get chat() {
    return this.person?.chats.get(this.chatId);
  }

  get topic() {
    return this.chat?.topics.find((topic) => topic.id === this.topicId);
  }

  get thread() {
    return store.threads.get(keyOf(this.id, this.chatId));
  }

  open(chatId, topicId) {
    const other = chatId !== this.chatId;
    this.chatId = chatId;
    this.topicId = topicId;
    this.list.reset();
    if (other) this.cancelContext();
    this.readNow();
    this.render();
    if (chatId !== undefined) loadMessages(this.id, chatId).then(() => this.render());
  }

  /** The message is seen if its chat and topic are open. */
  sees(m) {
    if (m.chat_id !== this.chatId) return false;
    return this.topicId === undefined || (m.message_thread_id ?? 0) === this.topicId;
  }

  arrived(m) {
    this.typing = undefined;
    if (this.sees(m)) return;
    const of = this.unread.get(m.chat_id) ?? new Map();
    const topic = m.message_thread_id ?? 0;
    of.set(topic, (of.get(topic) ?? 0) + 1);
    this.unread.set(m.chat_id, of);
  }

  readNow() {
    const of = this.unread.get(this.chatId);
    if (this.topicId === undefined) this.unread.delete(this.chatId);
    else of?.delete(this.topicId);
    this.onRead();
  }

  unreadIn(chatId) {
    return [...(this.unread.get(chatId)?.values() ?? [])].reduce((a, b) => a + b, 0);
  }

  /** Has this person written exactly this to a bot? */
  said(text) {
    const threads = [...this.person.chats.keys()].filter((id) => id > 0).map((id) => store.threads.get(keyOf(this.id, id)));
    return threads.some((thread) => [...(thread?.messages.values() ?? [])].some((m) => m.text === text));
  }

  messages() {
    const all = [...(this.thread?.messages.values() ?? [])];
    if (this.topicId === undefined) return all;
    return all.filter((m) => (m.message_thread_id ?? 0) === this.topicId);
  }

  // ---- what the person does ----

  async try(act) {
    try {
      return await act;
    } catch (error) {
      toast(this.overlay, error.message);
      return undefined;
    }
  }

  send(fields) {
    const body = { ...fields };
    if (this.topicId) body.thread = this.topicId;
    if (this.replyTo) body.reply_to = this.replyTo.message_id;
    this.cancelContext();
    this.list.atBottom = true;
    return this.try(api.send(this.id, this.chatId, body));
  }

  sendText(text) {
    const { editing } = this;
    if (!editing) return this.send({ text });
    this.cancelContext();
    return this.try(api.edit(this.id, this.chatId, editing.message_id, text));
  }

  sendFiles(kind, files) {
    const form = new FormData();
    form.set("kind", kind);
    if (this.topicId) form.set("thread", this.topicId);
    if (this.replyTo) form.set("reply_to", this.replyTo.message_id);
    const caption = this.composer.input.value.trim();
    if (caption) form.set("caption", caption);
    files.slice(0, 10).forEach((file, n) => form.set(`file${n}`, file, file.name));
    this.composer.setText("");
    this.cancelContext();
    return this.try(api.send(this.id, this.chatId, form));
  }

  async shareContact() {
    const { phone } = this.person;
    if (!phone) return toast(this.overlay, t("noPhone"));
    const text = t("shareText", { name: this.chat.title, phone });
    if (await confirmBox(this.overlay, t("shareTitle"), text)) return this.send({ contact: true });
    return undefined;
  }

  /** Start, or a deep link to a bot. */
  start(code, username) {
    const bot = username ? [...store.bots.values()].find((b) => b.username === username) : undefined;
    const chat = bot?.id ?? this.chatId;
    if (chat !== this.chatId) this.open(chat);
    return this.try(api.start(this.id, chat, code));
  }

  block(blocked) {
    return this.try(api.block(this.id, this.chatId, blocked));
  }

  async press(m, button) {
    if (button.copy_text) {
      await navigator.clipboard?.writeText(button.copy_text.text).catch(() => {});
      return toast(this.overlay, t("copied"));
    }
    const key = `${m.message_id} ${button.callback_data}`;
    if (this.pressed.has(key)) return undefined;
    const done = () => {
      this.pressed.delete(key);
      this.render();
    };
    const timer = setTimeout(() => {
      done();
      toast(this.overlay, t("noAnswer"));
    }, PATIENCE_MS);
    this.pressed.set(key, { timer, done });
    this.render();
    const answer = await this.try(api.press(this.id, this.chatId, m.message_id, button.callback_data));
    const waiting = this.pressed.get(key);
    if (!answer) {
      clearTimeout(timer);
      done();
    } else if (waiting) {
      waiting.callback = answer.callback;
      // The bot may have been faster than this answer.
      const early = this.early?.get(answer.callback);
      if (early) this.answered(early);
    }
    return undefined;
  }

  answered(event) {
    const found = [...this.pressed.values()].find((waiting) => waiting.callback === event.callback);
    if (!found) {
      this.early ??= new Map();
      this.early.set(event.callback, event);
      return;
    }
    clearTimeout(found.timer);
    found.done();
    if (event.text && event.alert) alertBox(this.overlay, event.text);
    else if (event.text) toast(this.overlay, event.text);
  }

  acting(action) {
    this.typing = action === "typing" ? t("typing") : t("sendingFile");
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => {
      this.typing = undefined;
      this.render();
    }, 5000);
    this.render();
  }

  cancelContext() {
    if (this.editing) this.composer.setText("");
    this.editing = undefined;
    this.replyTo = undefined;
    this.composer.renderContext();
  }

  edit(m) {
    this.replyTo = undefined;
    this.editing = m;
    this.composer.setText(m.text ?? m.caption ?? "");
    this.composer.renderContext();
    this.composer.focus();
  }

  editLast() {
    const own = this.messages().filter((m) => m.from.id === this.id && !service(m) && (m.text || m.caption));
    if (own.length) this.edit(own.at(-1));
  }

  reply(m) {
    if (this.composer.line.hidden) return;
    this.editing = undefined;
    this.replyTo = m;
    this.composer.renderContext();
    this.composer.focus();
  }

  /** What bubbles may ask of the phone. */
  acts() {
    return {
      reply: (m) => this.reply(m),
      press: (m, button) => this.press(m, button),
      busy: (id, data) => data !== undefined && this.pressed.has(`${id} ${data}`),
      command: (text) => this.send({ text }),
      start: ({ username, code }) => this.start(code, username),
      topic: (id) => this.open(this.chatId, id),
      jump: (id) => this.list.jump(id),
      menu: (m, anchor) => messageMenu(this, m, anchor),
      earlier: async (shown) => {
        const all = this.messages();
        if (all.length < shown && !this.thread.complete) {
          await loadMessages(this.id, this.chatId, [...this.thread.messages.keys()][0]);
        }
        this.render();
      },
    };
  }

  // ---- what the screen shows ----

  /** Many changes in a moment are one drawing. */
  render() {
    if (this.planned) return;
    this.planned = true;
    requestAnimationFrame(() => {
      this.planned = false;
      if (this.person) this.draw();
    });
  }

  draw() {
    const { chat } = this;
    this.element.setAttribute("aria-label", `${t("phoneOf")} ${this.person.name}`);
    plate(this);
    this.composer.render();
    if (!chat) {
      this.head.replaceChildren(h("header.app-head", {}, h("h3.title", {}, t("chats"))));
      this.body.replaceChildren(chatList(this));
      return;
    }
    const tabs = chat.forum ? topicTabs(this) : null;
    this.head.replaceChildren(...[chatHeader(this), tabs].filter(Boolean));
    tabs?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (chat.id > 0 && !chat.started) {
      this.body.replaceChildren(welcome(this));
      return;
    }
    if (this.body.firstChild !== this.list.element) this.body.replaceChildren(this.list.element);
    this.list.render(this.messages(), {
      me: this.id,
      group: chat.id < 0,
      complete: this.thread?.complete ?? true,
      topics: new Map(chat.topics.map((topic) => [topic.id, topic])),
      allTopics: chat.forum && this.topicId === undefined,
    });
  }
}
