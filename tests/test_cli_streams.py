"""Standard output and error that never raise."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from conformance.cli.streams import Outlet, reliable

posix = pytest.mark.skipif(os.name == "nt", reason="devices of POSIX systems")


@posix
def test_what_cannot_be_written_is_lost_and_told() -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    outlet = Outlet(descriptor)
    with io.TextIOWrapper(io.BufferedWriter(outlet), "utf-8") as stream:
        for _ in range(1000):
            stream.write("x" * 1000)
        stream.flush()
        assert outlet.lost == "No space left on device"
    os.close(descriptor)


def test_what_can_be_written_is(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        outlet = Outlet(file.fileno())
        buffered = io.BufferedWriter(outlet)
        buffered.write(b"x" * 100_000)
        buffered.flush()
        buffered.detach()
    assert (tmp_path / "x").stat().st_size == 100_000
    assert outlet.lost == ""


def test_a_reader_who_leaves_is_told() -> None:
    read, write = os.pipe()
    os.close(read)
    outlet = Outlet(write)
    assert outlet.write(b"abc") == 3
    assert outlet.write(b"abc") == 3
    assert outlet.lost == "Broken pipe"
    os.close(write)


def test_streams_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    own = io.StringIO()
    monkeypatch.setattr(sys, "stdout", own)
    with reliable() as streams:
        assert sys.stdout is own
        assert streams.lost() == ""
    monkeypatch.setattr(sys, "stdout", None)
    with reliable() as streams:
        print("into nothing")
        assert streams.lost() == "it is closed"
        sys.stdout.close()
    assert sys.stdout is None


def test_every_character_can_be_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "x").open("w", encoding="ascii") as file:
        monkeypatch.setattr(sys, "stdout", file)
        with reliable():
            print("grün \ud800")
            sys.stdout.flush()
    assert (tmp_path / "x").read_text() == "gr?n ?\n"
