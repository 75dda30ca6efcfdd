"""The committed sample of a run against the reference deployment, made by `make sample`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conformance.outcome import Verdict
from conformance.registry import BUILT_IN
from conformance.rejudging import rejudge
from conformance.report.results import read
from conformance.resources import folder

SAMPLE = Path(__file__).parent.parent / "reports" / "sample"
SCHEMA = json.loads((folder("schemas") / "results.schema.json").read_text(encoding="utf-8"))

each_contract = pytest.mark.parametrize("contract", BUILT_IN)


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
    assert rejudge(run) == ()
    assert run.deviations == ()
