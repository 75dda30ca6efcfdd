"""The requirements of a contract, as its requirements.json states them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from conformance.errors import CatalogueProblem, ResourceMissing, UsageProblem
from conformance.resources import folder


class Level(StrEnum):
    """How binding a requirement is."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a demand is written: document, section heading, and a few words to search for."""

    document: str
    section: str
    quote: str


@dataclass(frozen=True, slots=True)
class Leniency:
    """Where the suite is lenient, and why; `two_readings` when the text allows both."""

    text: str
    reason: str
    two_readings: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """One atomic demand of a contract.

    `needs` are the inputs without which it cannot be assessed, `writes` whether assessing it writes, `reads_with`
    the inputs with which it can be assessed by reading alone.
    """

    id: str
    level: Level
    topic: str
    title: str
    statement: str
    source: Source
    assessment: str
    leniency: Leniency | None = None
    needs: tuple[str, ...] = ()
    writes: bool = False
    reads_with: tuple[str, ...] = ()
    not_assessed: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something wrong or unclear in the source document, and how the suite takes it."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All requirements of one contract, in the order of its document."""

    contract: str
    title: str
    url: str
    notes: tuple[Note, ...]
    requirements: tuple[Requirement, ...]

    def get(self, requirement: str) -> Requirement:
        """The requirement called so, whatever the case; raises UsageProblem with the nearest names."""
        for one in self.requirements:
            if one.id.lower() == requirement.lower():
                return one
        raise UsageProblem(
            f"{self.contract} has no requirement {requirement}",
            hint=f"`status-conformance requirements {self.contract}` lists them",
        )

    @property
    def levels(self) -> dict[str, Level]:
        """The level of each requirement."""
        return {one.id: one.level for one in self.requirements}

    @property
    def digest(self) -> str:
        """A digest of everything that the catalogue says, whatever its layout."""
        return "sha256:" + hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@cache
def load(path: Path) -> Catalogue:
    """Read a requirements.json; raises CatalogueProblem when it is not one."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return _catalogue(data)
    except OSError as problem:
        raise ResourceMissing(f"the catalogue {path} cannot be read: {problem.strerror}") from None
    except (KeyError, TypeError, ValueError) as problem:
        raise CatalogueProblem(f"{path} is not a catalogue: {problem!r}") from problem


def builtin(contract: str) -> Catalogue:
    """The catalogue of a contract that is shipped with the suite."""
    return load(folder("schemas") / contract / "requirements.json")


def _catalogue(data: dict[str, Any]) -> Catalogue:
    return Catalogue(
        contract=data["contract"],
        title=data["title"],
        url=data["document"].get("url", ""),
        notes=tuple(Note(note["about"], note["text"]) for note in data.get("notes", ())),
        requirements=tuple(_requirement(one) for one in data["requirements"]),
    )


def _requirement(data: dict[str, Any]) -> Requirement:
    leniency = data.get("leniency")
    return Requirement(
        id=data["id"],
        level=Level(data["level"]),
        topic=data["topic"],
        title=data["title"],
        statement=data["statement"],
        source=Source(**data["source"]),
        assessment=data["assessment"],
        leniency=Leniency(**leniency) if leniency else None,
        needs=tuple(data["needs"]),
        writes=data["writes"],
        reads_with=tuple(data.get("reads_with", ())),
        not_assessed=data.get("not_assessed"),
    )
