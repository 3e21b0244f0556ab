"""Reads the source, not the running program: which line names which rule.

A rule counts as *enforced* where its id stands in a string of a `domain`, `documents` or `models` room, of a form,
or of `ibnportal/core`; as *proven* by each test that carries `@pytest.mark.rule("…")`.
"""

import ast
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_ID = re.compile(r"\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d{2}[a-z]?\b")
_APPS = ("calls", "applications", "evaluation", "monitoring")
_ROOMS = ("domain", "documents", "models", "forms")


@dataclass
class Rule:
    """One row of docs/rules.csv with what the scan found."""

    id: str
    area: str
    check: str
    code_name: str
    enforced: list[str] = field(default_factory=list)
    proven: list[str] = field(default_factory=list)


def read_rules(root: Path) -> dict[str, Rule]:
    """Every rule by its id, in the order of the manual."""
    with (root / "docs" / "rules.csv").open(encoding="utf-8", newline="") as source:
        return {
            row["id"]: Rule(id=row["id"], area=row["area"], check=row["check"], code_name=row["code_name"])
            for row in csv.DictReader(source)
        }


def enforcing_files(root: Path) -> Iterator[Path]:
    """Where a rule may be enforced."""
    for app in _APPS:
        for room in _ROOMS:
            folder = root / app / room
            yield from sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    core = root / "ibnportal" / "core"
    yield from (
        path for path in sorted(core.rglob("*.py")) if "rulebook" not in path.parts and "migrations" not in path.parts
    )


def ids_in_strings(path: Path) -> Iterator[tuple[str, int]]:
    """Each rule-like id inside a string that is not a docstring, with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from ((found, node.lineno) for found in _ID.findall(node.value))


def marks(path: Path) -> Iterator[tuple[str, str]]:
    """Each `@pytest.mark.rule("…")` (or `pytest.mark.rule("…")` in a parameter) with the test that carries it."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rule"):
            continue
        if not (isinstance(node.func.value, ast.Attribute) and node.func.value.attr == "mark"):
            continue
        owner = next((n.name for n in named if node in n.decorator_list or _holds(n, node)), "module")
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value, owner


def _holds(named: ast.FunctionDef | ast.ClassDef, call: ast.Call) -> bool:
    return any(call is inner for decorator in named.decorator_list for inner in ast.walk(decorator))


def rulebook(root: Path) -> dict[str, Rule]:
    """The rules with their places of enforcement and their proofs; unknown ids are left to tests/test_house."""
    rules = read_rules(root)
    for path in enforcing_files(root):
        if path.exists():
            for found, line in ids_in_strings(path):
                if found in rules:
                    rules[found].enforced.append(f"{path.relative_to(root)}:{line}")
    for path in sorted((root / "tests").rglob("test_*.py")):
        for found, test in marks(path):
            if found in rules:
                rules[found].proven.append(f"{path.relative_to(root)}::{test}")
    return rules
