"""Sends what the OpenAPI documents allow, and on request what they do not, through the run's own client."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from conformance.contract import Effort
from conformance.efforts import share_of
from conformance.errors import UsageProblem, WireProblem
from conformance.openapi import GeneratedCase, Step
from conformance.outcome import Remark
from conformance.session import Session
from conformance.shapes.shipped import coverage_cases
from conformance.wire.exchange import GENERATED, ROBUSTNESS, Exchange

HISTORY = "openapi"
"""All generated shapes of a run are one history, so that each answer can be held against the others."""

ATTEMPTS = 20
"""How often new cases are drawn when those before did not use up the budget."""


class Shapes:
    """Sends generated requests to the deployment of a session, exactly as many as the budget says."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.adapter: Any = session.contract.module("openapi")

    def run(self) -> None:
        """Send positive cases until the budget is spent; the judge looks at what came back."""
        self._enter(GENERATED, HISTORY)
        left = self._budget()
        for cases in self._batches(left):
            plans = list(_within(left, (self.adapter.steps(self.session.driver, one) for one in cases)))
            left -= sum(map(len, plans))
            self.session.client.gather([partial(_send, plan) for plan in plans])
            if left <= 0 or not plans:
                return

    def robust(self) -> None:
        """Send what no client has to send; nothing that comes of it ends the run or touches the verdict."""
        self._enter(ROBUSTNESS, "")
        try:
            self._probe(share_of(self.session.settings).robustness)
        except WireProblem as problem:
            self.session.remarks.append(Remark(f"the robustness part ended early: {problem.message}"))
        except Exception as problem:  # noqa: BLE001 - a defect of ours, here, says nothing about the deployment
            self.session.remarks.append(Remark(f"the suite failed in its robustness part: {problem!r}"))

    def _probe(self, left: int) -> None:
        from conformance.shapes.oddities import probes

        for probe in islice(probes(self.session, self.adapter), left):
            with suppress(UsageProblem):
                probe.send(self.session.client)

    def _enter(self, part: str, history: str) -> None:
        client = self.session.client
        client.purpose = replace(client.purpose, part=part, history=history)

    def _budget(self) -> int:
        """The effort's share, or what is left of an exact number of generated requests."""
        settings = self.session.settings
        if settings.fuzz is None:
            return share_of(settings).shapes
        sent = [e for e in self.session.client.exchanges if e.part == GENERATED and not e.superseded]
        return max(settings.fuzz - len(sent), 0)

    def _batches(self, left: int) -> Iterator[Sequence[GeneratedCase]]:
        """The coverage phase's cases; then ever new ones, which only a deep search is worth the time for."""
        name, settings = self.session.contract.name, self.session.settings
        covered = coverage_cases(name)
        yield _shuffled(covered, settings.seed)
        if settings.fuzz is None and settings.effort is not Effort.DEEP:
            return
        from conformance.shapes import drawing

        seen = set(map(repr, covered))
        for attempt in range(ATTEMPTS):
            drawn = drawing.fuzzing(name, settings.seed + attempt, left)
            yield [one for one in drawn if repr(one) not in seen]
            seen |= set(map(repr, drawn))


def _shuffled(cases: list[GeneratedCase], seed: int) -> list[GeneratedCase]:
    """The cases in an order that depends on the seed, each operation's first in front: the document's own example."""
    first = list({case.operation: case for case in reversed(cases)}.values())[::-1]
    rest = [case for case in cases if case not in first]
    random.Random(seed).shuffle(rest)
    return first + rest


def _within(left: int, plans: Iterator[list[Step]]) -> Iterator[list[Step]]:
    """The plans that `left` requests are enough for; the last one may be cut."""
    for plan in plans:
        if plan and left > 0:
            yield plan[:left]
            left -= len(plan)


def _send(plan: Sequence[Step]) -> list[Exchange]:
    return [step() for step in plan]
