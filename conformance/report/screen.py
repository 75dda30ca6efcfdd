"""The console that everything is printed on, whatever it can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.report.text import visible

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN = str.maketrans({"✗": "x", "✓": "+", "⚑": "!", "–": "-", "·": "|", "…": "...", "“": '"', "”": '"'})


def console(*, stderr: bool = False) -> Console:
    """A console that prints text as it is; heeds NO_COLOR, TERM=dumb and COLUMNS."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def fit(text: str, console: Console) -> str:
    """`text` without what steers a terminal, in characters that the console's encoding has."""
    text = visible(text)
    if not console.encoding.lower().startswith("utf"):
        text = text.translate(_PLAIN)
    return text.encode(console.encoding, "backslashreplace").decode(console.encoding)
