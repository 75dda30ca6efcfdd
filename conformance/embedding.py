"""A run inside somebody's own pytest session."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from conformance.checks import ChecksPlugin
from conformance.contract import Contract, Settings
from conformance.errors import ConformanceError, UsageProblem
from conformance.outcome import Run
from conformance.registry import contracts
from conformance.session import Narrowing, Session, scope_of
from conformance.target import parse, redactor_for
from conformance.wire.client import Client
from conformance.wire.redaction import resolve


class Embedding:
    """Gives pytest the options of one contract, and a session with its checks."""

    def __init__(self, url: str, args: list[str]) -> None:
        self.url = url
        self.contract = _contract_in(args)
        self.session: Session | None = None
        self.run: Run | None = None

    def add_options(self, parser: pytest.Parser) -> None:
        """Add the contract's inputs, unless another plugin has an option of that name."""
        group = parser.getgroup("status-conformance")
        for one in self.contract.inputs:
            try:
                group.addoption(f"--{one.name}", action="append", metavar=one.metavar, help=one.help, default=[])
            except ValueError:
                continue
        group.addoption("--read-only", action="store_true", help="never write to the deployment")

    def pytest_configure(self, config: pytest.Config) -> None:
        try:
            self.session = self._session(config)
        except ConformanceError as problem:
            raise pytest.UsageError(f"{problem.message}. {problem.hint}".strip()) from None
        plugin = ChecksPlugin(self.session, speaks=True)
        config.pluginmanager.register(plugin, "status-conformance-checks")

    def _session(self, config: pytest.Config) -> Session:
        settings = Settings(
            inputs={one.name: _given(config, one.name, one.secret) for one in self.contract.inputs},
            read_only=bool(config.getoption("--read-only")),
            nonce=secrets.token_hex(8),
        )
        target = parse(self.url, self.contract)
        client = Client(target.base_url, headers=target.headers)
        scope = scope_of(self.contract, settings, Narrowing())
        return Session(self.contract, client, settings, scope, redactor_for(self.contract, settings, target))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge everything once more; a session in which nothing was decided is not a success."""
        if self.session is None:
            return
        self.run = self.session.finish()
        self.session.client.close()
        if self.run.exit_code and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.run is not None:
            terminalreporter.section(f"{self.contract.title}: {self.run.verdict}")
            terminalreporter.line(self.run.reason)
            for hint in self.run.hints:
                terminalreporter.line(hint)


def _contract_in(args: list[str]) -> Contract:
    """The contract whose package, or whose folder, is among the arguments of pytest."""
    for contract in contracts():
        places = (contract.package, str(contract.folder))
        if any(argument.startswith(places) for argument in args):
            return contract
    names = ", ".join(contract.package for contract in contracts())
    raise pytest.UsageError(f"--deployment needs a contract: pytest --pyargs PACKAGE, one of {names}")


def _given(config: pytest.Config, name: str, secret: bool) -> tuple[str, ...]:
    values = config.getoption(f"--{name}", default=[])
    texts = values if isinstance(values, list) else [values]
    try:
        return tuple(resolve(str(text), f"--{name}") if secret else str(text) for text in texts)
    except UsageProblem as problem:
        raise pytest.UsageError(problem.message) from None
