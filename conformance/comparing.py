"""Compares two runs: what is broken since, what was mended, and what only the suite or its settings made different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.errors import UsageProblem
from conformance.outcome import Kind, Outcome, Result, Run
from conformance.rejudging import judged_with

BROKEN = (Outcome.FAILED, Outcome.WARNED)
UNDECIDED = (Outcome.SKIPPED, Outcome.INCONCLUSIVE, Outcome.ERROR)


@dataclass(frozen=True, slots=True)
class Change:
    """A requirement and its outcomes, None where there is none; `message` says what was found."""

    requirement: str
    title: str
    was: Outcome | None
    now: Outcome | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs beside each other.

    `breaches`, `mended` and `other` are changes of the deployment; `judged` are those that come from judging otherwise:
    another suite, other requirements, other settings, which `reasons` name. `certain` tells whether the exchanges of the
    old run were judged again to tell the two apart.
    """

    breaches: tuple[Change, ...]
    mended: tuple[Change, ...]
    other: tuple[Change, ...]
    judged: tuple[Change, ...]
    unchanged: int
    reasons: tuple[str, ...]
    certain: bool = True


def compare(old: Run, new: Run) -> Comparison:
    """What changed from `old` to `new`; raises UsageProblem for runs of different contracts."""
    if old.contract != new.contract:
        raise UsageProblem(
            f"one run is about {old.contract}, the other about {new.contract}: they cannot be compared"
        )
    changes = list(_changes(old, new))
    reasons = tuple(_reasons(old, new))
    again = _again(old, new) if reasons and changes else {}
    judged = [one for one in changes if reasons and _is_judging(one, old, new, again)]
    real = [one for one in changes if one not in judged]
    breaches = [one for one in real if one.now in BROKEN and _rank(one.now) > _rank(one.was)]
    mended = [one for one in real if one.was in BROKEN and one.now not in (*BROKEN, *UNDECIDED, None)]
    return Comparison(
        tuple(breaches),
        tuple(mended),
        tuple(one for one in real if one not in breaches and one not in mended),
        tuple(judged),
        len(new.results) - sum(1 for one in changes if one.now is not None),
        reasons,
        certain=again is not None,
    )


def _rank(outcome: Outcome | None) -> int:
    """How bad an outcome is, where it is a breach."""
    return {Outcome.FAILED: 2, Outcome.WARNED: 1}.get(outcome, 0) if outcome else 0


def _changes(old: Run, new: Run) -> Iterator[Change]:
    was, now = _by_id(old), _by_id(new)
    for name in {**was, **now}:
        before, after = was.get(name), now.get(name)
        if (before and before.outcome) is not (after and after.outcome):
            yield _change(before, after)


def _change(before: Result | None, after: Result | None) -> Change:
    told = after or before
    assert told is not None
    message = told.findings[0].message if told.findings else ""
    was, now = before.outcome if before else None, after.outcome if after else None
    return Change(told.requirement.id, told.requirement.title, was, now, message)


def _by_id(run: Run) -> Mapping[str, Result]:
    return {one.requirement.id: one for one in run.results}


def _reasons(old: Run, new: Run) -> Iterator[str]:
    """What makes the two runs judge otherwise, each in a few words."""
    if old.suite.version != new.suite.version:
        yield f"suite: {old.suite.version} became {new.suite.version}"
    elif old.suite.checks != new.suite.checks:
        yield "suite: its checks were changed within one version"
    if old.suite.catalogue != new.suite.catalogue:
        yield "catalogue: the requirements were changed"
    was, now = (
        {one.name: one.value for one in run.settings if one.kind is not Kind.CHANCE} for run in (old, new)
    )
    for name in {**was, **now}:
        if was.get(name) != now.get(name):
            yield f"settings: {name} was {_said(was.get(name))}, is {_said(now.get(name))}"


def _said(value: object) -> str:
    return "not given" if value in (None, "", [], {}) else ascii(value)[:60]


def _again(old: Run, new: Run) -> dict[str, Outcome] | None:
    """What the exchanges of the old run come to when they are judged as the new one was; None where that is not possible."""
    try:
        return {one.requirement.id: one.outcome for one in judged_with(old, new).results}
    except UsageProblem:
        return None


def _is_judging(one: Change, old: Run, new: Run, again: Mapping[str, Outcome] | None) -> bool:
    """Whether a change comes from judging otherwise: the same answers come to the new outcome too, or nobody asked."""
    if one.was is None or one.now is None:
        return True
    if _by_id(old)[one.requirement].requirement != _by_id(new)[one.requirement].requirement:
        return True
    return again is not None and again.get(one.requirement) is one.now
