"""Circumstances that touch some answers only: a limit on requests, company on a connection; and what tells of a cache."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from conformance.diagnosis.circumstances import CONTROLS, DENIED, Circumstance, Classify, Standing
from conformance.evidence import received
from conformance.wire.exchange import Exchange

THROTTLED, COMPANY = "throttled", "company"
LIMITED = frozenset({429, 503})
HIT = re.compile(r"\bhit\b|\bstale\b|\d+ \d+", re.IGNORECASE)
"""What caches say of an answer that they kept; Varnish tells the numbers of two requests."""
CACHES = ("x-cache", "cf-cache-status", "cache-status", "x-cache-status", "x-proxy-cache", "x-varnish")


def touched(exchanges: Iterable[Exchange], classify: Classify) -> list[Circumstance]:
    """What befell some requests of a run, whatever they asked for; pure, and nothing is found in a few."""
    sent = sorted((one for one in exchanges if not one.superseded), key=lambda one: (one.started, one.number))
    standings = {one.number: classify(one) for one in sent}
    return [one for one in (_throttled(sent, standings), _company(sent, standings)) if one]


def _throttled(sent: Sequence[Exchange], standings: Mapping[int, Standing]) -> Circumstance | None:
    """Requests that a limit kept from being answered to the last, controls of several things among them."""
    limited = [one for one in sent if one.status in LIMITED]
    controls = [one for one in limited if standings[one.number].entitled]
    served = {
        one.request.url for one in sent if standings[one.number].ours and standings[one.number].entitled
    }
    things = {one.request.url for one in controls}
    if len(controls) < CONTROLS or len(things & served) < min(2, len(served)) or not served:
        return None
    sentence = f"{len(limited)} of {len(sent)} requests met a limit, whatever they asked for: {received(limited[0], 120)}"
    return _circumstance(THROTTLED, sentence, "slow down with --rate", limited)


def _company(sent: Sequence[Exchange], standings: Mapping[int, Standing]) -> Circumstance | None:
    """Controls that are denied only on connections that carried something like an attack before."""
    controls = [one for one in sent if standings[one.number].entitled]
    denied = [one for one in controls if one.status in DENIED and not standings[one.number].ours]
    guessed = [one for one in sent if standings[one.number].guess and one.connection]
    touching = [one for one in denied if any(_shared(one, other) for other in guessed)]
    if not denied or len(touching) < len(denied) or len(denied) == len(controls):
        return None
    sentence = "a right request is refused on a connection that carried a wrong one before, and on no other"
    hint = "look at what a proxy or server remembers of a connection, such as the values of headers"
    return _circumstance(COMPANY, sentence, hint, denied)


def _shared(one: Exchange, earlier: Exchange) -> bool:
    return one.connection == earlier.connection and earlier.ended <= one.started


def _circumstance(id: str, sentence: str, hint: str, exchanges: Iterable[Exchange]) -> Circumstance:
    return Circumstance(id, sentence, hint, frozenset(one.number for one in exchanges))


def cached(exchange: Exchange) -> str:
    """What tells that an answer comes from a cache, as the header that says so; "" if nothing does."""
    response = exchange.response
    for name in CACHES if response else ():
        value = response.header(name) if response else None
        if value and HIT.search(value):
            return f"{name}: {value[:80]}"
    age = (response.header("age") or "").strip() if response else ""
    return f"age: {age}" if age.isdigit() and int(age[:9]) > 0 else ""
