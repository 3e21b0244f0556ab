"""What forms of several apps need from Django's form fields."""

from typing import Any, cast

from django import forms


def among(form: forms.BaseForm, name: str) -> "forms.ModelChoiceField[Any]":
    """The field `name` of the form as the choice among rows that it is: its rows or choices depend on who asks."""
    return cast("forms.ModelChoiceField[Any]", form.fields[name])
