"""Offline JSON-LD expansion: contexts come from files, never from the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from conformance import files
from conformance.errors import UsageProblem
from conformance.resources import folder

DCP_CONTEXT = "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"
"""The URL under which our own context of the protocol is served to the processor."""

BASE = "https://base.invalid/"
"""What relative IRIs are resolved against; a name that nobody can own (RFC 2606), so it is no one's identifier."""

PROBLEM_CHARACTERS = 300

TOO_DEEP = "is nested too deeply to be expanded"
MOST_DEEP, MOST_VALUES, MOST_CONTEXTS, LONGEST = 40, 5_000, 100, 100_000
"""The bounds of what is expanded: levels, values, contexts that are named, characters of a string."""
MOST_WORK = 200_000
"""A context may count at each value: values times terms."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a document says as JSON-LD, or why that cannot be told.

    `problem` is None when the document was expanded. `missing_context` is the URL of a context that nobody
    provided. `undecided` is True where the document may be right all the same: a context is missing, or the
    processor gave up on it for a reason of its own.
    """

    nodes: list[dict[str, Any]] = field(default_factory=list)
    problem: str | None = None
    missing_context: str | None = None
    undecided: bool = False


def expand(document: object, contexts: Mapping[str, Path]) -> Expansion:
    """Expand a JSON-LD 1.1 document with the contexts of these files, by URL, and our own of DCP.

    A file given for the URL of the DCP context is used in place of ours. Raises UsageProblem when a file
    cannot be read or is not a JSON object.
    """
    if not isinstance(document, dict | list):
        return Expansion(problem="is neither a JSON object nor an array")
    library = Library.of(contexts)
    beyond = _beyond(document)
    if beyond:
        return Expansion(problem=beyond, undecided=True)
    try:
        return Expansion(nodes=_expanded(document, library))
    except RecursionError:
        return Expansion(problem=TOO_DEEP, undecided=True)
    except Exception as error:  # noqa: BLE001 - the processor fails in ways of its own on odd documents
        return _failure(error, library)


def _beyond(document: dict[str, Any] | list[Any]) -> str | None:
    """Why `document` is more than we expand: looked at before the processor is called, which knows no bounds."""
    values = terms = loaded = 0
    waiting: list[tuple[Any, int, str]] = [(document, 0, "")]
    while waiting:
        value, depth, place = waiting.pop()
        values += 1
        terms += place == TERM
        loaded += place == CONTEXT and isinstance(value, str)
        if depth > MOST_DEEP:
            return TOO_DEEP
        if loaded > MOST_CONTEXTS or values > MOST_VALUES or values * max(terms, 1) > MOST_WORK:
            return "has more contexts, terms and values than this suite expands"
        if isinstance(value, str) and len(value) > LONGEST:
            return "has a longer string than this suite expands"
        waiting += [(one, depth + 1, inner) for one, inner in _within(value, place)]
    return None


TERM, CONTEXT = "term", "@context"


def _within(value: object, place: str) -> list[tuple[Any, str]]:
    """What a value holds, and whether that is a context, part of the terms of one, or neither."""
    if isinstance(value, list):
        return [(one, place) for one in value]
    below = TERM if place else ""
    found = value.items() if isinstance(value, dict) else ()
    return [(one, CONTEXT if name in (CONTEXT, "@import") else below) for name, one in found]


class Library:
    """The contexts that a processor may load; remembers the first one that it asked for in vain."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self.missing: str | None = None

    @classmethod
    def of(cls, contexts: Mapping[str, Path]) -> Library:
        files = {DCP_CONTEXT: folder("schemas") / "dcp" / "dcp.jsonld", **contexts}
        return cls({url: context_in(file) for url, file in files.items()})

    def __call__(self, url: str, _options: object = None) -> dict[str, Any]:
        """The document loader of PyLD. A document is parsed each time, since the processor changes it."""
        if url not in self._texts:
            self.missing = self.missing or url
            raise LookupError(f"no file was given for the context {url}")
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": json.loads(self._texts[url]),
        }


def context_in(file: Path) -> str:
    """The JSON object in a context file, as text; raises UsageProblem when there is none."""
    return _text(file, _changed(file))


def _changed(file: Path) -> int:
    """When the file was changed, so that a new version of it is read again; a pipe is read only once."""
    return file.stat().st_mtime_ns if file.is_file() else 0


@lru_cache(maxsize=64)
def _text(file: Path, _version: int) -> str:
    try:
        text = files.text(file, f"the JSON-LD context file {file}")
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageProblem(f"the JSON-LD context file {file} cannot be used: it is not JSON") from None
    if not isinstance(document, dict):
        raise UsageProblem(f"the JSON-LD context file {file} is not a JSON object")
    return text


def _expanded(document: object, library: Library) -> list[dict[str, Any]]:
    from pyld import jsonld  # type: ignore[import-untyped]

    options = {
        "base": BASE,
        "processingMode": "json-ld-1.1",
        "documentLoader": library,
        # The processor's own cache of contexts outlives the call, and with it what another file said.
        "contextResolver": jsonld.ContextResolver({}, library),
    }
    nodes: list[dict[str, Any]] = jsonld.expand(document, options)
    return nodes


def _failure(error: Exception, library: Library) -> Expansion:
    from pyld.jsonld import JsonLdError  # type: ignore[import-untyped]

    if library.missing:
        problem = f"no file was given for the context {library.missing}"[:PROBLEM_CHARACTERS]
        return Expansion(problem=problem, missing_context=library.missing, undecided=True)
    if not isinstance(error, JsonLdError):
        return Expansion(problem=f"the JSON-LD processor failed: {type(error).__name__}", undecided=True)
    text = f"{error.args[0]} ({error.code})" if error.code else str(error.args[0])
    return Expansion(problem=text[:PROBLEM_CHARACTERS])
