"""A contract: its inputs, its requirements, its rules, its reference application."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from conformance.catalogue import Catalogue, builtin, load
from conformance.diagnosis.circumstances import Circumstance, covered, find
from conformance.outcome import Assessment, Diagnosis, Finding, Outcome, Remark
from conformance.wire.exchange import Exchange

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


_WATCHES = {Effort.QUICK: 0.0, Effort.STANDARD: 5.0, Effort.DEEP: 30.0}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator gave and how tolerant the judges are; times are seconds.

    `nonce` and `seed` make a run repeatable: every fresh id and every generated value derives from them. `fuzz`
    is an exact number of generated requests in place of the effort's own; `watch` is how long to look, None for what
    the effort says.
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
    watch: float | None = None

    @property
    def watches(self) -> float:
        """Seconds from the first answer to the last look at everything: as the operator says, else by the effort."""
        return _WATCHES[self.effort] if self.watch is None else self.watch

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

    `package` holds the checks as test_*.py, `judge` (with `view(exchanges, settings)`, `RULES`, and
    `standing(exchange)` where circumstances are told from defects), `driver`
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

    def judge(self, exchanges: Sequence[Exchange], settings: Settings) -> list[Finding]:
        """Everything that `exchanges` say about the contract's requirements; sends nothing."""
        return self.diagnose(exchanges, settings).findings

    def circumstances(self, exchanges: Sequence[Exchange]) -> list[Circumstance]:
        """What befell the run that `exchanges` are of, and is nobody's defect."""
        standing = getattr(self.module("judge"), "standing", None)
        return find(exchanges, standing) if standing else []

    def diagnose(
        self,
        exchanges: Sequence[Exchange],
        settings: Settings,
        circumstances: Sequence[Circumstance] | None = None,
    ) -> Judged:
        """What `exchanges` say, and why; `circumstances` are those of the whole run, if they are a part of it.

        A rule that raises is our own fault: its requirements get the outcome `error`.
        """
        module = self.module("judge")
        known = self.circumstances(exchanges) if circumstances is None else circumstances
        void = covered(known)
        read = [replace(one, superseded=True) if one.number in void else one for one in exchanges]
        seen = [one for one in read if not one.superseded]
        assessment = Assessment(self.catalogue.levels)
        whole = next((one for one in known if one.whole), None)
        if whole:
            seen = read = list(exchanges)
        view = module.view(read if getattr(module, "SEES_REPEATED", False) else seen, settings)
        _decide(module.RULES, view, assessment)
        told = [one.diagnosis() for one in known]
        if whole:
            return Judged([_open(one, whole) for one in assessment.findings], told)
        for one in known:
            _touch(one, exchanges, assessment)
        return Judged(
            assessment.findings,
            told + assessment.diagnoses,
            assessment.unexplained,
            tuple(assessment.remarks),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """What exchanges say: findings, the causes behind them, and how many anomalies no cause explains."""

    findings: list[Finding]
    diagnoses: list[Diagnosis]
    unexplained: int = 0
    remarks: tuple[Remark, ...] = ()


def _open(finding: Finding, never: Circumstance) -> Finding:
    """A finding from a run that never got as far as the API decides nothing."""
    if finding.outcome in (Outcome.ERROR, Outcome.SKIPPED):
        return finding
    return replace(
        finding, outcome=Outcome.INCONCLUSIVE, message=never.sentence, expected="", hint=never.hint
    )


def _touch(circumstance: Circumstance, exchanges: Iterable[Exchange], assessment: Assessment) -> None:
    """What a circumstance kept from being decided is open; what had been decided stays so."""
    void = [one for one in exchanges if one.number in circumstance.covered]
    decided = {one.requirement for one in assessment.findings if one.outcome in _DECIDED}
    for requirement in dict.fromkeys(name for one in void for name in one.requirements):
        if requirement not in decided and requirement in assessment.levels:
            mine = [one for one in void if requirement in one.requirements]
            assessment.unclear(requirement, *mine, message=circumstance.sentence, hint=circumstance.hint)


_DECIDED = (Outcome.PASSED, Outcome.FAILED, Outcome.WARNED, Outcome.NOTED)


def _decide(rules: Iterable[Rule], view: Any, assessment: Assessment) -> None:
    for one in rules:
        kept = len(assessment.findings)
        try:
            one.decide(view, assessment)
        except Exception as problem:  # noqa: BLE001 - whatever a rule raises, it must not spoil the others
            del assessment.findings[kept:]
            for requirement in one.requirements:
                assessment.error(requirement, f"the suite failed while judging: {problem!r}")
