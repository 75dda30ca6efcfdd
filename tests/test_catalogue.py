"""Reading a requirements.json; what is in the shipped ones is tested with the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.catalogue import Level, builtin, load
from conformance.errors import CatalogueProblem, ResourceMissing, UsageProblem

ENTRY: dict[str, Any] = {
    "id": "XX-A1",
    "level": "MUST",
    "topic": "t",
    "title": "a title",
    "statement": "s",
    "source": {"document": "d", "section": "s", "quote": "q"},
    "assessment": "a",
    "leniency": {"text": "t", "reason": "r", "two_readings": True},
    "needs": ["token"],
    "writes": False,
}


def written(tmp_path: Path, *entries: dict[str, Any], **more: Any) -> Path:
    path = tmp_path / "requirements.json"
    data = {
        "contract": "xx",
        "title": "X",
        "document": {"url": "https://x.example"},
        "requirements": entries,
        **more,
    }
    path.write_text(json.dumps(data))
    return path


def test_an_entry_is_read(tmp_path: Path) -> None:
    other = {**ENTRY, "id": "XX-A2", "level": "MAY", "leniency": None, "needs": [], "reads_with": ["known"]}
    catalogue = load(written(tmp_path, ENTRY, other, notes=[{"about": "x", "text": "y"}]))
    first, second = catalogue.requirements
    assert (first.level, first.needs, first.source.quote) == (Level.MUST, ("token",), "q")
    assert first.leniency is not None
    assert first.leniency.two_readings
    assert (second.leniency, second.reads_with, second.not_assessed) == (None, ("known",), None)
    assert catalogue.levels == {"XX-A1": Level.MUST, "XX-A2": Level.MAY}
    assert catalogue.notes[0].text == "y"


def test_an_id_is_found_whatever_its_case(tmp_path: Path) -> None:
    assert load(written(tmp_path, ENTRY)).get("xx-a1").id == "XX-A1"


def test_an_unknown_id_says_where_the_known_ones_are() -> None:
    with pytest.raises(UsageProblem) as raised:
        builtin("dcp").get("DCP-Z9")
    assert raised.value.message == "dcp has no requirement DCP-Z9"
    assert "status-conformance requirements dcp" in raised.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"contract": 1}',
        json.dumps(
            {"contract": "x", "title": "x", "document": {}, "requirements": [{**ENTRY, "level": "WISH"}]}
        ),
    ],
)
def test_what_is_no_catalogue(text: str, tmp_path: Path) -> None:
    path = tmp_path / "requirements.json"
    path.write_text(text)
    with pytest.raises(CatalogueProblem, match="is not a catalogue"):
        load(path)


def test_a_catalogue_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ResourceMissing):
        load(tmp_path / "nothing.json")
