"""The catalogues: valid, complete, and true to the texts that they quote."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance import catalogue
from conformance.resources import folder

SHARED = Path(__file__).resolve().parents[2] / "shared"
CONTRACTS = {
    "open-attestation": ("OA", {"api-key"}),
    "dcp": ("DCP", {"token", "request"}),
    "tydids": ("TY", {"granted", "revoked"}),
}
ADDED = {"OA-R17", "OA-A4", "DCP-S15", "DCP-S16", "TY-C5"}
"""Demands that are in the texts beyond the list that the catalogues started from."""

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the source texts are not here")


def read(contract: str) -> dict[str, Any]:
    return json.loads((folder("schemas") / contract / "requirements.json").read_text(encoding="utf-8"))


def even(text: str) -> str:
    """White space made even, as someone who searches for a quotation sees it."""
    return re.sub(r"\s+", " ", text)


@pytest.fixture(params=sorted(CONTRACTS))
def contract(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def entries(contract: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(contract)["requirements"]
    return found


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((folder("schemas") / "requirements.schema.json").read_text()))


def test_it_is_valid(contract: str, validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(read(contract))] == []


def test_it_is_loaded(contract: str, entries: list[dict[str, Any]]) -> None:
    assert [one.id for one in catalogue.builtin(contract).requirements] == [one["id"] for one in entries]


def test_it_names_its_contract_and_schema(contract: str) -> None:
    data = read(contract)
    assert (data["contract"], data["prefix"]) == (contract, CONTRACTS[contract][0])
    assert (folder("schemas") / contract / data["$schema"]).resolve() == (
        folder("schemas") / "requirements.schema.json"
    ).resolve()


def test_ids_are_unique_and_carry_the_prefix(contract: str, entries: list[dict[str, Any]]) -> None:
    ids = [one["id"] for one in entries]
    assert len(ids) == len(set(ids))
    assert {one.split("-")[0] for one in ids} == {CONTRACTS[contract][0]}


def test_topics_are_runs(entries: list[dict[str, Any]]) -> None:
    topics = [one["topic"] for one in entries]
    changes = [topic for before, topic in zip(["", *topics], topics, strict=False) if before != topic]
    assert len(changes) == len(set(topics))


def test_needs_are_inputs_of_the_contract(contract: str, entries: list[dict[str, Any]]) -> None:
    assert {need for one in entries for need in one["needs"]} <= CONTRACTS[contract][1]


def test_sentences_end(contract: str, entries: list[dict[str, Any]]) -> None:
    texts = [one[member] for one in entries for member in ("statement", "assessment")]
    texts += [one["leniency"][member] for one in entries if one["leniency"] for member in ("text", "reason")]
    texts += [one["not_assessed"] for one in entries if "not_assessed" in one]
    texts += [note["text"] for note in read(contract)["notes"]]
    assert [text for text in texts if not text.endswith(".")] == []


def test_only_what_is_assessed_is_without_a_reason(entries: list[dict[str, Any]]) -> None:
    for one in entries:
        assert one["assessment"].startswith("None: see the reason.") == ("not_assessed" in one), one["id"]


@pytest.mark.parametrize(
    "breach",
    [
        {"level": "must"},
        {"id": "OA-1"},
        {"surprise": 1},
        {"statement": ""},
        {"leniency": "none"},
        {"needs": "api-key"},
        {"source": {"document": "a", "section": "b"}},
    ],
)
def test_the_schema_is_strict(breach: dict[str, Any], validator: Draft202012Validator) -> None:
    data = read("open-attestation")
    data["requirements"][0] |= breach
    assert not validator.is_valid(data)


@needs_shared
def test_every_demand_of_the_list_is_there_with_its_level() -> None:
    rows = re.findall(
        r"^\| ((?:OA|DCP|TY)-[A-Z]\d+) \| (\w+) \|", (SHARED / "requirements.md").read_text(), re.MULTILINE
    )
    ours = {one["id"]: one["level"] for contract in CONTRACTS for one in read(contract)["requirements"]}
    assert len(rows) > 70
    assert {name: ours.get(name) for name, _ in rows} == dict(rows)
    assert set(ours) - {name for name, _ in rows} == ADDED


@needs_shared
def test_every_quotation_is_in_the_text(contract: str, entries: list[dict[str, Any]]) -> None:
    text = even((SHARED / "seeds" / read(contract)["document"]["seed"]).read_text(encoding="utf-8"))
    assert [one["id"] for one in entries if even(one["source"]["quote"]) not in text] == []


@needs_shared
def test_every_section_is_a_heading_of_the_text(contract: str, entries: list[dict[str, Any]]) -> None:
    text = (SHARED / "seeds" / read(contract)["document"]["seed"]).read_text(encoding="utf-8")
    headings = {line.lstrip("# ") for line in text.splitlines() if line.startswith("#")}
    own = [one for one in entries if ", linked from " not in one["source"]["document"]]
    assert [one["id"] for one in own if one["source"]["section"] not in headings] == []
