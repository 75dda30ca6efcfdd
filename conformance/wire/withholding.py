"""Exchanges without secrets, within the time that there is for looking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from conformance.clock import Deadline
from conformance.wire.exchange import Exchange
from conformance.wire.redaction import Redactor

WITHHELD = b"[withheld: there was no time to look for secrets in it before the deadline]"


def redacted(exchanges: Iterable[Exchange], redactor: Redactor, deadline: Deadline) -> tuple[Exchange, ...]:
    """`exchanges` as they may leave the process; bodies that nobody could look at any more are withheld."""
    return tuple(redactor.exchange(one if deadline.left > 0 else _bare(one)) for one in exchanges)


def _bare(exchange: Exchange) -> Exchange:
    response = exchange.response
    if response is None or not (response.body or response.raw):
        return exchange
    return replace(exchange, response=replace(response, body=WITHHELD, raw=b"", truncated=True))
