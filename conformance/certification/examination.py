"""Whether a run is what it says: its bytes, settings and secrets, its outcomes judged again, its requests sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from conformance import __version__
from conformance.catalogue import Level
from conformance.certification.eligibility import secrets_in
from conformance.certification.playback import SLACK, Played, play
from conformance.contract import Contract, Settings
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Run, Setting
from conformance.provenance import read_settings, settings_of, suite
from conformance.registry import find
from conformance.rejudging import NotAgain, rejudge
from conformance.report import results
from conformance.session import Narrowing, scope_of
from conformance.wire.limits import Limits
from conformance.wire.route import USUAL

IDLE = 600.0
"""Seconds that a run may take before its first request and after its last one."""
TOLD = (
    "title",
    "scope",
    "verdict",
    "headline",
    "reason",
    "exit_code",
    "counts",
    "requirements",
    "diagnosis",
    "hints",
    "remarks",
)
"""Members of results.json that follow from its settings and exchanges."""


class State(StrEnum):
    """What became of looking at something."""

    HOLDS = "holds"
    REFUSED = "refused"
    OPEN = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what was found, in a sentence."""

    name: str
    state: State
    text: str


def examine(run: Run, data: bytes, known: Iterable[str] = ()) -> Iterator[Check]:
    """Look at `run`, which its results.json `data` tells of; `known` are secrets that must not be in it.

    What is not what it says by itself is neither judged nor sent again.
    """
    other = _other_suite(run)
    if other:
        yield Check("suite", State.OPEN, other)
        return
    yield Check("suite", State.HOLDS, f"made and judged by status-conformance {__version__}, unaltered")
    contract = find(run.contract)
    try:
        settings = read_settings(run.settings, contract, {})
        found = _by_itself(run, data, contract, settings, known)
        yield from found
        if all(one.state is State.HOLDS for one in found):
            yield _outcomes(run)
            yield from _requests(run, contract, settings)
    except NotAgain as problem:
        yield Check("outcomes", State.OPEN, f"{problem.message}; {problem.hint}")
    except UsageProblem as problem:
        yield Check("outcomes", State.REFUSED, problem.message)


def _by_itself(
    run: Run, data: bytes, contract: Contract, settings: Settings, known: Iterable[str]
) -> list[Check]:
    secrets = secrets_in(run, data.decode("ascii", "replace"), known)
    return [
        _check("record", "results.json is written as this suite writes it", _record(run, data)),
        _check("secrets", "no private key, token or credential is in it", secrets),
        _check("times", "numbers and times of exchanges are those of one run", list(_times(run))),
        _check(
            "settings", "settings and scope are what this suite records", _settings(run, contract, settings)
        ),
    ]


def _check(name: str, text: str, reasons: list[str]) -> Check:
    return Check(name, State.REFUSED, "; ".join(reasons[:5])) if reasons else Check(name, State.HOLDS, text)


def _record(run: Run, data: bytes) -> list[str]:
    return (
        []
        if results.render(run) == data
        else ["results.json contradicts itself, or is not as this suite writes it"]
    )


def _other_suite(run: Run) -> str:
    """Why this suite is not the one that made the run; empty when it is."""
    try:
        here = suite(find(run.contract))
    except UsageProblem as problem:
        return problem.message
    if run.suite.version != __version__:
        return f"it was made by status-conformance {run.suite.version[:40]}, and this is {__version__}: verify it with that version"
    if run.suite.catalogue != here.catalogue:
        return "it was made with other requirements than those of this suite"
    if run.suite.checks != here.checks:
        return "the suite that made it was altered, or this one is: their checks have different digests"
    return ""


