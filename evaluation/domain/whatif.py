"""What-if sets: named sets of dossiers with an amount each, kept side by side (P2-EVA-06). They decide nothing and nobody outside the meeting sees them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from applications.models import Application
from calls.ruleset import Rules
from evaluation.domain import committee
from evaluation.models import Meeting, WhatIf, WhatIfLine
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.money import ZERO, euros, format_euros
from ibnportal.core.places import province_of


def keep(meeting: Meeting, *, name: str, amounts: Mapping[Application, Decimal], by: User) -> WhatIf:
    """Keep a set under a name; the same name again replaces its lines. Amounts above what was asked are refused, budgets are not: that is what one wants to see."""
    name = " ".join(name.split())
    if not name:
        raise DomainError("Geef deze denkoefening een naam.", findings=[Finding("P2-EVA-06", "name", "Geef een naam.")])
    if not amounts:
        raise DomainError("Kies minstens één dossier.", rule_id="P2-EVA-06")
    allowed = set(committee.agenda(meeting, user=by).values_list("pk", flat=True))
    if strangers := [application.number for application in amounts if application.pk not in allowed]:
        raise WrongState(f"Niet op de agenda van deze vergadering: {', '.join(sorted(strangers))}.")
    above = [
        Finding(
            "P2-EVA-04",
            application.number,
            f"{format_euros(amount)} is meer dan de gevraagde {format_euros(application.requested_grant)}.",
        )
        for application, amount in amounts.items()
        if application.requested_grant is not None and amount > application.requested_grant
    ]
    if above:
        raise DomainError("Een bedrag is hoger dan wat gevraagd werd.", rule_id="P2-EVA-04", findings=above)
    with transaction.atomic():
        kept, _ = WhatIf.objects.get_or_create(
            meeting=meeting, name=name, defaults={"made_at": clock.now(), "made_by": by}
        )
        kept.lines.all().delete()
        WhatIfLine.objects.bulk_create(
            WhatIfLine(what_if=kept, application=application, amount=euros(amount))
            for application, amount in amounts.items()
        )
        trail.record("whatif.kept", kept, by=by, changes={"dossiers": sorted(a.number for a in amounts)})
    return kept


def drop(kept: WhatIf, *, by: User) -> None:
    """Throw a set away."""
    with transaction.atomic():
        trail.record("whatif.dropped", kept, by=by, changes={"name": kept.name})
        kept.delete()


@dataclass(frozen=True, slots=True)
class Column:
    """One set beside the others: amount by dossier number, totals, what is left, and how it is spread."""

    key: int | None
    name: str
    maker: str
    amounts: Mapping[str, Decimal]
    total: Decimal
    left: Decimal | None
    count: int
    is_over_budget: bool
    is_over_count: bool
    sectors: tuple[tuple[str, int], ...]
    domains: tuple[tuple[str, int], ...]
    provinces: tuple[tuple[str, int], ...]


def columns(meeting: Meeting, dossiers: Sequence[Application], rules: Rules) -> list[Column]:
    """The kept sets of a meeting, within these dossiers (with their applicants); who is barred from one does not find its amount in any total."""
    by_key = {dossier.pk: dossier for dossier in dossiers}
    found = []
    for kept in meeting.what_ifs.select_related("made_by").prefetch_related("lines"):
        amounts = {
            by_key[line.application_id]: line.amount for line in kept.lines.all() if line.application_id in by_key
        }
        found.append(column(kept.pk, kept.name, str(kept.made_by), amounts, rules))
    return found


def column(key: int | None, name: str, maker: str, amounts: Mapping[Application, Decimal], rules: Rules) -> Column:
    """One set with its figures. Pure."""
    total = sum(amounts.values(), ZERO)
    budget, most = rules.budget_available, rules.max_awards
    return Column(
        key=key,
        name=name,
        maker=maker,
        amounts={dossier.number: amount for dossier, amount in amounts.items()},
        total=total,
        left=None if budget is None else budget - total,
        count=len(amounts),
        is_over_budget=budget is not None and total > budget,
        is_over_count=most is not None and len(amounts) > most,
        sectors=spread(dossier.sector for dossier in amounts),
        domains=spread(dossier.technology_domain for dossier in amounts),
        provinces=spread(province_label(dossier) for dossier in amounts),
    )


def province_label(dossier: Application) -> str:
    """The province of the applicant; empty where its postcode tells none."""
    province = province_of(dossier.applicant.postcode)
    return str(province.label) if province else ""


def spread(labels: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """How often each label occurs, most first, then by name."""
    counts = Counter(label or "Niet ingevuld" for label in labels)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
