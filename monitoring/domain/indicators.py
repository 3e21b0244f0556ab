"""Indicators of the agreement beside what was reported and what the registers of members and collaborations give (KPI-07 ... 09, HK-07)."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from ibnportal.core import clock
from monitoring.domain import collaborations, members
from monitoring.domain.reports import ACTIVE_COMPANIES, NEW_ACTIVE_COMPANIES
from monitoring.enums import KpiBasis
from monitoring.models import AgreementKpi, AwardYear, KpiValue, Membership, Network


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator: target, baseline, the reported value per project year, and the register's count of a day."""

    kpi: AgreementKpi
    reported: dict[int, Decimal]
    computed: int | None
    years: int

    @property
    def per_year(self) -> list[Decimal | None]:
        """The reported value of each project year, None where there is none."""
        return [self.reported.get(number) for number in range(1, self.years + 1)]

    @property
    def latest(self) -> Decimal | None:
        """The newest reported value, or the register's where nothing was reported."""
        if self.reported:
            return self.reported[max(self.reported)]
        return None if self.computed is None else Decimal(self.computed)

    @property
    def fraction(self) -> Decimal | None:
        """The newest value against the target (HK-07); None without either."""
        if self.latest is None or not self.kpi.target:
            return None
        return self.latest / self.kpi.target


def table(network: Network, year: AwardYear | None, *, years: int) -> list[IndicatorRow]:
    """Every indicator of the agreement, in three queries; the registers count on the year's last day, today at the latest."""
    reported = KpiValue.objects.filter(
        network=network, label=OuterRef("label"), basis=KpiBasis.REPORTED, is_reading=True, project_year__isnull=False
    ).order_by("project_year", "id")
    kpis = list(
        AgreementKpi.objects.filter(agreement__network=network)
        .select_related("definition_of_call")
        .annotate(
            reported_years=ArraySubquery(reported.values("project_year")),
            reported_values=ArraySubquery(reported.values("value")),
        )
    )
    today = clock.today()
    day = min(today, year.ends_on) if year is not None else today
    memberships = list(Membership.objects.filter(network=network).select_related("organisation"))
    active, new = members.computed(memberships, start_on=network.start_on, on=day)
    definitions = [kpi.definition_of_call for kpi in kpis if kpi.definition_of_call is not None]
    together = collaborations.computed(collaborations.counted(network), definitions, on=day)
    counts = {ACTIVE_COMPANIES: active, NEW_ACTIVE_COMPANIES: new, **together}
    return [
        IndicatorRow(
            kpi,
            dict(zip(kpi.reported_years, kpi.reported_values, strict=True)),
            counts.get(kpi.definition_of_call.code) if kpi.definition_of_call else None,
            years,
        )
        for kpi in kpis
    ]


def latest_reported(network: Network) -> dict[str, KpiValue]:
    """The newest value that the network reported, by the call's code of the indicator; in one query."""
    values = KpiValue.objects.filter(
        network=network, basis=KpiBasis.REPORTED, is_reading=True, definition__isnull=False
    ).select_related("definition")
    return {value.definition.code: value for value in values.order_by("project_year", "id") if value.definition}
