"""The recording client against servers that do everything wrong, and against those that are merely unusual."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from typing import Any

import brotli
import h2.config
import h2.connection
import h2.events
import httpx
import pytest

from conformance.clock import SystemClock, VirtualClock
from conformance.errors import BudgetSpent, Postponed, SuiteProblem, Unreachable, UsageProblem, WireProblem
from conformance.evidence import received
from conformance.wire.body import KEPT
from conformance.wire.client import ALIKE, ATTEMPTS, FIRST_FEW, Client
from conformance.wire.exchange import Exchange
from conformance.wire.limits import Limits
from conformance.wire.receiving import HEADER_BYTES, MOST_HEADERS
from conformance.wire.repeating import GIVE_UP_AFTER, QUIET
from conformance.wire.route import Route

from .certificates import Certificate, make, needs_openssl
from .raw_server import CLOSE, OK, Call, RawServer, Script, always, in_turn, raw_server, response, silent

QUICK = Limits(timeout=0.4, patience=5.0)


@contextmanager
def talking(script: Script, **options: Any) -> Iterator[tuple[Client, RawServer]]:
    """A client, and the server that answers it."""
    with raw_server(script) as server:
        client = Client(server.url, **{"limits": QUICK, "clock": VirtualClock(), **options})
        try:
            yield client, server
        finally:
            client.close()


def only(script: Script, **options: Any) -> Exchange:
    """The exchange of one GET."""
    with talking(script, **options) as (client, _):
        return client.send("GET", "/x")


def failure(script: Script, **options: Any) -> str:
    """Why one GET, the second of a run, got no answer."""
    with talking(script, **options) as (client, _):
        client.send("GET", "/first")
        failed = client.send("GET", "/x")
        assert failed.response is None
        return failed.failure or ""


def unreachable(script: Script, **options: Any) -> str:
    """What the first request of a run says when it gets no answer."""
    with pytest.raises(Unreachable) as raised:
        only(script, **options)
    return raised.value.message


# What is recorded


def test_an_exchange_is_recorded_as_sent_and_received() -> None:
    seen: list[Exchange] = []
    answer = response(b'{"a": 1}', "201 Fine by me", "X-Twice: 1", "X-Twice: 2", "x-ODD: \xe9")
    with talking(always(answer), headers=(("X-Gateway", "g"),), on_exchange=seen.append) as (client, server):
        made = client.send(
            "POST", "/a%2Fb?c=d", headers=(("X-Own", "o"),), body=b"{}", intent={"op": "w"}, writes=True
        )
    call = server.calls[0]
    assert (call.line, call.body) == ("POST /a%2Fb?c=d", b"{}")
    assert [call.header(name) for name in ("x-gateway", "x-own", "content-length")] == ["g", "o", "2"]
    sent = [f"{name.lower()}: {value}" for name, value in made.request.headers]
    assert sorted(sent) == sorted(
        f"{name.lower()}: {value.strip()}"
        for name, _, value in (line.partition(":") for line in call.head.split("\r\n")[1:])
    )
    assert made.response is not None
    assert (made.status, made.response.reason, made.response.http_version) == (201, "Fine by me", "HTTP/1.1")
    assert [value for name, value in made.response.headers if name.lower() == "x-twice"] == ["1", "2"]
    assert made.response.header("x-odd") == "\xe9"
    assert (made.intent, made.writes, made.number) == ({"op": "w"}, True, 1)
    assert made.ended >= made.started
    assert seen == client.exchanges == [made]


def test_a_post_without_a_body_says_so() -> None:
    with talking(always(OK)) as (client, server):
        client.send("POST", "/x")
    assert server.calls[0].header("content-length") == "0"


def test_connections_are_used_again() -> None:
    with talking(always(OK)) as (client, server):
        for _ in range(5):
            client.send("GET", "/x")
    assert server.connections == 1


def test_requests_that_cannot_be_built_are_the_operators() -> None:
    with talking(always(OK)) as (client, _), pytest.raises(UsageProblem):
        client.send("GET", "/x", headers=(("X-Name", "snow ☃"),))


# What is no answer


@pytest.mark.parametrize(
    "garbage",
    [
        b"220 smtp.example ESMTP\r\n502 What?\r\n\r\n",
        b"HTTP/9.9 hello\r\n\r\n",
        b"<html>\r\n\r\n",
        b"\0" * 200000,
    ],
    ids=["smtp", "odd version", "html", "zeros"],
)
def test_garbage_is_not_http(garbage: bytes) -> None:
    message = unreachable(always(garbage, keep=CLOSE))
    assert message.startswith("the answer is not HTTP")
    assert len(message) < 200
    assert "\n" not in message


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one() -> None:
    first, second = response(b"first"), response(b"second")
    with raw_server(in_turn(first + response(b"nobody asked"), second)) as server:
        client = Client(server.url)
        bodies = [client.send("GET", "/").response.body for _ in range(2)]  # type: ignore[union-attr]
        client.close()
    assert bodies == [b"first", b"second"]


def test_a_dropped_connection() -> None:
    assert unreachable(lambda call: CLOSE) == "the connection was dropped before an answer came"


def test_a_reset_connection() -> None:
    def reset(call: Call) -> bool:
        call.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return CLOSE

    assert unreachable(reset).startswith("the connection broke")


def test_no_answer_at_all() -> None:
    before = time.monotonic()
    assert unreachable(silent, limits=Limits(timeout=0.2)) == "no complete answer came within 0.2 s"
    assert time.monotonic() - before < 2


def drip(first: bytes, piece: bytes) -> Script:
    """Send a byte or so well within every timeout, for ever."""

    def script(call: Call) -> bool:
        call.send(first)
        while not call.server.closing.wait(0.02):
            call.send(piece)
        return CLOSE

    return script


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0", b"a"),
    ],
    ids=["header", "informational", "body", "chunks", "chunk extension", "gzip name"],
)
def test_a_drip_ends_with_the_time_for_the_whole_answer(first: bytes, piece: bytes) -> None:
    before = time.monotonic()
    assert (
        unreachable(drip(first, piece), limits=Limits(timeout=0.3)) == "no complete answer came within 0.3 s"
    )
    assert time.monotonic() - before < 2


def test_a_drip_on_a_connection_that_worked() -> None:
    slow = drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
    script: Script = lambda call: call.send(OK) if call.number == 1 else slow(call)
    assert failure(script, limits=Limits(timeout=0.2)) == "no complete answer came within 0.2 s"


def test_a_body_that_ends_early() -> None:
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"
    assert unreachable(always(short, keep=CLOSE)).startswith(
        "the connection was dropped before the body was complete"
    )
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"
    assert unreachable(always(chunked, keep=CLOSE)).startswith(
        "the connection was dropped before the body was complete"
    )


def test_a_body_longer_than_its_length_is_read_to_its_length() -> None:
    made = only(always(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}{}", keep=CLOSE))
    assert made.response is not None
    assert made.response.body == b"{}"


def test_two_lengths_that_differ() -> None:
    message = unreachable(always(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"))
    assert message.startswith("the answer is not HTTP")


def test_huge_headers() -> None:
    message = unreachable(always(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"a" * 300_000 + b"\r\n\r\n"))
    assert message.startswith("the answer is not HTTP")


def test_long_headers_are_fine() -> None:
    made = only(always(response(b"{}", "200 OK", "X-Long: " + "a" * 50_000)))
    assert len(made.response.header("x-long")) == 50_000  # type: ignore[union-attr, arg-type]


# Lengths and codings


def flood(head: bytes, piece: bytes) -> tuple[Script, list[int]]:
    """Send without end, and count the bytes."""
    sent = [0]

    def script(call: Call) -> bool:
        call.send(head)
        with suppress(OSError):
            while not call.server.closing.is_set():
                call.send(piece)
                sent[0] += len(piece)
        return CLOSE

    return script, sent


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"Content-Length: 10000000000\r\n\r\n", b"x" * 65536),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"Connection: close\r\n\r\n", b"x" * 65536),
    ],
    ids=["10 GB announced", "endless chunks", "until closed"],
)
def test_reading_stops_at_the_cap(head: bytes, piece: bytes) -> None:
    script, sent = flood(b"HTTP/1.1 200 OK\r\n" + head, piece)
    before = time.monotonic()
    made = only(script, limits=Limits(timeout=5.0, max_body=100_000))
    assert made.response is not None
    assert made.response.truncated
    assert made.response.body == b"x" * KEPT
    assert made.response.document.problem == "the answer is longer than the size cap and was cut"
    assert sent[0] < 30_000_000
    assert time.monotonic() - before < 3


def bomb(coding: str, size: int) -> bytes:
    zeros = bytes(size)
    coded = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": lambda data: brotli.compress(data, quality=5),
    }
    return coded[coding](zeros)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_bomb_is_cut_at_the_cap(coding: str) -> None:
    body = bomb(coding, 50_000_000)
    made = only(always(response(body, "200 OK", f"Content-Encoding: {coding}")), limits=Limits(timeout=5.0))
    assert made.response is not None
    assert made.response.truncated
    assert made.response.body == bytes(KEPT)


def test_a_coding_that_yields_nothing_is_capped_as_received() -> None:
    """A gzip header may hold a file name without end."""
    script, sent = flood(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08" + bytes(6), b"x" * 65536
    )
    made = only(script, limits=Limits(timeout=5.0, max_body=100_000))
    assert made.response is not None
    assert made.response.truncated
    assert sent[0] < 30_000_000


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br"])
def test_codings_are_undone(coding: str) -> None:
    codings = {"deflate": zlib.compress, "br": brotli.compress}
    coded = codings.get(coding, gzip.compress)(b'{"a": 1}')
    made = only(always(response(coded, "200 OK", f"Content-Encoding: {coding}")))
    assert made.response is not None
    assert made.response.body == b'{"a": 1}'
    assert made.response.header("content-encoding") == coding


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, br"])
def test_a_body_that_is_not_coded_as_it_says_is_kept_as_it_came(coding: str) -> None:
    made = only(always(response(b'{"a": 1}', "200 OK", f"Content-Encoding: {coding}")))
    assert made.response is not None
    assert (made.response.body, made.response.raw, made.response.coding) == (b"", b'{"a": 1}', coding)
    problem = f"the body does not decode as its Content-Encoding says, which is {coding}"
    assert made.response.document.problem == problem
    assert received(made) == (f'200 application/json, labelled {coding}; the bytes that came: {{"a": 1}}')


def test_another_name_of_gzip() -> None:
    made = only(always(response(gzip.compress(b"{}"), "200 OK", "Content-Encoding: x-gzip")))
    assert made.response is not None
    assert made.response.body == b"{}"
    assert made.response.header("content-encoding") == "x-gzip"


def test_an_unknown_coding_is_left_alone() -> None:
    made = only(always(response(b"{}", "200 OK", "Content-Encoding: rot13")))
    assert made.response is not None
    assert made.response.body == b"{}"


def test_informational_answers_come_first() -> None:
    made = only(always(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + OK))
    assert made.status == 200


def test_http_1_0() -> None:
    with talking(always(b"HTTP/1.0 200 OK\r\n\r\n{}", keep=CLOSE)) as (client, server):
        for _ in range(3):
            made = client.send("GET", "/x")
            assert made.response is not None
            assert (made.response.body, made.response.http_version) == (b"{}", "HTTP/1.0")
    assert server.connections == 3


# Redirects, cookies, proxies


@pytest.mark.parametrize(
    "location",
    ["/elsewhere", "http://OTHER/x", "http://[not-a-host", "https://user:pw@::1", "mailto:x", "", "\xff\xfe"],
)
def test_a_redirect_is_recorded_and_not_followed(location: str) -> None:
    with raw_server(always(OK)) as other:
        place = location.replace("OTHER", f"127.0.0.1:{other.port}")
        script = always(response(b"", "302 Found", f"Location: {place}"))
        with talking(script, headers=(("Authorization", "Bearer secret"),)) as (client, server):
            made = client.send("GET", "/x", headers=(("x-api-key", "k"),))
    assert made.status == 302
    assert made.response is not None
    assert made.response.header("location") == place
    assert server.lines == ["GET /x"]
    assert not other.calls


def test_cookies_are_never_sent_back() -> None:
    answer = response(b"{}", "200 OK", "Set-Cookie: a=b; Path=/", "Set-Cookie: session=1; Domain=127.0.0.1")
    with talking(always(answer)) as (client, server):
        for _ in range(3):
            client.send("GET", "/x")
    assert [call.header("cookie") for call in server.calls] == [None, None, None]


def test_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert only(always(OK)).status == 200


def test_other_machines_are_reached_by_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(always(OK)) as proxy:
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        client = Client("http://status.invalid/base", limits=QUICK)
        assert client.send("GET", "/x").status == 200
        client.close()
    assert proxy.lines == ["GET http://status.invalid/base/x"]


@pytest.mark.parametrize("proxy", ["nonsense://x", "socks4://127.0.0.1:1"])
def test_a_proxy_that_cannot_be_used_is_a_usage_problem(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(UsageProblem, match="proxy"):
        Client("http://status.invalid")


def test_no_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with talking(always(OK)) as (client, server):
        client.send("GET", "/x")
    assert server.calls[0].header("authorization") is None


# Patience


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_throttling_answer_is_waited_for(status: str, method: str) -> None:
    clock = VirtualClock(1000.0)
    with talking(in_turn(response(b"", status, "Retry-After: 3"), OK), clock=clock) as (client, server):
        made = client.send(method, "/x", writes=method == "POST")
    assert made.status == 200
    assert 3 <= clock.time() - 1000 < 4
    assert [exchange.superseded for exchange in client.exchanges] == [True, False]
    assert [exchange.number for exchange in client.exchanges] == [1, 2]
    assert len(server.calls) == 2


def test_a_date_to_wait_for() -> None:
    clock = VirtualClock(1_700_000_000.0)
    date = formatdate(1_700_000_004, usegmt=True)
    with talking(in_turn(response(b"", "503 Later", f"Retry-After: {date}"), OK), clock=clock) as (client, _):
        assert client.send("GET", "/x").status == 200
    assert 1_700_000_003 < clock.time() < 1_700_000_006


@pytest.mark.parametrize("value", ["86400", "9" * 30, "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
@pytest.mark.parametrize("status", ["429 Slow down", "503 Later"])
def test_an_absurd_wait_ends_the_run_at_once(value: str, status: str) -> None:
    clock = VirtualClock(1000.0)
    asking = talking(always(response(b"", status, f"Retry-After: {value}")), clock=clock)
    with asking as (client, server), pytest.raises(Postponed) as raised:
        client.send("GET", "/x")
    assert raised.value.message.startswith(f"{status[:3]} with Retry-After: {value[:59]}")
    assert "come back later" in raised.value.hint
    assert [(made.status, made.superseded) for made in client.exchanges] == [(int(status[:3]), False)]
    assert len(server.calls) == 1
    assert clock.time() < 1001


@pytest.mark.parametrize("value", ["-5", "soon", "1.5", "", "Fri, 99 Foo 2024"])
def test_an_unreadable_wait_is_no_wait(value: str) -> None:
    """Then 429 means a second or so, and 503 before any other answer is repeated for a GET like any gateway's error."""
    clock = VirtualClock(1000.0)
    with talking(in_turn(response(b"", "429 Slow", f"Retry-After: {value}"), OK), clock=clock) as (client, _):
        assert client.send("GET", "/x").status == 200
    assert 1000.9 < clock.time() < 1002
    with talking(in_turn(response(b"", "503 Later", f"Retry-After: {value}"), OK)) as (client, server):
        assert client.send("POST", "/x", writes=True).status == 503
    assert len(server.calls) == 1


