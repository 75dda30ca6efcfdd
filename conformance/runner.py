"""Builds the pytest call for one deployment and returns the Run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.clock import Clock, SystemClock
from conformance.contract import Contract, Settings
from conformance.errors import BudgetSpent
from conformance.outcome import Kind, Run, Setting
from conformance.resources import PACKAGE
from conformance.session import Listener, Narrowing, Session, scope_of
from conformance.target import Target, redactor_for
from conformance.wire.limits import Limits
from conformance.wire.parallel import within
from conformance.wire.route import USUAL, Route

if TYPE_CHECKING:
    import httpx

INI = PACKAGE / "checks.ini"
"""A configuration of our own, so that nobody else's bends a verdict."""
LATE = 0.2
"""Seconds beyond the deadline that the checks have to end by themselves."""
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
    """Everything that a run needs to know besides the contract; its deadline counts from `begun`, else from its start.

    With `again` the shortest history of each finding is looked for, and sent again.
    """

    target: Target
    settings: Settings = field(default_factory=Settings)
    narrowing: Narrowing = field(default_factory=Narrowing)
    limits: Limits = field(default_factory=Limits)
    transport: httpx.BaseTransport | None = None
    route: Route = field(default_factory=Route)
    clock: Clock = field(default_factory=SystemClock)
    listener: Listener | None = None
    begun: float | None = None
    again: bool = True


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
        route=plan.route,
        on_exchange=plan.listener.exchanged if plan.listener else None,
        read_only=plan.settings.read_only,
        gave_up=contract.gave_up,
        begun=plan.begun,
    )
    redactor = redactor_for(contract, plan.settings, plan.target, plan.route)
    session = Session(contract, client, plan.settings, scope, redactor, plan.listener, way_of(plan))
    try:
        return conduct(session, again=plan.again)
    finally:
        client.close()


def conduct(session: Session, *, again: bool = True) -> Run:
    """Run the checks of a session; whatever gets in the way, it tells what there is."""
    with _endurance(session):
        _call_in_time(session, again=again)
    return _finished(session)


def way_of(plan: Plan) -> tuple[Setting, ...]:
    """The settings of the way to the deployment: trust, certificate, proxy, and the names of further headers."""
    names = [name for name, _ in plan.target.extra]
    url = plan.target.base_url
    way = () if plan.transport else plan.route.described(url)
    return (
        *(Setting(name, Kind.OPTION, value, USUAL[name]) for name, value in way),
        Setting("header", Kind.INPUT, names, []),
    )


def _check(session: Session, *, again: bool) -> None:
    _call_pytest(session)
    if again:
        session.reproduce()


def _call_in_time(session: Session, *, again: bool) -> None:
    """Run the checks until the deadline, whatever they are busy with then; Ctrl-C ends them as well."""
    deadline = session.client.clock
    try:
        if not within(deadline.left + LATE, lambda: _check(session, again=again)):
            session.stopped = BudgetSpent(
                f"the run has reached its deadline of {deadline.seconds:g} s", hint="raise --deadline"
            )
    except KeyboardInterrupt:
        session.interrupted = True


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
