"""The commands that are compared: this suite at three efforts, and schemathesis' own command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from measuring import BIN

from conformance.registry import find

SCHEMAS = Path(__file__).parent.parent / "schemas"
Command = Callable[[str, str], list[str]]


def ours(effort: str) -> Command:
    """`status-conformance run` with the examples' inputs."""

    def command(contract: str, base_url: str) -> list[str]:
        words = [str(BIN / "status-conformance"), "run", contract, base_url, "--effort", effort]
        for name, values in inputs(contract).items():
            for value in values:
                words += [f"--{name}", value]
        return words

    return command


def schemathesis(*options: str) -> Command:
    """`schemathesis run` on the contract's OpenAPI document, with the key or token that the document asks for."""

    def command(contract: str, base_url: str) -> list[str]:
        document = SCHEMAS / contract / "openapi.yaml"
        words = [str(BIN / "schemathesis"), "run", str(document), "--url", base_url, "--seed", "1", *options]
        given = inputs(contract)
        if "api-key" in given:
            words += ["-H", f"x-api-key: {given['api-key'][0]}"]
        if "token" in given:
            words += ["-H", f"Authorization: Bearer {given['token'][0]}"]
        return words

    return command


def inputs(contract: str) -> Mapping[str, tuple[str, ...]]:
    """What the reference's examples give a run."""
    given: Mapping[str, tuple[str, ...]] = find(contract).module("reference").EXAMPLES
    return given


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
