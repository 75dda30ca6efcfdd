"""Servers that are busy, restart, or are slow."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from ..raw_server import CLOSE, Call, Script, response, silent
from .behaviour import ANY, CONFORMANT, TOLERATED, UNANSWERED, WHATEVER, Behaviour, Site

QUICK = 5.0
"""Seconds in which a run with a deadline of three has to end."""


def busy(status: str, *headers: str) -> Callable[[Site], Script]:
    def made(_: Site) -> Script:
        return lambda call: call.send(response(b"{}", status, *headers))

    return made


def _overload(name: str, status: str, *headers: str, **more: object) -> Behaviour:
    return Behaviour(name, "overload", busy(status, *headers), UNANSWERED, **more)  # type: ignore[arg-type]


def now_and_then(each: int, data: bytes) -> Callable[[Site], Script]:
    """A correct deployment that gives another answer to each n-th request."""

    def made(site: Site) -> Script:
        def script(call: Call) -> bool:
            return call.send(data if call.number % each == 0 else site.right(call).whole())

        return script

    return made


BUSY = response(b"{}", "429 Too Many Requests", "Retry-After: 0")
OVERLOAD = (
    _overload("429 for ever", "429 Too Many Requests", telling=True),
    _overload("429 for ever, at once again", "429 Too Many Requests", "Retry-After: 0"),
    _overload("503 for ever, at once again", "503 Service Unavailable", "Retry-After: 0"),
    _overload("503 for ever", "503 Service Unavailable"),
    _overload("Retry-After: -1", "429 Too Many Requests", "Retry-After: -1"),
    _overload("Retry-After: 10^30", "503 Service Unavailable", "Retry-After: 1" + "0" * 30, telling=True),
    _overload("Retry-After of 5,000 digits", "503 Service Unavailable", "Retry-After: " + "9" * 5000),
    _overload("Retry-After: nan", "503 Service Unavailable", "Retry-After: nan"),
    _overload("Retry-After in the year 9999", "503 Service Unavailable", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"),
    _overload("Retry-After in the year 1", "503 Service Unavailable", "Retry-After: Mon, 01 Jan 0001 00:00:00 GMT"),
    _overload("Retry-After that is no date", "429 Too Many Requests", "Retry-After: soon"),
    _overload("Retry-After twice", "429 Too Many Requests", "Retry-After: 1", "Retry-After: 100000"),
    _overload("502 for ever", "502 Bad Gateway"),
    _overload("504 for ever", "504 Gateway Timeout"),
    _overload("500 for ever", "500 Internal Server Error"),
    _overload("501 for ever", "501 Not Implemented"),
    _overload("599 for ever", "599 Odd"),
    _overload("407 for ever", "407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"'),
    _overload("401 for ever", "401 Unauthorized", 'WWW-Authenticate: Basic realm="x"'),
    _overload("404 for ever", "404 Not Found"),
    _overload("418 for ever", "418 I'm a teapot"),
    Behaviour("every third answer is 429", "overload", now_and_then(3, BUSY), TOLERATED),
    Behaviour("every tenth answer is 503, at once again", "overload", now_and_then(10, response(b"", "503 Busy", "Retry-After: 0")), TOLERATED),
)  # fmt: skip


def until(number: int, then: Callable[[Call], bool]) -> Callable[[Site], Script]:
    """A correct deployment up to the n-th request."""

    def made(site: Site) -> Script:
        def script(call: Call) -> bool:
            return call.send(site.right(call).whole()) if call.number < number else then(call)

        return script

    return made


def flapping(length: int) -> Callable[[Site], Script]:
    def made(site: Site) -> Script:
        def script(call: Call) -> bool:
            return CLOSE if call.number // length % 2 else call.send(site.right(call).whole())

        return script

    return made


def _gone(call: Call) -> bool:
    """Stop listening: whoever comes is refused."""
    call.server.stop()
    return CLOSE


def _restarting(site: Site) -> Script:
    """Three seconds' worth of requests are lost, then all is as before, except that it has forgotten what it had in memory."""

    def script(call: Call) -> bool:
        if 8 <= call.number < 11:
            return CLOSE
        return call.send(site.right(call).whole())

    return script


