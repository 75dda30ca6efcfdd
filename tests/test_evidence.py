"""What exchanges say by themselves, whatever the contract."""

from __future__ import annotations

import pytest

from conformance.evidence import no_service
from conformance.wire.exchange import Exchange, Request, Response

URL = "http://here.example:8080/v2.0/status?identity=a"


def answered(status: int | None, **headers: str) -> Exchange:
    """A GET of URL; None for no answer."""
    response = None if status is None else Response(status, headers=tuple(headers.items()))
    return Exchange(1, Request("GET", URL), response, 0, 0)


@pytest.mark.parametrize("statuses", [(), (None,), (200,), (404, 301), (302, 200), (500,), (503, 400)])
def test_something_speaks_of_the_deployment(statuses: tuple[int | None, ...]) -> None:
    assert no_service([answered(status) for status in statuses]) is None


@pytest.mark.parametrize(("statuses", "told"), [((503, 429), "throttled"), ((401,), "401")])
def test_nothing_does(statuses: tuple[int, ...], told: str) -> None:
    found = no_service([answered(status) for status in statuses])
    assert found is not None
    assert told in found[0]


@pytest.mark.parametrize(
    ("location", "advice"),
    [
        (
            "https://there.example/v2.0/status?identity=a",
            "put https://there.example in the place of http://here.example:8080 in the base URL",
        ),
        (
            "//there.example/v2.0/status?identity=a",
            "put http://there.example in the place of http://here.example:8080 in the base URL",
        ),
        (
            "https://there.example/v3/status?identity=a",
            "run against the address it points to: https://there.example/v3/status?identity=a",
        ),
        ("/login", "run against the address it points to: /login"),
        ("http://[", "run against the address it points to: http://["),
        ("", "run against the address it points to: not said"),
    ],
)
def test_a_redirect_says_where_to_run(location: str, advice: str) -> None:
    assert no_service([answered(None), answered(301, location=location)]) == (
        "every answer was a redirect",
        advice,
    )


def test_a_redirect_without_a_location() -> None:
    found = no_service([answered(302)])
    assert found is not None
    assert found[1].endswith("not said")
