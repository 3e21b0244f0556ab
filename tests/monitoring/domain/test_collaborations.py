"""Collaborations from idea to started or failed, and indicator 3 by each call's own definition (KPI-09, HK-03, HK-09 ... 13, H-17)."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from calls.models import KpiDefinition
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from monitoring.domain import collaborations, reports
from monitoring.models import Collaboration
from tests.factories.calls import KpiDefinitionFactory
from tests.factories.core import OrganisationFactory
from tests.factories.monitoring import team

pytestmark = pytest.mark.django_db
ON = date(2027, 3, 1)


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def begun(crew, companies=2, others=0, **fields):
    parties = [OrganisationFactory() for _ in range(companies)]
    parties += [OrganisationFactory(kind=OrganisationKind.RESEARCH) for _ in range(others)]
    values = {"title": "Samen", "initiated_on": date(2026, 10, 1), **fields}
    return collaborations.begin(crew.network, parties=parties, by=crew.worker, **values)


def started(crew, *args, on=date(2027, 1, 15), **fields):
    return collaborations.move(begun(crew, *args, **fields), "started", on=on, by=crew.worker)


def count(crew, on=ON, **asks):
    definition = KpiDefinition(code="kpi3", **asks)
    return collaborations.computed(collaborations.counted(crew.network), [definition], on=on)["kpi3"]


@pytest.mark.rule("KPI-09")
@pytest.mark.rule("HK-03")
def test_each_call_counts_parties_companies_and_starts_as_it_defined(crew):
    begun(crew, 2)
    begun(crew, 2, 1)
    started(crew, 2, 1)
    started(crew, 3)
    collaborations.move(begun(crew, 3), "failed", failure_reason="money", by=crew.worker)
    assert count(crew) == 4  # 2025: every initiative that did not fail before it started
    assert count(crew, only_started=True) == 2  # and how many of them started
    assert count(crew, min_parties=3) == 3
    assert count(crew, min_parties=3, min_companies=3, only_started=True) == 1  # 2015
    assert count(crew, on=date(2027, 1, 14), only_started=True) == 0
    assert count(crew, on=date(2026, 9, 30)) == 0


@pytest.mark.rule("HK-10")
def test_what_failed_after_its_start_still_counts_as_started(crew):
    one = started(crew, 3)
    collaborations.move(one, "failed", failure_reason="commitment", by=crew.worker)
    assert count(crew, only_started=True) == count(crew) == 1


@pytest.mark.rule("HK-09")
@pytest.mark.parametrize(("parties", "kind"), [(1, "nog geen twee partijen"), (2, "bilateraal"), (3, "multilateraal")])
def test_the_number_of_parties_says_bilateral_or_multilateral(crew, parties, kind):
    found = collaborations.counted(crew.network).get(pk=begun(crew, parties).pk)
    assert collaborations.kind_of(found.n_parties) == kind
    assert [f.rule_id for f in collaborations.findings(parties)] == (["HK-09"] if parties < 2 else [])


@pytest.mark.rule("HK-09")
def test_nothing_starts_with_one_party_without_a_day_or_in_the_future(crew):
    alone = begun(crew, 1)
    with pytest.raises(WrongState, match="minstens twee partijen"):
        collaborations.move(alone, "started", on=date(2027, 1, 1), by=crew.worker)
    two = begun(crew, 2)
    for day, says in (
        (None, "op welke dag"),
        (date(2027, 3, 2), "in de toekomst"),
        (date(2026, 9, 30), "ontstond pas"),
    ):
        with pytest.raises(DomainError, match=says):
            collaborations.move(two, "started", on=day, by=crew.worker)
    with pytest.raises(IntegrityError, match="started_collaboration_has_day"), transaction.atomic():
        Collaboration.objects.filter(pk=two.pk).update(state="started")


@pytest.mark.rule("HK-10")
@pytest.mark.rule("HK-11")
def test_a_failure_says_why(crew):
    one = begun(crew)
    with pytest.raises(DomainError, match="Kies waarom"):
        collaborations.move(one, "failed", by=crew.worker)
    with pytest.raises(DomainError, match="Schrijf op waarom"):
        collaborations.move(one, "failed", failure_reason="other", by=crew.worker)
    collaborations.move(one, "failed", failure_reason="expectations", by=crew.worker)
    with pytest.raises(DomainError, match="na de start"):
        collaborations.move(one, "completed", on=ON, by=crew.worker)
    collaborations.move(one, "prepared", by=crew.worker)  # somebody tries again
    assert one.failure_reason == "expectations"


@pytest.mark.rule("HK-13")
def test_a_collaboration_has_its_instrument_and_its_duration(crew):
    one = started(crew, 3, instrument="feasibility", nature="operational")
    with pytest.raises(DomainError, match="laatste dag"):
        collaborations.move(one, "completed", on=date(2027, 1, 14), by=crew.worker)
    collaborations.move(one, "completed", on=date(2027, 2, 28), by=crew.worker)
    one.refresh_from_db()
    assert (one.started_on, one.ended_on, one.get_instrument_display()) == (
        date(2027, 1, 15), date(2027, 2, 28), "Haalbaarheidsstudie",
    )  # fmt: skip


@pytest.mark.rule("H-17")
@pytest.mark.rule("ACT-23")
def test_a_related_project_says_source_role_outcome_and_with_which_networks(crew):
    other = team().network
    made = collaborations.record_project(
        crew.network, title="Demo", source="erdf", outcome="supported", role="subcontractor", partners=[other, crew.network], by=crew.worker
    )  # fmt: skip
    assert list(made.partners.all()) == [other]
    collaborations.record_project(crew.network, project=made, outcome="rejected", by=crew.worker)
    made.refresh_from_db()
    assert (made.get_source_display(), made.get_outcome_display(), made.get_role_display(), made.partners.count()) == (
        "EFRO", "Geweigerd", "Onderaannemer", 0,
    )  # fmt: skip


def test_only_the_network_writes(crew):
    one = begun(crew)
    for deed in (
        lambda: collaborations.change(one, title="x", by=crew.manager),
        lambda: collaborations.add_party(one, OrganisationFactory(), by=crew.manager),
        lambda: collaborations.move(one, "prepared", by=crew.manager),
        lambda: collaborations.tell_story(crew.network, title="x", text="y", told_on=ON, by=crew.manager),
    ):
        with pytest.raises(NotAllowed):
            deed()


@pytest.mark.rule("KPI-09")
def test_the_report_finds_the_count_at_the_end_of_the_year(crew, clock):
    KpiDefinitionFactory(call=crew.network.call, code="kpi3", label="Samenwerkingen", kind="output", position=3)
    KpiDefinitionFactory(
        call=crew.network.call, code="kpi3b", label="Gestart", kind="result", only_started=True, position=4
    )
    started(crew, 3)
    begun(crew, 2)
    values = reports.computed_values(crew.year())
    assert (values["kpi3"], values["kpi3b"]) == (2, 1)
