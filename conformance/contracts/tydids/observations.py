"""What each exchange of a run tells, typed and without judgement: whose verdict was asked for, and what was told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from conformance.contract import Settings
from conformance.evidence import Answer, answer, code, member
from conformance.wire.exchange import GENERATED, Exchange
from conformance.wire.strict import integer_kind

GRANTED: Final = "granted"
REVOKED: Final = "revoked"
CODES: Final = {GRANTED: 200, REVOKED: 403}
DENIALS: Final = frozenset({401, 403, 407})
NAMED: Final = (GRANTED, REVOKED)
WELL_FORMED: Final = (*NAMED, "encoded", "lower", "unknown", "unnamed")
"""The samples that a deployment can have a verdict on; "unnamed" ones stem from recorded traffic."""
SILENCE: Final = 3
"""How many calls of one kind go unanswered before that is the answer, while those of the other kind are answered."""
RUN: Final = 600
"""Seconds that a run lasts at the most, as far as what happened during it is concerned."""

_IN_TEXT: Final = re.compile(rb"""status\\*["']?\s*[:=]\s*\\*["']?(granted|revoked)\b""", re.IGNORECASE)
ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer: for whom, as which sample, of which `kind` (what the plain form was named as, if it was).

    `claim` is the verdict in the body, whatever its letter case, None for none; `word` is that too, or what can be made
    out in a body that means to be an object and is none; `undecided` tells that the answer says nothing about the
    deployment.
    """

    exchange: Exchange
    identity: str
    sample: str
    kind: str
    case: str
    claim: str | None
    word: str | None
    undecided: bool

    @property
    def code(self) -> int | None:
        """The HTTP status code."""
        return self.exchange.status

    @property
    def verdict(self) -> str | None:
        """The verdict on which code and body agree."""
        return self.claim if self.claim and self.code == CODES[self.claim] else None

    @property
    def denied(self) -> bool:
        """Whether the call was denied without a verdict, as any gateway may."""
        return self.code in DENIALS and self.word is None

    @property
    def seen(self) -> str:
        """The answer in two words."""
        return f"{code(self.exchange)} {self.claim or 'without a verdict'}"

    def member(self, name: str) -> Any:
        """A member of the body's object, or MISSING."""
        return member(self.exchange, name)

    def number(self, name: str) -> int | None:
        """A member that is an integer by value, else None."""
        value = self.member(name)
        return int(value) if integer_kind(value) else None

    def follows(self, earlier: Observation) -> bool:
        """Whether it was asked for after `earlier` had been answered."""
        return self.exchange.started >= earlier.exchange.ended


@dataclass(frozen=True, slots=True)
class View:
    """All observations of a run, in the order of sending.

    `open`: something other than denials was ever said; `drawn`: it is a generated history by itself, of few calls.
    """

    observations: Sequence[Observation]
    settings: Settings
    open: bool
    drawn: bool

    def of(self, *samples: str) -> list[Observation]:
        """The observations of these samples."""
        return [one for one in self.observations if one.sample in samples]

    def by_identity(self, *samples: str) -> list[list[Observation]]:
        """The same, in one list for each identity."""
        found: dict[str, list[Observation]] = {}
        for one in self.of(*samples):
            found.setdefault(one.identity, []).append(one)
        return list(found.values())

    def named(self, kind: str) -> bool:
        """Whether the operator named an identity of this kind."""
        return bool(self.settings.many(kind))


def view(exchanges: Sequence[Exchange], settings: Settings) -> View:
    """Observe `exchanges`; those of other requests are left out."""
    ordered = sorted(exchanges, key=lambda one: one.number)
    found = _as_of_then([one for each in ordered for one in _observed(each, settings)], settings)
    for kind, other in (NAMED, NAMED[::-1]):
        found = _silent(found, kind, other)
    is_open = any(one.word or answer(one.exchange) is Answer.ACCEPTED for one in found if _knowable(one))
    drawn = all(one.part == GENERATED for one in exchanges)
    return View(tuple(found), settings, is_open, drawn)


def _knowable(one: Observation) -> bool:
    return one.sample in WELL_FORMED


def _observed(exchange: Exchange, settings: Settings) -> Iterator[Observation]:
    intent = intent_of(exchange, settings)
    if intent is None:
        return
    sample, value = intent["sample"], member(exchange, "status")
    word = value.strip().casefold() if isinstance(value, str) else ""
    claim = word if word in CODES and answer(exchange) is not Answer.UNDECIDED else None
    later = exchange.response is not None and exchange.response.header("retry-after") is not None
    yield Observation(
        exchange=exchange,
        identity=intent.get("of") or intent.get("identity", ""),
        sample=sample,
        kind=sample if sample in NAMED else intent.get("expect", ""),
        case=intent.get("case", ""),
        claim=claim,
        word=claim or _made_out(exchange),
        undecided=answer(exchange) is Answer.UNDECIDED
        or (later and claim is None and exchange.status in DENIALS),
    )


def _made_out(exchange: Exchange) -> str | None:
    """The verdict in a body that is no object, such as one that is encoded twice or has bytes after it."""
    response = exchange.response
    if response is None or response.status not in CODES.values() or response.document.members is not None:
        return None
    found = _IN_TEXT.search(response.body)
    return found[1].decode().casefold() if found else None


def intent_of(exchange: Exchange, settings: Settings) -> Mapping[str, str] | None:
    """What a request was meant to find out: as the driver says, else as its query tells; None for other requests."""
    if "sample" in exchange.intent:
        return exchange.intent
    parts = urlsplit(exchange.request.url)
    if exchange.request.method != "GET" or not parts.path.rstrip("/").endswith("/tydids/status"):
        return None
    given = [value for name, value in parse_qsl(parts.query, keep_blank_values=True) if name == "identity"]
    if len(given) > 1:
        return None
    identity = given[0] if given else ""
    sample = _sample(identity, settings) if identity else ("empty" if given else "missing")
    return {"op": "status", "identity": identity, "sample": sample}


def _sample(identity: str, settings: Settings) -> str:
    """What an identity in recorded traffic is; what nobody named may be known to the deployment."""
    kinds = [kind for kind in NAMED if identity in settings.many(kind)]
    if len(kinds) == 1:
        return kinds[0]
    return "malformed" if identity.startswith("0x") and not ADDRESS.fullmatch(identity) else "unnamed"


def _silent(found: list[Observation], kind: str, other: str) -> list[Observation]:
    """Calls of one kind that all go unanswered, while those of the other kind are answered, have their answer."""
    mine, control = ([one for one in found if one.sample == which] for which in (kind, other))
    enough = len(mine) >= SILENCE and any(one.claim for one in control)
    if not enough or not all(one.undecided for one in mine) or any(one.undecided for one in control):
        return found
    return [replace(one, undecided=False) if one.sample == kind else one for one in found]


def _as_of_then(found: list[Observation], settings: Settings) -> list[Observation]:
    """The observations, with those of an identity that revokes meanwhile as samples of what it is at that moment.

    The API is there for that to be seen: each identity is a register that goes from granted to revoked once.
    """
    named: dict[str, list[Observation]] = {}
    for one in found:
        if one.sample in NAMED:
            named.setdefault(one.identity, []).append(one)
    turned = {identity for identity, own in named.items() if _turns(own, settings.consistency_window)}
    return [
        replace(one, sample=one.claim, kind=one.claim)
        if one.sample in NAMED and one.identity in turned and one.claim
        else one
        for one in found
    ]


def _turns(own: list[Observation], window: float) -> bool:
    """Whether an identity is granted until it is revoked for good, at one moment that is told and fits.

    Until the window is over some nodes may not have heard of it. A part of a run may begin after it.
    """
    grants = [one for one in own if one.claim == GRANTED]
    revocations = [one for one in own if one.claim == REVOKED]
    moments = {one.number("revoked") for one in revocations}
    moment = moments.pop() if len(moments) == 1 else None
    if moment is None:
        return False
    if not grants:
        first = own[0].exchange
        return first.part == GENERATED and moment > _sent(first) - RUN
    settled = any(not any(later.follows(one) for later in grants) for one in revocations)
    return settled and max(_sent(one.exchange) for one in grants) - window <= moment


def _sent(exchange: Exchange) -> float:
    """When an answer was made by the deployment's clock, if it tells, else by ours."""
    told = dated(exchange)
    return exchange.started - (age(exchange) or 0) if told is None else told


def dated(exchange: Exchange) -> float | None:
    """The header Date in Unix seconds; None when there is none that can be read."""
    return moment_of(exchange, "date")


def moment_of(exchange: Exchange, name: str) -> float | None:
    """A header that is a date, in Unix seconds; None when there is none that can be read."""
    text = exchange.response.header(name) if exchange.response else None
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (TypeError, ValueError, OverflowError):
        return None


def age(exchange: Exchange) -> int | None:
    """Seconds that an answer has been in a cache, by its header Age; None when it has none."""
    text = (exchange.response.header("age") or "").strip() if exchange.response else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None


def has_letter_case(identity: str) -> bool:
    """Whether an identity is an address that lower case changes."""
    return ADDRESS.fullmatch(identity) is not None and identity != identity.lower()
