"""Named defects and named oddities that the reference deployment can be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """A defect that the suite has to catch.

    `behaviour` is a mixin over the contract's reference Behaviour; `must` are the requirements that have to report
    the fault, `may` those that are allowed to report it as well.
    """

    id: str
    description: str
    behaviour: type
    must: tuple[str, ...]
    may: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Oddity:
    """A legal behaviour that unfair suites punish: a run against it is conformant.

    `warns` are the requirements that may end in a warning. `inputs` replaces inputs of the run and
    `settings` its settings, as an operator of such a deployment would. `wire` names a peculiarity of the server
    rather than of the application (it needs a real socket), `base_path` another place for the API. `circumstance` is the
    id of what befalls a run against it: that has to be found, the run is incomplete, and nobody is accused.
    """

    id: str
    description: str
    behaviour: type = object
    warns: tuple[str, ...] = ()
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    base_path: str | None = None
    wire: str | None = None
    circumstance: str = ""
