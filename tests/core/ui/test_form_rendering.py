"""Inputs written as text are what Django's own templates make of them."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from ibnportal.core.ui.form_rendering import WRITTEN, FormRenderer

NASTY = 'O\'Neill & <b>"zonen"</b> 100 % {{ x }}\n\nétè 你'
ATTRIBUTES = {"id": "id_veld", "required": True, "disabled": False, "data-max-words": 1500, "title": NASTY, "rows": "4"}
WIDGETS = (
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput,
    forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.SearchInput, forms.TelInput, forms.Textarea,
)  # fmt: skip
VALUES = (None, "", NASTY, mark_safe("<i>veilig</i>"), 0, 1234567, 12.5, "\nbegint op een nieuwe regel")
CHOICES = (
    ("", "Maak een keuze"),
    (1, "Eén & twee"),
    (2025, 2025),
    (NASTY, mark_safe("<i>veilig</i>")),
    ("Groep <1>", (("a", NASTY), ("b", "B"))),
)


@pytest.mark.parametrize("widget", WIDGETS)
@pytest.mark.parametrize("value", VALUES)
def test_an_input_is_what_djangos_template_makes_of_it(widget, value):
    made = widget(attrs={"class": "form-control"})
    assert made.template_name in WRITTEN
    assert made.render("veld", value, ATTRIBUTES, FormRenderer()) == made.render(
        "veld", value, ATTRIBUTES, DjangoTemplates()
    )


@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple])
@pytest.mark.parametrize("value", [None, "", 1, "a", ["1", "b"], NASTY])
def test_a_list_to_choose_from_is_what_djangos_template_makes_of_it(widget, value):
    made = widget(choices=CHOICES)
    assert made.render("veld", value, ATTRIBUTES, FormRenderer()) == made.render(
        "veld", value, ATTRIBUTES, DjangoTemplates()
    )


def test_what_is_not_written_is_rendered_by_its_template():
    radio = forms.RadioSelect(choices=CHOICES)
    assert radio.template_name not in WRITTEN
    assert radio.render("veld", "a", {}, FormRenderer()) == radio.render("veld", "a", {}, DjangoTemplates())
