"""The doctor's lines for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from conformance.doctor.line import Line
from conformance.report.text import visible

WIDTH = 80


def tell(line: Line, word: str = "") -> Iterator[str]:
    """A line of the doctor's, fit for eighty columns; begins with its state, or with another word."""
    indent = " " * 9
    start = f"{word or line.state.value:<9}"
    yield from wrapped(f"{start}{visible(line.about)}: {visible(line.text)}", indent)
    if line.remedy:
        yield from wrapped(f"{indent}> {visible(line.remedy)}", f"{indent}  ")


def wrapped(text: str, indent: str) -> list[str]:
    """`text` in lines that fit, all but the first one with an indent."""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
