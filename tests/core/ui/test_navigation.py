"""Who sees which entry of the menu, and which one is the current."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser

from ibnportal.core.access import ORGANISATION, PUBLIC, SIGNED_IN
from ibnportal.core.accounts.enums import Role
from ibnportal.core.ui import navigation


def person(*roles, organisations=()):
    held = frozenset(roles)
    return SimpleNamespace(
        _takes_part=False,
        is_authenticated=True,
        roles=held,
        organisation_ids=frozenset(organisations),
        has_role=lambda *asked: not held.isdisjoint(asked),
    )


@pytest.fixture
def menu(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", {})
    navigation.register("Werklijst", "account_email", [Role.CASE_HANDLER, Role.SECRETARY], order=30)
    navigation.register("Toegankelijkheid", "ui:accessibility", [PUBLIC], order=90)
    navigation.register("Mijn werk", "account_logout", [SIGNED_IN], order=10)
    navigation.register("Mijn dossiers", "account_change_password", [ORGANISATION], order=20)
    navigation.register("Nergens", "bestaat:niet", [PUBLIC])


@pytest.mark.parametrize(
    ("user", "labels"),
    [
        (AnonymousUser(), ["Toegankelijkheid"]),
        (person(), ["Mijn werk", "Toegankelijkheid"]),
        (person(organisations=[1]), ["Mijn werk", "Mijn dossiers", "Toegankelijkheid"]),
        (person(Role.SECRETARY), ["Mijn werk", "Werklijst", "Toegankelijkheid"]),
        (person(Role.EXPERT), ["Mijn werk", "Toegankelijkheid"]),
    ],
)
def test_the_menu_follows_the_audience_and_the_order(menu, user, labels):
    assert [item.label for item in navigation.items_for(user, "/")] == labels


def test_the_longest_address_is_the_current_one(menu):
    items = navigation.items_for(person(), "/toegankelijkheid/meer/")
    assert [item.label for item in items if item.is_current] == ["Toegankelijkheid"]
    assert not any(item.is_current for item in navigation.items_for(person(), "/ergens-anders/"))


def test_registering_again_replaces(menu):
    navigation.register("Beter", "ui:accessibility", [PUBLIC])
    assert [item.label for item in navigation.items_for(AnonymousUser(), "/")] == ["Beter"]
