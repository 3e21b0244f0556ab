"""The decision sheet (projectfiche): what the committee decided on one dossier, frozen at its release (DEC-01, DEC-02, REV-04).

`request` freezes the content, its hash and a code in the transaction of the release and asks a worker for the PDF; the worker renders what was
frozen, never what the database says later. `check` tells anyone who holds a sheet whether it is ours and whether it still stands.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from applications.domain import snapshot as dossier_snapshot
from applications.models import Application
from calls.enums import KpiKind, PhaseNumber
from evaluation.domain import ranking
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Advice, Decision, DecisionSheet, Meeting
from ibnportal.core import clock, workdays
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.canonical import digest
from ibnportal.core.errors import WrongState
from ibnportal.core.files.models import StoredFile
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import queue
from ibnportal.core.outbox.models import OutboxMessage

TOPIC = "evaluation.decision_sheet"
FORMAT = 1
# Without 0/O, 1/I/L and U: read from paper and typed over without doubt.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP_SIZE = 2 + 2


def request(decision: Decision, *, by: User) -> DecisionSheet:
    """Freeze the sheet of a released decision and ask for its PDF; a second request returns the first sheet.

    A decision on support has a decision sheet (DEC-01), one on the preselection a feedback sheet (P1-DEC-04); one design, one way.
    """
    if decision.is_reconstructed or decision.released_at is None:
        raise WrongState("Een fiche volgt op een beslissing die bekendgemaakt is.", rule_id="DEC-01")
    with transaction.atomic():
        locked = lock(decision)
        known = DecisionSheet.objects.filter(decision=locked).first()
        if known is not None:
            return known
        code = new_code()
        content = compose(locked, code=code)
        sheet = DecisionSheet.objects.create(
            decision=locked, code=code, snapshot=content, content_hash=digest(content), requested_at=clock.now()
        )
        trail.record("sheet.frozen", sheet, by=by, changes={"code": code, "sha256": sheet.content_hash})
        queue.enqueue(TOPIC, key=_key(sheet), payload={"sheet": sheet.pk}, subject=sheet)
    return sheet


def made(sheet: DecisionSheet, stored: StoredFile) -> DecisionSheet:
    """Note the PDF that a worker made; once."""
    sheet.file, sheet.made_at = stored, clock.now()
    sheet.save(update_fields=["file", "made_at"])
    trail.record("sheet.made", sheet, by=None, changes={"file": stored.sha256})
    return sheet


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the workers are with the sheets of one meeting."""

    total: int
    made: int
    failing: int

    @property
    def state(self) -> str:
        """A word for the job's component: queued, running, done, failed."""
        if self.made == self.total:
            return "done"
        return "failed" if self.failing else "running" if self.made else "queued"


def progress(meeting: Meeting) -> Progress:
    """Of all released decisions of the meeting: asked for, made, and failed at least once without being made; two queries."""
    counted = DecisionSheet.objects.filter(decision__meeting=meeting).aggregate(
        total=Count("pk"), made=Count("pk", filter=Q(made_at__isnull=False))
    )
    waiting = DecisionSheet.objects.filter(decision__meeting=meeting, made_at__isnull=True).values_list("pk", flat=True)
    failing = OutboxMessage.objects.filter(
        topic=TOPIC, done_at__isnull=True, attempts__gt=0, key__in=[_key(sheet) for sheet in waiting]
    )
    return Progress(counted["total"], counted["made"], failing.count())


def resume(meeting: Meeting, *, by: User) -> int:
    """Ask again, now, for every sheet of the meeting that is not made yet; those that are made stay. Returns how many are on their way.

    The outbox tries again by itself; this is for who does not want to wait for it.
    """
    with transaction.atomic():
        waiting = list(DecisionSheet.objects.filter(decision__meeting=meeting, made_at__isnull=True))
        for sheet in waiting:
            queue.retry_now(_key(sheet))
        if waiting:
            trail.record("meeting.sheets_resumed", meeting, by=by, changes={"sheets": len(waiting)})
    return len(waiting)


def _key(sheet: DecisionSheet | int) -> str:
    return f"decision-sheet:{sheet if isinstance(sheet, int) else sheet.pk}"


