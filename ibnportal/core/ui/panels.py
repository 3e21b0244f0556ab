"""Panels that an app adds to a page of an app below it, which knows nothing of it: each app registers in `AppConfig.ready`.

    panels.register("applications:detail", "evaluation/sheets/_panel.html", provider)

The provider gets the page's subject and the person, and answers the panel's context, or None when there is nothing to show.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Provider = Callable[[Any, Any], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel as a page includes it: `{% include panel.template with panel=panel.context %}`."""

    template: str
    context: dict[str, Any]


_providers: dict[str, dict[str, Provider]] = {}


def register(page: str, template: str, provider: Provider) -> None:
    """Add a panel to a page; the same template again replaces it."""
    _providers.setdefault(page, {})[template] = provider


def panels_of(page: str, subject: Any, user: Any) -> list[Panel]:
    """What the apps above have to add for this person, in the order in which they registered."""
    found = [(template, provider(subject, user)) for template, provider in _providers.get(page, {}).items()]
    return [Panel(template, context) for template, context in found if context is not None]
