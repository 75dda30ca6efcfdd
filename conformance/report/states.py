"""How each outcome and verdict is shown: a sign and a word, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.catalogue import Source
from conformance.outcome import (
    Diagnosis,
    Finding,
    Kind,
    Outcome,
    Result,
    Run,
    Setting,
    Value,
    Verdict,
)
from conformance.report.text import of_body
from conformance.wire.exchange import Exchange, Response

ORDER = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.WARNED,
    Outcome.INCONCLUSIVE,
    Outcome.SKIPPED,
    Outcome.NOTED,
    Outcome.PASSED,
)
_NAMES = (Kind.INPUT, Kind.SECRET)
_SET = (True, "yes")
"""What a setting is that an option without a value sets."""
OPEN = (Outcome.FAILED, Outcome.ERROR, Outcome.WARNED, Outcome.INCONCLUSIVE)
SIGNS = {
    Outcome.FAILED: "✗",
    Outcome.ERROR: "⚑",
    Outcome.WARNED: "!",
    Outcome.INCONCLUSIVE: "?",
    Outcome.SKIPPED: "–",
    Outcome.NOTED: "i",
    Outcome.PASSED: "✓",
}
VERDICT_SIGNS = {
    Verdict.CONFORMANT: "✓",
    Verdict.NON_CONFORMANT: "✗",
    Verdict.INCOMPLETE: "?",
    Verdict.UNREACHABLE: "–",
}
MEANINGS = {
    Outcome.FAILED: "a MUST is broken",
    Outcome.ERROR: "the suite itself misbehaved",
    Outcome.WARNED: "a SHOULD is broken, or a MUST is met in a doubtful way",
    Outcome.INCONCLUSIVE: "the network or a precondition got in the way",
    Outcome.SKIPPED: "an input is missing, or it cannot be assessed from outside",
    Outcome.NOTED: "either behaviour is right; this is what was seen",
    Outcome.PASSED: "seen to hold",
}


def option(one: Setting) -> str:
    """A setting as the option that gives it."""
    return f"--{one.name}" if one.value in _SET else f"--{one.name} {value(one.value)}"


def value(one: Value) -> str:
    """A setting's value as people write it."""
    if one in (None, "", [], {}):
        return "none"
    if isinstance(one, bool):
        return "yes" if one else "no"
    if isinstance(one, dict):
        return ", ".join(f"{name}={text}" for name, text in one.items())
    if isinstance(one, list | tuple):
        return ", ".join(one)
    return f"{one:.12g}" if isinstance(one, float) else str(one)


def unusual(run: Run) -> tuple[str, ...]:
    """The settings that differ from their defaults: "--clock-tolerance 1000000000 (default 300)"."""
    return tuple(map(deviation, run.deviations))


def deviation(one: Setting) -> str:
    """A setting that is not the default, beside the default."""
    return option(one) if one.value in _SET else f"{option(one)} (default {value(one.default)})"


def given(run: Run) -> tuple[Setting, ...]:
    """What the operator gave that names what is judged, or stands for a secret."""
    return tuple(one for one in run.settings if one.kind in _NAMES and one.value not in (None, []))


def grouped(run: Run) -> list[tuple[Outcome, tuple[Result, ...]]]:
    """The results by outcome, those that need attention first; no group is empty."""
    groups = [(outcome, run.with_outcome(outcome)) for outcome in ORDER]
    return [(outcome, results) for outcome, results in groups if results]


def pressing(result: Result) -> tuple[Finding, ...]:
    """The findings that made the outcome, or deserve attention besides it."""
    return tuple(one for one in result.findings if one.outcome is result.outcome or one.outcome in OPEN)


def cited(result: Result) -> tuple[int, ...]:
    """The numbers of all exchanges that the findings name, each once, in the order of the findings."""
    return tuple(dict.fromkeys(number for finding in result.findings for number in finding.exchanges))


def reproduction_of(run: Run, result: Result) -> Diagnosis | None:
    """The cause behind a result's first finding, if its history is known."""
    for finding in pressing(result)[:1]:
        wanted = finding.cause or result.requirement.id
        mine = (one for one in run.diagnosis if one.cause == wanted and one.reproduction)
        return next((one for one in mine if result.requirement.id in one.requirements), None)
    return None


def undecoded(response: Response) -> str:
    """What does not fit about a body's coding, with the bytes that came; empty for one that decodes."""
    if not (response.coding or response.raw):
        return ""
    return f"labelled {response.coding}; the bytes that came: {of_body(response.raw) or '(none)'}"


def numbered(exchanges: Iterable[Exchange]) -> dict[int, Exchange]:
    """Exchanges by their number."""
    return {exchange.number: exchange for exchange in exchanges}


def quoted(source: Source) -> str:
    """A source on one line: document, section, quotation."""
    return f"{source.document}, section “{source.section}”: “{source.quote}”"
