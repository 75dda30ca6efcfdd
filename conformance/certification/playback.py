"""Sends the checks' requests again, answered from a record: a made-up record would have to hold these very requests."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, TypeVar

import httpx

from conformance.certification.eligibility import is_hidden
from conformance.certification.stage import RecordedClock
from conformance.contract import Contract, Settings
from conformance.errors import WireProblem
from conformance.nearmiss import near_misses
from conformance.outcome import Run
from conformance.runner import conduct
from conformance.session import Session
from conformance.target import Target, redactor_for
from conformance.wire.client import Client
from conformance.wire.exchange import Exchange, Headers
from conformance.wire.gate import Gate
from conformance.wire.limits import Limits
from conformance.wire.redaction import Redactor
from conformance.wire.repeating import THROTTLING

T = TypeVar("T")
SLACK = 0.25
"""Seconds by which two readings of a clock that is being set may differ."""
TEXTS = (
    "Xq7fZk2mVt9cRb4wLs8d",
    "0f3a9c5e7b1d2468ace013579bdf2468",
    "19283746554738291029",
    "xq7f-zk2m-vt9c-rb4w",
)
"""Secrets of several forms: which wrong credentials there are depends on what the right one looks like."""
MOST_FORMS = 3
MOST_TOGETHER = 64
"""Requests in flight together, at most."""
MADE_UP = 16
"""Characters of the shortest credential that the suite makes up."""
FAILURES: tuple[tuple[str, type[httpx.TransportError]], ...] = (
    ("no connection could be made within", httpx.ConnectTimeout),
    ("no complete answer came within", httpx.ReadTimeout),
    ("no connection could be made", httpx.ConnectError),
    ("the connection was refused", httpx.ConnectError),
)


class Strayed(WireProblem):
    """The checks sent what the record does not hold, or hold at that time."""


@dataclass(frozen=True, slots=True)
class Played:
    """What became of sending a record again; `strayed` says where the two part, and is empty where they do not."""

    run: Run
    strayed: str = ""
    followed: int = 0


class _Open(Gate):
    """Lets everybody through: how many were in flight together is recorded."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class _Recorded(Client):
    """A client that finds its answers in a record, and that knows how early each request can have been sent."""

    def __init__(
        self,
        run: Run,
        contract: Contract,
        redactor: Redactor,
        headers: Headers,
        clock: RecordedClock,
        together: int,
    ) -> None:
        limits = Limits(max_requests=len(run.exchanges) + 1, patience=float("inf"), concurrency=1)
        super().__init__(
            run.base_url, clock=clock, limits=limits, headers=headers, transport=httpx.BaseTransport(),
            read_only=run.scope.read_only, gave_up=contract.gave_up,
        )  # fmt: skip
        self.strayed = ""
        self._shown = redactor
        self._own = {name.lower() for name in contract.credential_headers}
        self._time = clock
        self._gate = _Open(1)
        self._together = together
        self._untimed = any(one.status in THROTTLING for one in run.exchanges)
        self._left: dict[str, list[Exchange]] = defaultdict(list)
        for one in run.exchanges:
            self._left[_key(one)].append(one)

    @property
    def unsent(self) -> list[Exchange]:
        """Recorded exchanges that nobody asked for."""
        return [one for left in self._left.values() for one in left]

    def gather(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make calls together, each going on when the record says so."""
        return self._time.play(calls, self._together)

    def _attempt(self, call: Any) -> tuple[Exchange, Exception | None]:
        self._budget.take()
        outgoing = self._build(call)
        purpose = call.purpose
        request = replace(
            call.request,
            url=str(outgoing.url),
            headers=tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in outgoing.headers.raw),
        )
        sent = Exchange(
            0, request, None, 0.0, 0.0, intent={**call.intent, "history": purpose.history} if purpose.history else call.intent,
            part=purpose.part, check=purpose.check, requirements=purpose.requirements, writes=call.writes,
        )  # fmt: skip
        found = self._found(self._shown.exchange(sent))
        if found.response:
            self._answer()
        self._time.until(found.ended)
        problem = _problem(found.failure) if found.response is None else None
        return replace(found, request=request, superseded=False, redirected=False), problem

    def _found(self, sent: Exchange) -> Exchange:
        """The first recorded exchange of a request that can come now: calls in flight together may send the same."""
        left = self._left[_key(sent)]
        if not left:
            raise self._stray(f"this suite sends {_said(sent)}, which is not recorded")
        earliest = 0.0 if self._untimed else self._time.time() - SLACK
        found = next((one for one in left if one.started >= earliest), None)
        if found is None:
            raise self._stray(f"exchange {left[0].number} was sent before what has to come first was over")
        left.remove(found)
        self._insist_on_headers(sent.request.headers, found)
        self._time.until(found.started)
        return found

    def _insist_on_headers(self, sent: Headers, found: Exchange) -> None:
        """Compare headers, as far as that can be done without knowing the secrets in them."""
        for (name, value), (other, shown) in zip_longest(sent, found.request.headers, fillvalue=("", "")):
            if is_hidden(value) and not is_hidden(shown):
                raise self._stray(
                    f"exchange {found.number} shows the value of the header {ascii(name)[1:-1]}"
                )
            if name != other or not (
                self._same(name, value, shown) or (is_hidden(value) and is_hidden(shown))
            ):
                raise self._stray(f"exchange {found.number} has other headers than this suite sends")

    def _same(self, name: str, value: str, shown: str) -> bool:
        """Whether a header has the same value; a made-up credential is as long as the secret is."""
        made_up = name.lower() in self._own and (value.startswith(shown) or shown.startswith(value))
        return value == shown or (made_up and len(shown) >= MADE_UP)

    def _stray(self, message: str) -> Strayed:
        self.strayed = self.strayed or message
        return Strayed(message)


def _key(one: Exchange) -> str:
    """What tells one request of a check from another."""
    request = one.request
    parts = (request.method, request.url, request.body.decode("latin-1"), one.check, one.part)
    return json.dumps([*parts, one.requirements, one.writes, sorted(one.intent.items())])


def _said(one: Exchange) -> str:
    return f"{one.request.method} {one.request.url[:120]} in {one.check.partition('::')[2][:80] or 'a check'}"


def _problem(failure: str | None) -> httpx.TransportError:
    kind = next(
        (kind for words, kind in FAILURES if (failure or "").startswith(words)), httpx.RemoteProtocolError
    )
    return kind(failure or "")


def play(run: Run, contract: Contract, settings: Settings) -> Played:
    """What this suite sends with `settings` when it is answered as `run` records; sends nothing.

    Calls in flight together have begun together where the network is slow, and one after the other where it is not.
    """
    best: Played | None = None
    told = next((one.value for one in run.settings if one.name == "concurrency"), 1)
    most = min(told, MOST_TOGETHER) if isinstance(told, int) else 1
    for together in dict.fromkeys((most, 1)):
        for inputs in _inputs(run, contract, settings):
            played = _play(run, contract, replace(settings, inputs=inputs), together)
            if not played.strayed:
                return played
            best = max(best or played, played, key=lambda one: one.followed)
    assert best is not None
    return best


def _inputs(run: Run, contract: Contract, settings: Settings) -> Iterator[dict[str, tuple[str, ...]]]:
    """The inputs with something in the place of secrets, in several forms."""
    secret = [one.name for one in contract.inputs if one.secret and settings.many(one.name)]
    for text in _texts(run):
        yield {**settings.inputs, **dict.fromkeys(secret, (text,))}
        if not secret:
            return


def _texts(run: Run) -> tuple[str, ...]:
    """Secrets of the forms that the recorded one may have had, the likeliest first."""
    intents = [one.intent for one in run.exchanges]
    if any(one.get("jwt") for one in intents):
        ends = next((one["expires"] for one in intents if one.get("expires")), "")
        claims = {"sub": "x", **({"exp": int(ends)} if ends.isdigit() else {})}
        parts = [
            base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
            for one in ({"alg": "ES256"}, claims)
        ]
        return (".".join([*parts, "Xq7fZk2mVt9cRb4wLs8d"]),)
    caseless = any("recased" in one.values() for one in intents)
    tried = {one["credential"] for one in intents if "credential" in one}
    likely = sorted(_forms(), key=lambda text: _unlike(text, tried))[:MOST_FORMS]
    return tuple(
        dict.fromkeys(sorted((*likely, *TEXTS), key=lambda text: (text == TEXTS[1]) is not caseless))
    )


def _forms() -> Iterator[str]:
    """Secrets of one to six groups, in several styles."""
    parts = ("q7fxk2mvt9", "zk2m5w", "vt9cr3", "rb4w7k", "ls8d2p", "wq3zj6")
    for number in range(1, len(parts) + 1):
        lower = "-".join(parts[:number])
        yield from (lower, lower.upper(), lower.title(), f"x-{lower}", f"{lower}-0f3a9c5e7b1d2468")
        yield "-".join(str(ord(part[0]) * 104_729) for part in parts[:number])


def _unlike(text: str, tried: set[str]) -> int:
    """How far the near misses of a text are from the wrong credentials that were tried."""
    return len({one.name for one in near_misses(text)} - tried) + len(
        {name for name in tried if name.startswith("group")} - {one.name for one in near_misses(text)}
    )


def _play(run: Run, contract: Contract, settings: Settings, together: int) -> Played:
    target = _target(run)
    redactor = redactor_for(contract, settings, target)
    clock = RecordedClock(run.started)
    client = _Recorded(run, contract, redactor, target.headers, clock, together)
    session = Session(contract, client, settings, run.scope, redactor)
    try:
        again = conduct(session)
    finally:
        client.close()
    unsent = client.unsent
    strayed = client.strayed
    if not strayed and unsent:
        number = min(one.number for one in unsent)
        strayed = f"exchange {number} is none that this suite sends for this nonce and seed"
    return Played(again, strayed, len(run.exchanges) - len(unsent))


def _target(run: Run) -> Target:
    """The deployment's address, with something in the place of the secrets that went along with every request."""
    told = next((one.value for one in run.settings if one.name == "header"), None)
    names = told if isinstance(told, list) else []
    extra = tuple((str(name), f"{TEXTS[0]}{at}") for at, name in enumerate(names))
    first = run.exchanges[0].request.header("authorization") if run.exchanges else None
    userinfo = f"user:{TEXTS[0]}" if first and "$USERINFO" in first else ""
    return Target(run.base_url, userinfo, extra)
