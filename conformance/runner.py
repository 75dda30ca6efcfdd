"""Builds the pytest call for one deployment and returns the Run."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.clock import Clock, SystemClock
from conformance.contract import Contract, Settings
from conformance.errors import BudgetSpent
from conformance.outcome import Run
from conformance.session import Listener, Narrowing, Session, scope_of
from conformance.target import Target, redactor_for
from conformance.wire.limits import Limits
from conformance.wire.parallel import within

if TYPE_CHECKING:
    import httpx

LATE = 0.2
"""Seconds beyond the deadline that the checks have to end by themselves."""
INI = """\
[pytest]
python_files = test_*.py
python_functions = test_*
filterwarnings = default
"""
WITHOUT = ("cacheprovider", "terminal", "doctest", "junitxml", "pastebin", "stepwise", "unittest", "logging")
WITHOUT_TOO = (
    "capture",
    "debugging",
    "faulthandler",
    "warnings",
    "recwarn",
    "setuponly",
    "setupplan",
    "subtests",
)
WITHOUT_GARBAGE = ("unraisableexception", "threadexception")
"""They collect garbage several times over at the end, which takes a tenth of a second and finds nothing of ours."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run needs to know besides the contract; its deadline counts from `begun`, else from its start."""

    target: Target
    settings: Settings = field(default_factory=Settings)
    narrowing: Narrowing = field(default_factory=Narrowing)
    limits: Limits = field(default_factory=Limits)
    transport: httpx.BaseTransport | None = None
    verify: ssl.SSLContext | bool = True
    clock: Clock = field(default_factory=SystemClock)
    listener: Listener | None = None
    begun: float | None = None


def run(contract: Contract, plan: Plan) -> Run:
    """Run the checks of `contract` as `plan` says; sends requests. Raises UsageProblem before the first one."""
    from conformance.wire.client import Client

    scope = scope_of(contract, plan.settings, plan.narrowing)
    client = Client(
        plan.target.base_url,
        clock=plan.clock,
        limits=plan.limits,
        headers=plan.target.headers,
        transport=plan.transport,
        verify=plan.verify,
        on_exchange=plan.listener.exchanged if plan.listener else None,
        read_only=plan.settings.read_only,
        begun=plan.begun,
    )
    redactor = redactor_for(contract, plan.settings, plan.target)
    session = Session(contract, client, plan.settings, scope, redactor, plan.listener)
    try:
        _call_in_time(session)
        return session.finish()
    finally:
        client.close()


def _call_in_time(session: Session) -> None:
    """Run the checks until the deadline, whatever they are busy with then; Ctrl-C ends them as well."""
    deadline = session.client.clock
    try:
        if not within(deadline.left + LATE, lambda: _call_pytest(session)):
            session.stopped = BudgetSpent(
                f"the run has reached its deadline of {deadline.seconds:g} s", hint="raise --deadline"
            )
    except KeyboardInterrupt:
        session.interrupted = True


def _call_pytest(session: Session) -> None:
    import pytest

    from conformance.checks import ChecksPlugin

    folder = session.contract.folder
    with _quiet_environment(), _ini() as ini:
        arguments = [
            str(folder),
            "-c",
            ini,
            f"--rootdir={folder}",
            "--import-mode=importlib",
            "--assert=plain",
        ]
        arguments.append(f"--confcutdir={folder}")
        arguments += [f"-pno:{name}" for name in (*WITHOUT, *WITHOUT_TOO, *WITHOUT_GARBAGE)]
        code = pytest.main(arguments, plugins=[ChecksPlugin(session, speaks=False)])
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        session.failed((), f"pytest ended with {code!r}")
    if code == pytest.ExitCode.INTERRUPTED and not session.stopped and not session.errors:
        session.interrupted = True


@contextmanager
def _ini() -> Iterator[str]:
    """A configuration of our own, so that nobody else's bends a verdict."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".ini", prefix="status-conformance-", delete=False) as file:
        file.write(INI)
    try:
        yield file.name
    finally:
        Path(file.name).unlink()


@contextmanager
def _quiet_environment() -> Iterator[None]:
    """The environment without what would change pytest: its options, its plugins."""
    saved = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    current = os.environ.get("PYTEST_CURRENT_TEST")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        saved |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": before, "PYTEST_CURRENT_TEST": current}
        for name, value in saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
