"""The programme's history as loaded: literal figures of the sources, nothing invented, twice the same."""

import time
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from applications.enums import ApplicationState
from applications.models import Application
from calls.models import Call, PublishedFact
from evaluation.enums import DecisionOutcome
from evaluation.models import CallCeiling, Decision, DecisionCondition
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.audit import trail
from ibnportal.core.audit.models import AuditEvent
from ibnportal.portal.history import queries
from monitoring.models import FutureStatus, KpiValue, Network, NetworkFact
from tests.factories.programme import load_programme

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("load_programme", stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def output():
    return load_programme()


def counts() -> dict[str, int]:
    models = (
        Call,
        Application,
        Decision,
        Network,
        NetworkFact,
        KpiValue,
        FutureStatus,
        PublishedFact,
        Organisation,
        AuditEvent,
    )
    return {model.__name__: model.objects.count() for model in models}


def test_it_loads_the_three_calls(output):
    assert list(Call.objects.values_list("code", flat=True)) == ["2025", "2017", "2015"]
    assert "Nieuw: 20 netwerken" in output


def test_a_second_run_changes_nothing_and_says_so():
    before = counts()
    output = load()
    assert counts() == before
    assert "Alles stond er al; er is niets gewijzigd." in output


def test_it_prints_what_the_sources_disagree_on(output):
    assert "Waar de bronnen elkaar tegenspreken (25)" in output
    assert "Einde van Air Cargo Belgium" in output
    assert "= 31 augustus 2019: 36 maanden na de start op 1 september 2016." in output


def test_a_second_run_is_fast():
    started = time.monotonic()
    load()
    assert time.monotonic() - started < 5


@pytest.mark.rule("H-02", "H-03")
def test_awards_of_the_first_call():
    awards = Decision.objects.filter(application__call__code="2015", outcome=DecisionOutcome.AWARDED)
    assert awards.count() == 14
    assert awards.aggregate(sum=Sum("amount"))["sum"] == Decimal("4824749.00")


@pytest.mark.rule("H-02")
def test_refused_requests_of_the_first_call():
    refused = Application.objects.filter(call__code="2015", state=ApplicationState.REJECTED)
    assert refused.count() == 11
    assert refused.aggregate(sum=Sum("requested_grant"))["sum"] == Decimal("3767323.00")


@pytest.mark.rule("H-02")
def test_twenty_five_full_dossiers_and_the_eight_stay_unnamed():
    assert Application.objects.filter(call__code="2015").count() == 25
    assert Application.objects.filter(state=ApplicationState.NOT_SUBMITTED).count() == 0


@pytest.mark.rule("H-12", "H-03")
def test_the_one_after_review_stays_unnamed():
    assert Decision.objects.exclude(origin="committee").count() == 0
    assert PublishedFact.objects.get(subject="weg-5-herziening").number == 1


@pytest.mark.rule("H-07")
def test_a_refusal_gives_the_rule_as_a_whole():
    reasons = set(Decision.objects.filter(outcome=DecisionOutcome.REJECTED).values_list("reason", flat=True))
    assert len(reasons) == 1
    assert "per project niet gepubliceerd" in reasons.pop()


@pytest.mark.rule("H-10")
def test_size_in_person_months_with_decimals():
    months = Application.objects.filter(call__code="2015")
    assert months.aggregate(sum=Sum("person_months"))["sum"] == Decimal("921.00")
    assert Application.objects.get(number="IBN1-05").person_months == Decimal("40.70")
    assert Application.objects.get(number="IBN1-07").person_months == Decimal("75.30")


@pytest.mark.rule("H-09")
def test_a_project_can_have_several_applicants():
    coatings = Application.objects.get(number="IBN1-09")
    assert coatings.applicant.name == "CoRI"
    assert sorted(coatings.co_applicants.values_list("name", flat=True)) == ["Centexbel", "Sirris"]


@pytest.mark.rule("H-09")
def test_one_organisation_behind_several_projects_is_one_row():
    assert Organisation.objects.filter(name="Sirris").count() == 1
    assert Organisation.objects.filter(enterprise_number__gt="").count() == 0


@pytest.mark.rule("H-11")
def test_projects_started_on_the_first_of_a_month():
    starts = Network.objects.filter(call__code="2015").values_list("start_on", flat=True)
    assert (min(starts), max(starts)) == (date(2016, 9, 1), date(2017, 4, 1))
    assert {start.day for start in starts} == {1}


@pytest.mark.rule("H-13")
def test_all_decisions_are_reconstructed_released_and_sourced():
    loaded = Decision.objects.all()
    assert loaded.count() == 31
    assert all(d.is_reconstructed and d.released_at and d.source and d.reason for d in loaded)


@pytest.mark.rule("H-04")
def test_the_second_call_has_six_networks_of_which_three_amounts_are_known():
    awards = Decision.objects.filter(application__call__code="2017")
    assert awards.count() == 6
    assert awards.filter(amount__isnull=True).count() == 3
    assert awards.aggregate(sum=Sum("amount"))["sum"] == Decimal("663367.00")


@pytest.mark.rule("H-20")
def test_nine_independent_and_eleven_established():
    types = list(Network.objects.published().values_list("network_type", flat=True))
    assert len(types) == 20
    assert (types.count("independent"), types.count("established")) == (9, 11)


@pytest.mark.rule("H-21", "H-22")
def test_each_network_has_its_origin_and_keywords():
    assert Network.objects.filter(origin="").count() == 0
    assert Network.objects.filter(keywords="").count() == 0


@pytest.mark.parametrize(
    ("code", "end"),
    [
        ("IBN1-01", date(2019, 8, 31)),
        ("IBN1-11", date(2020, 2, 29)),
        ("IBN1-13", date(2020, 3, 31)),
        ("IBN2-06", date(2021, 11, 30)),
        ("IBN2-04", date(2021, 9, 30)),
    ],
)
def test_the_end_that_is_read_where_sources_disagree(code, end):
    assert Network.objects.get(code=code).end_on == end


def test_the_other_dates_stay_beside_the_reading():
    ends = NetworkFact.objects.filter(network__code="IBN1-01", attribute="einde")
    assert sorted(ends.values_list("value", "is_reading")) == [
        ("30/09/2019", False), ("30/09/2019", False), ("31/08/2019", True), ("31/8/2019", False),
    ]  # fmt: skip


@pytest.mark.rule("HK-08")
def test_members_of_the_seventeen_reporting_networks():
    reported = KpiValue.objects.filter(label="Actieve ondernemingen", basis="reported", is_reading=True)
    assert reported.count() == 17
    assert reported.aggregate(sum=Sum("value"))["sum"] == Decimal(1166)


@pytest.mark.rule("HK-08")
def test_targets_and_starting_counts_are_no_reports():
    values = KpiValue.objects.filter(label="Actieve ondernemingen", network__code="IBN2-06")
    assert sorted(values.values_list("basis", "value")) == [("at_start", Decimal(18)), ("target", Decimal(86))]


def test_both_counts_of_members_stand_side_by_side():
    values = KpiValue.objects.filter(label="Actieve ondernemingen", network__code="IBN2-02")
    assert sorted(values.values_list("value", "is_reading")) == [(Decimal(26), True), (Decimal(48), False)]


def test_the_inferred_eggsplore_says_so():
    value = KpiValue.objects.get(label="Actieve ondernemingen", network__code="IBN1-03", is_reading=False)
    assert (value.value, "afgeleid" in value.note) == (Decimal(163), True)


@pytest.mark.rule("HK-03")
def test_cooperations_of_the_reporting_networks():
    started = KpiValue.objects.filter(definition__code="kpi3", basis="reported")
    assert started.aggregate(sum=Sum("value"))["sum"] == Decimal(194)


@pytest.mark.rule("H-23")
def test_the_future_changes_over_time():
    futures = FutureStatus.objects.filter(network__code="IBN1-09").order_by("as_of")
    assert list(futures.values_list("as_of", "kind")) == [
        (date(2019, 11, 7), "unclear"),
        (date(2020, 1, 31), "in_host"),
    ]
    assert FutureStatus.objects.filter(as_of=date(2020, 1, 31)).count() == 20


@pytest.mark.rule("H-15")
def test_two_networks_had_to_join_a_spearhead_cluster():
    conditions = DecisionCondition.objects.filter(kind="special")
    assert sorted(conditions.values_list("decision__application__number", flat=True)) == ["IBN1-06", "IBN1-11"]


@pytest.mark.rule("H-25")
def test_fifteen_intercluster_applications_ten_approved():
    facts = PublishedFact.objects.filter(subject__startswith="ic-")
    assert facts.count() == 15
    assert facts.filter(value="goedgekeurd").count() == 10


@pytest.mark.rule("H-30", "H-29", "HK-06")
@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("programma-a-30", 75),
        ("programma-a-15", 14),
        ("programma-t5-1", 1132),
        ("programma-t5-2", 658),
        ("programma-t5-3", 176),
    ],
)
def test_programme_figures_as_printed(subject, number):
    assert PublishedFact.objects.get(call=None, subject=subject).number == number


