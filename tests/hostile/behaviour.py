"""A hostile behaviour, what is expected of a run against it, and the correct answers that most of them bend."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from conformance.clock import SystemClock
from conformance.reference.application import Room, deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.registry import find

from ..raw_server import CLOSE, Call, Script

KEY = "Kq7-vZ3x-Pw81-mB5t-Yc62-hR90-jN4d"
TOKEN = "tkZx81KdPq72LmVn50RtYw63HsBc94"
GATEWAY = "gw5fJ8sLq2WvT9xNc4Ue71"
SECRETS = {"the API key": KEY, "the token": TOKEN, "the gateway's key": GATEWAY}
ENVIRONMENT = {"HOSTILE_KEY": KEY, "HOSTILE_TOKEN": TOKEN, "HOSTILE_GATEWAY": GATEWAY}
PATHS = {"open-attestation": "/status", "dcp": "/dcp", "tydids": "/v2.0"}
ANY = frozenset({"*"})
"""Any requirement may be blamed: the answers are literally wrong."""
SECONDS = 45.0


@dataclass(frozen=True, slots=True)
class Right:
    """A correct answer, before it is bent."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def head(self, *more: str, line: str = "", length: bool = True) -> bytes:
        """Status line and headers as bytes; `line` replaces the former."""
        lines = [line or f"HTTP/1.1 {self.status} {self.reason}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += [f"Content-Length: {len(self.body)}"] if length else []
        return "\r\n".join([*lines, *more]).encode("latin-1", "replace") + b"\r\n\r\n"

    def whole(self, *more: str, line: str = "") -> bytes:
        """The answer as bytes."""
        return self.head(*more, line=line) + self.body

    def coded(self, coding: str, body: bytes) -> bytes:
        """The answer with another body, labelled as coded."""
        return replace(self, body=body).whole(f"Content-Encoding: {coding}")

    @property
    def document(self) -> dict[str, Any]:
        """The body as JSON."""
        loaded = json.loads(self.body)
        return loaded if isinstance(loaded, dict) else {}

    @property
    def is_verdict(self) -> bool:
        """Whether it tells a status, rather than that there is none."""
        return "status" in self.document


class Site:
    """A correct deployment of one contract, in memory, and what the behaviours around it remember."""

    def __init__(self, contract: str, folder: Path) -> None:
        module = find(contract).module("reference")
        self.contract = contract
        self.folder = folder
        self.url = ""
        self.canary = ""
        self.port = 0
        self.memory: dict[str, Any] = {}
        self.lock = threading.Lock()
        self.inputs = dict(module.EXAMPLES) | (
            {"api-key": (KEY,)}
            if contract == "open-attestation"
            else {"token": (TOKEN,)}
            if contract == "dcp"
            else {}
        )
        self._database = Database(None)
        app = module.build(self.inputs, database=self._database, clock=SystemClock())
        self._transport = InProcessTransport(deployment([Room(contract, PATHS[contract], app)]))

    def right(self, call: Call) -> Right:
        """The correct answer to a request."""
        method, target, *_ = [*call.head.split("\r\n")[0].split(" "), "/", "/"]
        lines = [line.partition(":") for line in call.head.split("\r\n")[1:]]
        headers = [(name.strip(), value.strip()) for name, _, value in lines]
        request = httpx.Request(
            method, "http://site.invalid" + target, headers=headers, content=call.body or None
        )
        answer = self._transport.handle_request(request)
        answer.read()
        kept = [
            (name, value)
            for name, value in answer.headers.items()
            if name not in ("content-length", "date", "connection")
        ]
        phrase = answer.extensions["reason_phrase"].decode()
        return Right(answer.status_code, phrase, tuple(kept), answer.content)

    def close(self) -> None:
        """Give back what it holds."""
        self._transport.close()
        self._database.close()

    def arguments(self) -> list[str]:
        """The options with which the contract is run, secrets by their variables."""
        words = ["--header", "X-Gateway=env:HOSTILE_GATEWAY"]
        for name, values in self.inputs.items():
            for value in values:
                shown = {KEY: "env:HOSTILE_KEY", TOKEN: "env:HOSTILE_TOKEN"}.get(value, value)
                words += [f"--{name}", shown]
        return words


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One hostile server, and what a run against it has to come to.

    `codes` are the exit codes that are right, `blamed` the requirements that may fail, `words` what the terminal has
    to show; a run has to end within `seconds`. `listens` is False for one that nobody answers.
    """

    name: str
    group: str
    script: Callable[[Site], Script]
    codes: frozenset[int]
    blamed: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    contract: str = "tydids"
    options: tuple[str, ...] = ()
    seconds: float = SECONDS
    context: Callable[[Path], ssl.SSLContext] | None = None
    host: str = "127.0.0.1"
    greeting: bytes = b""
    telling: bool = field(default=False, compare=False)
    """Whether it is in `make test`, too."""


def bent(bend: Callable[[Right], bytes], *, keep: bool = True) -> Callable[[Site], Script]:
    """A correct deployment whose every answer is bent into these bytes."""

    def made(site: Site) -> Script:
        def script(call: Call) -> bool:
            call.send(bend(site.right(call)))
            return keep

        return script

    return made


def always(data: bytes, *, keep: bool = CLOSE) -> Callable[[Site], Script]:
    """The same bytes to everything."""

    def made(_: Site) -> Script:
        def script(call: Call) -> bool:
            call.send(data)
            return keep

        return script

    return made


def document(bend: Callable[[bytes], bytes], *, only_verdicts: bool = True) -> Callable[[Site], Script]:
    """A correct deployment whose bodies are bent."""

    def bending(right: Right) -> bytes:
        if only_verdicts and not right.is_verdict:
            return right.whole()
        return replace(right, body=bend(right.body)).whole()

    return bent(bending)


def member(text: str) -> Callable[[Site], Script]:
    """A correct deployment whose verdicts have a further member, written as JSON text: `"x": 1`."""
    return document(lambda body: body.rstrip()[:-1] + b", " + text.encode("utf-8", "surrogatepass") + b"}")


CONFORMANT = frozenset({0})
TOLERATED = frozenset({0, 3})
"""Legal, or beyond our limits: conformant, or said to be undecided, and nobody is blamed."""
UNANSWERED = frozenset({3, 4})
"""Nothing that came is an answer."""
WRONG = frozenset({1})
WHATEVER = frozenset({1, 3, 4})
"""Wrong beyond telling: anything but conformant."""
