// The lower end of a phone: writing, attaching, commands, the reply keyboard; or Start, or Unblock.

import { h, icon } from "./dom.js";
import { summary } from "./message.js";
import { t } from "./words.js";

const PLACE = { latitude: 43.238949, longitude: 76.889709 };

export class Composer {
  /** `phone` does the acting; this only gathers what to do. */
  constructor(phone) {
    this.phone = phone;
    this.keyboardOpen = true;
    this.input = h("textarea", { rows: 1, oninput: () => this.grow(), onkeydown: (e) => this.onKey(e) });
    this.sendButton = h("button.round.send", { type: "button", onclick: () => this.submit() }, icon("send"));
    this.menuButton = h("button.menu-button", { type: "button", onclick: () => this.toggle("commands") });
    this.attachButton = h("button.round", { type: "button", onclick: () => this.toggle("attach") }, icon("attach"));
    this.keysButton = h("button.round", { type: "button", onclick: () => this.toggleKeyboard() }, icon("keyboard"));
    this.photoInput = this.picker("photo", "image/*");
    this.fileInput = this.picker("document", "");
    this.context = h("div.context", { hidden: true });
    this.popup = h("div.popup", { hidden: true });
    this.keyboard = h("div.keyboard", { hidden: true });
    this.line = h("div.compose", {}, this.menuButton, this.attachButton, this.input, this.keysButton, this.sendButton);
    this.big = h("button.big", { type: "button", hidden: true });
    this.note = h("p.closed", { hidden: true });
    this.element = h("footer.composer", {},
      this.popup, this.context, this.line, this.big, this.note, this.keyboard, this.photoInput, this.fileInput);
  }

  picker(kind, accept) {
    const onchange = ({ target }) => {
      if (target.files.length) this.phone.sendFiles(kind, [...target.files]);
      target.value = "";
    };
    return h("input", { type: "file", accept, multiple: true, hidden: true, onchange });
  }

  toggle(what) {
    const open = this.opened === what;
    this.opened = open ? undefined : what;
    this.renderPopup();
    if (!open) this.popup.querySelector("button")?.focus();
  }

  close() {
    this.opened = undefined;
    this.renderPopup();
  }

  toggleKeyboard() {
    this.keyboardOpen = !this.keyboardOpen;
    this.renderKeyboard();
    this.phone.list.toBottom(false);
  }

  grow() {
    this.input.style.setProperty("height", "auto");
    this.input.style.setProperty("height", `${Math.min(this.input.scrollHeight, 120)}px`);
    this.sendButton.classList.toggle("ready", this.input.value.trim() !== "");
  }

  onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.close();
      this.phone.cancelContext();
    } else if (event.key === "ArrowUp" && this.input.value === "") {
      this.phone.editLast();
    }
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.setText("");
    this.phone.sendText(text);
  }

  setText(text) {
    this.input.value = text;
    this.grow();
  }

  focus() {
    this.input.focus();
  }

  renderPopup() {
    const { chat } = this.phone;
    const item = (name, label, act) =>
      h("button.popup-item", { type: "button", onclick: () => { this.close(); act(); } }, icon(name), label);
    let items = [];
    if (this.opened === "attach") {
      items = [
        item("photo", t("photo"), () => this.photoInput.click()),
        item("file", t("file"), () => this.fileInput.click()),
        item("contact", t("contact"), () => this.phone.shareContact()),
        item("location", t("location"), () => this.phone.send(PLACE)),
        item("voice", t("voice"), () => this.phone.send({ kind: "voice" })),
      ];
    } else if (this.opened === "commands") {
      items = (chat?.commands ?? []).map(({ command, description }) =>
        h("button.popup-item.command", { type: "button", onclick: () => { this.close(); this.phone.sendText(`/${command}`); } },
          h("strong", {}, `/${command}`), h("span", {}, description)));
    }
    this.popup.replaceChildren(...items);
    this.popup.hidden = items.length === 0;
    this.attachButton.setAttribute("aria-expanded", this.opened === "attach");
    this.menuButton.setAttribute("aria-expanded", this.opened === "commands");
  }

  renderContext() {
    const { editing, replyTo } = this.phone;
    const about = editing ?? replyTo;
    this.context.hidden = !about;
    if (!about) return;
    const title = editing ? t("editing") : `${t("replyTo")} ${about.from.first_name}`;
    this.context.replaceChildren(
      icon(editing ? "edit" : "reply"),
      h("span.context-words", {}, h("strong", {}, title), h("span", {}, summary(about))),
      h("button.round", { type: "button", "aria-label": t("cancel"), onclick: () => this.phone.cancelContext() }, icon("close")));
  }

  renderKeyboard() {
    const rows = this.phone.chat?.keyboard?.keyboard;
    const usable = rows && !this.line.hidden;
    this.keysButton.hidden = !usable;
    this.keysButton.setAttribute("aria-expanded", usable && this.keyboardOpen);
    this.keyboard.hidden = !usable || !this.keyboardOpen;
    if (!usable) return;
    const press = (button) => {
      if (this.phone.chat.keyboard.one_time_keyboard) this.keyboardOpen = false;
      if (button.request_contact) this.phone.shareContact();
      else if (button.request_location) this.phone.send(PLACE);
      else this.phone.sendText(button.text);
    };
    this.keyboard.replaceChildren(...rows.map((row) => h("div.key-row", {}, row.map((button) =>
      h("button.key", { type: "button", onclick: () => press(button) }, button.text)))));
  }

  /** Shows what this chat needs: Start, Unblock, a note, or the composer. */
  render() {
    const { chat, person, topic } = this.phone;
    this.element.hidden = !chat;
    if (!chat) return;
    const bot = chat.id > 0;
    const closed = topic?.closed && !["creator", "administrator"].includes(chat.status);
    const fresh = bot && !chat.started && !chat.blocked;
    this.big.hidden = !(chat.blocked || fresh);
    this.big.textContent = chat.blocked ? t("unblock") : t("start");
    this.big.onclick = () => (chat.blocked ? this.phone.block(false) : this.phone.start(""));
    this.note.hidden = !closed;
    this.note.textContent = t("topicClosed");
    this.line.hidden = chat.blocked || fresh || closed;
    const keyboard = chat.keyboard;
    this.input.placeholder = keyboard?.input_field_placeholder ?? t("message");
    this.input.setAttribute("aria-label", `${t("message")}, ${person.name}`);
    this.menuButton.hidden = !chat.commands?.length;
    this.menuButton.textContent = bot ? t("menu") : "/";
    const names = [[this.sendButton, "sendIt"], [this.attachButton, "attach"], [this.keysButton, "keyboard"], [this.menuButton, "menu"]];
    names.forEach(([button, name]) => button.setAttribute("aria-label", t(name)));
    // A new reply keyboard comes up by itself.
    const shown = JSON.stringify(keyboard);
    if (shown !== this.lastKeyboard) this.keyboardOpen = true;
    this.lastKeyboard = shown;
    this.renderKeyboard();
    this.renderContext();
    this.renderPopup();
  }
}
