// What pages gain from JavaScript: they stay live, and hands stay on the keyboard. Everything works without it.
(() => {
  "use strict";
  const one = (query, from = document) => from.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const csrf = document.body.dataset.csrf;

  // Live: a server-sent «changed» makes htmx fetch the part that changes. Hidden tabs let go of their connection.
  const live = one("[data-live]");
  let source = null;
  const listen = () => {
    if (!live || source || document.hidden) return;
    source = new EventSource(live.dataset.live);
    source.addEventListener("changed", () => htmx.trigger(live, "changed"));
    source.addEventListener("ready", () => document.body.classList.add("live"));
    source.onerror = () => document.body.classList.remove("live");
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      if (source) source.close();
      source = null;
    } else if (live) {
      htmx.trigger(live, "changed");
      listen();
    }
  });
  listen();

  // A list that is fetched anew keeps what was ticked and where the hand was; open details and a half-written reason stay.
  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (one("details[open] textarea", part) && one("details[open] textarea", part).value) event.detail.shouldSwap = false;
    kept = { ticked: all("input:checked", part).map((box) => box.value), at: at && at.dataset.number };
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!kept) return;
    for (const box of all("input[type=checkbox]", event.detail.target)) box.checked = kept.ticked.includes(box.value) && !box.disabled;
    if (kept.at) move(one(`[data-number="${CSS.escape(kept.at)}"]`), false);
  });

  // Who is writing: others see it while keys are pressed.
  const form = one("[data-writing]");
  let told = 0;
  if (form) {
    const text = one("textarea", form);
    text.addEventListener("input", () => {
      if (Date.now() - told < 10000 || !text.value.trim()) return;
      told = Date.now();
      fetch(form.dataset.writing, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams({ csrf }) });
    });
    // A draft survives a closed tab until it is sent.
    const key = "draft:" + location.pathname;
    if (!text.value) text.value = sessionStorage.getItem(key) || "";
    text.addEventListener("input", () => sessionStorage.setItem(key, text.value));
    form.addEventListener("submit", () => sessionStorage.removeItem(key));
  }

  // Keyboard: j and k move, Enter opens, x ticks, t takes, r answers, s solves, / searches, ? explains.
  let at = null;
  const move = (to, scroll = true) => {
    if (!to) return;
    if (at) at.classList.remove("at");
    at = to;
    at.classList.add("at");
    const link = one("a.what", at);
    if (scroll && link) link.focus();
  };
  const step = (by) => {
    const rows = all(".tickets > li");
    if (!rows.length) return;
    const index = at ? rows.findIndex((row) => row.dataset.number === at.dataset.number) : by > 0 ? -1 : rows.length;
    move(rows[Math.min(Math.max(index + by, 0), rows.length - 1)]);
  };
  // Where a ticket is answered or solved; in a list, on the page of the one that the hand is at.
  const reach = (key) => {
    const link = at && one("a.what", at);
    const here = one(`[data-key=${key}]`);
    if (here) {
      here.focus();
      here.scrollIntoView({ block: "center" });
    } else if (link) location.assign(`${link.href}#do-${key}`);
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    x: () => { const box = at && one("input", at); if (box && !box.disabled) box.checked = !box.checked; },
    t: () => {
      const box = at && one("input", at);
      if (box && !box.disabled && !all(".tickets input:checked").length) box.checked = true;
      const button = one("button[data-key=t]");
      if (button && (!one("#bulk") || all(".tickets input:checked").length)) button.click();
    },
    r: () => reach("r"),
    s: () => reach("s"),
    "/": () => { const find = one("#find"); if (find) find.focus(); },
    "?": () => { const help = one(".keys"); if (help) { help.classList.toggle("shown"); help.scrollIntoView({ block: "nearest" }); } },
  };
  const wanted = /^#do-([rs])$/.exec(location.hash);
  if (wanted) reach(wanted[1]);
  // The letter that is written on the key, or, where the layout has others (Kazakh, Russian), the one that stands at its place.
  const pressed = (event) => {
    if (Object.hasOwn(keys, event.key)) return event.key;
    if (/^Key[A-Z]$/.test(event.code) && !/^[a-z]$/i.test(event.key) && !event.shiftKey) return event.code.slice(3).toLowerCase();
    if (event.code === "Slash" && /^[.,№]$/.test(event.key)) return event.shiftKey ? "?" : "/";
    return "";
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = pressed(event);
    if (Object.hasOwn(keys, key)) {
      event.preventDefault();
      keys[key]();
    }
  });
  // On paper nothing can be opened: the tables of charts are printed open, and closed again.
  addEventListener("beforeprint", () => { for (const table of all("details[data-print]:not([open])")) { table.open = true; table.dataset.printed = ""; } });
  addEventListener("afterprint", () => { for (const table of all("details[data-printed]")) { table.open = false; delete table.dataset.printed; } });
  // On a telephone the menu is wider than the screen: where we are is in sight.
  for (const bar of all("nav.main, nav.views")) {
    const here = one("[aria-current=page]", bar);
    if (here) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.clientWidth) / 2;
  }
  // A menu closes when the hand goes elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
})();
