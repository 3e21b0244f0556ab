"""Every rule id in the code and in the tests exists in docs/rules.csv."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ibnportal.core.rulebook.scan import ids_in_strings, marks, read_rules, rulebook
from tests.test_house.source import ROOT, product_files, python_files, tree, where

RULES = read_rules(ROOT)


def test_every_marked_rule_exists():
    unknown = [
        f"{path.relative_to(ROOT)}: {rule}"
        for path in python_files("tests")
        for rule, _ in marks(path)
        if rule not in RULES
    ]
    assert unknown == []


def test_every_rule_id_in_the_code_exists():
    unknown = [
        f"{where(path, node)}: {node.value}"
        for path in product_files()
        for keyword in ast.walk(tree(path))
        if isinstance(keyword, ast.keyword) and keyword.arg == "rule_id"
        for node in [keyword.value]
        if isinstance(node, ast.Constant) and node.value and node.value not in RULES
    ]
    assert unknown == []


def test_an_id_of_a_known_area_exists():
    """An id in any string of the product whose area is one of the rule list's is one of its rules."""
    areas = {rule.split("-")[0] for rule in RULES}
    unknown = [
        f"{path.relative_to(ROOT)}:{line}: {found}"
        for path in product_files()
        for found, line in ids_in_strings(path)
        if found.split("-")[0] in areas and found not in RULES
    ]
    assert unknown == []


def _project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "rules.csv").write_text("id,area,check,code_name\nPAY-01,PAY,M,tranche\nPAY-02,PAY,P,praise\n")
    (tmp_path / "monitoring" / "domain").mkdir(parents=True)
    (tmp_path / "monitoring" / "domain" / "claims.py").write_text(
        '"""PAY-02 in a docstring."""\nraise E("x", rule_id="PAY-01")\n'
    )
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_claims.py").write_text('@pytest.mark.rule("PAY-01")\ndef test_it():\n    pass\n')
    return tmp_path


def test_the_rulebook_finds_the_line_and_the_test(tmp_path):
    rules = rulebook(_project(tmp_path))
    assert rules["PAY-01"].enforced == ["monitoring/domain/claims.py:2"]
    assert rules["PAY-01"].proven == ["tests/test_claims.py::test_it"]
    assert rules["PAY-02"].enforced == []


def test_the_command_lists_what_is_unproven_in_an_area(settings, tmp_path):
    settings.BASE_DIR = _project(tmp_path)
    out = StringIO()
    call_command("rules", "pay", unproven=True, stdout=out)
    assert out.getvalue() == "0 rules, 0 proven\n"


def test_the_command_refuses_an_unknown_area():
    with pytest.raises(CommandError, match="Unknown area: XYZ"):
        call_command("rules", "XYZ", stdout=StringIO())
