"""A transport that runs an ASGI application in the calling thread, without a socket."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import httpx
from starlette.types import ASGIApp, Scope

CRASH = (
    500,
    [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")],
    b"Internal Server Error",
)


class InProcessTransport(httpx.BaseTransport):
    """Answers an httpx client from `app`, as a server would: paths, queries and header values as they were sent.

    Synchronous and thread-safe; `root` is the application's root path. An exception becomes a 500, or a lost
    connection when the answer had begun. The read timeout bounds the whole answer.
    """

    def __init__(self, app: ASGIApp, root: str = "") -> None:
        self._app = app
        self._root = root
        self._loops = _Loops()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        exchange = Call(self._app, self._scope(request), request.read())
        timeout = request.extensions.get("timeout", {}).get("read")
        try:
            self._loops.run(exchange.run(timeout))
            status, headers, body = exchange.result()
        except httpx.TransportError as problem:
            problem.request = request
            raise
        return httpx.Response(
            status,
            headers=headers,
            stream=httpx.ByteStream(body),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": _phrase(status)},
        )

    def close(self) -> None:
        """Close the event loops."""
        self._loops.close()

    def _scope(self, request: httpx.Request) -> Scope:
        url = request.url
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "root_path": self._root,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("127.0.0.1", 50000),
            "server": (url.host, url.port or (443 if url.scheme == "https" else 80)),
        }


class Call:
    """One request and what the application sends in answer to it."""

    def __init__(self, app: ASGIApp, scope: Scope, body: bytes) -> None:
        self._app = app
        self._scope = scope
        self._body: bytes | None = body
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._complete = asyncio.Event()

    async def run(self, timeout: float | None) -> None:
        """Let the application answer; `timeout` is in seconds."""
        try:
            async with asyncio.timeout(timeout) as limit:
                await self._app(self._scope, self._receive, self._send)
        except Exception:  # noqa: BLE001 — whatever the application raises, a server survives it
            if limit.expired() and not self._complete.is_set():
                raise httpx.ReadTimeout("timed out") from None

    async def _receive(self) -> MutableMapping[str, Any]:
        if self._body is None:
            await self._complete.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
        elif message["type"] == "http.response.body" and self._scope["method"] != "HEAD":
            self._parts.append(bytes(message.get("body", b"")))
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._complete.set()

    def result(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers and body; raises RemoteProtocolError for an answer that a server would have cut off."""
        if not self._status:
            return CRASH
        body = b"".join(self._parts)
        if not self._complete.is_set() or not self._length_fits(len(body)):
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        return self._status, self._headers, body

    def _length_fits(self, length: int) -> bool:
        if self._scope["method"] == "HEAD" or self._status in (204, 304):
            return True
        declared = [value for name, value in self._headers if name.lower() == b"content-length"]
        return all(value == str(length).encode() for value in declared)


class _Loops:
    """Event loops for any number of threads: a call borrows an idle one and gives it back."""

    def __init__(self) -> None:
        self._idle: list[asyncio.AbstractEventLoop] = []
        self._lock = threading.Lock()
        self._finalizer = weakref.finalize(self, _close, self._idle)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` to its end, in this thread unless it is busy with a loop of its own."""
        if _inside_loop():
            with ThreadPoolExecutor(1) as helper:
                helper.submit(self._run, work).result()
        else:
            self._run(work)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        with self._lock:
            loop = self._idle.pop() if self._idle else asyncio.new_event_loop()
        try:
            loop.run_until_complete(work)
        finally:
            with self._lock:
                self._idle.append(loop)

    def close(self) -> None:
        with self._lock:
            _close(self._idle)


def _inside_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _close(loops: list[asyncio.AbstractEventLoop]) -> None:
    while loops:
        loop = loops.pop()
        leftover = asyncio.all_tasks(loop)
        for task in leftover:
            task.cancel()
        if leftover:
            loop.run_until_complete(asyncio.gather(*leftover, return_exceptions=True))
        loop.close()


def _phrase(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b""
