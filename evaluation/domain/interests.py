"""A person's own list of interests: told once, compared with every dossier from then on (P2-EVA-03, CONF-02)."""

from datetime import date

from django.db import transaction

from applications.domain import words
from evaluation.domain import conflicts
from evaluation.enums import TieKind
from evaluation.models import DeclaredTie
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.findings import Finding


def declare_tie(
    *,
    kind: str,
    body: str,
    enterprise_number: str = "",
    explanation: str = "",
    since: date | None = None,
    until: date | None = None,
    by: User,
) -> tuple[DeclaredTie, int]:
    """Put an interest on one's own list and search every dossier that is still judged; returns it and the findings that stand.

    What it touches closes at once; scores that were given there are void from now on.
    """
    body = words.clean(body)
    if not body:
        message = "Schrijf om welke onderneming, organisatie of welk netwerk het gaat."
        raise DomainError(message, findings=[Finding("P2-EVA-03", "body", message)])
    with transaction.atomic():
        tie = DeclaredTie.objects.create(
            person=by,
            kind=TieKind(kind),
            body=body,
            enterprise_number=enterprise_number,
            explanation=words.clean(explanation),
            since=since,
            until=until,
            declared_at=clock.now(),
        )
        trail.record("interest.declared", by, by=by, changes={"kind": tie.kind, "body": tie.body})
        found = conflicts.look_everywhere(by, by=by)
    return tie, found


def withdraw_tie(tie: DeclaredTie, *, by: User) -> DeclaredTie:
    """Take an interest off the list; what was found because of it stands until somebody else waives it."""
    with transaction.atomic():
        fresh = DeclaredTie.objects.select_for_update(of=("self",), no_key=True).get(pk=tie.pk, person=by)
        if fresh.withdrawn_at is not None:
            raise WrongState("Deze band stond al niet meer op uw lijst.")
        fresh.withdrawn_at = clock.now()
        fresh.save(update_fields=["withdrawn_at"])
        trail.record("interest.withdrawn", by, by=by, changes={"kind": fresh.kind, "body": fresh.body})
    return fresh
