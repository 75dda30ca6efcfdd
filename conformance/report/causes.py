"""The causes of a run as JSON, and read back."""

from __future__ import annotations

from typing import Any

from conformance.outcome import Alternative, Diagnosis
from conformance.report.text import well_formed

Json = dict[str, Any]


def to_json(one: Diagnosis) -> Json:
    """A cause as `results.json` holds it."""
    return {
        "cause": one.cause,
        "sentence": well_formed(one.sentence),
        "requirements": list(one.requirements),
        "certain": one.certain,
        "gravity": one.gravity,
        "exchanges": list(one.exchanges),
        "alternatives": [
            {
                "cause": other.cause,
                "sentence": well_formed(other.sentence),
                "against": well_formed(other.against),
            }
            for other in one.alternatives
        ],
        "hint": well_formed(one.hint),
        "reproduction": list(one.reproduction),
        "reproduced": one.reproduced,
    }


def from_json(data: Json) -> Diagnosis:
    """The cause that `data` tells of."""
    return Diagnosis(
        cause=data["cause"],
        sentence=data["sentence"],
        requirements=tuple(data["requirements"]),
        exchanges=tuple(data["exchanges"]),
        alternatives=tuple(Alternative(**one) for one in data["alternatives"]),
        hint=data["hint"],
        gravity=data["gravity"],
        certain=data["certain"],
        reproduction=tuple(data["reproduction"]),
        reproduced=data["reproduced"],
    )