def test_patience_is_for_the_whole_run() -> None:
    clock = VirtualClock(1000.0)
    script = always(response(b"", "429 Slow", "Retry-After: 2"))
    asking = talking(script, clock=clock, limits=Limits(patience=5.0))
    with asking as (client, server), pytest.raises(Postponed, match="429 with Retry-After: 2"):
        client.send("GET", "/x")
    assert len(server.calls) == 3
    assert clock.time() < 1005


def test_attempts_come_to_an_end_and_the_last_one_counts() -> None:
    script = always(response(b"", "429 Slow", "Retry-After: 0"))
    with talking(script, limits=Limits(patience=10.0)) as (client, server):
        made = client.send("GET", "/x")
    assert len(server.calls) == ATTEMPTS
    assert not made.superseded
    assert [exchange.superseded for exchange in client.exchanges] == [True] * (ATTEMPTS - 1) + [False]


def test_a_throttled_request_waits_longer_each_time_however_soon_it_is_welcome_again() -> None:
    clock = VirtualClock(1000.0, tick=0.0)
    script = always(response(b"", "429 Slow", "Retry-After: 0"))
    with talking(script, clock=clock, limits=Limits(patience=10.0)) as (client, _):
        client.send("GET", "/x")
    starts = [one.started for one in client.exchanges]
    pauses = [second - first for first, second in pairwise(starts)]
    assert pauses[:5] == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8])
    assert max(pauses) == pytest.approx(1.0)


