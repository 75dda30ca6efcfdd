"""The whole proof: all cases of all contracts, in parallel, as data and as a document."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from conformance.contract import Contract
from conformance.proof.cases import Row, cases, complaints, faults, judge, oddities
from conformance.proof.hopeless import HOPELESS
from conformance.registry import contracts, find

FORMAT = {"format": "status-conformance/proof", "version": 1}


def rows(names: Sequence[str], jobs: int | None = None) -> list[Row]:
    """Judge every case of the contracts called so, several at once."""
    wanted = [case for name in names for case in cases(name)]
    workers = jobs or os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(judge, wanted, chunksize=4))


def to_json(done: Iterable[Row]) -> dict[str, Any]:
    """The proof as schemas/proof.json holds it: an entry a contract, a list a kind of case."""
    found = list(done)
    entries = {one.name: _contract(one, [r for r in found if r.case.contract == one.name]) for one in contracts()}
    return {**FORMAT, "contracts": {name: entry for name, entry in entries.items() if entry["faults"]}}


def _contract(contract: Contract, done: list[Row]) -> dict[str, Any]:
    return {
        "healthy": next((_outcome(row) for row in done if row.case.kind == "healthy"), {}),
        "faults": [_fault(contract.name, row) for row in done if row.case.kind == "fault"],
        "oddities": [_oddity(contract.name, row) for row in done if row.case.kind == "oddity"],
        "hopeless": [
            {"id": row.case.id, "description": HOPELESS[row.case.id], **_outcome(row)}
            for row in done
            if row.case.kind == "hopeless"
        ],
    }


def _outcome(row: Row) -> dict[str, Any]:
    return {"verdict": row.verdict.value, "failed": list(row.failed), "warned": list(row.warned)}


def _fault(contract: str, row: Row) -> dict[str, Any]:
    one = faults(contract)[row.case.id]
    return {
        "id": one.id,
        "description": one.description,
        "must": list(one.must),
        "may": list(one.may),
        "killed_by": [name for name in row.caught if name in one.must],
        "also_reported_by": [name for name in row.caught if name in one.may],
        "wrongly_accused": [name for name in row.caught if name not in one.must + one.may],
        **_outcome(row),
    }


def _oddity(contract: str, row: Row) -> dict[str, Any]:
    one = oddities(contract)[row.case.id]
    return {"id": one.id, "description": one.description, "warns": list(one.warns), **_outcome(row)}


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
    own = {name for row in done if row.case.kind == "fault" for name in faults(row.case.contract)[row.case.id].must}
    return wanted & killers & own, wanted


def write(folder: Path, text: str, name: str) -> Path:
    """Write one file of the proof."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
