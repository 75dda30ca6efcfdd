"""What a bundle proves: evidence of three classes, what stays open, and what the vendor cannot make up."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.certification import keys
from conformance.certification.bundle import RESULTS
from conformance.certification.issuing import Refused, certify, countersign
from conformance.certification.statement import OWN, Product
from conformance.certification.verification import Verification, disagreements, verify
from conformance.contract import Effort
from conformance.errors import UsageProblem
from conformance.report import results, writing
from conformance.schema import violations

from .certified import DIGEST, KEY, PRODUCT, WITNESS, cheated, folder_of, packed, run_of, said, unpacked
from .command import call

BOTH = [KEY.public_key(), WITNESS.public_key()]


def checked(tmp_path: Path, data: bytes, *by: keys.Public, name: str = "bundle.zip") -> Verification:
    path = tmp_path / name
    path.write_bytes(data)
    return verify(path, by)


def statement_of(tmp_path: Path, data: bytes) -> dict[str, Any]:
    return said(unpacked(data, tmp_path))


# The statement


def test_the_statement_is_a_test_result_of_in_toto(tmp_path: Path) -> None:
    found, run = statement_of(tmp_path, packed()), run_of()
    assert found["_type"] == "https://in-toto.io/Statement/v1"
    assert found["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert found["subject"] == [{"name": "Registry 2.1", "digest": {"sha256": "ab" * 32}}]
    predicate = found["predicate"]
    assert (predicate["result"], predicate["failedTests"], predicate["warnedTests"]) == ("PASSED", [], [])
    assert all(len(one["digest"]["sha256"]) == 64 for one in predicate["configuration"])
    own = predicate[OWN]
    told = {*predicate["passedTests"], *own["unassessed"]}
    assert told == {one.requirement.id for one in run.results}
    assert (own["kind"], own["limitations"], own["verdict"]) == ("certificate", [], "conformant")
    assert sorted(own["files"]) == sorted(writing.FILES)


def test_the_statement_and_the_verification_are_what_their_schemas_say(tmp_path: Path) -> None:
    assert violations("certificate", statement_of(tmp_path, packed())) == []
    for product in (PRODUCT, replace(PRODUCT, subject="")):
        checked(tmp_path, packed(product=product))
        done = call("verify", str(tmp_path / "bundle.zip"), str(tmp_path / "bundle.zip"), "--json")
        assert violations("verification", json.loads(done.out)) == []


def test_without_a_digest_the_subject_is_the_results_and_says_so(tmp_path: Path) -> None:
    product = replace(PRODUCT, subject="")
    found = statement_of(tmp_path, packed(product=product))
    assert found["subject"][0]["name"] == RESULTS
    assert found["predicate"][OWN]["subject"] == RESULTS
    assert f"sha256:{found['subject'][0]['digest']['sha256']}" == found["predicate"][OWN]["files"][RESULTS]


def test_a_breach_gets_a_statement_only(tmp_path: Path) -> None:
    folder = folder_of(run_of(fault="tydids.revoked-tomorrow", effort=Effort.QUICK), tmp_path / "run")
    with pytest.raises(Refused, match="no certificate: ") as refused:
        certify(folder, PRODUCT, KEY)
    assert any("loosened: effort is quick" in one for one in refused.value.reasons)
    data = certify(folder, PRODUCT, KEY, statement_only=True)
    own = statement_of(tmp_path, data)["predicate"][OWN]
    assert (own["kind"], own["limitations"]) == ("statement", list(refused.value.reasons))
    assert checked(tmp_path, data, KEY.public_key()).exit_code == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"vendor": ""},
        {"product": "a\nb"},
        {"version": "x" * 300},
        {"subject": "sha256:00"},
        {"subject": "md5:" + "0" * 32},
    ],
)
def test_what_cannot_be_a_product_is_refused(tmp_path: Path, changed: dict[str, str]) -> None:
    with pytest.raises(UsageProblem):
        certify(tmp_path, replace(PRODUCT, **changed), KEY)


def test_two_bundles_of_one_run_are_the_same_bytes(tmp_path: Path) -> None:
    folder = folder_of(run_of(), tmp_path / "run")
    assert certify(folder, PRODUCT, KEY) == certify(folder, PRODUCT, KEY)


# Evidence


def test_verifying_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert checked(tmp_path, packed(), KEY.public_key()).exit_code == 0


def test_without_a_key_all_but_the_signer_is_checked(tmp_path: Path) -> None:
    found = checked(tmp_path, packed())
    assert (found.exit_code, found.evidence, len(found.open)) == (3, "none", 1)
    assert {one.name for one in found.checks} >= {"outcomes", "requests", "integrity"}


def test_a_witness_signs_the_same_statement(tmp_path: Path) -> None:
    path = tmp_path / "own.zip"
    path.write_bytes(packed())
    both = countersign(path, WITNESS)
    assert statement_of(tmp_path, both) == statement_of(tmp_path, packed())
    assert (checked(tmp_path, both, *BOTH).exit_code, checked(tmp_path, both, *BOTH).evidence) == (
        0,
        "witnessed",
    )
    assert "signed by another key" in checked(tmp_path, both, KEY.public_key()).reasons[0]
    with pytest.raises(UsageProblem, match="has signed the statement already"):
        countersign(path, KEY)


def test_nobody_witnesses_what_does_not_hold(tmp_path: Path) -> None:
    data = results.to_json(run_of(effort=Effort.QUICK))
    data["exchanges"][3]["intent"]["sample"] = "other"
    path = tmp_path / "wrong.zip"
    path.write_bytes(cheated(data))
    with pytest.raises(Refused):
        countersign(path, WITNESS)


def pair(tmp_path: Path, second: bytes) -> list[str]:
    first = checked(tmp_path, packed(), *BOTH, name="first.zip")
    return list(disagreements(first, checked(tmp_path, second, *BOTH, name="second.zip")))


def test_two_signers_reproduce_a_run_of_the_same_digest(tmp_path: Path) -> None:
    assert pair(tmp_path, packed("another nonce", WITNESS)) == []


def test_what_is_no_reproduction_is_told(tmp_path: Path) -> None:
    assert pair(tmp_path, packed(key=WITNESS)) == ["they hold the same run"]
    assert pair(tmp_path, packed("another nonce")) == ["the same key signed both"]
    other = Product("Acme", "Registry", "2.1", DIGEST.replace("ab", "cd"))
    assert pair(tmp_path, packed("another nonce", WITNESS, other)) == ["they are about different digests"]
    without = replace(PRODUCT, subject="")
    assert "not both name the digest" in pair(tmp_path, packed("another nonce", WITNESS, without))[0]


# Other suites


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"version": "0.0.1"}, "verify it with that version"),
        ({"checks": "sha256:00"}, "was altered"),
        ({"catalogue": "sha256:00"}, "other requirements"),
    ],
)
def test_what_another_suite_made_is_neither_certified_nor_decided(
    tmp_path: Path, changed: dict[str, str], told: str
) -> None:
    run = replace(run_of(), suite=replace(run_of().suite, **changed))
    with pytest.raises(Refused, match=told):
        certify(folder_of(run, tmp_path / "run"), PRODUCT, KEY)
    found = checked(tmp_path, cheated(results.to_json(run)), KEY.public_key())
    assert found.exit_code == 3
    assert told in found.open[0]


def test_a_strangers_words_do_nothing_to_the_terminal(tmp_path: Path) -> None:
    run = replace(
        run_of(),
        reason="\x1b]0;owned\x07\x1b[2J\nevidence: reproduced",
        suite=replace(run_of().suite, version="\x1b[31m\x9b2J"),
    )
    (tmp_path / "bundle.zip").write_bytes(cheated(results.to_json(run)))
    done = call("verify", str(tmp_path / "bundle.zip"))
    assert done.code == 3
    assert [one for one in done.out if ord(one) < 32 and one != "\n"] == []
    assert "\x9b" not in done.out
    assert "evidence: reproduced" not in done.out.splitlines()


# The commands


@pytest.fixture
def signer(tmp_path: Path) -> Path:
    assert call("keygen", str(tmp_path / "key")).code == 0
    return tmp_path / "key"


def certified(tmp_path: Path, signer: Path, *more: str) -> Any:
    return call(
        "certify", str(tmp_path / "run"), "--vendor", "Acme", "--product", "Registry", "--product-version", "2.1",
        "--key", str(signer), *more,
    )  # fmt: skip


def test_the_commands_lead_from_a_run_to_a_verified_bundle(tmp_path: Path, signer: Path) -> None:
    folder_of(run_of(), tmp_path / "run")
    assert certified(tmp_path, signer).code == 0
    path = str(tmp_path / "run.zip")
    done = call("verify", path, "--key", f"{signer}.pub")
    assert (done.code, done.err) == (0, "")
    for text in (
        "verified, a certificate: Acme Registry 2.1 is conformant",
        "proven:",
        "not proven:",
        "self-attested",
    ):
        assert text in done.out
    assert call("verify", path).code == 3
    data = json.loads(call("verify", path, "--key", f"{signer}.pub", "--json").out)
    assert (data["result"], data["bundles"][0]["evidence"]) == ("verified", "self-attested")
    again = certified(tmp_path, signer)
    assert (again.code, "--overwrite" in again.err) == (2, True)
    assert certified(tmp_path, signer, "--overwrite").code == 0


def test_the_command_witnesses_and_compares(tmp_path: Path, signer: Path) -> None:
    call("keygen", str(tmp_path / "witness"), "--type", "ecdsa-p256")
    folder_of(run_of(), tmp_path / "run")
    path, both = tmp_path / "run.zip", tmp_path / "both.zip"
    certified(tmp_path, signer, "--subject", DIGEST)
    done = call(
        "certify", "--countersign", str(path), "--key", str(tmp_path / "witness"), "--output", str(both)
    )
    assert done.code == 0
    known = ("--key", f"{signer}.pub", "--key", str(tmp_path / "witness.pub"))
    assert "evidence: witnessed" in call("verify", str(both), *known).out
    done = call("verify", str(path), str(both), *known)
    assert done.code == 1
    assert "not reproduced: they hold the same run" in done.out
    folder_of(run_of(nonce="another nonce"), tmp_path / "run")
    call("certify", str(tmp_path / "run"), "--vendor", "Scheme", "--product", "Registry", "--product-version", "2.1",
         "--key", str(tmp_path / "witness"), "--subject", DIGEST, "--output", str(both), "--overwrite")  # fmt: skip
    done = call("verify", str(path), str(both), *known)
    assert (done.code, done.out.splitlines()[-1]) == (0, "evidence together: reproduced")


def test_what_gets_no_certificate_is_told_in_lines(tmp_path: Path, signer: Path) -> None:
    folder_of(run_of(effort=Effort.QUICK, watch=0.0), tmp_path / "run")
    done = certified(tmp_path, signer)
    assert done.code == 1
    assert "watched the deployment for" in done.err
    assert "--statement" in done.err
    assert not (tmp_path / "run.zip").exists()
    assert certified(tmp_path, signer, "--statement").code == 0
    assert "a statement:" in call("verify", str(tmp_path / "run.zip"), "--key", f"{signer}.pub").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            (
                "certify",
                "{}/nowhere",
                "--key",
                "{}/key",
                "--vendor",
                "a",
                "--product",
                "b",
                "--product-version",
                "c",
            ),
            "no results.json",
        ),
        (("certify", "{}", "--key", "{}/key"), "--vendor is missing"),
        (("certify", "--key", "{}/key"), "give RUN_DIR"),
        (("certify", "{}", "--key", "{}/key.pub"), "holds a public key"),
        (("certify", "{}", "--key", "{}/none"), "cannot be read"),
        (("certify", "--countersign", "{}/key", "--key", "{}/key", "--output", "{}/x"), "is not a bundle"),
        (("verify", "{}"), "it is no file"),
        (("verify", "{}/key"), "is not a bundle"),
        (("verify", "{}/none"), "it is no file"),
        (("verify", "{}/key", "--key", "{}/key"), "holds a private key"),
        (("verify", "a", "b", "c"), "one bundle, or two"),
    ],
)
def test_bad_input_is_a_sentence(tmp_path: Path, signer: Path, arguments: tuple[str, ...], told: str) -> None:
    done = call(*(one.format(signer.parent) for one in arguments))
    assert done.code == 2
    assert told in done.err
    assert len(done.err.splitlines()) <= 2


def test_results_of_another_version_are_refused(tmp_path: Path, signer: Path) -> None:
    folder = folder_of(run_of(), tmp_path / "run")
    data = json.loads((folder / RESULTS).read_text())
    (folder / RESULTS).write_text(json.dumps({**data, "version": 1}))
    done = certified(tmp_path, signer)
    assert (done.code, "version 1 cannot be read" in done.err) == (2, True)


def test_a_run_for_a_certificate_refuses_to_be_loosened() -> None:
    address = ("run", "tydids", "http://127.0.0.1:9", "--granted", "0x1", "--certificate")
    for options in (("--insecure",), ("--effort", "quick"), ("--watch", "5"), ("--only", "TY-G1"),
                    ("--clock-tolerance", "900"), ("--fuzz", "0"), ("--level", "must")):  # fmt: skip
        done = call(*address, *options)
        assert (done.code, done.err.startswith("status-conformance: with --certificate, ")) == (2, True), (
            options
        )
