"""One world with everybody and every stage in it: the programme's history, the story, and the people it lacks.

    with databases.pointed_at(...): world = build(media)     # committed; see `tests/guards/fixtures.py`
    world.personas                                           # everybody who walks through the portal

The story is played by `ibnportal.portal.story`; the first few PDFs of each kind are rendered, then come blank ones.
"""

import json
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pikepdf
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

from applications.domain import drafts
from applications.enums import ApplicationState
from applications.models import Application, DossierBar, Supplement
from calls.enums import ContributionKind
from calls.models import Call
from evaluation.domain import committee, complaints, experts, interests, papers
from evaluation.enums import Expertise
from evaluation.models import Assignment, ExpertProfile
from ibnportal.core import clock
from ibnportal.core import pdf as core_pdf
from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.demo.people import enrol
from ibnportal.core.errors import DomainError
from ibnportal.core.files.kinds import FileKind
from ibnportal.portal.answers import documents as answer_documents
from ibnportal.portal.story import cast, play
from ibnportal.portal.story.initiatives import INITIATIVES, Initiative, Stage
from monitoring.domain import agreements, contributions, reports, settlements, tranches
from monitoring.models import Agreement, Network, Recovery, Tranche
from tests.factories.core import OrganisationFactory, StoredFileFactory
from tests.guards.canaries import Aviary

RENDERED = 2
"""So many PDFs of each kind are real; a world full of them would take a minute longer."""


@dataclass(frozen=True)
class Persona:
    """Somebody who walks through the portal; `leads` for those to whom every page of their role has to open."""

    name: str
    email: str = ""
    leads: bool = False

    @property
    def user(self) -> User | None:
        return User.objects.get(email=self.email) if self.email else None


PERSONAS = (
    Persona("visitor"),
    Persona("applicant", "aanvrager@demo.example", leads=True),
    Persona("colleague", "collega@demo.example"),
    Persona("other_applicant", "directie@tegenhanger.example"),
    Persona("story_applicant", "directie@energie.example"),
    Persona("case_handler", "dossier@demo.example", leads=True),
    Persona("expert", "expert1@demo.example", leads=True),
    Persona("second_expert", "expert2@demo.example"),
    Persona("unassigned_expert", "expert13@demo.example"),
    Persona("conflicted_expert", "expert14@demo.example"),
    Persona("committee_member", "comite1@demo.example", leads=True),
    Persona("recused_member", "comite3@demo.example"),
    Persona("secretary", "secretaris@demo.example", leads=True),
    Persona("account_manager", "account@demo.example", leads=True),
    Persona("other_account_manager", "account2@demo.example"),
    Persona("financial_officer", "finance@demo.example", leads=True),
    Persona("policy_reader", "beleid@demo.example", leads=True),
    Persona("administrator", "beheer@demo.example", leads=True),
    Persona("nobody", "niemand@demo.example"),
    Persona("deactivated", "vertrokken@demo.example"),
)
BY_NAME = {persona.name: persona for persona in PERSONAS}


@dataclass
class World:
    """What the tests know about it besides its rows."""

    database: str
    media: str
    canaries: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def aviary(self) -> Aviary:
        return Aviary(self.canaries)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> "World":
        return cls(**json.loads(path.read_text()))


def build(*, database: str, media: Path) -> World:
    """Everything, committed to the database at hand."""
    aviary = Aviary()
    with override_settings(MEDIA_ROOT=media), aviary.singing(), _few_pdfs(), _silent_broker(), _forgetful_disk():
        call_command("load_programme", stdout=StringIO())
        call = Call.objects.get(code="2025")
        with mock.patch.object(cast, "INITIATIVES", _initiatives()):
            play.play(call)
        with transaction.atomic():
            _add_people(call)
        play.queue.drain()
    return World(database=database, media=str(media), canaries=aviary.rows)


# ---------------------------------------------------------------- who and what the story lacks


