"""The bundle: a zip that has the same bytes wherever it is made, and that is read as a stranger's file."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from conformance.errors import UsageProblem
from conformance.report import writing

ATTESTATION, RESULTS = "attestation.json", "results.json"
LARGEST = 256 * 1024 * 1024
"""Bytes of the largest bundle that is read."""
MOST = 64
"""Files of the fullest zip that is looked at."""
MOMENT = (1980, 1, 1, 0, 0, 0)
"""The only time that a zip can tell and that says nothing."""


class NoBundle(UsageProblem):
    """A file that is no bundle at all."""


class Altered(UsageProblem):
    """A bundle that nobody packed like this."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of `files` by name; stored, so that its bytes do not depend on who compressed it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return made.getvalue()


def read(path: Path) -> dict[str, bytes]:
    """The files of a bundle by name; raises NoBundle or Altered.

    Nothing is unpacked to disk, and nothing is decompressed: a bundle is as large as what it holds.
    """
    data = _bytes(path)
    if data.count(b"PK\1\2") > MOST:
        raise Altered("it holds more files than a bundle has")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = _entries(path, archive, len(data))
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        EOFError,
        OverflowError,
        RuntimeError,
        ValueError,
        OSError,
    ):
        raise NoBundle(f"{path} is not a bundle: it is no zip, or not a whole one") from None
    if pack(found) != data:
        raise Altered(
            "it is not packed as certify packs: a byte, the order, or something between the files differs"
        )
    return found


def _entries(path: Path, archive: zipfile.ZipFile, size: int) -> dict[str, bytes]:
    entries = archive.infolist()
    names = [one.filename for one in entries]
    if ATTESTATION not in names or RESULTS not in names:
        raise NoBundle(f"{path} is not a bundle: {ATTESTATION} and {RESULTS} are not both in it")
    if len(set(names)) < len(names):
        raise Altered("a file is in it twice")
    unknown = sorted(set(names) - {ATTESTATION, *writing.FILES})
    if unknown:
        raise Altered(f"{ascii(unknown[0])[:80]} does not belong into it")
    if (
        any(one.compress_type != zipfile.ZIP_STORED for one in entries)
        or sum(one.file_size for one in entries) > size
    ):
        raise Altered("it is compressed, which a bundle is not")
    return {one.filename: archive.read(one) for one in entries}


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise NoBundle(f"{path} cannot be read: it is no file")
        if path.stat().st_size > LARGEST:
            raise NoBundle(f"{path} cannot be read: it is larger than {LARGEST >> 20} MiB")
        return path.read_bytes()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "its name cannot be that of a file"
        raise NoBundle(f"{path} cannot be read: {reason}") from None


def insist_on_room(path: Path, *, overwrite: bool) -> None:
    """Raise UsageProblem when something is there already that nobody said may be replaced."""
    if not os.path.lexists(path):
        return
    if not path.is_file():
        raise UsageProblem(f"{path} is no file", hint="name another one with --output")
    if not overwrite:
        raise UsageProblem(
            f"{path} is there already", hint="--overwrite replaces it; another --output keeps it"
        )


def write(path: Path, data: bytes) -> None:
    """Write a bundle in one piece; raises UsageProblem when that fails."""
    writing.write(path, data)
