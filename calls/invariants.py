"""What must always be true of the calls."""

from collections.abc import Iterator

from django.db.models import F, Q

from calls.enums import CallState
from calls.models import Call, CallRules, KnockoutRule
from ibnportal.core.invariants import invariant


@invariant("calls.published_calls_have_frozen_rules")
def published_calls_have_frozen_rules() -> Iterator[str]:
    """A call that is out has rules, and every version of them is frozen (QA-09)."""
    out = Call.objects.exclude(state=CallState.DRAFT)
    for code in out.filter(rules_versions__isnull=True).values_list("code", flat=True):
        yield f"call {code} is out without rules"
    loose = CallRules.objects.filter(call__in=out, frozen_at__isnull=True)
    for code, version in loose.values_list("call__code", "version"):
        yield f"call {code}: version {version} of its rules is not frozen"


@invariant("calls.knockouts_stay_within_their_call")
def knockouts_stay_within_their_call() -> Iterator[str]:
    """A knock-out rule names a dimension and a step of its own call."""
    strange = KnockoutRule.objects.exclude(Q(dimension__call=F("call")) & Q(step__call=F("call")))
    for code, pk in strange.values_list("call__code", "pk"):
        yield f"call {code}: knock-out rule {pk} reaches into another call"