RESTARTS = (
    Behaviour("down in the middle: connections close", "restart", until(8, lambda call: CLOSE), UNANSWERED, telling=True),
    Behaviour("down in the middle: 503", "restart", until(8, lambda call: call.send(response(b"", "503 Down"))), UNANSWERED),
    Behaviour("down in the middle: a page of maintenance", "restart", until(8, lambda call: call.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<h1>Maintenance</h1>")), UNANSWERED),
    Behaviour("down in the middle: silence", "restart", until(8, silent), UNANSWERED, options=("--deadline", "6"), seconds=10.0),
    Behaviour("down in the middle: nobody listens", "restart", until(8, _gone), UNANSWERED),
    Behaviour("restarts in the middle", "restart", _restarting, TOLERATED),
    Behaviour("every second answer is lost", "restart", flapping(1), WHATEVER | CONFORMANT, ANY),
    Behaviour("up for three, down for three", "restart", flapping(3), WHATEVER | CONFORMANT, ANY),
    Behaviour("answers once and never again", "restart", until(2, lambda call: CLOSE), UNANSWERED),
)  # fmt: skip


def trickling(
    piece: bytes, pause: float, head: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
) -> Callable[[Site], Script]:
    def made(_: Site) -> Script:
        def script(call: Call) -> bool:
            call.send(head)
            while not call.server.closing.wait(pause):
                call.send(piece)
            return CLOSE

        return script

    return made


def late(seconds: float) -> Callable[[Site], Script]:
    def made(site: Site) -> Script:
        def script(call: Call) -> bool:
            call.server.closing.wait(seconds)
            return call.send(site.right(call).whole())

        return script

    return made


def never_reads(site: Site) -> Script:
    """Answer before the body is read, slowly, with a window of nothing."""

    def script(call: Call) -> bool:
        call.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        time.sleep(0.05)
        return call.send(site.right(call).whole())

    return script


THREE = ("--timeout", "10", "--deadline", "3")


def slow(
    name: str, script: Callable[[Site], Script], codes: frozenset[int] = UNANSWERED, **more: object
) -> Behaviour:
    return Behaviour(name, "slow", script, codes, options=THREE, seconds=QUICK, **more)  # type: ignore[arg-type]


SLOW = (
    slow("silent", lambda site: silent, telling=True),
    slow("silent, to deep effort", lambda site: silent),
    slow("endless", lambda site: _endless, telling=True),
    slow("trickling: a byte each half second", trickling(b" ", 0.5), telling=True),
    slow("trickling: a byte each 5 ms", trickling(b" ", 0.005)),
    slow("trickling headers", trickling(b"X-Slow: 1\r\n", 0.2, b"HTTP/1.1 200 OK\r\n")),
    slow("trickling early hints", trickling(b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.2, b"")),
    slow("trickling chunks", trickling(b"1\r\n \r\n", 0.2, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")),
    slow("silent in the middle", until(8, silent)),
    slow("a second late, each time", late(1.0)),
    slow("four seconds late, each time", late(4.0)),
    Behaviour("a window of nothing", "slow", never_reads, CONFORMANT),
    Behaviour("0.1 s late, each time", "slow", late(0.1), TOLERATED),
    Behaviour("silent to 64 at a time", "slow", lambda site: silent, UNANSWERED, options=(*THREE, "--concurrency", "64"), seconds=QUICK),
    Behaviour("silent to deep Open Attestation", "slow", until(4, silent), UNANSWERED, options=(*THREE, "--effort", "deep"), seconds=QUICK, contract="open-attestation"),
    Behaviour("silent to standard DCP", "slow", until(4, silent), UNANSWERED, options=(*THREE, "--effort", "standard"), seconds=QUICK, contract="dcp"),
    Behaviour("late writes in Open Attestation", "slow", late(0.2), TOLERATED, options=THREE, seconds=QUICK, contract="open-attestation"),
)  # fmt: skip


def _endless(call: Call) -> bool:
    call.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not call.server.closing.is_set():
        call.send(b" " * 65536)
    return CLOSE


BEHAVIOURS = (*OVERLOAD, *RESTARTS, *SLOW)
