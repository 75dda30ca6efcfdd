"""Catalogue, rules and checks name the same requirements."""

from __future__ import annotations

import ast

import pytest

from conformance.contract import Contract
from conformance.registry import contracts


def marked(contract: Contract) -> set[str]:
    """The ids that the checks of a contract are marked with, read from their source."""
    found: set[str] = set()
    for path in contract.folder.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement":
                found |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return found


def decided(contract: Contract) -> set[str]:
    """The ids that a rule decides."""
    return {name for rule in contract.module("judge").RULES for name in rule.requirements}


def assessable(contract: Contract) -> set[str]:
    """The ids of the catalogue that can be assessed from outside."""
    return {one.id for one in contract.catalogue.requirements if not one.not_assessed}


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.name)
def test_every_requirement_has_a_check_and_a_rule(contract: Contract) -> None:
    assert marked(contract) == assessable(contract)
    assert decided(contract) == assessable(contract)


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.name)
def test_every_check_is_marked(contract: Contract) -> None:
    """With what it assesses, or as one that assesses nothing."""
    for path in contract.folder.glob("test_*.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        named = {
            ast.unparse(one.targets[0]): ast.unparse(one.value) for one in body if isinstance(one, ast.Assign)
        }
        for node in body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = [ast.unparse(one) for one in node.decorator_list]
                marks = [named.get(mark, mark) for mark in marks]
                assert any(
                    mark.startswith(("pytest.mark.requirement(", "pytest.mark.robustness")) for mark in marks
                )


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.name)
def test_what_writes_says_so(contract: Contract) -> None:
    """A check that needs the key for writing is marked as writing, unless none of its requirements write."""
    writing = {one.id for one in contract.catalogue.requirements if one.writes}
    for path in contract.folder.glob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        assert ("deployment.write" in text) <= ("pytest.mark.writes" in text), path.name
        assert ("pytest.mark.writes" in text) <= bool(writing), path.name
