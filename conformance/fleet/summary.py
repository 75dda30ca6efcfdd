"""What a fleet came to: fleet.json for programs, fleet.md for people, and the exit code.

fleet.json is governed by schemas/fleet.schema.json.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.fleet.task import ERROR, Row
from conformance.outcome import Outcome, Verdict
from conformance.report.text import duration, timestamp, visible, well_formed

SCHEMA = "https://status-conformance.dev/schemas/fleet.schema.json"
FORMAT = "status-conformance/fleet"
VERSION = 1
GRAVEST = (5, 1, 4, 3, 0)
"""Exit codes, the one that a fleet reports first: our own fault spoils the statement, a breach outweighs silence."""
ORDER = (ERROR, Verdict.NON_CONFORMANT, Verdict.UNREACHABLE, Verdict.INCOMPLETE, Verdict.CONFORMANT)
SIGNS = dict(zip(ORDER, "⚑✗–?✓", strict=True))
_OPEN = (Outcome.ERROR, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Fleet:
    """All rows, in the order of the configuration; times are Unix seconds, `folder` holds the reports."""

    rows: tuple[Row, ...]
    started: float
    ended: float
    folder: Path

    @property
    def exit_code(self) -> int:
        """The gravest exit code of all rows."""
        return gravest(row.exit_code for row in self.rows)

    @property
    def verdicts(self) -> dict[str, int]:
        """How many deployments have each verdict, the gravest first; no number is zero."""
        numbers = Counter(row.verdict for row in self.rows)
        return {str(verdict): numbers[verdict] for verdict in ORDER if numbers[verdict]}

    @property
    def by_gravity(self) -> list[Row]:
        """The rows, the gravest first, else in the order of the configuration."""
        return sorted(self.rows, key=lambda row: ORDER.index(row.verdict))


def gravest(codes: Iterable[int]) -> int:
    """The exit code for several runs together."""
    return min(codes, key=GRAVEST.index)


def broken(row: Row) -> tuple[str, ...]:
    """The requirements that made the verdict bad."""
    return tuple(one for one, outcome in row.outcomes.items() if outcome in _OPEN)


def to_json(fleet: Fleet) -> dict[str, Any]:
    """`fleet` as JSON; folders are relative to that of the fleet."""
    return {
        "$schema": SCHEMA,
        "format": FORMAT,
        "version": VERSION,
        "suite": {"name": "status-conformance", "version": __version__},
        "started": timestamp(fleet.started),
        "ended": timestamp(fleet.ended),
        "duration": round(fleet.ended - fleet.started, 3),
        "exit_code": fleet.exit_code,
        "verdicts": fleet.verdicts,
        "deployments": [_row(row) for row in fleet.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "contract": row.contract,
        "base_url": well_formed(row.base_url),
        "verdict": str(row.verdict),
        "exit_code": row.exit_code,
        "reason": well_formed(row.reason),
        "hint": well_formed(row.hint),
        "counts": dict(row.counts),
        "outcomes": dict(row.outcomes),
        "requests": row.requests,
        "seconds": round(row.seconds, 3),
        "folder": row.folder and row.folder.name,
    }


def render(fleet: Fleet) -> bytes:
    """The file fleet.json; ASCII, like results.json."""
    return json.dumps(to_json(fleet), indent=1).encode("ascii") + b"\n"


def tally(fleet: Fleet) -> str:
    """The verdicts in a few words: "1 non-conformant · 499 conformant"."""
    return " · ".join(f"{number} {verdict}" for verdict, number in fleet.verdicts.items())


def markdown(fleet: Fleet) -> bytes:
    """The file fleet.md: a table with the gravest first."""
    lines = [
        f"# {len(fleet.rows)} deployments",
        "",
        f"{tally(fleet)}, in {duration(fleet.ended - fleet.started)} from {timestamp(fleet.started)}.",
        "",
        "| verdict | deployment | contract | why | requests | time | report |",
        "|---|---|---|---|---:|---:|---|",
        *map(_line, fleet.by_gravity),
    ]
    return ("\n".join(lines) + "\n").encode()


def _line(row: Row) -> str:
    link = f"[report]({row.folder.name}/report.html)" if row.folder else ""
    requests = "" if row.requests is None else str(row.requests)
    cells = (f"{SIGNS[row.verdict]} {row.verdict}", _cell(row.name), row.contract, _cell(row.reason))
    return f"| {' | '.join((*cells, requests, duration(row.seconds), link))} |"


def _cell(text: str) -> str:
    """`text` as it stands in a cell: on one line, with nothing that Markdown or HTML would take for its own."""
    flat = " ".join(visible(text).split())
    return "".join("\\" + one if one in "\\`*_[]<>|#~" else one for one in flat.replace("&", "&amp;"))
