"""The executor of a Dask cluster that exists already."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from conformance import __version__
from conformance.errors import UsageProblem

DISTRIBUTION = "status-conformance"
PATIENCE = 15
"""Seconds to wait for the scheduler, and for a first worker."""


@contextmanager
def executor(address: str) -> Iterator[Executor]:
    """An executor whose tasks run on the workers of the cluster at `address`.

    The connection is the cluster's own: tasks, with the secrets in them, travel as safely as it is set up.
    Raises UsageProblem when Dask is not installed, or the cluster cannot be used.
    """
    client = _connect(address)
    try:
        _check(client, address)
        found: Executor = client.get_executor(pure=False)
        yield found
    finally:
        client.close()


def _connect(address: str) -> Any:
    """A connection to the scheduler; Dask's own types say too little to be of use."""
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        hint = f"pip install '{DISTRIBUTION}[cluster]'"
        raise UsageProblem("--cluster needs Dask, which is not installed", hint=hint) from None
    try:
        return distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as problem:
        hint = "give the scheduler's address, such as tcp://10.0.0.5:8786"
        raise UsageProblem(f"no Dask scheduler answers at {address}: {_brief(problem)}", hint=hint) from None


def _check(client: Any, address: str) -> None:
    """See that somebody is there to work, and that everybody runs this version of the suite."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise UsageProblem(f"the Dask cluster at {address} has no worker") from None
    try:
        versions = set(client.run(importlib.metadata.version, DISTRIBUTION).values())
        versions.add(client.run_on_scheduler(importlib.metadata.version, DISTRIBUTION))
    except importlib.metadata.PackageNotFoundError:
        hint = f"install {DISTRIBUTION} {__version__} on the scheduler and on every worker"
        raise UsageProblem("the Dask cluster lacks the suite", hint=hint) from None
    if versions != {importlib.metadata.version(DISTRIBUTION)}:
        hint = f"here it is {__version__}; all must be the same"
        raise UsageProblem(
            f"the Dask cluster runs the suite in version {', '.join(sorted(versions))}", hint=hint
        )


def _brief(problem: Exception) -> str:
    return str(problem).splitlines()[0] if str(problem) else type(problem).__name__
