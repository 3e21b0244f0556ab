"""Menus, the path to a page, the rail of a dossier and the addresses of lists: how one moves through the portal.

Part of the library `{% load ui %}`; what a page is marked with stands in `marks`.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.context import Context
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ibnportal.core.ui import navigation, states
from ibnportal.core.ui.marks import icon
from ibnportal.core.ui.nodes import OnceNode

register = template.Library()

_CURRENT = mark_safe(' aria-current="page"')


# ---------------------------------------------------------------- menu, path and rail


@register.simple_tag
def main_menu(items: Iterable[navigation.Item]) -> SafeString | str:
    """The main navigation of the person who looks; nothing where there is none."""
    return _main_menu(tuple(items)) if items else ""


@lru_cache(maxsize=1024)
def _main_menu(items: tuple[navigation.Item, ...]) -> SafeString:
    """Kept: a person has one a part of the portal, and so have all with the same roles."""
    shown = ((item.url, _CURRENT if item.is_current else "", item.label) for item in items)
    entries = format_html_join("", '<li><a href="{}"{}>{}</a></li>', shown)
    return format_html('<nav class="main-nav" aria-label="Hoofdmenu"><ul>{}</ul></nav>', entries)


@register.simple_tag
def breadcrumb(label: Any, target: str = "", *args: Any, **kwargs: Any) -> SafeString:
    """One step: `{% breadcrumb "Oproepen" "calls:list" %}`; without a target it is the current page. A path works as well."""
    if not target:
        return format_html('<li class="breadcrumb-item active" aria-current="page">{}</li>', label)
    url = target if target.startswith("/") else address(target, *args, **kwargs)
    return format_html('<li class="breadcrumb-item"><a href="{}">{}</a></li>', url, label)


@register.inclusion_tag("components/section_rail.html")
def section_rail(sections: Iterable[Any], label: str = "Onderdelen") -> dict[str, Any]:
    """The rail of a dossier: dicts or objects with `label`, `url`, `state` (done, missing, error, empty), `note`, `is_current`."""
    written, done, total = [], 0, 0
    for section in sections:
        read = section if isinstance(section, dict) else {name: getattr(section, name, "") for name in _RAIL}
        state = str(read.get("state") or "")
        url, name_of_part, note = (read.get(name) or "" for name in ("url", "label", "note"))
        written.append(_rail_step(state, url, name_of_part, note, _CURRENT if read.get("is_current") else ""))
        done += state == "done"
        total += 1
    return {"steps": mark_safe("".join(written)), "label": label, "done": done, "total": total}  # noqa: S308 - each was escaped


@lru_cache(maxsize=4096, typed=True)
def _rail_step(state: str, url: str, label: str, note: str, current: str) -> SafeString:
    """Written here and kept: the rail stands on every page of a dossier, with fifteen steps that seldom change."""
    text = note or _RAIL_TEXTS.get(state, "Nog leeg")
    shown = icon(states.look_of(state).icon)
    return format_html(_RAIL_STEP, state=state, url=url, current=current, icon=shown, label=label, text=text)


_RAIL_STEP = (
    '<li class="is-{state}"><a href="{url}"{current}>{icon}<span><span class="rail-label">{label}</span> '
    '<span class="rail-state">{text}</span></span></a></li>'
)
_RAIL = ("label", "url", "state", "note", "is_current")
_RAIL_TEXTS = {"done": "Klaar", "missing": "Ontbreekt nog iets", "error": "Fout"}


# ---------------------------------------------------------------- addresses


@register.simple_tag
def address(name: str, *args: Any, **kwargs: Any) -> str:
    """`{% url %}`, looked up once for the same page: for what stands on every page of a dossier, or on every row."""
    return _address(name, args, tuple(kwargs.items()), get_urlconf() or settings.ROOT_URLCONF)


@lru_cache(maxsize=8192)
def _address(name: str, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...], _urlconf: str) -> str:
    return reverse(name, args=args or None, kwargs=dict(kwargs) or None)


@register.simple_tag
def url_or_nothing(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page that may not be mounted here (tests of one app, a portal without the demo)."""
    try:
        return address(name, *args, **kwargs)
    except NoReverseMatch:
        return ""


@register.tag("once")
def once_tag(parser: Parser, _token: Token) -> OnceNode:
    """`{% once %}…{% endonce %}`: addresses, files and icons only; nothing of a person, a request or a moment may stand in it."""
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(nodelist)


# ---------------------------------------------------------------- lists


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The current query string with changes: `?{% query pagina=2 %}`; None or "" takes a parameter out."""
    request = context.get("request")
    params = request.GET.copy() if request else {}
    for key, value in changes.items():
        if value is None or value == "":
            params.pop(key, None)
        else:
            params[key] = value
    return params.urlencode() if hasattr(params, "urlencode") else ""


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: Context, key: str, label: str, css: str = "", parameter: str = "sorteer") -> dict[str, Any]:
    """A `<th>` that sorts on `?sorteer=key` and, once sorted so, on `?sorteer=-key`."""
    request = context.get("request")
    current = request.GET.get(parameter, "") if request else ""
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    following = f"-{key}" if direction == "ascending" else key
    return {
        "label": label, "css": css, "direction": direction,
        "url": "?" + query(context, **{parameter: following, "pagina": None}),
    }  # fmt: skip


@register.inclusion_tag("components/export_links.html", takes_context=True)
def export_links(
    context: Context, kinds: str = "xlsx,csv", parameter: str = "formaat", url: str = ""
) -> dict[str, Any]:
    """Links to the same list, filters included, as a file: `?formaat=xlsx`."""
    links = [
        (kind, f"{url}?{query(context, **{parameter: kind, 'pagina': None})}") for kind in kinds.split(",") if kind
    ]
    return {"links": links}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Any, parameter: str = "pagina") -> dict[str, Any]:
    """Pages of a list, keeping filters: `page` is Django's Page."""
    links = [
        {"number": shown, "url": f"?{query(context, **{parameter: shown})}", "is_current": shown == page.number}
        if isinstance(shown, int)
        else {"number": "", "url": "", "is_current": False}
        for shown in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    previous = f"?{query(context, **{parameter: page.previous_page_number()})}" if page.has_previous() else ""
    following = f"?{query(context, **{parameter: page.next_page_number()})}" if page.has_next() else ""
    return {"page": page, "links": links, "previous": previous, "following": following}
