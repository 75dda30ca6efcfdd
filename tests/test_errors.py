"""The exception tree is what its docstring draws."""

from __future__ import annotations

import pickle

from conformance import errors
from conformance.errors import ConformanceError


def kinds() -> list[type[ConformanceError]]:
    found = [ConformanceError]
    for kind in found:
        found += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == "conformance.errors"]


def test_the_drawing_names_every_error_below_its_parent() -> None:
    drawn = errors.__doc__ or ""
    places = {kind: drawn.find(kind.__name__) for kind in kinds()}
    assert all(place >= 0 for place in places.values())
    for kind, place in places.items():
        if kind is not ConformanceError:
            assert places[kind.__base__] < place  # type: ignore[index]


def test_an_error_carries_a_message_a_hint_and_data() -> None:
    problem = errors.SecretProblem("no key", hint="export KEY=…", option="--api-key")
    assert (str(problem), problem.message, problem.hint) == ("no key", "no key", "export KEY=…")
    assert problem.data == {"option": "--api-key"}
    assert isinstance(problem, errors.UsageProblem)


def test_an_error_crosses_processes() -> None:
    problem = pickle.loads(pickle.dumps(errors.Unreachable("gone", hint="wait", port=1)))
    assert (problem.message, problem.hint, problem.data) == ("gone", "wait", {"port": 1})
