// One message as a bubble: what is in it, and what can be done with it.

import { api } from "./api.js";
import { avatar, h, icon } from "./dom.js";
import { formatted, link } from "./entities.js";
import { clock, size, t } from "./words.js";

const fullName = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ");

/** What a service message says; undefined for an ordinary one. */
export function service(m) {
  const name = fullName(m.from);
  if (m.forum_topic_created) return t("sTopic", { title: m.forum_topic_created.name });
  if (m.forum_topic_edited) return t("sTopicEdited", { title: m.forum_topic_edited.name ?? "" });
  if (m.forum_topic_closed) return t("sTopicClosed", { name });
  if (m.forum_topic_reopened) return t("sTopicReopened", { name });
  if (m.pinned_message) return t("sPinned", { name });
  if (m.new_chat_members) return t("sJoined", { name: m.new_chat_members.map(fullName).join(", ") });
  if (m.left_chat_member) return t("sLeft", { name: fullName(m.left_chat_member) });
  if (m.new_chat_title) return t("sTitle", { title: m.new_chat_title });
  if (m.migrate_to_chat_id || m.migrate_from_chat_id) return t("sMigrated");
  return undefined;
}

/** One line for lists, replies and the screen reader. */
export function summary(m) {
  const said = service(m);
  if (said) return said;
  const kinds = [
    ["photo", `🖼 ${t("photo")}`], ["voice", `🎤 ${t("voice")}`], ["sticker", m.sticker?.emoji ?? t("sticker")],
    ["document", `📎 ${m.document?.file_name ?? ""}`], ["video", "🎬"], ["audio", `🎵 ${m.audio?.file_name ?? ""}`],
    ["contact", `👤 ${m.contact?.first_name ?? ""}`], ["location", `📍 ${t("location")}`],
  ];
  const kind = kinds.find(([name]) => m[name])?.[1];
  return [kind, m.text ?? m.caption].filter(Boolean).join(" · ").replace(/\s+/g, " ");
}

function picture(m) {
  const photo = m.photo.at(-1);
  const image = h("img", {
    src: api.file(photo.file_id), alt: m.caption ?? t("photo"), width: photo.width, height: photo.height,
    loading: "lazy", decoding: "async",
  });
  return h("a.photo", { href: api.file(photo.file_id), target: "_blank", rel: "noopener" }, image);
}

function fileRow(file) {
  const tail = (file.file_name ?? "").split(".").pop().slice(0, 4);
  return h("a.file", { href: api.file(file.file_id), download: file.file_name ?? "", title: t("download") },
    h("span.file-icon", {}, tail || icon("file")),
    h("span.file-words", {}, h("strong", {}, file.file_name ?? t("file")), h("small", {}, size(file.file_size))));
}

/** Bars of a voice note: a pattern that belongs to the file, as its loudness is not known. */
function wave(seed) {
  const bars = [];
  let x = [...seed].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 7);
  for (let i = 0; i < 34; i++) {
    x = (x * 1664525 + 1013904223) >>> 0;
    bars.push(h("i", { style: { height: `${20 + Math.round(((x >>> 16) % 80) * Math.sin(Math.PI * (i + 2) / 38))}%` } }));
  }
  return h("span.wave", { "aria-hidden": "true" }, bars);
}

function voice(note) {
  const audio = new Audio();
  audio.preload = "none";
  audio.src = api.file(note.file_id);
  const button = h("button.play", { type: "button", "aria-label": t("play") }, icon("play"));
  const bars = wave(note.file_id);
  const set = (name) => button.replaceChildren(icon(name));
  button.onclick = (event) => {
    event.stopPropagation();
    if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  };
  audio.onplay = () => set("pause");
  audio.onpause = () => set("play");
  audio.ontimeupdate = () => {
    const part = audio.currentTime / (audio.duration || note.duration || 1);
    [...bars.children].forEach((bar, i) => bar.classList.toggle("heard", i / bars.children.length < part));
  };
  const seconds = `0:${String(note.duration ?? 0).padStart(2, "0")}`;
  return h("div.voice", {}, button, h("span.voice-words", {}, bars, h("small", {}, seconds)));
}

function contact({ first_name, last_name, phone_number, user_id }) {
  const name = [first_name, last_name].filter(Boolean).join(" ");
  return h("div.contact", {}, avatar(user_id ?? 0, name),
    h("span", {}, h("strong", {}, name), h("small", {}, phone_number)));
}

function place({ latitude, longitude }) {
  return h("div.place", {}, h("span.map", {}, icon("location")),
    h("small", {}, `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`));
}

