"""`status-conformance serve`: it says what a visitor needs to know, and ends when it is told to."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from .command import call, one_sentence, start


def greeting(process: subprocess.Popen[str]) -> list[str]:
    """What is printed until the last line of the welcome."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("OpenAPI documents:"):
        line = process.stdout.readline()
        assert line, process.communicate(timeout=10)
        lines.append(line.rstrip("\n"))
    return lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(number: signal.Signals, tmp_path: Path) -> None:
    process = start("serve", "--port", "0", "--database", "kept.db", cwd=tmp_path)
    lines = greeting(process)
    base = re.search(r"http://127\.0\.0\.1:\d+", lines[0])
    assert base
    commands = [shlex.split(line.partition("judge it  ")[2]) for line in lines if "judge it" in line]
    assert [command[:3] for command in commands] == [
        ["status-conformance", "run", name] for name in ("open-attestation", "dcp", "tydids")
    ]
    assert all(command[3].startswith(base[0]) for command in commands)
    given = {word for command in commands for word in command if word.startswith("--")}
    assert given >= {"--api-key", "--token", "--request", "--granted", "--revoked"}
    with httpx.Client(trust_env=False) as client:
        assert client.get(base[0]).status_code == 200
        assert client.get(f"{base[0]}/openapi/dcp.yaml").status_code == 200
    process.send_signal(number)
    out, err = process.communicate(timeout=15)
    assert (process.returncode, out, err) == (0, "", "")
    assert (tmp_path / "kept.db").exists()


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = call("serve", "--port", str(port))
    assert done.code == 2
    assert one_sentence(done).startswith(f"cannot serve on 127.0.0.1 port {port}: ")


def test_an_address_that_is_none() -> None:
    done = call("serve", "--host", "no-such-host.invalid", "--port", "0")
    assert done.code == 2
    assert one_sentence(done).startswith("cannot serve on no-such-host.invalid")


@pytest.mark.parametrize("place", ["/nowhere/at/all/x.db", "/dev/null/x.db", "text.db"])
def test_a_database_that_cannot_be_used(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.db").write_text("this is no database, it only looks like a file of that name" * 20)
    done = call("serve", "--port", "0", "--database", place)
    assert done.code == 2, done
    assert place in one_sentence(done)


def test_an_unknown_fault() -> None:
    done = call("serve", "--port", "0", "--fault", "no-such-fault")
    assert done.code == 2
    assert "no-such-fault" in one_sentence(done)
