"""The saved questions: the list, and one question with its parameters, table, definitions and what is behind each figure."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render

from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import FORMATS, file_response
from ibnportal.core.http import SignedInRequest
from ibnportal.portal.answers import asking, files, register
from ibnportal.portal.answers.asking import LONGEST, Asked
from ibnportal.portal.answers.pictures import picture_of
from ibnportal.portal.answers.register import Question
from ibnportal.portal.answers.table import Answer, Row
from ibnportal.portal.forms import LABELS, AskForm, ThemeForm

READERS = (Role.POLICY_READER, Role.ADMINISTRATOR)
MOST_ROWS = 300


@access(*READERS)
def index(request: SignedInRequest) -> HttpResponse:
    """Every saved question by who asked it; `zoek` keeps those with all its words."""
    text = request.GET.get("zoek", "").strip()[:100]
    groups: dict[str, list[Question]] = {}
    for question in register.search(text):
        groups.setdefault(question.asked_by, []).append(question)
    found = sum(len(group) for group in groups.values())
    context = {"groups": groups.items(), "text": text, "found": found, "total": len(register.QUESTIONS), "themes": [(key, label) for key, (label, _) in THEMES.items()]}  # fmt: skip
    return render(request, "portal/answers/list.html", context)


@access(*READERS)
def question(request: SignedInRequest, question: str) -> HttpResponse:
    """One question; `?formaat=` gives the file, `?achter=` opens the rows behind a figure."""
    try:
        found = register.question(question)
    except DomainError as error:
        raise Http404 from error
    form = AskForm(request.GET, question=found, reader=request.user)
    if not form.is_valid() or form.asked is None:
        return render(request, "portal/answers/question.html", {"question": found, "form": form})
    answer = found.answer(form.asked)
    wanted = request.GET.get("formaat", "")
    if wanted in FORMATS or wanted == "json":
        content = files.content(wanted, found, form.asked, answer)
        response = file_response(wanted if wanted in FORMATS else "csv", files.name_of(found, form.asked), content)
        if wanted == "json":
            response["Content-Type"] = "application/json"
            response["Content-Disposition"] = f'attachment; filename="{files.name_of(found, form.asked)}.json"'
        return response
    context = {
        "question": found,
        "form": form,
        **shown(found, form.asked, answer, behind=request.GET.get("achter", "")),
    }
    return render(request, "portal/answers/question.html", context)


def shown(question: Question, asked: Asked, answer: Answer, *, behind: str = "") -> dict[str, Any]:
    """An answer as the template draws it."""
    rows = list(answer.rows[:MOST_ROWS])
    footnotes = list(dict.fromkeys(row.note for row in rows if row.note))
    opened = next((row for row in answer.rows if row.key == behind), None) if behind else None
    return {
        "asked": asked,
        "answer": answer,
        "rows": [_cells(answer, row, footnotes) for row in rows],
        "more": max(len(answer.rows) - MOST_ROWS, 0),
        "totals": _totals(answer),
        "footnotes": [
            (number, files.sentence(files.without_rules(note))) for number, note in enumerate(footnotes, start=1)
        ],
        "facts": _facts(asked, answer),
        "opened": opened,
        "opened_name": files.written(opened.cells.get(answer.columns[0].key), answer.columns[0]) if opened else "",
        "picture": picture_of(answer),
    }


def _facts(asked: Asked, answer: Answer) -> list[tuple[str, str, str]]:
    """(label, text, on what it rests) of what a reader has to know beside the table, also on paper, where no form says by what it was narrowed."""
    found = [("Beperkt tot", narrowed, "") for narrowed in _narrowed(asked)]
    found += [("Basis", answer.base, ""), ("Dekking", answer.coverage, "")]
    if answer.rows:
        found += [(one.title, one.definition, one.basis.value if one.basis else "") for one in answer.columns]
    found += [("Opmerking", note, "") for note in answer.notes]
    return [(label, files.without_rules(text), basis) for label, text, basis in found if text or basis]


def _narrowed(asked: Asked) -> list[str]:
    return [line.removeprefix("Beperkt tot: ") for line in files.narrowed_to(asked.kept())]


def _cells(answer: Answer, row: Row, footnotes: list[str]) -> dict[str, Any]:
    first, *others = answer.columns
    return {
        "key": row.key,
        "url": row.url,
        "name": files.written(row.cells.get(first.key), first),
        "footnote": footnotes.index(row.note) + 1 if row.note else None,
        "cells": [
            {
                "title": column.title,
                "text": files.without_rules(files.written(row.cells.get(column.key), column)),
                "is_figure": column.is_figure,
                "opens": column.is_figure and bool(row.behind) and row.cells.get(column.key) is not None,
            }
            for column in others
        ],
        "has_behind": bool(row.behind),
    }


def _totals(answer: Answer) -> list[dict[str, Any]]:
    if not answer.total:
        return []
    return [
        {
            "title": column.title,
            "text": files.written(answer.total[column.key], column) if column.key in answer.total else "",
            "is_figure": column.is_figure,
        }
        for column in answer.columns[1:]
    ]


THEMES: dict[str, tuple[str, tuple[str, ...]]] = {
    "oproepen": ("Oproepen", ("QP-05", "QP-09", "QE-06")),
    "geld": ("Geld", ("QP-27", "QP-29", "QE-27")),
    "leden": ("Leden", ("QE-12", "QE-13", "QE-14", "QR-04", "QE-15", "QR-14")),
    "resultaten": ("Resultaten", ("QE-05", "QR-24", "QP-30", "QR-09", "QE-10")),
    "bevraging": ("Bevraging", ("QE-21", "QE-17", "QE-19")),
}
"""The dashboard: a few answers a theme, each drawn, each with its table one click away."""


FILTERS = ("stand", "oproep", "type")
"""What narrows a theme; each of its questions as far as it has the filter."""


@access(*READERS)
def theme(request: SignedInRequest, theme: str) -> HttpResponse:
    """One theme of the dashboard as of a date: what there is to see, and under it once why the other questions have no answer.

    A question that does not have a filter is answered without it, and says so.
    """
    if theme not in THEMES:
        raise Http404
    title, names = THEMES[theme]
    form = ThemeForm({name: request.GET.get(name, "")[:LONGEST] for name in FILTERS}, reader=request.user)
    given = {name: value for name, value in form.data.items() if value}
    context: dict[str, Any] = {"title": title, "theme": theme, "themes": [(key, label) for key, (label, _) in THEMES.items()], "form": form, "given": urlencode(given)}  # fmt: skip
    if not form.is_valid() or form.asked is None:
        return render(request, "portal/answers/theme.html", context)
    context |= {"asked": form.asked, "narrowed": _narrowed(form.asked)}
    asked_as: dict[tuple[str, ...], Asked] = {FILTERS: form.asked}
    panels: list[dict[str, Any]] = []
    unanswered: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for name in names:
        one = register.question(name)
        kept = tuple(each for each in FILTERS if each in one.filters() or each not in given)
        if kept not in asked_as:
            asked_as[kept] = asking.read({each: given.get(each, "") for each in kept}, reader=request.user)
        asked = asked_as[kept]
        answer = one.answer(asked)
        panel = {"question": one, "query": urlencode(asked.kept()), "without": [LABELS[each].lower() for each in FILTERS if each not in kept]}  # fmt: skip
        if answer.unanswered:
            unanswered.setdefault((answer.unanswered, answer.coverage), []).append(panel)
        else:
            panels.append({**panel, **shown(one, asked, answer)})
    context |= {"panels": panels, "unanswered": [(*why, questions) for why, questions in unanswered.items()]}
    return render(request, "portal/answers/theme.html", context)
