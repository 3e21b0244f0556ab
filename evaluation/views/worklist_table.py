"""The rows of the worklist: a page has a hundred, so they are flat and written in one pass."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

from applications.enums import ApplicationState
from evaluation.domain.waiting import Step, Waiting
from ibnportal.core import clock
from ibnportal.core.ui.marks import badge, moment, status_badge
from ibnportal.core.ui.menus import address, url_or_nothing

Line = tuple[SafeString, str, tuple[str, ...]]
LINE_COLUMNS = (("Aanvrager", ""), ("Status", ""), ("Wacht op", ""), ("Volgende stap", ""), ("Tegen", ""))
STATUS_LABELS = {state.value: str(state.label) for state in ApplicationState}


def end_of_week() -> datetime:
    """The last moment of this Sunday."""
    today = clock.today()
    return clock.end_of_day(today + timedelta(days=6 - today.weekday()))


def page_of(number: str, step: Step) -> str:
    """The address of the step, or of the dossier where there is nothing to do or the page is not mounted here."""
    return (step.page and url_or_nothing(step.page, number)) or address("evaluation:dossier", number)


def lines_of(rows: list[Waiting], *, at: datetime, acts: bool) -> list[Line]:
    """The rows as a table of `{% text_rows %}` takes them; who does not act has no link to do so."""
    until = end_of_week()
    return [
        (
            format_html('<a href="{}">{}</a>', address("evaluation:dossier", row.number), row.number),
            row.title,
            (
                row.applicant,
                status_badge(row.state, STATUS_LABELS[row.state]),
                row.step.waits_on,
                _step(row) if acts and row.step.action else row.step.text,
                _due(row.due_at, how=how_soon(row.due_at, at=at, until=until)),
            ),
        )
        for row in rows
    ]


def how_soon(due_at: datetime | None, *, at: datetime, until: datetime) -> str:
    """Whether that moment is "late" (past), "soon" (due by `until`) or later ("")."""
    if due_at is None or due_at > until:
        return ""
    return "late" if due_at < at else "soon"


def _step(row: Waiting) -> SafeString:
    link = '{}<br><a href="{}">{}<span class="visually-hidden">: {}</span></a>'
    return format_html(link, row.step.text, page_of(row.number, row.step), row.step.action, row.number)


@lru_cache(maxsize=512)
def _due(due_at: datetime | None, *, how: str) -> str:
    """Most dossiers of a call wait for the same moments."""
    if due_at is None:
        return format_html('<span class="absent">{}</span>', "geen datum")
    written = moment(due_at, "short")
    if how == "late":
        return format_html("{}<br>{}", written, badge("Te laat", "danger", "exclamation-triangle-fill"))
    return format_html("{}<br>{}", written, badge("Deze week", "warning", "clock")) if how == "soon" else written
