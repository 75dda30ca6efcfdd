"""The commands that are compared: this suite at three efforts, and schemathesis' own command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from measuring import BIN

from conformance.proof.cases import Case, setting
from conformance.registry import find

SCHEMAS = Path(__file__).parent.parent / "schemas"
Command = Callable[[Case, str], list[str]]
SUITE = str(BIN / "status-conformance")


def ours(effort: str) -> Command:
    """`status-conformance run` with what an operator of such a deployment would give."""

    def command(case: Case, base_url: str) -> list[str]:
        words = [SUITE, "run", case.contract, base_url, "--effort", effort]
        for name, values in inputs(case).items():
            for value in values:
                words += [f"--{name}", value]
        for url, path in dict(setting(case).settings).get("jsonld_contexts", {}).items():
            words += ["--jsonld-context", f"{url}={path}"]
        return words

    return command


def schemathesis(*options: str) -> Command:
    """`schemathesis run` on the contract's OpenAPI document, with the key or token that the document asks for."""

    def command(case: Case, base_url: str) -> list[str]:
        document = SCHEMAS / case.contract / "openapi.yaml"
        words = [str(BIN / "schemathesis"), "run", str(document), "--url", base_url, "--seed", "1", *options]
        given = inputs(case)
        if "api-key" in given:
            words += ["-H", f"x-api-key: {given['api-key'][0]}"]
        if "token" in given:
            words += ["-H", f"Authorization: Bearer {given['token'][0]}"]
        return words

    return command


def inputs(case: Case) -> Mapping[str, tuple[str, ...]]:
    """What the reference's examples and the case give a run."""
    return {**find(case.contract).module("reference").EXAMPLES, **setting(case).inputs}


def table(name: str, case: Case, base_url: str) -> str:
    """A deployment's table in the configuration of a fleet."""
    single = {one.name for one in find(case.contract).inputs if not one.repeatable}
    values = {key: given[0] if key in single else list(given) for key, given in inputs(case).items()}
    entries = {"name": name, "contract": case.contract, "base_url": base_url, **values}
    return "\n".join(["[[deployment]]", *(f"{key} = {json.dumps(value)}" for key, value in entries.items())])


QUICK, STANDARD, DEEP = "this suite, quick", "this suite, standard", "this suite, deep"
DEFAULT, EVERYTHING = "schemathesis, default settings", "schemathesis, everything on"
CONTENDERS: dict[str, Command] = {
    QUICK: ours("quick"),
    STANDARD: ours("standard"),
    DEEP: ours("deep"),
    DEFAULT: schemathesis(),
    EVERYTHING: schemathesis(
        "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"
    ),
}
