// The control API: everything that a person does on this page.

const ROOT = "/sandbox/api";

async function call(method, path, body) {
  const form = body instanceof FormData;
  const response = await fetch(ROOT + path, {
    method,
    body: body === undefined ? undefined : form ? body : JSON.stringify(body),
    headers: body === undefined || form ? {} : { "content-type": "application/json" },
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

const chat = (person, id) => `/people/${person}/chats/${id}`;

export const api = {
  world: () => call("GET", "/world"),
  chat: (person, id) => call("GET", chat(person, id)),
  messages: (person, id, before) =>
    call("GET", `${chat(person, id)}/messages?limit=80${before ? `&before=${before}` : ""}`),
  send: (person, id, body) => call("POST", `${chat(person, id)}/send`, body),
  start: (person, id, code) => call("POST", `${chat(person, id)}/start`, { code }),
  press: (person, id, message_id, data) => call("POST", `${chat(person, id)}/press`, { message_id, data }),
  edit: (person, id, message, text) => call("PATCH", `${chat(person, id)}/messages/${message}`, { text }),
  remove: (person, id, message) => call("DELETE", `${chat(person, id)}/messages/${message}`),
  block: (person, bot, blocked) => call("POST", `/people/${person}/block`, { bot, blocked }),
  change: (person, fields) => call("PATCH", `/people/${person}`, fields),
  file: (id) => `${ROOT}/files/${encodeURIComponent(id)}`,
  events: (after) => new EventSource(`${ROOT}/events?after=${after}`),
};
