"""Two runs beside each other: what the deployment did, and what only the judging made different."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.comparing import compare
from conformance.contract import Effort
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Run, Suite
from conformance.provenance import suite
from conformance.registry import find
from conformance.schema import violations

from .certified import folder_of, run_of
from .command import call

COUNTS_DOWN = "tydids.consensus-counts-down"


def tydids(fault: str = "", **changed: Any) -> Run:
    return run_of("tydids", fault, Effort.QUICK, watch=0.0, **changed)


def with_slack(run: Run, slack: str) -> Run:
    """A run that tolerates other steps of the consensus, with the outcomes that it had."""
    settings = tuple(
        replace(one, value=slack) if one.name == "consensus-slack" else one for one in run.settings
    )
    return replace(run, settings=settings)


def changed(run: Run, requirement: str, outcome: Outcome) -> Run:
    results = tuple(
        replace(one, outcome=outcome) if one.requirement.id == requirement else one for one in run.results
    )
    return replace(run, results=results)


def test_nothing_changes_between_equal_runs() -> None:
    found = compare(tydids(), tydids(nonce="another"))
    assert (found.breaches, found.mended, found.other, found.judged, found.reasons) == ((), (), (), (), ())
    assert found.unchanged == len(tydids().results)


def test_a_breach_is_new_one_way_and_mended_the_other() -> None:
    good, bad = tydids(), tydids(COUNTS_DOWN)
    worse, better = compare(good, bad), compare(bad, good)
    assert "TY-C3" in [one.requirement for one in worse.breaches]
    assert [one.requirement for one in better.mended] == [one.requirement for one in worse.breaches]
    assert worse.judged == better.judged == ()
    assert worse.breaches[0].message


def test_a_tolerance_that_hides_a_breach_mends_nothing() -> None:
    bad = tydids(COUNTS_DOWN)
    now = changed(with_slack(bad, "100000"), "TY-C3", Outcome.PASSED)
    found = compare(bad, now)
    assert [one.requirement for one in found.judged] == ["TY-C3"]
    assert found.mended == ()
    assert found.reasons == ("settings: consensus-slack was '0', is '100000'",)


def test_what_only_the_deployment_changed_is_no_matter_of_settings() -> None:
    found = compare(tydids(), with_slack(tydids(COUNTS_DOWN), "1"))
    assert "TY-C3" in [one.requirement for one in found.breaches]
    assert found.reasons


def test_another_suite_is_a_reason() -> None:
    here = suite(find("tydids"))
    old = changed(
        replace(tydids(), suite=replace(here, version="0.0.1", catalogue="sha256:00")),
        "TY-G1",
        Outcome.FAILED,
    )
    found = compare(old, tydids())
    assert [one.requirement for one in found.judged] == ["TY-G1"]
    assert [one.partition(":")[0] for one in found.reasons] == ["suite", "catalogue"]


def test_what_cannot_be_judged_again_is_not_certain() -> None:
    new = replace(changed(tydids(), "TY-G1", Outcome.FAILED), suite=Suite("9", "sha256:00"))
    found = compare(tydids(), new)
    assert [one.requirement for one in found.breaches] == ["TY-G1"]
    assert not found.certain


def test_requirements_come_and_go_with_the_scope() -> None:
    found = compare(tydids(), tydids(only=("TY-G1",)))
    assert {one.now for one in found.judged} == {None}
    assert len(found.judged) == len(tydids().results) - 1


def test_undecided_is_neither_a_breach_nor_mended() -> None:
    found = compare(
        changed(tydids(), "TY-G1", Outcome.FAILED), changed(tydids(), "TY-G1", Outcome.INCONCLUSIVE)
    )
    assert [(one.was, one.now) for one in found.other] == [(Outcome.FAILED, Outcome.INCONCLUSIVE)]


def test_different_contracts_are_not_compared() -> None:
    with pytest.raises(UsageProblem, match="cannot be compared"):
        compare(tydids(), replace(tydids(), contract="dcp"))


def test_the_command_tells_and_fails_on_what_is_new(tmp_path: Path) -> None:
    old, new = (
        str(folder_of(run, tmp_path / name))
        for name, run in (("old", tydids()), ("new", tydids(COUNTS_DOWN)))
    )
    done = call("diff", old, f"{new}/results.json")
    assert (done.code, "new breach: TY-C3 (" in done.out, "unchanged: " in done.out) == (0, True, True)
    assert call("diff", old, new, "--fail-on", "new").code == 1
    assert call("diff", new, old, "--fail-on", "new").code == 0
    data = json.loads(call("diff", old, new, "--json").out)
    assert "TY-C3" in [one["requirement"] for one in data["breaches"]]
    assert violations("diff", data) == []
    for wrong in (tmp_path, tmp_path / "none", Path(__file__)):
        assert call("diff", old, str(wrong)).code == 2
