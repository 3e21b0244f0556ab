import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import HttpResponse
from django.test import RequestFactory

from ibnportal.core.accounts.adapter import AccountAdapter
from ibnportal.core.accounts.backends import SessionBackend
from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.middleware import StaffMfaMiddleware
from ibnportal.core.accounts.models import User
from tests.factories.core import OrganisationFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def _with_mfa_middleware(settings):
    name = "ibnportal.core.accounts.middleware.StaffMfaMiddleware"
    if name not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, name]


@pytest.mark.usefixtures("_with_mfa_middleware")
class TestStaffMfa:
    def test_staff_without_a_second_factor_sets_it_up_first(self, as_user):
        client = as_user(StaffFactory(role=Role.EXPERT, mfa=False))
        for url in ("/beheer/", "/account/password/change/"):
            response = client.get(url)
            assert (response.status_code, response["Location"]) == (302, "/account/2fa/totp/activate/")

    def test_the_way_to_set_it_up_stays_open(self, as_user):
        client = as_user(StaffFactory(mfa=False))
        assert client.get("/gezondheid/").status_code in {200, 503}
        assert client.get("/account/2fa/totp/activate/").get("Location") != "/account/2fa/totp/activate/"

    def test_staff_with_a_second_factor_and_applicants_pass(self, as_role, as_applicant):
        assert as_role(Role.EXPERT).get("/account/logout/").status_code == 200
        client = as_applicant()
        assert client.get("/account/password/change/").get("Location") != "/account/2fa/totp/activate/"

    def test_an_administrator_without_it_does_not_reach_the_admin(self, as_user):
        client = as_user(StaffFactory(role=Role.ADMINISTRATOR, mfa=False, is_staff=True))
        assert client.get("/beheer/accounts/user/")["Location"] == "/account/2fa/totp/activate/"


def test_who_is_signed_in_is_read_with_all_that_decides_what_they_may_open(make_user, django_assert_num_queries):
    middleware = StaffMfaMiddleware(lambda request: HttpResponse())
    request = RequestFactory().get("/")
    request.resolver_match = None
    staff, applicant = make_user(Role.EXPERT), make_user(organisation=OrganisationFactory())
    for user in (staff, applicant):
        with django_assert_num_queries(1):
            request.user = SessionBackend().get_user(user.pk)
            assert middleware.process_view(request) is None
            access = request.user.roles, request.user.organisation_ids
        assert access == (user.roles, user.organisation_ids)


def test_a_role_that_ends_and_a_membership_that_begins_later_do_not_count(make_user, clock):
    user, organisation = make_user(Role.EXPERT), OrganisationFactory()
    people.revoke_role(user, Role.EXPERT, by=user)
    membership = people.add_member(organisation, user, by=user)
    assert SessionBackend().get_user(user.pk).roles == frozenset()
    assert SessionBackend().get_user(user.pk).organisation_ids == {organisation.pk}
    people.end_membership(membership, by=user)
    assert SessionBackend().get_user(user.pk).organisation_ids == frozenset()
    user.is_active = False
    user.save()
    assert SessionBackend().get_user(user.pk) is None
    assert SessionBackend().get_user(0) is None


@pytest.fixture
def _our_adapter(settings):
    settings.ACCOUNT_ADAPTER = f"{AccountAdapter.__module__}.{AccountAdapter.__qualname__}"


@pytest.fixture
def applicant():
    user = User.objects.create_user("an@voorbeeld.be", "een-lang-wachtwoord", full_name="An")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


class TestLogin:
    def log_in(self, client, email="an@voorbeeld.be", password="een-lang-wachtwoord"):
        return client.post("/account/login/", {"login": email, "password": password})

    def test_with_address_and_password_whatever_the_capitals(self, client, applicant):
        assert self.log_in(client, "AN@Voorbeeld.be")["Location"] == "/werk/"

    def test_a_wrong_password_and_an_unknown_address_look_the_same(self, client, applicant):
        wrong = self.log_in(client, password="fout")
        unknown = self.log_in(client, "niemand@voorbeeld.be", "fout")
        assert wrong.status_code == unknown.status_code == 200
        assert wrong.context["form"].errors == unknown.context["form"].errors

    def test_who_is_deactivated_does_not_get_in(self, client, applicant):
        User.objects.update(is_active=False)
        self.log_in(client)
        assert "_auth_user_id" not in client.session

    def test_it_speaks_as_politely_as_the_rest_of_the_portal(self, client, applicant):
        assert "horen niet bij elkaar" in self.log_in(client, password="fout").content.decode()
        page = client.get(self.log_in(client)["Location"], follow=True)
        assert [str(message) for message in page.context["messages"]] == ["U bent aangemeld."]

    def test_after_five_wrong_passwords_the_right_one_does_not_help_either(self, client, applicant):
        for _ in range(5):
            self.log_in(client, password="fout")
        self.log_in(client)
        assert "_auth_user_id" not in client.session

    def test_staff_needs_the_second_factor_to_get_in(self, client, make_user):
        staff = make_user(Role.EXPERT, email="els@voorbeeld.be")
        staff.set_password("een-lang-wachtwoord")
        staff.save()
        response = self.log_in(client, "els@voorbeeld.be")
        assert response["Location"] == "/account/2fa/authenticate/"
        assert "_auth_user_id" not in client.session

    @pytest.mark.usefixtures("_our_adapter")
    def test_a_forgotten_password_is_mailed_by_the_outbox_and_tells_nothing(self, client, applicant, drain_outbox):
        known = client.post("/account/password/reset/", {"email": "an@voorbeeld.be"})
        unknown = client.post("/account/password/reset/", {"email": "niemand@voorbeeld.be"})
        assert known["Location"] == unknown["Location"]
        assert mail.outbox == []
        drain_outbox()
        assert sorted(message.to[0] for message in mail.outbox) == ["an@voorbeeld.be", "niemand@voorbeeld.be"]
        assert "/account/password/reset/key/" in next(m.body for m in mail.outbox if m.to == ["an@voorbeeld.be"])
