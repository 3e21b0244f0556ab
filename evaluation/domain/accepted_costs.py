"""What the agency accepts of a budget by cost type, and the grant that the accepted costs carry (P2-EVA-04)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from applications.domain import budget, snapshot, words
from applications.models import Application, Submission
from calls.enums import CostType, PhaseNumber
from ibnportal.core.findings import Finding
from ibnportal.core.money import ZERO, euros, format_euros


@dataclass(frozen=True, slots=True)
class Correction:
    """One cost type that is not accepted as asked; euros over the whole project."""

    cost_type: str
    requested: Decimal
    accepted: Decimal
    reason: str


def requested_costs(application: Application) -> dict[str, Decimal]:
    """What was asked by cost type over the whole project, from the newest frozen dossier; empty without one."""
    submission = (
        Submission.objects.filter(application=application, phase=PhaseNumber.FULL_DOSSIER)
        .select_related("rules__call")
        .order_by("-version")
        .first()
    )
    dossier = snapshot.read(submission) if submission else None
    if submission is None or dossier is None or dossier.budget is None:
        return {}
    return budget.figures(dossier.budget.lines, submission.rules.frozen()).type_totals


def judge(
    application: Application, typed: Mapping[str, tuple[Decimal | None, str]]
) -> tuple[list[Correction], list[Finding]]:
    """The corrections that differ from what was asked, and what is wrong with them."""
    requested, corrected, findings = requested_costs(application), [], []
    for kind in CostType:
        accepted, reason = typed.get(kind.value, (None, ""))
        asked, reason = requested.get(kind.value, ZERO), words.clean(reason)
        if accepted is None or accepted == asked:
            continue
        where = f"accepted_{kind.value}"
        if accepted < 0:
            findings.append(Finding("P2-EVA-04", where, f"{kind.label}: een bedrag kan niet negatief zijn."))
        elif accepted > asked:
            findings.append(
                Finding("P2-EVA-04", where, f"{kind.label}: u aanvaardt meer dan de gevraagde {format_euros(asked)}.")
            )
        elif not reason:
            findings.append(
                Finding("P2-EVA-04", f"reason_{kind.value}", f"{kind.label}: schrijf waarom u minder aanvaardt.")
            )
        else:
            corrected.append(Correction(kind.value, asked, accepted, reason))
    return corrected, findings


def most_to_advise(application: Application, corrected: Sequence[Correction]) -> Decimal | None:
    """The grant that the accepted costs carry: the call's share of them, no more than was asked; None without a budget."""
    requested = requested_costs(application)
    if not requested:
        return application.requested_grant
    accepted = sum(requested.values(), ZERO) - sum((row.requested - row.accepted for row in corrected), ZERO)
    carried = euros(accepted * application.call.rules().grant_fraction)
    return carried if application.requested_grant is None else min(carried, application.requested_grant)


def above_accepted(application: Application, corrected: Sequence[Correction], amount: Decimal | None) -> list[Finding]:
    """What is wrong with an advised grant beside the costs that are accepted."""
    if amount is None or not corrected:
        return []
    most = most_to_advise(application, corrected)
    if most is None or amount <= most:
        return []
    return [
        Finding(
            "P2-EVA-04",
            "advised_amount",
            f"Met uw correcties van de kosten is de steun hoogstens {format_euros(most)}.",
        )
    ]
