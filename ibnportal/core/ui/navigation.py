"""The main navigation: each app registers its entries in `AppConfig.ready`, a person sees those of its roles.

    navigation.register("Mijn dossiers", "applications:list", [ORGANISATION], order=20)

The audience is a list of roles and of the markers PUBLIC, SIGNED_IN and ORGANISATION of `ibnportal.core.access`; it decides what is shown,
never what is allowed: that is the `@access` of the view.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, get_urlconf, reverse

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
    entries.cache_clear()


@cache
def entries() -> tuple[Entry, ...]:
    """All that was registered, in the order of the menu."""
    return tuple(sorted(_entries.values(), key=lambda entry: (entry.order, entry.label)))


@lru_cache(maxsize=256)
def _address(url_name: str, _urlconf: str | None) -> str | None:
    """Where an entry leads, looked up once; None for an app whose pages are not mounted here."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


def items_for(user: Any, path: str) -> list[Item]:
    """What this person sees; the entry with the longest address that `path` starts with is the current one."""
    admitted = (entry for entry in entries() if entry.policy.admits(user))
    mounted = get_urlconf() or settings.ROOT_URLCONF
    shown = [(entry.label, url) for entry in admitted if (url := _address(entry.url_name, mounted)) is not None]
    inside = [url for _, url in shown if url != "/" and path.startswith(url)]
    current = max(inside, key=len, default="/" if path == "/" else "")
    return [Item(label, url, is_current=url == current) for label, url in shown]
