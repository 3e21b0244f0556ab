"""Putting on record what the committee may weigh independently of the evaluation (P2-EVA-05)."""

from datetime import date

from django.db import transaction

from evaluation.enums import ConductKind
from evaluation.models import ConductRecord
from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.findings import Finding


def put_on_record(
    organisation: Organisation, *, kind: str, happened_on: date, text: str, source: str, by: User
) -> ConductRecord:
    """Keep one fact of an applicant for good, with where it comes from. A wrong one is answered by a next one, never erased."""
    text, source = text.strip(), source.strip()
    found = []
    if not text:
        found.append(Finding("P2-EVA-05", "text", "Schrijf wat er gebeurde."))
    if not source:
        found.append(Finding("P2-EVA-05", "source", "Noem de bron: een dossier, een brief, een besluit."))
    if happened_on > clock.today():
        found.append(Finding("P2-EVA-05", "happened_on", "Een feit ligt niet in de toekomst."))
    if found:
        raise DomainError("Dit kan zo niet genoteerd worden.", rule_id="P2-EVA-05", findings=found)
    with transaction.atomic():
        record = ConductRecord.objects.create(
            organisation=organisation, kind=ConductKind(kind), happened_on=happened_on, text=text, source=source, noted_at=clock.now(), noted_by=by,
        )  # fmt: skip
        trail.record("organisation.conduct_noted", organisation, by=by, changes={"kind": kind}, reason=text)
    return record
