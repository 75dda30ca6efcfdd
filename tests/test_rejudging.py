"""A record judged again: the same outcomes, whatever the tolerances; and strangers' files end in a sentence."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract import Effort
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Run, Setting
from conformance.proof.cases import Case, run_case
from conformance.recorded import judge_recorded
from conformance.registry import find
from conformance.rejudging import Difference, NotAgain, load, rejudge
from conformance.report import results
from conformance.showcase import faults_of

from .command import Done, call, one_sentence

EVERY = 40
"""Every how manieth fault is judged with other tolerances here; with the usual ones all are, in test_proof."""


def recorded(run: Run) -> Run:
    """A run as its report tells it."""
    return results.read(results.render(run))


def made(contract: str, fault: str = "", **changed: Any) -> Run:
    case = Case(contract, "fault" if fault else "healthy", fault)
    return recorded(run_case(case, effort=Effort.QUICK, **changed))


def inputs(contract: str, **more: str) -> Mapping[str, tuple[str, ...]]:
    given = {name.replace("_", "-"): (value,) for name, value in more.items()}
    return {**find(contract).module("reference").EXAMPLES, **given}


def with_setting(run: Run, name: str, value: Any) -> Run:
    settings: tuple[Setting, ...] = tuple(
        replace(one, value=value) if one.name == name else one for one in run.settings
    )
    assert settings != run.settings
    return replace(run, settings=settings)


HEALTHY = made("tydids")
DATA: dict[str, Any] = results.to_json(HEALTHY)


# The same judge comes to the same outcomes


@pytest.mark.parametrize(
    ("contract", "changed"),
    [
        ("open-attestation", {"consistency_window": 0.25, "clock_tolerance": 1e9}),
        ("open-attestation", {"consistency_window": 60.0, "clock_tolerance": 0.0}),
        ("tydids", {"clock_tolerance": 1e9, "inputs": inputs("tydids", consensus_slack="100000")}),
        ("dcp", {"inputs": inputs("dcp", profile="dcp"), "read_only": True}),
    ],
)
def test_other_tolerances_lead_to_the_same_outcomes_again(contract: str, changed: dict[str, Any]) -> None:
    for fault in faults_of(find(contract))[::EVERY]:
        run = made(contract, fault.id, **changed)
        assert (fault.id, rejudge(run)) == (fault.id, ())


@pytest.mark.parametrize(
    ("fault", "setting", "value", "difference"),
    [
        ("tydids.consensus-counts-down", "consensus-slack", "100000", ("TY-C3", "warned", "passed")),
        ("tydids.revoked-tomorrow", "clock-tolerance", 1e6, ("TY-R6", "warned", "passed")),
    ],
)
def test_the_recorded_tolerances_decide(
    fault: str, setting: str, value: Any, difference: tuple[str, str, str]
) -> None:
    run = made("tydids", fault)
    assert rejudge(run) == ()
    requirement, was, now = difference
    assert Difference(requirement, Outcome(was), Outcome(now)) in rejudge(with_setting(run, setting, value))


def test_what_was_recorded_elsewhere_is_judged_again_as_such() -> None:
    run = recorded(judge_recorded(find("tydids"), HEALTHY.exchanges, "traffic.har", HEALTHY.base_url))
    assert run.scope.source
    assert rejudge(run) == ()


def test_a_narrowed_run_is_judged_again_within_its_scope() -> None:
    run = made("tydids", only=("TY-G1", "TY-R1"))
    assert [one.requirement.id for one in run.results] == ["TY-G1", "TY-R1"]
    assert rejudge(run) == ()


def test_another_answer_is_noticed() -> None:
    exchanges = tuple(
        replace(one, response=replace(one.response, status=500)) if one.response else one
        for one in HEALTHY.exchanges
    )
    found = {one.requirement: one for one in rejudge(replace(HEALTHY, exchanges=exchanges))}
    assert (found["TY-G1"].was, found["TY-G1"].now) == (Outcome.PASSED, Outcome.FAILED)


# What cannot be judged again


def test_what_was_decided_by_a_secret_is_told_from_another_outcome() -> None:
    """Two different texts that hold the token are one and the same in the record."""
    (first, *others) = HEALTHY.exchanges
    assert first.response is not None
    hidden = replace(first.response, body=b'"[withheld: holds the token]"')
    run = replace(HEALTHY, exchanges=(replace(first, response=hidden), *others))
    with pytest.raises(NotAgain, match="secrets are withheld from the answers that decided it"):
        rejudge(run)


def test_other_requirements_are_told_from_other_outcomes() -> None:
    with pytest.raises(NotAgain, match="the requirements of tydids have changed since"):
        rejudge(replace(HEALTHY, suite=replace(HEALTHY.suite, catalogue="sha256:00")))
    with pytest.raises(NotAgain, match="there is no contract called elsewhere"):
        rejudge(replace(HEALTHY, contract="elsewhere"))


def test_a_context_is_needed_again_and_must_be_the_same(tmp_path: Path) -> None:
    file, other = tmp_path / "context.jsonld", tmp_path / "other.jsonld"
    file.write_text('{"@context": {"ex": "https://ex.example/"}}')
    other.write_text('{"@context": {}}')
    run = made("dcp", jsonld_contexts={"https://ex.example/v1": file})
    assert rejudge(run, {"https://ex.example/v1": file}) == ()
    for given in ({}, {"https://ex.example/v1": other}):
        with pytest.raises(NotAgain, match="without its JSON-LD context"):
            rejudge(run, given)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("consistency-window", "5"),
        ("consistency-window", True),
        ("consistency-window", 10**400),
        ("effort", "endless"),
        ("fuzz", 1.5),
        ("read-only", 1),
        ("granted", [1]),
        ("consensus-slack", {"a": "b"}),
    ],
)
def test_a_setting_that_cannot_be_is_refused(setting: str, value: Any) -> None:
    with pytest.raises(UsageProblem, match=f"the recorded setting {setting} "):
        rejudge(with_setting(HEALTHY, setting, value))


# The command


def again(tmp_path: Path, data: Any) -> Done:
    file = tmp_path / "results.json"
    file.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return call("rejudge", str(file))


def altered(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    data = copy.deepcopy(DATA)
    change(data)
    return data


def test_the_command_says_that_every_outcome_is_the_same(tmp_path: Path) -> None:
    done = again(tmp_path, DATA)
    number = len(HEALTHY.results)
    assert (done.code, done.out) == (0, f"{number} of {number} outcomes are the same\n")


def test_the_command_names_what_differs(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["requirements"][0]["outcome"] = "warned"
        data["suite"]["version"] = "0.0.1"

    done = again(tmp_path, altered(change))
    name, number = HEALTHY.results[0].requirement.id, len(HEALTHY.results)
    assert done.code == 1
    assert "recorded by status-conformance 0.0.1, judged again by " in done.out
    assert f"{name}: was warned, is passed\n{number - 1} of {number} outcomes are the same\n" in done.out


def test_the_command_says_when_this_suite_cannot_judge(tmp_path: Path) -> None:
    done = again(tmp_path, altered(lambda data: data["suite"].update(catalogue="sha256:00")))
    assert done.code == 3
    assert "have changed since" in one_sentence(done)


def first(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["exchanges"][0]
    return found


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 200_000,
        b'{"format": "status-conformance/results", "version": 2, "x": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"format": "status-conformance/results", "version": 2, "n": ' + b"9" * 5000 + b"}",
        json.dumps(DATA).replace(str(DATA["exchanges"][0]["started"]), "NaN").encode(),
        json.dumps(DATA).replace(str(DATA["exchanges"][0]["started"]), "1e999").encode(),
        [],
        "results",
        {"format": "other"},
        altered(lambda data: data.update(version=1)),
        altered(lambda data: data.update(version=["9" * 1000])),
        altered(lambda data: data.pop("settings")),
        altered(lambda data: data.update(settings={})),
        altered(lambda data: data.update(started="2024-99-99T00:00:00.000Z")),
        altered(lambda data: data["settings"][0].update(value=[[[]]])),
        altered(lambda data: first(data).update(started=10**400)),
        altered(lambda data: first(data).update(number=0)),
        altered(lambda data: first(data).update(intent={"op": 1})),
        altered(lambda data: first(data)["request"].update(body={"base64": "?"})),
        altered(lambda data: first(data)["response"].update(status=10**30)),
        altered(lambda data: first(data)["response"].update(raw="no base64")),
        altered(lambda data: data["requirements"][0].update(outcome="green")),
    ],
)
def test_whatever_is_wrong_with_a_file_is_a_sentence(tmp_path: Path, data: Any) -> None:
    done = again(tmp_path, data)
    assert (done.code, done.out) == (2, ""), done
    assert len(one_sentence(done)) < 400


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", Path("a" * 300)):
        done = call("rejudge", str(path))
        assert done.code == 2
        assert "cannot be read" in one_sentence(done)


def test_a_file_is_read_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(b" " * ((1 << 20) + 1))
    monkeypatch.setattr("conformance.rejudging.LARGEST", 1 << 20)
    with pytest.raises(UsageProblem, match="it is larger than 1 MiB"):
        load(large)
    with pytest.raises(UsageProblem, match="cannot be read: it holds no text"):
        load(Path("/dev/zero"))
