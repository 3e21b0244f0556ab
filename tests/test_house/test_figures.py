"""Every figure of a call is data of the call: no `domain/` holds a number of its own."""

import ast

from tests.test_house.source import APPS, python_files, tree, where

# Nothing, one, two (a person and a second one), and percent: these count things, they rule nothing.
PLAIN = {0, 1, 2, 100}


def own_figures(module: ast.Module) -> list[ast.AST]:
    quoted = {id(node) for node in _cuts_of_quotations(module)}
    return [node for node in ast.walk(module) if (_is_number(node) and id(node) not in quoted) or _is_amount(node)]


def _cuts_of_quotations(module: ast.Module) -> list[ast.AST]:
    """The 40 in f"“{value[:40]}” is geen getal": it keeps a message short and decides nothing."""
    texts = [node for node in ast.walk(module) if isinstance(node, ast.JoinedStr)]
    slices = [node for text in texts for node in ast.walk(text) if isinstance(node, ast.Slice)]
    return [node for cut in slices for node in ast.walk(cut)]


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in {int, float} and node.value not in PLAIN


def _is_amount(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _is_decimal(node) and not _is_plain(node.args[0])


def _is_decimal(call: ast.Call) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    return (
        name == "Decimal"
        and len(call.args) == 1
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    )


def _is_plain(argument: ast.expr) -> bool:
    # A cent is the step of every amount, not a rule.
    value = argument.value if isinstance(argument, ast.Constant) else None
    return value in {"0", "1", "2", "100", "0.00", "0.01", "1.00", "100.00"}


def test_no_domain_holds_a_figure_of_its_own():
    places = [
        where(path, node) for app in APPS for path in python_files(f"{app}/domain") for node in own_figures(tree(path))
    ]
    assert places == []


def test_the_guard_sees_a_figure():
    assert len(own_figures(ast.parse("limit = 30\nshare = 0.7\ncap = Decimal('675000')"))) == 3


def test_the_guard_lets_plain_numbers_pass():
    assert own_figures(ast.parse("a = 0 + 1\nb = x * 100\nc = Decimal('0.01')\nd = True\ne = f'{v[:40]}'")) == []