@pytest.mark.parametrize("status", ["429 Too many", "503 Busy"])
def test_who_takes_only_so_many_at_once_gets_no_more(status: str) -> None:
    lock, inside, together = threading.Lock(), [0], threading.Barrier(4)

    def script(call: Call) -> bool:
        with lock:
            inside[0] += 1
        if call.line != "GET /first" and call.number <= 5:
            together.wait(10)
        with lock:
            crowded = inside[0] > 1
            inside[0] -= 1
        return call.send(response(b"", status, "Retry-After: 1") if crowded else OK)

    with talking(script, limits=Limits(concurrency=4)) as (client, _):
        client.send("GET", "/first")
        made = client.gather([lambda: client.send("GET", "/x")] * 12)
    assert [one.status for one in made] == [200] * 12
    assert sum(one.superseded for one in client.exchanges) == 3


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateways_error_is_repeated_for_a_get_only(status: int) -> None:
    answer = response(b"", f"{status} Gateway")
    with talking(in_turn(answer, answer, OK)) as (client, server):
        assert client.send("GET", "/x").status == 200
        assert len(server.calls) == 3
    with talking(always(answer)) as (client, server):
        assert client.send("GET", "/x").status == status
        assert len(server.calls) == 3
    with talking(always(answer)) as (client, server):
        assert client.send("POST", "/x", writes=True).status == status
        assert len(server.calls) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 500, 501])
