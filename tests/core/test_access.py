import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.views import View
from django.views.decorators.http import require_POST

from ibnportal.core.access import ORGANISATION, PUBLIC, SIGNED_IN, Policy, access, policy_of, walk
from ibnportal.core.accounts.enums import Role
from tests.factories.core import OrganisationFactory

pytestmark = pytest.mark.django_db


def view_for(*who, subject=""):
    @access(*who, subject=subject)
    def view(request, pk=None):
        return HttpResponse("binnen")

    return view


def get(view, user, method="get"):
    request = getattr(RequestFactory(), method)("/behandeling/7/?pagina=2")
    request.user = user
    return view(request)


@pytest.mark.parametrize("who", [SIGNED_IN, ORGANISATION, Role.EXPERT])
def test_anonymous_is_sent_to_the_login_and_back(who):
    response = get(view_for(who), AnonymousUser())
    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/behandeling/7/%3Fpagina%3D2"


def test_after_the_login_nobody_is_sent_back_to_a_verb():
    assert get(view_for(SIGNED_IN), AnonymousUser(), "post")["Location"] == "/account/login/?next=/werk/"


def test_public_is_for_all(make_user):
    assert get(view_for(PUBLIC), AnonymousUser()).content == b"binnen"
    assert get(view_for(PUBLIC), make_user()).content == b"binnen"


@pytest.mark.parametrize("held", list(Role))
def test_a_role_opens_its_own_pages_only(held, make_user):
    user = make_user(held)
    for wanted in Role:
        if wanted == held:
            assert get(view_for(wanted), user).status_code == 200
        else:
            with pytest.raises(Http404):
                get(view_for(wanted), user)


def test_one_of_several_is_enough(make_user):
    assert get(view_for(Role.SECRETARY, Role.COMMITTEE_MEMBER), make_user(Role.COMMITTEE_MEMBER)).status_code == 200


def test_an_organisation_opens_the_pages_of_organisations(make_user):
    member = make_user(organisation=OrganisationFactory())
    assert get(view_for(ORGANISATION), member).status_code == 200
    for other in (make_user(), make_user(Role.CASE_HANDLER)):
        with pytest.raises(Http404):
            get(view_for(ORGANISATION), other)


def test_who_is_deactivated_has_no_role_left(make_user):
    with pytest.raises(Http404):
        get(view_for(Role.EXPERT), make_user(Role.EXPERT, is_active=False))


def test_a_class_view_is_guarded_in_every_method(make_user):
    @access(Role.EXPERT, subject="application")
    class Page(View):
        def get(self, request):
            return HttpResponse("binnen")

        post = get

    for method in ("get", "post"):
        assert get(Page.as_view(), make_user(Role.EXPERT), method).status_code == 200
        with pytest.raises(Http404):
            get(Page.as_view(), make_user(), method)
    assert policy_of(path("x/", Page.as_view())) == Policy((Role.EXPERT,), "application")


def test_a_policy_is_read_through_other_decorators():
    guarded = view_for(Role.EXPERT, Role.SECRETARY, subject="call")
    assert policy_of(path("x/", require_POST(guarded))) == Policy((Role.EXPERT, Role.SECRETARY), "call")


def test_an_undeclared_view_has_no_policy():
    assert policy_of(path("x/", lambda request: HttpResponse(), name="account_login")) is None


def test_somebody_must_be_named():
    with pytest.raises(TypeError):
        access()


def test_every_page_of_the_packages_has_a_policy():
    third_party = [
        (route, policy)
        for route, namespace, pattern, policy in walk()
        if namespace == "admin" or "allauth" in getattr(pattern.callback, "__module__", "")
    ]
    assert len(third_party) > 30
    assert [route for route, policy in third_party if policy is None] == []


def test_our_own_pages_have_one_too():
    ours = {
        pattern.name: policy
        for _, _, pattern, policy in walk()
        if pattern.name in {"health", "demo_sign_in", "demo_clock"}
    }
    assert set(ours.values()) == {Policy((PUBLIC,))}
    assert len(ours) == 3
