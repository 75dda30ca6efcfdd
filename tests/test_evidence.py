"""What exchanges say by themselves, whatever the contract."""

from __future__ import annotations

import pytest

from conformance.evidence import is_page, speaks
from conformance.wire.exchange import Exchange, Request, Response

URL = "http://here.example:8080/v2.0/status?identity=a"


def answered(status: int | None, body: bytes = b"{}") -> Exchange:
    """A GET of URL; None for no answer."""
    return Exchange(1, Request("GET", URL), None if status is None else Response(status, body=body), 0, 0)


@pytest.mark.parametrize("body", [b"<!doctype html><h1>Welcome", b"  <html>", b"<?xml version='1.0'?><a/>"])
def test_a_page_is_no_answer_of_a_contract(body: bytes) -> None:
    assert is_page(answered(200, body))
    assert not speaks(answered(200, body))


@pytest.mark.parametrize("body", [b"", b"{}", b'"<html>"', b"not JSON"])
def test_what_is_merely_wrong_is_an_answer(body: bytes) -> None:
    assert not is_page(answered(200, body))
    assert speaks(answered(200, body))


@pytest.mark.parametrize(
    ("status", "own"), [(201, True), (500, True), (404, False), (403, False), (503, False), (None, False)]
)
def test_only_success_and_a_crash_are_a_deployments_own(status: int | None, own: bool) -> None:
    assert speaks(answered(status)) is own
