"""Only `core/clock.py` asks the machine for the time: the demonstration and the tests move it."""

import ast

from tests.test_house.source import ROOT, product_files, tree, where

ASKS = {
    ("timezone", "now"), ("timezone", "localtime"), ("timezone", "localdate"), ("date", "today"),
    ("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"), ("time", "time"),
}  # fmt: skip
CLOCK = ROOT / "ibnportal" / "core" / "clock.py"


def questions(module: ast.Module) -> list[ast.Attribute]:
    return [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and (_last_name(node.value), node.attr) in ASKS
    ]


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _localises(module: ast.Module, node: ast.Attribute) -> bool:
    """`timezone.localtime(moment)` converts a moment it is given; without one it asks the machine."""
    calls = [call for call in ast.walk(module) if isinstance(call, ast.Call) and call.func is node]
    return node.attr in {"localtime", "localdate"} and bool(calls) and bool(calls[0].args)


def test_only_the_clock_asks_the_machine_for_the_time():
    places = [
        where(path, node)
        for path in product_files()
        if path != CLOCK
        for node in questions(tree(path))
        if not _localises(tree(path), node)
    ]
    assert places == []


def test_no_column_fills_itself_with_the_time_of_the_machine():
    places = [
        where(path, node)
        for path in product_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}
    ]
    assert places == []


def test_the_guard_sees_a_question():
    assert len(questions(ast.parse("timezone.now()\nx = field(default=timezone.now)\ndatetime.date.today()"))) == 3
