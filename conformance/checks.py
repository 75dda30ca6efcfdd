"""The pytest side of a run: fixtures, scope, and the judge's word after each check."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from traceback import extract_tb
from typing import Any

import pytest

from conformance.errors import WireProblem
from conformance.outcome import Finding, Outcome
from conformance.session import Session


def requirement_ids(item: pytest.Item) -> tuple[str, ...]:
    """The ids with which a check is marked."""
    marks = item.iter_markers("requirement")
    return tuple(dict.fromkeys(str(name) for mark in marks for name in mark.args))


class ChecksPlugin:
    """Runs the checks of one contract for one session.

    With `speaks`, pytest's outcome of each check is what the judge says of its exchanges; a run that judges once,
    at its end, does without.
    """

    def __init__(self, session: Session, *, speaks: bool) -> None:
        self.session = session
        self.speaks = speaks
        self._explorer: Any = None
        self._shapes: Any = None
        self._total = 0
        self._number = 0

    @pytest.fixture
    def deployment(self) -> Any:
        """The driver of the contract under test."""
        return self.session.driver

    @pytest.fixture
    def settings(self) -> Any:
        """What the operator gave."""
        return self.session.settings

    @pytest.fixture
    def explorer(self) -> Any:
        """Searches for histories that break the contract; imports hypothesis."""
        from conformance.exploration import Explorer

        if self._explorer is None:
            self._explorer = Explorer(self.session)
        return self._explorer

    @pytest.fixture
    def shapes(self) -> Any:
        """Sends what the OpenAPI document allows, or does not allow."""
        from conformance.shapes import Shapes

        if self._shapes is None:
            self._shapes = Shapes(self.session)
        return self._shapes

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "requirement(*ids): the requirements that a check assesses")
        config.addinivalue_line("markers", "last: runs after all others, since it looks at the whole run")
        config.addinivalue_line("markers", "needs(*inputs): runs only when the operator gave these inputs")
        config.addinivalue_line(
            "markers", "generated: searches; left out when the effort has no budget for it"
        )
        config.addinivalue_line(
            "markers", "robustness: runs only with --robustness, after all others; never judged"
        )
        config.addinivalue_line("markers", "writes: writes to the deployment; never runs with --read-only")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """An argument that is named like a repeatable input takes its values; `request` is pytest's own fixture."""
        for one in self.session.contract.inputs:
            name = one.name.replace("-", "_")
            if one.repeatable and name in metafunc.fixturenames and name != "request":
                metafunc.parametrize(name, self.session.settings.many(one.name))

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept = [item for item in items if self._runs(item)]
        kept.sort(key=_turn)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
        self._total = len(kept)

    def _mine(self, item: pytest.Item) -> bool:
        return item.path.is_relative_to(self.session.contract.folder)

    def _runs(self, item: pytest.Item) -> bool:
        """Whether a check runs, which the requirements in scope have no say in: what one check sends bears on all.

        A defect of one requirement may show in what another one's check does, and drivers learn from each other's answers.
        What is no check of the contract is none of our business.
        """
        settings = self.session.settings
        if not self._mine(item):
            return True
        if settings.read_only and item.get_closest_marker("writes"):
            return False
        if item.get_closest_marker("robustness"):
            return settings.robustness
        if item.get_closest_marker("generated") and not settings.generates:
            return False
        needed = [str(name) for mark in item.iter_markers("needs") for name in mark.args]
        return all(map(settings.many, needed))

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """Run a check, which only sends, then ask the judge what its exchanges say."""
        ids = requirement_ids(pyfuncitem)
        if not self._mine(pyfuncitem):
            return (yield)
        self._number += 1
        if self.session.listener:
            self.session.listener.checking(self._number, self._total, pyfuncitem.name)
        self.session.begin(f"{pyfuncitem.path.name}::{pyfuncitem.name}", ids)
        try:
            value = yield
        except WireProblem as problem:
            self.session.stopped = self.session.stopped or problem
            pyfuncitem.session.shouldstop = self.session.redactor.answer(problem.message)
            pytest.skip(self.session.redactor.answer(problem.message))
        except pytest.skip.Exception:
            raise
        except Exception as problem:
            message = f"the suite failed in {pyfuncitem.name}: {problem!r}{_origin(problem)}"
            self.session.failed(ids, message)
            if not self.speaks:
                raise
            # No traceback: with --showlocals it would show what the driver's variables hold.
            pytest.fail(self.session.redactor.answer(message), pytrace=False)
        if self.speaks:
            report(self.session.conclude(ids))
        return value

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        made = yield
        if made.when != "call" and made.failed and self._mine(item):
            self.session.failed(
                requirement_ids(item), f"the suite failed around {item.name}: {made.longreprtext}"
            )
        return made

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.session.failed((), f"the suite cannot read its checks: {report.longreprtext}")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C; pytest calls this as well when it stops because it was told to."""
        if not isinstance(excinfo.value, pytest.Session.Interrupted):
            self.session.interrupted = True


def _origin(problem: Exception) -> str:
    """Where in the suite an exception came from."""
    frames = extract_tb(problem.__traceback__)
    return "".join(f", {Path(one.filename).name} line {one.lineno} in {one.name}" for one in frames[-3:])


def _turn(item: pytest.Item) -> tuple[bool, bool, bool]:
    """Ordinary checks first, then generated ones, then those that come last, then what might bring a server down."""
    robustness, last, generated = (
        item.get_closest_marker(name) is not None for name in ("robustness", "last", "generated")
    )
    return robustness, last, generated and not last


def report(findings: list[Finding]) -> None:
    """Make pytest's outcome of a check out of its findings."""
    for outcome, end in ((Outcome.ERROR, pytest.fail), (Outcome.FAILED, pytest.fail)):
        found = [one for one in findings if one.outcome is outcome]
        if found:
            end("\n".join(dict.fromkeys(map(describe, found))), pytrace=False)
    undecided = [one for one in findings if one.outcome is Outcome.INCONCLUSIVE]
    if undecided:
        pytest.skip("inconclusive: " + "; ".join(dict.fromkeys(map(describe, undecided))))


def describe(finding: Finding) -> str:
    """A finding as text: what, expected, received."""
    details = [
        f"  {label}: {text}"
        for label, text in (("expected", finding.expected), ("received", finding.received))
        if text
    ]
    return "\n".join([f"{finding.requirement} {finding.outcome}: {finding.message}", *details])
