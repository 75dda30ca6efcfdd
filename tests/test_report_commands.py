"""Every command that a report prints, run by sh against a server that records: it sends what its exchange says.

Which commands there are follows from what the drivers send, with credentials of several kinds, not from a list.
"""

from __future__ import annotations

import os
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from conformance.clock import VirtualClock
from conformance.contract import Effort, Settings
from conformance.efforts import most_requests
from conformance.outcome import Run
from conformance.proof.cases import HOST
from conformance.reference.application import Room, deployment
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.registry import find
from conformance.report.curl import command
from conformance.runner import Plan, run
from conformance.target import parse
from conformance.wire.exchange import Exchange, Request
from conformance.wire.limits import Limits

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkaWQ6d2ViOmEuZXhhbXBsZSIsImV4cCI6OTk5OTk5OTk5OX0.c2lnbmF0dXJlLW9mLWl0"
TOKENS = (JWT, "0f" * 16, "tok", """q'u"o$te`s\\and%s-{a,b}!""", f"Bearer {JWT}")
KEYS = ("demo-key-7d41f09ac2b84e6f93a5d8e0b1c62f47", "ab", """-n 'q"u$o`t\\e%s!""", "x" * 90, "a")
CURLS_OWN = {b"host", b"user-agent", b"accept", b"content-length", b"expect", b"connection"}
CLIENTS_OWN = {"host", "user-agent", "accept", "content-length", "connection"}