def test_other_answers_are_not_repeated(status: int) -> None:
    with talking(always(response(b"", f"{status} No"))) as (client, server):
        assert client.send("GET", "/x").status == status
    assert len(server.calls) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_idle_connection_that_was_closed(method: str) -> None:
    """The server hangs up after every answer without saying so, as one does whose idle time is over."""
    with talking(always(OK, keep=CLOSE)) as (client, _):
        for _ in range(4):
            assert client.send(method, "/x", writes=method == "POST").status == 200


@pytest.mark.parametrize(("method", "repeats"), [("GET", 2), ("POST", 1)])
def test_a_lost_connection_is_worth_another_attempt(method: str, repeats: int) -> None:
    with talking(in_turn(OK, None, OK)) as (client, _):
        client.send("GET", "/first")
        assert client.send(method, "/x", writes=method == "POST").status == 200
    with talking(in_turn(OK, None)) as (client, _):
        client.send("GET", "/first")
        failed = client.send(method, "/x", writes=method == "POST")
    assert failed.failure == "the connection was dropped before an answer came"
    assert [exchange.superseded for exchange in client.exchanges] == [False, *[True] * repeats, False]


def test_a_deployment_that_wakes_up_may_drop_its_first_connection() -> None:
    with talking(in_turn(None, OK)) as (client, server):
        assert client.send("GET", "/x").status == 200
    assert [exchange.superseded for exchange in client.exchanges] == [True, False]
    with talking(in_turn(None, OK)) as (client, server), pytest.raises(Unreachable):
        client.send("POST", "/x", writes=True)
    assert len(server.calls) == 1


def test_a_write_that_took_too_long_is_not_repeated() -> None:
    """It may have been stored, and may be stored later."""
    script: Script = lambda call: call.send(OK) if call.number == 1 else silent(call)
    with talking(script, limits=Limits(timeout=0.15)) as (client, server):
        client.send("GET", "/first")
        assert client.send("POST", "/x", writes=True).failure == "no complete answer came within 0.15 s"
    assert len(server.calls) == 2


def test_a_deployment_that_stopped_answering_is_given_up() -> None:
    with talking(in_turn(OK, None)) as (client, _):
        client.send("GET", "/first")
        for _ in range(GIVE_UP_AFTER - 1):
            client.send("GET", "/x")
        with pytest.raises(Unreachable, match="the deployment stopped answering"):
            client.send("GET", "/x")


