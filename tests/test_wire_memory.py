"""What was made of bodies is remembered, within a bound."""

from __future__ import annotations

from conformance.wire.memory import Memory


def test_the_oldest_is_forgotten_when_there_is_no_room() -> None:
    memory: Memory[int] = Memory(10)
    assert memory.keep(b"a", 1, 6) == 1
    memory.keep(b"b", 2, 4)
    assert (memory.get(b"a"), memory.get(b"b")) == (1, 2)
    memory.keep(b"c", 3, 1)
    assert (memory.get(b"a"), memory.get(b"b"), memory.get(b"c")) == (None, 2, 3)


def test_what_is_too_heavy_is_not_remembered_and_drives_nothing_out() -> None:
    memory: Memory[int] = Memory(10)
    memory.keep(b"a", 1, 10)
    assert memory.keep(b"b", 2, 11) == 2
    assert (memory.get(b"a"), memory.get(b"b")) == (1, None)


def test_one_key_weighs_once() -> None:
    memory: Memory[int] = Memory(10)
    for _ in range(5):
        memory.keep(b"a", 1, 6)
    memory.keep(b"b", 2, 4)
    assert (memory.get(b"a"), memory.get(b"b")) == (1, 2)
