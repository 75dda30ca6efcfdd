"""`status-conformance reproduce` sends a recorded history again."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.proof.cases import Case, run_case
from conformance.proof.sockets import served_case
from conformance.report import results

from .command import call


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """The results of a run against a deployment that lets anybody write."""
    case = Case("open-attestation", "fault", "open-attestation.key-optional")
    path = tmp_path / "results.json"
    path.write_bytes(results.render(run_case(case)))
    return path


@pytest.mark.parametrize(
    ("kind", "fault", "code", "said"),
    [("fault", "open-attestation.key-optional", 1, "it shows"), ("healthy", "", 0, "it does not show")],
)
def test_a_history_is_sent_again(recorded: Path, kind: str, fault: str, code: int, said: str) -> None:
    with served_case(Case("open-attestation", kind, fault)) as base:
        done = call("reproduce", str(recorded), "OA-A1", "--base-url", base)
    assert (done.code, done.err) == (code, "")
    assert said in done.out


def test_nobody_there(recorded: Path) -> None:
    done = call("reproduce", str(recorded), "oa-a1", "--base-url", "http://127.0.0.1:1/status")
    assert (done.code, done.out.splitlines()[0][:9]) == (4, "undecided")


def test_what_is_not_wrong_has_no_history(recorded: Path) -> None:
    done = call("reproduce", str(recorded), "OA-R1")
    assert done.code == 2
    assert "OA-A1" in done.err


def test_a_secret_has_to_be_given_again(tmp_path: Path) -> None:
    case = Case("open-attestation", "fault", "open-attestation.receipt-status-missing")
    path = tmp_path / "results.json"
    path.write_bytes(results.render(run_case(case)))
    with served_case(case) as base:
        done = call("reproduce", str(path), "OA-W3", "--base-url", base)
    assert done.code == 2
    assert "--api-key" in done.err