def test_answers_between_make_lost_connections_harmless() -> None:
    script: Script = lambda call: CLOSE if "odd" in call.line else call.send(OK)
    with talking(script) as (client, _):
        for _ in range(GIVE_UP_AFTER + 2):
            client.send("GET", "/fine")
            assert client.send("GET", "/odd").response is None


# Budgets


def test_the_budget_of_requests() -> None:
    with talking(always(OK), limits=Limits(max_requests=3)) as (client, server):
        for _ in range(3):
            client.send("GET", "/x")
        with pytest.raises(BudgetSpent, match="budget of 3 requests"):
            client.send("GET", "/x")
    assert len(server.calls) == 3


def test_repetitions_count() -> None:
    refusing = talking(always(response(b"", "502 No")), limits=Limits(max_requests=2))
    with refusing as (client, server), pytest.raises(BudgetSpent):
        client.send("GET", "/x")
    assert len(server.calls) == len(client.exchanges) == 2


def test_the_budget_of_bytes() -> None:
    script: Script = lambda call: call.send(response(bytes([call.number]) * 1000))
    with talking(script, limits=Limits(max_kept=2500)) as (client, _):
        for _ in range(3):
            client.send("GET", "/x")
        with pytest.raises(BudgetSpent, match="more than a run takes in"):
            client.send("GET", "/x")


def test_what_is_the_same_is_kept_once() -> None:
    with talking(always(response(b"x" * 1000)), limits=Limits(max_kept=2500)) as (client, _):
        made = [client.send("GET", "/x").response for _ in range(10)]
    assert len({id(one.body) for one in made if one}) == len({id(one.headers) for one in made if one}) == 1


def test_the_deadline() -> None:
    clock = VirtualClock(1000.0)
    with talking(always(OK), clock=clock, limits=Limits(deadline=10)) as (client, server):
        client.send("GET", "/x")
        clock.sleep(11)
        with pytest.raises(BudgetSpent, match="deadline of 10 s"):
            client.send("GET", "/x")
    assert len(server.calls) == 1


def test_no_wait_beyond_the_deadline() -> None:
    clock = VirtualClock(1000.0)
    script = always(response(b"", "429 Slow", "Retry-After: 20"))
    with (
        talking(script, clock=clock, limits=Limits(deadline=10)) as (client, _),
        pytest.raises(Postponed) as raised,
    ):
        client.send("GET", "/x")
    assert "--deadline" in raised.value.hint
    assert clock.time() < 1001


def test_nobody_waits_for_a_moment_beyond_the_deadline() -> None:
    clock = VirtualClock(1000.0, tick=0.0)
    with talking(always(OK), clock=clock, limits=Limits(deadline=10)) as (client, server):
        client.wait_until(1004)
        client.wait_until(900)
        assert clock.time() == 1004
        with pytest.raises(BudgetSpent, match="deadline of 10 s: what it would have to wait for"):
            client.wait_until(1020)
    assert clock.time() == 1004
    assert not server.calls


def test_the_rate_limit() -> None:
    clock = VirtualClock(1000.0)
    with talking(always(OK), clock=clock, limits=Limits(rate=5)) as (client, _):
        for _ in range(11):
            client.send("GET", "/x")
    starts = [exchange.started for exchange in client.exchanges]
    assert all(later - earlier >= 0.199 for earlier, later in pairwise(starts))
    assert 2 <= starts[-1] - starts[0] < 2.2


def test_the_rate_limit_ends_at_the_deadline() -> None:
    clock = VirtualClock(1000.0)
    paced = talking(always(OK), clock=clock, limits=Limits(rate=0.1, deadline=15))
    with paced as (client, server), pytest.raises(BudgetSpent):
        for _ in range(5):
            client.send("GET", "/x")
    assert len(server.calls) == 2
    assert clock.time() < 1015


# Several at once


def test_gather_keeps_the_order_of_results_and_numbers_every_request_once() -> None:
    echo: Script = lambda call: call.send(response(call.line.encode()))
    with talking(echo, limits=Limits(concurrency=4)) as (client, server):
        calls = [lambda n=n: client.send("GET", f"/{n}") for n in range(60)]  # type: ignore[misc]
        made = client.gather(calls)
    assert [one.response.body.decode() for one in made] == [f"GET /{n}" for n in range(60)]  # type: ignore[union-attr]
    assert sorted(exchange.number for exchange in client.exchanges) == list(range(1, 61))
    assert server.connections <= 4


def test_gather_really_is_at_once_and_no_more_than_allowed() -> None:
    together, most, now = threading.Barrier(3), [0], [0]
    lock = threading.Lock()

    def script(call: Call) -> bool:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        if call.line != "GET /first":
            together.wait(5)
        with lock:
            now[0] -= 1
        return call.send(OK)

    with talking(script, limits=Limits(concurrency=3)) as (client, _):
        client.send("GET", "/first")
        client.gather([lambda: client.send("GET", "/x")] * 9)
    assert most[0] == 3


def test_the_first_request_is_alone_until_it_is_answered() -> None:
    lock, now, alone = threading.Lock(), [0], []

    def script(call: Call) -> bool:
        with lock:
            now[0] += 1
        if call.number == 1:
            call.server.closing.wait(0.05)
            alone.append(now[0])
        return call.send(OK)

    with talking(script, limits=Limits(concurrency=4)) as (client, _):
        client.gather([lambda: client.send("GET", "/x")] * 8)
    assert alone == [1]


