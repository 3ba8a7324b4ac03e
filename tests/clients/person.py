"""A person on the sandbox's control API, and the list of steps that a bot has shown to work."""

import asyncio
import base64
import json
import os
import urllib.error
import urllib.request

URL = os.environ["SANDBOX_URL"]
TOKEN = "100000:SANDBOX"
AIGERIM, NURLAN, DESK = 200001, 100001, -1001000000001

# The smallest picture.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


def ok(step):
    """Says that a step works; run.sh counts these."""
    print(f"ok {step}", flush=True)


def control(method, path, body=None):
    """A call of the control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/sandbox/api{path}", data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


async def act(method, path, body=None):
    """The same, without holding up the bot."""
    return await asyncio.to_thread(control, method, path, body)


async def says(text, person=AIGERIM, chat="bot", **more):
    return await act("POST", f"/people/{person}/chats/{chat}/send", {"text": text, **more})


async def press(button, person=AIGERIM, chat="bot"):
    return await act("POST", f"/people/{person}/chats/{chat}/press", {"button": button})


async def seen(part, person=AIGERIM, chat="bot"):
    """Waits, woken by events, until the person sees a message with this part."""
    while True:
        after = (await act("GET", "/world"))["seq"]
        messages = await act("GET", f"/people/{person}/chats/{chat}/messages")
        for message in reversed(messages):
            if part in (message.get("text") or message.get("caption") or ""):
                return message
        await act("GET", f"/events?after={after}&timeout=10")


async def toast(pressed):
    """Waits for the bot's answer to a button."""
    while True:
        after = (await act("GET", "/world"))["seq"]
        callback = await act("GET", f"/callbacks/{pressed['callback']}")
        if callback["answer"]:
            return callback["answer"]
        await act("GET", f"/events?after={after}&timeout=10")
