"""The committed sample of a run against the reference deployment, made by `make sample`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conformance.contract import Settings
from conformance.outcome import Run, Verdict, result
from conformance.registry import BUILT_IN, find
from conformance.report.results import read
from conformance.resources import folder
from conformance.wire.exchange import CHECKS

SAMPLE = Path(__file__).parent.parent / "reports" / "sample"
SCHEMA = json.loads((folder("schemas") / "results.schema.json").read_text(encoding="utf-8"))

each_contract = pytest.mark.parametrize("contract", BUILT_IN)


def settings_of(run: Run) -> Settings:
    """What the run was given, as far as its report tells."""
    given = {name: tuple(value for key, value in run.settings if key == name) for name, _ in run.settings}
    return Settings(inputs=given, nonce=given["nonce"][-1])


@each_contract
def test_the_sample_is_whole_and_true_to_its_schema(contract: str) -> None:
    data = (SAMPLE / contract / "results.json").read_bytes()
    assert [one.message for one in Draft202012Validator(SCHEMA).iter_errors(json.loads(data))] == []
    assert {path.name for path in (SAMPLE / contract).iterdir()} == {
        "results.json",
        "report.html",
        "junit.xml",
    }
    assert read(data).verdict is Verdict.CONFORMANT


@each_contract
def test_judging_the_exchanges_of_a_report_again_gives_the_same_outcomes(contract: str) -> None:
    """Without the network and without the secrets: an outcome is a function of what was recorded."""
    run = read((SAMPLE / contract / "results.json").read_bytes())
    checks = [one for one in run.exchanges if one.part == CHECKS]
    findings = find(contract).judge(checks, settings_of(run))
    again = {
        one.requirement.id: result(one.requirement, mine).outcome
        for one in run.results
        if (mine := [found for found in findings if found.requirement == one.requirement.id])
    }
    assert again == {one.requirement.id: one.outcome for one in run.results if one.requirement.id in again}
    assert len(again) > len(run.results) / 2
