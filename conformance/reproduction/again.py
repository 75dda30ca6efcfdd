"""Sends the shortest history of each finding once more, and says whether it shows again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from conformance.contract import Contract, Settings
from conformance.errors import WireProblem
from conformance.outcome import Finding, Outcome
from conformance.reproduction.fresh import fresh, ids_of, renamed
from conformance.reproduction.history import Shows, Step, shortest, shows, steps
from conformance.wire.client import Client, Purpose
from conformance.wire.exchange import AGAIN, Exchange

MOST = 6
"""How many findings a run sends again."""
LONGEST = 16
"""How many requests a history that is sent again has at most."""
ALLOWANCE = 60
"""How many requests all of that may take."""
SECONDS = 20.0
"""How long all of that may take, so that a broken deployment is not judged for minutes."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The shortest history of a finding, as numbers of exchanges; `shown` tells whether it showed when sent again.

    None stands for a history that was not sent again.
    """

    exchanges: tuple[int, ...] = ()
    shown: bool | None = None


Key = tuple[str, str]
"""A requirement, and the cause of its breach; an empty one is literally wrong."""


def reproduce(
    contract: Contract, settings: Settings, client: Client, findings: Sequence[Finding], *, send: bool
) -> dict[Key, Reproduction]:
    """A reproduction for each of the gravest findings; with `send` each is tried again on fresh ids."""
    told: dict[Key, Finding] = {}
    for finding in sorted(findings, key=_gravity):
        if finding.outcome in (Outcome.FAILED, Outcome.WARNED):
            told.setdefault((finding.requirement, finding.cause), finding)
    sender = _Sender(contract, settings, client)
    return {key: sender.reproduce(one, send=send) for key, one in list(told.items())[:MOST]}


def _gravity(finding: Finding) -> bool:
    return finding.outcome is not Outcome.FAILED


class _Sender:
    """Sends histories again, as long as its allowance lasts."""

    def __init__(self, contract: Contract, settings: Settings, client: Client) -> None:
        self._contract = contract
        self._settings = settings
        self._client = client
        self._sent = sorted(client.exchanges, key=lambda one: one.number)
        self._left = ALLOWANCE
        self._end = client.clock.monotonic() + SECONDS
        self._turn = 0

    def reproduce(self, finding: Finding, *, send: bool) -> Reproduction:
        """The shortest history of `finding`, or a longer one where only that shows it again."""
        shown = shows(self._contract, self._settings, finding)
        together = getattr(self._contract.module("judge"), "TOGETHER", False)
        history = shortest(self._sent, finding, shown, together=together)
        if not history or not send:
            return Reproduction(tuple(one.number for one in history), None)
        numbers = tuple(one.number for one in history)
        if not self._affords(history):
            return Reproduction(numbers, None)
        for tried in (history, self._about_the_same(history), self._leading_to(history)):
            if self._affords(tried) and (made := self._try(tried, shown)):
                return Reproduction(tuple(one.number for one in made), True)
        return Reproduction(numbers, False)

    def _affords(self, history: Sequence[Exchange]) -> bool:
        """Whether requests and time are left for a history."""
        waits = sum(step.wait for step in steps(history))
        return (
            len(history) <= min(LONGEST, self._left) and self._client.clock.monotonic() + waits <= self._end
        )

    def _about_the_same(self, history: Sequence[Exchange]) -> list[Exchange]:
        """Everything that was sent about the same things up to the last of them."""
        last, urls = max(one.number for one in history), {one.request.url for one in history}
        sent = (one for one in self._sent if one.number <= last and one.part == history[0].part)
        return [one for one in sent if one.request.url in urls and not one.superseded]

    def _leading_to(self, history: Sequence[Exchange]) -> list[Exchange]:
        """The history with what was sent right before it: it may be what came before that matters."""
        last = max(one.number for one in history)
        before = [one for one in self._sent if one.number <= last and one.part != AGAIN]
        return [one for one in before[-LONGEST:] if not one.superseded]

    def _try(self, history: Sequence[Exchange], shown: Shows) -> list[Exchange]:
        """What was sent, if it shows the finding again; else nothing."""
        self._turn += 1
        named = [value for values in self._settings.inputs.values() for value in values]
        names = fresh(ids_of(history, named))
        seed = f"{self._settings.nonce}:again {self._turn}"
        new = {one.value: one.make(seed) for one in names}
        todo = [replace(step, exchange=renamed(step.exchange, new, "", "")) for step in steps(history)]
        try:
            made = send_again(self._client, todo)
        except WireProblem:
            return []
        self._left -= len(made)
        return made if shown(made) else []


def send_again(client: Client, history: Sequence[Step]) -> list[Exchange]:
    """Send the requests of `history` in turn, or beside each other, each with its wait; returns what came, as it was meant."""
    purpose, client.purpose = client.purpose, Purpose("reproduction", (), AGAIN)
    made: list[Exchange] = []
    together: list[Callable[[], Exchange]] = []
    try:
        for step in history:
            if step.wait:
                client.wait_until(client.clock.time() + step.wait)
            together.append(partial(_send, client, step.exchange))
            if not step.beside:
                made += client.gather(together)
                together = []
        return made + client.gather(together)
    finally:
        client.purpose = purpose


OWN = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "user-agent", "transfer-encoding"}
)


def _send(client: Client, exchange: Exchange) -> Exchange:
    """One request once more; its exchange is judged as a part of what the first one was a part of."""
    request = exchange.request
    own = OWN | {name.lower() for name, _ in client.headers}
    headers = tuple((name, value) for name, value in request.headers if name.lower() not in own)
    path = request.url.removeprefix(client.base_url)
    done = client.send(
        request.method,
        path,
        headers=headers,
        body=request.body,
        intent=exchange.intent,
        writes=exchange.writes,
    )
    return replace(done, part=exchange.part, check=exchange.check, requirements=exchange.requirements)