function content(m) {
  if (m.photo) return picture(m);
  if (m.voice) return voice(m.voice);
  if (m.sticker) return h("img.sticker", { src: api.file(m.sticker.file_id), alt: m.sticker.emoji ?? "" });
  if (m.video || m.animation) {
    const film = m.video ?? m.animation;
    return h("video.photo", { src: api.file(film.file_id), controls: !!m.video, loop: !m.video, muted: true });
  }
  if (m.audio) return h("audio", { src: api.file(m.audio.file_id), controls: true });
  if (m.document) return fileRow(m.document);
  if (m.contact) return contact(m.contact);
  if (m.location) return place(m.location);
  return null;
}

function quoted(m, act) {
  const answered = m.reply_to_message;
  if (!answered) return null;
  return h("button.quoted", { type: "button", onclick: (e) => { e.stopPropagation(); act.jump(answered.message_id); } },
    h("strong", {}, fullName(answered.from)), h("span", {}, m.quote?.text ?? summary(answered)));
}

function meta(m, out) {
  const parts = [];
  if (m.edit_date) parts.push(t("edited"));
  parts.push(clock(m.date));
  const ticks = out && h("span.ticks", { title: t(m.waiting ? "sent" : "taken"), role: "img", "aria-label": t(m.waiting ? "sent" : "taken") },
    icon(m.waiting ? "check" : "checks"));
  return h("span.meta", {}, parts.join(" "), ticks);
}

/** The buttons under a message; `busy` says which one waits for the bot. */
function inline(m, act) {
  const rows = m.reply_markup?.inline_keyboard;
  if (!rows) return null;
  const button = (b) => {
    if (b.url) {
      const a = link(b.url, act);
      a.className = "inline";
      a.append(b.text, icon("out", { class: "corner" }));
      return a;
    }
    const busy = act.busy(m.message_id, b.callback_data);
    const style = b.style ? `.${b.style}` : "";
    return h(`button.inline${style}${busy ? ".busy" : ""}`, {
      type: "button", "aria-busy": busy ? "true" : undefined,
      onclick: (event) => { event.stopPropagation(); act.press(m, b); },
    }, b.text);
  };
  return h("div.inline-rows", {}, rows.map((row) => h("div.inline-row", {}, row.map(button))));
}

/** Opens the small menu on the message. */
function handle(m, act) {
  const open = (event) => { event.stopPropagation(); act.menu(m, event.currentTarget); };
  return h("button.handle", { type: "button", "aria-label": t("more"), onclick: open }, icon("more"));
}

/**
 * A bubble. `items` has one message, or all of an album; `look` says how it stands in the list:
 * {out, first, last, name, face, topic}.
 */
export function bubble(items, look, act) {
  const m = items[0];
  const words = items.find((item) => item.text || item.caption) ?? m;
  // Telegram's apps hide the code of a link that was tapped.
  const text = (words.text ?? words.caption)?.replace(/^\/start \S+$/, "/start");
  const album = items.length > 1 && h(`div.album.n${Math.min(items.length, 4)}`, {}, items.map(content));
  const body = album || content(m);
  const bare = m.sticker && !text;
  const parts = [
    look.topic && h("button.topic-chip", { type: "button", onclick: (e) => { e.stopPropagation(); act.topic(look.topic.id); } }, look.topic.name),
    look.name && h(`strong.author.tint-${Math.abs(m.from.id) % 7}`, {}, fullName(m.from)),
    m.forward_origin?.sender_user && h("small.forwarded", {}, t("forwarded", { name: fullName(m.forward_origin.sender_user) })),
    quoted(m, act),
    body,
    // The time stands in the last line of the text if there is room.
    text && h("div.text", {}, formatted(text, words.entities ?? words.caption_entities, act), !m.reactions && meta(m, look.out)),
    m.reactions && h("span.reactions", {}, m.reactions.join(" ")),
    (!text || m.reactions) && meta(m, look.out),
  ];
  const classes = ["bubble", bare && "bare", body && !text && m.photo && "media", look.last && "tail"].filter(Boolean);
  const box = h(classes.map((c) => `.${c}`).join("").replace(/^\./, "div."), {
    onclick: () => { if (!window.getSelection()?.toString()) act.reply(m); },
  }, parts);
  const side = look.out ? "out" : "in";
  const face = !look.out && look.face !== undefined && (look.last ? avatar(m.from.id, fullName(m.from), ".face") : h("span.face"));
  return h(`article.row.${side}${look.first ? ".first" : ""}`, { "data-id": m.message_id },
    face, h("div.stack", {}, h("div.line", {}, box, handle(m, act)), inline(m, act)));
}
