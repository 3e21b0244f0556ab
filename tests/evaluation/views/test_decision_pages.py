"""The pages around a meeting and after a decision: who gets them, what they answer to bad input, and that nothing typed is lost."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from applications.domain import mergers
from applications.enums import ApplicationState as S
from applications.models import Application, DossierAuthor
from calls.models import PitchSlot
from evaluation.domain import committee, pitches
from evaluation.models import Complaint, Decision, DecisionCondition, DecisionSheet, PostDiscussion, Review
from evaluation.views import panels
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from tests.evaluation.domain.test_committee import advised, award, ranked
from tests.evaluation.domain.test_reviews_before_support import screened_out
from tests.factories.applications import ApplicationFactory, small_pdf
from tests.factories.core import MembershipFactory
from tests.factories.evaluation import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(make_user, clock):
    clock.set("2026-07-13T10:00")
    return make_user(Role.SECRETARY)


@pytest.fixture
def meeting(secretary, make_user):
    dossiers = [advised(), advised()]
    ranked(dossiers, secretary)
    member = make_user(Role.COMMITTEE_MEMBER)
    made = committee.plan_meeting(
        call=dossiers[0].call, phase=2, held_on=date(2026, 7, 13), members=[member], by=secretary
    )
    made.dossiers, made.member = dossiers, member
    return made


def test_the_secretary_runs_the_meeting_from_its_pages(meeting, secretary, as_user):
    client, base = as_user(secretary), f"/comite/{meeting.pk}/"
    for page in (
        "",
        "portefeuille/",
        "denkoefeningen/",
        "stukken/",
        "fiches/",
        f"dossier/{meeting.dossiers[0].number}/",
    ):
        assert client.get(base + page).status_code == 200
    assert client.post(f"{base}aanwezigheid/", {"absent": [meeting.member.pk]}).status_code == 302
    assert "Te weinig om te beslissen" in client.get(base).content.decode()
    refused = client.post(
        f"{base}dossier/{meeting.dossiers[0].number}/",
        {
            "outcome": "awarded",
            "reason": "Mijn lange motivering.",
            "year_1": "10.000",
            "year_2": "10.000",
            "year_3": "10.000",
        },
    )
    assert refused.status_code == 422
    assert "beslissen 0 van de 1 leden mee" in refused.content.decode()
    assert "Mijn lange motivering." in refused.content.decode()
    client.post(f"{base}aanwezigheid/", {})
    assert (
        client.post(
            f"{base}gegevens/", {"meeting-starts_at": "14:00", "meeting-location": "Zaal 2", "meeting-notes": "Varia."}
        ).status_code
        == 302
    )
    wrong = client.post(f"{base}gegevens/", {"meeting-starts_at": "half drie", "meeting-notes": "Blijft staan."})
    assert (
        wrong.status_code,
        "Dit is geen uur" in wrong.content.decode(),
        "Blijft staan." in wrong.content.decode(),
    ) == (422, True, True)
    assert client.post(f"{base}stukken/verslag/").status_code == 302
    kept = client.post(
        f"{base}denkoefeningen/", {"name": "Twee", **{f"amount_{row.pk}": "1.000,50" for row in meeting.dossiers}}
    )
    assert kept.status_code == 302
    page = client.get(f"{base}denkoefeningen/").content.decode().replace("\xa0", " ")
    assert "€ 2.001" in page
    bad = client.post(f"{base}denkoefeningen/", {"name": "x", f"amount_{meeting.dossiers[0].pk}": "veel"})
    assert (bad.status_code, 'value="veel"' in bad.content.decode()) == (422, True)


def test_pages_of_a_meeting_are_for_its_people(meeting, as_user, as_role):
    stranger, member = as_role(Role.COMMITTEE_MEMBER), as_user(meeting.member)
    for page in ("", "portefeuille/", "denkoefeningen/", "stukken/"):
        assert stranger.get(f"/comite/{meeting.pk}/{page}").status_code == 404
        assert member.get(f"/comite/{meeting.pk}/{page}").status_code == 200
    assert member.post(f"/comite/{meeting.pk}/aanwezigheid/").status_code == 404
    assert member.post(f"/comite/{meeting.pk}/stukken/", {"kind": "bundle_pdf"}).status_code == 302
    assert as_role(Role.EXPERT).get(f"/comite/{meeting.pk}/portefeuille/").status_code == 404


def test_the_applicant_after_a_refusal(meeting, secretary, as_user, make_user, drain_outbox):
    refused, awarded = meeting.dossiers
    committee.record_support(
        meeting, refused, outcome="rejected", reason="Zwak.", deviation_reason="Te zwak.", by=secretary
    )
    award(meeting, awarded, secretary, amounts=[Decimal(50000)] * 3)
    committee.release(meeting, by=secretary)
    drain_outbox()
    boss, colleague = as_user(refused.representative), as_user(refused.colleague)
    assert (
        "Alleen een rechtsgeldig vertegenwoordiger"
        in colleague.get(f"/dossiers/{refused.number}/herziening/").content.decode()
    )
    assert boss.post(f"/dossiers/{refused.number}/herziening/", {"arguments": " "}).status_code == 422
    moment = (portal_clock.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    assert colleague.post(f"/dossiers/{refused.number}/nabespreking/", {"first": "morgen"}).status_code == 422
    assert colleague.post(f"/dossiers/{refused.number}/nabespreking/", {"first": moment}).status_code == 302
    assert boss.post(f"/dossiers/{refused.number}/herziening/", {"arguments": "Kijk na."}).status_code == 302
    assert "Uw verzoek is ontvangen" in boss.get(f"/dossiers/{refused.number}/herziening/").content.decode()
    assert boss.get(f"/dossiers/{awarded.number}/herziening/").status_code == 404
    staff = as_user(secretary)
    review, talk = Review.objects.get(), PostDiscussion.objects.get()
    assert "legde de beslissing vast" in staff.get(f"/nazorg/herziening/{review.pk}/").content.decode()
    outsider = make_user(Role.CASE_HANDLER)
    assert staff.post(f"/nazorg/herziening/{review.pk}/toewijzen/", {"handler": outsider.pk}).status_code == 302
    handler = as_user(outsider)
    assert handler.post(f"/nazorg/herziening/{review.pk}/", {"outcome": "rejected", "reason": ""}).status_code == 422
    assert handler.get(f"/nazorg/nabespreking/{talk.pk}/").status_code == 200
    assert handler.post(f"/nazorg/nabespreking/{talk.pk}/", {"at": moment, "place": "Brussel"}).status_code == 302
    planned = handler.get(f"/nazorg/nabespreking/{talk.pk}/").context["plan"]["at"].value()
    assert (
        planned.strftime("%Y-%m-%dT%H:%M") == moment
    )  # as it was typed, on the clock in Brussels: saved again it stays
    assert handler.get("/nazorg/").status_code == 200
    decision = awarded.decisions.get()
    changed = staff.post(
        f"/comite/beslissing/{decision.pk}/verbeteren/",
        {
            "reason": "Juist bedrag.",
            "why": "Verkeerd overgenomen.",
            "year_1": "50.000",
            "year_2": "50.000",
            "year_3": "40.000",
        },
    )
    assert changed.status_code == 302
    drain_outbox()
    page = as_user(awarded.representative).get(f"/dossiers/{awarded.number}/").content.decode()
    assert "Eerdere versies van de beslissing" in page
    assert boss.get("/nazorg/").status_code == 404


def test_complaints_have_their_pages(as_applicant, as_role, clock):
    applicant, staff = as_applicant(), as_role(Role.CASE_HANDLER)
    assert applicant.post("/klachten/nieuw/", {"subject": "", "text": "Een lang verhaal."}).status_code == 422
    assert applicant.post("/klachten/nieuw/", {"subject": "Wachten", "text": "Lang."}).status_code == 302
    complaint = Complaint.objects.get()
    assert applicant.get(f"/klachten/{complaint.pk}/").status_code == 200
    assert as_applicant().get(f"/klachten/{complaint.pk}/").status_code == 404
    assert applicant.get("/klachten/inschrijven/").status_code == 404
    assert staff.post(f"/klachten/{complaint.pk}/toewijzen/", {"handler": staff.user.pk}).status_code == 302
    assert staff.post(f"/klachten/{complaint.pk}/", {"answer": "Sorry."}).status_code == 302
    future = (portal_clock.today() + timedelta(days=2)).isoformat()
    entry = {"channel": "oral", "received_on": future, "complainant_name": "Jef", "subject": "s", "text": "t"}
    assert staff.post("/klachten/inschrijven/", entry).status_code == 422
    assert (
        staff.post("/klachten/inschrijven/", {**entry, "received_on": portal_clock.today().isoformat()}).status_code
        == 302
    )
    assert b"Wachten" in staff.get("/klachten/?formaat=csv").content


def test_the_check_of_a_sheet_is_held_back_after_thirty_tries(client):
    for _ in range(30):
        assert client.get("/fiche/controle/?code=2222-2222-2222").status_code == 200
    answer = client.get("/fiche/controle/?code=2222-2222-2222")
    assert (answer.status_code, "te veel fiches na elkaar" in answer.content.decode()) == (429, True)
    assert client.get("/fiche/controle/").status_code == 200


def test_behind_a_proxy_the_tries_of_one_visitor_are_not_anothers(client, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    for _ in range(30):
        client.get("/fiche/controle/?code=2222-2222-2222", headers={"X-Forwarded-For": "192.0.2.1"})
    tried = [
        client.get("/fiche/controle/?code=2222-2222-2222", headers={"X-Forwarded-For": f"192.0.2.{last}"}).status_code
        for last in (1, 2)
    ]
    assert tried == [429, 200]


@pytest.fixture
def awarded(clock):
    """An award that was told, with its years, two conditions and a sheet that is there."""
    clock.set("2026-07-14T10:00")
    decision = released(advised())
    for kind, text in (("special", "Meld elk nieuw lid."), ("start", "Sluit de overeenkomst.")):
        DecisionCondition.objects.create(decision=decision, kind=kind, text=text, is_blocking=kind == "start")
    file = store.store(small_pdf("fiche.pdf"), by=None, kind=FileKind.GENERATED_PDF)
    DecisionSheet.objects.filter(decision=decision).update(file=file, made_at=portal_clock.now())
    return decision.application


def test_the_page_of_a_dossier_with_a_decision_asks_six_queries(awarded, as_user, django_assert_num_queries):
    client = as_user(awarded.representative)
    with django_assert_num_queries(6):
        page = client.get(f"/dossiers/{awarded.number}/").content.decode().replace("\xa0", " ")
    assert page.count("€ 50.000,00") == 3
    assert page.index("Startvoorwaarde: Sluit de overeenkomst.") < page.index(
        "Bijzondere voorwaarde: Meld elk nieuw lid."
    )
    assert "Download de projectfiche" in page


def refused(make_user):
    return released(advised(), outcome="rejected").application


def screened(make_user):
    return screened_out(S.P1_SUBMITTED, make_user(Role.CASE_HANDLER))


def merged(make_user):
    lead, joining = ApplicationFactory(state=S.MERGE_ADVISED), ApplicationFactory(state=S.PRESELECTED)
    mergers.merge(lead, joining, reason="Beide vragen het.", by=make_user(Role.CASE_HANDLER))
    joining.refresh_from_db()
    return joining


def pitching(make_user):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    slot = PitchSlot.objects.filter(call=application.call)[0]
    pitches.book(application, slot, by=make_user(Role.CASE_HANDLER))
    return application


@pytest.mark.parametrize(
    "stands",
    [
        (refused, 7, "Een herziening vragen"),
        (screened, 8, "De brieven ontbreken."),
        (merged, 7, "Samen verder"),
        (pitching, 7, "Uw pitch"),
    ],
)
def test_the_page_of_a_dossier_asks_eight_queries_at_most_wherever_it_stands(
    stands, clock, make_user, as_user, django_assert_num_queries
):
    made, count, told = stands
    clock.set("2026-01-26T10:00")
    dossier = made(make_user)
    client = as_user(dossier.representative)
    client.get(f"/dossiers/{dossier.number}/")
    with django_assert_num_queries(count):
        page = client.get(f"/dossiers/{dossier.number}/").content.decode()
    assert told in page
    assert ("Wat u indiende" in page) is dossier.submissions.exists()


def test_the_page_shows_the_told_decisions_and_sheets_that_this_person_may_see(awarded, make_user):
    """Read of a dossier that was found already, it is still what `visible_to` says, whatever else somebody is."""
    later = Decision.objects.get(application=awarded)
    Decision.objects.create(
        application=awarded, kind="preselection", outcome="preselected", rules=later.rules, reason="Nog niet verteld.",
        recorded_at=portal_clock.now(), recorded_by=later.recorded_by,
    )  # fmt: skip
    for role in (None, *Role):
        for is_guest in (False, True):
            person = make_user(*([role] if role else []))
            if is_guest:
                here = {"added_at": portal_clock.now(), "added_by": awarded.representative}
                DossierAuthor.objects.create(application=awarded, user=person, role="author", **here)
            else:
                MembershipFactory(user=person, organisation=awarded.applicant)
            person.forget_access()
            assert Application.objects.written_by(person).filter(pk=awarded.pk).exists()
            shown = panels.of_dossier(awarded, person)["decisions"]
            told = Decision.objects.visible_to(person).filter(application=awarded, released_at__isnull=False)
            assert [row.pk for row in shown] == [row.pk for row in told] == [later.pk]
            sheets = [row.handed_out.pk for row in shown if row.handed_out]
            assert sheets == [sheet.pk for sheet in DecisionSheet.objects.visible_to(person)]
            assert bool(sheets) is not (is_guest and role in {None, Role.EXPERT})


def test_who_was_invited_to_write_along_reads_the_decision_and_gets_no_sheet(awarded, as_user, make_user):
    guest = make_user()
    DossierAuthor.objects.create(
        application=awarded, user=guest, role="author", added_at=portal_clock.now(), added_by=awarded.representative
    )
    page = as_user(guest).get(f"/dossiers/{awarded.number}/").content.decode()
    assert "Het comité volgt het advies." in page
    assert "Download de projectfiche" not in page
