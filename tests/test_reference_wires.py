"""The odd wires: each shows its oddity on the socket, and carries the contracts all the same.

Whole runs over them are cases of the proof (tests/test_proof.py).
"""

from __future__ import annotations

import gzip
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import httpx
import pytest
import zstandard
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.clock import SystemClock
from conformance.contract import Effort
from conformance.contracts.open_attestation import reference as open_attestation
from conformance.defects import Oddity
from conformance.errors import UsageProblem
from conformance.reference.inprocess import InProcessTransport
from conformance.reference.storage import Database
from conformance.reference.wires import WIRES, Place, serving_over, unavailable, wire_oddities
from conformance.registry import BUILT_IN
from conformance.showcase import chosen, showcase
from conformance.wire.client import Client
from conformance.wire.route import Route

GET = b"GET /status/abcd HTTP/1.1\r\nHost: reference\r\n\r\n"
KEY = ("x-api-key", open_attestation.EXAMPLES["api-key"][0])
HTTP1 = [name for name in WIRES if name not in ("http2", "ipv6")]


@contextmanager
def application(*oddities: str) -> Iterator[ASGIApp]:
    with Database() as database:
        yield showcase(database, SystemClock(), chosen(oddities, Oddity)).app


@contextmanager
def served(wire: str) -> Iterator[Place]:
    if reason := unavailable(wire):
        pytest.skip(reason)
    with application() as app, serving_over(wire, app) as place:
        yield place


def verify(place: Place) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=place.certificate) if place.certificate else True


@dataclass(frozen=True)
class Seen:
    """What came over a connection after one request, and whether the server closed it."""

    data: bytes
    closed: bool
    reads: int

    @property
    def head(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[0]


BEGINS = 20.0
"""Seconds in which a busy machine begins to answer."""


def talk(place: Place, request: bytes = GET, patience: float = 0.5) -> Seen:
    """Send raw bytes and read until the server closes, or is silent for `patience` seconds after its first bytes."""
    parts = urlsplit(place.base_url)
    data, reads = b"", 0
    with socket.create_connection((parts.hostname, parts.port), timeout=BEGINS) as connection:
        connection.sendall(request)
        try:
            while piece := connection.recv(65536):
                data, reads = data + piece, reads + 1
                connection.settimeout(patience)
        except TimeoutError:
            return Seen(data, closed=False, reads=reads)
    return Seen(data, closed=True, reads=reads)


@pytest.mark.parametrize("wire", WIRES)
def test_the_recording_client_reads_and_writes(wire: str) -> None:
    with served(wire) as place:
        client = Client(place.base_url, route=Route(ca_file=place.certificate))
        try:
            for status in range(3):
                body = b'{"status": %d}' % status
                wrote = client.send("POST", f"/status/{wire}{status}", headers=(KEY,), body=body, writes=True)
                read = client.send("GET", f"/status/{wire}{status}")
                assert (wrote.status, read.status) == (200, 200), (wrote.line, read.line)
                assert read.response
                assert read.response.document.value["status"] == status
        finally:
            client.close()


@pytest.mark.parametrize("wire", [None, "upper-case", "http2"])
@pytest.mark.parametrize("own", [True, False])
def test_every_answer_has_one_date(wire: str | None, own: bool) -> None:
    """The application's own comes first: a machine whose clock is off says so in its Date."""
    date = (b"date", b"Tue, 01 Jan 2030 00:00:00 GMT")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [date] if own else []})
        await send({"type": "http.response.body"})

    if reason := unavailable(wire):
        pytest.skip(reason)
    with (
        serving_over(wire, app) as place,
        httpx.Client(http2=True, verify=verify(place)) as client,
    ):
        dates = client.get(place.base_url).headers.get_list("date")
    assert len(dates) == 1
    assert (dates[0] == date[1].decode()) is own