def new_code() -> str:
    """A code that cannot be guessed: `7K3M-9QXA-42FH`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_SIZE)) for _ in range(1 + 2))


def normalise_code(text: str) -> str:
    """What somebody typed as a code: capitals, dashes and spaces do not matter."""
    plain = "".join(char for char in text.upper() if char in ALPHABET)
    return "-".join(plain[start : start + GROUP_SIZE] for start in range(0, len(plain), GROUP_SIZE))


# ---------------------------------------------------------------- the content


def compose(decision: Decision, *, code: str) -> dict[str, Any]:
    """Everything that the sheet says, as plain JSON, from the handed-in dossier, the advice and the decision."""
    application = Application.objects.select_related("call", "applicant", "beneficiary").get(pk=decision.application_id)
    is_support = decision.kind == DecisionKind.SUPPORT
    phase = PhaseNumber.FULL_DOSSIER if is_support else PhaseNumber.PRE_REGISTRATION
    submission = application.latest_submission(phase)
    dossier = dossier_snapshot.read(submission) if submission else None
    advice = Advice.objects.filter(application=application, phase=phase).first()
    released = decision.released_at or clock.now()
    earlier = DecisionSheet.objects.filter(decision=decision.supersedes_id).first() if decision.supersedes_id else None
    call = application.call
    return {
        "format": FORMAT,
        "kind": decision.kind,
        "code": code,
        "supersedes": earlier.code if earlier else "",
        "call": {
            "code": call.code,
            "name": call.name,
            "fund": call.fund,
            "decision_body": call.decision_body,
            "contact": call.contact_email,
        },
        "rules_version": decision.rules.version,
        "initiative": _initiative(application, dossier),
        "applicant": _organisation(application.applicant),
        "beneficiary": _beneficiary(application),
        "submission": {
            "received_at": _text(dossier.received_at) if dossier else "",
            "sha256": getattr(submission, "sha256", ""),
        },
        "advice": _advice(advice),
        "scale": [{"label": step.label, "meaning": step.meaning} for step in call.scale.all()],
        "dimensions": _dimensions(advice),
        "knockouts": _knockouts(application, advice),
        "decision": {
            "outcome": decision.outcome,
            "outcome_label": decision.get_outcome_display(),
            "merge_with": f"{decision.merge_with.title} ({decision.merge_with.applicant})"
            if decision.merge_with
            else "",
            "origin": decision.origin,
            "origin_label": decision.get_origin_display(),
            "decided_on": _text(decision.decided_on),
            "released_on": _text(clock.local(released).date()),
            "reason": decision.reason,
            "amount": _text(decision.amount),
        },
        "years": [{"year": row.project_year, "amount": _text(row.amount)} for row in decision.years.all()],
        "conditions": [
            {
                "kind": row.kind,
                "kind_label": row.get_kind_display(),
                "topic": row.topic,
                "text": row.text,
                "is_blocking": row.is_blocking,
            }
            for row in decision.conditions.all()
        ],
        "kpis": _kpis(dossier),
        "review": _review(decision, released),
        "next_deadline": _next_deadline(decision),
    }


def _next_deadline(decision: Decision) -> str:
    """Until when the full dossier may be handed in, for who may go on; empty otherwise."""
    if decision.outcome not in {DecisionOutcome.PRESELECTED, DecisionOutcome.MERGE_ADVISED}:
        return ""
    phase2 = decision.application.call.phases.filter(number=PhaseNumber.FULL_DOSSIER).first()
    return _text(phase2.closes_at if phase2 else None)


def _initiative(application: Application, dossier: dossier_snapshot.Dossier | None) -> dict[str, Any]:
    source: Any = dossier or application
    budget = dossier.budget if dossier else None
    return {
        "number": application.number,
        "title": source.title,
        "acronym": source.acronym,
        "summary": source.summary,
        "sector": source.sector,
        "technology_domain": source.technology_domain,
        "start_on": _text(source.start_on),
        "duration_months": source.duration_months,
        "requested_grant": _text(application.requested_grant),
        "budget": _text(budget.total) if budget else "",
        "person_months": _text(budget.person_months) if budget else "",
    }


def _organisation(body: Organisation) -> dict[str, str]:
    return {"name": body.name, "number": body.formatted_number, "address": body.address, "legal_form": body.legal_form}


def _beneficiary(application: Application) -> dict[str, Any]:
    if application.beneficiary is not None:
        return {**_organisation(application.beneficiary), "is_to_be_founded": False}
    name = application.beneficiary_name
    return {
        "name": name,
        "number": "",
        "address": "",
        "legal_form": "",
        "is_to_be_founded": application.is_beneficiary_to_be_founded,
    }


def _advice(advice: Advice | None) -> dict[str, Any]:
    if advice is None:
        return {}
    return {
        "recommendation": advice.recommendation,
        "recommendation_label": advice.get_recommendation_display(),
        "given_on": _text(clock.local(advice.given_at).date()),
        "text": advice.text,
        "strengths": advice.strengths,
        "weaknesses": advice.weaknesses,
        "conditions": advice.conditions,
        "amount": _text(advice.advised_amount),
        "grounds": [ranking.GROUNDS[rule_id] for rule_id in ranking.grounds_of(advice)],
        "grounds_text": advice.grounds_text,
    }


def _dimensions(advice: Advice | None) -> list[dict[str, Any]]:
    if advice is None:
        return []
    dimensions: dict[int, dict[str, Any]] = {}
    scores = advice.panel_scores.select_related("criterion__dimension", "step").order_by(
        "criterion__dimension__position", "criterion__position"
    )
    for score in scores:
        dimension = score.criterion.dimension
        row = dimensions.setdefault(dimension.pk, {"label": dimension.label, "criteria": []})
        row["criteria"].append(
            {
                "code": score.criterion.code,
                "group": score.criterion.group,
                "label": score.criterion.label,
                "score": score.step.label,
                "motivation": score.motivation,
            }
        )
    return list(dimensions.values())


def _knockouts(application: Application, advice: Advice | None) -> list[str]:
    if advice is None or not advice.panel_scores.exists():
        return []
    (place,) = ranking.order(ranking.inputs_of(application.call, applications=[application]))
    return [knockout.text for knockout in place.knockouts]


def _kpis(dossier: dossier_snapshot.Dossier | None) -> list[dict[str, Any]]:
    kinds = dict(KpiKind.choices)
    return [
        {
            "label": kpi.label,
            "kind": str(kinds.get(kpi.kind, kpi.kind)),
            "is_mandatory": bool(kpi.call_code),
            "baseline": _text(kpi.baseline),
            "target": _text(kpi.target),
            "method": kpi.method,
        }
        for kpi in (dossier.kpis if dossier else ())
    ]


def _review(decision: Decision, released: datetime) -> dict[str, Any]:
    days = decision.rules.review_working_days if decision.kind == DecisionKind.SUPPORT else None
    until = workdays.deadline_after(released, days) if days else None
    return {"working_days": days, "until": _text(clock.local(until).date()) if until else ""}


def _text(value: date | datetime | Decimal | None) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else f"{value}"


# ---------------------------------------------------------------- checking


class Verdict(StrEnum):
    """What the portal says of a sheet that somebody holds."""

    VALID = "valid"
    SUPERSEDED = "superseded"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict, and the sheet it is about (None when unknown)."""

    verdict: Verdict
    sheet: DecisionSheet | None = None
    replaced_by: str = ""


