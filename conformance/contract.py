"""A contract: its inputs, its requirements, its rules, its reference application."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType

from conformance.catalogue import Catalogue, builtin, load
from conformance.diagnosis.circumstances import Circumstance, covered, find, gave_up
from conformance.diagnosis.touched import touched
from conformance.errors import NotServed, WireProblem
from conformance.judging import Judged, Rule, befallen, decide, rule
from conformance.outcome import Finding
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
        if standing is None:
            return []
        told = [one for one in exchanges if not one.redirected]
        found = find(told, standing)
        void = covered(found)
        return [*found, *touched((one for one in told if one.number not in void), standing)]

    def gave_up(self, exchanges: Sequence[Exchange]) -> WireProblem | None:
        """Why a deployment that has answered `exchanges` is to be left alone, if it is."""
        standing = getattr(self.module("judge"), "standing", None)
        found = gave_up(exchanges, standing) if standing else None
        return NotServed(found.sentence, hint=found.hint) if found else None

    def diagnose(
        self,
        exchanges: Sequence[Exchange],
        settings: Settings,
        circumstances: Sequence[Circumstance] | None = None,
        seconds: float = math.inf,
    ) -> Judged:
        """What `exchanges` say, and why; `circumstances` are those of the whole run, if they are a part of it.

        What a circumstance covers counts as an attempt that was repeated. What is not judged after `seconds` is
        inconclusive.
        """
        module, levels = self.module("judge"), self.catalogue.levels
        known = self.circumstances(exchanges) if circumstances is None else circumstances
        void = covered(one for one in known if not one.whole)
        told = [one for one in exchanges if not one.redirected]
        told = [replace(one, superseded=True) if one.number in void else one for one in told]
        repeated = getattr(module, "SEES_REPEATED", False)
        given = [one for one in told if repeated or not one.superseded]
        judged = decide(module.RULES, levels, lambda: module.view(given, settings), seconds)
        return befallen(judged, known, exchanges, levels)


__all__ = ["Contract", "Effort", "Input", "Inputs", "Judged", "Rule", "Settings", "rule"]
