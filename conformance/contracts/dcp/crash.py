"""What tells that a server broke, by its own word or by that of the gateway before it."""

from __future__ import annotations

from conformance.evidence import Answer, answer
from conformance.wire.exchange import Exchange

GAVE_UP = frozenset({502, 504})
"""What a gateway says where the server behind it crashed or hung: once is a mishap."""


def broke(exchange: Exchange) -> bool:
    """Whether the server broke over a request."""
    return answer(exchange) is Answer.BROKEN or exchange.status in GAVE_UP
