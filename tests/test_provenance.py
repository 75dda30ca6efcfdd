"""What a run was made with: every setting beside its default, told in every report, and read again."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from conformance.catalogue import Level
from conformance.contract import Contract, Effort, Settings
from conformance.efforts import most_seconds
from conformance.errors import UsageProblem
from conformance.outcome import Kind, Setting
from conformance.provenance import _checks, digest_of, read_settings, settings_of, suite
from conformance.registry import BUILT_IN, contracts, find
from conformance.runner import Plan, way_of
from conformance.target import parse
from conformance.wire.exchange import Headers
from conformance.wire.limits import Limits
from conformance.wire.route import Route

from .certificates import make, needs_openssl
from .command import SAMPLES, judge, reference

DEFAULTS = Settings()


def told(
    contract: Contract, settings: Settings, limits: Limits | None = None, **more: Any
) -> dict[str, Setting]:
    return {one.name: one for one in settings_of(contract, settings, limits or Limits(), **more)}


@pytest.mark.parametrize("contract", BUILT_IN)
def test_every_setting_is_told_and_none_deviates_by_itself(contract: str) -> None:
    found = told(find(contract), DEFAULTS, Limits(deadline=most_seconds(DEFAULTS)))
    known = {one.name.replace("_", "-") for one in (*fields(Settings), *fields(Limits))}
    inputs = {one.name for one in find(contract).inputs}
    assert set(found) == known - {"inputs", "jsonld-contexts"} | inputs | {"only", "level", "jsonld-context"}
    assert [one for one in found.values() if one.deviates] == []


@pytest.mark.parametrize(
    ("name", "changed", "value", "default"),
    [
        ("consistency-window", {"consistency_window": 0.5}, 0.5, DEFAULTS.consistency_window),
        ("clock-tolerance", {"clock_tolerance": 1e9}, 1e9, 300.0),
        ("read-only", {"read_only": True}, True, False),
        ("effort", {"effort": Effort.QUICK}, "quick", "standard"),
        ("fuzz", {"fuzz": 7}, 7, None),
        ("robustness", {"robustness": True}, True, False),
        ("consensus-slack", {"inputs": {"consensus-slack": ("3",)}}, "3", "0"),
    ],
)
def test_what_is_changed_stands_beside_its_default(
    name: str, changed: dict[str, Any], value: Any, default: Any
) -> None:
    found = told(find("tydids"), Settings(**changed))[name]
    assert (found.kind, found.value, found.default, found.deviates) == (Kind.OPTION, value, default, True)


def test_limits_and_scope_are_told() -> None:
    limits = Limits(timeout=1.0, rate=2.5, deadline=9.0, concurrency=1, max_requests=12)
    found = told(find("dcp"), DEFAULTS, limits, only=("DCP-S1",), level=Level.MUST)
    names = ("timeout", "rate", "deadline", "concurrency", "max-requests", "only", "level")
    assert [found[name].value for name in names] == [1.0, 2.5, 9.0, 1, 12, ["DCP-S1"], "MUST"]
    assert all(found[name].deviates for name in names)


def test_the_bound_on_requests_that_goes_with_the_effort_is_the_default() -> None:
    deep = Settings(effort=Effort.DEEP)
    assert not told(find("dcp"), deep, Limits(max_requests=2500))["max-requests"].deviates
    assert told(find("dcp"), deep, Limits(max_requests=1000))["max-requests"].deviates


def test_of_a_secret_only_that_it_was_given_is_told() -> None:
    found = told(find("dcp"), Settings(inputs={"token": ("the secret token",)}))["token"]
    assert found == Setting("token", Kind.SECRET, "given")
    assert told(find("dcp"), DEFAULTS)["token"].value is None


def test_a_context_is_told_by_its_digest(tmp_path: Path) -> None:
    file = tmp_path / "context.jsonld"
    file.write_text("{}")
    found = told(find("dcp"), Settings(jsonld_contexts={"https://ex.example": file}))["jsonld-context"]
    assert found.value == {"https://ex.example": digest_of(file)}
    assert found.deviates
    with pytest.raises(UsageProblem, match="cannot be read"):
        digest_of(tmp_path / "nothing")


@needs_openssl
def test_the_way_to_the_deployment_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    made = make(tmp_path)

    def way(route: Route, extra: Headers = ()) -> dict[str, Setting]:
        target = parse("https://h.example/v2.0", find("tydids"), extra)
        return {one.name: one for one in way_of(Plan(target, route=route))}

    assert [one for one in way(Route(proxy="none")).values() if one.deviates and one.name != "proxy"] == []
    trusting = way(Route(ca_file=made.certificate, proxy="none"))["ca-file"]
    assert trusting.deviates and re.fullmatch("SHA-256 [0-9a-f:]+", str(trusting.value), re.IGNORECASE)
    assert way(Route(insecure=True))["insecure"].deviates
    proxy = way(Route(proxy="http://anna:secret-password@proxy.example:3128"))["proxy"]
    assert proxy.deviates and "proxy.example" in str(proxy.value)
    assert "secret-password" not in str(proxy.value)
    assert way(Route(), (("X-Gateway", "secret-value"),))["header"].value == ["X-Gateway"]


@pytest.mark.parametrize("contract", contracts(), ids=lambda one: one.name)
def test_settings_are_read_as_they_were(contract: Contract) -> None:
    given = {one.name: ("given",) if one.secret else (one.default or "x",) for one in contract.inputs}
    settings = Settings(
        inputs=given,
        read_only=True,
        consistency_window=0.1,
        clock_tolerance=1 / 3,
        nonce="n",
        seed=7,
        effort=Effort.DEEP,
        fuzz=3,
        robustness=True,
        watch=0.25,
    )
    recorded = settings_of(contract, settings, Limits())
    assert read_settings(recorded, contract, {}) == settings
    assert read_settings((), contract, {}) == Settings()
    assert read_settings(settings_of(contract, DEFAULTS, Limits()), contract, {}).watches == DEFAULTS.watches
    whole = tuple(replace(one, value=2) if one.name == "watch" else one for one in recorded)
    assert read_settings(whole, contract, {}).watch == 2.0


def test_who_judged_is_told() -> None:
    found = suite(find("tydids"))
    assert found.catalogue == find("tydids").catalogue.digest != find("dcp").catalogue.digest
    assert found.version and found.python.count(".") == 2
    assert {"jsonschema", "PyLD", "httpx", "hypothesis", "schemathesis"} <= set(found.libraries)


def test_what_bends_a_verdict_is_told_in_every_report(tmp_path: Path) -> None:
    with reference() as base_url:
        options = ("--clock-tolerance", "1e9", "--insecure", "--only", "TY-G1", "--effort", "quick")
        done = judge("tydids", f"{base_url}/v2.0", tmp_path / "out", *SAMPLES, *options)
    headline = "conformant for only TY-G1, TLS not verified: 1 of 1 MUST in scope hold"
    odd = ("--clock-tolerance 1000000000 (default 300)", "--insecure", "--only TY-G1", "--effort quick")
    assert done.results["headline"] == headline
    settings = {one["name"]: one for one in done.results["settings"]}
    assert settings["clock-tolerance"] == {
        "name": "clock-tolerance", "kind": "option", "value": 1e9, "default": 300.0
    }  # fmt: skip
    shown = done.everything()
    assert shown["stdout"].split("CONFORMANT", 1)[1].startswith(headline.removeprefix("conformant")[:30])
    for name in ("stdout", "report.html", "junit.xml"):
        flat = " ".join(shown[name].split())
        assert [one for one in odd if one not in flat] == [], name
    assert shown["report.html"].index("--clock-tolerance 1000000000") < shown["report.html"].index("<main>")
    assert json.dumps(done.results).count("insecure") >= 1


def test_the_digest_of_the_checks_follows_what_judges_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, schemas = tmp_path / "conformance", tmp_path / "schemas"
    for path in ("judging.py", "contracts/toy/judge.py", "report/html.py", "checks.ini", "fixtures/a.json"):
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text("one")
    schemas.mkdir()
    (schemas / "toy.schema.json").write_text("one")
    (schemas / "proof.json").write_text("one")
    monkeypatch.setattr("conformance.provenance.PACKAGE", package)
    monkeypatch.setattr("conformance.provenance.folder", lambda _: schemas)

    def digest() -> str:
        _checks.cache_clear()
        return _checks(package / "contracts" / "toy")

    try:
        first = digest()
        for path in (package / "report/html.py", package / "fixtures/a.json", schemas / "proof.json"):
            path.write_text("two")
            assert digest() == first, path
        for path in (package / "judging.py", package / "checks.ini", schemas / "toy.schema.json"):
            path.write_text("two")
            assert digest() != first, path
            path.write_text("one")
            assert digest() == first
        (package / "more.py").write_text("")
        assert digest() != first
    finally:
        _checks.cache_clear()


def test_every_run_names_the_digest_of_the_checks() -> None:
    found = {suite(find(name)).checks for name in BUILT_IN}
    assert len(found) == 1
    assert re.fullmatch("sha256:[0-9a-f]{64}", found.pop())
