"""Clips texts, always with a mark where something is missing: what is left of a secret there can be found."""

from __future__ import annotations

MARK = "…"


def clip(text: str, limit: int) -> str:
    """`text`, or its beginning with a mark when it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + MARK
