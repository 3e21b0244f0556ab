"""QR-24: indicators against their target by project month: printed figures from rows, and what is not known stays unknown."""

from datetime import date
from decimal import Decimal

import pytest

from ibnportal.portal.answers import asking, register
from ibnportal.portal.answers.pictures import picture_of
from monitoring.models import AgreementKpi, KpiValue, Network
from tests.factories.monitoring import team

pytestmark = pytest.mark.django_db


def shown(answer):
    keys = ("networks", "value", "told", "target", "share")
    return {row.key: tuple(row.cells[key] for key in keys) for row in answer.rows}


def test_what_was_reported_after_one_and_two_years_is_the_sum_of_table_7(programme, answer):
    """1 166 members and 194 collaborations of 17 networks: three after a year, fourteen after two."""
    found = answer("QR-24", "2020-01-31")
    assert shown(found) == {
        "kpi1-0": (2, 49, 2, 132, Decimal("0.37")),
        "kpi1-1": (3, 84, 0, None, None),
        "kpi1-2": (14, 1082, 0, None, None),
        "kpi3-1": (3, 16, 0, None, None),
        "kpi3-2": (14, 178, 0, None, None),
    }
    assert found.coverage == "Gemeld door 19 van 20 netwerken; streefwaarde gekend voor 2 daarvan."
    assert [one.what for one in found.rows[1].behind] == ["MaaS (Mobility as a Service)", "Smart Cities Vlaanderen (IoT for Society)", "Space 4.0"]  # fmt: skip
    assert answer("QR-24", "2020-01-31", type="independent").rows[0].cells["value"] == 31 + 27


def test_as_of_an_earlier_day_later_reports_are_not_there(programme, answer):
    assert shown(answer("QR-24", "2019-11-07")) == {"kpi1-0": (2, 49, 0, None, None)}
    assert "had geen enkel netwerk al een indicator gemeld" in answer("QR-24", "2019-11-06").unanswered


def test_the_target_is_that_of_the_signed_agreement_and_the_chart_shows_the_share(clock):
    clock.set("2028-03-01T10:00")
    crew = team()
    network = Network.objects.get(pk=crew.network.pk)
    definition = network.call.kpi_definitions.get(code="kpi1")
    goal = AgreementKpi.objects.filter(agreement__network=network, definition_of_call=definition).get()
    assert goal.target is not None
    for value, basis in ((Decimal(22), "reported"), (Decimal(21), "computed")):
        KpiValue.objects.create(network=network, definition=definition, label=definition.label, basis=basis, value=value, project_year=1, as_of=date(2027, 12, 31), source="Jaarverslag")  # fmt: skip
    found = register.question("QR-24").answer(asking.read({}))
    assert shown(found)["kpi1-1"][:4] == (1, 22, 1, goal.target)
    assert picture_of(found).series == ("Aandeel",)
