"""A case served over a socket, with a record of what came and what was answered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.clock import SystemClock
from conformance.proof.cases import Case, application, setting
from conformance.reference.storage import Database
from conformance.registry import find
from conformance.wire.exchange import Exchange, Headers, Request, Response


@dataclass(slots=True)
class Recorder:
    """An application that keeps an exchange for every request, in the order in which they came."""

    app: ASGIApp
    base: str = ""
    exchanges: list[Exchange] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        place, started = len(self.exchanges), time.time()
        said: list[Message] = []
        came: list[bytes] = []
        self.exchanges.append(_exchange(place + 1, self.base, scope, b"", [], started))

        async def hear() -> Message:
            message = await receive()
            came.append(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            said.append(message)
            self.exchanges[place] = _exchange(place + 1, self.base, scope, b"".join(came), said, started)
            await send(message)

        return await self.app(scope, hear, tell)


def _exchange(
    number: int, base: str, scope: Scope, body: bytes, said: list[Message], started: float
) -> Exchange:
    query = scope["query_string"].decode("latin-1")
    url = base + scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    start = next((one for one in said if one["type"] == "http.response.start"), None)
    content = b"".join(one.get("body", b"") for one in said if one["type"] == "http.response.body")
    response = Response(start["status"], headers=_headers(start["headers"]), body=content) if start else None
    request = Request(scope["method"], url, _headers(scope["headers"]), body)
    return Exchange(number, request, response, started, time.time())


def _headers(raw: list[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


@contextmanager
def served_case(case: Case) -> Iterator[str]:
    """Serve `case` on the loopback in real time; yields its base URL."""
    with recorded_case(case) as (base, _):
        yield base


@contextmanager
def recorded_case(case: Case) -> Iterator[tuple[str, Recorder]]:
    """Serve `case` on the loopback in real time; yields its base URL and the record."""
    from conformance.reference.server import serving

    chosen, reference = setting(case), find(case.contract).module("reference")
    base_path = chosen.base_path or reference.BASE_PATH
    inputs = {**reference.EXAMPLES, **chosen.inputs}
    with Database(None) as database:
        recorder = Recorder(application(case, base_path, inputs, database, SystemClock()))
        with serving(recorder) as origin:
            recorder.base = origin
            yield origin + base_path, recorder
