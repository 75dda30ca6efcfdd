"""Recorded traffic of the grant status: which calls are of this API, and what they asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from conformance.contract import Settings
from conformance.contracts.tydids.observations import intent_of
from conformance.evidence import below
from conformance.wire.exchange import Exchange

PATH = "/tydids/status"


def base_of(exchanges: Sequence[Exchange]) -> str:
    """What most often stands before /tydids/status; "" if nothing does."""
    paths = [
        one.request.url.partition("?")[0].rstrip("/") for one in exchanges if one.request.method == "GET"
    ]
    bases = Counter(path.removesuffix(PATH) for path in paths if path.endswith(PATH))
    return bases.most_common(1)[0][0] if bases else ""


def tag(exchange: Exchange, base: str) -> Exchange | None:
    """The exchange with its intent, or None when it is not one of this API, or its body was not recorded.

    A recording does not say who has revoked: the identities in it are judged by what their answers say of themselves.
    """
    if below(exchange, base).rstrip("/") != PATH or _was_cut(exchange):
        return None
    intent = intent_of(exchange, Settings())
    return None if intent is None else replace(exchange, intent=intent)


def _was_cut(exchange: Exchange) -> bool:
    """Whether a body may be missing in the recording only: an answer with a verdict and no body says it has none."""
    response = exchange.response
    if response is None or response.body or response.status not in (200, 403):
        return False
    return response.header("content-length") != "0"
