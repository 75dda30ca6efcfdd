"""The reference conformance test suite for three published status APIs."""

from __future__ import annotations

__version__ = "0.1.0"
