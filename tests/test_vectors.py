"""The shipped wire vectors: true to their schema, well written, and judged as they say."""

from __future__ import annotations

import base64
import codecs
import json
import re
from collections import Counter
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


def data(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def name_of(path: Path) -> str:
    return "/".join(path.parts[-3:])


each_vector = pytest.mark.parametrize("path", VECTORS, ids=name_of)


@each_vector
def test_a_vector_is_judged_as_it_says(path: Path) -> None:
    assert differences(load(path)) == []


@each_vector
def test_a_vector_is_true_to_its_schema(path: Path) -> None:
    Draft202012Validator(SCHEMA).validate(data(path))


@each_vector
def test_a_vector_is_where_it_belongs(path: Path) -> None:
    vector = data(path)
    outcomes = set(vector["expected"].values())
    assert NAME.fullmatch(path.name)
    assert path.parts[-3] == vector["contract"]
    assert path.parts[-2] == ("invalid" if outcomes & BAD else "valid")


@each_vector
def test_a_vector_names_requirements_of_its_contract(path: Path) -> None:
    catalogue = find(data(path)["contract"]).catalogue
    known = {one.id for one in catalogue.requirements if not one.not_assessed}
    assert set(data(path)["expected"]) <= known


@each_vector
def test_a_description_states_a_fact(path: Path) -> None:
    assert not WISHES.search(data(path)["description"])


@each_vector
def test_bodies_are_text_where_they_can_be(path: Path) -> None:
    """Base64 is for what is not UTF-8, and for a byte order mark, which editors hide or drop."""
    for exchange in data(path)["exchanges"]:
        for part in (exchange["request"], exchange["response"] or {}):
            encoded = part.get("body", {}).get("base64")
            if encoded is not None:
                content = base64.b64decode(encoded, validate=True)
                assert content.startswith(codecs.BOM_UTF8) or not is_text(content)


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
