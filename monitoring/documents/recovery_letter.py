"""The letter that claims back what was paid too much over a year: a recovery in, a tagged PDF out (PAY-07)."""

from ibnportal.core import pdf
from monitoring.domain.batches import Debtor
from monitoring.domain.payable import Line
from monitoring.models import Recovery


def render(recovery: Recovery, fund: Debtor) -> tuple[bytes, str]:
    """(PDF, file name)."""
    settlement = recovery.settlement
    year, network = settlement.award_year, settlement.award_year.network
    content = pdf.render(
        "pdf/recovery_letter.html",
        {
            "recovery": recovery,
            "settlement": settlement,
            "year": year,
            "network": network,
            "fund": fund,
            "lines": [Line.from_dict(line) for line in settlement.derivation["lines"]],
        },
        title=f"Terugvordering {network.code}, projectjaar {year.project_year}",
    )
    return content, f"terugvordering-{network.code}-jaar{year.project_year}.pdf"
