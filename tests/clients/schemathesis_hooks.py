"""A well-formed Idempotency-Key stands for one request; schemathesis would use the same one for different requests."""

import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    for name in list(headers):
        value = headers[name]
        if name.lower() == "idempotency-key" and isinstance(value, str) and 0 < len(value) <= 255:
            headers[name] = str(uuid.uuid4())
