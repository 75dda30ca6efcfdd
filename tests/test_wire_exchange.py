"""One request and its response."""

from __future__ import annotations

import dataclasses

import pytest

from conformance.wire.exchange import Exchange, Request, Response, find
from conformance.wire.strict import MISSING

REQUEST = Request("GET", "http://h/x", (("X-A", "1"), ("x-a", "2")))


def made(response: Response | None = None, failure: str | None = None) -> Exchange:
    return Exchange(7, REQUEST, response, 10.0, 10.25, failure)


def test_headers_are_found_whatever_their_case() -> None:
    assert find(REQUEST.headers, "X-a") == "1"
    assert REQUEST.header("x-A") == "1"
    assert Response(200, headers=REQUEST.headers).header("X-B") is None


@pytest.mark.parametrize(
    ("label", "media_type"),
    [
        (None, None),
        ("", None),
        ("application/json", "application/json"),
        (" Application/JSON ; charset=utf-8; x=y", "application/json"),
        (";", ""),
    ],
)
def test_the_media_type_has_no_parameters(label: str | None, media_type: str | None) -> None:
    headers = () if label is None else (("content-type", label),)
    assert Response(200, headers=headers).media_type == media_type


def test_a_body_is_read_as_json() -> None:
    assert Response(200, body=b'{"a": 1}').document.members == {"a": 1}
    assert Response(200, body=b"{}", truncated=True).document.value is MISSING


def test_an_exchange_tells_what_came_of_it() -> None:
    answered, lost = made(Response(404)), made(None, "the connection was dropped")
    assert (answered.status, answered.elapsed, answered.line) == (404, 0.25, "GET http://h/x: 404")
    assert (lost.status, lost.line) == (None, "GET http://h/x: the connection was dropped")


def test_records_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        REQUEST.body = b""  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        made().failure = "x"  # type: ignore[misc]
