"""Content codings are undone within a limit; what does not fit is kept as it came."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import brotli
import pytest
import zstandard

from conformance.wire.body import KEPT, MOST_CODINGS, Body, read_body

LIMIT = 100_000
CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
JSON = b'{"status": "granted", "consensus": 40856}'
CODINGS = pytest.mark.parametrize("coding", list(CODERS))


def read(data: bytes, label: str) -> Body:
    """A body that comes in pieces of seven bytes."""
    return read_body((data[at : at + 7] for at in range(0, len(data), 7)), label, LIMIT)


@CODINGS
def test_a_coding_is_undone(coding: str) -> None:
    assert read(CODERS[coding](JSON), f" {coding.upper()}") == Body(JSON)


@pytest.mark.parametrize("label", ["", "identity", "rot13", "rot13, identity"])
def test_without_a_coding_that_is_known_a_body_is_left_alone(label: str) -> None:
    assert read(JSON, label) == Body(JSON)


@CODINGS
@pytest.mark.parametrize("outer", list(CODERS))
def test_codings_are_undone_in_turn(coding: str, outer: str) -> None:
    assert read(CODERS[outer](CODERS[coding](JSON)), f"{coding}, {outer}") == Body(JSON)


@CODINGS
@pytest.mark.parametrize("plain", [JSON, b"{}", b"[", b"0", b"<html>" + b"x" * 500, b"\xff" * 40])
def test_what_is_not_coded_as_it_says_is_kept_as_it_came(coding: str, plain: bytes) -> None:
    assert read(plain, coding) == Body(b"", raw=plain, coding=coding)


def test_of_a_long_body_that_does_not_fit_the_beginning_is_kept() -> None:
    made = read(b"{" * LIMIT, "br")
    assert (made.raw, made.truncated) == (b"{" * KEPT, False)


@CODINGS
def test_an_empty_body_fits_every_coding(coding: str) -> None:
    assert read(b"", coding) == Body(b"")


@CODINGS
def test_a_bomb_is_cut(coding: str) -> None:
    assert read(CODERS[coding](bytes(30_000_000)), coding) == Body(bytes(KEPT), truncated=True)


def test_a_bomb_within_a_bomb_is_cut_at_every_layer() -> None:
    bomb = gzip.compress(brotli.compress(gzip.compress(bytes(30_000_000))))
    assert read(bomb, "gzip, br, gzip") == Body(bytes(KEPT), truncated=True)


def test_more_codings_than_anybody_uses_are_not_undone() -> None:
    data = JSON
    for _ in range(MOST_CODINGS + 1):
        data = gzip.compress(data)
    label = ", ".join(["gzip"] * (MOST_CODINGS + 1))
    assert read(data, label) == Body(b"", raw=data, coding=label)


def test_reading_ends_at_the_limit() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 1000

    assert read_body(endless(), "", LIMIT) == Body(b"x" * KEPT, truncated=True)
    assert taken == LIMIT // 1000 + 1
    assert read_body(endless(), "gzip", LIMIT).truncated


def test_a_gzip_file_may_have_several_members_and_bytes_behind_them() -> None:
    assert read(gzip.compress(JSON[:9]) + gzip.compress(JSON[9:]), "gzip") == Body(JSON)
    assert read(gzip.compress(JSON) + b"\0" * 20, "gzip") == Body(JSON)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_stream_that_was_not_closed_is_read_as_far_as_it_goes(coding: str) -> None:
    coder = zlib.compressobj(wbits=zlib.MAX_WBITS + (16 if coding == "gzip" else 0))
    assert read(coder.compress(JSON) + coder.flush(zlib.Z_SYNC_FLUSH), coding) == Body(JSON)


def test_a_bare_deflate_stream_is_called_deflate_too() -> None:
    coder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert read(coder.compress(JSON) + coder.flush(), "deflate") == Body(JSON)


def test_a_window_larger_than_http_has_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    coder = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = coder.compress(JSON) + coder.flush()
    assert read(data, "zstd").coding == "zstd"
