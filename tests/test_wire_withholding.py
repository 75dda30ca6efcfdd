"""What leaves the process after the deadline."""

from __future__ import annotations

from conformance.clock import Deadline, VirtualClock
from conformance.wire.exchange import Exchange, Request, Response
from conformance.wire.redaction import Redactor
from conformance.wire.withholding import WITHHELD, redacted

SECRET = "the-secret-key-of-the-toy"


def seen(number: int, body: bytes, **more: bytes) -> Exchange:
    headers = (("x-api-key", SECRET),)
    return Exchange(number, Request("GET", "http://h/", headers), Response(200, body=body, **more), 0, 0)  # type: ignore[arg-type]


def redactor() -> Redactor:
    made = Redactor()
    made.add(SECRET, "$KEY")
    return made


def test_in_time_secrets_are_looked_for() -> None:
    (one,) = redacted([seen(1, f"it is {SECRET}".encode())], redactor(), Deadline(VirtualClock()))
    assert one.response is not None
    assert SECRET.encode() not in one.response.body


def test_later_bodies_are_withheld() -> None:
    clock = VirtualClock(1000.0)
    deadline = Deadline(clock, 10)
    clock.sleep(11)
    one, raw, empty = redacted(
        [seen(1, SECRET.encode()), seen(2, b"", raw=SECRET.encode()), seen(3, b"")], redactor(), deadline
    )
    assert [made.response.body for made in (one, raw, empty) if made.response] == [WITHHELD, WITHHELD, b""]
    assert raw.response is not None
    assert raw.response.raw == b""
    assert one.response is not None
    assert one.response.truncated
    assert SECRET not in str(one.request.headers)


def test_there_is_a_moment_beyond_the_deadline() -> None:
    clock = VirtualClock(1000.0, tick=0.0)
    deadline = Deadline(clock, 10)
    assert deadline.longer(2).left == 12
    clock.sleep(11)
    assert deadline.longer(2).left == 2
    assert Deadline(clock).longer(2).left == float("inf")
