"""A small contract in a package of its own, as a third party would ship one."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.contract import Contract

NAME = "toy_contract_of_the_tests"
INIT = """
from pathlib import Path
from conformance.contract import Contract, Input
CONTRACT = Contract(
    name="toy", title="Toy API", package=__name__, base_hint="what stands before /a", write_key="key",
    credential_headers=("x-key",), requirements_file=Path(__file__).with_name("requirements.json"),
    inputs=(
        Input("key", "the key", "SECRET", secret=True),
        Input("id", "an id", repeatable=True),
    ),
)
"""
DRIVER = """
class Driver:
    def __init__(self, client, settings, redactor):
        self.client, self.settings = client, settings
    def get(self, path, **intent):
        return self.client.send("GET", path, intent={"path": path, **intent})
    def put(self, path):
        headers = (("x-key", self.settings.one("key") or ""),)
        return self.client.send("POST", path, headers=headers, body=b"{}", intent={"path": path}, writes=True)
"""
JUDGE = """
from conformance.contract import rule
from conformance.diagnosis.circumstances import Standing
from conformance.evidence import Answer, answer, received, speaks
def standing(exchange):
    return Standing(True, False, speaks(exchange))
def view(exchanges, settings):
    return exchanges
def about(path):
    def decide(seen, assessment, name=path):
        for exchange in seen:
            if exchange.intent.get("path") != path:
                continue
            if answer(exchange) is Answer.UNDECIDED:
                assessment.unclear("T-" + path[1:].upper(), exchange, message="no answer")
            elif exchange.status == 200:
                assessment.met("T-" + path[1:].upper(), exchange)
            else:
                assessment.broken("T-" + path[1:].upper(), exchange, message="is not 200", expected="200",
                                  received=received(exchange))
    return rule("T-" + path[1:].upper())(decide)
@rule("T-X")
def crashes(seen, assessment):
    if any(exchange.status == 418 for exchange in seen):
        raise RuntimeError("a teapot")
RULES = (about("/a"), about("/b"), about("/c"), about("/w"), crashes)
"""
CHECKS = """
import pytest
@pytest.mark.requirement("T-A")
def test_a(deployment):
    deployment.get("/a")
@pytest.mark.requirement("T-B", "T-C")
def test_b_and_c(deployment):
    deployment.client.gather([lambda: deployment.get("/b"), lambda: deployment.get("/c")])
@pytest.mark.requirement("T-W")
@pytest.mark.needs("key")
@pytest.mark.writes
def test_w(deployment):
    deployment.put("/w")
@pytest.mark.requirement("T-X")
def test_x(deployment, id):
    deployment.get("/x", id=id)
"""


def entry(id: str, level: str, **more: Any) -> dict[str, Any]:
    """One entry of its catalogue."""
    fields = {
        "topic": "t",
        "title": f"title of {id}",
        "statement": f"{id} holds.",
        "assessment": "It is asked for.",
    }
    source = {"document": "The toy document", "section": "One", "quote": "it holds"}
    return {"id": id, "level": level, "source": source, "needs": [], "writes": False, **fields, **more}


ENTRIES = [
    entry("T-A", "MUST"),
    entry("T-B", "SHOULD"),
    entry("T-C", "MAY"),
    entry("T-W", "MUST", needs=["key"], writes=True),
    entry("T-X", "SHOULD", needs=["id"]),
    entry("T-N", "MUST", not_assessed="nobody can see it"),
]


@contextmanager
def installed(folder: Path, **files: str) -> Iterator[Contract]:
    """The contract, importable from `folder`; `files` replace or add modules of its package."""
    package = folder / NAME
    package.mkdir(parents=True)
    modules = {"__init__": INIT, "driver": DRIVER, "judge": JUDGE, "test_toy": CHECKS, **files}
    for name, text in modules.items():
        (package / f"{name}.py").write_text(text)
    catalogue = {
        "contract": "toy",
        "title": "Toy API",
        "document": {"url": "https://toy.example"},
        "requirements": ENTRIES,
    }
    (package / "requirements.json").write_text(json.dumps(catalogue))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        try:
            yield importlib.import_module(NAME).CONTRACT
        finally:
            for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
                del sys.modules[name]
