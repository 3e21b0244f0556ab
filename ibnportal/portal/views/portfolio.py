"""The portfolio over all calls, for policy: what was asked, awarded, paid and lost."""

from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest
from ibnportal.portal.queries import figures_per_call
from ibnportal.portal.views.answers import READERS, THEMES

_COLUMNS = (
    "Oproep", "Vooraanmeldingen", "Volledige aanvragen", "Gesteund", "Niet gesteund", "Toegekende steun (euro)",
    "Toekenningen met gekend bedrag", "Geweigerde steun (euro)", "Netwerken", "Vrijgegeven (euro)", "Verloren saldo (euro)",
)  # fmt: skip


@access(Role.POLICY_READER, Role.ADMINISTRATOR, Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER)
@require_safe
def portfolio(request: SignedInRequest) -> HttpResponse:
    """One row a call and the totals; for who reads the answers each figure leads to the one with its rows and sources."""
    figures = figures_per_call()
    if export := wants_export(request):
        rows = [
            (
                row.call.name, row.entered, row.full, row.awarded, row.rejected, row.awarded_amount, row.awarded_known,
                row.refused_amount, row.networks, row.released, row.forfeited,
            )
            for row in figures
        ]  # fmt: skip
        return table_response(export, "portefeuille", _COLUMNS, rows)
    context = {
        "figures": figures,
        "awarded": sum((row.awarded_amount or Decimal(0) for row in figures), Decimal(0)),
        "without_amount": sum(row.awarded - row.awarded_known for row in figures),
        "networks": sum(row.networks for row in figures),
        "released": sum((row.released or Decimal(0) for row in figures), Decimal(0)),
        "forfeited": sum((row.forfeited or Decimal(0) for row in figures), Decimal(0)),
        "is_partly_paid_before": any(row.released is None for row in figures),
        "chart_rows": [(row.call.name, row.awarded_amount) for row in figures],
        "reads_answers": request.user.has_role(*READERS),
        "themes": [(key, label) for key, (label, _) in THEMES.items()],
    }
    return render(request, "portal/portfolio.html", context)
