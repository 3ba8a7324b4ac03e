// What the page knows: people, their chats and messages; kept up to date by the stream of events.

import { api } from "./api.js";

export const store = { people: new Map(), bots: new Map(), page: {}, threads: new Map() };

const listeners = new Set();

/** Calls back with {kind, …} after each change. */
export const listen = (callback) => listeners.add(callback);
const tell = (change) => listeners.forEach((callback) => callback(change));

/** One key per conversation: a private chat belongs to a bot and a person, a group to all its members. */
export const keyOf = (person, chat) => (chat > 0 ? `p${chat}:${person}` : `g${chat}`);
const keyOfEvent = ({ private: two, group }) => (two ? `p${two.bot}:${two.person}` : `g${group.id}`);

/** Who has this conversation, and under which id. */
function holders(chat) {
  if (chat.private) return [[chat.private.person, chat.private.bot]];
  const all = [...store.people.values()];
  return all.filter((p) => p.chats.has(chat.group.id)).map((p) => [p.id, chat.group.id]);
}

function adopt(person) {
  const chats = new Map(person.chats.map((chat) => [chat.id, chat]));
  store.people.set(person.id, { ...person, chats });
}

export async function load() {
  const world = await api.world();
  store.people.clear();
  store.threads.clear();
  store.bots = new Map(world.bots.map((bot) => [bot.id, bot]));
  store.page = world.page;
  world.people.forEach(adopt);
  store.seq = world.seq;
  tell({ kind: "world" });
}

/** Loads the newest (or earlier) messages of a chat, once. */
export async function loadMessages(person, chat, before) {
  const key = keyOf(person, chat);
  let thread = store.threads.get(key);
  if (thread && !before) return thread;
  if (!thread) {
    thread = { messages: new Map(), complete: false };
    store.threads.set(key, thread);
  }
  const views = await api.messages(person, chat, before);
  if (views.length < 80) thread.complete = true;
  views.forEach((message) => thread.messages.set(message.message_id, message));
  thread.messages = new Map([...thread.messages].sort(([a], [b]) => a - b));
  tell({ kind: "messages", key });
  return thread;
}

/** Chats change in bursts (a topic is three events): each is fetched once per burst. */
const stale = new Map();
function refetch(person, chat) {
  const key = `${person}/${chat}`;
  if (stale.has(key)) return;
  stale.set(key, setTimeout(async () => {
    stale.delete(key);
    const view = await api.chat(person, chat).catch(() => null);
    const owner = store.people.get(person);
    if (view && owner) owner.chats.set(chat, view);
    tell({ kind: "chat", person, chat });
  }, 30));
}

function onMessage(event) {
  const { message } = event;
  if (!message) return;
  const key = keyOfEvent(event.chat);
  const thread = store.threads.get(key);
  const isNew = !thread || !thread.messages.has(message.message_id);
  thread?.messages.set(message.message_id, message);
  for (const [person, chat] of holders(event.chat)) {
    const view = store.people.get(person)?.chats.get(chat);
    if (!view) continue;
    if (!view.last || view.last.message_id <= message.message_id) view.last = message;
    if (!view.started) refetch(person, chat);
    view.started = true;
    const other = message.from.id !== person;
    tell({ kind: "message", person, chat, message, fresh: other && isNew && !message.edit_date });
  }
}

const handlers = {
  message: onMessage,
  deleted(event) {
    store.threads.get(keyOfEvent(event.chat))?.messages.delete(event.message_id);
    holders(event.chat).forEach(([person, chat]) => {
      refetch(person, chat);
      tell({ kind: "messages", key: keyOfEvent(event.chat) });
    });
  },
  taken(event) {
    const message = store.threads.get(keyOfEvent(event.chat))?.messages.get(event.message_id);
    if (!message) return;
    message.waiting = false;
    tell({ kind: "messages", key: keyOfEvent(event.chat) });
  },
  chat(event) {
    if (event.chat.private) refetch(event.chat.private.person, event.chat.private.bot);
    else store.people.forEach(({ id, chats }) => {
      const group = event.chat.group.id;
      if (event.members.includes(id)) refetch(id, group);
      else if (chats.delete(group)) tell({ kind: "chat", person: id, chat: group });
    });
  },
  answered: (event) => tell({ kind: "answered", ...event }),
  action: (event) =>
    holders(event.chat).forEach(([person, chat]) => tell({ kind: "action", person, chat, action: event.action })),
  // People and bots change seldom: everything is loaded again, and messages stay where they are.
  person: reload,
  bot: reload,
  reset: load,
};

let reloading;
function reload() {
  clearTimeout(reloading);
  reloading = setTimeout(async () => {
    const world = await api.world();
    const known = store.people.size;
    store.bots = new Map(world.bots.map((bot) => [bot.id, bot]));
    store.page = world.page;
    world.people.forEach(adopt);
    tell({ kind: known === store.people.size ? "people" : "world" });
  }, 60);
}

/** Follows the events for ever; the browser reconnects by itself and says where it was. */
export function follow(onState) {
  const source = api.events(store.seq);
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    handlers[event.event]?.(event);
  };
}
