"""The shipped wire vectors: true to their schema, well written, and judged as they say."""

from __future__ import annotations

import base64
import codecs
import json
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.registry import BUILT_IN, find
from conformance.resources import folder
from conformance.vectors import differences, load, shipped

VECTORS = list(shipped())
SCHEMA = json.loads((folder("schemas") / "vector.schema.json").read_text(encoding="utf-8"))
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.json")
WISHES = re.compile(
    r"\b(should|must|shall|tests?|checks?|expect\w*|ensure\w*|verify|verifies)\b", re.IGNORECASE
)
BAD = {"failed", "warned"}
ENOUGH = 150


@cache
def data(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def name_of(path: Path) -> str:
    return "/".join(path.parts[-3:])


def complaints(look: Callable[[Path], object]) -> dict[str, object]:
    """What `look` finds wrong with each vector, by its name; vectors that are right are left out."""
    return {name_of(path): found for path in VECTORS if (found := look(path))}


@pytest.mark.parametrize("contract", BUILT_IN)
def test_every_vector_is_judged_as_it_says(contract: str) -> None:
    judged = {name_of(path): differences(load(path)) for path in shipped(contract)}
    assert {name: found for name, found in judged.items() if found} == {}


def test_every_vector_is_true_to_its_schema() -> None:
    validator = Draft202012Validator(SCHEMA)
    assert complaints(lambda path: [one.message for one in validator.iter_errors(data(path))]) == {}


def misplaced(path: Path) -> str:
    vector = data(path)
    kind = "invalid" if set(vector["expected"].values()) & BAD else "valid"
    belongs = (vector["contract"], kind) == path.parts[-3:-1]
    return "" if belongs and NAME.fullmatch(path.name) else f"{vector['contract']}/{kind}"


def test_every_vector_is_where_it_belongs() -> None:
    assert complaints(misplaced) == {}


def strange_requirements(path: Path) -> set[str]:
    catalogue = find(data(path)["contract"]).catalogue
    return set(data(path)["expected"]) - {one.id for one in catalogue.requirements if not one.not_assessed}


def test_every_vector_names_requirements_of_its_contract() -> None:
    assert complaints(strange_requirements) == {}


def test_every_description_states_a_fact() -> None:
    assert complaints(lambda path: WISHES.search(data(path)["description"])) == {}


def needless_base64(path: Path) -> bool:
    """Base64 is for what is not UTF-8, and for a byte order mark, which editors hide or drop."""
    exchanges = data(path)["exchanges"]
    parts = [part for exchange in exchanges for part in (exchange["request"], exchange["response"] or {})]
    encoded = [part["body"]["base64"] for part in parts if "base64" in part.get("body", {})]
    bodies = [base64.b64decode(one, validate=True) for one in encoded]
    return any(is_text(one) and not one.startswith(codecs.BOM_UTF8) for one in bodies)


def test_bodies_are_text_where_they_can_be() -> None:
    assert complaints(needless_base64) == {}


def is_text(content: bytes) -> bool:
    try:
        return bool(content.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("contract", BUILT_IN)
def test_descriptions_are_unique(contract: str) -> None:
    descriptions = Counter(data(path)["description"] for path in shipped(contract))
    assert [text for text, times in descriptions.items() if times > 1] == []


@pytest.mark.parametrize("contract", BUILT_IN)
def test_a_contract_has_vectors_of_both_kinds(contract: str) -> None:
    kinds = Counter(path.parts[-2] for path in shipped(contract))
    assert set(kinds) == {"valid", "invalid"}
    assert kinds.total() >= 40


def test_there_are_enough() -> None:
    assert len(VECTORS) >= ENOUGH
