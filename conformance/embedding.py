"""A run inside somebody's own pytest session."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from conformance.checks import ChecksPlugin
from conformance.contract import Contract, Settings
from conformance.errors import ConformanceError
from conformance.inputs import read
from conformance.outcome import Run
from conformance.registry import contracts
from conformance.session import Narrowing, Session, scope_of
from conformance.target import parse, redactor_for
from conformance.wire.client import Client

NOISY = ("httpx", "httpcore", "hpack", "h2")


class Embedding:
    """Gives pytest the options of one contract, and a session with its checks."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.session: Session | None = None
        self.run: Run | None = None

    def add_options(self, parser: pytest.Parser) -> None:
        """Add the contract's inputs; where another plugin has an option of that name, its value is taken."""
        group = parser.getgroup("status-conformance")
        group.addoption("--deployment", metavar="URL", help="the base URL of the deployment to be judged")
        with suppress(ValueError):
            group.addoption("--read-only", action="store_true", help="never write to the deployment")
        for one in self.contract.inputs:
            with suppress(ValueError):
                group.addoption(
                    f"--{one.name}", action="append", metavar=one.metavar, help=one.help, default=[]
                )

    def pytest_configure(self, config: pytest.Config) -> None:
        if getattr(config.option, "numprocesses", None):
            raise pytest.UsageError("the checks of one deployment are judged together: leave out -n")
        try:
            self.session = self._session(config)
        except ConformanceError as problem:
            raise pytest.UsageError(". ".join(filter(None, (problem.message, problem.hint)))) from None
        plugin = ChecksPlugin(self.session, speaks=True)
        config.pluginmanager.register(plugin, "status-conformance-checks")

    def _session(self, config: pytest.Config) -> Session:
        settings = Settings(
            inputs=read(self.contract, {one.name: _given(config, one.name) for one in self.contract.inputs}),
            read_only=bool(config.getoption("--read-only")),
            nonce=secrets.token_hex(8),
        )
        target = parse(config.getoption("--deployment"), self.contract)
        client = Client(target.base_url, headers=target.headers, read_only=settings.read_only)
        scope = scope_of(self.contract, settings, Narrowing())
        return Session(self.contract, client, settings, scope, redactor_for(self.contract, settings, target))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Keep what the HTTP library logs, which holds secrets, out of the log that pytest shows."""
        if not item.path.is_relative_to(self.contract.folder):
            return (yield)
        noisy = [logging.getLogger(name) for name in NOISY]
        levels = [logger.level for logger in noisy]
        try:
            for logger in noisy:
                logger.setLevel(logging.CRITICAL)
            return (yield)
        finally:
            for logger, level in zip(noisy, levels, strict=True):
                logger.setLevel(level)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge everything once more; a session in which nothing was decided is not a success."""
        if self.session is None:
            return
        self.run = self.session.finish()
        self.session.client.close()
        if self.run.exit_code and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.run is not None:
            terminalreporter.section(f"{self.contract.title}: {self.run.verdict}")
            terminalreporter.line(self.run.headline)
            for hint in self.run.hints:
                terminalreporter.line(hint)


def contract_in(args: list[str], folder: Path) -> Contract | None:
    """The contract whose package, or whose folder, is among the arguments of pytest; `folder` is where it began."""
    named = [one for one in contracts() if any(_names(argument, one, folder) for argument in args)]
    if len(named) > 1:
        names = " and ".join(one.name for one in named)
        raise pytest.UsageError(f"one deployment is judged by one contract at a time, not by {names}")
    return named[0] if named else None


def _names(argument: str, contract: Contract, folder: Path) -> bool:
    """Whether an argument is the contract's package or folder, or lies in it."""
    place = argument.partition("::")[0]
    if place == contract.package or place.startswith(f"{contract.package}."):
        return True
    try:
        return not place.startswith("-") and (folder / place).resolve().is_relative_to(
            contract.folder.resolve()
        )
    except (OSError, ValueError):
        return False


def _given(config: pytest.Config, name: str) -> list[str]:
    """What was given with an option, which may be another plugin's and of another kind."""
    found = config.getoption(f"--{name}", default=None)
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]
