"""Draws requests from an OpenAPI document with schemathesis, which generates here and sends nothing.

Its configuration is given explicitly, so that neither a schemathesis.toml nor a hooks module of the user's matters;
it has no cache and no database. Only this module knows schemathesis.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, zip_longest
from typing import Any

from conformance.exploration import no_constants_of_others
from conformance.openapi import GeneratedCase, plain
from conformance.resources import folder
from conformance.schema import load_openapi

HOOKS = "SCHEMATHESIS_HOOKS"


def coverage(contract: str, *, negative: bool = False) -> list[GeneratedCase]:
    """The cases of schemathesis' coverage phase: the examples and the bounds of each schema; no randomness."""
    schema, mode = _loaded(contract), _mode(negative)
    drawn = []
    for operation in _operations(schema):
        generation = schema.config.generation_for(operation=operation, phase="coverage")
        cases = schema.iter_coverage_cases(operation, generation_modes=[mode], generation_config=generation)
        drawn.append([_case(one) for one in cases])
    return in_turns(drawn)


def fuzzing(contract: str, seed: int, number: int) -> list[GeneratedCase]:
    """Up to `number` different cases an operation, drawn by hypothesis from `seed`."""
    schema = _loaded(contract)
    return in_turns([_drawn(operation, seed, number) for operation in _operations(schema)])


def in_turns(lists: list[list[GeneratedCase]]) -> list[GeneratedCase]:
    """The cases of all operations, one of each in turn, equal ones once."""
    mixed = [one for turn in zip_longest(*lists) for one in turn if one is not None]
    return list({_identity(one): one for one in mixed}.values())


def _identity(case: GeneratedCase) -> str:
    return repr((case.operation, case.method, dict(case.parameters), dict(case.headers), case.body))


def _drawn(operation: Any, seed: int, number: int) -> list[GeneratedCase]:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    found: list[GeneratedCase] = []

    @seeded(seed)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=_mode(negative=False)))
    def collect(case: Any) -> None:
        found.append(_case(case))

    with no_constants_of_others():
        collect()
    return found


def _mode(negative: bool) -> Any:
    from schemathesis import GenerationMode

    return GenerationMode.NEGATIVE if negative else GenerationMode.POSITIVE


def _operations(schema: Any) -> Iterator[Any]:
    return (one.ok() for one in schema.get_all_operations())


@lru_cache(maxsize=8)
def _loaded(contract: str) -> Any:
    """The document as schemathesis knows it."""
    with _without_hooks():
        import schemathesis

        generation = {"with-security-parameters": False, "allow-x00": False}
        settings: dict[str, Any] = {
            "seed": 0,
            "cache": {"enabled": False},
            "generation": generation,
            "phases": {"coverage": {"unexpected-methods": [], "generate-duplicate-query-parameters": False}},
        }
        config = schemathesis.Config.from_dict(settings)
        return schemathesis.openapi.from_dict(_requests_only(contract), config=config)


@contextmanager
def _without_hooks() -> Iterator[None]:
    """The environment without the variable that makes schemathesis import somebody's module."""
    saved = os.environ.pop(HOOKS, None)
    try:
        yield
    finally:
        if saved is not None:
            os.environ[HOOKS] = saved


def _requests_only(contract: str) -> dict[str, Any]:
    """The document without what is said of answers, whose examples would end up in requests, and without references."""
    document = load_openapi(contract)
    operations = chain.from_iterable(item.values() for item in document["paths"].values())
    for told in operations:
        if isinstance(told, dict):
            told["responses"] = {"default": {"description": "Any answer."}}
    found: dict[str, Any] = _inlined(document, contract)
    return found


def _inlined(part: Any, contract: str) -> Any:
    """`part` with the schema files that it refers to in place of the references."""
    if isinstance(part, Mapping):
        name = str(part.get("$ref", "#"))
        if not name.startswith("#"):
            text = (folder("schemas") / contract / name).read_text(encoding="utf-8")
            return {key: value for key, value in json.loads(text).items() if key not in ("$id", "$schema")}
        return {key: _inlined(value, contract) for key, value in part.items()}
    return [_inlined(one, contract) for one in part] if isinstance(part, list) else part


def _case(drawn: Any) -> GeneratedCase:
    """A case of schemathesis as plain data."""
    parameters = {name: plain(value) for name, value in drawn.path_parameters.items()}
    parameters |= {str(name): str(value) for name, value in drawn.query.items()}
    phase = drawn.meta.phase.data if drawn.meta else None
    return GeneratedCase(
        operation=str(drawn.operation.definition.raw.get("operationId")),
        method=str(drawn.method).upper(),
        path=str(drawn.path),
        parameters=parameters,
        headers={str(name): str(value) for name, value in drawn.headers.items()},
        body=_body(drawn.body),
        description=str(getattr(phase, "description", "") or ""),
    )


def _body(drawn: Any) -> bytes:
    from schemathesis.core import NotSet

    if isinstance(drawn, NotSet):
        return b""
    return drawn if isinstance(drawn, bytes) else json.dumps(drawn).encode()
