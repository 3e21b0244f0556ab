"""A word that occurs nowhere else, put into every confidential text while the world is made, and who may ever read it.

The words travel the way the texts do: into snapshots, PDFs, workbooks, mails. `Confidential.readers` says for whom a
row may show; a text that is not listed here does not get a canary, so add each new confidential field.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.db.models.signals import post_save, pre_save

from applications.models import Application
from calls.enums import PhaseNumber
from evaluation.models import Assignment, Decision
from ibnportal.core.accounts.enums import Role
from monitoring.models import Network

Readers = Callable[[Any, Any], bool]
"""(row, user) → whether that user may read the text."""

INSIDERS = (Role.CASE_HANDLER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)


def _sees(application_id: int, user: Any) -> bool:
    return Application.objects.visible_to(user).filter(pk=application_id).exists()


def _owns(application: Application, user: Any) -> bool:
    return application.applicant_id in user.organisation_ids


def _draft(row: Any, user: Any) -> bool:
    """A draft is the applicant's own; once handed in, whoever sees the dossier reads it."""
    application = row.application
    if _owns(application, user):
        return True
    phase = row.phase if hasattr(row, "phase") else row.question.section.phase
    was_handed_in = application.submissions.filter(phase=phase).exists()
    return was_handed_in and _sees(application.pk, user)


def _dossier(row: Any, user: Any) -> bool:
    return _sees(row.application_id, user)


def _insiders(row: Any, user: Any) -> bool:
    return user.has_role(*INSIDERS) and _sees(row.application_id, user)


def _advice(row: Any, user: Any) -> bool:
    """The case team and the committee; once the decision of that phase is released, the applicant and the other staff."""
    if _insiders(row, user):
        return True
    kind = "preselection" if row.phase == PhaseNumber.PRE_REGISTRATION else "support"
    is_released = row.application.decisions.filter(kind=kind, released_at__isnull=False).exists()
    return is_released and _sees(row.application_id, user) and user.roles != {Role.EXPERT}


def _decision(row: Any, user: Any) -> bool:
    return Decision.objects.visible_to(user).filter(pk=row.pk).exists()


def _score(row: Any, user: Any) -> bool:
    """The expert's own and the case team's; the committee reads the panel's."""
    return Assignment.objects.visible_to(user).filter(pk=row.assignment_id).exists()


def _network(row: Any, user: Any) -> bool:
    return Network.objects.visible_to(user).filter(pk=row.award_year.network_id).exists()


def _case_team(row: Any, user: Any) -> bool:
    return user.has_role(Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR) and _sees(row.application_id, user)


CONFIDENTIAL: dict[tuple[str, str], Readers] = {
    ("applications.Answer", "value"): _draft,
    ("applications.Letter", "motivation"): _draft,
    ("applications.Withdrawal", "reason"): _dossier,
    ("applications.Supplement", "answer"): _dossier,
    ("applications.DossierBar", "reason"): _case_team,
    ("evaluation.Advice", "text"): _advice,
    ("evaluation.Advice", "strengths"): _advice,
    ("evaluation.Advice", "weaknesses"): _advice,
    ("evaluation.Assignment", "interest_text"): lambda row, user: (
        Assignment.objects.visible_to(user).filter(pk=row.pk).exists()
    ),
    ("evaluation.Decision", "reason"): _decision,
    ("evaluation.Decision", "deviation_reason"): _insiders,
    ("evaluation.Pitch", "notes_support"): _insiders,
    ("evaluation.Pitch", "notes_objectives"): _insiders,
    ("evaluation.Score", "motivation"): _score,
    ("monitoring.Contribution", "services"): _network,
    ("monitoring.Contribution", "refusal_reason"): _network,
    ("monitoring.Report", "results"): _network,
    ("monitoring.Report", "questions"): _network,
}

LONG = 24
"""Shorter values are choices, numbers and dates: a word behind them would break them."""


class Aviary:
    """The canaries of one world: word → (model, field, primary key)."""

    def __init__(self, rows: dict[str, list[Any]] | None = None) -> None:
        self.rows: dict[str, list[Any]] = rows or {}

    @contextmanager
    def singing(self) -> Iterator[None]:
        """While the world is made, every confidential text that is saved gets its word."""
        numbers = itertools.count(len(self.rows) + 1)

        def before(sender: type[Model], instance: Any, **_: Any) -> None:
            for label, field in CONFIDENTIAL:
                text = getattr(instance, field, "") if sender._meta.label == label else ""
                if text and len(text) > LONG and "kanarie" not in text:
                    word = f"kanarie{next(numbers):05d}x"
                    setattr(instance, field, f"{text} {word}")
                    self.rows[word] = [label, field, None]

        def after(sender: type[Model], instance: Any, **_: Any) -> None:
            for label, field in CONFIDENTIAL:
                if sender._meta.label == label:
                    for word in _words(getattr(instance, field)):
                        if word in self.rows and self.rows[word][1] == field:
                            self.rows[word][2] = instance.pk

        pre_save.connect(before, weak=False)
        post_save.connect(after, weak=False)
        try:
            yield
        finally:
            pre_save.disconnect(before)
            post_save.disconnect(after)

    def forbidden_to(self, user: Any) -> dict[str, str]:
        """word → what it stands in, of every text that this user may not read; None is the anonymous visitor."""
        found = {}
        by_label: dict[str, dict[int, Any]] = {}
        verdicts: dict[tuple[str, str, int], bool] = {}
        for word, (label, field, pk) in self.rows.items():
            rows = by_label.setdefault(label, {row.pk: row for row in apps.get_model(label).objects.all()})
            row = rows.get(pk)
            if row is None:
                continue
            key = (label, field, pk)
            if key not in verdicts:
                verdicts[key] = user is not None and user.is_active and CONFIDENTIAL[label, field](row, user)
            if not verdicts[key]:
                found[word] = f"{label}.{field} of {label} {pk} ({row})"
        return found


def _words(text: str) -> list[str]:
    return [word for word in (text or "").split() if word.startswith("kanarie")]
