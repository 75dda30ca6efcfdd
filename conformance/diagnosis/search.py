"""The search for the smallest explanations: brute force over the hypotheses that explain something."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from conformance.diagnosis.cause import Anomalies, Anomaly, Hypothesis, Model

MOST = 3
"""How many causes an explanation has at most."""

Explanation = frozenset[Hypothesis]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A hypothesis that was considered, and what speaks against it."""

    hypothesis: Hypothesis
    against: str


@dataclass(frozen=True, slots=True)
class Case:
    """Anomalies that hang together, with their smallest explanations; none when nothing explains them."""

    anomalies: Anomalies
    explanations: tuple[Explanation, ...]
    rejected: tuple[Rejected, ...] = ()
    effects: Mapping[Hypothesis, frozenset[Hashable]] | None = None

    def explained_by(self, hypothesis: Hypothesis) -> tuple[Anomaly, ...]:
        """The anomalies that `hypothesis` explains by itself, or all when it does so only with others."""
        keys = (self.effects or {}).get(hypothesis) or frozenset(self.anomalies)
        return tuple(one for key, one in self.anomalies.items() if key in keys)


def diagnose(model: Model, hypotheses: Iterable[Hypothesis]) -> list[Case]:
    """The anomalies of `model` in cases that have nothing to do with each other, each with its smallest explanations."""
    base = model.anomalies(frozenset())
    if not base:
        return []
    tried = {one: model.anomalies(frozenset((one,))) for one in dict.fromkeys(hypotheses)}
    effects = {one: frozenset(base.keys() - left.keys()) for one, left in tried.items()}
    useful = {one: keys for one, keys in effects.items() if keys}
    return [_case(model, base, keys, useful, tried) for keys in _components(base, useful)]


def _components(
    base: Anomalies, useful: Mapping[Hypothesis, frozenset[Hashable]]
) -> list[frozenset[Hashable]]:
    """Groups of anomalies: two are together when one hypothesis explains something of both."""
    groups: list[frozenset[Hashable]] = [frozenset((key,)) for key in base]
    for keys in useful.values():
        touched = [group for group in groups if group & keys]
        groups = [group for group in groups if not group & keys] + [frozenset().union(*touched)]
    order = {key: place for place, key in enumerate(base)}
    return sorted(groups, key=lambda group: min(order[key] for key in group))


def _case(
    model: Model,
    base: Anomalies,
    keys: frozenset[Hashable],
    useful: Mapping[Hypothesis, frozenset[Hashable]],
    tried: Mapping[Hypothesis, Anomalies],
) -> Case:
    mine = [one for one, explained in useful.items() if explained & keys]
    anomalies = {key: one for key, one in base.items() if key in keys}
    explanations = _smallest(model, base, keys, mine, tried)
    rejected = _rejected(mine, explanations, keys, base, tried)
    return Case(anomalies, explanations, rejected, {one: useful[one] & keys for one in mine})


def _smallest(
    model: Model,
    base: Anomalies,
    keys: frozenset[Hashable],
    mine: Sequence[Hypothesis],
    tried: Mapping[Hypothesis, Anomalies],
) -> tuple[Explanation, ...]:
    """All explanations of the least size and cost under which none of `keys`, and nothing new, is an anomaly."""
    for size in range(1, MOST + 1):
        found = [
            frozenset(few)
            for few in combinations(mine, size)
            if not _left(tried[few[0]] if size == 1 else model.anomalies(frozenset(few)), base, keys)
        ]
        if found:
            least = min(map(_cost, found))
            return tuple(one for one in found if _cost(one) == least)
    return ()


def _left(anomalies: Anomalies, base: Anomalies, keys: frozenset[Hashable]) -> list[Hashable]:
    """What remains to be explained of a case: its own anomalies, and those that the assumption made."""
    return [key for key in anomalies if key in keys or key not in base]


def _cost(explanation: Explanation) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(one.cost for one in explanation), strict=True)))


def _rejected(
    mine: Sequence[Hypothesis],
    explanations: Sequence[Explanation],
    keys: frozenset[Hashable],
    base: Anomalies,
    tried: Mapping[Hypothesis, Anomalies],
) -> tuple[Rejected, ...]:
    chosen = frozenset().union(*explanations)
    return tuple(Rejected(one, _against(one, keys, base, tried[one])) for one in mine if one not in chosen)


def _against(one: Hypothesis, keys: frozenset[Hashable], base: Anomalies, left: Anomalies) -> str:
    """What speaks against a hypothesis: what it predicts and was not seen, what it leaves open, or its cost."""
    made = [anomaly for key, anomaly in left.items() if key not in base]
    if made:
        return f"it would make other answers wrong: {made[0].message}"
    rest = [anomaly for key, anomaly in left.items() if key in keys]
    if rest:
        return f"it leaves {len(rest)} of {len(keys)} answers unexplained: {rest[0].message}"
    return "it was seen only now and then" if not one.steady else "a narrower cause explains the same"
