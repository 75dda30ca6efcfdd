"""`make bench`: measure everything, and write docs/performance.md with its plots.

    python benchmarks [--rounds N] [--sample N] [--everything-sample N] [--fleet 1,10,100,500] [--render]

`--sample` is how many faults and how many oddities of each contract all contenders are tried on, 0 for the whole catalogue
(an hour or two); this suite alone is tried on all of them in any case. `--render` only writes the document again from the
last measurements (benchmarks/measurements.json).
"""

from __future__ import annotations

import argparse
import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import compare
import document
from contenders import DEEP, DEFAULT, EVERYTHING, QUICK, STANDARD
from measuring import HERE

RAW = HERE / "measurements.json"


def main() -> None:
    """Measure what was asked for, then render."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=20, help="faults and oddities of each contract")
    parser.add_argument("--everything-sample", type=int, default=5, help="the same, with everything on")
    parser.add_argument("--fleet", default="1,10,100,500")
    parser.add_argument("--render", action="store_true")
    asked = parser.parse_args()
    if not asked.render:
        RAW.write_text(json.dumps(measurements(asked), indent=1, default=str) + "\n", encoding="utf-8")
    document.write(json.loads(RAW.read_text(encoding="utf-8")), HERE.parent / "docs")


def measurements(asked: argparse.Namespace) -> dict[str, Any]:
    """All measurements of one session."""
    found: dict[str, Any] = {
        "made": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "schemathesis": _version("schemathesis"),
        "rounds": asked.rounds,
        "floors": {name: compare.as_data(one) for name, one in compare.floors().items()},
        "costs": [compare.as_data(one) for one in compare.costs(asked.rounds)],
        "latencies": [{"latency": latency, **compare.as_data(one)} for latency, one in compare.latencies()],
    }
    chosen, few = compare.sample(asked.sample), compare.sample(asked.everything_sample)
    detections = [
        *compare.detections((STANDARD, DEFAULT), chosen, jobs=2),
        *compare.detections((EVERYTHING,), few, jobs=2),
        *compare.in_process(QUICK, compare.sample(None), jobs=2),
        *compare.in_process(STANDARD, compare.sample(None), jobs=2),
        *compare.in_process(DEEP, chosen, jobs=2),
    ]
    found["detections"] = [compare.as_data(one) for one in detections]
    found["healthy"] = {
        contender: {name: sorted(compare.healthy(contender, name)) for name in compare.names()}
        for contender in (DEFAULT, EVERYTHING)
    }
    found["fleet"] = _fleet([int(one) for one in asked.fleet.split(",") if one])
    return found


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def _fleet(sizes: list[int]) -> Any:
    """The measurements of benchmarks/fleet.py."""
    import subprocess
    import sys
    import tempfile

    if not sizes:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.json"
        subprocess.run(
            [sys.executable, str(HERE / "fleet.py"), *map(str, sizes), "--json", str(path)], check=True
        )
        return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
