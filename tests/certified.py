"""A certified run, for the tests of bundles: a real run in process, on a clock that does not wait."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from conformance.certification import bundle, envelope, keys
from conformance.certification.bundle import ATTESTATION, RESULTS
from conformance.certification.envelope import Envelope
from conformance.certification.issuing import certify
from conformance.certification.statement import Product, canonical, statement
from conformance.certification.verification import reports
from conformance.contract import Effort
from conformance.outcome import Run
from conformance.proof.cases import Case, run_case
from conformance.report import results, writing

KEY, WITNESS = keys.generate(keys.KeyType.ED25519), keys.generate(keys.KeyType.P256)
DIGEST = "sha256:" + "ab" * 32
PRODUCT = Product("Acme", "Registry", "2.1", DIGEST)
Files = Mapping[str, bytes]


def recorded(case: Case, **changed: Any) -> Run:
    """A run of `case`, as its report tells it; one request at a time, since threads on a virtual clock take turns by chance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conformance.wire.parallel.gather", lambda calls, *_: [call() for call in calls])
        return results.read(results.render(run_case(case, **changed)))


@cache
def run_of(
    contract: str = "tydids", fault: str = "", effort: Effort = Effort.STANDARD, **changed: Any
) -> Run:
    """A run that watched for 30 s, as its report tells it."""
    case = Case(contract, "fault" if fault else "healthy", fault)
    return recorded(case, effort=effort, **{"watch": 30.0, **changed})


def folder_of(run: Run, folder: Path) -> Path:
    """The reports of `run` in a folder."""
    writing.write_all(run, folder)
    return folder


@cache
def packed(
    nonce: str = "", key: keys.Private = KEY, product: Product = PRODUCT, *, quick: bool = False
) -> bytes:
    """A bundle of a healthy run."""
    changed = {"nonce": nonce} if nonce else {}
    run = run_of(effort=Effort.QUICK if quick else Effort.STANDARD, **changed)
    with TemporaryDirectory() as folder:
        return certify(folder_of(run, Path(folder) / "run"), product, key, statement_only=quick)


def unpacked(data: bytes, folder: Path) -> dict[str, bytes]:
    """The files of a bundle."""
    path = folder / "unpacked.zip"
    path.write_bytes(data)
    return bundle.read(path)


def said(files: Files) -> dict[str, Any]:
    """The statement in the files of a bundle."""
    found: dict[str, Any] = json.loads(envelope.read(files[ATTESTATION]).payload)
    return found


def signed(payload: Any, files: Files, key: keys.Private = KEY) -> bytes:
    """A bundle of `files` with `payload` signed."""
    attestation = Envelope(canonical(payload)).signed_by(key).render()
    return bundle.pack({**files, ATTESTATION: attestation})


def cheated(data: Any, key: keys.Private = KEY, product: Product = PRODUCT) -> bytes:
    """What a vendor would sign who altered the results, and knows how a bundle is made; `data` is a results.json."""
    text = json.dumps(data, indent=1).encode() + b"\n"
    run = results.from_json(data)
    files = {RESULTS: text, **reports(run)}
    return signed(statement(run, product, files), files, key)
