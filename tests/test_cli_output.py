"""What the command line prints: for people, on any terminal, without loading what it does not need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import __version__
from conformance.registry import contracts

from .command import SAMPLES, call, start
from .raw_server import always, raw_server, response

HEAVY = {
    "httpx", "httpcore", "pytest", "_pytest", "jsonschema", "referencing", "starlette", "uvicorn", "hypothesis",
    "schemathesis", "rich", "jinja2", "yaml", "pyld", "sqlite3", "asyncio",
}  # fmt: skip
ROOT = Path(__file__).parent.parent
IDS = [one.id for contract in contracts() for one in contract.catalogue.requirements]


def imported(*arguments: str) -> set[str]:
    """The top-level modules that a Python process imports."""
    command = [sys.executable, "-X", "importtime", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True, timeout=60)
    names = (
        line.rpartition("|")[2].strip()
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    )
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("run", "--help"),
        ("doctor", "--help"),
        ("serve", "--help"),
        ("demo", "--help"),
        ("requirements", "dcp"),
        ("explain", "OA-W1"),
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported_before_it_is_needed(arguments: tuple[str, ...]) -> None:
    assert not imported("-m", "conformance", *arguments) & HEAVY


def test_the_pytest_plugin_is_light() -> None:
    baseline = imported("-c", "import pytest")
    assert imported("-c", "import conformance.plugin") - baseline <= {"conformance"}


def test_help_names_every_command_and_the_exit_codes() -> None:
    done = call("--help")
    assert done.code == 0
    for command in ("run", "demo", "serve", "requirements", "explain"):
        assert re.search(rf"^  {command} ", done.out, re.MULTILINE)
    for code in range(6):
        assert f"{code} " in done.out.partition("Exit codes:")[2]


@pytest.mark.parametrize("command", ["run", "demo", "serve", "requirements", "explain"])
def test_every_command_has_help(command: str) -> None:
    for option in ("--help", "-h"):
        done = call(command, option)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("Usage: ")


def test_the_version() -> None:
    assert call("--version").out == f"status-conformance, version {__version__}\n"


@pytest.mark.parametrize("contract", ["open-attestation", "dcp", "tydids"])
def test_the_list_of_requirements(contract: str) -> None:
    done = call("requirements", contract)
    assert (done.code, done.err) == (0, "")
    assert [line for line in done.out.splitlines() if len(line) > 80] == []
    listed = re.findall(r"^  ([A-Z]+-[A-Z]+[0-9]+) ", done.out, re.MULTILINE)
    assert listed == [one for one in IDS if one in listed]
    assert len(listed) >= 20


def test_the_list_of_all_requirements() -> None:
    out = call("requirements").out
    assert all(f"  {one} " in out for one in IDS)


def test_explanations_fit_a_terminal_and_say_where_it_is_written() -> None:
    for one in IDS:
        done = call("explain", one.lower())
        assert (done.code, done.err) == (0, "")
        lines = done.out.splitlines()
        assert lines[0].startswith(f"{one} (")
        assert [line for line in lines if len(line) > 80 and "://" not in line] == []
        for label in ("Source", "Assessed", "Needs", "Writes"):
            assert any(line.startswith(f"  {label} ") for line in lines), (one, label)


def run_plainly(tmp_path: Path, **environment: str) -> str:
    with raw_server(always(response(b"{}"))) as server:
        process = start(
            "run",
            "tydids",
            server.url,
            *SAMPLES,
            "--only",
            "TY-G2",
            "--output",
            "out",
            cwd=tmp_path,
            **environment,
        )
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, "")
    return out


def test_what_is_no_terminal_gets_no_escape_codes(tmp_path: Path) -> None:
    out = run_plainly(tmp_path)
    assert "\x1b" not in out
    assert "\r" not in out
    assert "NON-CONFORMANT" in out


def test_an_output_without_unicode(tmp_path: Path) -> None:
    assert "NON-CONFORMANT" in run_plainly(tmp_path, PYTHONIOENCODING="ascii", NO_COLOR="1")
    process = start("explain", "OA-W1", cwd=tmp_path, PYTHONIOENCODING="latin-1")
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("OA-W1 (MUST)")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize("quiet", [False, True])
def test_a_terminal_gets_colours_unless_it_does_not_want_them(quiet: bool, tmp_path: Path) -> None:
    import pty

    main, side = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "100"}
    environment |= {"NO_COLOR": "1"} if quiet else {}
    for name in () if quiet else ("NO_COLOR",):
        environment.pop(name, None)
    command = [
        sys.executable,
        "-m",
        "conformance",
        "run",
        "tydids",
        "http://127.0.0.1:1",
        *SAMPLES,
        "--output",
        "out",
    ]
    process = subprocess.Popen(command, stdout=side, stderr=side, cwd=tmp_path, env=environment)
    os.close(side)
    seen = b""
    while True:
        try:
            data = os.read(main, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    os.close(main)
    assert process.wait(timeout=60) == 4
    assert b"UNREACHABLE" in seen
    assert bool(re.search(rb"\x1b\[[0-9;]*3[0-9][;m]", seen)) is not quiet


def test_a_list_whose_reader_leaves(tmp_path: Path) -> None:
    process = start("requirements", cwd=tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=30) in (0, 3)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_a_defect_of_the_suite_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def fail(*_: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr("conformance.cli.catalogue.find", fail)
    done = call("requirements", "dcp")
    assert done.code == 5
    (path,) = tmp_path.iterdir()
    assert (
        done.err == f"status-conformance: the suite itself failed: RuntimeError\n  please send {path.name}\n"
    )
    monkeypatch.setenv("STATUS_CONFORMANCE_DEBUG", "1")
    from conformance.cli import main

    monkeypatch.setattr(sys, "argv", ["status-conformance", "requirements", "dcp"])
    with pytest.raises(RuntimeError):
        main()
