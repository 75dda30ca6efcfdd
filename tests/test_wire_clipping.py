"""Clipped texts end in a mark."""

from __future__ import annotations

from conformance.wire.clipping import MARK, clip


def test_what_is_missing_is_marked() -> None:
    assert clip("abcdef", 6) == "abcdef"
    assert clip("abcdefg", 6) == "abcde" + MARK
    assert len(clip("x" * 1000, 60)) == 60
