"""`python -m tests.hostile`: meet every behaviour and circumstance, and write docs/robustness.md."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from .behaviour import ANY, Behaviour
from .circumstances import Circumstance
from .driving import MEMORY, Seen
from .rows import ROWS, meet_at

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "robustness.md"


def meet_all(rows: Iterable[Behaviour | Circumstance], told: Callable[[int, str], None]) -> list[Seen]:
    """Run rows, as many at a time as there are processors; `told` gets a line for each that is not right.

    Each has its server in the process that runs it, so that none makes another slow.
    """
    found = []
    rows = list(rows)
    places = [ROWS.index(row) for row in rows]
    with ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn")) as pool:
        for number, (row, seen) in enumerate(zip(rows, pool.map(meet_at, places), strict=True), 1):
            found.append(seen)
            told(number, f"{row.group}: {row.name}: {'; '.join(seen.wrong)}" if seen.wrong else "")
    return found


def document(rows: list[Behaviour | Circumstance], found: list[Seen], seconds: float) -> str:
    """The table, as Markdown."""
    right = sum(not seen.wrong for seen in found)
    heaviest = max(seen.memory for seen in found)
    servers = sum(isinstance(row, Behaviour) for row in rows)
    lines = [
        "# Robustness",
        "",
        f"`make robustness` runs the command against {servers} hostile servers and in {len(rows) - servers}",
        f"circumstances, and writes this page. **{right} of {len(rows)} are right**; it took {seconds:.0f} s, and no run",
        f"took more than {heaviest:.0f} MB (the limit is {MEMORY:.0f} MB).",
        "",
        "Each row names the exit codes that are right (0 conformant, 1 non-conformant, 2 usage, 3 incomplete,",
        "4 unreachable, 5 our own fault), the requirements that may be blamed (– none, * what the answers literally",
        "break), and what was seen. A leak is a secret, or twelve characters of one, in any output in any common",
        "encoding. What is not right is in the last column.",
        "",
    ]
    for group in dict.fromkeys(row.group for row in rows):
        lines += [
            f"## {group}",
            "",
            *_table([pair for pair in zip(rows, found, strict=True) if pair[0].group == group]),
            "",
        ]
    return "\n".join(lines)


def _table(pairs: list[tuple[Behaviour | Circumstance, Seen]]) -> Iterator[str]:
    yield "| | exit | seen | may be blamed | blamed | s | MB | leaks | not right |"
    yield "|---|---|---|---|---|---:|---:|---|---|"
    for row, seen in pairs:
        may = row.blamed if isinstance(row, Behaviour) else frozenset()
        leaks = sum(one.startswith("leaks") for one in seen.wrong)
        cells = (
            row.name,
            ", ".join(map(str, sorted(row.codes))),
            "–" if seen.code is None else str(seen.code),
            "*" if may == ANY else _ids(may),
            _ids(seen.blamed),
            f"{seen.seconds:.1f}",
            f"{seen.memory:.0f}",
            str(leaks or "–"),
            "; ".join(one for one in seen.wrong if not one.startswith("leaks")),
        )
        yield "| " + " | ".join(map(_cell, cells)) + " |"


def _ids(ids: Iterable[str]) -> str:
    found = sorted(ids)
    return ", ".join(found[:4]) + (" …" if len(found) > 4 else "") or "–"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def main() -> int:
    """Meet the rows whose names hold the words given, or all and write the document."""
    words = sys.argv[1:]
    rows = [row for row in ROWS if all(word in f"{row.group}: {row.name}" for word in words)]
    began = time.monotonic()

    def told(number: int, line: str) -> None:
        if line or number % 20 == 0:
            print(f"[{number}/{len(rows)}] {line}", flush=True)

    found = meet_all(rows, told)
    right = sum(not seen.wrong for seen in found)
    print(f"{right} of {len(rows)} are right, in {time.monotonic() - began:.0f} s")
    if not words:
        DOCUMENT.write_text(document(rows, found, time.monotonic() - began), encoding="utf-8")
    return 0 if right == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
