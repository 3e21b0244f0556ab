"""What is wrong in forms and formsets, each error with the field to go to."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm


def problems_of(forms: Iterable[Any]) -> list[dict[str, str]]:
    """Target, label and message of each error of these forms and formsets, in the order of their fields; what belongs to no field first."""
    found: list[dict[str, str]] = []
    for form in forms:
        if not form:
            continue
        if isinstance(form, BaseForm):
            found += _of_one(form)
        elif hasattr(form, "non_form_errors"):
            found += [{"target": "", "label": "", "message": str(message)} for message in form.non_form_errors()]
            found += problems_of(form.forms)
    return found


def _of_one(form: BaseForm) -> list[dict[str, str]]:
    if not form.is_bound:
        return []
    found = []
    for name in sorted(form.errors, key=[NON_FIELD_ERRORS, *form.fields].index):
        messages = form.errors[name]
        bound = form[name] if name in form.fields else None
        for message in messages:
            target = ""
            if bound is not None and not bound.is_hidden:
                parts = bound.subwidgets if bound.use_fieldset else []
                target = bound.id_for_label or (parts[0].id_for_label if parts else f"div_{bound.auto_id}")
            names = (getattr(form, "row_label", ""), str(bound.label) if bound is not None else "")
            found.append({"target": target, "label": ", ".join(filter(None, names)), "message": str(message)})
    return found