@dataclass(frozen=True)
class Arrived:
    """A request as a server saw it."""

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Recorder(socketserver.ThreadingTCPServer):
    """Keeps every request byte for byte, and answers 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.arrived: list[Arrived] = []


class Handler(socketserver.StreamRequestHandler):
    server: Recorder

    def handle(self) -> None:
        method, target, _ = self.rfile.readline().split(b" ")
        headers = []
        while line := self.rfile.readline().rstrip(b"\r\n"):
            name, _, value = line.partition(b":")
            headers.append((name.lower(), value.strip()))
        if (b"expect", b"100-continue") in headers:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = next((int(value) for name, value in headers if name == b"content-length"), 0)
        self.server.arrived.append(Arrived(method, target, tuple(headers), self.rfile.read(length)))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@contextmanager
def recorder() -> Iterator[Recorder]:
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def arrived(commands: Sequence[str], folder: Path, **secrets: str) -> list[Arrived]:
    """What a server sees of the commands, run by sh one after the other; nothing else comes of them."""
    with recorder() as server:
        port = server.server_address[1]
        (folder / ".curlrc").write_text(
            f'connect-to = "::127.0.0.1:{port}"\nsilent\nmax-time = 20\noutput = /dev/null\n'
        )
        script = folder / "script"
        script.write_text("\n".join(f"{one}\necho $?" for one in commands) + "\n")
        environment = {**os.environ, "HOME": str(folder), "CURL_HOME": str(folder), **secrets}
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            environment.pop(name, None)
        done = subprocess.run(
            ["sh", str(script)], env=environment, cwd=folder, capture_output=True, text=True, timeout=300
        )
        assert done.stderr == ""
        codes = done.stdout.split()
        assert [one for one, code in zip(commands, codes, strict=True) if code != "0"] == []
        assert sorted(path.name for path in folder.iterdir()) == [".curlrc", "script"]
        return list(server.arrived)


def compare(line: str, request: Request, seen: Arrived) -> None:
    """What arrived is the request: method, target, body, and the headers that a client chooses."""
    place = request.url.partition("://")[2]
    target = "/" + place.partition("/")[2] if "/" in place else "/" + place[len(place.split("?")[0]) :]
    assert (seen.method, seen.target) == (request.method.encode(), target.encode()), line
    assert seen.body == request.body, line
    wanted = [
        (name.lower().encode(), value.strip().encode("latin-1"))
        for name, value in request.headers
        if name.lower() not in CLIENTS_OWN and not (name.lower() == "accept-encoding" and "gzip" in value)
    ]
    assert [one for one in seen.headers if one[0] not in CURLS_OWN] == wanted, line
    accept = request.header("accept")
    assert accept is None or (b"accept", accept.encode("latin-1")) in seen.headers, line


class Collector:
    """Keeps the exchanges of a run as they were sent."""

    def __init__(self) -> None:
        self.sent: list[Exchange] = []

    def checking(self, number: int, total: int, name: str) -> None:
        """Nothing to see."""

    def exchanged(self, exchange: Exchange) -> None:
        self.sent.append(exchange)


def made(contract: str, effort: Effort, robustness: bool, **given: str) -> tuple[Run, list[Exchange]]:
    """A run against the reference, and its exchanges before redaction."""
    reference, collector = find(contract).module("reference"), Collector()
    own = {name.replace("_", "-"): (value,) for name, value in given.items()}
    settings = Settings(
        inputs={**reference.EXAMPLES, **own}, nonce="commands", effort=effort, robustness=robustness
    )
    with Database(None) as database:
        clock = VirtualClock()
        inputs = {
            name: tuple(one.removeprefix("Bearer ") for one in texts)
            for name, texts in settings.inputs.items()
        }
        app = reference.build(inputs, database=database, clock=clock)
        plan = Plan(
            parse(HOST + reference.BASE_PATH, find(contract)),
            settings,
            limits=Limits(max_requests=most_requests(settings)),
            transport=InProcessTransport(deployment([Room(contract, reference.BASE_PATH, app)])),
            clock=clock,
            listener=collector,
        )
        return run(find(contract), plan), sorted(collector.sent, key=lambda one: one.number)


def distinct(done: Run, sent: Sequence[Exchange]) -> dict[str, Request]:
    """Each printed command once, with the request that it stands for."""
    pairs = zip(done.exchanges, sent, strict=True)
    return {command(told.request, done.expressions): real.request for told, real in pairs}


RUNS: list[tuple[str, Effort, bool, dict[str, str]]] = [
    ("tydids", Effort.STANDARD, True, {}),
    ("open-attestation", Effort.STANDARD, True, {}),
    ("dcp", Effort.STANDARD, True, {}),
    *(("open-attestation", Effort.STANDARD, False, {"api_key": key}) for key in KEYS[1:]),
    *(("dcp", Effort.STANDARD, False, {"token": token}) for token in TOKENS),
]


@pytest.mark.parametrize(
    ("contract", "effort", "robustness", "given"), RUNS, ids=lambda one: str(one)[:40].replace("\\", "")
)
def test_every_printed_command_sends_what_was_sent(
    contract: str, effort: Effort, robustness: bool, given: dict[str, str], tmp_path: Path
) -> None:
    done, sent = made(contract, effort, robustness, **given)
    chosen = distinct(done, sent)
    if given:
        chosen = by_credential(chosen)
    secrets = {name.upper(): value for name, value in given.items()} or defaults(contract)
    for secret in secrets.values():
        assert len(secret) < 8 or not any(secret in line for line in chosen)
    seen = arrived(list(chosen), tmp_path, **secrets)
    assert len(seen) == len(chosen)
    for (line, request), one in zip(chosen.items(), seen, strict=True):
        compare(line, request, one)


def by_credential(commands: dict[str, Request]) -> dict[str, Request]:
    """A command for each credential that was sent."""
    found: dict[Any, str] = {}
    for line, request in commands.items():
        found.setdefault((request.header("authorization"), request.header("x-api-key")), line)
    return {line: commands[line] for line in found.values()}


def defaults(contract: str) -> dict[str, str]:
    examples = find(contract).module("reference").EXAMPLES
    secret = [one for one in find(contract).inputs if one.secret]
    return {one.variable: examples[one.name][-1] for one in secret}


BASE = f"{HOST}/status"
BY_HAND = [
    Request("GET", BASE, (("X-Odd", "a  b\tc"), ("X-Empty", ""), ("X-Quote", 'it\'s "$HOME" `id` \\'))),
    Request("GET", f"{BASE}/a/../b/./%2e%2E/c?x=/../y", ()),
    Request("GET", f"{BASE}/[1-3]/{{a,b}}?q=[a]", ()),
    Request("HEAD", f"{BASE}/..", ()),
    Request("GET", f"{HOST}?x=1", ()),
    Request("GET", f"{BASE}/%00%0d%0a%27%22%ff?a=%00&b='$(touch%20owned)'", ()),
    Request("DELETE", BASE, ()),
    Request("POST", BASE, (("Content-Type", "application/json"),), b""),
    Request("POST", BASE, (), b"no label"),
    Request("POST", BASE, (("Content-Type", "text/plain"),), b'it\'s "quoted" $HOME `id` \\n %s !! @file'),
    Request("POST", BASE, (("Content-Type", "text/plain"),), bytes(range(256)) * 2),
    Request("POST", BASE, (("Content-Type", "text/plain"),), b"\n\nlines\r\n\n"),
    Request("PUT", BASE, (("Content-Type", "text/plain"),), b"\xff" * 120_000),
    Request("GET", BASE, (("Content-Type", "text/plain"),), b"a body"),
    Request("GET", BASE, (("X-Latin", "caf\xe9"), ("Accept", "application/ld+json"))),
]


def test_whatever_a_request_holds_arrives(tmp_path: Path) -> None:
    lines = [command(one) for one in BY_HAND]
    for line, request, one in zip(lines, BY_HAND, arrived(lines, tmp_path), strict=True):
        compare(line, request, one)


def test_the_password_of_the_base_url_is_one_line(tmp_path: Path) -> None:
    """base64 breaks its output after 76 characters, and a header must not."""
    from conformance.contract import Settings
    from conformance.target import redactor_for

    contract, userinfo = find("tydids"), "anna:" + "secret-" * 12
    target = parse(f"http://{userinfo}@reference.test/v2.0", contract)
    redactor = redactor_for(contract, Settings(), target)
    exchange = Exchange(1, Request("GET", BASE, target.headers), None, 0, 0)
    told = redactor.exchange(exchange).request
    line = command(told, redactor.expressions)
    (one,) = arrived([line], tmp_path, USERINFO=userinfo, PASSWORD="secret-" * 12)
    assert "secret-" not in line
    compare(line, replace(exchange.request), one)
