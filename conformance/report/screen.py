"""The console that everything is printed on, whatever it can show."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance.report.text import visible

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN = str.maketrans({"✗": "x", "✓": "+", "⚑": "!", "–": "-", "·": "|", "…": "...", "“": '"', "”": '"'})


def console(*, stderr: bool = False) -> Console:
    """A console that prints text as it is; heeds NO_COLOR, TERM=dumb and COLUMNS.

    It falls silent when nobody reads on, so that a run does its work to the end.
    """
    from rich.console import Console

    class Patient(Console):
        """A console whose reader may leave."""

        def on_broken_pipe(self) -> None:
            self.quiet = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

    return Patient(stderr=stderr, highlight=False, markup=False, emoji=False)


def fit(text: str, console: Console) -> str:
    """`text` without what steers a terminal, in characters that the console's encoding has."""
    text = visible(text)
    if not console.encoding.lower().startswith("utf"):
        text = text.translate(_PLAIN)
    return text.encode(console.encoding, "backslashreplace").decode(console.encoding)