@pytest.mark.parametrize("wire", HTTP1)
def test_a_head_has_no_body_and_an_error_has_one(wire: str) -> None:
    """Each over a connection of its own: this client does not repeat what a closing server has missed."""
    with served(wire) as place:
        assert httpx.head(f"{place.base_url}/status/abcd").content == b""
        assert httpx.options(f"{place.base_url}/status/abcd").status_code == 204
        assert "title" in httpx.get(f"{place.base_url}/nowhere").json()


def test_http10_ends_the_connection() -> None:
    with served("http10") as place:
        seen = talk(place)
    assert seen.data.startswith(b"HTTP/1.0 200 OK\r\n")
    assert seen.closed
    assert b"content-length" not in seen.head


def test_until_close_has_no_length() -> None:
    with served("until-close") as place:
        seen = talk(place)
    assert seen.data.startswith(b"HTTP/1.1 200 OK\r\n")
    assert seen.closed
    assert b"content-length" not in seen.head
    assert b"chunked" not in seen.head


@pytest.mark.parametrize(
    ("wire", "least", "most"), [("closes-at-once", 0.0, 0.3), ("closes-idle", 0.05, 1.0)]
)
def test_a_promised_connection_is_closed(wire: str, least: float, most: float) -> None:
    with served(wire) as place:
        began = time.monotonic()
        seen = talk(place, patience=3.0)
        lasted = time.monotonic() - began
    assert b"connection: keep-alive" in seen.head
    assert seen.closed
    assert least <= lasted < most + 1.5


def test_chunked_sends_chunks() -> None:
    with served("chunked") as place:
        seen = talk(place)
    assert b"transfer-encoding: chunked" in seen.head
    assert b"\r\n7\r\n" in seen.data
    assert seen.data.endswith(b"0\r\n\r\n")


def test_header_names_are_in_upper_case() -> None:
    with served("upper-case") as place:
        names = [line.partition(b":")[0] for line in talk(place).head.split(b"\r\n")[1:]]
    assert b"CONTENT-TYPE" in names
    assert names == [name.upper() for name in names]


def test_headers_have_no_blank() -> None:
    with served("tight-headers") as place:
        assert b"content-type:application/json" in talk(place).head


@pytest.mark.parametrize(("wire", "line"), [("no-reason", b"200 "), ("own-reason", b"200 that is a 200")])
def test_reasons(wire: str, line: bytes) -> None:
    with served(wire) as place:
        assert talk(place).data.startswith(b"HTTP/1.1 %s\r\n" % line)


@pytest.mark.parametrize(
    ("wire", "codes"), [("continue", [b"100", b"200"]), ("early-hints", [b"102", b"103", b"200"])]
)
def test_interim_answers_come_first(wire: str, codes: list[bytes]) -> None:
    with served(wire) as place:
        data = talk(place).data
    starts = [part for part in data.split(b"\r\n\r\n") if part.startswith(b"HTTP/1.1 ")]
    assert [part.split(b" ")[1] for part in starts] == codes


def test_dribbled_bodies_come_in_many_pieces() -> None:
    with served("dribbled") as place:
        assert talk(place).reads > 5


def test_slow_takes_its_time() -> None:
    with served("slow") as place, httpx.Client(base_url=place.base_url) as client:
        began = time.monotonic()
        client.get("/status/abcd")
        assert time.monotonic() - began >= 0.3


def test_http2_is_spoken_over_tls() -> None:
    with served("http2") as place, httpx.Client(http2=True, verify=verify(place)) as client:
        assert place.base_url.startswith("https://")
        assert client.get(f"{place.base_url}/status/abcd").http_version == "HTTP/2"
        large = client.post(f"{place.base_url}/status/a", content=b"x" * 100_000, headers=[KEY])
        assert large.status_code == 413


def test_ipv6_has_an_ipv6_address() -> None:
    with served("ipv6") as place:
        assert place.base_url.startswith("http://[::1]:")


