"""The agreement on paper: every version of its text, frozen when it is asked for and made by a worker (AGR-01, AGR-04, AGR-05).

`terms` is what the parties agree on; `status` is how far the conditions and the signature are. A version is new only when
something in it is new. What is signed are the terms of the newest version: when those changed after the version was drawn up,
the signature waits for a new one (`agreements.findings`).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.canonical import digest
from ibnportal.core.files.models import StoredFile
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO
from ibnportal.core.outbox import queue
from monitoring.models import Agreement, AgreementAmendment, AgreementPaper

TOPIC = "monitoring.agreement_paper"
FORMAT = 1


@transaction.atomic
def request(agreement: Agreement, *, by: User, amendment: AgreementAmendment | None = None) -> AgreementPaper:
    """Freeze the text as it reads now and ask for its docx and PDF; the newest version again when nothing changed since."""
    fresh = lock(agreement)
    content = compose(fresh)
    content_hash = digest(content)
    newest = fresh.papers.first()
    if newest is not None and newest.content_hash == content_hash and amendment is None:
        return newest
    paper = AgreementPaper.objects.create(
        agreement=fresh,
        version=newest.version + 1 if newest is not None else 1,
        amendment=amendment,
        content=content,
        content_hash=content_hash,
        requested_at=clock.now(),
        requested_by=by,
    )
    trail.record("agreement.paper_asked", fresh, by=by, changes={"version": paper.version, "sha256": content_hash})
    queue.enqueue(TOPIC, key=f"agreement-paper:{paper.pk}", payload={"paper": paper.pk}, subject=paper)
    return paper


def made(paper: AgreementPaper, *, pdf_file: StoredFile, docx_file: StoredFile) -> AgreementPaper:
    """Note the files that a worker made; once."""
    paper.pdf_file, paper.docx_file, paper.made_at = pdf_file, docx_file, clock.now()
    paper.save(update_fields=["pdf_file", "docx_file", "made_at"])
    changes = {"version": paper.version, "pdf": pdf_file.sha256, "docx": docx_file.sha256}
    trail.record("agreement.paper_made", paper.agreement, by=None, changes=changes)
    return paper


def is_outdated(agreement: Agreement) -> bool:
    """Whether the newest version has other terms than the agreement now; False while there is no version."""
    newest = agreement.papers.first()
    return newest is not None and newest.content["terms"] != terms_of(agreement)


# ---------------------------------------------------------------- the content


def compose(agreement: Agreement) -> dict[str, Any]:
    """Everything that the document says, as plain JSON; costs seven queries."""
    return {"format": FORMAT, "terms": terms_of(agreement), "status": _status(agreement)}


def terms_of(agreement: Agreement) -> dict[str, Any]:
    """What the parties agree on: who, what, how long, how much, under which conditions, measured how, and how it was amended."""
    network, decision = agreement.network, agreement.decision
    years = list(network.award_years.order_by("project_year"))
    call, beneficiary = network.call, network.beneficiary
    return {
        "call": {"code": call.code, "name": call.name},
        "rules_version": agreement.rules.version,
        "network": {"code": network.code, "name": network.name},
        "fund": call.fund,
        "beneficiary": {
            "name": beneficiary.name,
            "number": beneficiary.formatted_number,
            "address": beneficiary.address,
            "legal_form": beneficiary.legal_form,
        },
        "decision": {
            "number": decision.application.number,
            "body": call.decision_body,
            "decided_on": _day(decision.decided_on),
            "amount": _text(decision.amount),
        },
        "start_on": agreement.start_on.isoformat(),
        "end_on": _day(network.end_on),
        "years": [
            {
                "year": year.project_year,
                "starts_on": year.starts_on.isoformat(),
                "ends_on": year.ends_on.isoformat(),
                "amount": _text(year.awarded_amount),
            }
            for year in years
        ],
        "total": _text(sum((year.awarded_amount for year in years), ZERO)),
        "iban": network.iban,
        "conditions": [
            {"kind": condition.get_kind_display(), "text": condition.text, "is_blocking": condition.is_blocking}
            for condition in agreement.conditions.all()
        ],
        "kpis": [
            {
                "label": kpi.label,
                "definition": kpi.definition,
                "baseline": _text(kpi.baseline),
                "target": _text(kpi.target),
                "method": kpi.method,
            }
            for kpi in agreement.kpis.all()
        ],
        "amendments": [amendment_terms(amendment) for amendment in agreement.amendments.all()],
    }


def amendment_terms(amendment: AgreementAmendment) -> dict[str, Any]:
    """One amendment as the document lists it."""
    return {
        "number": amendment.number,
        "kind": amendment.get_kind_display(),
        "subject": amendment.subject,
        "made_on": clock.local(amendment.made_at).date().isoformat(),
        "reason": amendment.reason,
        "changes": changes_of(amendment),
    }


def changes_of(amendment: AgreementAmendment) -> list[dict[str, str]]:
    """Was and became, by what changed; only what differs."""
    old: Mapping[str, str] = amendment.old
    new: Mapping[str, str] = amendment.new
    names = sorted({*old, *new})
    return [
        {"name": name, "old": old.get(name, ""), "new": new.get(name, "")}
        for name in names
        if old.get(name) != new.get(name)
    ]


def _status(agreement: Agreement) -> dict[str, Any]:
    return {
        "founded_on": _day(agreement.beneficiary_founded_on),
        "signed_on": clock.local(agreement.signed_at).date().isoformat() if agreement.signed_at else "",
        "signatories": agreement.signatories,
        "conditions": [
            {
                "met_on": clock.local(condition.met_at).date().isoformat() if condition.met_at else "",
                "note": condition.met_note,
            }
            for condition in agreement.conditions.all()
        ],
    }


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value}"
