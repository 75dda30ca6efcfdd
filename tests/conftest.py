"""How the tests are spread over processes."""

from __future__ import annotations

import os

import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two processes more than there are cores: many tests wait, for a clock, a socket or another process."""
    return (os.cpu_count() or 1) + 2
