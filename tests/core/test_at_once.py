"""What the squashed migrations made is what the models say; `makemigrations --check` only compares states."""

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection

pytestmark = pytest.mark.django_db
OURS = [model for model in apps.get_models() if model.__module__.split(".")[0] in {"ibnportal", "calls", "applications", "evaluation", "monitoring"}]  # fmt: skip


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_column_and_constraint_is_there(model):
    with connection.cursor() as cursor:
        columns = {
            column.name for column in connection.introspection.get_table_description(cursor, model._meta.db_table)
        }
        constraints = connection.introspection.get_constraints(cursor, model._meta.db_table)
    assert {field.column for field in model._meta.local_fields} == columns
    wanted = {constraint.name for constraint in [*model._meta.constraints, *model._meta.indexes]}
    assert wanted <= set(constraints)
    keys = {tuple(found["columns"]) for found in constraints.values() if found["foreign_key"]}
    assert {(field.column,) for field in model._meta.local_fields if field.many_to_one} <= keys


def test_every_trigger_is_there():
    found = {trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        there = {name for (name,) in cursor.fetchall()}
    assert len(found) > 50
    assert found <= there
