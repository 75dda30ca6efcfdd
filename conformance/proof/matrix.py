"""The whole proof: all cases of all contracts, in parallel, as data and as a document."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from conformance.proof.cases import Case, Row, cases, complaints, faults, judge, oddities, setting
from conformance.proof.hopeless import HOPELESS
from conformance.reference.wires import SLOW
from conformance.registry import find

FORMAT = {"format": "status-conformance/proof", "version": 1}
LISTS = {"fault": "faults", "oddity": "oddities", "hopeless": "hopeless"}


def rows(names: Sequence[str], jobs: int | None = None) -> list[Row]:
    """Judge every case of the contracts called so, several at once; those that wait for the real clock begin."""
    wanted = [case for name in names for case in cases(name)]
    workers = jobs or (os.cpu_count() or 1) + 1
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        begun = {case: pool.submit(judge, case) for case in sorted(wanted, key=haste)}
        return [begun[case].result() for case in wanted]


def haste(case: Case) -> int:
    """Where a case belongs in a queue: what takes longest comes first."""
    wire = setting(case).wire
    return 2 if wire is None else 0 if wire in SLOW else 1


def to_json(done: Iterable[Row]) -> dict[str, Any]:
    """The proof as schemas/proof.json holds it: an entry a contract, a list a kind of case."""
    found = list(done)
    named = dict.fromkeys(row.case.contract for row in found)
    return {
        "$schema": "proof.schema.json",
        **FORMAT,
        "contracts": {name: _contract([row for row in found if row.case.contract == name]) for name in named},
    }


def _contract(done: list[Row]) -> dict[str, Any]:
    entries = {key: [entry(row) for row in done if row.case.kind == kind] for kind, key in LISTS.items()}
    return {"healthy": next((entry(row) for row in done if row.case.kind == "healthy"), {}), **entries}


def entry(row: Row) -> dict[str, Any]:
    """One row as the proof records it."""
    return _DESCRIBED[row.case.kind](row)


def recorded(data: dict[str, Any]) -> dict[Case, dict[str, Any]]:
    """The entry of every case in the data of a proof."""
    found: dict[Case, dict[str, Any]] = {}
    for name, part in data["contracts"].items():
        found[Case(name, "healthy")] = part["healthy"]
        found |= {Case(name, kind, one["id"]): one for kind, key in LISTS.items() for one in part[key]}
    return found


def _outcome(row: Row) -> dict[str, Any]:
    return {"verdict": row.verdict.value, "failed": list(row.failed), "warned": list(row.warned)}


def _fault(row: Row) -> dict[str, Any]:
    """Without the requirements that are only allowed to report: chance decides which of them meet a race."""
    one = faults(row.case.contract)[row.case.id]
    return {
        "id": one.id,
        "description": one.description,
        "must": list(one.must),
        "may": list(one.may),
        "killed_by": [name for name in row.caught if name in one.must],
        "wrongly_accused": [name for name in row.caught if name not in one.must + one.may],
        "effort": row.effort.value,
        "verdict": row.verdict.value,
    }


def _oddity(row: Row) -> dict[str, Any]:
    one = oddities(row.case.contract)[row.case.id]
    befell = {"circumstance": one.circumstance} if one.circumstance else {}
    return {"id": one.id, "description": one.description, "warns": list(one.warns), **befell, **_outcome(row)}


def _hopeless(row: Row) -> dict[str, Any]:
    return {"id": row.case.id, "description": HOPELESS[row.case.id], **_outcome(row)}


_DESCRIBED = {"healthy": _outcome, "fault": _fault, "oddity": _oddity, "hopeless": _hopeless}


def render(data: dict[str, Any]) -> str:
    """The data as text, the same bytes every time."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def counts(done: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """Faults killed, requirements proven, oddities accused, hopeless servers called conformant: each of all."""
    bad = {row.case: complaints(find(row.case.contract), row) for row in done}
    kinds = {kind: [row for row in done if row.case.kind == kind] for kind in ("fault", "oddity", "hopeless")}
    killed = [row for row in kinds["fault"] if not bad[row.case]]
    proven, all_of_them = provable(done)
    return {
        "faults killed": (len(killed), len(kinds["fault"])),
        "requirements proven": (len(proven), len(all_of_them)),
        "oddities accused": (sum(bool(bad[row.case]) for row in kinds["oddity"]), len(kinds["oddity"])),
        "hopeless servers called conformant": (
            sum(row.verdict == "conformant" for row in kinds["hopeless"]),
            len(kinds["hopeless"]),
        ),
    }


def provable(done: Sequence[Row]) -> tuple[set[str], set[str]]:
    """The MUST and SHOULD requirements that a fault has shown to fail, and all of them."""
    wanted = {
        one.id
        for name in {row.case.contract for row in done}
        for one in find(name).catalogue.requirements
        if one.level != "MAY" and not one.not_assessed
    }
    killers = {name for row in done if row.case.kind == "fault" for name in row.caught}
    own = {
        name
        for row in done
        if row.case.kind == "fault"
        for name in faults(row.case.contract)[row.case.id].must
    }
    return wanted & killers & own, wanted


def write(folder: Path, text: str, name: str) -> Path:
    """Write one file of the proof."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
