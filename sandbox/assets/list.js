// The messages of an open chat: which are shown, how they group, and scrolling. Unchanged bubbles are kept.

import { h, icon, reconcile } from "./dom.js";
import { bubble, service } from "./message.js";
import { day, language, t } from "./words.js";

const STEP = 80;
const GROUP_SECONDS = 600;

/** Messages of an album stand together. */
function blocks(messages) {
  const found = [];
  for (const m of messages) {
    const before = found.at(-1);
    if (m.media_group_id && before?.[0].media_group_id === m.media_group_id) before.push(m);
    else found.push([m]);
  }
  return found;
}

const same = (a, b) =>
  a && b && a[0].from.id === b[0].from.id && Math.abs(b[0].date - a.at(-1).date) < GROUP_SECONDS &&
  !service(a[0]) && !service(b[0]) && a[0].message_thread_id === b[0].message_thread_id;

export class MessageList {
  constructor(act) {
    this.act = act;
    this.cache = new Map();
    this.shown = STEP;
    this.box = h("div.messages", { role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    this.scroll = h("div.scroll", { tabIndex: 0, onscroll: () => this.onScroll() }, this.box);
    this.down = h("button.to-bottom", { type: "button", hidden: true, onclick: () => this.toBottom(true) }, icon("down"));
    this.element = h("div.list", {}, this.scroll, this.down);
    this.atBottom = true;
    this.top = 0;
    // Pictures arrive late and make the list longer: whoever was at its end stays there.
    new ResizeObserver(() => this.atBottom && this.toBottom(false)).observe(this.box);
  }

  /** Another chat or topic is open: start at its end. */
  reset() {
    this.cache.clear();
    this.shown = STEP;
    this.atBottom = true;
  }

  onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    const near = scrollHeight - scrollTop - clientHeight < 60;
    // Growing moves the end away without anybody scrolling up.
    if (near || scrollTop < this.top) this.atBottom = near;
    this.top = scrollTop;
    this.down.hidden = this.atBottom;
  }

  toBottom(smooth) {
    this.scroll.scrollTo({ top: this.scroll.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.atBottom = true;
    this.down.hidden = true;
  }

  jump(id) {
    const row = this.box.querySelector(`[data-id="${id}"]`);
    if (!row) return;
    row.scrollIntoView({ block: "center", behavior: "smooth" });
    row.classList.add("flash");
    setTimeout(() => row.classList.remove("flash"), 1200);
  }

  earlier() {
    const height = this.scroll.scrollHeight;
    this.shown += STEP;
    const top = this.scroll.scrollTop;
    // The drawing is planned for the next frame; right after it, what was read is moved back under the eyes.
    this.act.earlier(this.shown).then(() => requestAnimationFrame(() => {
      this.scroll.scrollTop = top + this.scroll.scrollHeight - height;
    }));
  }

  /** Shows the last of these messages. `context`: {me, group, complete, topics, allTopics}. */
  render(messages, context) {
    this.down.setAttribute("aria-label", t("toBottom"));
    const window = messages.slice(-this.shown);
    const rows = [];
    if (window.length < messages.length || !context.complete) {
      rows.push(this.row("earlier", language(), () =>
        h("button.earlier", { type: "button", onclick: () => this.earlier() }, t("earlier"))));
    }
    let lastDay;
    const all = blocks(window);
    all.forEach((items, i) => {
      const m = items[0];
      const today = day(m.date);
      if (today !== lastDay) {
        lastDay = today;
        rows.push(this.row(`day ${today}`, "", () => h("div.service", {}, today)));
      }
      const said = service(m);
      if (said) {
        rows.push(this.row(m.message_id, `${said}`, () => h("div.service", { "data-id": m.message_id }, said)));
        return;
      }
      const out = m.from.id === context.me;
      const look = {
        out, first: !same(all[i - 1], items), last: !same(items, all[i + 1]),
        face: context.group ? true : undefined,
      };
      look.name = context.group && !out && look.first;
      look.topic = context.allTopics && look.first ? context.topics.get(m.message_thread_id) : undefined;
      const state = items.map((item) => `${item.seq}${item.waiting ? "w" : ""}`).join();
      const busy = (m.reply_markup?.inline_keyboard ?? []).flat().map((b) => this.act.busy(m.message_id, b.callback_data) ? 1 : 0).join("");
      const signature = [state, look.first, look.last, look.topic?.name, busy, language()].join("|");
      rows.push(this.row(m.message_id, signature, () => bubble(items, look, this.act)));
    });
    if (!messages.length && context.complete) {
      rows.push(this.row("none", language(), () => h("div.service", {}, t("noMessages"))));
    }
    for (const key of this.cache.keys()) if (!this.used.has(key)) this.cache.delete(key);
    this.used = undefined;
    reconcile(this.box, rows);
    if (this.atBottom) this.toBottom(false);
    else this.down.hidden = false;
  }

  /** The element made last time, unless something about it changed. */
  row(key, signature, make) {
    this.used ??= new Set();
    this.used.add(key);
    const known = this.cache.get(key);
    if (known?.signature === signature) return known.element;
    const element = make();
    // Only what is new moves in; what changed stays put.
    if (!known) element.classList.add("appear");
    this.cache.set(key, { signature, element });
    return element;
  }
}