def test_who_takes_only_so_many_connections_gets_no_more() -> None:
    """While one connection is open each further one is reset."""
    lock = threading.Lock()
    admitted: list[socket.socket | None] = [None]

    def script(call: Call) -> bool:
        with lock:
            if admitted[0] is None or admitted[0].fileno() == -1:
                admitted[0] = call.sock
        if call.sock is admitted[0]:
            return call.send(OK)
        call.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return CLOSE

    with talking(script, limits=Limits(concurrency=4), clock=SystemClock()) as (client, _):
        made = client.gather([lambda: client.send("GET", "/x")] * 20)
    assert [one.status for one in made] == [200] * 20


@pytest.mark.parametrize("concurrency", [1, 3])
def test_gather_stops_at_a_limit(concurrency: int) -> None:
    with talking(always(OK), limits=Limits(concurrency=concurrency, max_requests=5)) as (client, server):
        with pytest.raises(BudgetSpent):
            client.gather([lambda: client.send("GET", "/x")] * 20)
        assert len(client.exchanges) == len(server.calls) == 5


def test_many_threads_share_a_client() -> None:
    with talking(always(OK), limits=Limits(concurrency=8, rate=10_000)) as (client, server):
        client.gather([lambda: client.send("GET", "/x")] * 100)
    assert len(server.calls) == len({exchange.number for exchange in client.exchanges}) == 100


# Addresses and TLS


def test_ipv6() -> None:
    try:
        with raw_server(always(OK), "::1") as server:
            client = Client(server.url, limits=QUICK)
            assert client.send("GET", "/x").status == 200
            client.close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    assert server.calls[0].header("host") == f"[::1]:{server.port}"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:1", "the connection was refused: nothing listens on that port"),
        ("http://no-such-host.invalid", "the host name does not resolve"),
        (f"http://{'a' * 64}.invalid", "the host name is not one that can be looked up"),
    ],
)
def test_addresses_that_lead_nowhere(url: str, sentence: str) -> None:
    client = Client(url, limits=QUICK)
    with pytest.raises(Unreachable) as raised:
        client.send("GET", "/x")
    client.close()
    assert raised.value.message == sentence
    assert client.exchanges[0].failure == sentence


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make(tmp_path_factory.mktemp("certificate"))


def over_tls(context: ssl.SSLContext, route: Route | None = None, host: str = "127.0.0.1") -> Exchange:
    with raw_server(always(OK), context=context) as server:
        client = Client(f"https://{host}:{server.port}", limits=Limits(timeout=3.0), route=route)
        try:
            return client.send("GET", "/x")
        finally:
            client.close()


@needs_openssl
def test_a_certificate_nobody_trusts_is_refused(certificate: Certificate) -> None:
    with pytest.raises(Unreachable, match=r"the TLS certificate does not verify \(self-signed certificate\)"):
        over_tls(certificate.context())


@needs_openssl
def test_verification_can_be_switched_off(certificate: Certificate) -> None:
    assert over_tls(certificate.context(), Route(insecure=True)).status == 200


@needs_openssl
def test_a_certificate_of_ones_own_can_be_trusted(certificate: Certificate) -> None:
    trusting = Route(ca_file=certificate.certificate)
    assert over_tls(certificate.context(), trusting).status == 200
    assert over_tls(certificate.context(), trusting, "localhost").status == 200


@needs_openssl
def test_a_certificate_for_another_name(certificate: Certificate, tmp_path: Path) -> None:
    other = make(tmp_path, "DNS:elsewhere.example")
    trusting = Route(ca_file=other.certificate)
    with pytest.raises(Unreachable, match=r"is for elsewhere\.example, not for the host"):
        over_tls(other.context(), trusting)


def test_tls_asked_of_a_server_without_it() -> None:
    with raw_server(silent, greeting=b"220 smtp.example ESMTP\r\n") as server:
        client = Client(
            f"https://127.0.0.1:{server.port}", limits=Limits(timeout=3.0), route=Route(insecure=True)
        )
        with pytest.raises(Unreachable, match="the port does not speak TLS"):
            client.send("GET", "/x")
        client.close()


@pytest.mark.parametrize("name", ["SSL_CERT_FILE"])
def test_certificates_of_the_environment_that_are_not_there(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "/nowhere/at/all.pem")
    with pytest.raises(UsageProblem, match="SSL_CERT_FILE"):
        Client("https://status.invalid")


def speak_http2(sock: socket.socket, answer: Callable[[dict[str, str]], bytes]) -> None:
    """Answer every stream of one HTTP/2 connection."""
    connection = h2.connection.H2Connection(
        h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
    )
    connection.initiate_connection()
    sock.sendall(connection.data_to_send())
    while data := sock.recv(65536):
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                body = answer({str(name): str(value) for name, value in event.headers})
                headers = [(":status", "200"), ("content-type", "application/json"), ("set-cookie", "a=b")]
                connection.send_headers(event.stream_id, headers)
                connection.send_data(event.stream_id, body, end_stream=True)
        sock.sendall(connection.data_to_send())