def _initiatives() -> tuple[Initiative, ...]:
    """Those of the story, with one that was awarded and has no agreement yet, unless the story leaves one there."""
    if any(found.stage == Stage.DECIDED_2 and not found.turn for found in INITIATIVES):
        return INITIATIVES
    return tuple(
        replace(found, stage=Stage.DECIDED_2) if found.stage == Stage.SIGNED else found for found in INITIATIVES
    )


def _documents() -> None:
    """One document in the making and one frozen."""
    reader = User.objects.get(email="beleid@demo.example")
    draft = answer_documents.begin("Antwoord in opmaak", as_of=date(2019, 11, 7), by=reader)
    answer_documents.add(draft, by=reader, question="QP-10", text="Een eerste zin.")
    frozen = answer_documents.begin("Antwoord op vraag 98", as_of=date(2019, 11, 7), by=reader)
    answer_documents.freeze(answer_documents.add(frozen, by=reader, question="QP-19"), by=reader)


def _add_people(call: Call) -> None:
    with clock.fixed("2026-01-15T10:00"):
        _second_organisation(call)
        _staff("expert13", "Nele Onbekend", Role.EXPERT)
        _staff("expert15", "Tom Verbonden", Role.EXPERT)
        conflicted = _staff("expert14", "Omer Verwant", Role.EXPERT)
        recused = _staff("comite3", "Pia Onthouden", Role.COMMITTEE_MEMBER)
        other_manager = _staff("account2", "Quinten Ander", Role.ACCOUNT_MANAGER)
        gone = _staff("vertrokken", "Rik Vertrokken", Role.CASE_HANDLER)
        _person("niemand@demo.example", "Sien Zonder")
    _documents()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    handler, secretary = (
        User.objects.get(email="dossier@demo.example"),
        User.objects.get(email="secretaris@demo.example"),
    )
    _conflict(conflicted, handler)
    _unreleased_meeting(call, recused, secretary)
    _open_contribution()
    _recovery()
    _papers_of_the_applicant()
    _complaint_and_tie(handler)
    _still_scoring(handler)
    with clock.fixed("2027-01-04T10:00"):
        network = Network.objects.filter(call=call).order_by("pk").last()
        agreements.appoint_account_manager(network, other_manager, by=other_manager)
        signed = Agreement.objects.filter(signed_at__isnull=False, signed_file=None).order_by("pk").first()
        Agreement.objects.filter(pk=signed.pk).update(signed_file=StoredFileFactory(name="overeenkomst.pdf"))


def _open_contribution() -> None:
    """An invoice that the demo applicant may still correct: in the second year of its running network."""
    applicant = User.objects.get(email="aanvrager@demo.example")
    network = Network.objects.get(application__applicant_id__in=applicant.organisation_ids)
    with clock.fixed("2028-02-15T10:00"):
        year = network.award_years.get(project_year=2)
        contributions.enter(
            year, payer=network.memberships.order_by("pk").first().organisation, kind=ContributionKind.CASH_FEE,
            amount=Decimal("1500.00"), invoice_number="F-2028-001", invoiced_on=date(2028, 1, 20), received_on=date(2028, 2, 1),
            refers_to_project=True, services="Lidmaatschap van het netwerk in het tweede projectjaar", by=applicant,
        )  # fmt: skip
        reports.open(year, by=applicant)  # a report that is being written, with its cost workbook to fill in


def _papers_of_the_applicant() -> None:
    """The demo applicant also works for the network that must pay back, and began to answer a request to complete."""
    applicant = User.objects.get(email="aanvrager@demo.example")
    supplement = Supplement.objects.filter(application__applicant_id__in=applicant.organisation_ids).first()
    Supplement.objects.filter(pk=supplement.pk).update(
        annex=StoredFileFactory(name="annex.pdf", kind=FileKind.ANNEX_PDF)
    )
    beneficiary = Recovery.objects.get().settlement.award_year.network.beneficiary
    people.add_member(beneficiary, applicant, by=None, since=date(2025, 1, 1))
    applicant.forget_access()


