"""What a contract tells of the requests that show, by reading alone, whether a deployment is ready to be judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.wire.exchange import Headers


@dataclass(frozen=True, slots=True)
class Sample:
    """Something that the operator named, where it is read, and the state that it is claimed to be in, if any."""

    about: str
    path: str
    claimed: str = ""


@dataclass(frozen=True, slots=True)
class Preflight:
    """The samples, the path of something that nobody has, and how to read a state out of a JSON document.

    `headers` go with every request, `credential` with those that show it. `state` returns "" for what tells of none,
    and is asked about answers with one of `codes`; `options` say how a sample in a state is given on the command line.
    """

    samples: tuple[Sample, ...]
    unknown: str
    state: Callable[[Any], str]
    headers: Headers = ()
    credential: Headers = field(default=(), repr=False)
    codes: frozenset[int] = frozenset({200})
    options: Mapping[str, str] = field(default_factory=dict)
