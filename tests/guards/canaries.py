"""A word that occurs nowhere else, put into every confidential text while the world is made, and who may ever read it.

The words travel the way the texts do: into snapshots, PDFs, workbooks, mails. `Confidential.readers` says for whom a
row may show; a text that is not listed here does not get a canary, so add each new confidential field.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.db.models.signals import post_save, pre_save

from applications.models import Application, Submission
from calls.enums import PhaseNumber
from evaluation.models import Assignment, Decision
from ibnportal.core.accounts.enums import Role
from monitoring.models import Network

INSIDERS = (Role.CASE_HANDLER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)


class Reader:
    """What one person may see, asked once."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.roles = user.roles
        self.organisations = user.organisation_ids

    def _pks(self, model: type[Model]) -> set[Any]:
        return set(model._default_manager.visible_to(self.user).values_list("pk", flat=True))

    @cached_property
    def dossiers(self) -> set[Any]:
        return self._pks(Application)

    @cached_property
    def decisions(self) -> set[Any]:
        return self._pks(Decision)

    @cached_property
    def assignments(self) -> set[Any]:
        return self._pks(Assignment)

    @cached_property
    def networks(self) -> set[Any]:
        return self._pks(Network)

    @property
    def is_insider(self) -> bool:
        return not self.roles.isdisjoint(INSIDERS)


@dataclass(frozen=True)
class Facts:
    """What happened, asked once: which phases were handed in, which decisions are released."""

    handed_in: frozenset[tuple[int, int]]
    released: frozenset[tuple[int, str]]

    @classmethod
    def gather(cls) -> "Facts":
        return cls(
            frozenset(Submission.objects.values_list("application_id", "phase")),
            frozenset(Decision.objects.filter(released_at__isnull=False).values_list("application_id", "kind")),
        )


Readers = Callable[[Any, Reader, Facts], bool]
"""(row, reader, facts) → whether that person may read the text."""


def _draft(row: Any, reader: Reader, facts: Facts) -> bool:
    """A draft is the applicant's own; once handed in, whoever sees the dossier reads it."""
    if row.application.applicant_id in reader.organisations:
        return True
    phase = row.phase if hasattr(row, "phase") else row.question.section.phase
    return (row.application_id, phase) in facts.handed_in and row.application_id in reader.dossiers


def _dossier(row: Any, reader: Reader, _facts: Facts) -> bool:
    return row.application_id in reader.dossiers


def _own(row: Any, reader: Reader, _facts: Facts) -> bool:
    """What a company told the applicant, and the case team does not read."""
    return row.application.applicant_id in reader.organisations or Role.ADMINISTRATOR in reader.roles


def _insiders(row: Any, reader: Reader, _facts: Facts) -> bool:
    return reader.is_insider and row.application_id in reader.dossiers


def _pitch(row: Any, reader: Reader, facts: Facts) -> bool:
    """The case team and the committee; an expert whom the dossier is open to, where the call lets experts read the notes."""
    if _insiders(row, reader, facts):
        return True
    reads = row.application.call.rules().experts_read_pitch_notes
    return bool(reads and Role.EXPERT in reader.roles and row.application_id in reader.dossiers)


def _advice(row: Any, reader: Reader, facts: Facts) -> bool:
    """The case team and the committee; once the decision of that phase is released, the applicant and the other staff."""
    kind = "preselection" if row.phase == PhaseNumber.PRE_REGISTRATION else "support"
    is_open = reader.is_insider or ((row.application_id, kind) in facts.released and reader.roles != {Role.EXPERT})
    return is_open and row.application_id in reader.dossiers


def _decision(row: Any, reader: Reader, _facts: Facts) -> bool:
    return row.pk in reader.decisions


def _score(row: Any, reader: Reader, _facts: Facts) -> bool:
    """The expert's own and the case team's; the committee reads the panel's."""
    return row.assignment_id in reader.assignments


def _assignment(row: Any, reader: Reader, _facts: Facts) -> bool:
    return row.pk in reader.assignments


def _own_interest(row: Any, reader: Reader, _facts: Facts) -> bool:
    return row.person_id == reader.user.pk or Role.ADMINISTRATOR in reader.roles


def _network(row: Any, reader: Reader, _facts: Facts) -> bool:
    return row.award_year.network_id in reader.networks


def _case_team(row: Any, reader: Reader, _facts: Facts) -> bool:
    team = {Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR}
    return not reader.roles.isdisjoint(team) and row.application_id in reader.dossiers


def _recusal(row: Any, reader: Reader, facts: Facts) -> bool:
    """The case team; of a colleague who left the room, the rest of the committee as well: the minutes say why."""
    if _case_team(row, reader, facts):
        return True
    decides = Role.COMMITTEE_MEMBER in reader.roles and Role.COMMITTEE_MEMBER in row.user.roles
    return decides and row.application_id in reader.dossiers


CONFIDENTIAL: dict[tuple[str, str], Readers] = {
    ("applications.Answer", "value"): _draft,
    ("applications.Letter", "motivation"): _draft,
    ("applications.LetterInvitation", "decline_reason"): _own,
    ("applications.Withdrawal", "reason"): _dossier,
    ("applications.Supplement", "answer"): _dossier,
    ("applications.DossierBar", "reason"): _recusal,
    ("evaluation.Advice", "text"): _advice,
    ("evaluation.Advice", "strengths"): _advice,
    ("evaluation.Advice", "weaknesses"): _advice,
    ("evaluation.Assignment", "interest_text"): _assignment,
    ("evaluation.Assignment", "void_reason"): _case_team,
    ("evaluation.DeclaredTie", "explanation"): _own_interest,
    ("evaluation.Decision", "reason"): _decision,
    ("evaluation.Decision", "deviation_reason"): _insiders,
    ("evaluation.Pitch", "notes_support"): _pitch,
    ("evaluation.Pitch", "notes_objectives"): _pitch,
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
        reader = Reader(user) if user is not None and user.is_active else None
        facts, found = Facts.gather(), {}
        for label, words in self._by_label().items():
            model = apps.get_model(label)
            near = [
                name for name in ("application", "question__section", "award_year", "assignment") if _has(model, name)
            ]
            rows = model._default_manager.select_related(*near).in_bulk() if near else model._default_manager.in_bulk()
            for word, field, pk in words:
                row = rows.get(pk)
                if row is not None and (reader is None or not CONFIDENTIAL[label, field](row, reader, facts)):
                    found[word] = f"{label}.{field} of {label} {pk}"
        return found

    def _by_label(self) -> dict[str, list[tuple[str, str, Any]]]:
        found: dict[str, list[tuple[str, str, Any]]] = {}
        for word, (label, field, pk) in self.rows.items():
            found.setdefault(label, []).append((word, field, pk))
        return found


def _has(model: type[Model], path: str) -> bool:
    return path.partition("__")[0] in {field.name for field in model._meta.concrete_fields}


def _words(text: str) -> list[str]:
    return [word for word in (text or "").split() if word.startswith("kanarie")]
