"""The arrows between modules point one way, and there is no circle."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "conformance"
LAYERS = (
    ("__init__", "errors", "resources", "clock", "files"),
    ("wire", "catalogue", "proven"),
    ("outcome", "schema", "jsonld", "defects"),
    ("evidence", "nearmiss"),
    ("diagnosis",),
    ("judging",),
    ("contract", "machine"),
    ("efforts", "openapi", "inputs", "preflight"),
    ("remarks", "reproduction", "provenance"),
    ("registry", "reference", "contracts", "target", "har"),
    ("session", "vectors"),
    ("exploration", "shapes"),
    ("checks", "plugin", "embedding", "runner", "report", "showcase", "recorded"),
    ("rehearsal", "rejudging", "replaying", "proof", "fleet", "doctor"),
    ("certification", "comparing", "expectations"),
    ("cli", "__main__"),
)


def room_of(module: str) -> str:
    """The top-level part of a module of the package."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, names: set[str]) -> set[str]:
    """The package's own modules that a file imports, wherever in the file, type checking aside."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (below & names) or {node.module}
    return {name for name in found if name.split(".")[0] == "conformance"}


ALL = modules()


def layer(module: str) -> int:
    """How high a module stands."""
    return next(number for number, rooms in enumerate(LAYERS) if room_of(module) in rooms)


def test_arrows_point_down() -> None:
    arrows = [(module, one) for module, path in ALL.items() for one in imports(path, set(ALL))]
    assert [f"{module} imports {one}" for module, one in arrows if layer(one) > layer(module)] == []


def test_every_module_has_a_layer() -> None:
    rooms = {room for rooms in LAYERS for room in rooms}
    assert {room_of(module) for module in ALL} <= rooms


def test_there_is_no_circle() -> None:
    arrows = {module: imports(path, set(ALL)) - {module} for module, path in ALL.items()}
    left = dict(arrows)
    while left:
        free = [module for module, needed in left.items() if not needed & set(left)]
        assert free, f"a circle among {sorted(left)}"
        for module in free:
            del left[module]


def test_contracts_do_not_know_each_other() -> None:
    for module, path in ALL.items():
        if module.startswith("conformance.contracts."):
            own = module.split(".")[2]
            others = {i for i in imports(path, set(ALL)) if i.startswith("conformance.contracts.")}
            assert {i.split(".")[2] for i in others} <= {own}, module


def test_reports_do_not_know_pytest() -> None:
    for path in (PACKAGE / "report").glob("*.py"):
        assert "import pytest" not in path.read_text(encoding="utf-8"), path.name
