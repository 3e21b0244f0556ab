"""The admin of calls: findings shown, frozen rules read-only, copy and publish as actions."""

import pytest
from django.urls import reverse

from calls.enums import CallState
from calls.models import Call
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from tests.factories.calls import CallFactory, CallRulesFactory, install_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_role):
    client = as_role(Role.ADMINISTRATOR)
    client.user.is_staff = True
    client.user.save()
    return client


def act(client, action: str, *calls: Call):
    return client.post(
        reverse("admin:calls_call_changelist"),
        {"action": action, "_selected_action": [call.pk for call in calls]},
        follow=True,
    )


def test_the_list_and_the_page_of_a_call_open(client):
    call = install_call()
    assert client.get(reverse("admin:calls_call_changelist")).status_code == 200
    page = client.get(reverse("admin:calls_call_change", args=[call.pk]))
    assert "Alles klopt met elkaar." in page.content.decode()


@pytest.mark.rule("PRG-05")
def test_a_draft_that_contradicts_itself_shows_it_and_is_not_published(client):
    call = CallRulesFactory(call=CallFactory(state=CallState.DRAFT), max_awards=4).call
    assert "PRG-05" in client.get(reverse("admin:calls_call_change", args=[call.pk])).content.decode()
    assert "kan nog niet gepubliceerd worden" in act(client, "publish_calls", call).content.decode()
    call.refresh_from_db()
    assert call.state == CallState.DRAFT


def test_copying_makes_a_draft_for_the_next_year(client):
    act(client, "copy_calls", install_call())
    copy = Call.objects.get(year=2026)
    assert (copy.code, copy.state) == ("2026", CallState.DRAFT)
    assert trail.history(copy).first().actor == client.user


def test_closing_a_call(client):
    call = install_call()
    act(client, "close_calls", call)
    call.refresh_from_db()
    assert call.state == CallState.CLOSED


def test_frozen_rules_are_read_only(client):
    rules = install_call().current_rules()
    url = reverse("admin:calls_callrules_change", args=[rules.pk])
    assert 'name="max_awards"' not in client.get(url).content.decode()
    assert client.post(url, {"max_awards": 9}).status_code == 403


def test_rules_of_a_draft_can_be_filled_in(client):
    rules = CallRulesFactory(call=CallFactory(state=CallState.DRAFT))
    page = client.get(reverse("admin:calls_callrules_change", args=[rules.pk])).content.decode()
    assert 'name="max_awards"' in page
    assert "euro; PRG-02, handleiding 1 en 4" in page


def test_criteria_of_a_published_call_are_read_only(client):
    dimension = install_call().dimensions.first()
    page = client.get(reverse("admin:calls_dimension_change", args=[dimension.pk])).content.decode()
    assert 'name="criteria-0-weight"' not in page


def test_a_change_in_the_admin_is_in_the_trail(client):
    call = CallFactory(state=CallState.DRAFT)
    page = client.get(reverse("admin:calls_call_change", args=[call.pk]))
    form = page.context["adminform"].form
    data = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    for formset in page.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    response = client.post(page.request["PATH_INFO"], {**data, "name": "Een andere naam"})
    assert response.status_code == 302
    assert trail.history(call).last().action == "call.changed"


def test_nobody_else_gets_in(as_role):
    response = as_role(Role.CASE_HANDLER).get(reverse("admin:calls_call_changelist"))
    assert response.status_code in {302, 404}
