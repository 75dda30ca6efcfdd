"""What a correct deployment may answer, given all that was sent, and what causes would change in that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from conformance.contracts.open_attestation.effects import Effect, effect
from conformance.contracts.open_attestation.history import (
    History,
    View,
    Write,
)
from conformance.contracts.open_attestation.sight import Look, Sight, Sighting, look_of, sighting
from conformance.diagnosis.cause import Anomalies, Anomaly, Hypothesis
from conformance.evidence import Answer, answer, received
from conformance.wire.exchange import GENERATED

WANTED = {"A": "401 or 403, and nothing recorded", "W": "a 4xx answer, and nothing recorded"}


def _nothing(*_: Any) -> tuple[Effect, ...]:
    return ()


def _never(*_: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Change:
    """What a cause changes in the model: further effects on a hash, effects that fail, further answers that are allowed."""

    effects: Callable[[View, str, Hypothesis], Iterable[Effect]] = _nothing
    drops: Callable[[Effect, Hypothesis], bool] = _never
    allows: Callable[[StatusModel, Sighting, Hypothesis], bool] = _never

    @property
    def pure(self) -> bool:
        """Whether only answers are allowed, and what takes effect stays the same."""
        return self.effects is _nothing and self.drops is _never


Sightings = dict[tuple[str, int, int], Sighting]


@dataclass
class StatusModel:
    """The statuses and events of all hashes; `changes` tells what each cause, by its id, would change."""

    view: View
    changes: Mapping[str, Change]
    known: dict[frozenset[Hypothesis], Sightings] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.looks: dict[str, list[Look]] = {}
        self._sights: dict[Look, Sight] = {}
        for one in map(look_of, self.view.objects):
            self.looks.setdefault(one.target, []).append(one)

    def anomalies(self, assumed: frozenset[Hypothesis]) -> Anomalies:
        """The answers that are not allowed even if `assumed` were at work."""
        return {key: one.anomaly for key, one in self.left(assumed).items()}

    def left(self, assumed: frozenset[Hypothesis]) -> Sightings:
        """What is sighted even if `assumed` were at work."""
        change = {one: self.changes[one.cause.id] for one in assumed}
        seen = self.sightings(frozenset(one for one in assumed if not change[one].pure))
        return {
            key: sighting
            for key, sighting in seen.items()
            if not any(change[one].allows(self, sighting, one) for one in assumed)
        }

    def sightings(self, assumed: frozenset[Hypothesis] = frozenset()) -> Sightings:
        """What is sighted if `assumed` change what takes effect."""
        if assumed not in self.known:
            found = [*self._answers(), *(s for target in self.looks for s in self._shown(target, assumed))]
            self.known[assumed] = {one.key: one for one in found}
        return self.known[assumed]

    def sight(self, look: Look) -> Sight:
        """A read beside what the writes to its hash leave if nothing is wrong."""
        if look not in self._sights:
            effects = self.effects(look.target)
            self._sights |= {one: Sight(self.view, one, effects) for one in self.looks[look.target]}
        return self._sights[look]

    def effects(self, target: str, assumed: Iterable[Hypothesis] = ()) -> list[Effect]:
        """What the writes to `target` leave, in their order."""
        writes = self.view.histories[target].writes
        found = [effect(w, certain=w.acknowledged) for w in writes if w.acknowledged or w.uncertain]
        odd = [w for w in writes if w.kind == "odd" and not w.refused]
        found += [effect(w, certain=answer(w.exchange) is Answer.ACCEPTED) for w in odd]
        for one in assumed:
            change = self.changes[one.cause.id]
            found = [e for e in found if not change.drops(e, one)]
            found += change.effects(self.view, target, one)
        return sorted(found, key=lambda e: e.exchange.number)

    def _shown(self, target: str, assumed: Iterable[Hypothesis]) -> Iterator[Sighting]:
        history, effects = self.view.histories[target], self.effects(target, assumed)
        looks = self.looks[target]
        if self.view.is_sample(target) and not history.writes:
            yield from (one for look in looks for one in self.sight(look).disagreement())
            return
        for look in looks:
            sight = Sight(self.view, look, effects) if assumed else self.sight(look)
            yield from sight.all()
        still = [one for one in looks if not any(e.exchange.started < one.read.ended for e in effects)]
        for first, second in pairwise(still):
            if first.state != second.state and self._plainly_empty(history, second):
                yield sighting(
                    "moved",
                    "OA-R13",
                    "reading a hash changes what it shows",
                    first.state,
                    second.state,
                    second,
                    first.read,
                )

    def _plainly_empty(self, history: History, look: Look) -> bool:
        return not history.attempts(look.read)

    def _answers(self) -> Iterator[Sighting]:
        """Writes that were accepted although they had to be refused, or the other way round."""
        for write in self.view.writes:
            sighted = _taken(write) if write.illegal else self._refused(write)
            # Where the key never opened anything it may be the wrong one, and what is no status proves nothing.
            denied = write.exchange.status in (401, 403)
            unproven = not self.view.key_works and (write.kind == "body" or denied)
            # Nor does a generated history know who guessed before it, and what else is accepted.
            unknown = write.exchange.part == GENERATED and (denied or not self.view.key_works)
            if sighted and not unproven and not unknown:
                yield sighted

    def _refused(self, write: Write) -> Sighting | None:
        """A plain write with the key that is not accepted; a gateway's error counts when it stands for this status alone."""
        meaning = answer(write.exchange)
        same = [one.exchange for one in self.view.writes if one.kind == "key" and one.status == write.status]
        steady = len(same) > 1 and all(one.status in (502, 504) for one in same)
        if write.kind != "key" or meaning is Answer.ACCEPTED or (meaning is Answer.UNDECIDED and not steady):
            return None
        message = "a write with the key is not accepted"
        shown = Anomaly(
            "OA-W1", (write.exchange,), message, "200 or 201 with a receipt", received(write.exchange)
        )
        return Sighting("refused", shown, write.target, write=write)


def _taken(write: Write) -> Sighting | None:
    """A write without the right key that is accepted, or a body without a status that is not refused."""
    meaning = answer(write.exchange)
    crash = meaning in (Answer.REDIRECTED, Answer.BROKEN) and write.kind == "body"
    if meaning is not Answer.ACCEPTED and not crash:
        return None
    requirement = {"none": "OA-A1", "wrong": "OA-A2"}.get(write.kind, "OA-W8")
    what = (
        f"a body that is {write.case}"
        if write.kind == "body"
        else f"a write with another key ({write.credential})"
    )
    message = "a write without a key is accepted" if write.kind == "none" else f"{what} is not refused"
    shown = Anomaly(requirement, (write.exchange,), message, WANTED[requirement[3]], received(write.exchange))
    return Sighting("crash" if crash else "taken", shown, write.target, write=write)
