"""A contract: its inputs, its requirements, its rules, its reference application."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from conformance.catalogue import Catalogue, Level, builtin, load
from conformance.evidence import no_service
from conformance.outcome import Assessment, Finding, Outcome
from conformance.wire.exchange import Exchange
from conformance.wire.parallel import within

Inputs = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Input:
    """Something the operator can give for a run; it becomes the option `--name`."""

    name: str
    help: str
    metavar: str = "TEXT"
    repeatable: bool = False
    secret: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None
    prefix_choices: tuple[str, ...] = ()
    number: bool = False

    @property
    def variable(self) -> str:
        """The shell variable that stands for a secret input."""
        return self.name.upper().replace("-", "_")


class Effort(StrEnum):
    """How much a run spends: about 40, 120 or 1,000 requests a contract."""

    QUICK = "quick"
    STANDARD = "standard"
    DEEP = "deep"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator gave and how tolerant the judges are; times are seconds.

    `nonce` and `seed` make a run repeatable: every fresh id and every generated value derives from them. `fuzz`
    is an exact number of generated requests in place of the effort's own.
    """

    inputs: Inputs = field(default_factory=dict, repr=False)
    read_only: bool = False
    consistency_window: float = 5.0
    clock_tolerance: float = 300.0
    jsonld_contexts: Mapping[str, Path] = field(default_factory=dict)
    nonce: str = ""
    seed: int = 0
    effort: Effort = Effort.STANDARD
    fuzz: int | None = None
    robustness: bool = False

    @property
    def generates(self) -> bool:
        """Whether the run searches beyond its fixed checks."""
        return self.fuzz != 0 if self.fuzz is not None else self.effort is not Effort.QUICK

    def one(self, name: str, default: str | None = None) -> str | None:
        """The last value given for the input `name`."""
        values = self.inputs.get(name) or ()
        return values[-1] if values else default

    def many(self, name: str) -> tuple[str, ...]:
        """All values given for the input `name`, each once."""
        return tuple(dict.fromkeys(self.inputs.get(name) or ()))


@dataclass(frozen=True, slots=True)
class Rule:
    """A pure function of what was seen; it decides some requirements."""

    requirements: tuple[str, ...]
    decide: Callable[[Any, Assessment], None]


def rule(*requirements: str) -> Callable[[Callable[[Any, Assessment], None]], Rule]:
    """Make a function `(view, assessment)` the rule that decides `requirements`."""

    def wrap(decide: Callable[[Any, Assessment], None]) -> Rule:
        return Rule(requirements, decide)

    return wrap


@dataclass(frozen=True, slots=True)
class Contract:
    """One document with everything that belongs to it.

    `package` holds the checks as test_*.py, `judge` (with `view(exchanges, settings)`, `RULES` and `DENIED`), `driver`
    and `reference`; modules are imported when they are first used. A judge with `SEES_REPEATED = True` is shown the
    attempts that were repeated, too, since a write whose answer was lost may have been recorded. `write_key` is the input that allows writing;
    `negatives` are the requirements about refusals, which a broken server must not pass by accident; `active` are
    those that recorded traffic cannot decide, since only the sender knows what it meant.
    """

    name: str
    title: str
    package: str
    inputs: tuple[Input, ...] = ()
    base_hint: str = ""
    write_key: str | None = None
    credential_headers: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    requirements_file: Path | None = None

    @property
    def credential_input(self) -> str | None:
        """The name of the input that holds the credential."""
        return next((one.name for one in self.inputs if one.secret), None)

    @property
    def catalogue(self) -> Catalogue:
        """The requirements."""
        return load(self.requirements_file) if self.requirements_file else builtin(self.name)

    def module(self, name: str) -> ModuleType:
        """A module of the contract's package."""
        return import_module(f"{self.package}.{name}")

    @property
    def folder(self) -> Path:
        """Where the checks are."""
        return Path(str(import_module(self.package).__file__)).parent

    def judge(
        self, exchanges: Sequence[Exchange], settings: Settings, seconds: float = math.inf
    ) -> list[Finding]:
        """Everything that `exchanges` say about the contract's requirements; sends nothing.

        A rule that raises is our own fault: its requirements get the outcome `error`. Those of the rules that were not
        done after `seconds` are inconclusive.
        """
        module = self.module("judge")
        told = [exchange for exchange in exchanges if not exchange.redirected]
        seen = [exchange for exchange in told if not exchange.superseded]
        judging = _Judging(module.RULES, self.catalogue.levels)
        given = told if getattr(module, "SEES_REPEATED", False) else seen
        within(seconds, lambda: judging.decide(module.view(given, settings)))
        findings = judging.findings()
        closed = no_service(seen, module.DENIED)
        return [_open(one, *closed) for one in findings] if closed else findings


class _Judging:
    """Rules at work; what is done can be had at any time."""

    def __init__(self, rules: Sequence[Rule], levels: dict[str, Level]) -> None:
        self._rules = rules
        self._levels = levels
        self._done: list[list[Finding]] = []

    def decide(self, view: Any) -> None:
        """Let one rule after the other decide."""
        for one in self._rules:
            assessment = Assessment(self._levels)
            try:
                one.decide(view, assessment)
            except OverflowError:
                assessment = self._without(
                    one, Assessment.unclear, "a number is too large to be reckoned with"
                )
            except Exception as problem:  # noqa: BLE001 - whatever a rule raises, it must not spoil the others
                assessment = self._without(
                    one, Assessment.error, f"the suite failed while judging: {problem!r}"
                )
            self._done.append(assessment.findings)

    def _without(self, rule: Rule, tell: Callable[..., None], message: str) -> Assessment:
        """What is said in place of a rule's findings."""
        assessment = Assessment(self._levels)
        for requirement in rule.requirements:
            tell(assessment, requirement, message=message)
        return assessment

    def findings(self) -> list[Finding]:
        """What was found so far; what was not judged is inconclusive."""
        done = list(self._done)
        late = [
            self._without(one, Assessment.unclear, "the deadline came before this was judged").findings
            for one in self._rules[len(done) :]
        ]
        return [finding for part in done + late for finding in part]


def _open(finding: Finding, message: str, hint: str) -> Finding:
    """A finding from a run that never got as far as the API decides nothing."""
    if finding.outcome in (Outcome.ERROR, Outcome.SKIPPED):
        return finding
    return replace(finding, outcome=Outcome.INCONCLUSIVE, message=message, expected="", hint=hint)
