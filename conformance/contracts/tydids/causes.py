"""The table of causes: what can be wrong with a grant status, in a sentence, and the requirements that it breaks.

Each row says which strange answers it accounts for (`covers`), which answers it is about (`about`: all of them would be
strange if it were always at work), and when it is worth a thought at all (`when`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from conformance.contracts.tydids.mixups import mixed_up
from conformance.contracts.tydids.model import Grants, Strange
from conformance.contracts.tydids.observations import GRANTED, NAMED, REVOKED, Observation, View
from conformance.diagnosis.cause import Cause, Hypothesis
from conformance.diagnosis.touched import cached

SEVERAL: Final = 4
"""How many percent-encoded calls have to be right for another one to be a lapse."""
ENOUGH: Final = 3
"""How many calls of each kind a generated history needs before its one verdict is called everybody's."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A run with what is strange in it, and whose verdicts got mixed up, if they may have been."""

    view: View
    strange: tuple[Strange, ...]
    mixed_up: frozenset[str]

    def has(self, requirement: str, claim: str | None = "any") -> bool:
        """Whether something strange is of this requirement, and has this verdict."""
        return any(
            one.requirement == requirement and claim in ("any", one.seen.claim) for one in self.strange
        )

    def lapsed_once(self, kind: str) -> bool:
        """Whether one percent-encoded call alone went wrong, so that it need not have been for its encoding."""
        encoded = [one for one in self.view.of("encoded") if one.kind == kind]
        bad = [one for one in self.strange if one.requirement == "TY-I6" and one.seen.kind == kind]
        return len(bad) == 1 and len(encoded) > SEVERAL

    def all_told(self, verdict: str, *samples: str) -> bool:
        """Whether every answer to these samples has this verdict, and there are some of each."""
        found = self.view.of(*samples)
        return {one.sample for one in found} == set(samples) and all(one.claim == verdict for one in found)


@dataclass(frozen=True, slots=True)
class Row:
    """A cause, and how it is recognised."""

    cause: Cause
    covers: Callable[[Strange], bool]
    about: Callable[[Observation], bool]
    when: Callable[[Scene], bool] = lambda scene: True
    steady: bool = False


def _named(one: Observation) -> bool:
    return one.sample in NAMED


def _of(kind: str) -> Callable[[Observation], bool]:
    return lambda one: one.sample == kind


def _samples(*samples: str) -> Callable[[Observation], bool]:
    return lambda one: one.sample in samples


def _verdict(verdict: str, *requirements: str) -> Callable[[Strange], bool]:
    return lambda one: one.seen.verdict == verdict and one.requirement in requirements


def _requires(*requirements: str) -> Callable[[Strange], bool]:
    return lambda one: one.requirement in requirements


def _lacks_verdict(kind: str = "") -> Callable[[Strange], bool]:
    return lambda one: (
        one.requirement in ("TY-G1", "TY-R1", "TY-I6")
        and one.seen.claim is None
        and kind in ("", one.seen.kind)
    )


def _wrong_code(claim: str) -> Callable[[Strange], bool]:
    return lambda one: one.seen.claim == claim and not one.seen.verdict and one.requirement in CODED


def _everybody(verdict: str) -> Callable[[Scene], bool]:
    """Whether everybody who was named has this verdict, of both kinds enough, and was not asked to revoke."""

    def seen(scene: Scene) -> bool:
        named = scene.view.of(*NAMED)
        told = [one.sample for one in named if one.claim]
        least = ENOUGH if scene.view.drawn else 1
        alike = all(one.verdict == verdict for one in named if one.claim)
        return alike and min(map(told.count, NAMED)) >= least

    return seen


def _every_call(verdict: str, *samples: str) -> Callable[[Scene], bool]:
    everybody = _everybody(verdict)
    return lambda scene: everybody(scene) and scene.all_told(verdict, *samples)


def _swapped(scene: Scene) -> bool:
    named = [one for one in scene.view.of(*NAMED) if one.claim]
    kinds = {one.sample for one in named}
    return kinds == set(NAMED) and all(one.claim != one.sample for one in named)


def _mixed(*kinds: str) -> Callable[[Scene], bool]:
    return lambda scene: scene.mixed_up == set(kinds)


CODED: Final = ("TY-G1", "TY-R1", "TY-C1", "TY-I6")
STRAY: Final = ("TY-G1", "TY-R1", "TY-R7", "TY-C3", "TY-I2", "TY-I3", "TY-I4", "TY-I6")
"""What a verdict that belongs to another call may contradict."""
SAMPLES: Final = "make sure that the identity is {} on this deployment"
NODES: Final = "behind a load balancer, --consensus-slack allows small steps back"