def _times(run: Run) -> Iterator[str]:
    numbers = [one.number for one in run.exchanges]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the exchanges are not numbered from 1 without a gap"
    for one in run.exchanges:
        if not run.started - SLACK <= one.started <= one.ended <= run.ended + SLACK:
            yield f"exchange {one.number} ends before it begins, or lies outside of the run"
        if (one.response is None) is (one.failure is None):
            yield f"exchange {one.number} has both an answer and a failure, or neither"
    first = min((one.started for one in run.exchanges), default=run.started)
    last = max((one.ended for one in run.exchanges), default=run.started)
    if first - run.started > IDLE or run.ended - last > IDLE:
        yield "the run took longer than its exchanges"
    allowed = next((one.value for one in run.settings if one.name == "concurrency"), None)
    if isinstance(allowed, int) and _together(run) > allowed:
        yield f"more than {allowed} requests were in flight together"


def _together(run: Run) -> int:
    """How many requests were in flight at one time, at most."""
    changes = [(one.started + SLACK / 100, 1) for one in run.exchanges] + [
        (one.ended, -1) for one in run.exchanges
    ]
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most


def _settings(run: Run, contract: Contract, settings: Settings) -> list[str]:
    """What of the recorded settings is not as this suite would record them."""
    told = {one.name: one.value for one in run.settings}
    limits: Any = {one.name: told.get(one.name.replace("_", "-")) for one in fields(Limits)}
    way = [
        Setting(one.name, one.kind, one.value, USUAL[one.name]) for one in run.settings if one.name in USUAL
    ]
    header = [Setting(one.name, one.kind, one.value, []) for one in run.settings if one.name == "header"]
    only, level = run.scope.only, run.scope.level
    expected = settings_of(contract, settings, Limits(**limits), only=only, level=level, way=[*way, *header])
    found = [
        f"the setting {one.name} is not recorded as it is"
        for one, other in zip(run.settings, expected, strict=False)
        if one != other
    ]
    if (settings.fuzz or 0) > len(run.exchanges):
        found.append("more requests were to be generated than were sent")
    if len(expected) != len(run.settings):
        found.append("there are settings too many or too few")
    if scope_of(contract, settings, Narrowing(only, level)) != run.scope:
        found.append("the scope is not what its settings say")
    return found


def _outcomes(run: Run) -> Check:
    differ = [
        f"{one.requirement} was {one.was or 'not there'}, judged again it is {one.now or 'not there'}"
        for one in rejudge(run)
    ]
    open_ = [
        f"{one.requirement.id} was not assessed"
        for one in run.results
        if one.requirement.level is Level.MUST
        and not one.requirement.not_assessed
        and one.outcome in (Outcome.SKIPPED, Outcome.INCONCLUSIVE)
    ]
    number = len(run.exchanges)
    text = f"{number} recorded exchanges judged again: all {len(run.results)} outcomes are the same"
    return _check("outcomes", "; ".join([text, *open_]), differ)


def _requests(run: Run, contract: Contract, settings: Settings) -> Iterator[Check]:
    try:
        played = play(run, contract, settings)
    except Exception as problem:  # noqa: BLE001 - whatever a stranger's file makes of a driver is the file's fault
        yield Check(
            "requests", State.REFUSED, f"this suite cannot send what is recorded: {type(problem).__name__}"
        )
        return
    text = (
        f"all {len(run.exchanges)} requests are those that this suite sends for this nonce and seed, in time"
    )
    yield _check("requests", text, _strayed(run, played))
    if not played.strayed:
        yield _check("findings", "findings and causes follow from the exchanges", _told(run, played.run))


def _strayed(run: Run, played: Played) -> list[str]:
    if played.strayed:
        return [played.strayed]
    was = {one.number: one for one in run.exchanges}
    flags = [
        one.number
        for one in played.run.exchanges
        if (one.superseded, one.redirected) != _flags(was[one.number])
    ]
    counts = Counter(one.number for one in played.run.exchanges)
    twice = [number for number, times in counts.items() if times > 1]
    return [
        f"exchange {number} was repeated, or counts, otherwise than recorded" for number in (*flags, *twice)
    ]


def _flags(one: Any) -> tuple[bool, bool]:
    return one.superseded, one.redirected


def _told(run: Run, again: Run) -> list[str]:
    was, now = results.to_json(run), results.to_json(again)
    return [
        f"{name} in results.json is not what follows from the exchanges"
        for name in TOLD
        if was[name] != now[name]
    ]
