"""What is signed: an in-toto Statement with a Test Result (https://in-toto.io/attestation/test-result/v0.1)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from conformance.certification.bundle import RESULTS
from conformance.certification.eligibility import limitations
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, Run, Verdict
from conformance.report import results
from conformance.report.text import timestamp

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
OWN = "https://status-conformance.dev/certificate/v1"
"""The member of the predicate that holds what a Test Result has no place for."""
CERTIFICATE, STATEMENT_ONLY = "certificate", "statement"
DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
LONGEST = 200

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Product:
    """Who made what: as the signer says, and nobody else."""

    vendor: str
    product: str
    version: str
    subject: str = ""

    def check(self) -> None:
        """Raise UsageProblem for what cannot be a name, or a digest."""
        for name, text in asdict(self).items():
            if len(text) > LONGEST or not text.isprintable():
                raise UsageProblem(
                    f"the {name} cannot be {ascii(text)[:60]}", hint="a short text on one line"
                )
        if not (self.vendor.strip() and self.product.strip() and self.version.strip()):
            raise UsageProblem("vendor, product and product version cannot be empty")
        if self.subject and not DIGEST.fullmatch(self.subject):
            raise UsageProblem(
                f"--subject {ascii(self.subject)[:60]} is no digest",
                hint="give it as sha256: and 64 hexadecimal digits",
            )


def statement(run: Run, product: Product, files: Mapping[str, bytes]) -> Json:
    """What is said about `run`; `files` are those beside the attestation, by name."""
    own = _digest(files[RESULTS])
    about = DIGEST.fullmatch(product.subject)
    subject = {
        "name": f"{product.product} {product.version}" if about else RESULTS,
        "digest": {"sha256": about[1] if about else own},
    }
    return {
        "_type": STATEMENT,
        "subject": [subject],
        "predicateType": PREDICATE,
        "predicate": {
            "result": _result(run),
            "configuration": _configuration(run),
            "passedTests": _ids(run, Outcome.PASSED, Outcome.NOTED),
            "warnedTests": _ids(run, Outcome.WARNED),
            "failedTests": _ids(run, Outcome.FAILED, Outcome.ERROR),
            OWN: _own(run, product, files),
        },
    }


def _own(run: Run, product: Product, files: Mapping[str, bytes]) -> Json:
    found = limitations(run)
    return {
        "kind": STATEMENT_ONLY if found else CERTIFICATE,
        "limitations": list(found),
        "evidence": "self-attested",
        "vendor": product.vendor,
        "product": product.product,
        "productVersion": product.version,
        "subject": "given by the vendor" if product.subject else RESULTS,
        "contract": run.contract,
        "baseUrl": run.base_url,
        "verdict": run.verdict.value,
        "scope": run.scope.description,
        "started": timestamp(run.started),
        "ended": timestamp(run.ended),
        "watched": round(run.watched, 3),
        "unassessed": _ids(run, Outcome.SKIPPED, Outcome.INCONCLUSIVE),
        "files": digests(files),
    }


def _result(run: Run) -> str:
    """The result in the words of the predicate, which has none for what was not decided: that is no pass."""
    if run.verdict is not Verdict.CONFORMANT:
        return "FAILED"
    return "WARNED" if run.with_outcome(Outcome.WARNED) else "PASSED"


def _configuration(run: Run) -> list[Json]:
    suite, settings = run.suite, results.to_json(run)["settings"]
    digests = {
        f"{run.contract} requirements": suite.catalogue.removeprefix("sha256:"),
        "suite": suite.checks.removeprefix("sha256:"),
        "settings": _digest(canonical(settings)),
    }
    found: list[Json] = [{"name": name, "digest": {"sha256": value}} for name, value in digests.items()]
    found[1]["uri"] = f"pkg:pypi/status-conformance@{suite.version}"
    return found


def _ids(run: Run, *outcomes: Outcome) -> list[str]:
    return [one.requirement.id for one in run.with_outcome(*outcomes)]


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """The digest of each file."""
    return {name: f"sha256:{_digest(data)}" for name, data in sorted(files.items())}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def canonical(data: Any) -> bytes:
    """JSON that is written in one way only."""
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode("ascii")


def product_of(said: Mapping[str, Any]) -> Product:
    """Who and what a statement is about; raises UsageProblem when it does not say so."""
    try:
        own, digest = said["predicate"][OWN], said["subject"][0]["digest"]["sha256"]
        given = f"sha256:{digest}" if own["subject"] != RESULTS else ""
        found = Product(own["vendor"], own["product"], own["productVersion"], given)
        found.check()
    except (AttributeError, IndexError, KeyError, TypeError):
        raise UsageProblem("the statement does not say whose product it is about") from None
    return found
