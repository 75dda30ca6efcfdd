"""Expected failures: known ones are no failure, new, stale and expired ones are; each is told in a line."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from conformance.errors import UsageProblem
from conformance.expectations import Expected, compare, load
from conformance.outcome import Diagnosis, Outcome, Run
from conformance.registry import find
from conformance.schema import violations

from .command import SAMPLES, call, reference
from .sample_runs import make_run, one_result

TODAY, LATER, EARLIER = date(2026, 11, 29), date(2027, 1, 31), date(2026, 11, 28)
OA = find("open-attestation")


def broken(*ids: str, cause: str = "") -> Run:
    results = [one_result(Outcome.FAILED, one, cause=cause) for one in ids]
    return make_run(*results, one_result(Outcome.PASSED, "OA-R1"))


def expected(requirement: str = "", cause: str = "", expires: date = LATER) -> Expected:
    return Expected(requirement, cause, "ticket 7", expires)


@pytest.mark.parametrize(
    ("run", "entries", "code", "words"),
    [
        (broken("OA-W1"), [expected("OA-W1")], 0, ["known"]),
        (broken("OA-W1"), [expected("OA-W1", expires=TODAY)], 0, ["known"]),
        (broken("OA-W1"), [expected("OA-W1", expires=EARLIER)], 1, ["expired"]),
        (broken("OA-W1"), [], 1, ["new"]),
        (broken("OA-W1", "OA-W2"), [expected("OA-W1")], 1, ["known", "new"]),
        (broken(), [expected("OA-R1")], 1, ["stale"]),
        (broken("OA-W1", cause="x"), [expected(cause="x")], 0, ["known"]),
        (broken("OA-W1", cause="y"), [expected(cause="x")], 1, ["stale", "new"]),
        (broken(), [], 0, []),
        (make_run(one_result(Outcome.INCONCLUSIVE)), [expected("OA-W1")], 3, ["undecided"]),
        (
            make_run(one_result(Outcome.FAILED), one_result(Outcome.INCONCLUSIVE, "OA-W2")),
            [expected("OA-W1")],
            3,
            ["known"],
        ),
        (make_run(one_result(Outcome.ERROR)), [expected("OA-W1")], 5, ["undecided"]),
        (make_run(one_result(Outcome.WARNED)), [expected("OA-W1")], 0, ["known"]),
        (make_run(one_result(Outcome.WARNED)), [], 0, []),
    ],
)
def test_what_a_run_comes_to(run: Run, entries: list[Expected], code: int, words: list[str]) -> None:
    found = compare(run, tuple(entries), TODAY)
    assert (found.exit_code, [one.partition(":")[0] for one in found.lines]) == (code, words)


def test_a_cause_that_is_at_work_is_known_though_it_breaks_nothing_else() -> None:
    run = make_run(one_result(Outcome.PASSED), diagnosis=(Diagnosis("x", "it is so"),))
    assert compare(run, (expected(cause="x"),), TODAY).exit_code == 0


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "expected.toml"
    path.write_text(text)
    return path


ENTRY = '[[expected]]\nrequirement = "{}"\nreason = "ticket 7"\nexpires = 2027-01-31\n'


def test_a_file_is_read(tmp_path: Path) -> None:
    text = ENTRY.format("oa-w1") + '[[expected]]\ncause = "x"\nreason = "y"\nexpires = 2027-01-31\n'
    assert violations("expected-failures", json.loads(json.dumps(tomllib.loads(text), default=str))) == []
    found = load(written(tmp_path, text), OA)
    assert [one.name for one in found] == ["OA-W1", "x"]
    assert load(written(tmp_path, ""), OA) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "is not TOML"),
        ("a = 1", "more than a list called expected"),
        ("expected = 1", "more than a list called expected"),
        ("expected = [1]", "entry 1: 1 is not known"),
        ('[[expected]]\nreqirement = "OA-W1"', "entry 1: 'reqirement' is not known"),
        (ENTRY.format("OA-W99"), "entry 1: "),
        (ENTRY.format("OA-W1") * 2, "expects OA-W1 twice"),
        (ENTRY.format("OA-W1") + 'cause = "x"', "entry 1 names not exactly one"),
        (ENTRY.format("OA-W1").replace("ticket 7", " "), "entry 1 gives no reason"),
        (ENTRY.format("OA-W1").replace("2027-01-31", '"soon"'), "entry 1 has no date"),
        (ENTRY.format("OA-W1").replace("2027-01-31", "2027-01-31T00:00:00Z"), "entry 1 has no date"),
        (ENTRY.format("OA-W1").replace('"OA-W1"', "1"), "entry 1 names not exactly one"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_sentence(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        load(written(tmp_path, text), OA)
    assert told in problem.value.message


def test_a_run_ends_as_its_expectations_say(tmp_path: Path) -> None:
    path = written(tmp_path, ENTRY.format("TY-G1"))
    with reference() as url:
        address = (
            "run",
            "tydids",
            f"{url}/v2.0",
            *SAMPLES,
            "--effort",
            "quick",
            "--expected-failures",
            str(path),
        )
        done = call(*address, "--output", str(tmp_path / "run"))
        assert (done.code, "stale: TY-G1" in done.out) == (1, True)
        path.write_text("")
        assert call(*address, "--output", str(tmp_path / "other")).code == 0
    path.write_text("[")
    assert call(*address, "--output", str(tmp_path / "none")).code == 2
    assert not (tmp_path / "none").exists()


def test_a_fleet_takes_none() -> None:
    assert "goes with a run of one deployment" in call("run", "--all", "--expected-failures", "x").err
