"""The main navigation: each app registers its entries in `AppConfig.ready`, a person sees those of its roles.

    navigation.register("Mijn dossiers", "applications:list", [ORGANISATION], order=20)

The audience is a list of roles and of the markers PUBLIC, SIGNED_IN and ORGANISATION of `ibnportal.core.access`; it decides what is shown,
never what is allowed: that is the `@access` of the view.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from ibnportal.core.access import PUBLIC, Policy, Who


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as an app registered it."""

    label: str
    url_name: str
    policy: Policy
    order: int


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as a page shows it."""

    label: str
    url: str
    is_current: bool


_entries: dict[str, Entry] = {}


def register(label: str, url_name: str, roles: Iterable[Who] = (PUBLIC,), order: int = 100) -> None:
    """Add an entry; the same `url_name` again replaces it. Lower `order` stands first."""
    _entries[url_name] = Entry(label, url_name, Policy(tuple(roles)), order)


def entries() -> list[Entry]:
    """All that was registered, in the order of the menu."""
    return sorted(_entries.values(), key=lambda entry: (entry.order, entry.label))


def items_for(user: Any, path: str) -> list[Item]:
    """What this person sees; the entry with the longest address that `path` starts with is the current one."""
    shown: list[tuple[str, str]] = []
    for entry in entries():
        if entry.policy.admits(user):
            try:
                shown.append((entry.label, reverse(entry.url_name)))
            except NoReverseMatch:  # an app whose pages are not mounted here
                continue
    inside = [url for _, url in shown if url != "/" and path.startswith(url)]
    current = max(inside, key=len, default="/" if path == "/" else "")
    return [Item(label, url, is_current=url == current) for label, url in shown]