def _complaint_and_tie(handler: User) -> None:
    """A complaint that came by letter, and interests of two people who judge."""
    with clock.fixed("2026-07-27T10:00"):
        complaints.register(
            channel="letter", received_at=clock.now(), complainant_name="Rita Misnoegd", complainant_email="rita@klacht.example",
            subject="Wachttijd", text="Ik kreeg drie weken geen antwoord.", application=None, by=handler,
        )  # fmt: skip
        for name in ("expert1", "comite1", "dossier", "secretaris"):
            interests.declare_tie(
                kind="board", body="Vereniging Zonder Band", by=User.objects.get(email=f"{name}@demo.example")
            )


def _still_scoring(handler: User) -> None:
    """An expert whose term still runs when the story ends: afterwards a dossier is closed to her."""
    assignment = (
        Assignment.objects.filter(expert__email="expert1@demo.example", state="declared").order_by("pk").first()
    )
    with clock.fixed("2028-02-15T10:00"):
        experts.extend(
            assignment, due_on=date(2028, 3, 31), reason="De deskundige was ziek tot half februari.", by=handler
        )
        experts.declare(assignment, keeps_confidential=True, has_interest=False, by=assignment.expert)


def _recovery() -> None:
    """A year that came out below its first tranche: costs of a third, so that most of it must come back."""
    manager, officer = (User.objects.get(email=f"{name}@demo.example") for name in ("account", "finance"))
    tranche = Tranche.objects.filter(state="proposed", number=1).order_by("pk").first()
    year, network = tranche.award_year, tranche.award_year.network
    worker = network.beneficiary.memberships.order_by("pk").first().user
    with clock.fixed("2027-10-04T10:00"):
        tranches.release(tranche, by=officer)
        play.queue.drain()
    with clock.fixed("2028-01-20T10:00"):
        report = reports.open(year, by=worker)
        reports.save(
            report, by=worker, project_status="Trager dan gepland.", results="Eén werkgroep.", success_stories="Nog geen.",
            keeps_separate_accounts=True, costs={"personnel": (Decimal("120000.00"), Decimal(24))},
            kpis={kpi.pk: Decimal(3) for kpi in network.agreement.kpis.all()},
            active_companies=list(network.memberships.values_list("organisation_id", flat=True)),
        )  # fmt: skip
        reports.submit(report, by=worker)
        reports.approve(
            report, accepted_costs={cost.cost_type: cost.submitted_amount for cost in report.costs.all()}, by=manager
        )
        settlements.close_claims(year, by=manager)
        settlements.settle(year, by=manager)


def _person(email: str, name: str) -> User:
    user = people.register_user(email=email, full_name=name, by=None)
    enrol(user)
    return user


def _staff(name: str, full_name: str, role: Role) -> User:
    user = _person(f"{name}@demo.example", full_name)
    people.grant_role(user, role, by=None)
    user.forget_access()
    return user


def _second_organisation(call: Call) -> None:
    """A draft of strangers: nobody else may know that it exists."""
    organisation = OrganisationFactory(name="Tegenhanger vzw", legal_form="vzw", email_domain="tegenhanger.example")
    for email, is_legal_representative in (
        ("directie@tegenhanger.example", True),
        ("medewerker@tegenhanger.example", False),
    ):
        user = _person(email, "Tegenhanger Mens")
        people.add_member(
            organisation, user, by=None, is_legal_representative=is_legal_representative, since=date(2025, 1, 1)
        )
        user.forget_access()
    drafts.start(
        call=call, organisation=organisation, title="Geheim Voornemen Tegenhanger",
        by=User.objects.get(email="directie@tegenhanger.example"),
    )  # fmt: skip


