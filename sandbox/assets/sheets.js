// What comes up over a phone's screen: notices, dialogs, the menu of a message.

import { api } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./words.js";

export function toast(overlay, text) {
  const note = h("div.toast", { role: "status" }, text);
  overlay.append(note);
  setTimeout(() => note.classList.add("gone"), 3200);
  setTimeout(() => note.remove(), 3600);
}

function dialog(overlay, title, text, buttons) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const finish = (value) => {
      shade.remove();
      before?.focus?.();
      resolve(value);
    };
    const shade = h("div.shade", {
      onclick: (e) => { if (e.target === shade) finish(false); },
      onkeydown: (e) => { if (e.key === "Escape") finish(false); },
    }, h("div.dialog", { role: "alertdialog", "aria-modal": "true", "aria-label": title || text },
      title && h("strong", {}, title), text && h("p", {}, text),
      h("div.dialog-buttons", {}, buttons.map(([label, value]) =>
        h("button", { type: "button", onclick: () => finish(value) }, label)))));
    overlay.append(shade);
    shade.querySelector(".dialog-buttons button:last-child").focus();
  });
}

export const alertBox = (overlay, text) => dialog(overlay, "", text, [[t("ok"), true]]);

export const confirmBox = (overlay, title, text) =>
  dialog(overlay, title, text, [[t("cancel"), false], [t("sendIt"), true]]);

export function messageMenu(phone, m, anchor) {
  const own = m.from.id === phone.id;
  const text = m.text ?? m.caption;
  const item = (name, label, act) =>
    h("button.popup-item", { type: "button", role: "menuitem", onclick: () => { close(); act(); } }, icon(name), label);
  const items = [
    item("reply", t("reply"), () => phone.reply(m)),
    own && text && item("edit", t("edit"), () => phone.edit(m)),
    text && item("file", t("copy"), () => navigator.clipboard?.writeText(text).catch(() => {})),
    (own || phone.chat.id > 0) && item("close", t("remove"), () => phone.try(api.remove(phone.id, phone.chatId, m.message_id))),
  ];
  const box = phone.screen.getBoundingClientRect();
  const at = anchor.getBoundingClientRect();
  const menu = h("div.menu", { role: "menu" }, items);
  const shade = h("div.shade.clear", {
    onclick: () => close(),
    onkeydown: (e) => { if (e.key === "Escape") close(); },
  }, menu);
  function close() {
    shade.remove();
    anchor.focus();
  }
  phone.overlay.append(shade);
  // Beside its message, but always on the screen.
  const left = Math.min(Math.max(8, at.left - box.left - 90), box.width - menu.offsetWidth - 8);
  const top = Math.min(at.bottom - box.top + 4, box.height - menu.offsetHeight - 8);
  menu.style.setProperty("left", `${left}px`);
  menu.style.setProperty("top", `${top}px`);
  menu.querySelector("button").focus();
}