@needs_openssl
def test_http_2(certificate: Certificate) -> None:
    context, seen, connections = certificate.context("h2", "http/1.1"), [], []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                connections.append(context.wrap_socket(sock, server_side=True))
                threading.Thread(target=talk, args=(connections[-1],), daemon=True).start()

    def talk(sock: ssl.SSLSocket) -> None:
        with suppress(OSError):
            speak_http2(sock, lambda headers: seen.append(headers) or b"{}")  # type: ignore[func-returns-value]

    threading.Thread(target=serve, daemon=True).start()
    limits = Limits(timeout=3.0, concurrency=4)
    client = Client(
        f"https://127.0.0.1:{listener.getsockname()[1]}", limits=limits, route=Route(insecure=True)
    )
    made = client.gather([lambda: client.send("GET", "/x", headers=(("x-api-key", "k"),))] * 8)
    client.close()
    listener.close()
    for sock in connections:
        sock.close()
    assert {one.response.http_version for one in made if one.response} == {"HTTP/2"}
    assert [one.status for one in made] == [200] * 8
    assert all(headers[":path"] == "/x" and headers["x-api-key"] == "k" for headers in seen)
    assert not any("cookie" in headers for headers in seen)


def test_a_transport_in_place_of_the_network() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://["}, content=b"{}")

    client = Client("https://status.invalid/base", transport=httpx.MockTransport(handle))
    made = client.send("GET", "/x")
    client.close()
    assert (made.status, made.request.url) == (302, "https://status.invalid/base/x")
    assert made.response is not None
    assert made.response.header("location") == "http://["


# What a run does not do, and what it does on request


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "DELETE", "PROPFIND", "get"])
def test_a_run_that_reads_sends_nothing_else(method: str) -> None:
    with talking(always(OK), read_only=True) as (client, server):
        client.send("GET", "/x")
        client.send("HEAD", "/x")
        with pytest.raises(SuiteProblem, match="only reads"):
            client.send(method, "/x")
    assert server.lines == ["GET /x", "HEAD /x"]


def test_nothing_is_sent_or_kept_when_the_run_is_over() -> None:
    with talking(always(OK)) as (client, server):
        client.send("GET", "/x")
        client.end()
        with pytest.raises(BudgetSpent):
            client.send("GET", "/x")
    assert len(server.calls) == len(client.exchanges) == 1


def test_more_headers_than_anybody_needs_are_cut() -> None:
    many = [f"X-{number}: a" for number in range(MOST_HEADERS)]
    made = only(always(response(b"{}", "200 OK", *many)))
    assert made.response is not None
    assert len(made.response.headers) == MOST_HEADERS
    assert made.response.beyond == "the answer is longer than the size cap and was cut"
    made = only(always(response(b"{}", "200 OK", f"X-Long: {'a' * HEADER_BYTES}")))
    assert made.response is not None
    assert made.response.beyond
    assert sum(len(value) for _, value in made.response.headers) < 1000


def test_a_connection_of_its_own() -> None:
    with talking(always(OK)) as (client, server):
        made = [client.send("GET", f"/{number}", alone=number == 1) for number in range(4)]
    assert [call.connection for call in server.calls] == [1, 2, 3, 3]
    assert [one.connection for one in made] == [1, 2, 3, 3]


def test_several_connections_of_their_own_at_once() -> None:
    with talking(always(OK), limits=Limits(concurrency=4)) as (client, server):
        client.send("GET", "/first")
        made = client.gather([lambda: client.send("GET", "/x", alone=True)] * 12)
        after = client.send("GET", "/last")
    assert len({one.connection for one in made}) == 12
    assert after.connection not in {one.connection for one in made}
    assert len({call.connection for call in server.calls if call.line == "GET /x"}) == 12


def test_a_request_that_is_lost_has_its_connection() -> None:
    with talking(in_turn(OK, None, None, None, OK)) as (client, server):
        client.send("GET", "/x")
        client.send("GET", "/x")
    assert [one.connection for one in client.exchanges] == [call.connection for call in server.calls]


def test_where_nothing_could_be_sent_there_is_no_connection() -> None:
    client = Client("http://127.0.0.1:1", limits=QUICK)
    with pytest.raises(Unreachable):
        client.send("GET", "/x")
    assert [one.connection for one in client.exchanges] == [0]


