"""What a run would send, as lines of text."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.report.text import count, visible
from conformance.wire.exchange import Exchange


def lines(exchanges: Iterable[Exchange]) -> list[str]:
    """One line a request: number, method, URL, whether it writes, the requirements; then the totals.

    Numbers run from 1 without a gap: attempts that were repeated are one request.
    """
    wanted = [exchange for exchange in exchanges if not exchange.superseded]
    wide = max((len(exchange.request.method) for exchange in wanted), default=0)
    rows = [_line(number, exchange, wide, len(str(len(wanted)))) for number, exchange in enumerate(wanted, 1)]
    writing = len([exchange for exchange in wanted if exchange.writes])
    return [*rows, f"{count(len(wanted), 'request')}, {writing} of them writing"]


def _line(number: int, exchange: Exchange, method: int, digits: int) -> str:
    request = exchange.request
    serves = ", ".join(exchange.requirements) or "no requirement"
    kind = "writes" if exchange.writes else "reads"
    return visible(f"{number:>{digits}}  {request.method:<{method}}  {kind:<6}  {request.url}  ({serves})")
