"""Causes, what they are assumed to have done, and the answers that need one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

from conformance.wire.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Cause:
    """A row of a table of causes: an id, a sentence, and the requirements that it breaks; none for a circumstance.

    `gravity` orders causes in a report, 0 first: an open door comes before what it lets in. `width` is how much a cause
    could explain: of two that explain the same, the narrower one is the likelier. `hint` is what to do about it, or to
    look at first.
    """

    id: str
    sentence: str
    requirements: tuple[str, ...] = ()
    gravity: int = 50
    width: int = 1
    hint: str = ""

    @property
    def circumstance(self) -> bool:
        """Whether nobody is to blame."""
        return not self.requirements


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A cause that is assumed to be at work; `about` is what it is about in this run, such as a key or a hash.

    `steady` tells that all of its predictions were seen, `announced` that the deployment said so itself; `detail`
    ends the sentence.
    """

    cause: Cause
    about: tuple[Hashable, ...] = ()
    steady: bool = True
    announced: bool = False
    detail: str = ""

    @property
    def sentence(self) -> str:
        """The cause in a sentence, with what it is about."""
        return f"{self.cause.sentence}{f' ({self.detail})' if self.detail else ''}"

    @property
    def cost(self) -> tuple[int, int, int]:
        """How unlikely the hypothesis is beside others: now and then, unannounced, wide."""
        return int(not self.steady), int(not self.announced), self.cause.width


@dataclass(frozen=True, slots=True)
class Anomaly:
    """An answer that the model does not allow: the sentence that it contradicts literally, and the exchanges that show it.

    `hint` is for the operator, whatever the cause.
    """

    requirement: str
    exchanges: tuple[Exchange, ...]
    message: str
    expected: str = ""
    received: str = ""
    hint: str = ""


Anomalies = Mapping[Hashable, Anomaly]
"""Anomalies by what identifies them: the same key under every assumption."""


class Model(Protocol):
    """What a correct deployment may answer, given all that was sent."""

    def anomalies(self, assumed: frozenset[Hypothesis]) -> Anomalies:
        """The answers that are not allowed even if `assumed` were at work; nothing may be sent."""
