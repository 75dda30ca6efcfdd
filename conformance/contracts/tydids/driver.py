"""Sends the requests of the grant status: named identities, unknown and malformed ones, none at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote

from conformance.contract import Effort, Settings
from conformance.contracts.tydids import invalid
from conformance.contracts.tydids.observations import CODES, GRANTED, REVOKED, has_letter_case
from conformance.contracts.tydids.rules.answers import EARLY
from conformance.errors import UsageProblem
from conformance.evidence import Answer, answer, member
from conformance.wire.client import Client
from conformance.wire.exchange import Exchange
from conformance.wire.redaction import Redactor
from conformance.wire.strict import integer_kind

PATH = "/tydids/status"
RECENT = 400 * 86_400
"""Seconds since a revocation in which its time is looked at twice."""
CLOSER = 6
"""How often the two forms of an identity are compared when one of them got another answer."""
TICK = 1.1
"""Seconds after which a clock that counts whole seconds shows another one."""
IN_TURNS = 3
"""How many identities of each kind take part when identities are asked for in turns."""
ROUNDS = {Effort.QUICK: 1, Effort.STANDARD: 3, Effort.DEEP: 7}
"""How often the same is asked: a defect of every second or third answer shows in three."""
CASES = {Effort.QUICK: 7, Effort.STANDARD: 19, Effort.DEEP: 100}
"""How many malformed identities are tried."""
NEIGHBOURS = {Effort.QUICK: 3, Effort.STANDARD: 7, Effort.DEEP: 100}
"""How many near misses of a revoked identity are tried."""
FEW = 3
"""How many calls that a server may answer by hanging up are made before an ordinary one."""


class Driver:
    """Knows the identities that the operator named, and makes up those that nobody has heard of."""

    def __init__(self, client: Client, settings: Settings, redactor: Redactor) -> None:
        self.client = client
        self.settings = settings
        self._named = {kind: settings.many(kind) for kind in ("granted", "revoked")}
        _check(self._named["granted"], self._named["revoked"])
        self._turn = {kind: cycle(ids[:IN_TURNS]) for kind, ids in self._named.items()}
        self.quick = settings.effort is Effort.QUICK
        self.rounds = ROUNDS[settings.effort]

    # One request each

    def status(self, identity: str, sample: str, expect: str = "", **intent: str) -> Exchange:
        """Ask for `identity` as it is usually written; `sample` says what kind of identity it is."""
        return self._ask("identity=" + quote(identity, safe=":/@"), identity, sample, expect, **intent)

    def granted(self, identity: str) -> Exchange:
        """Ask for an identity that the operator named as granted."""
        return self.status(identity, "granted", "granted")

    def revoked(self, identity: str) -> Exchange:
        """Ask for an identity that the operator named as revoked."""
        return self.status(identity, "revoked", "revoked")

    def encoded(self, identity: str, kind: str) -> Exchange:
        """Ask for a named identity with every byte of it percent-encoded."""
        query = "identity=" + "".join(f"%{byte:02X}" for byte in identity.encode())
        return self._ask(query, identity, "encoded", kind)

    def lower(self, identity: str, kind: str) -> Exchange:
        """Ask for a named address in lower case."""
        return self.status(identity.lower(), "lower", kind, of=identity)

    def miscased(self, identity: str, kind: str) -> Exchange:
        """Ask for a named address with the case of one letter changed, so that its checksum is wrong."""
        letter = next(at for at, sign in enumerate(identity) if at > 1 and sign.isalpha())
        changed = identity[:letter] + identity[letter].swapcase() + identity[letter + 1 :]
        return self.status(changed, "miscased", kind, of=identity)

    def missing(self) -> Exchange:
        """Ask without the parameter."""
        return self._ask("", "", "missing", "no verdict")

    def empty(self) -> Exchange:
        """Ask with an empty parameter."""
        return self._ask("identity=", "", "empty", "no verdict")

    def malformed(self, case: str, identity: str) -> Exchange:
        """Ask for what is no identity; `case` says why it is none."""
        return self.status(identity, "malformed", "not granted", case=case)

    def padded(self, case: str, identity: str) -> Exchange:
        """Ask for an identity with white space around it; `case` says where."""
        return self.status(identity, "padded", "not granted", case=case)

    def unknown(self, label: str) -> Exchange:
        """Ask for an address that nobody published."""
        return self.status(self.fresh(label), "unknown", "anything but revoked")

    def neighbour(self, case: str, identity: str) -> Exchange:
        """Ask for an identity that nobody published and that resembles a revoked one, as `case` says."""
        return self.status(identity, "unknown", "anything but revoked", case=case)

    def _ask(self, query: str, identity: str, sample: str, expect: str, **more: str) -> Exchange:
        intent = {"op": "status", "identity": identity, "sample": sample, "expect": expect, **more}
        return self.client.send("GET", f"{PATH}?{query}" if query else PATH, intent=intent)

    # What to ask for

    def named(self, limit: int = IN_TURNS) -> list[tuple[str, str]]:
        """The identities that the operator named, each with its kind, at most `limit` of a kind."""
        return [(identity, kind) for kind, ids in self._named.items() for identity in ids[:limit]]

    @property
    def _identities(self) -> list[str]:
        return [identity for identity, _ in self.named()]

    def addresses(self, limit: int = IN_TURNS) -> list[tuple[str, str]]:
        """The named identities that are addresses with upper-case letters."""
        return [(one, kind) for one, kind in self.named(limit) if has_letter_case(one)]

    def fresh(self, label: str) -> str:
        """A well-formed address that nobody published; of digits only, so its checksum has no letter case."""
        digest = hashlib.sha256(f"{self.settings.nonce}:{label}".encode()).hexdigest()
        return f"0x{int(digest, 16) % 10**40:040d}"

    def malformations(self) -> dict[str, str]:
        """What is no identity, by the reason."""
        cases = invalid.malformed(self._identities, self.fresh("malformed"))
        return dict(islice(cases.items(), CASES[self.settings.effort]))

    def rough_malformations(self) -> dict[str, str]:
        """Those that some servers answer by closing the connection."""
        return dict(islice(invalid.far_off(self._identities, self.fresh("malformed")).items(), self.rounds))

    def paddings(self) -> dict[str, str]:
        """A named identity with white space around it, by where; none in a quick run."""
        base = next(iter(self._identities), self.fresh("padded"))
        return {} if self.quick else invalid.padded(base)

    def neighbours(self) -> dict[str, str]:
        """Identities that nobody published and that have much in common with a revoked one, by what that is."""
        cases = invalid.neighbours(self._named["revoked"], self.fresh("neighbour")[2:8])
        return dict(islice(cases.items(), NEIGHBOURS[self.settings.effort]))

    # Several requests

    def in_turns(self, pattern: str) -> list[Exchange]:
        """Ask for named identities one after the other: "g" for a granted one, "r" for a revoked one."""
        return [call() for call in self._calls(pattern)]

    def at_once(self, pattern: str) -> list[Exchange]:
        """Ask for named identities, several at the same time."""
        return self.client.gather(self._calls(pattern))

    def repeatedly(self, *calls: Callable[[], Exchange]) -> list[Exchange]:
        """Make `calls` in turns, as often as the effort of the run says, several at the same time."""
        return self.client.gather(calls * self.rounds)

    def warily(self, calls: Sequence[Callable[[], Exchange]]) -> None:
        """Make `calls`, a few at a time; where one is not answered, an ordinary call shows that others are."""
        for at in range(0, len(calls), FEW):
            if any(one.failure for one in self.client.gather(calls[at : at + FEW])):
                self.control()

    # Looking again

    def watch(self) -> None:
        """Look again at everything that was told, half way and at the end of the time to watch; all waiting is here.

        A quick run waits only for what is likely to move: the time of a recent revocation, or what is hardly a time;
        any run waits until everybody must have heard of a revocation that some have not heard of.
        """
        first = next((one.started for one in self._told()), None)
        if first is None:
            self.control()
            return
        watches = self.settings.watches
        moments = [first + watches / 2, first + watches + TICK] if watches else []
        moments = sorted({*moments, *self._news(), *self._ticks()}) or [first]
        each = max(len(ids[:IN_TURNS]) for ids in self._named.values())
        for moment in moments:
            self.client.wait_until(moment)
            self.in_turns("grrg" * ((each + 1) // 2) if moment == moments[-1] else "rg" * each)
            self.client.gather([partial(self.granted, identity) for identity in self._turned()])
        self._look_closer()

    def _told(self) -> list[Exchange]:
        """The answers about named identities, as they are usually written."""
        return [one for one in self.client.exchanges if one.intent.get("sample") in CODES]

    def _news(self) -> list[float]:
        """When everybody must have heard of what some have said to be granted, although it has revoked."""
        late = [one for one in self._told() if (one.intent["sample"], _verdict(one)) == (REVOKED, GRANTED)]
        turned = self._turned()
        first = [turned.get(one.intent["identity"], one) for one in self._told() if _verdict(one) == GRANTED]
        back = [one for one in first if _verdict(one) == REVOKED]
        since = [one.started for one in (*late[:1], *back[:1])]
        return [max(since) + self.settings.consistency_window + TICK] if since else []

    def _ticks(self) -> list[float]:
        """When a time that moves with a clock has moved, where that has to be looked at by itself."""
        likely = [one for one in self._told() if self._moves(one)] if not self.settings.watches else []
        since = [one.started for one in (*likely[:1], *self._turned().values())]
        return [max(since) + TICK] if since else []

    def _turned(self) -> dict[str, Exchange]:
        """The first answer that says revoked, for each identity that was named as granted."""
        found: dict[str, Exchange] = {}
        for one in self._told():
            if (one.intent["sample"], _verdict(one)) == (GRANTED, REVOKED):
                found.setdefault(one.intent["identity"], one)
        return found

    def _moves(self, exchange: Exchange) -> bool:
        value: Any = member(exchange, "revoked")
        return integer_kind(value) is not None and not EARLY < value < exchange.ended - RECENT

    def _look_closer(self) -> None:
        """Where an answer comes and goes, find out with what: by itself, after others, at the same time, by its form."""
        wrong = [one for one in self.client.exchanges if _is_odd(one)]
        right = {one.intent["identity"] for one in self._told() if not _is_odd(one)}
        fickle = [one for one in wrong if one.intent["identity"] in right]
        for identity, kind in {
            one.intent["identity"]: one.intent["expect"]
            for one in fickle
            if one.intent["sample"] == "encoded"
        }.items():
            plain, encoded = partial(self.status, identity, kind, kind), partial(self.encoded, identity, kind)
            _ = [call() for call in (plain, plain, encoded) * CLOSER]
        if any(one.intent["sample"] in CODES for one in fickle):
            for pattern in ("rrrrr", "ggggg", "grgrgrgr", "ggrrggrr"):
                self.in_turns(pattern)
            for pattern in ("rrrr", "gggg"):
                self.at_once(pattern)

    def plainly(self, identity: str, kind: str) -> None:
        """Ask for a named identity as it is usually written, unless that has been done in this run."""
        asked = (one.intent for one in self.client.exchanges)
        if not any(one.get("identity") == identity and one.get("sample") == kind for one in asked):
            self.status(identity, kind, kind)

    def control(self) -> Exchange:
        """Ask for what ought to get a verdict: a granted identity, else a revoked one, else an unknown one."""
        calls = self._calls("g") or self._calls("r")
        return calls[0]() if calls else self.unknown("control")

    def controls(self) -> list[Exchange]:
        """The same for an identity of each kind, a revoked one first: what came before must not stick to it."""
        return self.in_turns("rg") or [self.control()]

    def _calls(self, pattern: str) -> Sequence[Callable[[], Exchange]]:
        calls: list[Callable[[], Exchange]] = []
        for letter in pattern:
            kind, ask = ("granted", self.granted) if letter == "g" else ("revoked", self.revoked)
            calls += [partial(ask, identity) for identity in islice(self._turn[kind], 1)]
        return calls


def _verdict(exchange: Exchange) -> object:
    return member(exchange, "status")


def _is_odd(exchange: Exchange) -> bool:
    """Whether an answer about a named identity is not the one that it was named for, and no throttling."""
    kind = exchange.intent.get("expect", "")
    known = exchange.intent.get("sample") in (*CODES, "encoded") and answer(exchange) is not Answer.UNDECIDED
    return known and (exchange.status, _verdict(exchange)) != (CODES[kind], kind)


def _check(granted: Sequence[str], revoked: Sequence[str]) -> None:
    """Refuse samples that cannot be asked for, or that say two things at once."""
    for identity in (*granted, *revoked):
        if not identity.strip() or not _encodable(identity):
            raise UsageProblem(f"{identity!r} is not an identity that can be asked for")
    both = [identity for identity in granted if identity in revoked]
    if both:
        raise UsageProblem(
            f"{both[0]} is named both with --granted and with --revoked", hint="it can only be one"
        )


def _encodable(identity: str) -> bool:
    try:
        return bool(identity.encode())
    except UnicodeEncodeError:
        return False
