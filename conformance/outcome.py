"""What a run has to say: outcomes, findings, the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from conformance.catalogue import Level, Requirement
from conformance.wire.exchange import CHECKS, GENERATED, Exchange


class Outcome(StrEnum):
    """What became of one requirement."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    NOTED = "noted"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


class Verdict(StrEnum):
    """A run in one word."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    INCOMPLETE = "incomplete"
    UNREACHABLE = "unreachable"


_MUST_ORDER = (
    Outcome.SKIPPED,
    Outcome.NOTED,
    Outcome.PASSED,
    Outcome.WARNED,
    Outcome.INCONCLUSIVE,
    Outcome.FAILED,
    Outcome.ERROR,
)
_OTHER_ORDER = (
    Outcome.SKIPPED,
    Outcome.NOTED,
    Outcome.PASSED,
    Outcome.INCONCLUSIVE,
    Outcome.WARNED,
    Outcome.FAILED,
    Outcome.ERROR,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has to say about one requirement; `exchanges` are numbers, `cause` is the id of what is to blame."""

    requirement: str
    outcome: Outcome
    message: str
    expected: str = ""
    received: str = ""
    exchanges: tuple[int, ...] = ()
    hint: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A cause that was considered, and what speaks against it."""

    cause: str
    sentence: str
    against: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A cause that is at work: the requirements that it breaks, none for a circumstance, and what it explains.

    `exchanges` are numbers; `certain` tells that no other cause explains the same; a small `gravity` comes first.
    `reproduction` is the shortest history that shows it, in numbers; `reproduced` whether that was sent again and
    showed it, None where it was not sent.
    """

    cause: str
    sentence: str
    requirements: tuple[str, ...] = ()
    exchanges: tuple[int, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    hint: str = ""
    gravity: int = 50
    certain: bool = True
    reproduction: tuple[int, ...] = ()
    reproduced: bool | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A requirement with its outcome and findings, the worst first."""

    requirement: Requirement
    outcome: Outcome
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run was asked to assess; `outside` names the requirements left out of the full contract."""

    only: tuple[str, ...] = ()
    level: Level | None = None
    read_only: bool = False
    outside: tuple[str, ...] = ()
    source: str = ""

    @property
    def complete(self) -> bool:
        """Whether the run speaks of the whole contract."""
        return not self.outside and not self.source

    @property
    def description(self) -> str:
        """The scope in a few words, to stand after "for"."""
        parts = [
            self.source,
            "reading only" if self.read_only else "",
            f"level {self.level.value} and above" if self.level else "",
            f"only {', '.join(self.only)}" if self.only else "",
        ]
        return "; ".join(part for part in parts if part) or "the whole contract"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something seen that no requirement is about, such as a server error; `exchanges` are numbers."""

    message: str
    exchanges: tuple[int, ...] = ()


Value = str | int | float | bool | None | Sequence[str] | Mapping[str, str]
"""What a setting can be: something that JSON knows; None where there is no limit, or nothing was given."""


class Kind(StrEnum):
    """What a setting is: names what is judged, stands for a secret, bends the judgement, or is drawn by chance."""

    INPUT = "input"
    SECRET = "secret"
    OPTION = "option"
    CHANCE = "chance"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a run beside what it is by default; of a secret only that it was given."""

    name: str
    kind: Kind
    value: Value
    default: Value = None

    @property
    def deviates(self) -> bool:
        """Whether it bends the judgement: an option that is not what it is by default."""
        return self.kind is Kind.OPTION and self.value != self.default


@dataclass(frozen=True, slots=True)
class Suite:
    """What judged: versions of the suite, of Python and of the libraries, digests of the requirements and the checks."""

    version: str = ""
    catalogue: str = ""
    python: str = ""
    libraries: Mapping[str, str] = field(default_factory=dict)
    checks: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How the MUST requirements in scope came out; the other numbers add up to `total`."""

    total: int
    hold: int
    broken: int
    open: int
    not_assessable: int

    def sentence(self, scope: Scope) -> str:
        """The numbers in words: "13 of 15 MUST hold, 2 cannot be assessed by this suite"."""
        parts = [
            f"{self.hold} of {self.total} MUST {'' if scope.complete else 'in scope '}hold",
            f"{self.not_assessable} cannot be assessed by this suite" if self.not_assessable else "",
        ]
        return ", ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Run:
    """All findings about one deployment; times are Unix seconds. Holds no secret once it is redacted.

    `remarks` never touch the verdict; `diagnosis` has the causes, the gravest first. `expressions` are the shell
    expressions that stand for secrets in the exchanges; only the process that made the run knows them.
    """

    contract: str
    title: str
    base_url: str
    started: float
    ended: float
    scope: Scope
    verdict: Verdict
    reason: str
    exit_code: int
    results: tuple[Result, ...]
    exchanges: tuple[Exchange, ...]
    settings: tuple[Setting, ...] = ()
    hints: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    diagnosis: tuple[Diagnosis, ...] = ()
    suite: Suite = field(default_factory=Suite)
    expressions: tuple[str, ...] = field(default=(), compare=False)

    def with_outcome(self, *outcomes: Outcome) -> tuple[Result, ...]:
        """The results that have one of `outcomes`."""
        return tuple(result for result in self.results if result.outcome in outcomes)

    @property
    def watched(self) -> float:
        """Seconds from the first answer to the last look: what happens later was not seen."""
        judged = [one for one in self.exchanges if one.part in (CHECKS, GENERATED)]
        first = min((one.ended for one in judged if one.response), default=0.0)
        return max((one.started - first for one in judged if one.response), default=0.0)

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many requirements have each outcome."""
        return {outcome: len(self.with_outcome(outcome)) for outcome in Outcome}

    @property
    def must(self) -> dict[str, int]:
        """How the MUST requirements in scope came out, as numbers by name."""
        return asdict(self._tally)

    @property
    def _tally(self) -> Tally:
        outside = set(self.scope.outside)
        return tally(one for one in self.results if one.requirement.id not in outside)

    @property
    def _told(self) -> str:
        """The reason, and how many MUSTs hold where it does not say so, as after an interrupt."""
        counted = self._tally
        said = counted.sentence(self.scope)
        silent = self.verdict is Verdict.UNREACHABLE or not counted.total or said in self.reason
        return self.reason if silent else f"{self.reason}; {said}"

    @property
    def deviations(self) -> tuple[Setting, ...]:
        """The settings that bend the judgement away from what it is by default."""
        return tuple(one for one in self.settings if one.deviates)

    @property
    def verified(self) -> bool:
        """Whether it is known that it was the deployment that answered."""
        return not any(one.name == "insecure" for one in self.deviations)

    @property
    def conditions(self) -> str:
        """Under which conditions the verdict holds: "for reading only, TLS not verified"; nothing for the usual ones."""
        scope = "" if self.scope.complete else f"for {self.scope.description}"
        return ", ".join(filter(None, (scope, "" if self.verified else "TLS not verified")))

    @property
    def explanation(self) -> str:
        """The conditions of the verdict and its reason."""
        return ": ".join(filter(None, (self.conditions, self._told)))

    @property
    def headline(self) -> str:
        """The verdict with its conditions and its reason, in one sentence."""
        middle = f" {self.conditions}" if self.conditions.startswith("for ") else f", {self.conditions}"
        return f"{self.verdict}{middle if self.conditions else ''}: {self._told}"


def worst(level: Level, outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome that stands: they only ever get worse.

    For a MUST an undecided part outweighs a warning, since it keeps the verdict open.
    """
    order = _MUST_ORDER if level is Level.MUST else _OTHER_ORDER
    return max(outcomes, key=order.index)


def result(requirement: Requirement, findings: Iterable[Finding]) -> Result:
    """Fold the findings about one requirement; equal messages become one finding that names all exchanges."""
    merged: dict[tuple[Outcome, str], Finding] = {}
    for finding in findings:
        key = (finding.outcome, finding.message)
        first = merged.get(key)
        numbers = first.exchanges if first else ()
        fresh = tuple(number for number in finding.exchanges if number not in numbers)
        merged[key] = replace(first or finding, exchanges=numbers + fresh)
    order = _MUST_ORDER if requirement.level is Level.MUST else _OTHER_ORDER
    ordered = sorted(merged.values(), key=lambda finding: -order.index(finding.outcome))
    return Result(requirement, worst(requirement.level, (f.outcome for f in ordered)), tuple(ordered))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason in a sentence and the exit code."""

    verdict: Verdict
    reason: str
    exit_code: int


_UNDECIDED = (Outcome.SKIPPED, Outcome.INCONCLUSIVE)


def tally(results: Iterable[Result]) -> Tally:
    """Count how the MUST requirements among `results` came out."""
    must = [one for one in results if one.requirement.level is Level.MUST]
    judged = [one for one in must if not one.requirement.not_assessed]
    broken = len([one for one in judged if one.outcome is Outcome.FAILED])
    undecided = len([one for one in judged if one.outcome in (*_UNDECIDED, Outcome.ERROR)])
    return Tally(len(must), len(judged) - broken - undecided, broken, undecided, len(must) - len(judged))


def conclude(results: Iterable[Result], scope: Scope) -> Judgement:
    """The verdict about `results`, which are those in scope: never green when nothing was decided."""
    results = list(results)
    judged = [one for one in results if not one.requirement.not_assessed]
    counted = tally(results).sentence(scope)
    names = _names(judged, Outcome.ERROR)
    if names:
        return Judgement(Verdict.INCOMPLETE, f"the suite itself misbehaved while assessing {names}", 5)
    names = _names(judged, Outcome.FAILED)
    if names:
        return Judgement(Verdict.NON_CONFORMANT, f"broken: {names}; {counted}", 1)
    must = [one for one in judged if one.requirement.level is Level.MUST]
    names = _names(must, *_UNDECIDED)
    if names:
        reason = f"no breach was seen, but these could not be assessed: {names}; {counted}"
        return Judgement(Verdict.INCOMPLETE, reason, 3)
    if all(one.outcome in _UNDECIDED for one in judged):
        return Judgement(Verdict.INCOMPLETE, "nothing in scope could be assessed", 3)
    warned = len([one for one in judged if one.outcome is Outcome.WARNED])
    warnings = f", with {warned} warning{'s' if warned != 1 else ''}" if warned else ""
    return Judgement(Verdict.CONFORMANT, (counted if must else "nothing in scope is broken") + warnings, 0)


def _names(results: list[Result], *outcomes: Outcome) -> str:
    return ", ".join(one.requirement.id for one in results if one.outcome in outcomes)


@dataclass(slots=True)
class Assessment:
    """Collects findings and diagnoses; knows which level each requirement has.

    `unexplained` counts the anomalies that no cause explains.
    """

    levels: dict[str, Level]
    findings: list[Finding] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    unexplained: int = 0

    def met(self, requirement: str, *exchanges: Exchange, message: str = "holds") -> None:
        """The requirement was seen to hold."""
        self._add(requirement, Outcome.PASSED, exchanges, message)

    def broken(
        self,
        requirement: str,
        *exchanges: Exchange,
        message: str,
        expected: str = "",
        received: str = "",
        hint: str = "",
        cause: str = "",
    ) -> None:
        """The requirement was seen to be broken: failed, warned or noted, as its level says.

        Undecided where an answer was more than we take in: our limits are no breach.
        """
        beyond = [one.response.beyond for one in exchanges if one.response and one.response.beyond]
        if beyond:
            self.unclear(requirement, *exchanges, message=str(beyond[0]), received=received)
            return
        outcomes = {Level.MUST: Outcome.FAILED, Level.SHOULD: Outcome.WARNED, Level.MAY: Outcome.NOTED}
        outcome = outcomes[self.levels[requirement]]
        self._add(requirement, outcome, exchanges, message, expected, received, hint, cause)

    def blamed(self, requirement: str, *exchanges: Exchange, cause: str, **told: str) -> None:
        """The requirement is broken by a cause: that deserves a warning, whatever its level."""
        outcome = Outcome.FAILED if self.levels[requirement] is Level.MUST else Outcome.WARNED
        self._add(requirement, outcome, exchanges, cause=cause, **told)

    def remark(self, message: str, *exchanges: Exchange) -> None:
        """Something deserves a word that no requirement is about."""
        self.remarks.append(Remark(message, tuple(sorted(one.number for one in exchanges))))

    def warn(
        self,
        requirement: str,
        *exchanges: Exchange,
        message: str,
        expected: str = "",
        received: str = "",
        hint: str = "",
    ) -> None:
        """Something about the requirement deserves a warning, whatever its level."""
        self._add(requirement, Outcome.WARNED, exchanges, message, expected, received, hint)

    def note(self, requirement: str, *exchanges: Exchange, message: str) -> None:
        """What was seen where either behaviour is right."""
        self._add(requirement, Outcome.NOTED, exchanges, message)

    def unclear(
        self, requirement: str, *exchanges: Exchange, message: str, received: str = "", hint: str = ""
    ) -> None:
        """The network or a precondition got in the way of deciding."""
        self._add(requirement, Outcome.INCONCLUSIVE, exchanges, message, received=received, hint=hint)

    def skip(self, requirement: str, message: str, hint: str = "") -> None:
        """The operator gave nothing to assess the requirement with."""
        self._add(requirement, Outcome.SKIPPED, (), message, hint=hint)

    def error(self, requirement: str, message: str, hint: str = "") -> None:
        """The suite itself misbehaved."""
        self._add(requirement, Outcome.ERROR, (), message, hint=hint)

    def _add(
        self,
        requirement: str,
        outcome: Outcome,
        exchanges: tuple[Exchange, ...],
        message: str = "",
        expected: str = "",
        received: str = "",
        hint: str = "",
        cause: str = "",
    ) -> None:
        numbers = tuple(sorted({exchange.number for exchange in exchanges}))
        self.findings.append(Finding(requirement, outcome, message, expected, received, numbers, hint, cause))
