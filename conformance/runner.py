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
from conformance.outcome import Run
from conformance.resources import PACKAGE
from conformance.session import Listener, Narrowing, Session, scope_of
from conformance.target import Target, redactor_for
from conformance.wire.limits import Limits

if TYPE_CHECKING:
    import httpx

INI = PACKAGE / "checks.ini"
"""A configuration of our own, so that nobody else's bends a verdict."""
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
    """Everything that a run needs to know besides the contract."""

    target: Target
    settings: Settings = field(default_factory=Settings)
    narrowing: Narrowing = field(default_factory=Narrowing)
    limits: Limits = field(default_factory=Limits)
    transport: httpx.BaseTransport | None = None
    verify: ssl.SSLContext | bool = True
    clock: Clock = field(default_factory=SystemClock)
    listener: Listener | None = None


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
    )
    redactor = redactor_for(contract, plan.settings, plan.target)
    session = Session(contract, client, plan.settings, scope, redactor, plan.listener)
    try:
        with _endurance(session):
            _call_pytest(session)
        return _finished(session)
    finally:
        client.close()


def _finished(session: Session) -> Run:
    """What the run came to; a Ctrl-C while it is judged does not keep that from being told."""
    try:
        return session.finish()
    except KeyboardInterrupt:
        session.interrupted = True
        return session.finish()


def _call_pytest(session: Session) -> None:
    import pytest

    from conformance.checks import ChecksPlugin

    folder = session.contract.folder
    with _quiet_environment():
        arguments = [
            str(folder),
            "-c",
            str(INI),
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
def _endurance(session: Session) -> Iterator[None]:
    """Whatever comes out of pytest ends the run, not the telling of what there is: a Ctrl-C that it does not take, say."""
    try:
        yield
    except KeyboardInterrupt:
        session.interrupted = True
    except FileNotFoundError as problem:
        # At its end pytest goes back to the working folder, which may be gone.
        if _has_working_folder():
            session.failed((), f"pytest failed: {problem!r}")
    except Exception as problem:  # noqa: BLE001 - whatever it is, results are not lost
        session.failed((), f"pytest failed: {problem!r}")


def _has_working_folder() -> bool:
    try:
        return bool(Path.cwd())
    except OSError:
        return False


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