def _conflict(expert: User, handler: User) -> None:
    """An expert who declared an interest, and one dossier more from which she is barred."""
    evaluated = Application.objects.filter(state=ApplicationState.P2_EVALUATION).order_by("number").first()
    with clock.fixed("2026-06-16T10:00"):
        assignment = experts.invite(evaluated, expert=expert, due_on=date(2026, 6, 24), by=handler)
        experts.declare(
            assignment, keeps_confidential=True, has_interest=True,
            interest_text="Mijn broer leidt een van de deelnemende bedrijven.", by=expert,
        )  # fmt: skip
    _bar(evaluated, expert, handler)
    tied = User.objects.get(email="expert15@demo.example")
    company = evaluated.letters.exclude(enterprise_number="").first()
    ExpertProfile.objects.create(
        user=tied,
        expertise=Expertise.values[0],
        employer=company.company_name,
        employer_number=company.enterprise_number,
    )
    with clock.fixed("2026-06-16T11:00"), suppress(DomainError):
        experts.invite(
            evaluated, expert=tied, due_on=date(2026, 6, 24), by=handler
        )  # the portal finds the tie and refuses


def _unreleased_meeting(call: Call, recused: User, secretary: User) -> None:
    """A meeting with one decision that nobody may read yet and a draft of its minutes, and members recused from dossiers they would see otherwise."""
    member = User.objects.get(email="comite1@demo.example")
    with clock.fixed("2026-02-20T10:00"):
        meeting = committee.plan_meeting(
            call=call, phase=1, held_on=date(2026, 2, 20), location="Brussel", members=[member, recused], by=secretary
        )
        advised = committee.agenda(meeting).first()
        committee.record_preselection(
            meeting, advised, outcome="preselected", by=secretary,
            reason="Deze beslissing is nog niet bekendgemaakt en blijft binnenskamers.",
        )  # fmt: skip
        papers.ask_minutes(meeting, by=secretary)
        play.queue.drain()
    for state in (ApplicationState.P2_ADVISED, ApplicationState.AWARDED, ApplicationState.REJECTED):
        application = Application.objects.filter(state=state, call=call).order_by("number").last()
        if application is not None:
            _bar(application, recused, secretary)


def _bar(application: Application, user: User, by: User) -> None:
    DossierBar.objects.get_or_create(
        application=application, user=user, lifted_at=None,
        defaults={"reason": "Naaste verwant van een bestuurder van de aanvrager.", "barred_at": clock.now(), "barred_by": by},
    )  # fmt: skip


# ---------------------------------------------------------------- a world in less time


@contextmanager
def _few_pdfs() -> Iterator[None]:
    """The first PDFs of each kind are rendered, the rest are blank pages with their title."""
    from_html, counts = core_pdf.from_html, Counter[str]()

    def rendered(html: str, **options: Any) -> bytes:
        title = re.search(r"<title>\s*(.*?)\s*</title>", html, re.DOTALL)
        kind = title[1].split()[0] if title else ""
        counts[kind] += 1
        if counts[kind] > RENDERED and not options.get(
            "attachments"
        ):  # a sheet carries its record: that one has to be true
            return _blank(f"{title and title[1]} {counts[kind]}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint leaves its colour profile open
            return from_html(html, **options)

    with mock.patch.object(core_pdf, "from_html", rendered):
        yield


def _blank(title: str) -> bytes:
    document, out = pikepdf.new(), BytesIO()
    document.add_blank_page()
    with document.open_metadata() as metadata:
        metadata["dc:title"] = title
    document.save(out)
    return out.getvalue()


@contextmanager
def _forgetful_disk() -> Iterator[None]:
    """Nothing here has to survive a power cut."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    with mock.patch("os.fsync"):
        yield


@contextmanager
def _silent_broker() -> Iterator[None]:
    """Nobody is told about work: the story empties its own outbox."""
    with mock.patch("ibnportal.core.outbox.queue.nudge"):
        yield
