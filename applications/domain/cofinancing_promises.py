"""From what companies promised in their letters of intent to lines of the co-financing plan, in one action (COF-17)."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.db import transaction

from applications.domain import cofinancing
from applications.models import Application, CofinancingPlanLine, Letter
from calls.enums import ContributionKind, PayerKind, PhaseNumber
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.money import CENT, ZERO


@dataclass(frozen=True, slots=True)
class Promise:
    """What one signed letter of the full dossier promises; `amount` in euro."""

    company_name: str
    enterprise_number: str
    amount: Decimal
    role: str
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking the promises over did."""

    added: int
    already_planned: int
    amount: Decimal


def promises(application: Application) -> list[Promise]:
    """Every signed letter with a commitment, and whether its company stands in the plan already."""
    numbers, names = set(), set()
    for number, name in application.cofinancing_lines.values_list("enterprise_number", "company_name"):
        numbers.add(number)
        names.add(cofinancing.plain(name))
    letters = Letter.objects.filter(
        application=application,
        phase=PhaseNumber.FULL_DOSSIER,
        commitment_amount__gt=0,
        signed_file__isnull=False,
    ).order_by("company_name", "pk")
    return [
        Promise(
            company_name=" ".join(letter.company_name.split()),
            enterprise_number=letter.enterprise_number,
            amount=letter.commitment_amount or ZERO,
            role=letter.role,
            is_planned=bool(letter.enterprise_number and letter.enterprise_number in numbers)
            or cofinancing.plain(letter.company_name) in names,
        )
        for letter in letters
    ]


def take_over(
    application: Application,
    *,
    is_per_year: bool,
    kind: str = ContributionKind.CASH_FEE,
    by: User,
    at: dt.datetime | None = None,
) -> Taken:
    """Plan what the letters promise, for companies that are not in the plan yet; doing it twice adds nothing.

    A letter holds one amount: with `is_per_year` it is paid in each project year, otherwise it is spread evenly over them, the cents
    that do not divide in the first year.
    """
    kind = ContributionKind(kind)
    with transaction.atomic():
        fresh = cofinancing.open_plan(application, by=by)
        found = promises(fresh)
        if not found:
            raise DomainError(
                "Geen enkele ondertekende brief noemt een bedrag. Vul bij de brieven het financieel engagement in, of vul het plan zelf in.",
                rule_id="COF-17",
            )
        new = [promise for promise in found if not promise.is_planned]
        years = fresh.call.rules().project_years
        lines = [
            CofinancingPlanLine(
                application=fresh,
                project_year=year,
                company_name=promise.company_name,
                enterprise_number=promise.enterprise_number,
                payer_kind=PayerKind.COMPANY,
                kind=kind,
                amount=amount,
                explanation=promise.role,
            )
            for promise in _once(new)
            for year, amount in enumerate(_by_year(promise.amount, years, is_per_year=is_per_year), start=1)
            if amount
        ]
        CofinancingPlanLine.objects.bulk_create(lines)
        taken = Taken(
            added=len({line.company_name for line in lines}),
            already_planned=len(found) - len(new),
            amount=sum((line.amount for line in lines), ZERO),
        )
        if lines:
            changes = {"companies": taken.added, "amount": taken.amount, "per_year": is_per_year, "kind": str(kind)}
            trail.record("cofinancing.promises_taken", fresh, by=by, changes=changes, at=at)
    return taken


def _once(found: list[Promise]) -> list[Promise]:
    """One promise a company: two letters with one name would fill one cell twice."""
    by_name = {cofinancing.plain(promise.company_name): promise for promise in reversed(found)}
    return [promise for promise in found if by_name[cofinancing.plain(promise.company_name)] is promise]


def _by_year(amount: Decimal, years: int, *, is_per_year: bool) -> list[Decimal]:
    if is_per_year:
        return [amount] * years
    part = (amount / years).quantize(CENT, rounding=ROUND_DOWN)
    return [amount - part * (years - 1), *[part] * (years - 1)]
