"""Where a redirect leads, and which of them keep what was asked."""

from __future__ import annotations

import pytest

from conformance.wire.exchange import Exchange, Request, Response
from conformance.wire.redirects import onward

HERE = "https://h.example/status/abc?x=1"


def seen(status: int, location: str | None, method: str = "GET", url: str = HERE) -> Exchange:
    headers = () if location is None else (("Location", location),)
    return Exchange(1, Request(method, url), Response(status, headers=headers), 0, 0)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/status/abc/", "https://h.example/status/abc/"),
        ("abd", "https://h.example/status/abd"),
        ("https://h.example/y", "https://h.example/y"),
        ("https://h.example:443/y#part", "https://h.example/y"),
        ("//H.Example/y", "https://h.example/y"),
        ("?x=2", "https://h.example/status/abc?x=2"),
        ("http://h.example/y", None),
        ("https://h.example:8443/y", None),
        ("https://other.example/y", None),
        ("https://h.example.evil.example/y", None),
        ("https://user:pw@h.example/y", None),
        ("mailto:x", None),
        ("http://[", None),
        ("\xff\xfe", None),
        ("", None),
        (None, None),
    ],
)
def test_only_the_same_origin_is_followed(location: str | None, url: str | None) -> None:
    assert onward(seen(307, location)) == url


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_only_what_keeps_the_request_is_followed(method: str, status: int) -> None:
    followed = status in (307, 308) or method in ("GET", "HEAD")
    assert (onward(seen(status, "/y", method)) is not None) is followed


@pytest.mark.parametrize("status", [200, 300, 304, 305, 306, 404])
def test_other_answers_lead_nowhere(status: int) -> None:
    assert onward(seen(status, "/y")) is None


def test_no_answer_leads_nowhere() -> None:
    assert onward(Exchange(1, Request("GET", HERE), None, 0, 0, "lost")) is None
