"""Forms that remember, in the page, the values they were opened with.

So only what this person changed is saved, and a colleague's change to the same field is noticed (`domain.stale`).
"""

from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ibnportal.core.errors import DomainError

PREFIX = "gezien-"


class SeenForm(forms.Form):
    """Put `{{ form.seen_fields }}` inside the form element; then use `typed()` instead of `cleaned_data`."""

    is_renewed = False
    remembers = True
    """False for a row that does not exist yet: what the page proposes in it is not kept anywhere, so all of it is new."""

    @property
    def seen_fields(self) -> SafeString:
        """The values of now for a fresh page; those of the page that was sent, until `renew` says that they were shown."""
        return format_html_join("", '<input type="hidden" name="{}" value="{}">', self._seen_pairs())

    def _seen_pairs(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if not self.remembers:
            return found
        for name, field in self.fields.items():
            key = f"{PREFIX}{self.add_prefix(name)}"
            if self.is_bound and not self.is_renewed:
                if key in self.data:
                    found.append((key, self.data[key]))
                continue
            found.append((key, _as_text(field, self.get_initial_for_field(field, name))))
        return found

    def typed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What changed since the page was opened, and what stood there then. A page without memory changes everything."""
        wanted, seen = {}, {}
        for name, field in self.fields.items():
            key = f"{PREFIX}{self.add_prefix(name)}"
            if name not in self.cleaned_data:
                continue
            value = self.cleaned_data[name]
            if self.remembers and key in self.data:
                try:
                    before = field.to_python(self.data[key])
                except forms.ValidationError:
                    before = None
                if _same(before, value):
                    continue
                seen[name] = before
            wanted[name] = value
        return wanted, seen

    def renew(self, row: Any) -> None:
        """After a colleague's change was shown: whoever sends this page again has seen the values of now."""
        self.is_renewed = True
        for name in self.fields:
            if hasattr(row, name):
                value = getattr(row, name)
                self.initial[name] = getattr(value, "pk", value)

    def add_findings(self, error: DomainError) -> None:
        """The error on top, each finding at its field."""
        self.add_error(None, error.message)
        for finding in error.findings:
            self.add_error(finding.where if finding.where in self.fields else None, finding.message)


def _as_text(field: forms.Field, value: Any) -> str:
    if callable(value):
        value = value()
    if isinstance(field, forms.BooleanField):
        return "True" if value else "False"
    prepared = field.prepare_value(value)
    if hasattr(prepared, "isoformat"):
        return str(prepared.isoformat())
    if isinstance(field, forms.DecimalField) and prepared is not None:
        return str(field.widget.format_value(prepared) or "")
    return "" if prepared is None else str(prepared)


def _same(before: Any, now: Any) -> bool:
    return (None if before == "" else before) == (None if now == "" else now)
