"""What the doctor has to say: lines, each with a state and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What a line comes to."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at; `remedy` says what to do about it."""

    about: str
    state: State
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All lines about one deployment; `answered` when any answer came. Holds no secret."""

    contract: str
    base_url: str
    lines: tuple[Line, ...]
    requests: int
    answered: bool

    @property
    def exit_code(self) -> int:
        """0 without a problem, 1 with one, 4 when no answer came."""
        if not self.answered:
            return 4
        return 1 if any(one.state is State.PROBLEM for one in self.lines) else 0

    def count(self, state: State) -> int:
        """How many lines have `state`."""
        return sum(one.state is state for one in self.lines)


def ok(about: str, text: str) -> Line:
    """A line about what is as it has to be."""
    return Line(about, State.OK, text)


def problem(about: str, text: str, remedy: str = "") -> Line:
    """A line about what is in the way of a run."""
    return Line(about, State.PROBLEM, text, remedy)


def unknown(about: str, text: str, remedy: str = "") -> Line:
    """A line about what cannot be told."""
    return Line(about, State.UNKNOWN, text, remedy)
