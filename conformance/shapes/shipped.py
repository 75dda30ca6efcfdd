"""The cases of the coverage phase as a file: they never differ, so a run need not spend its first second on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.openapi import GeneratedCase
from conformance.resources import folder

FORMAT = "status-conformance/openapi-cases"
VERSION = 1


def file_of(contract: str) -> Path:
    """Where the cases of a contract are."""
    return folder("schemas") / contract / "openapi-cases.json"


def coverage_cases(contract: str) -> list[GeneratedCase]:
    """The cases of the coverage phase: as shipped, or drawn now for a contract that ships none."""
    file = file_of(contract)
    if file.is_file():
        return read(file.read_bytes())
    from conformance.shapes import drawing

    return drawing.coverage(contract)


def read(data: bytes) -> list[GeneratedCase]:
    """The cases in a file."""
    return [_read(one) for one in json.loads(data)["cases"]]


def _read(one: dict[str, Any]) -> GeneratedCase:
    return GeneratedCase(
        one["operation"],
        one["method"],
        one["path"],
        one["parameters"],
        one["headers"],
        one["body"].encode(),
        one["description"],
    )


def render(contract: str, cases: list[GeneratedCase]) -> bytes:
    """The file that holds `cases`."""
    data = {
        "$schema": "../openapi-cases.schema.json",
        "format": FORMAT,
        "version": VERSION,
        "contract": contract,
        "cases": [_written(one) for one in cases],
    }
    return json.dumps(data, indent=2).encode() + b"\n"


def _written(case: GeneratedCase) -> dict[str, Any]:
    return {
        "operation": case.operation,
        "method": case.method,
        "path": case.path,
        "parameters": dict(case.parameters),
        "headers": dict(case.headers),
        "body": case.body.decode(),
        "description": case.description,
    }
