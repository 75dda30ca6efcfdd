"""The exchanges of a run, read as answers to the question whether an identity is granted or revoked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import unquote_plus, urlsplit

from conformance.contract import Settings
from conformance.evidence import Answer, answer, member
from conformance.wire.exchange import GENERATED, Exchange
from conformance.wire.strict import integer_kind

GRANTED: Final = "granted"
REVOKED: Final = "revoked"
RESULTS: Final = frozenset({200, 403})
"""The codes that come with a verdict."""
PLAIN_DENIALS: Final = frozenset({401, 403, 407})
RUN: Final = 600
"""Seconds that a run lasts at the most, as far as what happened during it is concerned."""
SETTLED: Final = 4
"""How many answers in a row show that nobody takes back what some have not heard of at first."""
WELL_FORMED: Final = ("granted", "revoked", "encoded", "lower", "unknown", "unnamed")
"""The kinds of identities that a deployment can have a verdict on; "unnamed" ones stem from recorded traffic."""

ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_IN_TEXT = re.compile(rb"""status\\*["']?\s*[:=]\s*\\*["']?(granted|revoked)\b""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer: for which identity, of which kind, and the verdict that it has.

    `claim` is the verdict in the member `status` of the body's object, whatever its letter case; `verdict` is that
    too, or what can be made out in a body that is no object. None stands for no verdict.
    """

    exchange: Exchange
    identity: str
    sample: str
    expect: str
    case: str
    claim: str | None
    verdict: str | None

    @property
    def status(self) -> int | None:
        """The HTTP status code."""
        return self.exchange.status

    @property
    def plain_denial(self) -> bool:
        """Whether the call was refused without a verdict on the identity."""
        return self.status in PLAIN_DENIALS and self.verdict is None

    @property
    def undecided(self) -> bool:
        """Whether the answer says nothing about the deployment; some gateways throttle with 403 and Retry-After."""
        response = self.exchange.response
        later = self.plain_denial and response is not None and response.header("retry-after") is not None
        return later or answer(self.exchange) is Answer.UNDECIDED

    def member(self, name: str) -> Any:
        """A member of the body's object, or MISSING."""
        return member(self.exchange, name)

    def number(self, name: str) -> int | None:
        """A member that is an integer by value, else None."""
        value = self.member(name)
        return int(value) if integer_kind(value) else None


@dataclass(frozen=True, slots=True)
class View:
    """All readings of a run, in the order of sending.

    `open` tells whether anything but denials was ever said about an identity that can have a verdict.
    """

    readings: Sequence[Reading]
    settings: Settings
    slack: int = 0
    open: bool = field(default=False)

    def of(self, *samples: str) -> list[Reading]:
        """The readings of identities of these kinds."""
        return [reading for reading in self.readings if reading.sample in samples]

    def by_identity(self, *samples: str) -> list[list[Reading]]:
        """The same, in one list for each identity."""
        found: dict[str, list[Reading]] = {}
        for reading in self.of(*samples):
            found.setdefault(reading.identity, []).append(reading)
        return list(found.values())

    def turned(self, named: str) -> list[Reading]:
        """The readings of identities that were named as one kind, and were of the other at that moment."""
        other = REVOKED if named == GRANTED else GRANTED
        return [one for one in self.of(other) if one.exchange.intent.get("sample") == named]

    @property
    def has_samples(self) -> bool:
        """Whether the operator named an identity."""
        return bool(self.settings.many(GRANTED) or self.settings.many(REVOKED))


def has_letter_case(identity: str) -> bool:
    """Whether an identity is an address that lower case changes."""
    return ADDRESS.fullmatch(identity) is not None and identity != identity.lower()


def view(exchanges: Sequence[Exchange], settings: Settings) -> View:
    """Read `exchanges`; those of other requests are left out."""
    found = (_reading(exchange, settings) for exchange in sorted(exchanges, key=lambda one: one.number))
    readings = tuple(_as_of_then([reading for reading in found if reading], settings.consistency_window))
    return View(readings, settings, _slack(settings), _is_open(readings))


def intent_of(exchange: Exchange, settings: Settings) -> Mapping[str, str] | None:
    """What a request was meant to find out: as the driver says, else as its query tells; None for other requests."""
    if "sample" in exchange.intent:
        return exchange.intent
    parts = urlsplit(exchange.request.url)
    if exchange.request.method != "GET" or not parts.path.rstrip("/").endswith("/tydids/status"):
        return None
    given = [value for name, value in _pairs(parts.query) if name == "identity"]
    if len(given) > 1:
        return None
    identity = given[0] if given else ""
    sample = _kind(identity, settings) if identity else ("empty" if given else "missing")
    return {"op": "status", "identity": identity, "sample": sample}


def _kind(identity: str, settings: Settings) -> str:
    """The kind of an identity in recorded traffic; what nobody named may be known to the deployment."""
    kinds = [kind for kind in (GRANTED, REVOKED) if identity in settings.many(kind)]
    if len(kinds) == 1:
        return kinds[0]
    return "malformed" if identity.startswith("0x") and not ADDRESS.fullmatch(identity) else "unnamed"


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    for part in query.split("&"):
        name, _, value = part.partition("=")
        yield unquote_plus(name), unquote_plus(value)


def _reading(exchange: Exchange, settings: Settings) -> Reading | None:
    intent = intent_of(exchange, settings)
    if intent is None:
        return None
    told = answer(exchange) is not Answer.UNDECIDED
    claim = _claim(exchange) if told else None
    return Reading(
        exchange=exchange,
        identity=intent.get("of") or intent.get("identity", ""),
        sample=intent["sample"],
        expect=intent.get("expect", ""),
        case=intent.get("case", ""),
        claim=claim,
        verdict=claim or (_verdict_in_text(exchange) if told else None),
    )


def _claim(exchange: Exchange) -> str | None:
    """The verdict in the member `status`. A number there is no verdict: problem reports have one (RFC 9457)."""
    value = member(exchange, "status")
    folded = value.strip().casefold() if isinstance(value, str) else ""
    return folded if folded in (GRANTED, REVOKED) else None


def _verdict_in_text(exchange: Exchange) -> str | None:
    """The verdict in a body that means to be the object but is not one: encoded twice, with bytes after it."""
    if (
        exchange.status not in RESULTS
        or not exchange.response
        or exchange.response.document.members is not None
    ):
        return None
    found = _IN_TEXT.search(exchange.response.body)
    return found[1].decode().casefold() if found else None


def _as_of_then(readings: list[Reading], lag: float) -> list[Reading]:
    """The readings, with those of an identity that revokes meanwhile as readings of what it is at that moment.

    The API is there for that to be seen. A node may hear of it `lag` seconds late: so may one that is asked for an
    identity that was named as revoked.
    """
    named: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.sample in (GRANTED, REVOKED):
            named.setdefault(reading.identity, []).append(reading)
    turned = {identity for identity, own in named.items() if _revokes(own, lag)}
    return [
        replace(one, sample=one.claim)
        if one.sample in (GRANTED, REVOKED) and one.identity in turned and one.claim
        else one
        for one in readings
    ]


def _revokes(readings: list[Reading], lag: float) -> bool:
    """Whether one identity is granted until it is revoked for good, at one moment that is told and fits.

    Of several nodes some may hear of it before others. A generated history is judged without what came before it.
    """
    before = [one.exchange for one in readings if one.claim == GRANTED]
    after = [one for one in readings if one.claim == REVOKED]
    moments = {one.number("revoked") for one in after}
    moment = moments.pop() if len(moments) == 1 else None
    if moment is None:
        return False
    if not before:
        first = after[0].exchange
        return first.part == GENERATED and moment > _sent(first) - RUN
    last = max(one.started for one in before)
    in_order = last < min(one.exchange.ended for one in after)
    settled = sum(one.exchange.started > last for one in after) >= SETTLED
    return (in_order or settled) and moment >= max(map(_sent, before)) - lag


def _sent(exchange: Exchange) -> float:
    """When an answer was made by the deployment's clock, if it tells, else by ours."""
    told = dated(exchange)
    return exchange.started - (age(exchange) or 0) if told is None else told


def dated(exchange: Exchange) -> float | None:
    """The header Date in Unix seconds; None when there is none that can be read."""
    date = exchange.response.header("date") if exchange.response else None
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except (TypeError, ValueError, OverflowError):
        return None


def _is_open(readings: Sequence[Reading]) -> bool:
    known = (reading for reading in readings if reading.sample in WELL_FORMED)
    return any(reading.verdict or answer(reading.exchange) is Answer.ACCEPTED for reading in known)


def age(exchange: Exchange) -> int | None:
    """Seconds that an answer has been in a cache, by its header Age; None when it has none."""
    text = (exchange.response.header("age") or "").strip() if exchange.response else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None


def _slack(settings: Settings) -> int:
    text = settings.one("consensus-slack", "0") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0