def test_a_broken_request_or_application_ends_the_connection_only() -> None:
    async def crashing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/half":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    with serving_over("chunked", crashing) as place:
        assert talk(place, b"nonsense\r\n\r\n") == Seen(b"", closed=True, reads=0)
        assert talk(place, GET.replace(b"status/abcd", b"half")) == Seen(b"", closed=True, reads=0)
        assert talk(place).data.startswith(b"HTTP/1.1 500 ")


def test_a_client_that_waits_for_100_continue_gets_it() -> None:
    request = b"POST /status/a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with served("upper-case") as place:
        assert talk(place, request).data == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    ("coding", "decode"),
    [
        ("gzip", gzip.decompress),
        ("br", brotli.decompress),
        ("zstd", lambda data: zstandard.ZstdDecompressor().decompress(data)),
    ],
)
def test_codings_are_for_those_who_take_them(coding: str, decode: object) -> None:
    assert callable(decode)
    with application(f"tydids.wire-{coding}") as app, ExitStack() as stack:
        transport = InProcessTransport(app)
        client = stack.enter_context(httpx.Client(transport=transport, base_url="http://reference"))
        path = "/v2.0/tydids/status?identity=0x95Bee09c395c60883Fa8bb95F05404a71f7ee7F7"
        with client.stream("GET", path, headers={"accept-encoding": f"{coding};q=1"}) as coded:
            raw = b"".join(coded.iter_raw())
        assert coded.headers["content-encoding"] == coding
        for other in ("identity", f"{coding};q=0, *"):
            plain = client.get(path, headers={"accept-encoding": other})
            assert "content-encoding" not in plain.headers
            assert plain.content == decode(raw)
            assert plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("contract", BUILT_IN)
def test_every_contract_has_an_oddity_for_each_wire(contract: str) -> None:
    found: Mapping[str, Oddity] = {one.id: one for one in wire_oddities(contract)}
    assert {one.wire for one in found.values()} == {None, *WIRES}
    assert found[f"{contract}.wire-slow"].settings == {"effort": Effort.QUICK}


def test_unknown_wires_and_addresses_are_usage_problems() -> None:
    with application() as app:
        for wire, host, words in (("string", None, "no wire"), ("ipv6", "127.0.0.1", "not an IPv6")):
            with pytest.raises(UsageProblem, match=words), serving_over(wire, app, host):
                pass


def test_two_wires_at_once_are_a_usage_problem() -> None:
    both = chosen(["tydids.wire-slow", "dcp.wire-ipv6"], Oddity)
    with Database() as database, pytest.raises(UsageProblem, match="slow and ipv6"):
        showcase(database, SystemClock(), both)


def test_the_same_wire_for_two_contracts_is_one_wire() -> None:
    both = chosen(["tydids.wire-slow", "dcp.wire-slow", "dcp.wire-gzip"], Oddity)
    with Database() as database:
        assert showcase(database, SystemClock(), both).wire == "slow"


def test_serve_takes_a_wire_and_tells_how_to_judge_it(tmp_path: Path) -> None:
    """The printed command is run as it stands; over TLS it names the certificate to trust."""
    if reason := unavailable("http2"):
        pytest.skip(reason)
    command = [sys.executable, "-m", "conformance", "serve", "--port", "0", "--oddity", "tydids.wire-http2"]
    where: dict[str, Any] = {"cwd": tmp_path, "env": {**os.environ, "PYTHONUNBUFFERED": "1"}, "text": True}
    with subprocess.Popen(command, stdout=subprocess.PIPE, **where) as server:
        assert server.stdout
        try:
            words = next(line for line in server.stdout if "run tydids" in line).partition(
                "status-conformance"
            )
            judge = [sys.executable, "-m", "conformance", *words[2].split(), "--only", "TY-G1"]
            done = subprocess.run(judge, capture_output=True, timeout=90, check=False, **where)
        finally:
            server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0
    assert "--ca-file" in words[2]
    assert done.returncode == 0, done.stdout + done.stderr
