"""Figures, badges, components, charts and differences: the marks of a page.

Part of the library `{% load ui %}`; menus, paths and the addresses of lists stand in `menus`. `{% ui "name" … %}` renders
templates/components/<name>.html with only the parameters given; `{% component "name" … %}` does so with what stands between it and
`{% endcomponent %}` as `body`, and each `{% fill "slot" %}…{% endfill %}` inside it as a variable of that name.
"""

import html
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    Widget,
)
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ibnportal.core import clock
from ibnportal.core.ui import charts, differences, formats, problems, states
from ibnportal.core.ui.nodes import ComponentNode, FillNode

register = template.Library()


# ---------------------------------------------------------------- figures


def _number(value: Any) -> Any:
    """What a filter was given as a number, or None where there is none."""
    if isinstance(value, Decimal | int | float) or value is None:
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


@register.filter
def euro(value: Any, cents: Any = 2) -> str:
    """`{{ amount|euro }}` → € 1.234,56; `{{ amount|euro:0 }}` → € 1.235."""
    return formats.euro(_number(value), cents=str(cents) != "0")


@register.filter
def percent(value: Any, decimals: int = 1) -> str:
    """`{{ 0.725|percent }}` → 72,5 %."""
    return formats.percent(_number(value), int(decimals))


@register.filter
def number(value: Any, decimals: int | None = None) -> str:
    """`{{ 1234.5|number }}` → 1.234,5; `{{ 3|number:1 }}` → 3,0."""
    return formats.number(_number(value), decimals)


@register.filter
def date_nl(value: date | datetime | None) -> str:
    """Dinsdag 20 januari 2026, in lower case."""
    return formats.long_date(value or None)


@register.filter
def date_short(value: date | datetime | None) -> str:
    """20 jan. 2026, for tables."""
    return formats.short_date(value or None)


@register.filter
def datetime_nl(value: datetime | None) -> str:
    """20 januari 2026 om 12.00 uur."""
    return formats.moment(value or None)


@register.filter
def deadline_nl(value: datetime | None) -> str:
    """Dinsdag 20 januari 2026 om 12.00 uur (Belgische tijd), in lower case."""
    return formats.deadline(value or None)


@register.filter
def time_nl(value: datetime | None) -> str:
    """12.00 uur."""
    return formats.clock_time(value or None)


@register.filter
def countdown(value: datetime | None) -> str:
    """Nog 3 dagen en 2 uur, in lower case."""
    return formats.countdown(value or None)


@register.filter
def is_past(value: datetime | None) -> bool:
    """Whether this moment lies behind the portal's clock."""
    return bool(value) and value < clock.now()  # type: ignore[operator]


@register.filter
def is_soon(value: datetime | None, days: int = 3) -> bool:
    """Whether this moment lies less than so many days ahead."""
    return bool(value) and 0 <= (value - clock.now()).total_seconds() < int(days) * 86_400  # type: ignore[operator]


@register.filter
def filesize_nl(value: int | None) -> str:
    """1,2 MB."""
    return formats.filesize(value)


@register.filter
def short_hash(value: str | None) -> str:
    """The first twelve characters."""
    return formats.short_hash(value)


@register.filter
def enterprise_number(value: str | None) -> str:
    """0566.988.259."""
    return formats.enterprise_number(value)


@register.filter
def tone_of(state: Any) -> str:
    """The tone of a state: neutral, info, success, warning or danger."""
    return states.look_of(state).tone


@register.filter
def icon_of(state: Any) -> str:
    """The icon of a state."""
    return states.look_of(state).icon


