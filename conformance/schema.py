"""Offline JSON Schema validation and the OpenAPI documents that the suite ships."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from conformance.errors import ResourceMissing
from conformance.resources import folder

SHOWN_CHARACTERS = 60
"""How much of a value a message shows."""

PER_MEMBER = 20
"""How many violations are told of one member of the instance; a long list of bad entries says no more."""

LOOKED_AT = 5000
"""How many violations are looked at: what a server sends must not keep the judge busy for long."""

LEVELS = 40
"""How deep an instance that is nested too deeply to be judged is judged."""

KINDS = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}

TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"))
"""In this order, since a bool is an int in Python."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which an instance is not what its schema says.

    `path` is a JSON Pointer into the instance; that of a missing member is where the member would be.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def violations(schema_name: str, instance: object) -> list[Violation]:
    """What is wrong with `instance` by the schema `schema_name`, such as "tydids/granted"; [] when it is valid.

    As JSON Schema has it, an integer is one by value: 1.0 is valid where an integer is asked for. Raises
    ResourceMissing when no such schema is shipped.
    """
    try:
        errors = list(islice(_validator(schema_name).iter_errors(instance), LOOKED_AT))
    except RecursionError:
        return violations(schema_name, _shallow(instance, LEVELS))
    found = dict.fromkeys(violation for error in errors for violation in _told(error))
    return list(_thinned(found))


def _shallow(value: object, levels: int) -> object:
    """`value` with null in place of all that is nested deeper, where no schema of ours looks."""
    if isinstance(value, dict):
        return {name: _shallow(one, levels - 1) for name, one in value.items()} if levels else None
    if isinstance(value, list):
        return [_shallow(one, levels - 1) for one in value] if levels else None
    return value


def load_openapi(contract: str) -> dict[str, Any]:
    """The OpenAPI document of a contract, as a copy that the caller may change."""
    return copy.deepcopy(_openapi(contract))


def schema_file(schema_name: str) -> Path:
    """Where the schema `schema_name` is."""
    return folder("schemas") / f"{schema_name}.schema.json"


def json_type(value: object) -> str:
    """The JSON type of a parsed value; 1.0 is a number, 1 an integer."""
    if value is None:
        return "null"
    return next((name for kind, name in TYPES if isinstance(value, kind)), "object")


def shown(value: object) -> str:
    """A value as a message shows it: scalars as JSON, clipped; containers by their kind."""
    if isinstance(value, list | dict):
        return KINDS[json_type(value)]
    text = json.dumps(value, ensure_ascii=False)
    return clipped(text if text.isprintable() else json.dumps(value))


def clipped(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


@cache
def _openapi(contract: str) -> dict[str, Any]:
    import yaml

    quick = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(_read(folder("schemas") / contract / "openapi.yaml"), Loader=quick)
    return document


@cache
def _validator(schema_name: str) -> Any:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

    return Draft202012Validator(json.loads(_read(schema_file(schema_name))), registry=_registry())


@cache
def _registry() -> Any:
    """Every shipped schema by its $id; anything else cannot be resolved, so nothing is ever fetched."""
    from referencing import Registry, Resource

    files = sorted(folder("schemas").rglob("*.schema.json"))
    resources = (Resource.from_contents(json.loads(_read(file))) for file in files)
    return Registry().with_resources((str(resource.id()), resource) for resource in resources)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        message = f"{file.parent.name}/{file.name} is not among the shipped schemas"
        raise ResourceMissing(message, hint="reinstall the package", looked_in=(str(file),)) from None


def _thinned(found: Mapping[Violation, None]) -> Iterator[Violation]:
    told: Counter[str] = Counter()
    for violation in found:
        member = "/".join(violation.path.split("/")[:2])
        told[member] += 1
        if told[member] <= PER_MEMBER:
            yield violation


def _told(error: Any) -> Iterator[Violation]:
    path = _pointer(error.absolute_path)
    if error.validator == "required":
        missing = (name for name in error.validator_value if name not in error.instance)
        yield from (Violation(path + _pointer([name]), "is missing") for name in missing)
    else:
        yield Violation(path, _message(error))


def _message(error: Any) -> str:
    value, expected = error.instance, error.validator_value
    if error.validator == "type":
        named = value is None or isinstance(value, list | dict)
        return f"{'' if named else shown(value) + ' '}is {_kind(value)}, not {_either(expected)}"
    if error.validator == "const":
        return f"{shown(value)} is not {shown(expected)}"
    if error.validator == "enum":
        return f"{shown(value)} is none of {', '.join(map(shown, expected))}"
    if error.validator == "contains" and "const" in expected:
        return f"no entry is {shown(expected['const'])}"
    return clipped(error.message, 4 * SHOWN_CHARACTERS)


def _kind(value: object) -> str:
    fraction = isinstance(value, float) and not value.is_integer()
    return "a fraction" if fraction else KINDS[json_type(value)]


def _either(types: str | list[str]) -> str:
    return KINDS[types] if isinstance(types, str) else " or ".join(KINDS[name] for name in types)


def _pointer(path: Any) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
