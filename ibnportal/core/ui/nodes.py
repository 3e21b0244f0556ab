"""What the tags of `{% load ui %}` leave in a compiled template: components with their slots, and parts that are rendered once."""

from typing import Any

from django.conf import settings
from django.template.base import FilterExpression, Node, NodeList
from django.template.context import Context
from django.urls import get_urlconf
from django.utils.safestring import SafeString, mark_safe

CARRIED = ("request", "user", "csrf_token", "perms")


class FillNode(Node):
    """What stands in one slot."""

    def __init__(self, name: FilterExpression, nodelist: NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context: Context) -> str:  # noqa: ARG002 - Django's signature
        """A fill is rendered by its component, never in place."""
        return ""


class ComponentNode(Node):
    """A template of templates/components/ with parameters and slots, in a context of its own."""

    def __init__(self, name: FilterExpression, values: dict[str, FilterExpression], nodelist: NodeList | None) -> None:
        self.name, self.values, self.nodelist = name, values, nodelist

    def render(self, context: Context) -> str:
        """The template, with what was given and nothing of the page around it but request, user and csrf token."""
        given: dict[str, Any] = {key: value.resolve(context) for key, value in self.values.items()}
        if self.nodelist is not None:
            for fill in (node for node in self.nodelist if isinstance(node, FillNode)):
                given[fill.name.resolve(context)] = _stripped(fill.nodelist.render(context))
            given["body"] = _stripped(self.nodelist.render(context))
        carried = {key: context[key] for key in CARRIED if key in context}
        engine = context.template.engine  # type: ignore[union-attr]
        chosen = engine.get_template(f"components/{self.name.resolve(context)}.html")
        return chosen.render(context.new({**carried, **given}))


def _stripped(rendered: str) -> SafeString:
    return mark_safe(rendered.strip())  # noqa: S308 - output of the template engine, escaped where it was made


class OnceNode(Node):
    """A part of a page that is the same for everybody, kept as it was rendered first."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._kept: dict[str, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """What stands in it, made once for each set of addresses."""
        mounted = get_urlconf() or settings.ROOT_URLCONF
        if mounted not in self._kept:
            self._kept[mounted] = self.nodelist.render(context)
        return self._kept[mounted]
