"""Redirects within one origin: where they lead, and which of them keep what was asked."""

from __future__ import annotations

import httpx

from conformance.wire.exchange import Exchange

HOPS = 5
KEEPING = frozenset({307, 308})
"""Codes that keep method and body."""
FOR_READS = frozenset({301, 302, 303})
"""Codes after which a client may, or has to, go on with a GET."""
READS = frozenset({"GET", "HEAD"})


def onward(exchange: Exchange) -> str | None:
    """The URL on the same origin that an answer sends the same request to, or None."""
    response, request = exchange.response, exchange.request
    if response is None or response.status not in (
        KEEPING | FOR_READS if request.method in READS else KEEPING
    ):
        return None
    try:
        here = httpx.URL(request.url)
        there = here.join((response.header("location") or "").encode("latin-1").decode("utf-8"))
    except (httpx.InvalidURL, ValueError):
        return None
    same = _origin(there) == _origin(here) and not there.userinfo
    return str(there.copy_with(fragment=None)) if same and response.header("location") else None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
