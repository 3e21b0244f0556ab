import pytest
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.messages import get_messages

from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.demo.catalogue import (
    DEFAULT_MOMENT,
    DEMO_ACCOUNTS,
    DEMO_MOMENTS,
    DEMO_ORGANISATION,
    better_moment,
    moment_of,
)
from ibnportal.core.demo.people import create_demo_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    settings.DEMO = settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["testserver"]
    return create_demo_people()


class TestPeople:
    def test_every_role_is_there_and_can_log_in(self, demo):
        assert {role for user in demo.values() for role in user.roles} == set(Role)
        assert all(user.check_password("ibn-demo-2025") and is_mfa_enabled(user) for user in demo.values())

    def test_one_represents_the_applicant_and_a_colleague_writes_along(self, demo):
        organisation = Organisation.objects.get(enterprise_number=DEMO_ORGANISATION["enterprise_number"])
        assert demo["aanvrager@demo.example"].represents(organisation)
        assert demo["collega@demo.example"].belongs_to(organisation)
        assert not demo["collega@demo.example"].represents(organisation)

    def test_a_second_time_changes_nothing(self, demo):
        before = AuditEvent.objects.count()
        create_demo_people()
        assert AuditEvent.objects.count() == before
        assert User.objects.filter(email__endswith="@demo.example").count() == len(DEMO_ACCOUNTS) == 16

    def test_the_password_comes_from_the_environment(self, monkeypatch):
        monkeypatch.setenv("DEMO_PASSWORD", "iets-heel-anders")
        assert create_demo_people()["beheer@demo.example"].check_password("iets-heel-anders")


class TestSignIn:
    def test_makes_you_that_person(self, demo, client):
        response = client.post("/demo/aanmelden/", {"account": "dossier@demo.example", "next": "/behandeling/"})
        assert (response.status_code, response["Location"]) == (302, "/behandeling/")
        assert client.session["_auth_user_id"] == str(demo["dossier@demo.example"].pk)
        assert [record["method"] for record in client.session["account_authentication_methods"]] == ["password", "mfa"]

    def test_leads_nowhere_else(self, demo, client):
        for target in ("https://kwaad.example/", "//kwaad.example/", "javascript:alert(1)"):
            response = client.post("/demo/aanmelden/", {"account": "dossier@demo.example", "next": target})
            assert response["Location"] == "/werk/"

    @pytest.mark.parametrize("account", ["", "iemand@voorbeeld.be", "systeem@portaal.invalid"])
    def test_knows_the_demo_accounts_only(self, demo, client, account, make_user):
        make_user(email="iemand@voorbeeld.be")
        assert client.post("/demo/aanmelden/", {"account": account}).status_code == 404

    def test_is_a_post(self, demo, client):
        assert client.get("/demo/aanmelden/").status_code == 405


class TestClock:
    def test_travels_to_a_named_moment(self, demo, client):
        client.post("/demo/klok/", {"moment": "jaar-1"})
        clock.forget_demo_offset()
        assert clock.today().isoformat() == "2027-10-04"

    def test_travels_to_any_moment_and_back(self, demo, client):
        client.post("/demo/klok/", {"at": "2026-05-11T11:59:30"})
        clock.forget_demo_offset()
        assert clock.today().isoformat() == "2026-05-11"
        client.post("/demo/klok/", {})
        clock.forget_demo_offset()
        assert abs((clock.now() - clock.real_now()).total_seconds()) < 5

    @pytest.mark.parametrize("typed", ["morgen", "2026-13-01", "0001-01-01T00:00", "9999-12-31T23:59", "x" * 500])
    def test_what_is_no_moment_is_said(self, demo, client, typed):
        response = client.post("/demo/klok/", {"at": typed})
        assert response.status_code == 302
        said = [str(message) for message in get_messages(response.wsgi_request)]
        assert "is geen moment" in said[0] or "staat op" in said[0]
        client.get("/gezondheid/")


@pytest.mark.parametrize("url", ["/demo/aanmelden/", "/demo/klok/"])
@pytest.mark.parametrize(("is_demo", "is_debug"), [(False, True), (True, False), (False, False)])
def test_outside_the_demo_there_is_nothing(client, settings, url, is_demo, is_debug):
    settings.DEMO, settings.DEBUG, settings.ALLOWED_HOSTS = is_demo, is_debug, ["testserver"]
    assert client.post(url, {"account": "dossier@demo.example"}).status_code == 404


def test_the_moments_follow_each_other_and_start_with_phase_one():
    instants = [moment.instant for moment in DEMO_MOMENTS]
    assert instants == sorted(instants)
    assert moment_of(DEFAULT_MOMENT).at == "2026-01-20T10:00"


class TestBetterMoment:
    """Who comes to the demo as an account manager while the first phase is open is shown where the networks run."""

    @pytest.mark.parametrize(
        ("email", "at", "wanted"),
        [
            ("account@demo.example", "2026-01-20T10:00", "jaar-1"),
            ("account@demo.example", "2027-10-04T10:00", None),
            ("account@demo.example", "2028-06-01T10:00", None),
            ("expert1@demo.example", "2026-01-20T10:00", "evaluatie"),
            ("expert1@demo.example", "2028-02-14T10:00", "evaluatie"),
            ("secretaris@demo.example", "2026-02-25T10:00", None),
            ("secretaris@demo.example", "2026-06-11T10:00", "beslissing"),
            ("aanvrager@demo.example", "2026-01-20T10:00", None),
            ("beheer@demo.example", "2020-01-01T10:00", None),
            ("iemand@voorbeeld.be", "2026-01-20T10:00", None),
            ("", "2026-01-20T10:00", None),
        ],
    )
    def test_is_the_next_with_work_for_them_or_else_the_last(self, email, at, wanted):
        found = better_moment(email, clock.moment(at))
        assert (found.name if found else None) == wanted

    def test_every_named_moment_exists(self):
        assert all(moment_of(name) for account in DEMO_ACCOUNTS for name in account.moments)

    def test_the_bar_leads_there_and_on_to_their_work(self, demo, client):
        client.post("/demo/klok/", {"moment": "fase-1"})
        client.post("/demo/aanmelden/", {"account": "account@demo.example"})
        page = client.get("/werk/").content.decode()
        assert "Ga naar Jaar 1 loopt, 4\xa0okt.\xa02027" in page
        answer = client.post("/demo/klok/", {"moment": "jaar-1", "next": "/werk/"})
        assert answer["Location"] == "/werk/"
        clock.forget_demo_offset()
        assert "speelt het verhaal vooral op een ander moment" not in client.get("/werk/").content.decode()