def check_code(text: str) -> Checked:
    """The sheet with that code, if it was handed out, and whether a later decision replaced it."""
    code = normalise_code(text)
    return _judged(_handed_out().filter(code=code).first() if code else None)


def check_file(*, file_sha256: str, attached_sha256: str = "") -> Checked:
    """The sheet of a PDF: by the hash of the whole file as we made it, else by the hash of the content attached to it.

    A known content in another file means that the file was changed after we made it: its pages prove nothing.
    """
    exact = _judged(_handed_out().filter(file__blob_id=file_sha256).first())
    if exact.sheet is not None:
        return exact
    near = _handed_out().filter(content_hash=attached_sha256).first() if attached_sha256 else None
    return Checked(Verdict.ALTERED, near) if near is not None else Checked(Verdict.UNKNOWN)


def _handed_out() -> Any:
    sheets = DecisionSheet.objects.filter(decision__released_at__isnull=False, file__isnull=False)
    return sheets.select_related("decision__superseded_by", "file")


def _judged(sheet: DecisionSheet | None) -> Checked:
    if sheet is None:
        return Checked(Verdict.UNKNOWN)
    later = getattr(sheet.decision, "superseded_by", None)
    if later is not None and later.released_at is not None:
        replacing = DecisionSheet.objects.filter(decision=later).values_list("code", flat=True).first() or ""
        return Checked(Verdict.SUPERSEDED, sheet, replacing)
    return Checked(Verdict.VALID, sheet)
