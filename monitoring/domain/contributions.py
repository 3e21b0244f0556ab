"""The co-financing ledger: what companies paid, and whether it counts (COF-02 ... 04, COF-09 ... 13, COF-19 ... 21).

A contribution is entered as it is; each rule that it breaks is a finding, and one with a finding is never accepted. The
account manager accepts or refuses, a refusal names its rule (`contribution_checks`). Once a year is closed for claims nothing of it changes:
the domain says so and a trigger holds it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction

from calls.enums import PayerKind
from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.files.store import store
from ibnportal.core.findings import Finding, Severity, has_errors
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, format_euros
from monitoring.domain import people
from monitoring.domain.contribution_checks import PAYER_KIND_OF, REFUSAL_RULES, broken, findings, refused_by
from monitoring.domain.lifecycle import ask_about_contribution, move_contribution
from monitoring.domain.notices import tell_question, tell_threshold
from monitoring.domain.queries import rules_row
from monitoring.enums import LIVE_NETWORK, ContributionState
from monitoring.models import AwardYear, Contribution, ContributionRemark

# ---------------------------------------------------------------- the verbs


UNJUDGED = (ContributionState.SUBMITTED, ContributionState.QUESTIONED)
MOST_SERVICES = Contribution._meta.get_field("services").max_length  # noqa: SLF001 - Django's documented Meta API
FIELDS = (
    "payer", "payer_kind", "kind", "amount", "invoice_number", "invoiced_on", "refers_to_project", "services",
    "received_on", "is_individual_service", "proof", "activity", "vat_amount",
)  # fmt: skip


@transaction.atomic
def enter(award_year: AwardYear, *, by: User, upload: "File[bytes] | None" = None, **fields: Any) -> Contribution:
    """A contribution as it came in, counting or not; the proof is an `upload` or a stored `proof`.

    `fields` are those of FIELDS; the kind of payer is taken from the register where it is not given. Raises DomainError
    for an amount that is not positive, an invoice without number, and an invoice that the year has already.
    """
    year = open_year(award_year)
    values = _values(fields)
    if upload is not None:
        values["proof"] = store(upload, by=by, kind=FileKind.PROOF_PDF)
    contribution = Contribution(award_year=year, entered_at=clock.now(), entered_by=by, **values)
    _save_once(contribution)
    trail.record("contribution.entered", contribution, by=by, changes=values)
    return contribution


@transaction.atomic
def change(contribution: Contribution, *, by: User, upload: "File[bytes] | None" = None, **fields: Any) -> Contribution:
    """Correct a contribution that is not judged yet."""
    open_year(contribution.award_year)
    fresh = lock(contribution)
    if fresh.state not in UNJUDGED:
        raise WrongState("Deze bijdrage is al beoordeeld en ligt vast. Vraag de accountmanager als er iets niet klopt.")
    current = {name: getattr(fresh, name) for name in FIELDS}
    values = _values({**current, **fields})
    if upload is not None:
        values["proof"] = store(upload, by=by, kind=FileKind.PROOF_PDF)
    changes = {name: [current[name], value] for name, value in values.items() if current[name] != value}
    for name, value in values.items():
        setattr(fresh, name, value)
        setattr(contribution, name, value)
    _save_once(fresh)
    if changes:
        trail.record("contribution.changed", fresh, by=by, changes=changes)
    return fresh


@transaction.atomic
def remove(contribution: Contribution, *, by: User) -> None:
    """Take out a contribution that is not judged yet; the trail keeps what it was."""
    open_year(contribution.award_year)
    fresh = lock(contribution)
    if fresh.state not in UNJUDGED:
        raise WrongState("Deze bijdrage is al beoordeeld en kan niet meer verwijderd worden.")
    trail.record("contribution.removed", fresh, by=by, changes={name: getattr(fresh, name) for name in FIELDS})
    fresh.delete()


@transaction.atomic
def ask(contribution: Contribution, *, question: str, by: User) -> Contribution:
    """The account manager asks the network something about a contribution; it waits for the answer."""
    year = open_year(contribution.award_year)
    people.refuse_own_network(year.network, by)
    people.require_role(by, Role.ACCOUNT_MANAGER)
    if not question.strip():
        raise DomainError("Schrijf op wat u van het netwerk wilt weten.")
    asked = ask_about_contribution(contribution, ContributionState.QUESTIONED, by=by, reason=question.strip())
    ContributionRemark.objects.create(contribution_id=asked.pk, text=question.strip(), said_at=clock.now(), said_by=by)
    tell_question(asked, question.strip())
    return asked


@transaction.atomic
def answer(contribution: Contribution, *, text: str, by: User) -> Contribution:
    """The network answers; the contribution waits for judgement again."""
    year = open_year(contribution.award_year)
    if not by.belongs_to(year.network.beneficiary_id):
        raise NotAllowed("Alleen wie voor het netwerk werkt, antwoordt op deze vraag.")
    if not text.strip():
        raise DomainError("Schrijf uw antwoord op.")
    answered = ask_about_contribution(contribution, ContributionState.SUBMITTED, by=by, reason=text.strip())
    ContributionRemark.objects.create(
        contribution_id=answered.pk, text=text.strip(), is_answer=True, said_at=clock.now(), said_by=by
    )
    return answered


def broken_since(award_year: AwardYear, rules: Rules) -> list[tuple[Contribution, list[Finding]]]:
    """Accepted contributions of an open year that break a rule now, such as a payer that turns out to be public."""
    if award_year.claims_closed_at is not None:
        return []
    accepted = Contribution.objects.filter(award_year=award_year, state=ContributionState.ACCEPTED)
    return refused_by(accepted, award_year, rules)


@transaction.atomic
def accept(contribution: Contribution, *, by: User, at: datetime | None = None) -> Contribution:
    """It counts. Refused, with every reason, while a rule stands in the way."""
    year = open_year(contribution.award_year)
    people.refuse_own_network(year.network, by)
    _one_at_a_time(year)
    fresh = Contribution.objects.select_related("payer", "activity", "award_year__network").get(pk=contribution.pk)
    found = findings(fresh, _rules_of(year))
    if has_errors(found):
        raise DomainError("Deze bijdrage kan niet aanvaard worden.", rule_id=found[0].rule_id, findings=found)
    accepted = _accept(contribution, by=by, at=at)
    tell_threshold(year)
    return accepted


@transaction.atomic
def accept_clean(award_year: AwardYear, *, by: User, at: datetime | None = None) -> tuple[int, int]:
    """Accept all that waits and breaks no rule; returns how many were accepted and how many are left to judge."""
    year = open_year(award_year)
    people.refuse_own_network(year.network, by)
    _one_at_a_time(year)
    waiting = Contribution.objects.filter(award_year=year, state=ContributionState.SUBMITTED).order_by("id")
    count, clean = waiting.count(), list(waiting.exclude(broken(year, Severity.ERROR)))
    for contribution in clean:
        _accept(contribution, by=by, at=at)
    tell_threshold(year)
    return len(clean), count - len(clean)


@transaction.atomic
def refuse(
    contribution: Contribution, *, rule_id: str, reason: str, by: User, at: datetime | None = None
) -> Contribution:
    """It does not count, by a named rule and with a reason that the network reads."""
    year = open_year(contribution.award_year)
    people.refuse_own_network(year.network, by)
    if rule_id not in REFUSAL_RULES:
        raise DomainError("Kies de regel waarom deze bijdrage niet meetelt.")
    if not reason.strip():
        raise DomainError("Schrijf op waarom deze bijdrage niet meetelt; het netwerk leest dit.", rule_id=rule_id)
    return move_contribution(
        contribution,
        ContributionState.REFUSED,
        by=by,
        at=at,
        reason=reason.strip(),
        refused_rule=rule_id,
        refusal_reason=reason.strip(),
    )


def _accept(contribution: Contribution, *, by: User, at: datetime | None) -> Contribution:
    try:
        with transaction.atomic():
            return move_contribution(
                contribution, ContributionState.ACCEPTED, by=by, at=at, refused_rule="", refusal_reason=""
            )
    except IntegrityError as error:
        raise WrongState("Dezelfde factuur staat al een tweede keer bij dit jaar.", rule_id="COF-12") from error


def open_year(award_year: AwardYear) -> AwardYear:
    """The year, locked, of a running network; raises WrongState once it is closed for claims."""
    year = lock(award_year)
    if year.claims_closed_at is not None:
        raise WrongState(
            f"Projectjaar {year.project_year} is op {clock.local(year.claims_closed_at):%d/%m/%Y} afgesloten voor bijdragen. "
            "Er verandert niets meer aan.",
            rule_id="PAY-05",
        )
    if year.network.state not in LIVE_NETWORK:
        raise WrongState("Bijdragen horen bij een lopend netwerk. Dit netwerk loopt nog niet of is afgesloten.")
    return year


def _one_at_a_time(year: AwardYear) -> None:
    """Two people never accept one invoice in two years: who judges an organisation's invoices takes turns."""
    Organisation.objects.select_for_update(no_key=True).get(pk=year.network.beneficiary_id)


