"""`python -m conformance.proof`: judge every case, and write schemas/proof.json and docs/proof.md."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from conformance.proof.cases import complaints
from conformance.proof.document import document
from conformance.proof.matrix import counts, render, rows, to_json, write
from conformance.proof.narrowing import differences, pairs
from conformance.proof.reproductions import MOST_MARKED, report, tries
from conformance.registry import BUILT_IN, contracts, find
from conformance.resources import folder

GOAL_ZERO = ("oddities accused", "hopeless servers called conformant")


def main() -> int:
    """Run the matrix; 0 when the proof is complete."""
    done = rows(tuple(BUILT_IN))
    data = to_json(done)
    write(folder("schemas"), render(data), "proof.json")
    write(docs(), text(data), "proof.md")
    for row in done:
        for complaint in complaints(find(row.case.contract), row):
            print(complaint)
    whole = True
    for what, (number, of_all) in counts(done).items():
        whole = whole and number == (0 if what in GOAL_ZERO else of_all)
        print(f"{what}: {number} / {of_all}")
    chosen = pairs(done)
    otherwise = differences(chosen, (os.cpu_count() or 1) + 1)
    print(
        "\n".join(
            [
                *otherwise,
                f"requirements that a narrowed run finds otherwise: {len(otherwise)} / {len(chosen)}",
            ]
        )
    )
    lines, enough = report(tries(tuple(BUILT_IN)))
    print("\n".join([*lines, *([] if enough else [f"goal: at most {MOST_MARKED:.0%} marked, none missed"])]))
    whole = whole and not otherwise and enough
    return 0 if whole else 1


def text(data: dict[str, object]) -> str:
    """docs/proof.md for `data`."""
    titles = {one.name: one.title for one in contracts()}
    levels = {
        one.name: {r.id: r.level.value for r in one.catalogue.requirements if not r.not_assessed}
        for one in contracts()
    }
    return document(data, titles, levels)


def docs() -> Path:
    """The folder of the manual in the checkout."""
    return folder("schemas").parent / "docs"


if __name__ == "__main__":
    sys.exit(main())
