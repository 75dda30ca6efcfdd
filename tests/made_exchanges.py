"""Exchanges made by hand, for the tests of the diagnosis."""

from __future__ import annotations

from typing import Any

from conformance.diagnosis.circumstances import Standing
from conformance.wire.exchange import Exchange, Request, Response

START = 1_800_000_000.0
BASE = "https://status.test/"


class Tape:
    """Exchanges in the making, a second apart."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def add(
        self,
        kind: str,
        code: int | None = 200,
        body: str = "{}",
        times: int = 1,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Tape:
        """Add `times` exchanges; `kind` begins with what it asks for: an upper-case letter is a right request."""
        for _ in range(times):
            number = len(self.exchanges) + 1
            named = tuple((headers or {"content-type": "application/json"}).items())
            response = Response(code, headers=named, body=body.encode()) if code else None
            self.exchanges.append(
                Exchange(
                    number=number,
                    request=Request("GET", BASE + kind),
                    response=response,
                    started=START + number,
                    ended=START + number + 0.1,
                    failure=None if code else "the connection was closed",
                    intent={"kind": kind},
                    **more,
                )
            )
        return self


def classify(exchange: Exchange) -> Standing:
    """Right requests have an upper-case letter; a guess begins with "x"; ours are JSON objects with 200."""
    kind = exchange.intent["kind"]
    ours = exchange.status == 200 and bool(exchange.response and exchange.response.body[:1] == b"{")
    return Standing(kind[0].isupper(), kind.startswith("x"), ours)