@register.simple_tag
def moment(value: datetime | date | None, how: str = "") -> str:
    """`<time>` with the exact instant for machines; `how`: "" (moment), "deadline", "date", "short", "time"."""
    if not value:
        return formats.ABSENT
    write: dict[str, Any] = {
        "deadline": formats.deadline,
        "date": formats.long_date,
        "short": formats.short_date,
        "time": formats.clock_time,
    }
    fallback = formats.moment if isinstance(value, datetime) else formats.plain_date
    exact = clock.local(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()
    return format_html('<time datetime="{}">{}</time>', exact, write.get(how, fallback)(value))


@register.simple_tag
def clock_now() -> datetime:
    """The portal's clock: `{% clock_now as now %}`."""
    return clock.now()


# ---------------------------------------------------------------- icons and badges


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; decorative unless it has a label. A page has dozens of them, and the address is looked up for each."""
    href = f"{static('vendor/icons/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href)


@register.simple_tag
def badge(text: Any, tone: str = "neutral", icon_name: str = "") -> SafeString:
    """`{% badge "Nieuw" "accent" "star" %}`: text with a tone, and an icon where there is one."""
    return _badge(str(text), tone, icon_name)


@lru_cache(maxsize=1024, typed=True)  # a text that needs no escaping is of another type
def _badge(text: str, tone: str, icon_name: str) -> SafeString:
    """Lists have one or more a row, in a few kinds."""
    picture = icon(icon_name) if icon_name else ""
    return format_html('<span class="badge-state tone-{}">{}<span>{}</span></span>', tone, picture, text)


@register.simple_tag
def status_badge(thing: Any, text: str = "") -> SafeString | str:
    """The state of an object (its `state` with `get_state_display`), of a choice, or of a word with a `text`."""
    if thing is None or thing == "":
        return ""
    state = getattr(thing, "state", thing)
    if not text:
        display = getattr(thing, "get_state_display", None)
        text = str(display()) if callable(display) else str(getattr(state, "label", state))
    look = states.look_of(state)
    return badge(text, look.tone, look.icon)


# ---------------------------------------------------------------- components with slots


def _name_and_values(parser: Parser, token: Token) -> tuple[FilterExpression, dict[str, FilterExpression]]:
    tag, *bits = token.split_contents()
    if not bits:
        raise template.TemplateSyntaxError(f"{tag} needs the name of a component")
    rest = bits[1:]
    values = token_kwargs(rest, parser)
    if rest:
        raise template.TemplateSyntaxError(f"{tag} takes only name=value after the name, not {rest[0]}")
    return parser.compile_filter(bits[0]), values


@register.tag("ui")
def ui_tag(parser: Parser, token: Token) -> ComponentNode:
    """`{% ui "empty_state" title="…" %}`: a component without slots."""
    return ComponentNode(*_name_and_values(parser, token), None)


@register.tag("component")
def component_tag(parser: Parser, token: Token) -> ComponentNode:
    """`{% component "table" caption="…" %}…{% endcomponent %}`: a component with a body and slots."""
    name, values = _name_and_values(parser, token)
    nodelist = parser.parse(("endcomponent",))
    parser.delete_first_token()
    return ComponentNode(name, values, nodelist)


@register.tag("fill")
def fill_tag(parser: Parser, token: Token) -> FillNode:
    """`{% fill "filter" %}…{% endfill %}`: what goes into a slot of the component around it."""
    _, name = token.split_contents()
    nodelist = parser.parse(("endfill",))
    parser.delete_first_token()
    return FillNode(parser.compile_filter(name), nodelist)


# ---------------------------------------------------------------- fields of forms


@register.filter
def input_kind(field: BoundField) -> str:
    """How a field is laid out: checkbox, choices (several of them), file, select or input."""
    widget = field.field.widget
    return next((kind for kind, classes in _KINDS if isinstance(widget, classes)), "input")


_KINDS: tuple[tuple[str, tuple[type[Widget], ...]], ...] = (
    ("choices", (CheckboxSelectMultiple, RadioSelect)),
    ("file", (FileInput,)),
    ("select", (Select,)),
    ("checkbox", (CheckboxInput,)),
)


@register.simple_tag
def options(choices: Iterable[tuple[str, Any]], chosen: str = "") -> SafeString:
    """The options of a filter's `<select>`: `{% options calls chosen.oproep %}`, of (value, text) pairs; a list may have a hundred."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, _SELECTED if value == chosen else "", text) for value, text in choices),
    )


_SELECTED = SafeString(" selected")


@register.filter
def may_stay_empty(field: BoundField) -> bool:
    """Whether its label says so: not of what is needed in the end, nor where the page says once that most may."""
    asked = field.field
    return not (asked.required or getattr(asked, "is_needed_later", False) or getattr(asked, "is_one_of_many", False))


# ---------------------------------------------------------------- components that compute


