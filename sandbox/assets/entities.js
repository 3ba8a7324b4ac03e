// Telegram's formatting: text with entities into elements.

import { h } from "./dom.js";

const BLOCKS = ["pre", "blockquote", "expandable_blockquote"];

const WRAP = {
  bold: () => h("strong"),
  italic: () => h("em"),
  underline: () => h("u"),
  strikethrough: () => h("s"),
  code: () => h("code"),
  blockquote: () => h("blockquote"),
  hashtag: () => h("span.link"),
  mention: () => h("span.link"),
  text_mention: () => h("span.link"),
  phone_number: () => h("span.link"),
  email: () => h("span.link"),
  spoiler: () => {
    const span = h("span.spoiler", { tabIndex: 0, role: "button", onclick: reveal, onkeydown: reveal });
    return span;
  },
  expandable_blockquote: () =>
    h("blockquote.folded", { tabIndex: 0, role: "button", onclick: unfold, onkeydown: unfold }),
};

function reveal(event) {
  if (event.type === "keydown" && event.key !== "Enter") return;
  event.stopPropagation();
  event.currentTarget.classList.add("shown");
}

function unfold(event) {
  if (event.type === "keydown" && event.key !== "Enter") return;
  event.stopPropagation();
  event.currentTarget.classList.toggle("folded");
}

/** `https://t.me/<bot>?start=CODE` → {username, code} */
export function deepLink(url) {
  const found = /^(?:https?:\/\/)?t\.me\/(\w+)\?start=([\w-]*)$/.exec(url ?? "");
  return found && { username: found[1], code: found[2] };
}

/** A link: a deep link acts inside the phone, anything else opens in a tab of its own. */
export function link(url, act) {
  const deep = deepLink(url);
  if (deep && act.start) {
    return h("button.link", { type: "button", onclick: (e) => { e.stopPropagation(); act.start(deep); } });
  }
  const full = /^[a-z]+:/i.test(url) ? url : `http://${url}`;
  const safe = /^(https?|mailto|tel):/i.test(full);
  return h("a.link", {
    href: safe ? full : undefined, target: "_blank", rel: "noopener noreferrer", onclick: (e) => e.stopPropagation(),
  });
}

function wrapper(entity, text, act) {
  switch (entity.type) {
    case "pre":
      return h("pre", entity.language ? { "data-language": entity.language } : {});
    case "url":
      return link(text, act);
    case "text_link":
      return link(entity.url, act);
    case "bot_command":
      return h("button.link", { type: "button", onclick: (e) => { e.stopPropagation(); act.command?.(text); } });
    default:
      return (WRAP[entity.type] ?? (() => h("span")))();
  }
}

/** The text as nodes. Offsets are UTF-16 units, which is what JavaScript counts in. */
export function formatted(text = "", entities = [], act = {}) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const build = (from, to, list) => {
    const nodes = [];
    let at = from;
    // A block ends its line itself: the line break after it would be an empty line.
    const after = (end, entity) => (BLOCKS.includes(entity.type) && text[end] === "\n" ? end + 1 : end);
    while (list.length) {
      const [entity, ...rest] = list;
      const end = Math.min(entity.offset + entity.length, to);
      if (entity.offset < at) {
        list = rest;
        continue;
      }
      if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
      const inside = rest.filter((e) => e.offset < end);
      const element = wrapper(entity, text.slice(entity.offset, end), act);
      element.append(...build(entity.offset, end, inside));
      nodes.push(element);
      at = after(end, entity);
      list = rest.filter((e) => e.offset >= end);
    }
    if (at < to) nodes.push(text.slice(at, to));
    return nodes;
  };
  return build(0, text.length, sorted);
}
