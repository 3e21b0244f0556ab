"""The applicant's items on the first screen."""

import pytest

from applications.views.work import work_items
from ibnportal.core import clock as portal_clock
from tests.factories.applications import ApplicationFactory
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db


def test_a_draft_is_due_at_its_deadline(clock):
    application = ApplicationFactory()
    (item,) = work_items(application.colleague)
    assert (item.title, item.due_at, item.tone) == (application.title, portal_clock.moment("2026-01-23T12:00"), "todo")


def test_after_the_deadline_a_draft_asks_nothing_any_more(clock):
    application = ApplicationFactory()
    clock.set("2026-01-23T12:00:01")
    assert work_items(application.colleague) == []


def test_a_stranger_has_nothing_to_do(clock):
    ApplicationFactory()
    assert work_items(UserFactory()) == []


def test_the_number_of_queries_does_not_grow(clock, django_assert_num_queries):
    first = ApplicationFactory()
    user = first.colleague
    for expected in (1, 3):
        user.forget_access()
        with django_assert_num_queries(3):
            assert len(work_items(user)) == expected
        if expected == 1:
            ApplicationFactory(applicant=first.applicant)
            ApplicationFactory(applicant=first.applicant)


def test_an_administrator_reads_a_dossier_and_leaves_a_trace(as_role, clock):
    from django.urls import reverse

    from ibnportal.core.accounts.enums import Role
    from ibnportal.core.audit import trail

    application = ApplicationFactory(state="p1_submitted", letters=1)
    client = as_role(Role.ADMINISTRATOR, is_staff=True)
    page = client.get(reverse("admin:applications_application_change", args=[application.pk]))
    assert page.status_code == 200
    assert trail.history(application).last().action == "application.looked"
    assert client.post(page.wsgi_request.path, {"title": "Anders"}).status_code == 403
