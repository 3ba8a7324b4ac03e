// The parts of a phone's screen around the messages: the owner's plate, headers, the list of chats, topics.

import { api } from "./api.js";
import { avatar, h, icon } from "./dom.js";
import { deepLink } from "./entities.js";
import { summary } from "./message.js";
import { LANGUAGES, clock, pick, t } from "./words.js";

const NAMES = { kk: "Қазақша", ru: "Русский", en: "English" };

/** Who holds the phone; drawn anew only when it differs, so that an open language list stays open. */
export function plate(phone) {
  const { person } = phone;
  const blocked = [...person.chats.values()].some((chat) => chat.blocked);
  const deep = deepLink(person.link);
  // An invitation that was used is of no more use.
  const used = deep && phone.said(`/start ${deep.code}`);
  const signature = JSON.stringify([used, person.name, person.role, person.note, person.language_code, person.link, blocked, t("online")]);
  if (phone.plateSignature === signature) return;
  phone.plateSignature = signature;
  const codes = LANGUAGES.map(([code]) => code);
  if (person.language_code && !codes.includes(person.language_code)) codes.push(person.language_code);
  const select = h("select", {
    "aria-label": `${t("phoneLanguage")}, ${person.name}`, title: t("phoneLanguage"),
    onchange: ({ target }) => phone.try(api.change(person.id, { language_code: target.value })),
  }, codes.map((code) => h("option", { value: code, selected: code === person.language_code }, NAMES[code] ?? code)));
  phone.plate.replaceChildren(h("header.plate", {},
    avatar(person.id, person.name),
    h("div.plate-words", {},
      h("h2", {}, person.name),
      h("p", {}, person.role && h("span.role", {}, pick(person.role)),
        h(`span.state${blocked ? ".off" : ""}`, {}, t(blocked ? "blockedState" : "online")))),
    select),
    ...[
      person.note && h("p.hint", {}, icon("bulb"), h("span", {}, pick(person.note))),
      deep && !used && h("button.invite", { type: "button", title: person.link, onclick: () => phone.start(deep.code, deep.username) },
        icon("link"), h("span", {}, `${t("invitation")}: `, h("b", {}, person.link.replace(/^https?:\/\//, "")))),
    ].filter(Boolean));
}

function face(chat) {
  return avatar(chat.id, chat.title, chat.id > 0 ? ".bot" : ".group");
}

export function chatHeader(phone) {
  const { chat, person } = phone;
  const bot = chat.id > 0;
  const members = t("members", { n: chat.members.length });
  const elsewhere = [...person.chats.keys()].filter((id) => id !== chat.id).reduce((n, id) => n + phone.unreadIn(id), 0);
  const back = person.chats.size > 1 && h("button.round.back", {
    type: "button", "aria-label": elsewhere ? `${t("back")}, ${t("unread", { n: elsewhere })}` : t("back"), onclick: () => phone.open(undefined),
  }, icon("back"), elsewhere > 0 && h("span.badge", {}, String(elsewhere)));
  const block = bot && chat.started && h("button.quiet", {
    type: "button", onclick: () => phone.block(!chat.blocked),
  }, t(chat.blocked ? "unblock" : "block"));
  return h("header.app-head", {}, back, face(chat),
    h("div.app-words", {}, h("h3.title", {}, chat.title),
      h(`p.subtitle${phone.typing ? ".typing" : ""}`, { "aria-live": "polite" }, phone.typing ?? (bot ? t("bot") : members))),
    block);
}

export function topicTabs(phone) {
  const { chat } = phone;
  const unread = phone.unread.get(chat.id) ?? new Map();
  const tab = (id, name, closed) => h("button.topic", {
    type: "button", role: "tab", "aria-selected": phone.topicId === id ? "true" : "false", onclick: () => phone.open(chat.id, id),
  }, closed && icon("lock"), h("span", {}, name), unread.get(id) > 0 && h("span.badge", {}, String(unread.get(id))));
  const newest = [...chat.topics].sort((a, b) => a.closed - b.closed || b.id - a.id);
  return h("div.topics", { role: "tablist", "aria-label": t("topics") },
    tab(undefined, t("all")), tab(0, t("general")), newest.map((topic) => tab(topic.id, topic.name, topic.closed)));
}

export function chatList(phone) {
  const chats = [...phone.person.chats.values()].sort((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0));
  return h("ul.chats", {}, chats.map((chat) => {
    const unread = phone.unreadIn(chat.id);
    const last = chat.last;
    const said = last ? summary(last) : (chat.description || t("pressStart"));
    const author = last && chat.id < 0 && last.from.id !== phone.id ? `${last.from.first_name}: ` : "";
    return h("li", {}, h("button.chat", { type: "button", onclick: () => phone.open(chat.id) },
      face(chat),
      h("span.chat-words", {},
        h("span.chat-top", {}, h("strong", {}, chat.title), last && h("time", {}, clock(last.date))),
        h("span.chat-last", {}, h("span", {}, author + said), unread > 0 && h("span.badge", {}, String(unread))))));
  }));
}

/** An empty chat with a bot: what it is for, and Start. */
export function welcome(phone) {
  const { chat } = phone;
  return h("div.welcome", {}, face(chat), h("div.welcome-card", {},
    h("strong", {}, t("whatCan")), h("p", {}, chat.description || t("pressStart"))));
}
