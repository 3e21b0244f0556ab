"""The administrators' site: in their menu, what they come for first, and every list named in proper Dutch."""

import pytest
from django.contrib.admin import site

from ibnportal.core.accounts.enums import Role

pytestmark = pytest.mark.django_db
OURS = (
    "calls",
    "accounts",
    "portal",
    "workdays",
    "applications",
    "evaluation",
    "monitoring",
    "files",
    "outbox",
    "audit",
)


@pytest.fixture
def administrator(as_role):
    return as_role(Role.ADMINISTRATOR, is_staff=True)


def test_it_stands_in_the_menu_of_administrators_only(administrator, as_role):
    assert '<a href="/beheer/">Beheer</a>' in administrator.get("/werk/").content.decode()
    assert "/beheer/" not in as_role(Role.POLICY_READER).get("/werk/").content.decode()


def test_it_begins_with_what_they_come_for(administrator):
    answer = administrator.get("/beheer/")
    page = answer.content.decode()
    assert "Een oproep openen of wijzigen" in page
    assert page.index("Iemand toegang geven") < page.index('class="app-calls')
    labels = [app["app_label"] for app in answer.context["app_list"]]
    assert labels[:4] == ["calls", "accounts", "portal", "workdays"]
    assert set(labels[-4:]) == {"axes", "mfa", "account", "socialaccount"}


def test_what_libraries_bring_along_has_a_dutch_name_too(administrator):
    page = administrator.get("/beheer/").content.decode()
    for english in (
        "Access attempts",
        "Authenticators",
        "Social applications",
        "Model name",
        "Add link",
        "Models in the",
    ):
        assert english not in page
    assert "Mislukte pogingen" in page


def test_every_list_of_ours_says_its_own_plural():
    """Django makes one with an s: “rangschikkings”."""
    made_up = [model.__name__ for model in site._registry if model._meta.app_label in OURS and "verbose_name_plural" not in model._meta.original_attrs]  # fmt: skip
    assert made_up == []