def _row(
    id: str,
    sentence: str,
    requirements: str,
    covers: Callable[[Strange], bool],
    about: Callable[[Observation], bool],
    when: Callable[[Scene], bool] = lambda scene: True,
    *,
    steady: bool = False,
    gravity: int = 50,
    width: int = 2,
    hint: str = "",
) -> Row:
    return Row(
        Cause(id, sentence, tuple(requirements.split()), gravity, width, hint), covers, about, when, steady
    )


ROWS: Final = (
    _row(
        "every-call-granted", "every call is granted, whatever is asked for", "TY-I1 TY-R1 TY-I2 TY-I3",
        _verdict(GRANTED, "TY-R1", "TY-I2", "TY-I3", "TY-I6"), _of(REVOKED),
        _every_call(GRANTED, "missing", "empty", "malformed"), gravity=0, width=1, steady=True,
    ),
    _row(
        "every-call-revoked", "every call is revoked, whatever is asked for", "TY-I1 TY-G1 TY-I2 TY-I4",
        _verdict(REVOKED, "TY-G1", "TY-I2", "TY-I4", "TY-I6"), _of(GRANTED),
        _every_call(REVOKED, "missing", "empty", "unknown"), gravity=0, width=1, steady=True,
    ),
    _row(
        "every-identity-granted", "every identity is granted, whichever is asked for", "TY-I1 TY-R1",
        _verdict(GRANTED, "TY-R1", "TY-I6"), _of(REVOKED), _everybody(GRANTED), gravity=0, width=1, steady=True,
    ),
    _row(
        "every-identity-revoked", "every identity is revoked, whichever is asked for", "TY-I1 TY-G1",
        _verdict(REVOKED, "TY-G1", "TY-I4", "TY-I6"), _of(GRANTED), _everybody(REVOKED), gravity=0, width=1, steady=True,
    ),
    _row(
        "verdicts-swapped", "each identity gets the other verdict", "TY-G1 TY-R1",
        _requires("TY-G1", "TY-R1", "TY-I4"), _named, _swapped,
        gravity=5, width=1, steady=True, hint="make sure that --granted and --revoked are not mixed up",
    ),
    _row(
        "verdicts-mixed-up", "an identity gets the verdict of another that was asked for just before it or at the same time",
        "TY-I1 TY-G1 TY-R1", _requires(*STRAY), _named, _mixed(*NAMED), steady=True, gravity=5,
    ),
    _row(
        "grants-mixed-up", "a granted identity gets the verdict of another that was asked for just before it or at the same time",
        "TY-I1 TY-G1", _requires(*STRAY), _named, _mixed(GRANTED), steady=True, gravity=5,
    ),
    _row(
        "revocations-mixed-up",
        "a revoked identity gets the verdict of another that was asked for just before it or at the same time",
        "TY-I1 TY-R1", _requires(*STRAY), _named, _mixed(REVOKED), steady=True, gravity=5,
    ),
    _row(
        "revocation-forgotten", "a revocation comes and goes: what was revoked is granted again", "TY-R1 TY-R7",
        _verdict(GRANTED, "TY-R1", "TY-R7", "TY-I6"), _of(REVOKED),
        lambda scene: scene.has("TY-R1", GRANTED) and scene.has("TY-R7", GRANTED), gravity=10,
    ),
    _row(
        "unnamed-revocation-forgotten", "what was revoked is granted later on", "TY-R7",
        _verdict(GRANTED, "TY-R7"), _of("unnamed"), lambda scene: not scene.view.of(REVOKED), gravity=10,
    ),
    _row(
        "revocation-told-as-grant", "a revoked identity is told to be granted", "TY-R1",
        _verdict(GRANTED, "TY-R1", "TY-I6"), _of(REVOKED),
        lambda scene: scene.has("TY-R1", GRANTED) and not scene.has("TY-R7", GRANTED),
        gravity=10, hint=SAMPLES.format(REVOKED),
    ),
    _row(
        "grant-told-as-revocation", "a granted identity is told to be revoked", "TY-G1",
        _verdict(REVOKED, "TY-G1", "TY-I4", "TY-I6"), _of(GRANTED),
        lambda scene: scene.has("TY-G1", REVOKED), gravity=20, hint=SAMPLES.format(GRANTED),
    ),
    _row(
        "verdict-not-given", "identities do not get their verdict", "TY-G1 TY-R1", _lacks_verdict(), _named,
        lambda scene: scene.has("TY-G1", None) and scene.has("TY-R1", None), gravity=30, width=1,
    ),
    _row(
        "grant-not-given", "a granted identity does not get its verdict", "TY-G1", _lacks_verdict(GRANTED),
        _of(GRANTED), lambda scene: scene.has("TY-G1", None), gravity=30,
    ),
    _row(
        "revocation-not-given", "a revoked identity does not get its verdict", "TY-R1", _lacks_verdict(REVOKED),
        _of(REVOKED), lambda scene: scene.has("TY-R1", None), gravity=30,
    ),
    _row(
        "grant-with-another-code", "a grant comes with another code than 200", "TY-G1 TY-C1",
        _wrong_code(GRANTED), _of(GRANTED), lambda scene: scene.has("TY-G1", GRANTED), gravity=30, width=1,
    ),
    _row(
        "revocation-with-another-code", "a revocation comes with another code than 403", "TY-R1 TY-C1",
        _wrong_code(REVOKED), _of(REVOKED), lambda scene: scene.has("TY-R1", REVOKED), gravity=30, width=1,
    ),
    _row(
        "code-contradicts-body", "the code says something else than the body", "TY-C1", _requires("TY-C1"),
        lambda one: one.claim is not None, gravity=30,
    ),
    _row(
        "encoding-not-decoded", "percent-encoding is not undone", "TY-I6", _requires("TY-I6"), _samples("encoded"),
        lambda scene: not all(map(scene.lapsed_once, {one.seen.kind for one in scene.strange if one.requirement == "TY-I6"})),
        gravity=40,
    ),
    _row(
        "grant-lapses", "a granted identity got another answer once", "TY-G1",
        lambda one: one.requirement == "TY-I6" and one.seen.kind == GRANTED, _of(GRANTED),
        lambda scene: scene.lapsed_once(GRANTED), gravity=40, width=3,
    ),
    _row(
        "revocation-lapses", "a revoked identity got another answer once", "TY-R1",
        lambda one: one.requirement == "TY-I6" and one.seen.kind == REVOKED, _of(REVOKED),
        lambda scene: scene.lapsed_once(REVOKED), gravity=40, width=3,
    ),
    _row(
        "verdict-without-identity", "a call without an identity gets a verdict", "TY-I2",
        lambda one: one.requirement == "TY-I2" and one.seen.claim is not None, _samples("missing", "empty"),
        gravity=40, width=1,
    ),
    _row(
        "nobody-not-refused", "a call without an identity is not refused", "TY-I2", _requires("TY-I2"),
        _samples("missing", "empty"), gravity=45,
    ),
    _row(
        "malformed-granted", "what is no identity is granted", "TY-I3", _requires("TY-I3"),
        _samples("malformed", "padded"), gravity=40, width=1,
    ),
    _row(
        "near-miss-revoked", "what resembles a revoked identity is taken for it", "TY-I4",
        lambda one: one.requirement == "TY-I4" and one.seen.case != "", lambda one: one.case != "",
        lambda scene: scene.has("TY-I4"), gravity=40, width=1,
    ),
    _row(
        "unknown-revoked", "an identity that nobody published is revoked", "TY-I4", _requires("TY-I4"),
        _samples("unknown"), gravity=40,
    ),
    _row(
        "time-of-revocation-moves", "the time of one revocation changes", "TY-R7",
        lambda one: one.requirement == "TY-R7" and one.seen.claim == REVOKED, _of(REVOKED), gravity=50, width=1,
    ),
    _row(
        "consensus-falls", "the consensus falls between successive answers", "TY-C3", _requires("TY-C3"),
        lambda one: one.claim is not None, gravity=60, width=1, hint=NODES,
    ),
)  # fmt: skip


def hypotheses(model: Grants) -> Iterator[Hypothesis]:
    """The causes that may be at work in a run, each with what it accounts for."""
    strange = tuple(model.strange)
    scene = Scene(model.view, strange, mixed_up(model.view))
    for row in ROWS:
        mine = [one for one in strange if row.covers(one)]
        if mine and row.when(scene):
            yield _hypothesis(row, mine, scene)


def _hypothesis(row: Row, mine: list[Strange], scene: Scene) -> Hypothesis:
    predicted = [one for one in scene.view.observations if row.about(one) and not one.undecided]
    numbers = {one.seen.exchange.number for one in mine}
    shown = [one for one in predicted if one.exchange.number in numbers]
    steady = row.steady or len(shown) == len(predicted)
    counts = f"{len(shown)} of {len(predicted)} such calls"
    cases = ", ".join(dict.fromkeys(one.seen.case for one in mine if one.seen.case))
    told = next(filter(None, (cached(one.seen.exchange) for one in mine)), "")
    parts = (counts if shown and not steady else cases, told and f"from a cache, which says {told}")
    detail = "; ".join(filter(None, parts))
    return Hypothesis(row.cause, tuple(one.key for one in mine), steady, bool(told), detail)
