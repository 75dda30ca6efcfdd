"""Draws the shipped cases anew: `python -m conformance.shapes`, after a change of an OpenAPI document."""

from __future__ import annotations

from conformance.registry import contracts
from conformance.shapes import drawing, shipped


def main() -> None:
    """Write the file of every contract."""
    for contract in contracts():
        file = shipped.file_of(contract.name)
        file.write_bytes(shipped.render(contract.name, drawing.coverage(contract.name)))
        print(f"{file.parent.name}/{file.name}")


if __name__ == "__main__":
    main()
