"""`python -m conformance` is `status-conformance`."""

from __future__ import annotations

from conformance.cli import main

if __name__ == "__main__":
    main()