@pytest.mark.rule("H-16", "H-17")
def test_project_support_beside_the_basic_support():
    facts = NetworkFact.objects.filter(network__code="IBN1-05", attribute__in=("basissteun", "projectsteun"))
    assert sorted(facts.values_list("attribute", "value")) == [
        ("basissteun", "225 duizend euro"), ("projectsteun", "1014 duizend euro"),
    ]  # fmt: skip


def test_every_fact_has_its_source():
    assert NetworkFact.objects.filter(source="").count() == 0
    assert KpiValue.objects.filter(source="").count() == 0
    assert PublishedFact.objects.filter(source="").count() == 0


def test_no_source_is_named_as_a_file():
    for model in (NetworkFact, KpiValue, PublishedFact, Network, Decision, Application):
        assert model.objects.filter(source__contains=".txt").count() == 0


def test_everything_that_has_a_state_has_its_row_in_the_trail():
    assert trail.verify() == []
    for application in Application.objects.all():
        assert trail.history(application).last().changes["state"][1] == application.state
    for network in Network.objects.all():
        assert trail.history(network).last().changes["state"][1] == network.state


@pytest.mark.rule("PRG-02", "PRG-04")
def test_the_open_call_gets_its_ceiling():
    ceiling = CallCeiling.objects.get()
    assert (ceiling.call.code, ceiling.budget, ceiling.max_awards) == ("2025", Decimal("3375000.00"), 5)


def test_the_figures_of_the_public_page():
    assert [(f.code, f.text.replace("\N{NO-BREAK SPACE}", " ")) for f in queries.programme_figures()] == [
        ("networks", "20"), ("awards", "€ 4.824.749"), ("refused", "€ 3.767.323"), ("members", "1.166"), ("months", "921"),
        ("independent", "9"), ("established", "11"),
    ]  # fmt: skip


def test_a_folder_without_files_is_refused_in_words(tmp_path):
    with pytest.raises(CommandError, match=r"futures\.csv kan niet gelezen worden"):
        call_command("load_programme", data=tmp_path, stdout=StringIO())


def test_a_misspelt_figure_is_refused_by_name(tmp_path, settings):
    (tmp_path / "calls").mkdir()
    (tmp_path / "programme").symlink_to(settings.BASE_DIR / "data" / "programme")
    text = (settings.BASE_DIR / "data" / "calls" / "2025.toml").read_text().replace("max_awards =", "max_award =")
    (tmp_path / "calls" / "2025.toml").write_text(text)
    with pytest.raises(CommandError, match=r"rules\.max_award"):
        call_command("load_programme", data=tmp_path, stdout=StringIO())
