// The page: phones side by side, fed by one stream of events.

import { h, icon } from "./dom.js";
import { Phone } from "./phone.js";
import { follow, keyOf, listen, load, store } from "./store.js";
import { LANGUAGES, language, pick, setLanguage, t } from "./words.js";

const $ = (id) => document.getElementById(id);
const phones = new Map();
let online = false;
let shown;

function build() {
  phones.clear();
  store.people.forEach((person) => phones.set(person.id, new Phone(person.id, () => tabs())));
  const list = [...phones.values()].map((phone) => phone.element);
  $("phones").replaceChildren(...(list.length ? list : [h("p.empty", {}, t("empty"))]));
  if (!phones.has(shown)) shown = phones.keys().next().value;
  words();
}

/** On a narrow screen one phone at a time is shown; these tabs choose it. */
function tabs() {
  const tab = (person) => h("button.tab", {
    type: "button", role: "tab", "aria-controls": `phone-${person.id}`, "aria-selected": person.id === shown ? "true" : "false",
    onclick: () => { shown = person.id; tabs(); },
  }, person.name, unreadOf(person.id) > 0 && h("span.badge", {}, String(unreadOf(person.id))));
  $("tabs").setAttribute("role", "tablist");
  $("tabs").setAttribute("aria-label", t("people"));
  $("tabs").replaceChildren(...[...store.people.values()].map(tab));
  phones.forEach((phone, id) => phone.element.classList.toggle("shown", id === shown));
}

function unreadOf(id) {
  const phone = phones.get(id);
  return phone ? [...phone.unread.keys()].reduce((sum, chat) => sum + phone.unreadIn(chat), 0) : 0;
}

/** Open until it is closed; on a narrow screen the other way round. */
const triesOpen = () =>
  (localStorage.getItem("tries") ?? (matchMedia("(max-width: 760px)").matches ? "closed" : "open")) === "open";

function tries() {
  const steps = store.page.tries ?? [];
  const open = triesOpen();
  $("tries").hidden = !open || steps.length === 0;
  $("tries-toggle").hidden = steps.length === 0;
  $("tries-toggle").setAttribute("aria-expanded", open ? "true" : "false");
  $("tries-toggle").replaceChildren(icon("bulb"), t("tries"));
  $("tries").replaceChildren(h("ol", {}, steps.map((step) => h("li", {}, pick(step)))));
}

function words() {
  document.documentElement.lang = language();
  $("intro").textContent = pick(store.page.intro) || t("intro");
  $("live").textContent = t(online ? "live" : "offline");
  $("live").classList.toggle("on", online);
  $("languages").setAttribute("aria-label", t("pageLanguage"));
  $("languages").replaceChildren(...LANGUAGES.map(([code, name]) => h("button", {
    type: "button", lang: code, "aria-pressed": code === language() ? "true" : "false",
    onclick: () => { setLanguage(code); words(); },
  }, name)));
  tries();
  tabs();
  phones.forEach((phone) => phone.render());
}

matchMedia("(max-width: 760px)").addEventListener("change", tries);

$("tries-toggle").onclick = () => {
  localStorage.setItem("tries", triesOpen() ? "closed" : "open");
  tries();
};

listen((change) => {
  switch (change.kind) {
    case "world":
      return build();
    case "people":
      return words();
    case "message":
      if (change.fresh) {
        phones.get(change.person)?.arrived(change.message);
        tabs();
      }
      return phones.get(change.person)?.render();
    case "chat":
      return phones.get(change.person)?.render();
    case "messages":
      return phones.forEach((phone) => {
        if (keyOf(phone.id, phone.chatId ?? 0) === change.key) phone.render();
      });
    case "answered":
      return phones.get(change.person)?.answered(change);
    case "action":
      if (phones.get(change.person)?.chatId === change.chat) phones.get(change.person).acting(change.action);
      return undefined;
    default:
      return undefined;
  }
});

await load();
follow((state) => {
  online = state;
  $("live").textContent = t(online ? "live" : "offline");
  $("live").classList.toggle("on", online);
});
