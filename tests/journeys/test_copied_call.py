"""A copied call, opened in the admin with other figures and one criterion more, used to its end with no code changed.

The administrator works in Django's admin; what follows is the story of the demo, played on the new call by the same verbs.
"""

from decimal import Decimal

import pytest
from django.urls import reverse

from applications.domain import admissibility, snapshot
from applications.enums import ApplicationState
from applications.models import Application
from calls.enums import CallState
from calls.models import Call
from evaluation.models import Score
from ibnportal.core.accounts.enums import Role
from ibnportal.portal.story import play
from tests.calls.test_admin import typed, whole_page
from tests.factories.calls import install_call

pytestmark = [pytest.mark.django_db, pytest.mark.sweep]

FIGURES = {
    "min_letters_phase1": "8",
    "max_grant_year": "240000",
    "max_grant_total": "720000",
    "max_budget_year": "480000",
    "max_budget_total": "1440000",
    "budget_available": "3600000",
}


@pytest.fixture
def admin(as_role, clock):
    clock.set("2025-11-20T10:00")
    return as_role(Role.ADMINISTRATOR, is_staff=True)


def page_of(name: str, *args: object) -> str:
    return reverse(f"admin:calls_{name}", args=args)


def copy_in_the_admin(admin, call: Call) -> Call:
    """The same year again, so that the dates stay those of the story."""
    data = {"name": "Oproep Vergroening", "code": "groen", "year": call.year, "shifts_dates": "on"}
    assert admin.post(page_of("call_copy", call.pk), data).status_code == 302
    return Call.objects.get(code="groen")


def change_the_figures(admin, call: Call) -> None:
    url = page_of("callrules_change", call.current_rules().pk)
    assert admin.post(url, whole_page(admin, url, **FIGURES)).status_code == 302


def add_a_criterion(admin, call: Call) -> None:
    dimension = call.dimensions.first()
    url = page_of("dimension_change", dimension.pk)
    number = dimension.criteria.count()
    added = {
        "code": "VERGROENING", "group": "", "label": "Bijdrage aan de vergroening", "guidance": "Wat wordt er groener?",
        "weight": "2", "position": "99", "id": "", "dimension": str(dimension.pk),
    }  # fmt: skip
    data = whole_page(admin, url, **{f"criteria-{number}-{name}": value for name, value in added.items()})
    assert admin.post(url, data | {"criteria-TOTAL_FORMS": number + 1}).status_code == 302


def add_pitch_slots(admin, call: Call, count: int) -> None:
    url = page_of("call_change", call.pk)
    added = {}
    for n in range(count):
        added |= {
            f"pitch_slots-{n}-starts_at_0": "2026-02-02", f"pitch_slots-{n}-starts_at_1": f"{9 + n}:00:00",
            f"pitch_slots-{n}-ends_at_0": "2026-02-02", f"pitch_slots-{n}-ends_at_1": f"{9 + n}:30:00",
            f"pitch_slots-{n}-room": "Zaal 1", f"pitch_slots-{n}-id": "", f"pitch_slots-{n}-call": str(call.pk),
        }  # fmt: skip
    data = whole_page(admin, url, **added)
    assert admin.post(url, data | {"pitch_slots-TOTAL_FORMS": count}).status_code == 302


def test_a_copied_call_is_opened_in_the_admin_and_used_to_the_end(admin, client, clock):
    call = copy_in_the_admin(admin, install_call())
    change_the_figures(admin, call)
    add_a_criterion(admin, call)
    add_pitch_slots(admin, call, 3)
    checked = admin.get(page_of("call_publish", call.pk))
    assert "Alles klopt met elkaar" in checked.content.decode()
    assert admin.post(page_of("call_publish", call.pk), typed(checked.context["form"], confirm="on")).status_code == 302
    call.refresh_from_db()
    assert call.state == CallState.PUBLISHED

    public = client.get(reverse("calls:detail", args=["groen"])).content.decode().replace("\xa0", " ")
    assert "minstens 8" in public
    assert "€ 240.000" in public
    assert "Bijdrage aan de vergroening" in public

    clock.run()
    play.play(call, only={"bouw", "energie", "print"})

    awarded = Application.objects.filter(call=call, state=ApplicationState.AWARDED)
    assert awarded.count() == 3
    assert {application.number.startswith("IBN-groen-") for application in awarded} == {True}
    scored = Score.objects.filter(assignment__application__in=awarded, criterion__code="VERGROENING")
    assert scored.count() == 3 * awarded.count()  # three experts each
    demo = awarded.get(title__startswith="Circulaire Bouwketen")
    submitted = demo.submissions.get(phase=1, version=1)
    assert submitted.rules.min_letters_phase1 == 8
    assert submitted.rules.max_grant_total == Decimal("720000.00")

    dossier = snapshot.read(submitted)
    results = {
        count: admissibility.judge(
            snapshot.parse({**submitted.snapshot, "letters": submitted.snapshot["letters"][:count]}),
            submitted.rules.frozen(),
            at=submitted.received_at,
        )
        for count in (7, 8)
    }
    letters = {count: next(r for r in found if r.rule_id == "P1-ADM-03") for count, found in results.items()}
    assert (letters[7].is_met, letters[8].is_met) == (False, True)
    assert len(dossier.letters) >= 8
