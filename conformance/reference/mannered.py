"""A small HTTP/1 server for an ASGI application that writes its answers with given manners."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote

import h11
import httpx
from starlette.types import ASGIApp, Scope

from conformance.reference.dated import Dated
from conformance.reference.inprocess import Call
from conformance.reference.manners import Answer, Manners
from conformance.reference.server import base_url_of, listen

FIRST_REQUEST = 5.0
BREATH = 16
LARGEST = 16 * 1024 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@contextmanager
def mannered(app: ASGIApp, manners: Manners, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve `app` from a thread and yield its base URL; raises UsageProblem when the address cannot be used."""
    listener = listen(host, port)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    work = _serve(listener, _Server(Dated(app), manners), stop)
    thread = threading.Thread(target=loop.run_until_complete, args=(work,), name="odd-server", daemon=True)
    thread.start()
    try:
        yield base_url_of(host, listener)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def _serve(listener: socket.socket, server: _Server, stop: asyncio.Event) -> None:
    listening = await asyncio.start_server(server.connected, sock=listener)
    await stop.wait()
    listening.close()
    for task in server.tasks:
        task.cancel()
    await asyncio.gather(*server.tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Incoming:
    """One request, read to its end."""

    head: h11.Request
    body: bytes

    @property
    def wants_more(self) -> bool:
        """Whether the client leaves the connection open for another request."""
        tokens = [value.lower() for name, value in self.head.headers if name == b"connection"]
        return self.head.http_version == b"1.1" and b"close" not in tokens


class _Server:
    """Answers connections, one request after the other on each."""

    def __init__(self, app: ASGIApp, manners: Manners) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._app = app
        self._manners = manners

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer everything on a connection, then close it."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            with suppress(
                OSError, TimeoutError, h11.ProtocolError, httpx.TransportError, asyncio.CancelledError
            ):
                await self._answer_all(_Reader(reader, writer), writer)
        finally:
            self.tasks.discard(task)
            writer.close()

    async def _answer_all(self, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        patience = FIRST_REQUEST
        while (incoming := await reader.request(patience)) is not None:
            keep = await self._answer(incoming, writer)
            patience = self._manners.idle
            if not (keep and patience):
                return

    async def _answer(self, incoming: _Incoming, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection can take another."""
        await asyncio.sleep(self._manners.delay)
        call = Call(self._app, _scope(incoming.head, writer), incoming.body)
        await call.run(None)
        status, headers, body = call.result()
        answer = Answer(status, headers, body, incoming.head.method == b"HEAD" or status in (204, 304))
        asked_to_close = any(n.lower() == b"connection" and v.lower() == b"close" for n, v in headers)
        keep = incoming.wants_more and not asked_to_close and not self._manners.closes(answer)
        for number, piece in enumerate(self._manners.write(answer, keep=keep)):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(self._manners.pause if number % BREATH == 0 else 0)
        return keep


class _Reader:
    """Reads the requests of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._rest = b""

    async def request(self, patience: float) -> _Incoming | None:
        """The next request; None when the client has gone, is silent for `patience` seconds, or sends too much."""
        parser = h11.Connection(h11.SERVER)
        data = self._rest
        if not data:
            async with asyncio.timeout(patience):
                data = await self._reader.read(65536)
        head, body = None, bytearray()
        while data and len(body) <= LARGEST:
            parser.receive_data(data)
            while (event := parser.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.Request):
                    head = event
                elif isinstance(event, h11.Data):
                    body += event.data
                elif isinstance(event, h11.EndOfMessage):
                    self._rest = parser.trailing_data[0]
                    return _Incoming(head, bytes(body)) if head else None
                else:
                    return None
            if parser.they_are_waiting_for_100_continue:
                self._writer.write(CONTINUE)
            data = await self._reader.read(65536)
        return None


def _scope(head: h11.Request, writer: asyncio.StreamWriter) -> Scope:
    path, _, query = head.target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": head.http_version.decode(),
        "method": head.method.decode(),
        "scheme": "http",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": list(head.headers),
        "client": writer.get_extra_info("peername")[:2],
        "server": writer.get_extra_info("sockname")[:2],
    }
