"""Arguments, printing and exit codes."""

from __future__ import annotations

from conformance.cli.entry import main as main