def to_the_slash(call: Call) -> bool:
    """Redirect every path to itself with a slash behind it."""
    method, _, path = call.line.partition(" ")
    if path.endswith("/"):
        return call.send(response(f"{method} {call.body.decode()} {call.header('x-api-key')}".encode()))
    return call.send(response(b"", "308 Permanent Redirect", f"Location: {path}/"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_redirects_within_the_origin_are_followed_on_request(method: str) -> None:
    with talking(to_the_slash) as (client, server):
        made = client.send(
            method,
            "/x",
            headers=(("x-api-key", "k"),),
            body=b"{}",
            intent={"op": "w"},
            writes=method == "POST",
            follow=True,
        )
    assert server.lines == [f"{method} /x", f"{method} /x/"]
    assert made.response is not None
    assert made.response.body == f"{method} {{}} k".encode()
    assert (made.intent, made.writes) == ({"op": "w"}, method == "POST")
    flags = [(one.status, one.superseded, one.redirected) for one in client.exchanges]
    assert flags == [(308, True, True), (200, False, False)]
    assert [one.number for one in client.exchanges] == [1, 2]


def test_a_redirect_to_another_origin_is_the_answer() -> None:
    with raw_server(always(OK)) as other:
        script = always(response(b"", "307 Elsewhere", f"Location: {other.url}/x"))
        with talking(script) as (client, _):
            made = client.send("GET", "/x", headers=(("x-api-key", "k"),), follow=True)
    assert (made.status, made.redirected, other.calls) == (307, False, [])


def test_redirects_in_a_circle_and_without_end_come_to_one() -> None:
    circle: Script = lambda call: call.send(
        response(b"", "302 Found", f"Location: {'/a' if call.line == 'GET /b' else '/b'}")
    )
    with talking(circle) as (client, server):
        assert client.send("GET", "/a", follow=True).status == 302
    assert server.lines == ["GET /a", "GET /b"]
    onward: Script = lambda call: call.send(response(b"", "302 Found", f"Location: /{call.number}"))
    with talking(onward) as (client, server):
        assert client.send("GET", "/a", follow=True).status == 302
    assert len(server.calls) == 6


# Throttling that does not say how long


def limiter(clock: VirtualClock, rate: float, burst: int, status: str) -> Script:
    """As nginx's limit_req: `rate` requests a second and `burst` more; beyond that an error page."""
    excess, last, lock = [0.0], [clock.time()], threading.Lock()

    def script(call: Call) -> bool:
        with lock:
            now = clock.time()
            excess[0] = max(0.0, excess[0] - (now - last[0]) * rate)
            last[0] = now
            if excess[0] > burst:
                return call.send(response(b"<html>", status))
            excess[0] += 1
        return call.send(OK)

    return script


@pytest.mark.parametrize("status", ["503 Service Temporarily Unavailable", "429 Too Many Requests"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("rate", [10.0, 2.0])
def test_every_request_is_answered_in_the_end_behind_a_limiter(method: str, status: str, rate: float) -> None:
    clock = VirtualClock(1000.0, tick=0.0001)
    with talking(limiter(clock, rate, 5, status), clock=clock, limits=Limits(concurrency=4)) as (client, _):
        calls = [lambda: client.send(method, "/x", writes=method == "POST")] * 60
        made = client.gather(calls)
    assert [one.status for one in made] == [200] * 60
    assert client.throttled
    assert clock.time() - 1000 < 2.5 * 60 / rate
    assert len(client.exchanges) < 90


def test_a_request_that_crashes_the_server_is_not_throttled() -> None:
    clock = VirtualClock(1000.0)
    script: Script = lambda call: call.send(response(b"", "503 Oops") if "odd" in call.line else OK)
    with talking(script, clock=clock, limits=Limits()) as (client, server):
        for number in range(6):
            assert client.send("GET", "/fine").status == 200
            assert client.send("POST", f"/odd/{number}", writes=True).status == 503
    odd = [line for line in server.lines if "odd" in line]
    assert [odd.count(f"POST /odd/{number}") for number in range(6)] == [len(QUIET) + 1] * 2 + [2] * 4
    assert clock.time() < 1000 + 2 * sum(QUIET) + 4 * QUIET[0] + 1
    assert not client.throttled


def test_an_outage_is_not_waited_for_again_and_again() -> None:
    script: Script = lambda call: call.send(OK if call.number == 1 else response(b"", "503 Down"))
    with talking(script) as (client, server):
        for _ in range(10):
            client.send("GET", "/x")
    assert len(server.calls) < 25


# When to leave a deployment alone


def test_who_is_asked_may_end_the_run() -> None:
    seen: list[int] = []

    def gave_up(exchanges: Sequence[Exchange]) -> WireProblem | None:
        seen.append(len(exchanges))
        return WireProblem("never reached") if len(exchanges) == 5 else None

    with (
        talking(always(response(b"", "404 No")), gave_up=gave_up) as (client, server),
        pytest.raises(WireProblem, match="never reached"),
    ):
        for _ in range(20):
            client.send("GET", "/x")
    assert (seen, len(server.calls)) == ([1, 2, 3, 4, 5], 5)


def test_it_is_asked_about_the_first_few_answers_and_about_several_alike() -> None:
    asked: list[int] = []
    mixed: Script = lambda call: call.send(
        OK if call.number % 2 or call.number > 20 else response(b"", "404 No")
    )
    with talking(mixed, gave_up=lambda exchanges: asked.append(len(exchanges))) as (client, _):  # type: ignore[func-returns-value]
        for _ in range(20 + ALIKE):
            client.send("GET", "/x")
    assert asked == [*range(1, FIRST_FEW + 1), 20 + ALIKE]


# The deadline and the network


def test_no_answer_is_waited_for_longer_than_the_deadline() -> None:
    before = time.monotonic()
    message = unreachable(silent, clock=SystemClock(), limits=Limits(deadline=0.3))
    assert message.startswith("no complete answer came within 0.")
    assert time.monotonic() - before < 3


def test_what_the_deadline_cuts_off_decides_nothing() -> None:
    script: Script = lambda call: call.send(OK) if call.number == 1 else silent(call)
    with talking(script, clock=SystemClock(), limits=Limits(deadline=0.5)) as (client, _):
        client.send("GET", "/x")
        with pytest.raises(BudgetSpent, match=r"deadline of 0\.5 s"):
            client.send("POST", "/x", writes=True)
    assert [(one.status, one.superseded) for one in client.exchanges] == [(200, False), (None, True)]
