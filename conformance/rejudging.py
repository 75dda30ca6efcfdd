"""Judges the exchanges of a results.json again, with the settings that stand in it, and compares the outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance import files
from conformance.contract import Contract, Settings
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Run, Value
from conformance.provenance import digest_of, read_settings, suite
from conformance.recorded import judge_tagged
from conformance.registry import find
from conformance.report import states
from conformance.session import Session
from conformance.wire.exchange import Response
from conformance.wire.redaction import Redactor

LARGEST = 128 * 1024 * 1024
"""Bytes of the largest results.json that is read."""
WITHHELD = "[withheld: "
"""How that begins which stands in the place of what held a secret."""


class NotAgain(UsageProblem):
    """What was recorded cannot be judged again by this suite, for no fault of the file."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A requirement that comes out otherwise than was recorded; None is no outcome at all."""

    requirement: str
    was: Outcome | None
    now: Outcome | None


class _Replay(Session):
    """A session of recorded exchanges: nobody drives it."""

    def _driver(self) -> Any:
        return None


def rejudge(run: Run, contexts: Mapping[str, Path] | None = None) -> tuple[Difference, ...]:
    """Where judging the exchanges of `run` again comes to another outcome than it says; `contexts` are JSON-LD files.

    What went wrong in the suite itself is no matter of exchanges, and stays as it is. Raises NotAgain when the run
    cannot be judged by this suite, and UsageProblem when the judge can make nothing of what the run holds.
    """
    contract = _contract(run)
    settings = read_settings(run.settings, contract, _contexts(run, contexts or {}))
    try:
        again = _again(run, contract, settings)
    except Exception as problem:  # noqa: BLE001 - whatever a stranger's file makes of a judge is the file's fault
        raise UsageProblem(f"the exchanges in this results.json cannot be judged: {problem!r}") from None
    was = {one.requirement.id: one.outcome for one in run.results}
    now = {one.requirement.id: one.outcome for one in again.results}
    changed = [name for name in {**was, **now} if was.get(name) is not now.get(name)]
    found = tuple(
        Difference(name, was.get(name), now.get(name))
        for name in changed
        if was.get(name) is not Outcome.ERROR
    )
    _insist_on_evidence(run, found)
    return found


def judged_with(old: Run, new: Run) -> Run:
    """What the exchanges of `old` come to with this suite, within the scope of `new` and with its settings.

    Raises NotAgain when `new` was made by another suite than this one, or needs files that are not here, and UsageProblem
    when the judge can make nothing of the exchanges.
    """
    contract = _contract(new)
    settings = read_settings(new.settings, contract, _contexts(new, {}))
    try:
        return _again(replace(old, scope=new.scope), contract, settings)
    except Exception as problem:  # noqa: BLE001 - whatever a stranger's file makes of a judge is the file's fault
        raise UsageProblem(f"the exchanges in this results.json cannot be judged: {problem!r}") from None


def _insist_on_evidence(run: Run, found: Sequence[Difference]) -> None:
    """Raise NotAgain when all that differs was decided by answers of which the record holds a part only."""
    partly = {one.number for one in run.exchanges if one.response and _is_withheld(one.response)}
    cited = {one.requirement.id: set(states.cited(one)) for one in run.results}
    if found and all(partly & cited.get(one.requirement, set()) for one in found):
        names = ", ".join(one.requirement for one in found)
        raise NotAgain(
            f"{names} cannot be judged again: secrets are withheld from the answers that decided it",
            hint="all other outcomes are the same",
        )


def _is_withheld(response: Response) -> bool:
    """Whether a secret was withheld from an answer."""
    headers = [text for pair in response.headers for text in pair]
    return (
        WITHHELD in response.reason
        or WITHHELD.encode() in response.body
        or any(WITHHELD in one for one in headers)
    )


def _contract(run: Run) -> Contract:
    """The contract of a run; raises NotAgain when it is not here as it was then."""
    try:
        contract = find(run.contract)
    except UsageProblem as problem:
        raise NotAgain(f"the run cannot be judged again: {problem.message}", hint=problem.hint) from None
    if suite(contract).catalogue != run.suite.catalogue:
        raise NotAgain(
            f"the run cannot be judged again: the requirements of {contract.name} have changed since",
            hint=f"it was made by status-conformance {run.suite.version}: judge it with that version",
        )
    return contract


def _contexts(run: Run, given: Mapping[str, Path]) -> dict[str, Path]:
    """The files of the recorded JSON-LD contexts; raises NotAgain when one is missing, or another one."""
    recorded: Value = next((one.value for one in run.settings if one.name == "jsonld-context"), None)
    wanted = dict(recorded) if isinstance(recorded, Mapping) else {}
    for url, digest in wanted.items():
        if url not in given or digest_of(given[url]) != digest:
            raise NotAgain(
                f"the run cannot be judged again without its JSON-LD context {url}",
                hint=f"give the file with the digest {digest} as --jsonld-context {url}=FILE",
            )
    return {url: given[url] for url in wanted}


def _again(run: Run, contract: Contract, settings: Settings) -> Run:
    if run.scope.source:
        return judge_tagged(contract, run.exchanges, run.base_url, run.scope.source, settings)
    from httpx import BaseTransport

    from conformance.wire.client import Client

    client = Client(run.base_url, transport=BaseTransport())
    client.exchanges = list(run.exchanges)
    return _Replay(contract, client, settings, run.scope, Redactor()).finish()


def load(path: Path) -> Run:
    """The run that a file tells of; raises UsageProblem when it is no results.json, however it is wrong."""
    return read(files.text(path, limit=LARGEST), str(path))


def read(text: str, name: str) -> Run:
    """The run that the text of a results.json tells of, which messages call `name`; raises UsageProblem likewise."""
    import json

    from conformance.report import results
    from conformance.schema import violations

    try:
        data = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise UsageProblem(f"{name} is not a results.json: it is not JSON") from None
    results.insist_on_format(data)
    for violation in violations("results", data):
        raise UsageProblem(f"{name} is damaged: {violation}")
    return results.from_json(data)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number
