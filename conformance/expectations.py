"""Expected failures: breaches that are known, each with a reason and a day on which that is over."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from conformance import files
from conformance.contract import Contract
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Result, Run

MEMBERS = frozenset({"requirement", "cause", "reason", "expires"})
EXAMPLE = (
    'an entry is [[expected]] with requirement = "ID" or cause = "ID", reason = "…" and expires = 2027-01-31'
)
LARGEST = 1024 * 1024
BROKEN = (Outcome.FAILED, Outcome.WARNED)
UNDECIDED = (Outcome.SKIPPED, Outcome.INCONCLUSIVE, Outcome.ERROR)


@dataclass(frozen=True, slots=True)
class Expected:
    """A breach that is known, by requirement or by cause; `expires` is the last day on which it may be there."""

    requirement: str
    cause: str
    reason: str
    expires: date

    @property
    def name(self) -> str:
        """What it names."""
        return self.requirement or self.cause

    def covers(self, result: Result) -> bool:
        """Whether it is about all that is wrong with a requirement."""
        if self.requirement:
            return self.requirement == result.requirement.id
        wrong = [one for one in result.findings if one.outcome in BROKEN]
        return bool(wrong) and all(one.cause == self.cause for one in wrong)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run comes to beside what was expected: lines to print, and the exit code."""

    lines: tuple[str, ...]
    exit_code: int


def load(path: Path, contract: Contract) -> tuple[Expected, ...]:
    """The expected failures in a file; raises UsageProblem that says what is wrong, and with which entry."""
    try:
        data = tomllib.loads(files.text(path, limit=LARGEST))
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise UsageProblem(f"{path} is not TOML: {problem}") from None
    entries = data.pop("expected", [])
    if data or not isinstance(entries, list):
        raise UsageProblem(f"{path} holds more than a list called expected", hint=EXAMPLE)
    found = tuple(_entry(one, f"{path}, entry {number}", contract) for number, one in enumerate(entries, 1))
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UsageProblem(f"{path} expects {twice} twice")
    return found


def _entry(data: Any, where: str, contract: Contract) -> Expected:
    if not isinstance(data, dict) or not data.keys() <= MEMBERS:
        unknown = min(data.keys() - MEMBERS) if isinstance(data, dict) else data
        raise UsageProblem(f"{where}: {ascii(unknown)[:60]} is not known", hint=EXAMPLE)
    requirement, cause, reason = (data.get(name, "") for name in ("requirement", "cause", "reason"))
    if not all(isinstance(one, str) for one in (requirement, cause, reason)) or bool(requirement) is bool(
        cause
    ):
        raise UsageProblem(f"{where} names not exactly one requirement or cause", hint=EXAMPLE)
    if not reason.strip():
        raise UsageProblem(f"{where} gives no reason", hint=EXAMPLE)
    expires = data.get("expires")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise UsageProblem(f"{where} has no date on which it expires", hint=EXAMPLE)
    if requirement:
        requirement = _known(requirement, where, contract)
    return Expected(requirement, cause, reason.strip(), expires)


def _known(name: str, where: str, contract: Contract) -> str:
    try:
        return contract.catalogue.get(name).id
    except UsageProblem as problem:
        raise UsageProblem(f"{where}: {problem.message}", hint=problem.hint) from None


def compare(run: Run, expected: tuple[Expected, ...], today: date) -> Comparison:
    """What is known, new, stale and expired in `run`: 0 when all is known, 1 for anything else, 3 when something is open."""
    broken = run.with_outcome(*BROKEN)
    known = {one.requirement.id for one in broken if any(entry.covers(one) for entry in expected)}
    new = [one for one in run.with_outcome(Outcome.FAILED) if one.requirement.id not in known]
    entries = [(entry, _state(entry, run, today)) for entry in expected]
    lines = [*_told(entries), *(f"new: {one.requirement.id}, {one.findings[0].message}" for one in new)]
    if run.exit_code not in (0, 1, 3):
        return Comparison(tuple(lines), run.exit_code)
    if new or any(state in ("stale", "expired") for _, state in entries):
        return Comparison(tuple(lines), 1)
    return Comparison(tuple(lines), 3 if run.exit_code == 3 or run.must["open"] else 0)


def _state(entry: Expected, run: Run, today: date) -> str:
    """What has become of an expected failure."""
    met = any(entry.covers(one) for one in run.with_outcome(*BROKEN))
    if met or (entry.cause and any(one.cause == entry.cause for one in run.diagnosis)):
        return "expired" if entry.expires < today else "known"
    seen = {one.requirement.id: one.outcome for one in run.results}
    undecided = [one for one in seen.values() if one in UNDECIDED] if entry.cause else []
    if entry.requirement and seen.get(entry.requirement, Outcome.SKIPPED) in UNDECIDED:
        return "undecided"
    return "undecided" if undecided and run.exit_code == 3 else "stale"


def _told(entries: list[tuple[Expected, str]]) -> Iterator[str]:
    endings = {
        "known": "expected until {0.expires}: {0.reason}",
        "expired": "expected until {0.expires}, which is over: {0.reason}",
        "stale": "is expected to fail and does not: remove it from the file",
        "undecided": "is expected to fail, and was not assessed",
    }
    for entry, state in entries:
        yield f"{state}: {entry.name}, {endings[state].format(entry)}"
