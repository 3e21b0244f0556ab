"""A lock leaves alone who refers to the row: whole locks and checks of foreign keys make deadlocks, with a trail between them."""

import ast

from tests.test_house.source import ROOT, product_files, tree, where

# Where the row itself may go, or a key of it change: nobody may refer to it meanwhile.
WHOLE = {
    "calls/admin/editing.py": "the form that is sent may be the one that deletes the row",
}


def whole_locks(module: ast.Module) -> list[ast.AST]:
    return [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "select_for_update"
        and not any(
            word.arg == "no_key" and isinstance(word.value, ast.Constant) and word.value.value is True
            for word in node.keywords
        )
    ]


def test_no_lock_holds_up_who_refers_to_the_row_but_where_it_says_why():
    found = [(path, node) for path in product_files() for node in whole_locks(tree(path))]
    assert [where(path, node) for path, node in found if str(path.relative_to(ROOT)) not in WHOLE] == []
    assert {str(path.relative_to(ROOT)) for path, _ in found} == set(WHOLE)


def test_the_guard_sees_a_whole_lock():
    source = "a.select_for_update()\nb.select_for_update(of=('self',), no_key=False)\nc.select_for_update(no_key=True)"
    assert len(whole_locks(ast.parse(source))) == 2
