// Making elements without HTML strings: nothing that a bot sends is ever parsed as markup.

/** h("button.pill", {type: "button", onclick}, "text", child…) */
export function h(what, props = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  element.classList.add(...classes);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
    else if (name in element && !name.startsWith("aria") && name !== "role" && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  back: "M15 5l-7 7 7 7",
  send: "M4 12l16-8-5 16-3.5-6.5z M11.5 13.5L20 4",
  attach: "M19 11.5l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.3 4.3l-7.9 7.8a1.5 1.5 0 0 1-2.1-2.1l7-7",
  more: "M12 6v.01 M12 12v.01 M12 18v.01",
  photo: "M4 6h16v12H4z M4 15l4.5-4.5 4 4 2.5-2.5 5 5 M15.5 9.5v.01",
  file: "M7 3h7l4 4v14H7z M14 3v4h4",
  contact: "M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z M5 20c.6-3.6 3.4-5.5 7-5.5s6.400 1.900 7 5.500",
  location: "M12 21s7-6.300 7-11.500a7 7 0 0 0-14 0C5 14.700 12 21 12 21z M12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  voice: "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3z M6 11.500a6 6 0 0 0 12 0 M12 17.500V21",
  keyboard: "M3 7h18v10H3z M7 10v.01 M11 10v.01 M15 10v.01 M7 14h10",
  close: "M6 6l12 12 M18 6L6 18",
  reply: "M10 6L4 12l6 6 M4 12h9c4 0 6.500 2 7 6",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  down: "M5 9l7 7 7-7",
  lock: "M7 11h10v9H7z M9 11V8a3 3 0 0 1 6 0v3",
  check: "M3 13l4 4L17 7",
  checks: "M1.500 13l4 4L15 7 M10 16l1 1L21.500 7",
  play: "M8 5.500v13l11-6.500z",
  pause: "M8 5v14 M16 5v14",
  pin: "M9 4h6l-1 6 3 3H7l3-3z M12 13v7",
  link: "M9 15l6-6 M10 7h-.5a4.500 4.500 0 0 0 0 9H11 M13 8h1.500a4.500 4.500 0 0 1 0 9H13",
  out: "M8 16L17 7 M9 7h8v8",
  bulb: "M9 18h6 M10 21h4 M12 3a6 6 0 0 0-3.500 10.900V16h7v-2.100A6 6 0 0 0 12 3z",
};

/** A line icon of the page's own set. */
export function icon(name, props = {}) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon ${props.class ?? ""}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A round picture with initials; the colour belongs to the id. */
export function avatar(id, name, extra = "") {
  const words = (name || "?").trim().split(/\s+/);
  const initials = [...words[0]][0] + (words.length > 1 ? [...words[words.length - 1]][0] : "");
  return h(`span.avatar.tint-${Math.abs(id) % 7}${extra}`, { "aria-hidden": "true" }, initials.toUpperCase());
}

/** Keeps a live list of children in step with the wanted ones, touching only what differs. */
export function reconcile(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}
