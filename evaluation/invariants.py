"""What must always be true of scores, awards and decision sheets."""

import hashlib
from collections.abc import Iterator

from django.db.models import Count, DecimalField, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from applications.models import DossierBar
from evaluation.domain import ranking
from evaluation.enums import DecisionOutcome
from evaluation.models import CallCeiling, ConflictFinding, Decision, DecisionSheet, Ranking, Review, Score
from ibnportal.core.canonical import canonical
from ibnportal.core.files.store import read_bytes
from ibnportal.core.invariants import invariant


@invariant("no score by a conflicted person")
def scores_without_conflict() -> Iterator[str]:
    """Nobody scores past a standing finding or a bar that stood before the score, nor without a declaration."""
    findings = ConflictFinding.objects.filter(
        Q(waived_at__isnull=True) | Q(waived_at__gt=OuterRef("saved_at")),
        application=OuterRef("assignment__application"),
        person=OuterRef("assignment__expert"),
        found_at__lte=OuterRef("saved_at"),
    )
    bars = DossierBar.objects.filter(
        Q(lifted_at__isnull=True) | Q(lifted_at__gt=OuterRef("saved_at")),
        application=OuterRef("assignment__application"),
        user=OuterRef("assignment__expert"),
        barred_at__lte=OuterRef("saved_at"),
    )
    undeclared = Q(assignment__declared_at__isnull=True) | Q(assignment__declared_at__gt=F("saved_at"))
    wrong = Score.objects.filter(Exists(findings) | Exists(bars) | undeclared)
    for score in wrong.select_related("assignment__application", "assignment__expert").iterator():
        yield f"{score.assignment}: score {score.pk} was given despite a conflict, a bar or a missing declaration"


@invariant("decision sheets equal their record")
def sheets_equal_record() -> Iterator[str]:
    """The hash is that of the frozen content, and the PDF carries exactly that content."""
    from evaluation.documents.sheet import attached_content  # noqa: PLC0415 - pikepdf only where it is needed

    for sheet in DecisionSheet.objects.select_related("file__blob").iterator():
        content = canonical(sheet.snapshot)
        if hashlib.sha256(content).hexdigest() != sheet.content_hash:
            yield f"sheet {sheet.code}: content and hash differ"
        if sheet.file is not None and attached_content(read_bytes(sheet.file)) != content:
            yield f"sheet {sheet.code}: the PDF does not carry the frozen content"


@invariant("rankings can be computed again")
def rankings_replay() -> Iterator[str]:
    """Every frozen ranking gives the same bytes from its own inputs."""
    for frozen in Ranking.objects.iterator():
        if hashlib.sha256(ranking.replay(frozen.snapshot)).hexdigest() != frozen.sha256:
            yield f"{frozen}: computing again gives another order"


@invariant("awards within the ceiling")
def awards_within_ceiling() -> Iterator[str]:
    """What stands as awarded is what the ceiling counted, and no more than budget and maximum allow."""
    nothing = Coalesce(Sum("amount"), 0, output_field=DecimalField())
    for ceiling in CallCeiling.objects.select_related("call"):
        standing = Decision.objects.standing().filter(application__call=ceiling.call, outcome=DecisionOutcome.AWARDED)
        found = standing.aggregate(amount=nothing, number=Count("pk"))
        if (found["amount"], found["number"]) != (ceiling.awarded_amount, ceiling.awarded_count):
            yield (
                f"{ceiling}: {found['number']} awards of {found['amount']} stand, "
                f"counted are {ceiling.awarded_count} of {ceiling.awarded_amount}"
            )
        if found["amount"] > ceiling.budget or found["number"] > ceiling.max_awards + ceiling.review_extra_count:
            yield f"{ceiling}: awarded above budget or maximum"


@invariant("reviews were decided by who was given them")
def reviews_by_their_handler() -> Iterator[str]:
    """The new decision of a review was recorded by its handler, who did not record the first one; it supersedes exactly that first one."""
    decided = Review.objects.filter(outcome__isnull=False).select_related("decision", "outcome")
    for review in decided.iterator():
        first, second = review.decision, review.outcome
        if second is None or second.supersedes_id != first.pk:
            yield f"{review}: its outcome does not supersede the decision that was reviewed"
        elif second.recorded_by_id != review.handler_id or second.recorded_by_id == first.recorded_by_id:
            yield f"{review}: decided by somebody else than its handler, or by who decided first"


@invariant("a decision is superseded by one that was released")
def superseded_by_released() -> Iterator[str]:
    """Nothing takes the place of a released decision before it is released itself."""
    for decision in Decision.objects.filter(supersedes__released_at__isnull=False, released_at__isnull=True):
        yield f"{decision}: takes the place of a released decision but was not released"