@register.inclusion_tag("components/counter.html")
def counter(value: int, goal: int, label: str = "", text: str = "", style: str = "bar") -> dict[str, Any]:
    """`{% counter 7 10 "geldige intentieverklaringen" %}`; `style="ring"` draws a ring; `text` says what is still missing."""
    reached = value >= goal
    share = 100 if not goal else min(100, max(0, value * 100 // goal))
    return {
        "value": value, "goal": goal, "label": label, "text": text, "style": style, "reached": reached, "share": share,
        "left": max(0, goal - value),
    }  # fmt: skip


@register.inclusion_tag("components/share.html")
def share(value: Any, target: Any = None, label: str = "", text: str = "") -> dict[str, Any]:
    """A fraction as a bar with its target: `{% share 0.72 target=0.8 label="Cofinanciering" %}`."""
    part, goal = _number(value), _number(target)
    largest = max(Decimal(1), Decimal(str(part or 0)), Decimal(str(goal or 0)))

    def units(fraction: Any) -> str:
        return f"{max(Decimal(str(fraction or 0)), Decimal(0)) / largest * charts.WIDTH:.2f}"

    return {
        "value": part, "target": goal, "label": label, "text": text, "width": units(part),
        "mark": None if goal is None else units(goal), "reached": goal is not None and part is not None and part >= goal,
    }  # fmt: skip


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(
    rows: Iterable[Any],
    *,
    title: str = "",
    unit: str = "",
    target: Any = None,
    series: str = "",
    source: str = "",
    label: str = "",
) -> dict[str, Any]:
    """`{% bar_chart rows title="Steun per jaar" unit="euro" target=225000 series="Gevraagd|Toegekend" %}`.

    `rows`: `(label, value)` or `(label, value, value)` tuples, or dicts with label, value or values, target, url. `unit`: "euro",
    "percent" (of fractions) or a word. `label` heads the first column.
    """
    names = [name.strip() for name in series.split("|")] if series else ["Waarde"]
    made = charts.bars(rows, unit=unit, target=target, names=names if len(names) > 1 else ())
    return {
        "rows": made, "title": title, "series": list(enumerate(names, start=1)), "source": source, "label": label or "Onderdeel",
        "has_target": any(row.target for row in made), "has_series": len(names) > 1,
    }  # fmt: skip


@register.simple_tag
def text_rows(
    rows: Iterable[tuple[str, str, Iterable[str]]], columns: Iterable[tuple[str, str]], note_css: str = "source d-block"
) -> SafeString:
    """Rows of a long table in one pass: `{% text_rows lines columns %}` in its `<tbody>`; a loop takes five times as long.

    Each row is its heading, a note below that ("" for none) and its cells: texts, or markup that was escaped where it was made (a badge, a
    link). Each column after the heading is its label and a class ("num" for figures, "" for none).
    """
    opened = [
        str(
            format_html('<td class="{}" data-label="{}">', css, label)
            if css
            else format_html('<td data-label="{}">', label)
        )
        for label, css in columns
    ]
    note_opened = format_html('<span class="{}">', note_css)
    written: list[str] = []
    for texts in rows:
        heading, note, *cells = _escaped((texts[0], texts[1], *texts[2]))
        below = f"{note_opened}{note}</span>" if note else ""
        written.append(f'<tr><th scope="row">{heading}{below}</th>')
        written += [f"{cell}{text}</td>" for cell, text in zip(opened, cells, strict=True)]
        written.append("</tr>")
    return mark_safe("".join(written))  # noqa: S308 - each text was escaped where it was written


def _escaped(texts: Sequence[str]) -> list[str]:
    """Each of these texts escaped, in one pass: between them stands what no text of the database can hold. Markup stays as it is."""
    plain = [text for text in texts if not isinstance(text, SafeString)]
    escaped = iter(html.escape("\0".join(plain)).split("\0"))
    return [text if isinstance(text, SafeString) else next(escaped) for text in texts]


@register.inclusion_tag("components/province_map.html")
def province_map(values: dict[str, Any], *, title: str = "", source: str = "") -> dict[str, Any]:
    """`{% province_map values title="Leden per provincie" %}`: the five Flemish provinces by code, beside the table that says the same."""
    return {"areas": charts.areas(values), "title": title, "source": source}


@register.inclusion_tag("components/matrix_chart.html")
def matrix_chart(
    rows: Iterable[Any], *, title: str, x_label: str, y_label: str, x_max: Any = 1, y_max: Any = 1
) -> dict[str, Any]:
    """`{% matrix_chart rows title="…" x_label="Gezocht" y_label="Al bereikt" x_max=2 y_max=2 %}`: numbered points and their table.

    `rows`: `(number, label, x, y, group)`; a value that is None draws no point, the table says so.
    """
    made = charts.points(rows, x_max=x_max, y_max=y_max)
    return {
        "points": made, "title": title, "x_label": x_label, "y_label": y_label, "x_max": x_max, "y_max": y_max,
    }  # fmt: skip


@register.inclusion_tag("components/stage_timeline.html")
def stage_timeline(stages: Iterable[Any], label: str = "Verloop") -> dict[str, Any]:
    """Stages with done, now and later, and today on the line.

    Each stage is a dict or object with `label`, and optionally `at` (date or datetime), `text` (instead of `at`), `note`, `url` and
    `state` ("done", "now", "later"). Without a state, a stage is done once its moment has passed.
    """
    now = clock.now()
    shown = []
    for stage in stages:
        get = (
            stage.get
            if isinstance(stage, dict)
            else lambda key, default=None, stage=stage: getattr(stage, key, default)
        )
        at = get("at")
        state = get("state") or ("done" if at and _instant(at) <= now else "later")
        shown.append(
            {
                "label": get("label"),
                "at": at,
                "text": get("text"),
                "note": get("note"),
                "url": get("url"),
                "state": state,
            }
        )
    if not any(stage["state"] == "now" for stage in shown):
        upcoming = next((stage for stage in shown if stage["state"] == "later"), None)
        if upcoming:
            upcoming["is_next"] = True
    return {"stages": shown, "label": label, "today": clock.today(), "count": len(shown)}


def _instant(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else clock.end_of_day(value)


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any, title: str = "") -> dict[str, Any]:
    """Every error of these forms and formsets, each linked to its field; nothing when there is none.

    A form of a formset that has a `row_label` says which row it is. What stands here is not said again above the fields by crispy
    (`form_problems`). No browser gives a chosen file a second time: where one came along it is asked again.
    """
    for form in forms:
        if isinstance(form, BaseForm):
            form.is_summarised = True  # type: ignore[attr-defined]
    had_files = any(getattr(form, "files", None) for form in forms)
    return {"problems": problems.problems_of(forms), "title": title, "had_files": had_files}


@register.simple_tag(takes_context=True)
def form_problems(context: Context) -> list[dict[str, str]]:
    """The errors of the form in the context, unless the page summed them up already; crispy's own error block uses it."""
    form = context.get("form")
    return problems.problems_of([form]) if form and not getattr(form, "is_summarised", False) else []


# ---------------------------------------------------------------- differences


@register.simple_tag
def text_diff(old: Any, new: Any) -> SafeString:
    """One text with what went (`<del>`) and what came (`<ins>`), by words; by paragraphs, or whole, where that would take too long."""
    wrap = {"": "{}", "del": '<del><span class="visually-hidden">geschrapt: </span>{}</del>',
            "ins": '<ins><span class="visually-hidden">toegevoegd: </span>{}</ins>'}  # fmt: skip
    return format_html_join("", "{}", ((format_html(wrap[kind], text),) for kind, text in differences.pieces(old, new)))


# ---------------------------------------------------------------- in a line of text


@register.simple_tag
def either(*values: Any) -> Any:
    """The first value that is there, as it is (`firstof` makes text of it): `{% either item.due_at due_at as due %}`."""
    return next((value for value in values if value not in (None, "")), None)


@register.filter
def host(url: str) -> str:
    """The host of an address, to name an outside source."""
    return urlsplit(str(url)).netloc.removeprefix("www.")


@register.filter
def file_icon(name: str) -> str:
    """The icon that goes with a file name."""
    ending = str(name).rpartition(".")[2].lower()
    kinds = {"pdf": "pdf", "xlsx": "spreadsheet", "csv": "spreadsheet", "docx": "word", "zip": "zip"}
    return f"file-earmark-{kinds.get(ending, 'text')}"
