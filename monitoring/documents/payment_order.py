"""The payment order of a tranche: a dataclass in, a tagged PDF out."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ibnportal.core import pdf
from monitoring.domain.payable import Line
from monitoring.domain.tranches import content_hash
from monitoring.models import Tranche


@dataclass(frozen=True, slots=True)
class Order:
    """What the order says; amounts in euros."""

    network: str
    code: str
    beneficiary: str
    beneficiary_number: str
    call: str
    rules_version: int
    project_year: int
    number: int
    label: str
    amount: Decimal
    iban: str
    reference: str
    proposed_by: str
    proposed_at: datetime
    released_by: str
    released_at: datetime
    lines: tuple[Line, ...]
    content_hash: str


def order_of(tranche: Tranche) -> Order:
    """The order of a released tranche."""
    year, network = tranche.award_year, tranche.award_year.network
    assert tranche.released_at is not None  # noqa: S101 - the database holds it for a released tranche
    return Order(
        network=network.name,
        code=network.code,
        beneficiary=network.beneficiary.name,
        beneficiary_number=network.beneficiary.formatted_number,
        call=str(network.call),
        rules_version=tranche.rules.version,
        project_year=year.project_year,
        number=tranche.number,
        label=tranche.get_number_display(),
        amount=tranche.amount,
        iban=_in_fours(tranche.iban),
        reference=tranche.payment_reference,
        proposed_by=str(tranche.proposed_by),
        proposed_at=tranche.proposed_at,
        released_by=str(tranche.released_by),
        released_at=tranche.released_at,
        lines=tuple(Line.from_dict(line) for line in tranche.derivation["lines"]),
        content_hash=content_hash(tranche),
    )


def render_order(order: Order) -> tuple[bytes, str]:
    """(PDF, file name)."""
    title = f"Betaalopdracht {order.code}, projectjaar {order.project_year}, {order.label.lower()}"
    content = pdf.render("pdf/payment_order.html", {"order": order}, title=title)
    return content, f"betaalopdracht-{order.code}-jaar{order.project_year}-schijf{order.number}.pdf"


def _in_fours(iban: str) -> str:
    size = len("BE68")
    return " ".join(iban[start : start + size] for start in range(0, len(iban), size))
