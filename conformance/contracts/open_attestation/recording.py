"""Recorded traffic of the Open Attestation Status API: what its sender seems to have meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote

from conformance.evidence import Answer, answer, below, member
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, parse


def base_of(exchanges: Sequence[Exchange]) -> str:
    """What most often stands before the last path segment of requests that look like this API's; "" if none do."""
    bases = Counter(
        one.request.url.partition("?")[0].rpartition("/")[0] for one in exchanges if _looks_so(one)
    )
    return bases.most_common(1)[0][0] if bases else ""


def _looks_so(exchange: Exchange) -> bool:
    sent = parse(exchange.request.body).members or {}
    if exchange.request.method == "POST":
        return "status" in sent and set(sent) == {"status"}
    shown = member(exchange, "events") is not MISSING and member(exchange, "status") is not MISSING
    return exchange.request.method == "GET" and shown


def tag(exchange: Exchange, base: str) -> Exchange | None:
    """The exchange with its intent, or None when it is not one of this API.

    A recording does not say what was written before it, and exporters leave credentials out: every hash counts as
    known, and a write that was accepted as one with the key.
    """
    target = below(exchange, base).removeprefix("/")
    if not target or "/" in target or exchange.request.method not in ("GET", "POST"):
        return None
    intent = {"hash": unquote(target), "sample": "recorded"}
    if exchange.request.method == "GET":
        return replace(exchange, intent={"op": "read", **intent})
    if answer(exchange) is not Answer.ACCEPTED:
        return None
    return replace(exchange, intent={"op": "write", "credential": "key", **intent})
