"""The report of a failure of the suite: where it happened, and nothing that was given or sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import __version__
from conformance.report import failure

SECRET = "Kq7vZ3xPw81mB5tYc62hR90jN4d"


def caught() -> BaseException:
    try:
        try:
            assert_right(SECRET)
        except ValueError as inner:
            raise KeyError(f"outer {SECRET}") from inner
    except KeyError as problem:
        return problem


def assert_right(value: str) -> None:
    raise ValueError(f"not right: {value}")


def test_it_says_where_and_holds_no_value() -> None:
    text = "\n".join(failure.of_exception(caught()))
    assert SECRET not in text
    assert text.startswith("KeyError\n")
    assert "\nValueError\n" in text
    assert "in assert_right: raise ValueError(" in text
    assert "test_report_failure.py, line " in text


def test_it_is_written_beside_the_reports(tmp_path: Path) -> None:
    words = [
        "run",
        "tydids",
        "http://u:" + SECRET + "@h",
        "--granted",
        SECRET,
        f"--header=X={SECRET}",
        "--insecure",
    ]
    path = failure.write(["what"], words, tmp_path)
    assert path is not None
    assert path.parent == tmp_path
    text = path.read_text(encoding="utf-8")
    assert SECRET not in text
    assert f"suite      {__version__}\n" in text
    assert "command    run --granted --header --insecure\n" in text
    assert "httpx " in text
    assert text.endswith("\nwhat\n")


def test_it_is_written_elsewhere_when_it_has_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = failure.write([], [], Path("/dev/null/below"))
    assert path is not None
    assert path.resolve().parent == tmp_path.resolve()


def test_nowhere_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failure, "_places", lambda _: iter([Path("/dev/null/below")]))
    assert failure.write([], [], None) is None
