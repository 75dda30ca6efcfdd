"""`python -m tests.load [REQUESTS]`: the load test of the reference deployment, 50,000 requests by default."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from .loading import load


def main() -> int:
    """Load the reference deployment, and tell what came of it."""
    requests = int(sys.argv[1]) if sys.argv[1:] else 50_000
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        log = load(Path(folder), 32, requests)
    seconds = time.monotonic() - began
    acknowledged = sum(one.acknowledged is not None for one in log.writes)
    print(f"{log.done} requests of 32 clients in {seconds:.0f} s, {log.done / seconds:.0f} a second")
    print(f"{acknowledged} of {len(log.writes)} writes were acknowledged, {log.lost} answers lost to SIGKILL")
    for one in log.wrong[:20]:
        print(f"wrong: {one}")
    print(
        "every acknowledged write is there, in order, and nothing is invented"
        if not log.wrong
        else f"{len(log.wrong)} wrong"
    )
    return 1 if log.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
