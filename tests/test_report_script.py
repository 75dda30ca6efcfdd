"""The reproduction of a cause as a shell script."""

from __future__ import annotations

import subprocess
from functools import cache

import pytest

from conformance.outcome import Run
from conformance.proof.cases import Case, run_case
from conformance.report.script import history_of, scripts, standing


@cache
def run_of(fault: str) -> Run:
    """The run against a fault."""
    return run_case(Case(fault.partition(".")[0], "fault", fault))


@pytest.mark.parametrize(
    "fault",
    [
        "open-attestation.key-optional",
        "dcp.token-empty",
        "tydids.status-boolean",
        "open-attestation.order-oldest-first",
    ],
)
def test_every_script_is_one_that_a_shell_reads(fault: str) -> None:
    made = scripts(run_of(fault))
    assert made
    for text in made.values():
        assert text.startswith("#!/bin/sh\n")
        subprocess.run(["sh", "-n"], input=text, text=True, check=True)


def test_what_was_written_goes_to_fresh_hashes() -> None:
    (text,) = scripts(run_of("open-attestation.key-optional")).values()
    assert 'H1="$(openssl rand -hex 32)"' in text
    assert '"${H1}"' in text


def test_a_secret_is_a_variable_that_has_to_be_set() -> None:
    texts = "".join(scripts(run_of("open-attestation.receipt-status-missing")).values())
    assert ': "${API_KEY:?' in texts


def test_a_base_url_can_be_another() -> None:
    (text,) = scripts(run_of("open-attestation.key-optional")).values()
    assert "BASE_URL=${BASE_URL:-http://reference.test/status}" in text


def test_a_history_says_whether_it_was_sent_again() -> None:
    run = run_of("open-attestation.key-optional")
    cause = next(one for one in run.diagnosis if one.reproduction)
    assert "showed it again" in standing(cause, len(history_of(run, cause)))
