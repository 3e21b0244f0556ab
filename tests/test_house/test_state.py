"""A state has one writer, and the fields that say when and who stand together."""

import ast

from django.apps import apps
from django.db import models

from ibnportal.core.rulebook.states import states_document
from tests.test_house.source import ROOT, product_files, tree, where


def state_writes(module: ast.Module) -> list[ast.AST]:
    found: list[ast.AST] = []
    for node in ast.walk(module):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        found += [target for target in targets if isinstance(target, ast.Attribute) and target.attr == "state"]
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            names = {keyword.arg for keyword in node.keywords}
            if called == "update" and "state" in names:
                found.append(node)
            if called == "setattr" and any(isinstance(a, ast.Constant) and a.value == "state" for a in node.args):
                found.append(node)
    return found


def test_only_lifecycle_modules_write_a_state():
    places = [
        where(path, node)
        for path in product_files()
        if path.name != "lifecycle.py"
        for node in state_writes(tree(path))
    ]
    assert places == []


def test_the_guard_sees_a_written_state():
    source = "a.state = 'x'\nq.update(state='y')\nsetattr(a, 'state', 'z')"
    assert len(state_writes(ast.parse(source))) == 3


def our_models() -> list[type[models.Model]]:
    ours = ("ibnportal.", "calls", "applications", "evaluation", "monitoring")
    return [m for m in apps.get_models() if m._meta.app_config.name.startswith(ours)]


def test_a_moment_and_its_person_are_held_together_by_the_database():
    """Where a row has both `x_at` and `x_by` and the moment may be empty, a CheckConstraint names both.

    A moment that is always there beside a person that may be empty is the machine's own doing: nothing to bind.
    """
    loose = []
    for model in our_models():
        fields = {field.name: field for field in model._meta.get_fields() if isinstance(field, models.Field)}
        held = [str(c.condition) for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]
        for name, moment in fields.items():
            person = fields.get(f"{name[:-3]}_by")
            if not name.endswith("_at") or person is None or not moment.null:
                continue
            if not any(name in text and person.name in text for text in held):
                loose.append(f"{model._meta.label}: {name} / {person.name}")
    assert loose == []


def test_a_person_without_a_moment_is_not_recorded():
    """Any `_at` or `_on` of the same row will do: a row may have one moment under another name."""
    names = {model._meta.label: {field.name for field in model._meta.get_fields()} for model in our_models()}
    alone = [
        label
        for label, fields in names.items()
        if any(name.endswith("_by") for name in fields) and not any(name.endswith(("_at", "_on")) for name in fields)
    ]
    assert alone == []


def test_the_document_of_states_is_what_the_code_says():
    written = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
    assert written == states_document(), "run: manage.py states --write"