def _rules_of(year: AwardYear) -> Rules:
    return rules_row(year.network).frozen()


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"A contribution has no {', '.join(sorted(unknown))}")
    values = dict(fields)
    payer: Organisation = values["payer"]
    if not values.get("payer_kind"):
        values["payer_kind"] = PAYER_KIND_OF.get(payer.kind, PayerKind.COMPANY)
    values["invoice_number"] = " ".join(str(values.get("invoice_number", "")).split())
    if not values["invoice_number"]:
        raise DomainError("Vul het factuurnummer in.", rule_id="COF-09")
    amount: Decimal = values["amount"]
    if amount <= ZERO:
        raise DomainError(f"Een bijdrage is meer dan nul; {format_euros(amount)} kan niet.", rule_id="COF-02")
    proof = values.get("proof")
    if proof is not None and not isinstance(proof, StoredFile):
        raise TypeError("proof is a stored file; give an upload as `upload`")
    return values


def _save_once(contribution: Contribution) -> None:
    try:
        with transaction.atomic():
            contribution.save()
    except IntegrityError as error:
        if "invoice_once_per_year" not in str(error):
            raise
        raise DomainError(
            f"Factuur {contribution.invoice_number} staat al bij dit projectjaar. Kijk het nummer na.", rule_id="COF-12"
        ) from error
