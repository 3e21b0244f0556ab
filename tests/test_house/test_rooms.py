"""What import-linter cannot see: the parts of Django that a domain does not know."""

import ast

from tests.test_house.source import APPS, python_files, tree, where

FOREIGN = (
    "django.http",
    "django.forms",
    "django.shortcuts",
    "django.contrib.messages",
    "django.urls",
    "django.template",
)


def foreign_imports(module: ast.Module) -> list[ast.AST]:
    found: list[ast.AST] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        if any(name == foreign or name.startswith(f"{foreign}.") for name in names for foreign in FOREIGN):
            found.append(node)
    return found


def test_no_domain_knows_requests_forms_messages_or_addresses():
    places = [
        where(path, node)
        for app in APPS
        for path in python_files(f"{app}/domain")
        for node in foreign_imports(tree(path))
    ]
    assert places == []


def test_the_guard_sees_both_ways_of_importing():
    assert (
        len(foreign_imports(ast.parse("import django.http\nfrom django import forms\nfrom django.db import models")))
        == 2
    )
