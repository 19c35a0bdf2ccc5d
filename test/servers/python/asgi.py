"""An ASGI application: /bytes/SIZE, /echo, and a WebSocket that says what it is told."""

import os


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "websocket":
        await converse(receive, send)
    else:
        await answer(scope, receive, send)


async def answer(scope, receive, send):
    kind, _, rest = scope["path"][1:].partition("/")
    asked = b""
    while True:
        event = await receive()
        asked += event.get("body", b"")
        if not event.get("more_body", False):
            break
    body = os.urandom(int(rest)) if kind == "bytes" else asked
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def converse(receive, send):
    while (event := await receive())["type"] != "websocket.disconnect":
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif event.get("text") is not None:
            await send({"type": "websocket.send", "text": "echo " + event["text"]})
        else:
            await send({"type": "websocket.send", "bytes": event["bytes"]})
