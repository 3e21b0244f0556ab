"""The inputs of forms, written as text: the same HTML as of Django's own templates, which take ten times as long.

Only what a page has dozens of: inputs of one line, text areas and lists to choose from. Everything else, and every field around its
input, is rendered by a template.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


def _text(value: Any) -> SafeString:
    """A value as `stringformat:"s"` writes it, escaped."""
    return conditional_escape(value if isinstance(value, str) else str(value))


def _attributes(widget: Widget) -> str:
    """The attributes with a space before each: True stands without a value, False not at all."""
    return "".join(
        f" {_text(name)}" if value is True else f' {_text(name)}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = widget["value"]
    shown = "" if value is None else f' value="{_text(value)}"'
    return f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{shown}{_attributes(widget)}>'


def _text_area(widget: Widget) -> str:
    value = widget["value"]
    return (
        f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{_shown(value) if value else ""}</textarea>'
    )


def _shown(value: Any) -> SafeString:
    """A value as a template shows it."""
    return conditional_escape(localize(value))


def _select(widget: Widget) -> str:
    written = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _ in widget["optgroups"]:
        if group:
            written.append(f'\n  <optgroup label="{_shown(group)}">')
        written += [
            f'\n  <option value="{_text(option["value"])}"{_attributes(option)}>{_shown(option["label"])}</option>\n'
            for option in options
        ]
        if group:
            written.append("\n  </optgroup>")
    return f"{''.join(written)}\n</select>"


_OF_ONE_LINE = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "search", "tel")
WRITTEN: Mapping[str, Callable[[Widget], str]] = {
    **{f"django/forms/widgets/{kind}.html": _input for kind in _OF_ONE_LINE},
    "django/forms/widgets/textarea.html": _text_area,
    "django/forms/widgets/select.html": _select,
}


class FormRenderer(DjangoTemplates):
    """Django's own, but for the inputs that are written as text; every form uses it (settings.FORM_RENDERER)."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """The HTML of one widget, field or form."""
        write = WRITTEN.get(template_name)
        if write is None:
            return super().render(template_name, context, request)
        return mark_safe(write(context["widget"]))  # noqa: S308 - each value was escaped where it was written
