"""The portfolio over all calls, for policy: what was asked, awarded, paid and lost."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.exports import table_response, wants_export
from ibnportal.portal.queries import figures_per_call

_COLUMNS = (
    "Oproep", "Dossiers", "Toegekend", "Niet gesteund", "Toegekende steun (euro)", "Geweigerde steun (euro)",
    "Netwerken", "Vrijgegeven (euro)", "Verloren saldo (euro)",
)  # fmt: skip


@access(Role.POLICY_READER, Role.ADMINISTRATOR, Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER)
def portfolio(request: HttpRequest) -> HttpResponse:
    """One row a call and the totals; each figure leads to the rows behind it."""
    figures = figures_per_call()
    if export := wants_export(request):
        rows = [
            (
                row.call.name, row.dossiers, row.awarded, row.rejected, row.awarded_amount, row.refused_amount,
                row.networks, row.released, row.forfeited,
            )
            for row in figures
        ]  # fmt: skip
        return table_response(export, "portefeuille", _COLUMNS, rows)
    context = {
        "figures": figures,
        "awarded": sum((row.awarded_amount or Decimal(0) for row in figures), Decimal(0)),
        "networks": sum(row.networks for row in figures),
        "released": sum((row.released for row in figures), Decimal(0)),
        "forfeited": sum((row.forfeited for row in figures), Decimal(0)),
        "chart_rows": [(row.call.name, row.awarded_amount or Decimal(0)) for row in figures],
    }
    return render(request, "portal/portfolio.html", context)
