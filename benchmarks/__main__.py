"""`make bench`: measure everything, and write docs/performance.md with its plots.

    python benchmarks [PART …] [--rounds N] [--sample N] [--everything-sample N] [--fleet 1,10,100,500] [--render]

Each part is measured in one session, and kept when another is measured again. `--sample` is how many faults and how many
oddities of each contract all contenders are tried on, 0 for the whole catalogue (an hour or two); this suite alone is tried
on all of them in any case. `--render` only writes the document again from the last measurements
(benchmarks/measurements.json).
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import compare
import detecting
import document
from compare import as_data
from contenders import DEEP, DEFAULT, EVERYTHING, QUICK, STANDARD
from measuring import HERE

from conformance.registry import names

RAW = HERE / "measurements.json"


def main() -> None:
    """Measure what was asked for, then render."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)} to measure; all unless named")
    parser.add_argument("--rounds", type=int, default=3, help="how often each cost is measured")
    parser.add_argument("--sample", type=int, default=20, help="faults and oddities of each contract")
    parser.add_argument("--everything-sample", type=int, default=5, help="the same, with everything on")
    parser.add_argument("--fleet", default="1,10,100,500")
    parser.add_argument("--render", action="store_true", help="measure nothing")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    found = json.loads(RAW.read_text(encoding="utf-8")) if RAW.is_file() else {}
    for part in () if asked.render else asked.parts or PARTS:
        found |= {**PARTS[part](asked), "made": datetime.now(UTC).date().isoformat(), **_versions()}
        RAW.write_text(json.dumps(found, indent=1, default=str) + "\n", encoding="utf-8")
    document.write(found, HERE.parent / "docs")


def costs(asked: argparse.Namespace) -> dict[str, Any]:
    """What runs cost, and bare clients."""
    return {
        "floors": {name: as_data(one) for name, one in compare.floors().items()},
        "costs": [as_data(one) for one in compare.costs(asked.rounds)],
        "together": [as_data(one) for one in compare.together(asked.rounds)],
    }


def latencies(_: argparse.Namespace) -> dict[str, Any]:
    """What late answers cost."""
    found = compare.latencies()
    return {"latencies": [{"latency": latency, **as_data(one)} for latency, one in found]}


def detections(asked: argparse.Namespace) -> dict[str, Any]:
    """What is found, who is accused, and what it costs."""
    chosen, few = detecting.sample(asked.sample), detecting.sample(asked.everything_sample)
    found = [
        *detecting.side_by_side((STANDARD, DEFAULT), chosen),
        *detecting.side_by_side((EVERYTHING,), few),
    ]
    healthy = {
        contender: {name: sorted(detecting.healthy(contender, name)) for name in names()}
        for contender in (DEFAULT, EVERYTHING)
    }
    return {"detections": [as_data(one) for one in found], "healthy": healthy}


def catalogue(asked: argparse.Namespace) -> dict[str, Any]:
    """What this suite finds in the whole catalogue."""
    whole, chosen = detecting.sample(None), detecting.sample(asked.sample)
    found = [
        *detecting.in_process(QUICK, whole, jobs=2),
        *detecting.in_process(STANDARD, whole, jobs=2),
        *detecting.in_process(DEEP, chosen, jobs=2),
    ]
    return {"catalogue": [as_data(one) for one in found]}


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), "schemathesis": version("schemathesis")}


def fleet(asked: argparse.Namespace) -> dict[str, Any]:
    """The measurements of benchmarks/fleet.py."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.json"
        sizes = [one for one in asked.fleet.split(",") if one]
        subprocess.run([sys.executable, str(HERE / "fleet.py"), *sizes, "--json", str(path)], check=True)
        return {"fleet": json.loads(path.read_text(encoding="utf-8"))}


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "costs": costs,
    "latencies": latencies,
    "detections": detections,
    "catalogue": catalogue,
    "fleet": fleet,
}


if __name__ == "__main__":
    main()
