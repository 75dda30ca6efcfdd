"""The proof: every fault is caught by name, nobody is accused wrongly, and what is recorded is what happens.

This is where every case of the kill matrix is judged, once; `make proof` records it.
"""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any
from zlib import crc32

import pytest
from jsonschema import Draft202012Validator

from conformance.catalogue import Level
from conformance.defects import Fault, Oddity
from conformance.proof.__main__ import docs, text
from conformance.proof.cases import Case, cases, complaints, judge, setting
from conformance.proof.hopeless import HOPELESS
from conformance.proof.matrix import entry, haste, recorded, render
from conformance.reference.wires import unavailable, wire_oddities
from conformance.registry import BUILT_IN, find
from conformance.resources import folder
from conformance.showcase import faults_of, oddities_of

SOME = 3
"""Every so many cases are judged again from their reports; `make proof` does so with all."""
MEMBERS = (
    "events",
    "holderPid",
    "issuerPid",
    "status",
    "type",
)  # JSON is case-sensitive at the start of a sentence too
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CASES = sorted(chain.from_iterable(cases(name) for name in BUILT_IN), key=haste)
FAULTS = [(name, fault) for name in BUILT_IN for fault in faults_of(find(name))]
ODDITIES = [(name, oddity) for name in BUILT_IN for oddity in oddities_of(find(name))]
REQUIRED = [
    (name, one.id)
    for name in BUILT_IN
    for one in find(name).catalogue.requirements
    if one.level is not Level.MAY and not one.not_assessed
]
PROOF = folder("schemas") / "proof.json"
DATA: dict[str, Any] = json.loads(PROOF.read_text(encoding="utf-8")) if PROOF.is_file() else {"contracts": {}}
RECORDED = recorded(DATA)


def steady(one: dict[str, Any]) -> dict[str, Any]:
    """An entry without the effort: a defect that needs a race may show early or late."""
    return {name: value for name, value in one.items() if name != "effort"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_comes_out_as_recorded(case: Case) -> None:
    if reason := unavailable(setting(case).wire):
        pytest.skip(reason)
    found = judge(case, rejudged=crc32(case.name.encode()) % SOME == 0)
    assert complaints(find(case.contract), found) == []
    assert steady(entry(found)) == steady(RECORDED.get(case, {})), (
        "schemas/proof.json is stale: run `make proof`"
    )


def test_every_case_is_recorded_and_nothing_else() -> None:
    assert {case.name for case in CASES} == {case.name for case in RECORDED}, "run `make proof`"


def test_the_record_is_rendered_from_its_data() -> None:
    assert PROOF.read_text(encoding="utf-8") == render(DATA)


def test_the_record_is_true_to_its_schema() -> None:
    schema = json.loads((PROOF.parent / DATA["$schema"]).read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(DATA)


def test_the_document_is_rendered_from_the_record() -> None:
    assert (docs() / "proof.md").read_text(encoding="utf-8") == text(DATA), "run `make proof`"


def test_every_requirement_is_proven_by_a_fault() -> None:
    proven = {(contract, requirement) for contract, fault in FAULTS for requirement in fault.must}
    assert [
        f"no fault of {one[0]} has to be caught by {one[1]}" for one in REQUIRED if one not in proven
    ] == []


def test_every_fault_names_requirements_of_its_catalogue() -> None:
    assert [wrong for contract, fault in FAULTS if (wrong := misnamed(contract, fault))] == []


def misnamed(contract: str, fault: Fault) -> str:
    """What is wrong with the requirements that a fault names."""
    named = fault.must + fault.may
    known = {one.id for one in find(contract).catalogue.requirements if not one.not_assessed}
    strange = [one for one in named if one not in known or named.count(one) > 1]
    if strange:
        return f"{fault.id} names {', '.join(strange)}"
    return "" if fault.must else f"{fault.id} has to be caught by no requirement"


def test_every_peculiarity_has_a_name_and_a_description() -> None:
    assert [one.id for contract, one in [*FAULTS, *ODDITIES] if not well_described(contract, one)] == []


def well_described(contract: str, one: Fault | Oddity) -> bool:
    """Whether the id is made of lower-case words, and the description is a sentence."""
    prefix, _, name = one.id.partition(".")
    first = one.description.split()[0]
    begins = first[0].isupper() or not first[0].isalpha() or first in MEMBERS
    return prefix == contract and bool(ID.fullmatch(name)) and begins and one.description.endswith(".")


def test_ids_are_unique() -> None:
    ids = [one.id for _, one in [*FAULTS, *ODDITIES]]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("contract", BUILT_IN)
def test_contract_has_faults_and_oddities_of_its_own(contract: str) -> None:
    assert faults_of(find(contract)), f"{contract} has no faults.py"
    own = {one.id for one in oddities_of(find(contract))} - {one.id for one in wire_oddities(contract)}
    assert own, f"{contract} has no oddities.py"


def test_there_are_enough_of_both() -> None:
    assert len(FAULTS) >= 100
    assert len({oddity.id.partition(".")[2] for _, oddity in ODDITIES}) >= 40


def test_hopeless_servers_are_judged_for_every_contract() -> None:
    verdicts = {case.name: found["verdict"] for case, found in RECORDED.items() if case.kind == "hopeless"}
    assert len(HOPELESS) == 6
    assert len(verdicts) == 6 * len(BUILT_IN)
    assert "conformant" not in verdicts.values()
